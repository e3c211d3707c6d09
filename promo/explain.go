package promo

import (
	"math"
	"slices"
)

// explainAll decides what was left over: what is applied, and why the rest is
// not.
func (v *evaluation) explainAll() {
	parts := 0
	for i := range v.records {
		parts += len(v.records[i].stakes)
	}
	workings, space := make([]Working, len(v.records)), make([]WorkingPart, 0, parts)
	for i := range v.records {
		rec := &v.records[i]
		d := &v.decisions[rec.rule.place]
		workings[i], space = v.working(rec, space)
		d.Code, d.Working = CodeApplied, &workings[i]
		d.NearMiss = v.nextTier(&v.final, rec.rule)
	}
	v.turn = v.newState()
	v.turn.start(v.board)
	for i, r := range v.plan.rules {
		if d := &v.decisions[r.place]; d.Code == "" {
			v.explainLoss(i, r, d)
			v.explainPin(r, d)
		}
		if v.chosen.has(i) {
			v.apply(&v.turn, r)
		}
	}
	for i, r := range v.rules {
		if d := &v.decisions[i]; r != nil && d.Code == CodeBelowAmount && d.Params.Basis != BasisList && r.phase != PhaseAfter {
			v.explainMiss(r, d)
		}
	}
}

// explainPin says of a pinned rule that lost to others that it did so because
// the pinned ones cannot all apply; why it lost stays in the parameters.
func (v *evaluation) explainPin(r *rule, d *Decision) {
	if v.cutPins || !r.c.Pinned || !v.unfixed && r.pinned {
		return
	}
	switch d.Code { //nolint:exhaustive // what it lacks itself stands as it is
	case CodeLostInGroup, CodeConflict, CodeNotOptimal:
		d.Code = CodeNotPinnable
	}
}

// explainMiss says what a promotion that is out of reach even on list amounts
// lacks on what the others leave.
func (v *evaluation) explainMiss(r *rule, d *Decision) {
	state := v.spareState()
	state.start(v.board)
	for i, o := range v.plan.rules {
		if v.chosen.has(i) && precedes(o, r) < 0 {
			v.apply(state, o)
		}
	}
	state.enter(r)
	d.NearMiss = nil
	v.explain(state, r, d)
}

// explainLoss says why a rule of the plan is not applied: it lost to another,
// or it would not pay.
func (v *evaluation) explainLoss(i int, r *rule, d *Decision) {
	state := v.spareState()
	if r.lineGroup >= 0 && r.left < math.MaxInt64 {
		set := v.mem.set(v.plan.words)
		for j := range v.plan.rules {
			if j == i || v.chosen.has(j) && !v.plan.apart[i].has(j) {
				set.add(j)
			}
		}
		var t tally
		t.count(v.plan, state, set)
		if v.short(t.amounts[i], r, d) {
			return
		}
	}
	for k := range v.records {
		o := v.records[k].rule
		if !v.plan.apart[i].has(v.placeOf(o)) {
			continue
		}
		mine := v.playWith(state, i)
		if mine == 0 {
			break
		}
		d.Params = Params{With: o.p.ID, Mine: v.money(mine), Theirs: v.money(v.records[k].total)}
		d.Params.PayableWith, d.Params.PayableBest = v.payableOf(state), v.result.Totals.Payable
		if group := v.rivals(r, o); group != "" {
			d.Code, d.Params.Rule = CodeLostInGroup, string(group)
		} else {
			d.Code, d.Params.Rule = CodeConflict, "sharing"
		}
		return
	}
	mine := v.playWith(state, i)
	switch {
	case mine == 0:
		v.explain(state, r, d)
	case r.lineGroup >= 0 && v.payableOf(state) == v.result.Totals.Payable:
		d.Code, d.Params = CodeLostInGroup, Params{Rule: string(v.groups[r.lineGroup].ID)}
	default:
		d.Code = CodeNotOptimal
		if !v.result.Search.Optimal {
			d.Code = CodeSearchCut
		}
		d.Params = Params{PayableWith: v.payableOf(state), PayableBest: v.result.Totals.Payable}
	}
}

// playWith applies what was chosen with rule i instead of those it excludes,
// and returns what i takes off. The state is the final one, or, where i takes
// nothing off, that at its turn.
func (v *evaluation) playWith(s *state, i int) int64 {
	first := i
	for j := range i {
		if v.chosen.has(j) && v.plan.apart[i].has(j) {
			first = 0
			break
		}
	}
	if first == i {
		s.set(&v.turn)
	} else {
		s.start(v.board)
	}
	mine := int64(0)
	for j := first; j < len(v.plan.rules); j++ {
		o := v.plan.rules[j]
		if j == i {
			if mine = v.apply(s, o).total; mine == 0 {
				return 0
			}
		} else if v.chosen.has(j) && !v.plan.apart[i].has(j) {
			v.apply(s, o)
		}
	}
	return mine
}

func (v *evaluation) placeOf(r *rule) int { return slices.Index(v.plan.rules, r) }
