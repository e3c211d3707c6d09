package promo

import "github.com/soukhq/souk/commerce/money"

// draftTiers takes off what the tier that is reached says.
func (b *board) draftTiers(s *state, r *rule, t *Tiers) draft {
	switch {
	case t.Mode == TierGraduated && t.By == ByAmount:
		return b.draftGraduated(s, r, t)
	case t.Mode == TierGraduated:
		return b.draftUnitTiers(s, r, t)
	}
	tier := b.reached(s, r, t)
	if tier == nil {
		return draft{}
	}
	if t.Mode == TierStep {
		if tier.PPM > 0 {
			return b.draftPercent(s, r, tier.PPM)
		}
		return b.draftSum(s, r, tier.Off.Minor(), 0)
	}
	n := b.measure(s, r, t) / tier.at()
	if t.Times > 0 {
		n = min(n, t.Times)
	}
	d := b.draftSum(s, r, min(times(tier.Off.Minor(), n), money.MaxMinor), 0)
	d.times = n
	return d
}

// reached returns the highest tier that is reached, if any.
func (b *board) reached(s *state, r *rule, t *Tiers) *Tier {
	have := b.measure(s, r, t)
	var tier *Tier
	for i := range t.Tiers {
		if have < t.Tiers[i].at() {
			break
		}
		tier = &t.Tiers[i]
	}
	return tier
}

// measure returns what tiers are counted in.
func (b *board) measure(s *state, r *rule, t *Tiers) int64 {
	if t.By == ByQuantity {
		return b.count(s, r, nil)
	}
	return b.sum(s, r, nil, r.basis)
}

// at returns where the tier begins.
func (t *Tier) at() int64 {
	if t.Quantity > 0 {
		return t.Quantity
	}
	return t.Amount.Minor()
}

// draftGraduated takes the percentage of each tier off the part of the running
// sum that lies in it, rounded once.
func (b *board) draftGraduated(s *state, r *rule, t *Tiers) draft {
	d := b.draftSum(s, r, 0, money.Million)
	var sum sum128
	for i := range t.Tiers {
		from, until := t.Tiers[i].at(), d.base
		if i+1 < len(t.Tiers) {
			until = min(until, t.Tiers[i+1].at())
		}
		if until > from {
			sum.addProduct(until-from, t.Tiers[i].PPM)
		}
	}
	d.ppm = 0
	d.raw = sum.over(million)
	d.total = min(d.total, d.raw)
	return d
}

// draftUnitTiers takes the percentage of each tier off the units of a line
// that lie in it, rounded once per line.
func (b *board) draftUnitTiers(s *state, r *rule, t *Tiers) draft {
	var d draft
	for k, i := range r.lines {
		b.shares[k] = 0
		if !s.open(b, r, i) {
			continue
		}
		off := b.offUnits(s, t, i)
		d.base += s.run[i]
		d.raw += off
		b.shares[k] = min(off, s.room(b, i))
		d.total += b.shares[k]
	}
	return b.cut(r, d)
}

// offUnits returns the percentages of each tier of the units of line i that lie
// in it.
func (b *board) offUnits(s *state, t *Tiers, i int) int64 {
	parts := int64(0) // units times ppm
	for tier := range t.Tiers {
		from, until := t.Tiers[tier].at(), b.quantity[i]
		if tier+1 < len(t.Tiers) {
			until = min(until, t.Tiers[tier+1].at())
		}
		parts += max(0, until-from) * t.Tiers[tier].PPM
	}
	var sum sum128
	sum.addProduct(s.run[i], parts)
	return sum.over(uint64(b.quantity[i]) * million) //nolint:gosec // G115: a quantity is positive
}
