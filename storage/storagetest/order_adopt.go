package storagetest

import (
	"context"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage"
)

// guestOrders stores a group of a guest, of two orders.
func guestOrders(t T, s storage.Stores, guest string) order.Group {
	t.Helper()
	g, entries := placeOrders(t, order.PlaceInput{
		ID: order.GroupID(newID()), Guest: guest, Channel: "en", Currency: "USD", Locale: "en-US",
		Orders: []order.PartInput{orderPart(someMerchant(), 1), orderPart(someMerchant(), 2)},
	}, noon())
	require.NoError(t, s.Orders.Insert(t.Context(), &g, entries))
	return g
}

// owned is a group as it is once a member has it.
func owned(g order.Group, m ref.MemberID) order.Group {
	g = g.Clone()
	g.Member, g.Guest = m, ""
	for i := range g.Orders {
		g.Orders[i].Member, g.Orders[i].Guest = m, ""
	}
	return g
}

func getOrders(t T, s storage.Stores, id order.GroupID) order.Group {
	t.Helper()
	g, err := s.Orders.Get(t.Context(), id)
	require.NoError(t, err)
	return g
}

func orderAdopt(t T, s storage.Stores) {
	guest, member := "guest "+newID(), ref.MemberID(newID())
	first, second, left := guestOrders(t, s, guest), guestOrders(t, s, guest), guestOrders(t, s, guest)
	stranger, theirs := guestOrders(t, s, "guest "+newID()), insertOrders(t, s, noon(), someMerchant())
	want := []order.GroupID{first.ID, second.ID}
	slices.Sort(want)

	// A worker has read an order before it changes hands.
	stale := getOrders(t, s, first.ID)
	got, err := s.Orders.Adopt(t.Context(), []order.GroupID{
		second.ID, stranger.ID, first.ID, theirs.ID, order.GroupID(newID()), second.ID,
	}, guest, member)
	require.NoError(t, err)
	require.Equal(t, want, got)
	for _, g := range []order.Group{first, second} {
		require.Equal(t, owned(g, member), getOrders(t, s, g.ID), "versions stay")
	}
	for _, g := range []order.Group{left, stranger, theirs} {
		require.Equal(t, g, getOrders(t, s, g.ID))
	}
	again, err := s.Orders.Adopt(t.Context(), want, guest, ref.MemberID(newID()))
	require.NoError(t, err)
	require.Empty(t, again, "it has an owner")
	none, err := s.Orders.Adopt(t.Context(), nil, guest, member)
	require.NoError(t, err)
	require.Empty(t, none)

	entry := payOrder(t, &stale.Orders[0], later(1))
	require.NoError(t, s.Orders.Update(t.Context(), []*order.Order{&stale.Orders[0]}, []order.Entry{entry}))
	require.Equal(t, member, getOrders(t, s, first.ID).Orders[0].Member, "an update writes no owner")

	mine, err := s.Orders.List(t.Context(), order.Query{Member: member}, page.Request{})
	require.NoError(t, err)
	require.Len(t, mine.Items, 4)
	unclaimed, err := s.Orders.List(t.Context(), order.Query{Guest: guest}, page.Request{})
	require.NoError(t, err)
	require.Len(t, unclaimed.Items, 2)
}

func orderAdoptRace(t T, s storage.Stores) {
	const racers = 8
	guest := "guest " + newID()
	g := guestOrders(t, s, guest)
	members := make([]ref.MemberID, racers)
	won := make([]bool, racers)
	for _, err := range together(t.Context(), racers, func(ctx context.Context, i int) error {
		members[i] = ref.MemberID(newID())
		got, err := s.Orders.Adopt(ctx, []order.GroupID{g.ID}, guest, members[i])
		won[i] = len(got) > 0
		return err
	}) {
		require.NoError(t, err)
	}
	i := slices.Index(won, true)
	require.GreaterOrEqual(t, i, 0)
	require.False(t, slices.Contains(won[i+1:], true), "one of them")
	require.Equal(t, owned(g, members[i]), getOrders(t, s, g.ID))
}
