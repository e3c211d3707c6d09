package storagetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

func (c usageCase) reassign(ctx context.Context, group ref.GroupID, buyer string) error {
	return c.s.Units.Do(ctx, func(ctx context.Context) error { return c.s.PromoUses.Reassign(ctx, group, buyer) })
}

func usageReassign(t T, s storage.Stores) {
	c, group, other := usageCase{t, s}, newGroup(), newGroup()
	a, b, free := newPromotion(), newPromotion(), newPromotion()
	limits := promo.Limits{Uses: 9, PerMember: 5, Budget: usd(9000)}
	require.NoError(t, c.redeem(t.Context(), redemption(group, a, "guest", limits),
		redemption(group, b, "guest", promo.Limits{PerMember: 5}), redemption(group, free, "guest", promo.Limits{Uses: 9})))
	require.NoError(t, c.redeem(t.Context(), redemption(other, a, "guest", limits)))
	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), a, "bo", limits)))
	for range 2 {
		require.NoError(t, c.reassign(t.Context(), group, "bo"))
		require.Equal(t, campaign.Used{Uses: 3, Member: 2, Spent: 750}, c.used("bo", a))
		require.Equal(t, campaign.Used{Uses: 3, Member: 1, Spent: 750}, c.used("guest", a), "another order's")
		require.Equal(t, campaign.Used{Member: 1}, c.used("bo", b))
		require.Zero(t, c.used("guest", b))
		require.Equal(t, campaign.Used{Uses: 1}, c.used("bo", free))
		c.sound(a, b, free)
	}
	got, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Len(t, got, 3)
	for _, r := range got {
		require.Equal(t, "bo", r.Buyer)
		require.Equal(t, campaign.Held, r.State)
	}
	got, err = s.PromoUses.ByGroup(t.Context(), other)
	require.NoError(t, err)
	require.Equal(t, "guest", got[0].Buyer)

	_, err = c.release(t.Context(), group)
	require.NoError(t, err)
	require.EqualValues(t, 1, c.used("bo", a).Member, "it comes back to whose it is")
	require.NoError(t, c.reassign(t.Context(), group, "ann"), "what was released counts for nobody")
	require.Zero(t, c.used("ann", a).Member)
	require.NoError(t, c.reassign(t.Context(), newGroup(), "bo"), "a group that used nothing")
	c.sound(a, b, free)
}

func usageReassignOver(t T, s storage.Stores) {
	c, group, id := usageCase{t, s}, newGroup(), newPromotion()
	limits := promo.Limits{PerMember: 1}
	require.NoError(t, c.redeem(t.Context(), redemption(group, id, "guest", limits)))
	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), id, "bo", limits)))
	require.NoError(t, c.reassign(t.Context(), group, "bo"))
	require.EqualValues(t, 2, c.used("bo", id).Member)
	require.ErrorIs(t, c.redeem(t.Context(), redemption(newGroup(), id, "bo", limits)), fault.Exhausted)
	_, err := c.release(t.Context(), group)
	require.NoError(t, err)
	require.ErrorIs(t, c.redeem(t.Context(), redemption(newGroup(), id, "bo", limits)), fault.Exhausted, "the limit is one, still")
	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), id, "guest", limits)), "who is somebody else again")
	c.sound(id)
}

func usageReassignRace(t T, s storage.Stores) {
	c, ids := usageCase{t, s}, []campaign.ID{newPromotion(), newPromotion(), newPromotion()}
	groups := make([]ref.GroupID, 4)
	limits := promo.Limits{PerMember: 9}
	for i := range groups {
		groups[i] = newGroup()
		var rs []campaign.Redemption
		for _, id := range ids {
			rs = append(rs, redemption(groups[i], id, fmt.Sprint("guest-", i%2), limits))
		}
		require.NoError(t, c.redeem(t.Context(), rs...))
	}
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		if i%4 == 3 {
			return c.redeem(ctx, redemption(newGroup(), ids[i%3], "bo", limits))
		}
		return c.reassign(ctx, groups[i%4], "bo")
	})
	require.NoError(t, errors.Join(errs...))
	sum := int64(0)
	for _, id := range ids {
		sum += c.used("bo", id).Member
		require.Zero(t, c.used("guest-0", id).Member)
		require.EqualValues(t, 1, c.used("guest-1", id).Member, "the last group's")
	}
	require.EqualValues(t, 3*3+4, sum)
	c.sound(ids...)
}
