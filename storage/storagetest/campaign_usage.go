package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

func promoUsageCases() []Case {
	return []Case{
		{Name: "a redemption comes back as it was and counts against every limit", Run: usageRoundTrip},
		{Name: "redeeming is all or nothing and names every limit", Run: usageAllOrNothing, Apart: true},
		{Name: "a limit that says no leaves the unit usable", Run: usageShortUsable},
		{Name: "a group redeems a promotion once", Run: usageOnce},
		{Name: "what has no limit is not counted", Run: usageUnlimited},
		{Name: "a release gives back what was counted, once", Run: usageRelease},
		{Name: "groups that hold redemptions are listed, each once", Run: usageHolding, Apart: true},
		{Name: "of N releases at once one gives back", Run: usageReleaseRace, Apart: true},
		{Name: "calls for one group at once count once", Run: usageGroupRace, Apart: true},
		{Name: "of N buyers of the last use one gets it", Run: usageLastUse, Apart: true},
		{Name: "of N buyers of the last cents of a budget as many get them as there are", Run: usageLastCents, Apart: true},
		{Name: "of N orders of one buyer as many use a promotion as the buyer may", Run: usageMemberRace, Apart: true},
		{Name: "buyers of many promotions in crossing order neither deadlock nor exceed", Run: usageCrossing, Apart: true},
		{Name: "what a buyer used becomes another's, once", Run: usageReassign},
		{Name: "uses of two who turn out to be one pass the limit, and no further one does", Run: usageReassignOver, Apart: true},
		{Name: "of N reassignments at once one counts", Run: usageReassignRace, Apart: true},
		{Name: "a limit may be raised and lowered", Run: usageMovedLimit},
		{Name: "a unit that fails counts nothing", Run: usageRollback, Apart: true},
		{Name: "what makes no sense is refused", Run: usageRefused, Apart: true},
		{Name: "uses take any text and the largest amount", Run: usageExtremes},
	}
}

type usageCase struct {
	T
	s storage.Stores
}

func (c usageCase) redeem(ctx context.Context, rs ...campaign.Redemption) error {
	return c.s.Units.Do(ctx, func(ctx context.Context) error { return c.s.PromoUses.Redeem(ctx, rs) })
}

func (c usageCase) release(ctx context.Context, group ref.GroupID) ([]campaign.Redemption, error) {
	var out []campaign.Redemption
	err := c.s.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		out, err = c.s.PromoUses.Release(ctx, group, noon().Add(time.Hour))
		return err
	})
	return out, err
}

func (c usageCase) used(buyer string, id campaign.ID) campaign.Used {
	c.Helper()
	all, err := c.s.PromoUses.Used(c.Context(), buyer, []campaign.ID{id})
	require.NoError(c, err)
	return all[id]
}

// sound checks that the counters of these promotions follow from what they count.
func (c usageCase) sound(ids ...campaign.ID) {
	c.Helper()
	a, ok := uow.As[campaign.UsageAuditor](c.s.PromoUses)
	if !ok {
		return
	}
	all, err := a.Audit(c.Context(), 1000)
	require.NoError(c, err)
	for _, m := range all {
		require.NotContains(c, ids, m.Promotion, "%+v", m)
	}
}

func newPromotion() campaign.ID { return campaign.ID(newID()) }

func redemption(group ref.GroupID, id campaign.ID, buyer string, limits promo.Limits) campaign.Redemption {
	return campaign.Redemption{
		Group: group, Promotion: id, Version: 3, Buyer: buyer, Amount: usd(250), Limits: limits, State: campaign.Held, At: noon(),
	}
}

func newGroup() ref.GroupID { return ref.GroupID(newID()) }

func usageHolding(t T, s storage.Stores) {
	l, ok := uow.As[campaign.UsageLister](s.PromoUses)
	if !ok {
		return
	}
	c := usageCase{t, s}
	groups := make([]ref.GroupID, 5)
	for i := range groups {
		groups[i] = newGroup()
		require.NoError(t, c.redeem(t.Context(),
			redemption(groups[i], newPromotion(), "bo", promo.Limits{}), redemption(groups[i], newPromotion(), "bo", promo.Limits{Uses: 2})))
	}
	_, err := c.release(t.Context(), groups[2])
	require.NoError(t, err)
	want := slices.Delete(slices.Clone(groups), 2, 3)
	slices.Sort(want)
	for _, limit := range []int{1, 2, 1000} {
		var got []ref.GroupID
		for after := ref.GroupID(""); ; {
			found, err := l.Holding(t.Context(), after, limit)
			require.NoError(t, err)
			require.LessOrEqual(t, len(found), limit)
			if len(found) == 0 {
				break
			}
			after = found[len(found)-1]
			got = append(got, slices.DeleteFunc(found, func(g ref.GroupID) bool { return !slices.Contains(groups, g) })...)
		}
		require.Equal(t, want, got, "by %d", limit)
	}
}

func usageRoundTrip(t T, s storage.Stores) {
	c, group := usageCase{t, s}, newGroup()
	a, b := newPromotion(), newPromotion()
	if a > b {
		a, b = b, a
	}
	full := redemption(group, a, "bo", promo.Limits{Uses: 5, PerMember: 2, Budget: usd(1000)})
	full.Coupon = ref.CouponID(newID())
	full.Gifts = []promo.GiftGrant{{
		Promotion: a, Version: 3, Coupon: full.Coupon, SKU: "cup", Quantity: 2, Value: usd(700), Open: true,
		Bearers: []promo.Bearer{{Party: promo.PartySite, Amount: usd(500)}, {Party: promo.PartyMerchant, Amount: usd(200)}},
	}}
	full.Rewards = []promo.RewardGrant{{Promotion: a, Version: 3, Coupon: full.Coupon, Kind: promo.RewardCoupon, Of: "spring", Count: 4}}
	full.Basis = []byte("\x00\xff any bytes")
	plain := redemption(group, b, "bo", promo.Limits{})
	plain.Amount = usd(0)
	require.NoError(t, c.redeem(t.Context(), plain, full))

	got, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Equal(t, []campaign.Redemption{full, plain}, got, "by promotion")
	got, err = s.PromoUses.ByGroup(t.Context(), newGroup())
	require.NoError(t, err)
	require.Empty(t, got)

	all, err := s.PromoUses.Used(t.Context(), "bo", []campaign.ID{b, a, newPromotion()})
	require.NoError(t, err)
	require.Equal(t, map[campaign.ID]campaign.Used{a: {Uses: 1, Member: 1, Spent: 250}}, all)
	require.Equal(t, campaign.Used{Uses: 1, Spent: 250}, c.used("ann", a), "for somebody else")
	require.Equal(t, campaign.Used{Uses: 1, Spent: 250}, c.used("", a), "for nobody")
	all, err = s.PromoUses.Used(t.Context(), "bo", nil)
	require.NoError(t, err)
	require.Empty(t, all)

	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), a, "bo", full.Limits)))
	require.Equal(t, campaign.Used{Uses: 2, Member: 2, Spent: 500}, c.used("bo", a))
	c.sound(a, b)
}

func usageAllOrNothing(t T, s storage.Stores) {
	c := usageCase{t, s}
	a, b, free := newPromotion(), newPromotion(), newPromotion()
	one := promo.Limits{Uses: 1, PerMember: 1, Budget: usd(300)}
	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), b, "bo", one)))
	group := newGroup()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		err := s.PromoUses.Redeem(ctx, []campaign.Redemption{
			redemption(group, free, "bo", promo.Limits{}), redemption(group, b, "bo", one), redemption(group, a, "bo", one),
		})
		require.ErrorIs(t, err, fault.Exhausted)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Equal(t, "promo.limit", f.Code)
		require.Equal(t, fault.Params{"promotion": string(b), "which": "budget"}, f.Params)
		require.Len(t, f.Fields, 3)
		for i, which := range []string{"budget", "member", "uses"} {
			require.Equal(t, fault.Field{Path: "promotions[" + string(b) + "]", Code: which}, f.Fields[i])
		}
		return nil
	}))
	require.Zero(t, c.used("bo", a))
	require.Equal(t, campaign.Used{Uses: 1, Member: 1, Spent: 250}, c.used("bo", b))
	got, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Empty(t, got)

	// The first use of all may exceed a limit by itself.
	dear := redemption(newGroup(), newPromotion(), "bo", promo.Limits{Budget: usd(249)})
	require.ErrorIs(t, c.redeem(t.Context(), dear), fault.Exhausted)
	other := redemption(newGroup(), newPromotion(), "bo", promo.Limits{Budget: money.New(900, "CNY")})
	require.ErrorIs(t, c.redeem(t.Context(), other), fault.Exhausted, "a budget of another currency")
	c.sound(a, b, free, dear.Promotion, other.Promotion)
}

func usageShortUsable(t T, s storage.Stores) {
	c, group := usageCase{t, s}, newGroup()
	a, b := newPromotion(), newPromotion()
	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), b, "ann", promo.Limits{Uses: 1})))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		both := []campaign.Redemption{
			redemption(group, a, "bo", promo.Limits{Uses: 1}), redemption(group, b, "bo", promo.Limits{Uses: 1}),
		}
		require.ErrorIs(t, s.PromoUses.Redeem(ctx, both), fault.Exhausted)
		return s.PromoUses.Redeem(ctx, both[:1])
	}))
	require.EqualValues(t, 1, c.used("bo", a).Uses)
	got, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Len(t, got, 1)
	c.sound(a, b)
}

func usageOnce(t T, s storage.Stores) {
	c, group := usageCase{t, s}, newGroup()
	a, b := newPromotion(), newPromotion()
	limits := promo.Limits{Uses: 2, PerMember: 2}
	require.NoError(t, c.redeem(t.Context(), redemption(group, a, "bo", limits)))
	again := redemption(group, a, "bo", limits)
	again.Amount = usd(1)
	require.NoError(t, c.redeem(t.Context(), again, redemption(group, b, "bo", limits)))
	require.Equal(t, campaign.Used{Uses: 1, Member: 1}, c.used("bo", a))
	require.Equal(t, campaign.Used{Uses: 1, Member: 1}, c.used("bo", b))
	got, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Len(t, got, 2)
	i := slices.IndexFunc(got, func(r campaign.Redemption) bool { return r.Promotion == a })
	require.Equal(t, usd(250), got[i].Amount, "as it was")
	c.sound(a, b)
}

func usageUnlimited(t T, s storage.Stores) {
	c, id := usageCase{t, s}, newPromotion()
	for range 3 {
		require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), id, "bo", promo.Limits{})))
	}
	require.Zero(t, c.used("bo", id))
	c.sound(id)
}

func usageRelease(t T, s storage.Stores) {
	c, group := usageCase{t, s}, newGroup()
	a, b := newPromotion(), newPromotion()
	if a > b {
		a, b = b, a
	}
	limits := promo.Limits{Uses: 1, PerMember: 1, Budget: usd(250)}
	want := []campaign.Redemption{redemption(group, a, "bo", limits), redemption(group, b, "bo", promo.Limits{PerMember: 1})}
	require.NoError(t, c.redeem(t.Context(), want...))
	got, err := c.release(t.Context(), group)
	require.NoError(t, err)
	for i := range want {
		want[i].State, want[i].ReleasedAt = campaign.Released, noon().Add(time.Hour)
	}
	require.Equal(t, want, got, "by promotion")
	stored, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Equal(t, want, stored)
	require.Zero(t, c.used("bo", a))
	require.Zero(t, c.used("bo", b))

	got, err = c.release(t.Context(), group)
	require.NoError(t, err)
	require.Empty(t, got)
	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), a, "bo", limits)), "what came back can be used")
	got, err = c.release(t.Context(), group)
	require.NoError(t, err)
	require.Empty(t, got)
	require.EqualValues(t, 1, c.used("bo", a).Uses)
	c.sound(a, b)
}

func usageReleaseRace(t T, s storage.Stores) {
	c, group, id := usageCase{t, s}, newGroup(), newPromotion()
	limits := promo.Limits{Uses: 5, Budget: usd(2000)}
	require.NoError(t, c.redeem(t.Context(), redemption(newGroup(), id, "ann", limits)))
	require.NoError(t, c.redeem(t.Context(), redemption(group, id, "bo", limits)))
	moved := make([]int, 8)
	errs := together(t.Context(), len(moved), func(ctx context.Context, i int) error {
		got, err := c.release(ctx, group)
		moved[i] = len(got)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	slices.Sort(moved)
	require.Equal(t, []int{0, 0, 0, 0, 0, 0, 0, 1}, moved)
	require.Equal(t, campaign.Used{Uses: 1, Spent: 250}, c.used("bo", id))
	c.sound(id)
}

func usageGroupRace(t T, s storage.Stores) {
	c, group, id := usageCase{t, s}, newGroup(), newPromotion()
	errs := together(t.Context(), 8, func(ctx context.Context, _ int) error {
		return c.redeem(ctx, redemption(group, id, "bo", promo.Limits{Uses: 9}))
	})
	require.NoError(t, errors.Join(errs...))
	require.EqualValues(t, 1, c.used("bo", id).Uses)
	got, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Len(t, got, 1)
	c.sound(id)
}

// race lets n buyers redeem at once and returns how many did; the others must
// have been told that the limit is reached.
func (c usageCase) race(n int, r func(i int) []campaign.Redemption) int {
	c.Helper()
	won := 0
	for _, err := range together(c.Context(), n, func(ctx context.Context, i int) error { return c.redeem(ctx, r(i)...) }) {
		if err == nil {
			won++
		} else {
			require.True(c, errors.Is(err, fault.Exhausted), "%v", err)
		}
	}
	return won
}

func usageLastUse(t T, s storage.Stores) {
	c, id := usageCase{t, s}, newPromotion()
	won := c.race(40, func(i int) []campaign.Redemption {
		return []campaign.Redemption{redemption(newGroup(), id, fmt.Sprint("buyer-", i), promo.Limits{Uses: 3})}
	})
	require.Equal(t, 3, won)
	require.EqualValues(t, 3, c.used("", id).Uses)
	c.sound(id)
}

func usageLastCents(t T, s storage.Stores) {
	c, id := usageCase{t, s}, newPromotion()
	won := c.race(40, func(i int) []campaign.Redemption {
		r := redemption(newGroup(), id, fmt.Sprint("buyer-", i), promo.Limits{Budget: usd(1001)})
		r.Amount = usd(100)
		return []campaign.Redemption{r}
	})
	require.Equal(t, 10, won)
	require.EqualValues(t, 1000, c.used("", id).Spent)
	last := redemption(newGroup(), id, "last", promo.Limits{Budget: usd(1001)})
	last.Amount = usd(1)
	require.NoError(t, c.redeem(t.Context(), last), "the last cent")
	c.sound(id)
}

func usageMemberRace(t T, s storage.Stores) {
	c, id := usageCase{t, s}, newPromotion()
	won := c.race(20, func(i int) []campaign.Redemption {
		return []campaign.Redemption{redemption(newGroup(), id, fmt.Sprint("buyer-", i%2), promo.Limits{PerMember: 2})}
	})
	require.Equal(t, 4, won)
	require.EqualValues(t, 2, c.used("buyer-0", id).Member)
	require.EqualValues(t, 2, c.used("buyer-1", id).Member)
	c.sound(id)
}

func usageCrossing(t T, s storage.Stores) {
	c, ids := usageCase{t, s}, make([]campaign.ID, 6)
	for i := range ids {
		ids[i] = newPromotion()
	}
	limits := promo.Limits{Uses: 7, PerMember: 1, Budget: usd(100_000)}
	won := c.race(24, func(i int) []campaign.Redemption {
		group := newGroup()
		var rs []campaign.Redemption
		for j := range ids {
			k := (i + j) % len(ids)
			if i%2 == 0 {
				k = (i + len(ids) - j) % len(ids)
			}
			rs = append(rs, redemption(group, ids[k], fmt.Sprint("buyer-", i), limits))
		}
		return rs
	})
	require.Equal(t, 7, won)
	for _, id := range ids {
		require.Equal(t, campaign.Used{Uses: 7, Spent: 7 * 250}, c.used("", id))
	}
	c.sound(ids...)
}

func usageMovedLimit(t T, s storage.Stores) {
	c, id := usageCase{t, s}, newPromotion()
	use := func(limit int64) error {
		return c.redeem(t.Context(), redemption(newGroup(), id, "bo", promo.Limits{Uses: limit}))
	}
	require.NoError(t, use(1))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		err := s.PromoUses.Redeem(ctx, []campaign.Redemption{redemption(newGroup(), id, "bo", promo.Limits{Uses: 1})})
		require.ErrorIs(t, err, fault.Exhausted)
		return nil
	}))
	require.NoError(t, use(3))
	require.NoError(t, use(3))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		err := s.PromoUses.Redeem(ctx, []campaign.Redemption{redemption(newGroup(), id, "bo", promo.Limits{Uses: 2})})
		require.ErrorIs(t, err, fault.Exhausted, "lowered below what is used")
		return nil
	}))
	require.EqualValues(t, 3, c.used("bo", id).Uses)
	c.sound(id)
}

func usageRollback(t T, s storage.Stores) {
	c, group, id := usageCase{t, s}, newGroup(), newPromotion()
	err := s.Units.Do(t.Context(), func(ctx context.Context) error {
		if err := s.PromoUses.Redeem(ctx, []campaign.Redemption{redemption(group, id, "bo", promo.Limits{Uses: 1})}); err != nil {
			return err
		}
		return errRehearsal
	})
	require.ErrorIs(t, err, errRehearsal)
	require.Zero(t, c.used("bo", id))
	require.NoError(t, c.redeem(t.Context(), redemption(group, id, "bo", promo.Limits{Uses: 1})))
	err = s.Units.Do(t.Context(), func(ctx context.Context) error {
		if _, err := s.PromoUses.Release(ctx, group, noon()); err != nil {
			return err
		}
		return errRehearsal
	})
	require.ErrorIs(t, err, errRehearsal)
	require.EqualValues(t, 1, c.used("bo", id).Uses)
	c.sound(id)
}

func usageRefused(t T, s storage.Stores) {
	c, group, id := usageCase{t, s}, newGroup(), newPromotion()
	r := redemption(group, id, "bo", promo.Limits{})
	require.ErrorIs(t, s.PromoUses.Redeem(t.Context(), []campaign.Redemption{r}), fault.FailedPrecondition)
	_, err := s.PromoUses.Release(t.Context(), group, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.ErrorIs(t, s.PromoUses.Reassign(t.Context(), group, "bo"), fault.FailedPrecondition)
	other := redemption(newGroup(), newPromotion(), "bo", promo.Limits{})
	require.ErrorIs(t, c.redeem(t.Context(), r, r), fault.Invalid)
	require.ErrorIs(t, c.redeem(t.Context(), r, other), fault.Invalid)
	require.ErrorIs(t, c.redeem(t.Context(), redemption("", id, "bo", promo.Limits{})), fault.Invalid)
	got, err := s.PromoUses.ByGroup(t.Context(), group)
	require.NoError(t, err)
	require.Empty(t, got)
}

func usageExtremes(t T, s storage.Stores) {
	c, buyer := usageCase{t, s}, hard()
	r := redemption(ref.GroupID(hard()), campaign.ID(hard()), buyer, promo.Limits{Uses: 1 << 40, PerMember: 1 << 40, Budget: largest()})
	r.Amount, r.Coupon, r.Version = largest(), ref.CouponID(hard()), 1<<40
	r.Rewards = []promo.RewardGrant{{Kind: promo.RewardPoints, Of: hard(), Count: 1 << 40}}
	require.NoError(t, c.redeem(t.Context(), r))
	got, err := s.PromoUses.ByGroup(t.Context(), r.Group)
	require.NoError(t, err)
	require.Equal(t, []campaign.Redemption{r}, got)
	require.Equal(t, campaign.Used{Uses: 1, Member: 1, Spent: money.MaxMinor}, c.used(buyer, r.Promotion))
	c.sound(r.Promotion)
	released, err := c.release(t.Context(), r.Group)
	require.NoError(t, err)
	require.Len(t, released, 1)
	require.Zero(t, c.used(buyer, r.Promotion))
	c.sound(r.Promotion)
}
