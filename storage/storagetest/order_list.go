package storagetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage"
)

func listOrders(t T, s storage.Stores, q order.Query) []order.ID {
	t.Helper()
	var ids []order.ID
	for req := (page.Request{Limit: 2}); ; {
		p, err := s.Orders.List(t.Context(), q, req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Items), 2)
		for i := range p.Items {
			require.True(t, q.Matches(&p.Items[i]))
			require.NotEmpty(t, p.Items[i].Lines)
			ids = append(ids, p.Items[i].ID)
		}
		if p.Next == "" {
			return ids
		}
		req.After = p.Next
	}
}

func orderList(t T, s storage.Stores) {
	m, other := someMerchant(), someMerchant()
	var groups []order.Group
	for i := range 5 {
		groups = append(groups, insertOrders(t, s, noon().Add(time.Duration(i)*time.Second), m, other))
	}
	own := func(i int) order.ID { return groups[i].Orders[0].ID }
	require.Equal(t, []order.ID{own(4), own(3), own(2), own(1), own(0)}, listOrders(t, s, order.Query{Merchant: m}))
	require.Equal(t, []order.ID{own(3), own(2)}, listOrders(t, s, order.Query{
		Merchant: m, PlacedFrom: groups[2].PlacedAt, PlacedTo: groups[4].PlacedAt,
	}))
	require.Len(t, listOrders(t, s, order.Query{Member: groups[1].Member}), 2)
	require.Equal(t, []order.ID{own(1)}, listOrders(t, s, order.Query{Member: groups[1].Member, Merchant: m}))
	require.Empty(t, listOrders(t, s, order.Query{Guest: newID()}))
	require.Empty(t, listOrders(t, s, order.Query{Merchant: m, Channel: "zh"}))

	o := &groups[2].Orders[0]
	e := payOrder(t, o, noon())
	require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, []order.Entry{e}))
	require.Equal(t, []order.ID{o.ID}, listOrders(t, s, order.Query{Merchant: m, State: order.StateConfirmed}))
	require.Equal(t, []order.ID{o.ID}, listOrders(t, s, order.Query{Merchant: m, Payment: order.PaymentPaid}))
	require.Empty(t, listOrders(t, s, order.Query{Merchant: m, State: order.StateCompleted}))

	_, err := s.Orders.List(t.Context(), order.Query{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.Orders.List(t.Context(), order.Query{}, page.Request{Limit: page.MaxLimit + 1})
	require.ErrorIs(t, err, fault.Invalid)
}

func orderCount(t T, s storage.Stores) {
	c, ok := uow.As[order.Counter](s.Orders)
	if !ok {
		return
	}
	g := insertOrders(t, s, noon(), someMerchant(), someMerchant())
	again := insertOrders(t, s, noon().Add(time.Second), someMerchant())
	count := func(member ref.MemberID, except order.GroupID) int64 {
		n, err := c.CountGroups(t.Context(), member, except)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, int64(1), count(g.Member, ""), "a group of two orders is one")
	require.Zero(t, count(g.Member, g.ID))
	require.Equal(t, int64(1), count(g.Member, again.ID))
	require.Zero(t, count(ref.MemberID(newID()), ""))
	require.Zero(t, count("", ""))
	for i := range g.Orders {
		o := &g.Orders[i]
		for _, step := range []func(order.Cause) (order.Entry, error){o.RequestCancel, o.Cancel} {
			e, err := step(cause(noon()))
			require.NoError(t, err)
			require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, []order.Entry{e}))
		}
		require.Equal(t, int64(1-i), count(g.Member, ""), "canceled in part it still is one")
	}
}

func orderPages(t T, s storage.Stores) {
	m := someMerchant()
	want := map[order.ID]bool{}
	for range 7 { // all at the same time: the ids break the tie
		want[insertOrders(t, s, noon(), m).Orders[0].ID] = true
	}
	seen := map[order.ID]bool{}
	for req := (page.Request{Limit: 2}); ; {
		p, err := s.Orders.List(t.Context(), order.Query{Merchant: m}, req)
		require.NoError(t, err)
		for _, o := range p.Items {
			require.False(t, seen[o.ID], "a row repeats")
			seen[o.ID] = true
		}
		if len(seen) < 6 {
			insertOrders(t, s, noon().Add(time.Hour), m) // newer than the page: it stays out of sight
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Equal(t, want, seen)
}

func orderListPart(t T, s storage.Stores) {
	a, b := someMerchant(), someMerchant()
	g := insertOrders(t, s, noon(), a, b)
	p, err := s.Orders.List(t.Context(), order.Query{Merchant: b}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, []order.Order{g.Orders[1]}, p.Items)
}

func shipOrder(t T, s storage.Stores, o *order.Order, receiveBy time.Time) {
	t.Helper()
	for _, step := range []func() (order.Entry, error){
		func() (order.Entry, error) { return o.Pay(cause(noon())) },
		func() (order.Entry, error) { return o.Ship(cause(noon()), order.Parcel{}, receiveBy) },
	} {
		e, err := step()
		require.NoError(t, err)
		require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, []order.Entry{e}))
	}
}

// dueOf claims and returns what is mine of it: other cases have orders in the
// state as well.
func dueOf(t T, s storage.Stores, q order.DueQuery, mine map[order.ID]bool) []order.ID {
	t.Helper()
	due, err := s.Orders.ClaimDue(t.Context(), q)
	require.NoError(t, err)
	require.LessOrEqual(t, len(due), q.Limit)
	var ids []order.ID
	for i, d := range due {
		require.False(t, d.Deadline.IsZero() || d.Deadline.After(q.Now))
		if i > 0 {
			require.LessOrEqual(t, due[i-1].Compare(d), 0, "the most overdue first")
		}
		if mine[d.Order] {
			g, err := s.Orders.Get(t.Context(), d.Group)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(g.Orders, func(o order.Order) bool { return o.ID == d.Order }))
			ids = append(ids, d.Order)
		}
	}
	return ids
}

func orderDue(t T, s storage.Stores) {
	start := noon().AddDate(-10, 0, 0)
	mine := map[order.ID]bool{}
	var ids []order.ID
	for i := range 3 {
		g := insertOrders(t, s, noon(), someMerchant())
		shipOrder(t, s, &g.Orders[0], start.Add(time.Duration(i)*time.Second))
		mine[g.Orders[0].ID] = true
		ids = append(ids, g.Orders[0].ID)
	}
	endless := insertOrders(t, s, noon(), someMerchant())
	shipOrder(t, s, &endless.Orders[0], time.Time{})

	due := func(after time.Duration, limit int) []order.ID {
		return dueOf(t, s, order.DueQuery{
			State: order.StateShipped, Now: start.Add(after), Lease: time.Minute, Limit: limit,
		}, mine)
	}
	require.Empty(t, due(-time.Microsecond, 100))
	require.Equal(t, ids[:1], due(0, 100))
	require.Equal(t, ids[1:2], due(10*time.Second, 1))
	require.Equal(t, ids[2:], due(10*time.Second, 100))
	require.Empty(t, due(59*time.Second, 100))
	require.Equal(t, ids[:1], due(time.Minute, 100), "the lease of the first is over")

	g, err := s.Orders.List(t.Context(), order.Query{State: order.StateShipped}, page.Request{Limit: 500})
	require.NoError(t, err)
	for i := range g.Items {
		o := &g.Items[i]
		if o.ID != ids[1] {
			continue
		}
		require.EqualValues(t, 3, o.Version, "a claim is no change")
		e, err := o.Complete(cause(start))
		require.NoError(t, err)
		require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{o}, []order.Entry{e}))
	}
	require.Equal(t, []order.ID{ids[0], ids[2]}, due(time.Hour, 100))
}

func orderDueRace(t T, s storage.Stores) {
	placed := noon().AddDate(-20, 0, 0)
	mine := map[order.ID]bool{}
	for range 6 {
		for _, o := range insertOrders(t, s, placed, someMerchant(), someMerchant()).Orders {
			mine[o.ID] = true
		}
	}
	q := order.DueQuery{State: order.StatePending, Now: placed.Add(time.Hour), Lease: time.Minute, Limit: 2}
	var mu sync.Mutex
	seen := map[order.ID]int{}
	errs := together(t.Context(), 6, func(ctx context.Context, _ int) error {
		for range 4 {
			due, err := s.Orders.ClaimDue(ctx, q)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, d := range due {
				if mine[d.Order] {
					seen[d.Order]++
				}
			}
			mu.Unlock()
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	for id, n := range seen {
		require.Equal(t, 1, n, "order %s", id)
	}
	q.Limit = 100
	require.Len(t, mine, len(seen)+len(dueOf(t, s, q, mine)))
}
