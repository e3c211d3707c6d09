package promo

import (
	"slices"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// grantAll grants what is given after the sale, one promotion after another,
// beside what was applied: such a one never displaces a discount, unless it is
// pinned.
func (v *evaluation) grantAll() {
	if len(v.after) == 0 {
		return
	}
	applied := v.mem.lists.list(len(v.records) + len(v.after))
	for i := range v.records {
		applied = append(applied, v.records[i].rule)
	}
	v.final.enter(&rule{phase: PhaseAfter, lineGroup: -1})
	for _, r := range v.after {
		d := &v.decisions[r.place]
		// Of what was insisted on in vain, what it lacks says more than who has
		// its place now.
		if len(v.eased) > 0 && slices.Contains(v.eased, given(v.in.Candidates, r.c)) && v.lacks(r, d) {
			continue
		}
		if v.displaced(r, applied, d) || v.lacks(r, d) {
			continue
		}
		v.grant(r, d)
		d.Code = CodeApplied
		applied = append(applied, r)
	}
}

// lacks reports whether r is not earned by what is paid, and explains it.
func (v *evaluation) lacks(r *rule, d *Decision) bool {
	if !v.holds(&v.final, r, &r.when) {
		v.explain(&v.final, r, d)
		return true
	}
	reward := r.p.Benefit.Reward
	if reward == nil || reward.Every.IsZero() {
		return false
	}
	paid := v.sum(&v.final, r, r.lines, BasisPaid)
	if paid >= reward.Every.Minor() {
		return false
	}
	d.Code = CodeBelowAmount
	d.Params = Params{Basis: BasisPaid, Have: v.money(paid), Need: reward.Every}
	d.NearMiss = &NearMiss{Amount: v.money(reward.Every.Minor() - paid)}
	return true
}

// displaced reports whether r cannot be given beside what is applied.
func (v *evaluation) displaced(r *rule, applied []*rule, d *Decision) bool {
	for _, o := range applied {
		if !Shares(r.p, o.p) {
			d.Code, d.Params = CodeConflict, Params{With: o.p.ID, Rule: "sharing"}
			return true
		}
	}
	for _, id := range r.groups {
		g := &v.groups[id]
		rivals := slices.DeleteFunc(slices.Clone(applied), func(o *rule) bool {
			return !slices.Contains(o.groups, id) || g.Per == OneMerchant && !r.meets(o)
		})
		if g.full(r, rivals) {
			d.Code, d.Params = CodeLostInGroup, Params{With: rivals[0].p.ID, Rule: string(g.ID)}
			return true
		}
	}
	return false
}

// grant gives a gift or a reward.
func (v *evaluation) grant(r *rule, d *Decision) {
	if r.p.Benefit.Gift != nil {
		v.grantGift(r, d)
		return
	}
	reward := r.p.Benefit.Reward
	count := reward.Count
	if !reward.Every.IsZero() {
		count = min(times(count, v.sum(&v.final, r, r.lines, BasisPaid)/reward.Every.Minor()), money.MaxMinor)
	}
	if reward.Max > 0 {
		count = min(count, reward.Max)
	}
	v.result.Rewards = append(v.result.Rewards, RewardGrant{
		Promotion: r.p.ID, Version: r.p.Version, Coupon: d.Coupon, Kind: reward.Kind, Of: reward.Of, Count: count,
	})
}

// had reports whether a gift can be had.
func (v *evaluation) had(item GiftItem) bool { return !slices.Contains(v.in.Cart.SoldOut, item.SKU) }

// grantGift gives what the buyer chose, or the first that can be had.
func (v *evaluation) grantGift(r *rule, d *Decision) {
	gift := r.p.Benefit.Gift
	choose := max(1, gift.Choose)
	var had, given []GiftItem
	for _, item := range gift.Items { // of which there is one, see possible
		if v.had(item) {
			had = append(had, item)
		}
	}
	choices := v.in.Cart.Choices[r.p.ID]
	take := func(wanted func(ref.SKUID) bool) {
		for _, item := range had {
			if len(given) < choose && wanted(item.SKU) && !slices.Contains(given, item) {
				given = append(given, item)
			}
		}
	}
	take(func(sku ref.SKUID) bool { return slices.Contains(choices, sku) })
	chosen := len(given)
	take(func(ref.SKUID) bool { return true })
	for k, item := range given {
		v.result.Gifts = append(v.result.Gifts, GiftGrant{
			Promotion: r.p.ID, Version: r.p.Version, Coupon: d.Coupon,
			SKU: item.SKU, Quantity: item.Quantity, Value: item.Value, Bearers: v.bearersOf(r.p, item.Value.Minor()),
			Open: k >= chosen && len(had) > choose,
		})
	}
}
