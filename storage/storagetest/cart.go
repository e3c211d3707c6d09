package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/storage"
)

func cartCases() []Case {
	return []Case{
		{Name: "insert and get return the same cart", Run: cartRoundTrip},
		{Name: "a buyer has one open cart per channel", Run: cartOpenOnce},
		{Name: "of N concurrent first carts one is stored", Run: cartOpenRace, Apart: true},
		{Name: "a stale update is refused and changes nothing", Run: cartStale},
		{Name: "of N concurrent updates of one version one wins", Run: cartLostUpdate, Apart: true},
		{Name: "a cart of many lines comes back in their order", Run: cartLarge},
		{Name: "pages are by id and select", Run: cartPages},
		{Name: "purging deletes what expired, in batches", Run: cartPurge, Apart: true},
		{Name: "a cart that was touched meanwhile is not purged", Run: cartPurgeTouched, Apart: true},
	}
}

func newCart() cart.Cart {
	return cart.Cart{
		ID: cart.ID(newID()), Member: ref.MemberID(newID()), Channel: "en", Currency: "USD", State: cart.Open,
		Lines: []cart.Line{
			{ID: "l1", SKU: "s1", Tag: "茶 'x'", Quantity: 2, Seen: 1_999, AddedAt: noon()},
			{ID: "l2", SKU: "s2", Quantity: ref.MaxQuantity, Seen: 1<<53 - 1, AddedAt: noon().Add(time.Microsecond)},
		},
		CreatedAt: noon(), UpdatedAt: noon(), ExpiresAt: noon().AddDate(10, 0, 0),
	}
}

func guestCart() cart.Cart {
	c := newCart()
	c.Member, c.Guest = "", newID()
	return c
}

func insertCart(t T, s storage.Stores, c cart.Cart) cart.Cart {
	t.Helper()
	require.NoError(t, s.Carts.Insert(t.Context(), &c))
	return c
}

func cartRoundTrip(t T, s storage.Stores) {
	for _, c := range []cart.Cart{newCart(), guestCart()} {
		require.NoError(t, s.Carts.Insert(t.Context(), &c))
		require.EqualValues(t, 1, c.Version)
		got, err := s.Carts.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, c, got)
		got.Lines[0].Quantity = 99
		got, err = s.Carts.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, c, got, "objects are copied out")

		c.State, c.MergedInto = cart.Merged, cart.ID(newID())
		require.NoError(t, s.Carts.Update(t.Context(), &c))
		got, err = s.Carts.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, c, got)

		c.Lines, c.State, c.Group, c.MergedInto = nil, cart.Converted, ref.GroupID(newID()), ""
		c.UpdatedAt = noon().Add(time.Second)
		require.NoError(t, s.Carts.Update(t.Context(), &c))
		require.EqualValues(t, 3, c.Version)
		got, err = s.Carts.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Empty(t, got.Lines)
		got.Lines = nil
		require.Equal(t, c, got)
	}
	_, err := s.Carts.Get(t.Context(), cart.ID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func cartOpenOnce(t T, s storage.Stores) {
	for _, first := range []cart.Cart{newCart(), guestCart()} {
		first = insertCart(t, s, first)
		second := newCart()
		second.Member, second.Guest = first.Member, first.Guest
		after := newCart()
		require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
			err := s.Carts.Insert(ctx, &second)
			require.ErrorIs(t, err, fault.AlreadyExists)
			require.EqualValues(t, 0, second.Version)
			return s.Carts.Insert(ctx, &after)
		}))
		_, err := s.Carts.Get(t.Context(), after.ID)
		require.NoError(t, err)

		elsewhere := second
		elsewhere.ID, elsewhere.Channel = cart.ID(newID()), "zh"
		insertCart(t, s, elsewhere)

		first.State, first.Group = cart.Converted, ref.GroupID(newID())
		require.NoError(t, s.Carts.Update(t.Context(), &first))
		insertCart(t, s, second)
	}
}

func cartOpenRace(t T, s storage.Stores) {
	owner := ref.MemberID(newID())
	errs := together(t.Context(), 12, func(ctx context.Context, _ int) error {
		c := newCart()
		c.Member = owner
		return s.Carts.Insert(ctx, &c)
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.True(t, errors.Is(err, fault.AlreadyExists), "%v", err)
		}
	}
	require.Equal(t, 1, won)
}

func cartStale(t T, s storage.Stores) {
	c := insertCart(t, s, newCart())
	old := c.Clone()
	c.Lines[0].Quantity = 5
	require.NoError(t, s.Carts.Update(t.Context(), &c))
	old.Lines[0].Quantity = 7
	before := old.Clone()
	require.ErrorIs(t, s.Carts.Update(t.Context(), &old), fault.Conflict)
	require.Equal(t, before, old, "the argument is unchanged on error")
	got, err := s.Carts.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)
	none := newCart()
	require.ErrorIs(t, s.Carts.Update(t.Context(), &none), fault.NotFound)
}

func cartLostUpdate(t T, s storage.Stores) {
	c := insertCart(t, s, newCart())
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		mine := c.Clone()
		mine.Lines[0].Quantity = ref.Quantity(i + 1)
		return s.Carts.Update(ctx, &mine)
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
}

func cartLarge(t T, s storage.Stores) {
	c := newCart()
	c.Lines = nil
	for i := range 1_000 {
		c.Lines = append(c.Lines, cart.Line{
			ID: cart.LineID(fmt.Sprint("l", i)), SKU: ref.SKUID(newID()), Quantity: 1, Seen: int64(i), AddedAt: noon(),
		})
	}
	c = insertCart(t, s, c)
	got, err := s.Carts.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)
}

func cartPages(t T, s storage.Stores) {
	guest := newID()
	var want []cart.ID
	for i := range 5 {
		c := guestCart()
		c.Guest, c.Channel = guest, ref.ChannelID(fmt.Sprint("c", i))
		want = append(want, insertCart(t, s, c).ID)
	}
	slices.Sort(want)
	var got []cart.ID
	for req := (page.Request{Limit: 2}); ; {
		p, err := s.Carts.List(t.Context(), cart.Query{Guest: guest, State: cart.Open}, req)
		require.NoError(t, err)
		for _, c := range p.Items {
			got = append(got, c.ID)
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Equal(t, want, got)

	for q, n := range map[cart.Query]int{
		{Guest: guest, Channel: "c3"}:                 1,
		{Guest: guest, State: cart.Merged}:            0,
		{Guest: newID()}:                              0,
		{Member: ref.MemberID(guest)}:                 0,
		{Guest: guest, Channel: "c9"}:                 0,
		{Guest: guest, Channel: "c1", State: "open"}:  1,
		{Guest: guest, Member: ref.MemberID(newID())}: 0,
	} {
		p, err := s.Carts.List(t.Context(), q, page.Request{})
		require.NoError(t, err)
		require.Len(t, p.Items, n)
	}
	_, err := s.Carts.List(t.Context(), cart.Query{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}

func cartPurge(t T, s storage.Stores) {
	start := noon().AddDate(-10, 0, 0)
	var ids []cart.ID
	for i := range 5 {
		c := guestCart()
		c.ExpiresAt = start.Add(time.Duration(i) * time.Second)
		ids = append(ids, insertCart(t, s, c).ID)
	}
	purge := func(at time.Time, limit int) int {
		n, err := s.Carts.Purge(t.Context(), at, limit)
		require.NoError(t, err)
		return n
	}
	purge(start.Add(-time.Microsecond), 100)
	require.Equal(t, 2, purge(start.Add(3*time.Second), 2), "the longest expired first")
	require.Equal(t, 2, purge(start.Add(3*time.Second), 100))
	require.Equal(t, 0, purge(start.Add(3*time.Second), 100))
	for i, id := range ids {
		_, err := s.Carts.Get(t.Context(), id)
		if i < 4 {
			require.ErrorIs(t, err, fault.NotFound)
		} else {
			require.NoError(t, err)
		}
	}
}

func cartPurgeTouched(t T, s storage.Stores) {
	c := guestCart()
	expired := noon().AddDate(-20, 0, 0)
	c.ExpiresAt = expired
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		// Inside of the unit, for another case purges what it can see.
		require.NoError(t, s.Carts.Insert(ctx, &c))
		c.ExpiresAt = noon().AddDate(10, 0, 0)
		require.NoError(t, s.Carts.Update(ctx, &c))
		n, err := s.Carts.Purge(ctx, expired, 100)
		require.NoError(t, err)
		require.Zero(t, n)
		return nil
	}))
	_, err := s.Carts.Get(t.Context(), c.ID)
	require.NoError(t, err)
}
