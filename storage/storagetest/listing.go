package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

func listingCases() []Case {
	return []Case{
		{Name: "what was written is read again", Run: listingRoundTrip},
		{Name: "an earlier stamp does not overwrite a later one", Run: listingStamps},
		{Name: "of N concurrent refreshes the latest stamp wins", Run: listingRace, Apart: true},
		{Name: "a product leaves the channels and shelves it is not written to", Run: listingLeaves},
		{Name: "what is marked is due until it was read afterwards", Run: listingDue, Apart: true},
		{Name: "sold pieces add up, in a unit only", Run: listingSold, Apart: true},
		{Name: "what a unit wrote is gone with it", Run: listingRollback, Apart: true},
		{Name: "lists go in each order, page by page", Run: listingOrders},
		{Name: "lists keep their filters", Run: listingFilters},
		{Name: "pages are stable under inserts", Run: listingPages},
	}
}

// newRow returns a row with all its fields set, in a channel of its own.
func newRow(channel ref.ChannelID) listing.Row {
	return listing.Row{
		Channel: channel, Currency: "USD", Product: ref.ProductID(newID()), Merchant: ref.MerchantID(newID()),
		SKU: ref.SKUID(newID()), Slug: "tea", Title: `O'Neil "tea" 茶`, Brand: ref.BrandID(newID()), BrandName: "Tea & Co",
		Categories: []ref.CategoryID{ref.CategoryID(newID()), ref.CategoryID(newID())}, Picture: "tea.png",
		Lowest: money.New(100, "USD"), Highest: money.New(money.MaxMinor, "USD"), Compare: money.New(150, "USD"),
		Strikes: []listing.Strike{
			{Until: noon(), Lowest: money.New(80, "USD"), Highest: money.New(90, "USD"), Was: money.New(100, "USD")},
			{From: noon().Add(time.Microsecond), Lowest: money.New(70, "USD"), Highest: money.New(90, "USD")},
		},
		InStock: true, Rating: 450, Ratings: 12,
		From: noon(), Until: noon().Add(time.Hour), Newest: noon(),
	}
}

// put stamps and writes a product's rows, and sets their versions.
func put(t T, s storage.Stores, rows ...*listing.Row) {
	id := rows[0].Product
	stamps, err := s.Listings.Stamp(t.Context(), []ref.ProductID{id})
	require.NoError(t, err)
	e := listing.Entry{Product: id, Version: stamps[id].Version}
	for _, r := range rows {
		r.Version = e.Version
		e.Rows = append(e.Rows, r.Clone())
	}
	won, err := s.Listings.Write(t.Context(), []listing.Entry{e})
	require.NoError(t, err)
	require.Equal(t, []ref.ProductID{id}, won)
}

func rowsOf(t T, s storage.Stores, channel ref.ChannelID, ids ...ref.ProductID) []listing.Row {
	rows, err := s.Listings.GetMany(t.Context(), channel, "USD", ids)
	require.NoError(t, err)
	return rows
}

// listed returns the products of a list, read in pages of two.
func listed(t T, s storage.Stores, q listing.Query) []ref.ProductID {
	q.Currency, q.Now = "USD", noon()
	if q.Sort == "" {
		q.Sort = listing.Newest
	}
	var out []ref.ProductID
	req := page.Request{Limit: 2}
	for {
		p, err := s.Listings.List(t.Context(), q, req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Items), 2)
		for _, r := range p.Items {
			require.Equal(t, q.Channel, r.Channel)
			out = append(out, r.Product)
		}
		if p.Next == "" {
			return out
		}
		req.After = p.Next
	}
}

func listingRoundTrip(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	full, bare := newRow(channel), newRow(channel)
	bare.SKU, bare.Brand, bare.BrandName, bare.Categories, bare.Picture = "", "", "", nil, ""
	bare.Strikes, full.Struck = nil, money.New(80, "USD")
	bare.Compare, bare.From, bare.Until, bare.InStock = money.Money{}, time.Time{}, time.Time{}, false
	put(t, s, &full)
	put(t, s, &bare)
	none := ref.ProductID(newID())
	require.Equal(t, []listing.Row{bare, full}, rowsOf(t, s, channel, bare.Product, none, full.Product))
	require.Empty(t, rowsOf(t, s, channel))
	require.Empty(t, rowsOf(t, s, "elsewhere", full.Product))
	other, err := s.Listings.GetMany(t.Context(), channel, "EUR", []ref.ProductID{full.Product})
	require.NoError(t, err)
	require.Empty(t, other)
	p, err := s.Listings.List(t.Context(), listing.Query{
		Channel: channel, Currency: "USD", Brand: full.Brand, Sort: listing.Newest, Now: noon(),
	}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, []listing.Row{full}, p.Items)
	p.Items[0].Categories[0] = "spoilt"
	p.Items[0].Strikes[0].Lowest = money.New(1, "USD")
	require.Equal(t, []listing.Row{full}, rowsOf(t, s, channel, full.Product), "what is handed out is a copy")

	full.Sold = 1 << 40
	full.Title, full.Lowest, full.Compare = "Coffee", money.New(90, "USD"), money.Money{}
	full.Categories = full.Categories[:1]
	put(t, s, &full)
	require.Equal(t, []listing.Row{full}, rowsOf(t, s, channel, full.Product))
}

func listingStamps(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	r := newRow(channel)
	ids := []ref.ProductID{r.Product, r.Product}
	first, err := s.Listings.Stamp(t.Context(), ids)
	require.NoError(t, err)
	second, err := s.Listings.Stamp(t.Context(), ids)
	require.NoError(t, err)
	require.Equal(t, first[r.Product].Version+1, second[r.Product].Version, "a product asked for twice is stamped once")
	entry := func(st listing.Stamp, title string) listing.Entry {
		row := r.Clone()
		row.Title, row.Version = title, st.Version
		return listing.Entry{Product: r.Product, Version: st.Version, Rows: []listing.Row{row}}
	}
	other := newRow(channel)
	stamps, err := s.Listings.Stamp(t.Context(), []ref.ProductID{other.Product})
	require.NoError(t, err)
	other.Version = stamps[other.Product].Version

	won, err := s.Listings.Write(t.Context(), []listing.Entry{entry(second[r.Product], "second")})
	require.NoError(t, err)
	require.Equal(t, []ref.ProductID{r.Product}, won)
	won, err = s.Listings.Write(t.Context(), []listing.Entry{
		entry(first[r.Product], "first"),
		{Product: other.Product, Version: other.Version, Rows: []listing.Row{other}},
		{Product: ref.ProductID(newID()), Version: 1},
	})
	require.NoError(t, err)
	require.Equal(t, []ref.ProductID{other.Product}, won, "neither an old stamp nor one that nobody took")
	got := rowsOf(t, s, channel, r.Product, other.Product)
	require.Len(t, got, 2)
	require.Equal(t, "second", got[0].Title)
	won, err = s.Listings.Write(t.Context(), []listing.Entry{entry(second[r.Product], "again")})
	require.NoError(t, err)
	require.Empty(t, won, "a stamp is good for one write")
	won, err = s.Listings.Write(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, won)
}

func listingRace(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	a, b := newRow(channel), newRow(channel)
	ids := []ref.ProductID{a.Product, b.Product}
	errs := together(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := slices.Clone(ids)
		if i%2 == 1 {
			slices.Reverse(mine)
		}
		stamps, err := s.Listings.Stamp(ctx, mine)
		if err != nil {
			return err
		}
		var entries []listing.Entry
		for _, r := range []listing.Row{a, b} {
			r.Version = stamps[r.Product].Version
			r.Title = fmt.Sprint(r.Version)
			entries = append(entries, listing.Entry{Product: r.Product, Version: r.Version, Rows: []listing.Row{r}})
		}
		_, err = s.Listings.Write(ctx, entries)
		return err
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
	for _, r := range rowsOf(t, s, channel, ids...) {
		require.EqualValues(t, 8, r.Version)
		require.Equal(t, "8", r.Title)
	}
}

func listingLeaves(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	r := newRow(channel)
	elsewhere := r.Clone()
	elsewhere.Channel = channel + "-2"
	put(t, s, &r, &elsewhere)
	require.Equal(t, []ref.ProductID{r.Product}, listed(t, s, listing.Query{Channel: elsewhere.Channel}))
	old := r.Clone()
	r.Brand, r.Categories = ref.BrandID(newID()), r.Categories[:1]
	put(t, s, &r)
	require.Empty(t, rowsOf(t, s, elsewhere.Channel, r.Product))
	require.Empty(t, listed(t, s, listing.Query{Channel: elsewhere.Channel}))
	for _, q := range []listing.Query{{Brand: old.Brand}, {Category: old.Categories[1]}, {Category: old.Categories[1], Merchant: r.Merchant}} {
		q.Channel = channel
		require.Empty(t, listed(t, s, q))
	}
	for _, q := range []listing.Query{{}, {Brand: r.Brand}, {Category: r.Categories[0]}, {Merchant: r.Merchant}} {
		q.Channel = channel
		require.Equal(t, []ref.ProductID{r.Product}, listed(t, s, q))
	}
	stamps, err := s.Listings.Stamp(t.Context(), []ref.ProductID{r.Product})
	require.NoError(t, err)
	_, err = s.Listings.Write(t.Context(), []listing.Entry{{Product: r.Product, Version: stamps[r.Product].Version}})
	require.NoError(t, err)
	require.Empty(t, rowsOf(t, s, channel, r.Product))
	require.Empty(t, listed(t, s, listing.Query{Channel: channel}))
}

// due reports whether a product is due at a time. The years are far apart, so
// that the cases do not meet.
func due(t T, s storage.Stores, id ref.ProductID, at time.Time) bool {
	ids, err := s.Listings.Due(t.Context(), at, 10_000)
	require.NoError(t, err)
	sorted := slices.Sorted(slices.Values(ids))
	require.Len(t, ids, len(slices.Compact(sorted)), "each once")
	return slices.Contains(ids, id)
}

func listingDue(t T, s storage.Stores) {
	r := newRow(ref.ChannelID(newID()))
	id := r.Product
	early, late := noon(), noon().Add(time.Hour)
	require.NoError(t, s.Listings.Mark(t.Context(), []ref.ProductID{id, id}, late))
	require.False(t, due(t, s, id, late.Add(-time.Microsecond)))
	require.True(t, due(t, s, id, late))
	require.NoError(t, s.Listings.Mark(t.Context(), []ref.ProductID{id}, early))
	require.NoError(t, s.Listings.Mark(t.Context(), []ref.ProductID{id}, late))
	require.True(t, due(t, s, id, early), "it stays due at the earlier time")
	require.NoError(t, s.Listings.Mark(t.Context(), nil, early))

	stamp := func() int64 {
		stamps, err := s.Listings.Stamp(t.Context(), []ref.ProductID{id})
		require.NoError(t, err)
		return stamps[id].Version
	}
	write := func(version int64, at time.Time) {
		_, err := s.Listings.Write(t.Context(), []listing.Entry{{Product: id, Version: version, DueAt: at}})
		require.NoError(t, err)
	}
	version := stamp()
	require.NoError(t, s.Listings.Mark(t.Context(), []ref.ProductID{id}, early))
	write(version, time.Time{})
	require.True(t, due(t, s, id, early), "it was marked after the stamp was taken")
	write(stamp(), late)
	require.False(t, due(t, s, id, early))
	require.True(t, due(t, s, id, late))
	write(stamp(), time.Time{})
	require.False(t, due(t, s, id, late.AddDate(100, 0, 0)))
}

func listingSold(t T, s storage.Stores) {
	a, b := ref.ProductID(newID()), ref.ProductID(newID())
	at := noon()
	err := s.Listings.Sell(t.Context(), []listing.Sale{{Product: a, Pieces: 1}}, at)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	errs := together(t.Context(), 6, func(ctx context.Context, _ int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			return s.Listings.Sell(ctx, []listing.Sale{{Product: a, Pieces: 2}, {Product: b, Pieces: 1}, {Product: a, Pieces: 1}}, at)
		})
	})
	require.Equal(t, make([]error, 6), errs)
	require.True(t, due(t, s, a, at))
	stamps, err := s.Listings.Stamp(t.Context(), []ref.ProductID{a, b})
	require.NoError(t, err)
	require.EqualValues(t, 18, stamps[a].Sold)
	require.EqualValues(t, 6, stamps[b].Sold)
}

func listingRollback(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	r, marked := newRow(channel), ref.ProductID(newID())
	put(t, s, &r)
	err := s.Units.Do(t.Context(), func(ctx context.Context) error {
		stamps, err := s.Listings.Stamp(ctx, []ref.ProductID{r.Product})
		require.NoError(t, err)
		_, err = s.Listings.Write(ctx, []listing.Entry{{Product: r.Product, Version: stamps[r.Product].Version}})
		require.NoError(t, err)
		rows, err := s.Listings.GetMany(ctx, channel, "USD", []ref.ProductID{r.Product})
		require.NoError(t, err)
		require.Empty(t, rows)
		require.NoError(t, s.Listings.Mark(ctx, []ref.ProductID{marked}, noon()))
		return errBoom
	})
	require.False(t, due(t, s, marked, noon()))
	require.ErrorIs(t, err, errBoom)
	require.Equal(t, []listing.Row{r}, rowsOf(t, s, channel, r.Product))
	require.Equal(t, []ref.ProductID{r.Product}, listed(t, s, listing.Query{Channel: channel}))
}

func listingOrders(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	var all []listing.Row
	for i, title := range []string{"Élan", "apple", "Zebra", "茶", "banana", "zebra"} {
		r := newRow(channel)
		r.Title = title
		r.Lowest = money.New([]int64{10, 0, 10, 900, 30, 20}[i], "USD")
		r.Compare = money.Money{}
		if i == 3 {
			r.Struck = money.New(15, "USD") // which is what lists go by
		}
		r.Sold = []int64{5, 0, 5, -1, 1 << 40, 7}[i]
		r.Newest = noon().Add(time.Duration([]int{3, 1, 1, 5, 2, 4}[i]) * time.Microsecond)
		put(t, s, &r)
		all = append(all, r)
	}
	by := func(compare func(a, b listing.Row) int) []ref.ProductID {
		rows := slices.Clone(all)
		slices.SortFunc(rows, func(a, b listing.Row) int {
			if c := compare(a, b); c != 0 {
				return c
			}
			return strings.Compare(string(a.Product), string(b.Product))
		})
		ids := make([]ref.ProductID, len(rows))
		for i, r := range rows {
			ids[i] = r.Product
		}
		return ids
	}
	reversed := func(ids []ref.ProductID) []ref.ProductID {
		slices.Reverse(ids)
		return ids
	}
	price := func(a, b listing.Row) int { return int(a.SortPrice().Minor() - b.SortPrice().Minor()) }
	for sort, want := range map[listing.Sort][]ref.ProductID{
		listing.Cheapest:    by(price),
		listing.Dearest:     reversed(by(price)),
		listing.Newest:      reversed(by(func(a, b listing.Row) int { return a.Newest.Compare(b.Newest) })),
		listing.BestSelling: reversed(by(func(a, b listing.Row) int { return int(min(max(a.Sold-b.Sold, -1), 1)) })),
		listing.ByTitle:     by(func(a, b listing.Row) int { return strings.Compare(a.TitleKey(), b.TitleKey()) }),
	} {
		require.Equal(t, want, listed(t, s, listing.Query{Channel: channel, Sort: sort}), string(sort))
	}
	require.Len(t, listing.Sorts(), 5)

	p, err := s.Listings.List(t.Context(), listing.Query{Channel: channel, Currency: "USD", Sort: listing.Cheapest, Now: noon()}, page.Request{Limit: 1})
	require.NoError(t, err)
	for _, q := range []listing.Query{{Sort: listing.Dearest}, {Sort: listing.Newest}} {
		q.Channel, q.Currency, q.Now = channel, "USD", noon()
		_, err = s.Listings.List(t.Context(), q, page.Request{After: p.Next})
		require.ErrorIs(t, err, fault.Invalid, "a cursor belongs to one order")
	}
}

func listingFilters(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	root, leaf := ref.CategoryID(newID()), ref.CategoryID(newID())
	brand, merchant := ref.BrandID(newID()), ref.MerchantID(newID())
	var all []listing.Row
	for i := range 8 {
		r := newRow(channel)
		r.Lowest, r.Compare = money.New(int64(10*i), "USD"), money.Money{}
		if i == 3 {
			r.Lowest, r.Struck = money.New(1000, "USD"), r.Lowest
		}
		r.From, r.Until = time.Time{}, time.Time{}
		r.Categories = []ref.CategoryID{root}
		if i%2 == 0 {
			r.Categories = append(r.Categories, leaf)
		}
		if i < 5 {
			r.Brand = brand
		}
		if i > 1 {
			r.Merchant = merchant
		}
		r.InStock = i != 4
		switch i {
		case 5:
			r.From = noon().Add(time.Microsecond) // not yet
		case 6:
			r.Until = noon() // no more
		case 7:
			r.From, r.Until = noon(), noon().Add(time.Microsecond)
		}
		put(t, s, &r)
		all = append(all, r)
	}
	for _, c := range []struct {
		q    listing.Query
		want []int
	}{
		{listing.Query{}, []int{0, 1, 2, 3, 4, 7}},
		{listing.Query{Category: root}, []int{0, 1, 2, 3, 4, 7}},
		{listing.Query{Category: leaf}, []int{0, 2, 4}},
		{listing.Query{Category: leaf, InStock: true}, []int{0, 2}},
		{listing.Query{Brand: brand}, []int{0, 1, 2, 3, 4}},
		{listing.Query{Merchant: merchant}, []int{2, 3, 4, 7}},
		{listing.Query{Merchant: merchant, Brand: brand}, []int{2, 3, 4}},
		{listing.Query{Merchant: merchant, Brand: brand, Category: leaf}, []int{2, 4}},
		{listing.Query{PriceFrom: money.New(10, "USD"), PriceTo: money.New(30, "USD")}, []int{1, 2, 3}},
		{listing.Query{PriceTo: money.New(0, "USD")}, []int{0}},
		{listing.Query{PriceFrom: money.New(35, "USD"), Category: leaf}, []int{4}},
		{listing.Query{Category: ref.CategoryID(newID())}, nil},
	} {
		for _, sort := range []listing.Sort{listing.Cheapest, listing.Dearest} {
			c.q.Channel, c.q.Sort = channel, sort
			var want []ref.ProductID
			for _, i := range c.want {
				want = append(want, all[i].Product)
			}
			if sort == listing.Dearest {
				slices.Reverse(want)
			}
			require.Equal(t, want, listed(t, s, c.q), "%+v", c.q)
		}
	}
}

func listingPages(t T, s storage.Stores) {
	channel := ref.ChannelID(newID())
	want := map[ref.ProductID]bool{}
	add := func() ref.ProductID {
		r := newRow(channel)
		put(t, s, &r)
		return r.Product
	}
	for range 7 {
		want[add()] = true
	}
	seen := map[ref.ProductID]bool{}
	q := listing.Query{Channel: channel, Currency: "USD", Sort: listing.ByTitle, Now: noon()} // all titles are equal
	req := page.Request{Limit: 3}
	for n := 0; ; n++ {
		p, err := s.Listings.List(t.Context(), q, req)
		require.NoError(t, err)
		for _, r := range p.Items {
			require.False(t, seen[r.Product], "a row repeats")
			seen[r.Product] = true
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
		if n < 2 {
			add()
		}
	}
	for id := range want {
		require.True(t, seen[id], "a row was skipped")
	}
	_, err := s.Listings.List(t.Context(), q, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.Listings.List(t.Context(), q, page.Request{Limit: page.MaxLimit + 1})
	require.ErrorIs(t, err, fault.Invalid)
}
