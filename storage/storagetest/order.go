package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage"
)

func orderCases() []Case {
	return []Case{
		{Name: "insert and get return the same group", Run: orderRoundTrip},
		{Name: "a group of guest, largest amounts and hardest texts comes back", Run: orderExtremes},
		{Name: "a second insert of a group is refused and leaves the unit usable", Run: orderDuplicate},
		{Name: "an update writes what changes and nothing else", Run: orderUpdate},
		{Name: "pieces that are refunded are counted and stand in the history", Run: orderUnits},
		{Name: "of several orders one of which is stale none is written", Run: orderStale},
		{Name: "of N concurrent updates of one version one wins", Run: orderLostUpdate, Apart: true},
		{Name: "a unit that fails leaves neither orders nor entries", Run: orderRollback, Apart: true},
		{Name: "get many keeps the order of ids and leaves out what lacks", Run: orderMany},
		{Name: "a list is newest first and selects", Run: orderList},
		{Name: "the groups of a member are counted but for canceled ones", Run: orderCount},
		{Name: "pages are stable under inserts", Run: orderPages},
		{Name: "a list of merchants shows no other lines", Run: orderListPart},
		{Name: "what is due is claimed once until the lease is over", Run: orderDue, Apart: true},
		{Name: "N workers never get the same order", Run: orderDueRace, Apart: true},
		{Name: "history only grows", Run: orderHistory},
		{Name: "a member adopts what a guest has placed, and nothing else", Run: orderAdopt},
		{Name: "of N members who adopt one group one does", Run: orderAdoptRace, Apart: true},
		{Name: "N reads beside adoptions find groups as they were or are", Run: orderWhole, Apart: true},
	}
}

func orderLine(cur money.Currency, unit int64, n ref.Quantity) order.Line {
	list := unit * int64(n)
	tax := list / 5
	return order.Line{
		ID: order.LineID(newID()), SKU: ref.SKUID(newID()), Product: ref.ProductID(newID()),
		Code: "TEA-1", Title: "茶 \U0001F375 O'Neil \"quoted\"", Tag: "set-1",
		Options: []order.Option{{Name: "Size", Value: "L"}}, Picture: "tea.png", Quantity: n,
		UnitPrice: money.New(unit, cur), PriceVersion: 3, TaxClass: "standard", WeightGrams: 250,
		Amounts: order.Amounts{
			List: money.New(list, cur), Discount: money.Zero(cur), Net: money.New(list, cur),
			Tax: money.New(tax, cur), Gross: money.New(list+tax, cur), RatePPM: 200_000,
		},
	}
}

func orderPart(merchant ref.MerchantID, lines int) order.PartInput {
	in := order.PartInput{ID: order.ID(newID()), Merchant: merchant}
	for i := range lines {
		in.Lines = append(in.Lines, orderLine("USD", 1_000+int64(i), 2))
	}
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	gift := orderLine("USD", 300, 1)
	gift.Gift, gift.Discount = "p1", gift.List
	gift.Net, gift.Tax, gift.Gross = usd(0), usd(0), usd(0)
	gift.Adjustments = []order.Adjustment{{
		Promotion: "p1", Version: 7, Amount: gift.List, Bearers: []order.Bearer{{Party: "platform", Amount: gift.List}},
	}}
	in.Lines = append(in.Lines, gift)
	in.Shipping = order.Shipping{Method: "standard", Label: "shipping.standard", TaxClass: "shipping", Amounts: order.Amounts{
		List: usd(500), Discount: usd(100), Net: usd(320), Tax: usd(80), Gross: usd(400), RatePPM: 250_000, Inclusive: true,
		Adjustments: []order.Adjustment{{
			Promotion: "p1", Version: 7, Coupon: "c1", Label: "less", Amount: usd(100),
			Bearers: []order.Bearer{{Party: "platform", Amount: usd(60)}, {Party: "merchant:m", Amount: usd(40)}},
		}},
	}}
	return in
}

// newOrders returns a group of a fresh member, one order per merchant.
func newOrders(t T, at time.Time, merchants ...ref.MerchantID) (order.Group, []order.Entry) {
	t.Helper()
	in := order.PlaceInput{
		ID: order.GroupID(newID()), Member: ref.MemberID(newID()), Company: "co", PurchaseRef: "PO 7", Channel: "en",
		Currency: "USD", Locale: "en-US", Source: "web", Cart: "cart", CartVersion: 4, Quote: "hash", Intent: "intent",
		PayBy: at.Add(time.Hour),
	}
	for _, m := range merchants {
		in.Orders = append(in.Orders, orderPart(m, 2))
	}
	return placeOrders(t, in, at)
}

func placeOrders(t T, in order.PlaceInput, at time.Time) (order.Group, []order.Entry) {
	t.Helper()
	g, entries, err := order.New(in, order.Cause{At: at, By: "member:x", Reason: "placed"})
	require.NoError(t, err)
	g.Number = "N-" + string(g.ID)
	for i := range g.Orders {
		g.Orders[i].Number = fmt.Sprintf("%s-%d", g.Number, i+1)
	}
	return g, entries
}

func insertOrders(t T, s storage.Stores, at time.Time, merchants ...ref.MerchantID) order.Group {
	t.Helper()
	g, entries := newOrders(t, at, merchants...)
	require.NoError(t, s.Orders.Insert(t.Context(), &g, entries))
	return g
}

func someMerchant() ref.MerchantID { return ref.MerchantID(newID()) }

func orderRoundTrip(t T, s storage.Stores) {
	g, entries := newOrders(t, noon(), someMerchant(), someMerchant(), someMerchant())
	want := g.Clone()
	require.NoError(t, s.Orders.Insert(t.Context(), &g, entries))
	for i := range want.Orders {
		want.Orders[i].Version = 1
	}
	require.Equal(t, want, g, "only the versions are set")
	got, err := s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)

	got.Orders[0].Lines[0].Title = "changed in the caller's copy"
	got.Orders[0].Lines[0].Options[0].Value = "changed too"
	got.Orders[0].Shipping.Adjustments[0].Bearers[0].Party = "nobody"
	again, err := s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, want, again, "objects are copied out")

	history, err := s.Orders.History(t.Context(), g.ID)
	require.NoError(t, err)
	require.ElementsMatch(t, entries, history)

	_, err = s.Orders.Get(t.Context(), order.GroupID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func orderExtremes(t T, s storage.Stores) {
	in := order.PlaceInput{ID: order.GroupID(newID()), Guest: newID(), Channel: "kw", Currency: "KWD"}
	line := orderLine("KWD", 0, ref.MaxQuantity)
	line.UnitPrice = money.New(1, "KWD")
	line.List, line.Net = money.New(int64(ref.MaxQuantity), "KWD"), money.New(int64(ref.MaxQuantity), "KWD")
	line.Gross, line.Tax = line.Net, money.Zero("KWD")
	line.Title, line.Tag, line.Code = "\U0001F469\u200d\U0001F680 'x' \\ % _ ?0 $1 ;--", "", "e\u0301 / é"
	line.Options, line.PriceVersion = nil, math.MaxInt64
	most := orderLine("KWD", 0, 1)
	most.UnitPrice = money.New(money.MaxMinor-int64(ref.MaxQuantity), "KWD")
	most.List, most.Net, most.Gross = most.UnitPrice, most.UnitPrice, most.UnitPrice
	in.Orders = []order.PartInput{{
		ID: order.ID(newID()), Merchant: someMerchant(), Lines: []order.Line{line, most},
		Shipping: order.Shipping{Amounts: order.Amounts{
			List: money.Zero("KWD"), Discount: money.Zero("KWD"), Net: money.Zero("KWD"),
			Tax: money.Zero("KWD"), Gross: money.Zero("KWD"),
		}},
	}}
	g, entries := placeOrders(t, in, noon())
	require.Equal(t, money.New(money.MaxMinor, "KWD"), g.Payable)
	require.NoError(t, s.Orders.Insert(t.Context(), &g, entries))
	got, err := s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, g, got)
	require.True(t, got.Orders[0].Deadline.IsZero())
}

func orderDuplicate(t T, s storage.Stores) {
	g, entries := newOrders(t, noon(), someMerchant())
	require.NoError(t, s.Orders.Insert(t.Context(), &g, entries))
	other, others := newOrders(t, noon(), someMerchant())
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := g.Clone()
		again.Orders[0].Version = 0
		err := s.Orders.Insert(ctx, &again, entries)
		require.ErrorIs(t, err, fault.AlreadyExists)
		require.Equal(t, "order.exists", fault.CodeOf(err))
		require.EqualValues(t, 0, again.Orders[0].Version, "the argument is unchanged on error")
		return s.Orders.Insert(ctx, &other, others)
	}))
	_, err := s.Orders.Get(t.Context(), other.ID)
	require.NoError(t, err)
	history, err := s.Orders.History(t.Context(), g.ID)
	require.NoError(t, err)
	require.Len(t, history, 1)
}

func cause(at time.Time) order.Cause { return order.Cause{At: at, By: "system", Reason: "test"} }

func payOrder(t T, o *order.Order, at time.Time) order.Entry {
	t.Helper()
	e, err := o.Pay(cause(at))
	require.NoError(t, err)
	return e
}

func orderUpdate(t T, s storage.Stores) {
	g := insertOrders(t, s, noon(), someMerchant(), someMerchant())
	later := noon().Add(time.Minute)
	a, b := &g.Orders[0], &g.Orders[1]
	entries := []order.Entry{payOrder(t, b, later), payOrder(t, a, later)}
	require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{b, a}, entries))
	require.EqualValues(t, 2, a.Version)
	require.EqualValues(t, 2, b.Version)
	got, err := s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, g, got)

	e, err := a.Ship(cause(later), order.Parcel{Carrier: "SF", Tracking: "123"}, later.Add(time.Hour))
	require.NoError(t, err)
	r, err := b.Refund(cause(later), money.New(7, "USD"))
	require.NoError(t, err)
	kept := g.Clone()
	a.Lines, a.Number, a.Total = nil, "another", money.New(1, "USD") // a store ignores what never changes
	require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{a, b}, []order.Entry{e, r}))
	kept.Orders[0].Version, kept.Orders[1].Version = 3, 3
	got, err = s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, kept, got)
	require.NoError(t, s.Orders.Update(t.Context(), nil, nil))
}

func orderUnits(t T, s storage.Stores) {
	g := insertOrders(t, s, noon(), someMerchant(), someMerchant())
	o, later := &g.Orders[0], noon().Add(time.Minute)
	entries := []order.Entry{payOrder(t, o, later)}
	line := o.Lines[0]
	worth := order.Worth{
		List: line.UnitPrice, Discount: money.New(3, "USD"), Tax: money.New(7, "USD"), Gross: money.New(100, "USD"),
		Adjustments: []order.Adjustment{{
			Promotion: "p1", Version: 7, Coupon: "c1", Amount: money.New(3, "USD"),
			Bearers: []order.Bearer{{Party: "platform", Amount: money.New(3, "USD")}},
		}},
	}
	delivery := worth
	delivery.Adjustments = nil
	first, err := o.RefundUnits(cause(later), order.UnitRefund{
		Key: "first", Amount: worth.Gross, Lines: []order.RefundedUnits{{Line: line.ID, SKU: line.SKU, Quantity: 1, Worth: worth}},
	}, nil)
	require.NoError(t, err)
	e, err := o.RefundUnits(cause(later), order.UnitRefund{
		Key: "k \U0001F375 '", Amount: money.New(190, "USD"), Payment: "refund", Delivery: &delivery, Withdrawn: true,
		Lines: []order.RefundedUnits{{Line: line.ID, SKU: line.SKU, Before: 1, Quantity: 1, Worth: worth}},
		ClawBacks: []order.ClawBack{{
			Promotion: "p1", Version: 7, Amount: money.New(10, "USD"), Gift: true,
			Bearers: []order.Bearer{{Party: "platform", Amount: money.New(10, "USD")}},
		}},
	}, nil)
	require.NoError(t, err)
	entries = append(entries, first, e)
	back, err := o.RefundUnits(cause(later), order.UnitRefund{
		Key: "back", Amount: money.New(4, "USD"),
		ClawBacks: []order.ClawBack{{
			Promotion: "p1", Version: 7, Amount: money.New(-4, "USD"), Gift: true,
			Bearers: []order.Bearer{{Party: "merchant:m", Amount: money.New(6, "USD")}, {Party: "platform", Amount: money.New(-10, "USD")}},
		}},
	}, entries)
	require.NoError(t, err)
	entries = append(entries, back)
	require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, entries))

	got, err := s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, g, got)
	require.EqualValues(t, 2, got.Orders[0].Lines[0].Returned)
	require.Zero(t, got.Orders[0].Lines[1].Returned)
	require.True(t, got.Orders[0].Shipping.Returned)
	require.False(t, got.Orders[1].Shipping.Returned)
	listed, err := s.Orders.List(t.Context(), order.Query{Merchant: o.Merchant}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, []order.Order{*o}, listed.Items)

	read := func(key string) order.Entry {
		t.Helper()
		history, err := s.Orders.History(t.Context(), g.ID)
		require.NoError(t, err)
		for _, h := range history {
			if h.Units != nil && h.Units.Key == key {
				return h
			}
		}
		return order.Entry{}
	}
	require.Equal(t, back, read("back"))
	found := read(e.Units.Key)
	require.Equal(t, e, found)
	found.Units.Lines[0].Adjustments[0].Bearers[0].Party = "nobody"
	found.Units.ClawBacks[0].Bearers[0].Party = "nobody"
	require.Equal(t, e, read(e.Units.Key), "objects are copied out")
	r, err := o.Refund(cause(later), money.New(190, "USD"))
	require.NoError(t, err)
	require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, []order.Entry{r}))
	got, err = s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, g, got, "the count stays")
}

func orderStale(t T, s storage.Stores) {
	g := insertOrders(t, s, noon(), someMerchant(), someMerchant())
	later := noon().Add(time.Minute)
	old := g.Clone()
	e := payOrder(t, &g.Orders[0], later)
	require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{&g.Orders[0]}, []order.Entry{e}))

	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		entries := []order.Entry{payOrder(t, &old.Orders[1], later), payOrder(t, &old.Orders[0], later)}
		before := old.Clone()
		err := s.Orders.Update(ctx, []*order.Order{&old.Orders[1], &old.Orders[0]}, entries)
		require.ErrorIs(t, err, fault.Conflict)
		require.Equal(t, "order.stale", fault.CodeOf(err))
		require.Equal(t, before, old, "the argument is unchanged on error")
		return nil
	}), "a refused update leaves the unit usable")
	got, err := s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, g, got, "neither order was written")
	history, err := s.Orders.History(t.Context(), g.ID)
	require.NoError(t, err)
	require.Len(t, history, 3)

	none, _ := newOrders(t, noon(), someMerchant())
	none.Orders[0].Version = 1
	err = s.Orders.Update(t.Context(), []*order.Order{&none.Orders[0]}, nil)
	require.ErrorIs(t, err, fault.Conflict)
}

func orderLostUpdate(t T, s storage.Stores) {
	g := insertOrders(t, s, noon(), someMerchant(), someMerchant())
	later := noon().Add(time.Minute)
	errs := together(t.Context(), 12, func(ctx context.Context, i int) error {
		mine := g.Clone()
		all := []*order.Order{&mine.Orders[0], &mine.Orders[1]}
		if i%2 == 1 { // the order of the argument is not the order of the locks
			all[0], all[1] = all[1], all[0]
		}
		var entries []order.Entry
		for _, o := range all {
			e, err := o.Cancel(cause(later))
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return s.Orders.Update(ctx, all, entries)
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.True(t, errors.Is(err, fault.Conflict), "%v", err)
		}
	}
	require.Equal(t, 1, won)
	history, err := s.Orders.History(t.Context(), g.ID)
	require.NoError(t, err)
	require.Len(t, history, 4)
}

func orderRollback(t T, s storage.Stores) {
	g := insertOrders(t, s, noon(), someMerchant())
	fresh, entries := newOrders(t, noon(), someMerchant())
	err := s.Units.Do(t.Context(), func(ctx context.Context) error {
		mine := g.Clone()
		e := payOrder(t, &mine.Orders[0], noon())
		require.NoError(t, s.Orders.Update(ctx, []*order.Order{&mine.Orders[0]}, []order.Entry{e}))
		require.NoError(t, s.Orders.Insert(ctx, &fresh, entries))
		return errBoom
	})
	require.ErrorIs(t, err, errBoom)
	got, err := s.Orders.Get(t.Context(), g.ID)
	require.NoError(t, err)
	require.Equal(t, g, got)
	_, err = s.Orders.Get(t.Context(), fresh.ID)
	require.ErrorIs(t, err, fault.NotFound)
	for id, n := range map[order.GroupID]int{g.ID: 1, fresh.ID: 0} {
		history, err := s.Orders.History(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, history, n)
	}
}

func orderMany(t T, s storage.Stores) {
	a, b := insertOrders(t, s, noon(), someMerchant(), someMerchant()), insertOrders(t, s, noon(), someMerchant())
	got, err := s.Orders.GetMany(t.Context(), []order.GroupID{b.ID, order.GroupID(newID()), a.ID})
	require.NoError(t, err)
	require.Equal(t, []order.Group{b, a}, got)
	got, err = s.Orders.GetMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func orderHistory(t T, s storage.Stores) {
	g, want := newOrders(t, noon(), someMerchant(), someMerchant())
	require.NoError(t, s.Orders.Insert(t.Context(), &g, want))
	for i := range g.Orders {
		o := &g.Orders[i]
		for _, step := range []func(order.Cause) (order.Entry, error){o.Pay, o.RequestCancel, o.Cancel} {
			e, err := step(order.Cause{At: noon().Add(time.Second), By: "member:你", Reason: "changed_mind"})
			require.NoError(t, err)
			require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, []order.Entry{e}))
			want = append(want, e)
		}
		r, err := o.Refund(cause(noon().Add(2*time.Second)), money.New(7, "USD"))
		require.NoError(t, err)
		back, err := o.ReturnRefund(cause(noon().Add(3*time.Second)), money.New(7, "USD"))
		require.NoError(t, err)
		require.True(t, back.Returned)
		require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, []order.Entry{r, back}))
		want = append(want, r, back)
	}
	got, err := s.Orders.History(t.Context(), g.ID)
	require.NoError(t, err)
	require.ElementsMatch(t, want, got)
	for i := 1; i < len(got); i++ {
		if got[i].Order == got[i-1].Order {
			require.Equal(t, got[i-1].Seq+1, got[i].Seq)
		} else {
			require.Less(t, got[i-1].Order, got[i].Order)
		}
	}
	none, err := s.Orders.History(t.Context(), order.GroupID(newID()))
	require.NoError(t, err)
	require.Empty(t, none)
}
