package storagetest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

func promoGroupCases() []Case {
	return []Case{
		{Name: "groups come back as they were, by id", Run: promoGroupRoundTrip},
		{Name: "a second group of an id is refused and leaves the unit usable", Run: promoGroupDuplicate},
		{Name: "a stale group is neither changed nor removed", Run: promoGroupStale},
		{Name: "of N writers of one version of a group one wins", Run: promoGroupLostUpdate, Apart: true},
	}
}

func newPromoGroup() campaign.Group {
	return campaign.Group{
		Group:     promo.Group{ID: promo.GroupID(newID()), Name: "茶周 \U0001F375 'week'", Per: promo.OneMerchant, Max: 3, Pick: promo.ChoosePriority},
		CreatedAt: noon(), UpdatedAt: noon(),
	}
}

// findGroup returns a group among all.
func findGroup(t T, s storage.Stores, id promo.GroupID) (campaign.Group, bool) {
	t.Helper()
	all, err := s.PromoGroups.All(t.Context())
	require.NoError(t, err)
	for i := range max(len(all)-1, 0) {
		require.Less(t, all[i].ID, all[i+1].ID)
	}
	i := slices.IndexFunc(all, func(g campaign.Group) bool { return g.ID == id })
	if i < 0 {
		return campaign.Group{}, false
	}
	return all[i], true
}

func promoGroupRoundTrip(t T, s storage.Stores) {
	g, other := newPromoGroup(), newPromoGroup()
	require.NoError(t, s.PromoGroups.Insert(t.Context(), &g))
	require.NoError(t, s.PromoGroups.Insert(t.Context(), &other))
	require.EqualValues(t, 1, g.Version)
	got, ok := findGroup(t, s, g.ID)
	require.True(t, ok)
	require.Equal(t, g, got)

	g.Name, g.Per, g.Max, g.Pick, g.UpdatedAt = "", promo.OneLine, 0, promo.ChooseBest, noon().Add(time.Minute)
	require.NoError(t, s.PromoGroups.Update(t.Context(), &g))
	require.EqualValues(t, 2, g.Version)
	got, ok = findGroup(t, s, g.ID)
	require.True(t, ok)
	require.Equal(t, g, got)

	require.NoError(t, s.PromoGroups.Remove(t.Context(), g.ID, g.Version))
	_, ok = findGroup(t, s, g.ID)
	require.False(t, ok)
	_, ok = findGroup(t, s, other.ID)
	require.True(t, ok)
}

func promoGroupDuplicate(t T, s storage.Stores) {
	first, after := newPromoGroup(), newPromoGroup()
	require.NoError(t, s.PromoGroups.Insert(t.Context(), &first))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newPromoGroup()
		again.ID, again.Name = first.ID, "second"
		require.ErrorIs(t, s.PromoGroups.Insert(ctx, &again), fault.AlreadyExists)
		require.EqualValues(t, 0, again.Version, "the argument is unchanged on error")
		return s.PromoGroups.Insert(ctx, &after)
	}))
	for _, want := range []campaign.Group{first, after} {
		got, ok := findGroup(t, s, want.ID)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
}

func promoGroupStale(t T, s storage.Stores) {
	g := newPromoGroup()
	require.NoError(t, s.PromoGroups.Insert(t.Context(), &g))
	old := g
	g.Name = "second"
	require.NoError(t, s.PromoGroups.Update(t.Context(), &g))
	before := old
	require.ErrorIs(t, s.PromoGroups.Update(t.Context(), &old), fault.Conflict)
	require.Equal(t, before, old, "the argument is unchanged on error")
	require.ErrorIs(t, s.PromoGroups.Remove(t.Context(), old.ID, old.Version), fault.Conflict)
	got, ok := findGroup(t, s, g.ID)
	require.True(t, ok)
	require.Equal(t, g, got)

	none := newPromoGroup()
	require.ErrorIs(t, s.PromoGroups.Update(t.Context(), &none), fault.NotFound)
	require.ErrorIs(t, s.PromoGroups.Remove(t.Context(), none.ID, 1), fault.NotFound)
}

func promoGroupLostUpdate(t T, s storage.Stores) {
	g := newPromoGroup()
	require.NoError(t, s.PromoGroups.Insert(t.Context(), &g))
	const removes = 3
	errs := together(t.Context(), 12, func(ctx context.Context, i int) error {
		mine := g
		mine.Name = strconv.Itoa(i)
		if i == removes {
			return s.PromoGroups.Remove(ctx, mine.ID, mine.Version)
		}
		return s.PromoGroups.Update(ctx, &mine)
	})
	winner := -1
	for i, err := range errs {
		if err == nil {
			require.Negative(t, winner, "two won")
			winner = i
		} else {
			require.True(t, errors.Is(err, fault.Conflict) || errors.Is(err, fault.NotFound), "%v", err)
		}
	}
	got, ok := findGroup(t, s, g.ID)
	require.Equal(t, winner != removes, ok)
	if ok {
		require.Equal(t, strconv.Itoa(winner), got.Name)
		require.EqualValues(t, 2, got.Version)
	}
}
