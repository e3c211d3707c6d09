package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/storage"
)

func merchantCases() []Case {
	return []Case{
		{Name: "insert and get return the same merchant", Run: merchantRoundTrip},
		{Name: "a second insert of an id is refused and leaves the unit usable", Run: merchantDuplicate},
		{Name: "a stale update is refused and changes nothing", Run: merchantStale},
		{Name: "of N concurrent updates of one version one wins", Run: merchantLostUpdate, Apart: true},
		{Name: "a missing merchant is not found", Run: merchantMissing},
		{Name: "get many keeps the order of ids and leaves out what lacks", Run: merchantMany},
		{Name: "pages are stable under inserts", Run: merchantPages},
	}
}

func newMerchant() merchant.Merchant {
	return merchant.Merchant{
		ID: merchant.ID(newID()), Name: "茶馆 \U0001F375 O'Neil \"quoted\"", State: merchant.Active,
		CreatedAt: noon(), UpdatedAt: noon(),
	}
}

func merchantRoundTrip(t T, s storage.Stores) {
	m := newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &m))
	require.EqualValues(t, 1, m.Version)
	got, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.Equal(t, m, got)

	m.Name, m.State = "renamed", merchant.Suspended
	require.NoError(t, s.Merchants.Update(t.Context(), &m))
	require.EqualValues(t, 2, m.Version)
	got, err = s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.Equal(t, m, got)
}

func merchantDuplicate(t T, s storage.Stores) {
	first := newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &first))
	after := newMerchant()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newMerchant()
		again.ID = first.ID
		err := s.Merchants.Insert(ctx, &again)
		require.ErrorIs(t, err, fault.AlreadyExists)
		require.EqualValues(t, 0, again.Version, "the argument is unchanged on error")
		return s.Merchants.Insert(ctx, &after)
	}))
	_, err := s.Merchants.Get(t.Context(), after.ID)
	require.NoError(t, err, "what followed the refused insert was committed")
	got, err := s.Merchants.Get(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, first, got)
}

func merchantStale(t T, s storage.Stores) {
	m := newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &m))
	old := m
	m.Name = "second"
	require.NoError(t, s.Merchants.Update(t.Context(), &m))
	old.Name = "lost"
	before := old
	require.ErrorIs(t, s.Merchants.Update(t.Context(), &old), fault.Conflict)
	require.Equal(t, before, old, "the argument is unchanged on error")
	got, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.Equal(t, m, got)

	none := newMerchant()
	require.ErrorIs(t, s.Merchants.Update(t.Context(), &none), fault.NotFound)
}

func merchantLostUpdate(t T, s storage.Stores) {
	m := newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &m))
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		mine := m
		mine.Name = strconv.Itoa(i)
		return s.Merchants.Update(ctx, &mine)
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
	got, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Version)
}

func merchantMissing(t T, s storage.Stores) {
	_, err := s.Merchants.Get(t.Context(), merchant.ID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func merchantMany(t T, s storage.Stores) {
	a, b := newMerchant(), newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &a))
	require.NoError(t, s.Merchants.Insert(t.Context(), &b))
	got, err := s.Merchants.GetMany(t.Context(), []merchant.ID{b.ID, merchant.ID(newID()), a.ID})
	require.NoError(t, err)
	require.Equal(t, []merchant.Merchant{b, a}, got)
	got, err = s.Merchants.GetMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func merchantPages(t T, s storage.Stores) {
	want := map[merchant.ID]bool{}
	for range 7 {
		m := newMerchant()
		m.State = merchant.Closed
		require.NoError(t, s.Merchants.Insert(t.Context(), &m))
		want[m.ID] = true
	}
	seen := map[merchant.ID]bool{}
	req := page.Request{Limit: 2}
	for {
		p, err := s.Merchants.List(t.Context(), merchant.Query{State: merchant.Closed}, req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Items), 2)
		require.True(t, slices.IsSortedFunc(p.Items, func(a, b merchant.Merchant) int { return cmp.Compare(a.ID, b.ID) }))
		for _, m := range p.Items {
			require.Equal(t, merchant.Closed, m.State)
			require.False(t, seen[m.ID], "a row repeats")
			seen[m.ID] = true
		}
		late := newMerchant() // an insert between two pages
		late.State = merchant.Closed
		if len(seen) < 6 {
			require.NoError(t, s.Merchants.Insert(t.Context(), &late))
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	for id := range want {
		require.True(t, seen[id], "a row was skipped")
	}
	_, err := s.Merchants.List(t.Context(), merchant.Query{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
	for _, forged := range []string{"\x00", "\xff", "'; --", ""} { // well-formed, yet nobody was given it
		_, err = s.Merchants.List(t.Context(), merchant.Query{}, page.Request{After: page.Encode("merchant.id", forged)})
		require.True(t, err == nil || errors.Is(err, fault.Invalid), "%q: %v", forged, err)
	}
	_, err = s.Merchants.List(t.Context(), merchant.Query{}, page.Request{Limit: page.MaxLimit + 1})
	require.ErrorIs(t, err, fault.Invalid)
}
