package storagetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage"
)

func shelfPolicyCases() []Case {
	return []Case{
		{Name: "policies come back as they were, by slot", Run: shelfPolicyRoundTrip},
		{Name: "a second policy of a slot is refused and leaves the unit usable", Run: shelfPolicyDuplicate},
		{Name: "a stale policy is not written", Run: shelfPolicyStale},
		{Name: "of N writers of one version of a policy one wins", Run: shelfPolicyLostUpdate, Apart: true},
	}
}

func newPolicy() shelf.Policy {
	return shelf.Policy{
		Slot: hard(), Mode: shelf.Split, UpdatedAt: noon(),
		Arms: []shelf.Arm{{Name: "for_you", Weight: 3}, {Name: "茶 'hot'", Weight: 1}},
	}
}

func findPolicy(t T, s storage.Stores, slot string) (shelf.Policy, bool) {
	t.Helper()
	all, err := s.ShelfPolicies.All(t.Context())
	require.NoError(t, err)
	for i := range max(len(all)-1, 0) {
		require.Less(t, all[i].Slot, all[i+1].Slot)
	}
	i := slices.IndexFunc(all, func(p shelf.Policy) bool { return p.Slot == slot })
	if i < 0 {
		return shelf.Policy{}, false
	}
	return all[i], true
}

func shelfPolicyRoundTrip(t T, s storage.Stores) {
	p, other := newPolicy(), newPolicy()
	require.NoError(t, s.ShelfPolicies.Insert(t.Context(), &p))
	require.NoError(t, s.ShelfPolicies.Insert(t.Context(), &other))
	require.EqualValues(t, 1, p.Version)
	got, ok := findPolicy(t, s, p.Slot)
	require.True(t, ok)
	require.Equal(t, p, got)

	p.Mode, p.Arms, p.UpdatedAt = shelf.Fixed, []shelf.Arm{{Name: "newest"}}, noon().Add(time.Minute)
	require.NoError(t, s.ShelfPolicies.Update(t.Context(), &p))
	require.EqualValues(t, 2, p.Version)
	got, ok = findPolicy(t, s, p.Slot)
	require.True(t, ok)
	require.Equal(t, p, got)
	_, ok = findPolicy(t, s, other.Slot)
	require.True(t, ok)
}

func shelfPolicyDuplicate(t T, s storage.Stores) {
	first, after := newPolicy(), newPolicy()
	require.NoError(t, s.ShelfPolicies.Insert(t.Context(), &first))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newPolicy()
		again.Slot, again.Mode = first.Slot, shelf.Bandit
		require.ErrorIs(t, s.ShelfPolicies.Insert(ctx, &again), fault.AlreadyExists)
		require.EqualValues(t, 0, again.Version, "the argument is unchanged on error")
		return s.ShelfPolicies.Insert(ctx, &after)
	}))
	got, ok := findPolicy(t, s, first.Slot)
	require.True(t, ok)
	require.Equal(t, first, got)
	_, ok = findPolicy(t, s, after.Slot)
	require.True(t, ok)
}

func shelfPolicyStale(t T, s storage.Stores) {
	p := newPolicy()
	require.ErrorIs(t, s.ShelfPolicies.Update(t.Context(), &p), fault.NotFound)
	require.NoError(t, s.ShelfPolicies.Insert(t.Context(), &p))
	stale := p.Clone()
	p.Mode = shelf.Bandit
	require.NoError(t, s.ShelfPolicies.Update(t.Context(), &p))
	require.ErrorIs(t, s.ShelfPolicies.Update(t.Context(), &stale), fault.Conflict)
	require.EqualValues(t, 1, stale.Version)
	got, _ := findPolicy(t, s, p.Slot)
	require.Equal(t, p, got)
}

func shelfPolicyLostUpdate(t T, s storage.Stores) {
	p := newPolicy()
	require.NoError(t, s.ShelfPolicies.Insert(t.Context(), &p))
	errs := together(t.Context(), 12, func(ctx context.Context, i int) error {
		mine := p.Clone()
		mine.Arms[0].Weight = 100 + i
		return s.ShelfPolicies.Update(ctx, &mine)
	})
	won := -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, won, "two won")
			won = i
		} else {
			require.ErrorIs(t, err, fault.Conflict)
		}
	}
	require.NotEqual(t, -1, won, "%v", errors.Join(errs...))
	got, _ := findPolicy(t, s, p.Slot)
	require.EqualValues(t, 2, got.Version)
	require.Equal(t, 100+won, got.Arms[0].Weight)
}
