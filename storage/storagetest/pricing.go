package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

func pricingCases() []Case {
	return []Case{
		{Name: "put and find return the same prices", Run: priceRoundTrip},
		{Name: "find selects channels, SKUs and what has not ended", Run: priceFind},
		{Name: "a put overwrites, counts versions and keeps the creation", Run: priceOverwrite},
		{Name: "a stale row, a missing one and a repeated one are refused alone", Run: priceRefusals},
		{Name: "a rolled back unit leaves no price", Run: priceRollback, Apart: true},
		{Name: "of N concurrent puts over one version one wins", Run: priceRace, Apart: true},
		{Name: "N concurrent first puts of one key all count", Run: priceFirstPuts, Apart: true},
		{Name: "two bulk puts in opposite orders both succeed", Run: priceLockOrder, Apart: true},
		{Name: "remove returns what was there", Run: priceRemove},
		{Name: "pages of a channel are in the order of keys", Run: pricePages},
		{Name: "purge deletes what ended, the longest ended first", Run: pricePurge, Apart: true},
	}
}

func newPrice(channel ref.ChannelID, sku ref.SKUID, minor int64) *pricing.Price {
	return &pricing.Price{
		Key: pricing.Key{SKU: sku, Channel: channel, Currency: "CNY"}, Unit: money.New(minor, "CNY"),
		CreatedAt: noon(), UpdatedAt: noon(),
	}
}

func newWindow(channel ref.ChannelID, sku ref.SKUID, minor int64, from, until time.Time) *pricing.Price {
	p := newPrice(channel, sku, minor)
	p.From, p.Until = from, until
	return p
}

// putPrices puts prices and requires that all were taken.
func putPrices(t T, s storage.Stores, all ...*pricing.Price) {
	t.Helper()
	errs, err := s.Prices.Put(t.Context(), all)
	require.NoError(t, err)
	require.Len(t, errs, len(all))
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func findPrices(t T, s storage.Stores, channel ref.ChannelID, skus ...ref.SKUID) []pricing.Price {
	t.Helper()
	got, err := s.Prices.Find(t.Context(), pricing.FindQuery{Channels: []ref.ChannelID{channel}, SKUs: skus})
	require.NoError(t, err)
	return got
}

func priceRoundTrip(t T, s storage.Stores) {
	ch, sku := ref.ChannelID(newID()), ref.SKUID(newID())
	base := newPrice(ch, sku, 0)
	sale := newWindow(ch, sku, 9007199254740990, noon(), noon().Add(time.Microsecond))
	sale.Was = money.New(money.MaxMinor, "CNY")
	open := newWindow(ch, sku, 1, noon().Add(time.Hour), time.Time{})
	putPrices(t, s, open, sale, base)
	for _, p := range []*pricing.Price{base, sale, open} {
		require.EqualValues(t, 1, p.Version)
	}
	require.Equal(t, []pricing.Price{*base, *sale, *open}, findPrices(t, s, ch, sku), "by beginning, the base first")
}

func priceFind(t T, s storage.Stores) {
	ch, other := ref.ChannelID(newID()), ref.ChannelID(newID())
	a, b := ref.SKUID("a"+newID()), ref.SKUID("b"+newID())
	end := noon().Add(time.Hour)
	pa, pb, po := newPrice(ch, a, 1), newPrice(ch, b, 2), newPrice(other, a, 3)
	ended := newWindow(ch, a, 4, noon(), end)
	usd := newPrice(ch, a, 5)
	usd.Currency, usd.Unit = "USD", money.New(5, "USD")
	putPrices(t, s, pa, pb, po, ended, usd)

	find := func(after time.Time, channels []ref.ChannelID, skus ...ref.SKUID) []pricing.Price {
		got, err := s.Prices.Find(t.Context(), pricing.FindQuery{Channels: channels, SKUs: skus, After: after})
		require.NoError(t, err)
		return got
	}
	both := []ref.ChannelID{other, ch}
	require.Equal(t, []pricing.Price{*pa, *ended, *usd, *pb}, find(time.Time{}, []ref.ChannelID{ch}, b, a, a, "none"))
	require.Len(t, find(time.Time{}, both, a), 4)
	require.Equal(t, []pricing.Price{*pa, *ended, *usd}, find(end.Add(-time.Microsecond), []ref.ChannelID{ch}, a))
	require.Equal(t, []pricing.Price{*pa, *usd}, find(end, []ref.ChannelID{ch}, a), "a window ends before its end")
	require.Empty(t, find(time.Time{}, both))
	require.Empty(t, find(time.Time{}, nil, a))
}

func priceOverwrite(t T, s storage.Stores) {
	ch, sku := ref.ChannelID(newID()), ref.SKUID(newID())
	p := newPrice(ch, sku, 100)
	p.Was = money.New(200, "CNY")
	putPrices(t, s, p)

	late := newPrice(ch, sku, 90)
	late.CreatedAt, late.UpdatedAt = noon().Add(time.Hour), noon().Add(time.Hour)
	putPrices(t, s, late) // whatever is stored
	require.EqualValues(t, 2, late.Version)
	require.Equal(t, noon(), late.CreatedAt, "that of the first write")
	require.Equal(t, []pricing.Price{*late}, findPrices(t, s, ch, sku))

	late.Unit = money.New(80, "CNY")
	putPrices(t, s, late) // over version 2
	require.EqualValues(t, 3, late.Version)
	require.Equal(t, []pricing.Price{*late}, findPrices(t, s, ch, sku))
}

func priceRefusals(t T, s storage.Stores) {
	ch := ref.ChannelID(newID())
	a, b, c := ref.SKUID("a"+newID()), ref.SKUID("b"+newID()), ref.SKUID("c"+newID())
	old := newPrice(ch, a, 1)
	putPrices(t, s, old)
	putPrices(t, s, newPrice(ch, a, 2))

	stale, absent := *old, newPrice(ch, b, 3)
	absent.Version = 7
	good, again := newPrice(ch, c, 4), newPrice(ch, c, 5)
	before := []pricing.Price{stale, *absent, *again}
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		errs, err := s.Prices.Put(ctx, []*pricing.Price{&stale, good, absent, again})
		require.NoError(t, err)
		require.Len(t, errs, 4)
		require.ErrorIs(t, errs[0], fault.Conflict)
		require.NoError(t, errs[1])
		require.ErrorIs(t, errs[2], fault.NotFound)
		require.ErrorIs(t, errs[3], fault.Conflict)
		return nil
	}))
	require.Equal(t, before, []pricing.Price{stale, *absent, *again}, "refused rows are unchanged")
	got := findPrices(t, s, ch, a, b, c)
	require.Len(t, got, 2)
	require.EqualValues(t, 2, got[0].Unit.Minor())
	require.Equal(t, *good, got[1])
	errs, err := s.Prices.Put(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, errs)
}

func priceRollback(t T, s storage.Stores) {
	ch, sku := ref.ChannelID(newID()), ref.SKUID(newID())
	stop := errors.New("stop")
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, err := s.Prices.Put(ctx, []*pricing.Price{newPrice(ch, sku, 1)})
		require.NoError(t, err)
		own, err := s.Prices.Find(ctx, pricing.FindQuery{Channels: []ref.ChannelID{ch}, SKUs: []ref.SKUID{sku}})
		require.NoError(t, err)
		require.Len(t, own, 1, "a unit sees its own")
		return stop
	}), stop)
	require.Empty(t, findPrices(t, s, ch, sku))
}

func priceRace(t T, s storage.Stores) {
	ch, sku := ref.ChannelID(newID()), ref.SKUID(newID())
	first := newPrice(ch, sku, 1)
	putPrices(t, s, first)
	outcomes := together(t.Context(), 12, func(ctx context.Context, i int) error {
		mine := *first
		mine.Unit = money.New(int64(100+i), "CNY")
		errs, err := s.Prices.Put(ctx, []*pricing.Price{&mine})
		return errors.Join(append(errs, err)...)
	})
	won := 0
	for _, err := range outcomes {
		if err == nil {
			won++
		} else {
			require.ErrorIs(t, err, fault.Conflict)
		}
	}
	require.Equal(t, 1, won)
	require.EqualValues(t, 2, findPrices(t, s, ch, sku)[0].Version)
}

func priceFirstPuts(t T, s storage.Stores) {
	ch, sku := ref.ChannelID(newID()), ref.SKUID(newID())
	const n = 8
	for _, err := range together(t.Context(), n, func(ctx context.Context, i int) error {
		errs, err := s.Prices.Put(ctx, []*pricing.Price{newPrice(ch, sku, int64(i))})
		return errors.Join(append(errs, err)...)
	}) {
		require.NoError(t, err)
	}
	got := findPrices(t, s, ch, sku)
	require.Len(t, got, 1)
	require.EqualValues(t, n, got[0].Version)
}

func priceLockOrder(t T, s storage.Stores) {
	ch := ref.ChannelID(newID())
	skus := make([]ref.SKUID, 20)
	for i := range skus {
		skus[i] = ref.SKUID(newID())
	}
	for _, err := range together(t.Context(), 6, func(ctx context.Context, i int) error {
		all := make([]*pricing.Price, len(skus))
		for j := range skus {
			k := j
			if i%2 == 1 {
				k = len(skus) - 1 - j
			}
			all[j] = newPrice(ch, skus[k], int64(i))
		}
		errs, err := s.Prices.Put(ctx, all)
		return errors.Join(append(errs, err)...)
	}) {
		require.NoError(t, err)
	}
	got := findPrices(t, s, ch, skus...)
	require.Len(t, got, len(skus))
	for _, p := range got {
		require.EqualValues(t, 6, p.Version)
		require.Equal(t, got[0].Unit, p.Unit, "the last writer wrote all of them")
	}
}

func priceRemove(t T, s storage.Stores) {
	ch, sku := ref.ChannelID(newID()), ref.SKUID(newID())
	base, sale := newPrice(ch, sku, 2), newWindow(ch, sku, 1, noon(), time.Time{})
	putPrices(t, s, base, sale)
	none := base.Key
	none.SKU = ref.SKUID(newID())
	got, err := s.Prices.Remove(t.Context(), []pricing.Key{sale.Key, none, sale.Key})
	require.NoError(t, err)
	require.Equal(t, []pricing.Price{*sale}, got)
	require.Equal(t, []pricing.Price{*base}, findPrices(t, s, ch, sku))
	got, err = s.Prices.Remove(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func pricePages(t T, s storage.Stores) {
	ch := ref.ChannelID(newID())
	var all []*pricing.Price
	for _, sku := range []ref.SKUID{"a", "b", "c"} {
		all = append(all, newPrice(ch, sku, 1), newWindow(ch, sku, 2, noon(), time.Time{}))
	}
	putPrices(t, s, append(all, newPrice(ref.ChannelID(newID()), "a", 9))...)
	var got []pricing.Price
	req := page.Request{Limit: 2}
	for {
		p, err := s.Prices.List(t.Context(), pricing.Query{Channel: ch}, req)
		require.NoError(t, err)
		got = append(got, p.Items...)
		if p.Next == "" {
			break
		}
		require.Len(t, p.Items, 2)
		req.After = p.Next
	}
	require.Len(t, got, len(all))
	for i := range all {
		require.Equal(t, *all[i], got[i])
	}
	one, err := s.Prices.List(t.Context(), pricing.Query{Channel: ch, SKU: "b"}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, []pricing.Price{*all[2], *all[3]}, one.Items)
	_, err = s.Prices.List(t.Context(), pricing.Query{Channel: ch}, page.Request{After: page.Encode("price.other", "a", "b", "c", "0")})
	require.ErrorIs(t, err, fault.Invalid)
}

func pricePurge(t T, s storage.Stores) {
	ch := ref.ChannelID(newID())
	day := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) // long before what other cases write
	base := newPrice(ch, "s", 1)
	first := newWindow(ch, "z", 2, day, day.Add(time.Hour))
	second := newWindow(ch, "s", 3, day, day.Add(2*time.Hour))
	third := newWindow(ch, "s", 4, day.Add(time.Minute), day.Add(2*time.Hour+time.Microsecond))
	putPrices(t, s, base, first, second, third)
	purge := func(limit int) int {
		n, err := s.Prices.Purge(t.Context(), day.Add(2*time.Hour), limit)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, purge(0))
	require.Equal(t, 1, purge(1))
	require.Empty(t, findPrices(t, s, ch, "z"), "the longest ended is the first to go")
	require.Equal(t, 1, purge(10))
	require.Zero(t, purge(10))
	require.Equal(t, []pricing.Price{*base, *third}, findPrices(t, s, ch, "s"))
}
