package promo

import (
	"math"

	"github.com/soukhq/souk/commerce/money"
)

// payableOf returns what the buyer pays in a state.
func (v *evaluation) payableOf(s *state) money.Money {
	t := &v.result.Totals
	return v.money(t.List.Minor() + t.Shipping.Minor() - s.saved)
}

// explain says why r takes nothing off in a state.
func (v *evaluation) explain(s *state, r *rule, d *Decision) {
	switch {
	case !v.anyOpen(s, r):
		d.Code = CodeAllExcluded
	case !v.holds(s, r, &r.when):
		v.unmet(s, r, &r.when, &r.p.When, d)
		if d.NearMiss != nil {
			d.NearMiss.Off, d.NearMiss.PPM = r.promises()
		}
	case r.lineGroup < 0 && r.left < math.MaxInt64 && v.short(v.draftInFull(s, r).total, r, d):
	case v.nextTier(s, r) != nil && v.below(s, r, d):
		d.NearMiss = v.nextTier(s, r)
	case r.counts() && v.missing(s, r, d):
	default:
		d.Code = CodeNoEffect
	}
}

// short reports, and notes, that the budget does not hold an amount.
func (v *evaluation) short(amount int64, r *rule, d *Decision) bool {
	if amount <= r.left {
		return false
	}
	d.Code, d.Params = CodeBudget, Params{Have: v.money(r.left), Need: v.money(amount)}
	return true
}

// anyOpen reports whether r may discount any line.
func (v *evaluation) anyOpen(s *state, r *rule) bool {
	for _, i := range r.lines {
		if s.open(v.board, r, i) {
			return true
		}
	}
	return false
}

// promises returns what a simple benefit gives, for a near miss.
func (r *rule) promises() (off money.Money, ppm int64) {
	b := &r.p.Benefit
	switch {
	case b.Percent != nil:
		return money.Money{}, b.Percent.PPM
	case b.Fixed != nil:
		return b.Fixed.Off, 0
	case b.Shipping != nil:
		return b.Shipping.Off, b.Shipping.PPM
	case b.Tiers != nil:
		return b.Tiers.Tiers[0].Off, b.Tiers.Tiers[0].PPM
	}
	return money.Money{}, 0
}

// unmet describes the first part of a condition that does not hold. A near
// miss is told only where nothing else is missing.
func (v *evaluation) unmet(s *state, r *rule, t *test, w *Condition, d *Decision) {
	switch t.op {
	case opAll, opAny:
		parts := w.All
		if t.op == opAny {
			parts = w.Any
		}
		failed := 0
		for i := range t.tests {
			if v.holds(s, r, &t.tests[i]) {
				continue
			}
			if failed++; failed == 1 {
				v.unmet(s, r, &t.tests[i], &parts[i], d)
			}
		}
		if failed > 1 && t.op == opAll {
			d.NearMiss = nil
		}
	case opAmount:
		have := v.sum(s, r, t.lines, t.basis)
		d.Code = CodeBelowAmount
		d.Params = Params{Basis: t.basis, Have: v.money(have), Need: w.Amount.Min}
		if have >= w.Amount.Min.Minor() {
			d.Code, d.Params.Need = CodeAboveAmount, w.Amount.Max
			return
		}
		d.NearMiss = &NearMiss{Amount: v.money(w.Amount.Min.Minor() - have)}
	case opQuantity:
		v.few(v.count(s, r, t.lines), t.count.Min, d)
	case opDistinct:
		v.few(v.distinct(s, r, t.lines), t.count.Min, d)
	case opNot:
		d.Code, d.Params.Rule = CodeUnmet, "not"
	case opTruth:
		d.Code, d.Params.Rule = CodeUnmet, w.name()
	}
}

// few notes that there are fewer units than needed.
func (v *evaluation) few(have, need int64, d *Decision) {
	d.Code = CodeBelowCount
	d.Params = Params{HaveCount: have, NeedCount: need}
	d.NearMiss = &NearMiss{Quantity: need - have}
}

// name returns the name of the field that is set.
func (w *Condition) name() string {
	switch {
	case w.Buyer != nil:
		return "buyer"
	case w.Orders != nil:
		return "orders"
	case w.Time != nil:
		return "time"
	case w.Channels != nil:
		return "channels"
	case w.Payment != nil:
		return "payment"
	case w.Code != "":
		return "code"
	case w.Custom != nil:
		return "custom"
	}
	return ""
}

// nextTier returns what is missing for the next tier, if there is one.
func (v *evaluation) nextTier(s *state, r *rule) *NearMiss {
	t := r.p.Benefit.Tiers
	if t == nil {
		return nil
	}
	have := v.measure(s, r, t)
	next, want := (*Tier)(nil), int64(0)
	switch t.Mode {
	case TierEvery:
		n := have / t.Tiers[0].at()
		if t.Times == 0 || n < t.Times {
			next, want = &t.Tiers[0], (n+1)*t.Tiers[0].at()
		}
	case TierStep, TierGraduated:
		for i := range t.Tiers {
			if have < t.Tiers[i].at() {
				next, want = &t.Tiers[i], t.Tiers[i].at()
				break
			}
		}
	}
	if next == nil {
		return nil
	}
	miss := &NearMiss{Off: next.Off, PPM: next.PPM}
	if t.By == ByQuantity {
		miss.Quantity = want - have
	} else {
		miss.Amount = v.money(want - have)
	}
	return miss
}

// below reports, and notes, that no tier is reached.
func (v *evaluation) below(s *state, r *rule, d *Decision) bool {
	t := r.p.Benefit.Tiers
	have, need := v.measure(s, r, t), t.Tiers[0].at()
	switch {
	case have >= need:
		return false
	case t.By == ByQuantity:
		v.few(have, need, d)
	default:
		d.Code = CodeBelowAmount
		d.Params = Params{Basis: r.basis, Have: v.money(have), Need: t.Tiers[0].Amount}
	}
	return true
}

// missing reports, and notes, that there are too few units, or that others
// have used them.
func (v *evaluation) missing(s *state, r *rule, d *Decision) bool {
	need := int64(0)
	b := &r.p.Benefit
	switch {
	case b.BuyGet != nil:
		need = b.BuyGet.Buy + b.BuyGet.Get
	case b.Nth != nil:
		need = b.Nth.N
	case b.Bundle != nil:
		for _, part := range b.Bundle.Parts {
			need += part.Quantity
		}
	}
	lines := r.unitLines()
	have := v.units(lines)
	if have < need {
		v.few(have, need, d)
		return true
	}
	if v.freeUnits(s, r, lines) >= need {
		return false
	}
	d.Code = CodeUnitsUsed
	for i := range v.records {
		if o := v.records[i].rule; o.counts() && overlap(o.unitLines(), lines) {
			d.Params.With = o.p.ID
		}
	}
	return true
}
