package promo

import (
	"slices"
	"strings"
)

// test is a condition made ready for one cart: all that a promotion cannot
// change is decided already.
type test struct {
	op     operator
	truth  bool
	tests  []test
	amount *AmountCondition
	count  *QuantityCondition
	lines  []int // nil: those that are open to the promotion
	basis  Basis
}

type operator uint8

const (
	opTruth operator = iota
	opAll
	opAny
	opNot
	opAmount
	opQuantity
	opDistinct
)

// compile makes a condition ready.
func (b *board) compile(r *rule, w *Condition) test {
	switch {
	case w.All != nil:
		return test{op: opAll, tests: b.compileAll(r, w.All)}
	case w.Any != nil:
		return test{op: opAny, tests: b.compileAll(r, w.Any)}
	case w.Not != nil:
		return test{op: opNot, tests: []test{b.compile(r, w.Not)}}
	case w.Amount != nil:
		return test{op: opAmount, amount: w.Amount, lines: b.over(r, w.Amount.Over), basis: w.Amount.basisIn(r.phase)}
	case w.Quantity != nil:
		return test{op: opQuantity, count: w.Quantity, lines: b.over(r, w.Quantity.Over)}
	case w.Distinct != nil:
		return test{op: opDistinct, count: w.Distinct, lines: b.over(r, w.Distinct.Over)}
	}
	return test{op: opTruth, truth: b.fact(r, w)}
}

func (b *board) compileAll(r *rule, all []Condition) []test {
	tests := make([]test, len(all))
	for i := range all {
		tests[i] = b.compile(r, &all[i])
	}
	return tests
}

// over returns the lines that a threshold counts, nil for those of r.
func (b *board) over(r *rule, s *Selector) []int {
	if s == nil {
		return nil
	}
	return b.pick(r.p, s)
}

// fact decides a condition that no promotion can change.
func (b *board) fact(r *rule, w *Condition) bool {
	cart := &b.in.Cart
	switch {
	case w.Buyer != nil:
		return (len(w.Buyer.Segments) == 0 || overlap(w.Buyer.Segments, cart.Buyer.Segments)) &&
			(len(w.Buyer.Tags) == 0 || overlap(w.Buyer.Tags, cart.Buyer.Tags))
	case w.Orders != nil:
		n := cart.Buyer.Orders + 1
		return cart.Buyer.ID != "" && n >= w.Orders.From && (w.Orders.To == 0 || n <= w.Orders.To)
	case w.Time != nil:
		return w.Time.holds(b)
	case w.Channels != nil:
		return slices.Contains(w.Channels, cart.Channel)
	case w.Payment != nil:
		return slices.Contains(w.Payment, cart.Payment)
	case w.Code != "":
		return cart.typed(w.Code)
	case w.Custom != nil:
		facts := Facts{Cart: cart, Now: b.in.Now}
		for _, i := range r.lines {
			facts.Lines = append(facts.Lines, b.lines[i])
		}
		holds, err := b.engine.config.Conditions[w.Custom.Kind].Holds(w.Custom.Params, facts)
		return err == nil && holds
	}
	return true
}

// typed reports whether the buyer typed a code; case does not matter.
func (c *Cart) typed(code string) bool {
	return slices.ContainsFunc(c.Codes, func(typed string) bool { return strings.EqualFold(typed, code) })
}

func (w *TimeCondition) holds(b *board) bool {
	now := b.in.Now
	minute := now.Hour()*60 + now.Minute()
	until := w.Until
	if until == 0 {
		until = minutesOfDay
	}
	day := now.Weekday()
	within := w.From <= minute && minute < until
	if until < w.From {
		within = minute >= w.From || minute < until
		if minute < until {
			day = (day + 6) % 7 // it began the evening before
		}
	}
	return within && (len(w.Weekdays) == 0 || slices.Contains(w.Weekdays, day))
}

// holds decides a condition in a state. In an earlier state than r's turn the
// answer is that of the best that can come: a yes may become a no, never the
// other way round, as nothing that promotions change stands under a Not.
func (b *board) holds(s *state, r *rule, t *test) bool {
	switch t.op {
	case opTruth:
	case opAll:
		for i := range t.tests {
			if !b.holds(s, r, &t.tests[i]) {
				return false
			}
		}
		return true
	case opAny:
		for i := range t.tests {
			if b.holds(s, r, &t.tests[i]) {
				return true
			}
		}
		return false
	case opNot:
		return !b.holds(s, r, &t.tests[0])
	case opAmount:
		have := b.sum(s, r, t.lines, t.basis)
		return have >= t.amount.Min.Minor() && (t.amount.Max.IsZero() || have <= t.amount.Max.Minor())
	case opQuantity:
		return b.count(s, r, t.lines) >= t.count.Min
	case opDistinct:
		return b.distinct(s, r, t.lines) >= t.count.Min
	}
	return t.truth
}

// sum returns the amount of lines on a basis; nil stands for those of r.
func (b *board) sum(s *state, r *rule, lines []int, basis Basis) int64 {
	total, amounts := int64(0), s.on(b, basis)
	own := lines == nil
	if own {
		lines = r.lines
	}
	if own && r.p.Lines.NotDiscounted {
		for _, i := range lines {
			if s.open(b, r, i) {
				total += amounts[i]
			}
		}
		return total
	}
	for _, i := range lines {
		total += amounts[i]
	}
	return total
}

// count returns the units of lines; nil stands for those of r.
func (b *board) count(s *state, r *rule, lines []int) int64 {
	total := int64(0)
	if lines != nil {
		for _, i := range lines {
			total += b.quantity[i]
		}
		return total
	}
	for _, i := range r.lines {
		if s.open(b, r, i) {
			total += b.quantity[i]
		}
	}
	return total
}

// distinct returns the number of different SKUs of lines; nil stands for those
// of r.
func (b *board) distinct(s *state, r *rule, lines []int) int64 {
	own := lines == nil
	if own {
		lines = r.lines
	}
	n := int64(0)
	for k, i := range lines {
		if own && !s.open(b, r, i) {
			continue
		}
		first := true
		for _, j := range lines[:k] {
			first = first && (b.lines[j].SKU != b.lines[i].SKU || own && !s.open(b, r, j))
		}
		if first {
			n++
		}
	}
	return n
}
