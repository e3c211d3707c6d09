package storagetest

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage"
)

func shelfStatCases() []Case {
	return []Case{
		{Name: "counts are added up, and listed by day and slot", Run: statAdd},
		{Name: "of N nodes that add counts none is lost", Run: statRace, Apart: true},
		{Name: "exposures are summed up by slot and strategy", Run: statReach},
		{Name: "purging takes the oldest exposures, in batches", Run: statPurge, Apart: true},
	}
}

const statDay = "2026-03-14"

func statAdd(t T, s storage.Stores) {
	slot, other := hard(), newID()
	counts := shelf.Stat{
		Day: statDay, Slot: slot, Strategy: hard(), Segment: recommend.Segment(hard()), Requests: 5, Hits: 4, Clicks: 3, Carts: 2, Orders: 1,
	}
	money := counts
	money.Currency, money.Requests, money.Hits, money.Clicks, money.Carts, money.Orders, money.Revenue = "CNY", 0, 0, 0, 0, 0, 1<<53-1
	later, foreign := counts, counts
	later.Day, foreign.Slot = "2026-03-15", other
	add := func(stats ...shelf.Stat) { require.NoError(t, s.ShelfStats.Add(t.Context(), stats, nil)) }
	add(later, money, foreign, counts)
	add()
	more := counts
	more.Requests, more.Hits, more.Clicks, more.Carts, more.Orders = 10, 1, 1, 0, 1
	add(more)
	counts.Add(more)
	list := func(q shelf.StatQuery) []shelf.Stat {
		got, err := s.ShelfStats.List(t.Context(), q)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, []shelf.Stat{counts, money, later}, list(shelf.StatQuery{From: statDay, Until: "2026-03-15", Slot: slot}))
	require.Equal(t, []shelf.Stat{later}, list(shelf.StatQuery{From: "2026-03-15", Until: "2026-12-31", Slot: slot}))
	require.Equal(t, []shelf.Stat{counts, money}, list(shelf.StatQuery{From: "2026-01-01", Until: statDay, Slot: slot}))
	all := list(shelf.StatQuery{From: statDay, Until: statDay})
	require.True(t, slices.IsSortedFunc(all, shelf.Stat.Compare))
	require.Contains(t, all, foreign)
	require.Contains(t, all, money)
}

func statRace(t T, s storage.Stores) {
	slot := newID()
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		stats := []shelf.Stat{
			{Day: statDay, Slot: slot, Strategy: "a", Requests: 1}, {Day: statDay, Slot: slot, Strategy: "b", Requests: 1, Hits: 1},
		}
		shown := []shelf.Exposure{
			{Day: statDay, Slot: slot, Strategy: "a", Product: "tea", Shown: 1}, {Day: statDay, Slot: slot, Strategy: "a", Product: "cup", Shown: 2},
		}
		if i%2 == 0 {
			slices.Reverse(stats)
			slices.Reverse(shown)
		}
		return s.ShelfStats.Add(ctx, stats, shown)
	})
	require.NoError(t, errors.Join(errs...))
	q := shelf.StatQuery{From: statDay, Until: statDay, Slot: slot}
	got, err := s.ShelfStats.List(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []shelf.Stat{
		{Day: statDay, Slot: slot, Strategy: "a", Requests: 16}, {Day: statDay, Slot: slot, Strategy: "b", Requests: 16, Hits: 16},
	}, got)
	reach, err := s.ShelfStats.Reach(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, reach, 1)
	require.EqualValues(t, 48, reach[0].Shown)
}

func statReach(t T, s storage.Stores) {
	slot, other := newID(), newID()
	shown := func(day, slot, strategy string, product ref.ProductID, n int64) shelf.Exposure {
		return shelf.Exposure{Day: day, Slot: slot, Strategy: strategy, Product: product, Shown: n}
	}
	add := func(all ...shelf.Exposure) { require.NoError(t, s.ShelfStats.Add(t.Context(), nil, all)) }
	add(shown(statDay, slot, "hot", "tea", 3), shown(statDay, slot, "knn", "cup", 1), shown(statDay, other, "hot", "saw", 7))
	add(shown(statDay, slot, "hot", "tea", 1), shown("2026-03-15", slot, "knn", "tea", 2), shown("2026-03-15", slot, "knn", "cup", 1))
	reach := func(q shelf.StatQuery) []shelf.Reach {
		got, err := s.ShelfStats.Reach(t.Context(), q)
		require.NoError(t, err)
		return got
	}
	got := reach(shelf.StatQuery{From: statDay, Until: "2026-03-15", Slot: slot}) // 8 shown: tea 6 times, cup twice
	require.Len(t, got, 2)
	require.InDelta(t, 4*math.Log2(8./6), got[0].Bits, 1e-9)
	require.InDelta(t, 2*math.Log2(8./6)+2*math.Log2(8./2), got[1].Bits, 1e-9)
	got[0].Bits, got[1].Bits = 0, 0
	require.Equal(t, []shelf.Reach{
		{Slot: slot, Strategy: "hot", Products: 1, Shown: 4}, {Slot: slot, Strategy: "knn", Products: 2, Shown: 4},
	}, got)
	require.Len(t, reach(shelf.StatQuery{From: "2026-03-15", Until: "2026-03-16", Slot: slot}), 1)
	require.Empty(t, reach(shelf.StatQuery{From: "2026-03-16", Until: "2026-03-16", Slot: slot}))
	all := reach(shelf.StatQuery{From: statDay, Until: statDay})
	require.Contains(t, all, shelf.Reach{Slot: other, Strategy: "hot", Products: 1, Shown: 7})
}

func statPurge(t T, s storage.Stores) {
	slot := newID()
	var all []shelf.Exposure
	for _, day := range []string{"1996-01-03", "1996-01-02", "1996-01-01"} { // no other case's
		all = append(all, shelf.Exposure{Day: day, Slot: slot, Strategy: "hot", Product: "tea", Shown: 1},
			shelf.Exposure{Day: day, Slot: slot, Strategy: "hot", Product: "cup", Shown: 1})
	}
	require.NoError(t, s.ShelfStats.Add(t.Context(), []shelf.Stat{{Day: "1996-01-01", Slot: slot, Strategy: "hot", Requests: 1}}, all))
	purged := func(limit int) int {
		n, err := s.ShelfStats.Purge(t.Context(), "1996-01-03", limit)
		require.NoError(t, err)
		return n
	}
	left := func(from, until string) int64 {
		got, err := s.ShelfStats.Reach(t.Context(), shelf.StatQuery{From: from, Until: until, Slot: slot})
		require.NoError(t, err)
		if len(got) == 0 {
			return 0
		}
		return got[0].Shown
	}
	require.Equal(t, 3, purged(3))
	require.Zero(t, left("1996-01-01", "1996-01-01"), "the oldest went")
	require.EqualValues(t, 3, left("1996-01-01", "1996-01-03"))
	require.Equal(t, 1, purged(3))
	require.Zero(t, purged(3))
	require.EqualValues(t, 2, left("1996-01-01", "1996-01-03"))
	got, err := s.ShelfStats.List(t.Context(), shelf.StatQuery{From: "1996-01-01", Until: "1996-01-01", Slot: slot})
	require.NoError(t, err)
	require.Len(t, got, 1, "stats stay")
}
