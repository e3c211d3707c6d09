package promo

import (
	"slices"

	"github.com/soukhq/souk/commerce/money"
)

// ceiling returns the most that r can take off in a state and in all that
// follow it. As amounts and free units only ever get less, that is for most
// kinds what it would take off now. Others that count units and may still come
// before r use up at most threat units. What a budget does not hold now it may
// hold later, when it has got less.
func (b *board) ceiling(s *state, r *rule, threat int64) int64 {
	most := b.ceilingInFull(s, r, threat)
	if r.lineGroup < 0 {
		most = min(most, r.left)
	}
	return most
}

// ceilingInFull is ceiling without a budget.
func (b *board) ceilingInFull(s *state, r *rule, threat int64) int64 {
	benefit := &r.p.Benefit
	switch {
	case benefit.Custom != nil:
		return b.sum(s, r, nil, BasisPaid)
	case !r.counts():
		return b.gain(s, r)
	case !b.holds(s, r, &r.when):
		return 0
	case benefit.Bundle != nil:
		return b.ceilingOfBundle(s, r, benefit.Bundle)
	case r.p.Lines.NotDiscounted:
		return b.ceilingOfRewards(s, r, b.units(r.unitLines()))
	case threat > 0:
		return b.ceilingOfRewards(s, r, threat)
	}
	return b.ceilingNow(s, r)
}

// ceilingNow bounds rewards whose units nobody else may use up before. They are
// so many units from one end of the order of prices: their sum gets less when
// prices do. A line of which only some units are rewarded is rounded up.
func (b *board) ceilingNow(s *state, r *rule) int64 {
	buy, get, ppm, _ := r.bargain()
	n, bought := b.bargains(s, r)
	if n == 0 {
		return 0
	}
	want, spare := n*get, bought-n*buy
	value := int64(0)
	for _, i := range b.sorted(s, r) {
		if !r.offers[i] {
			continue
		}
		units := min(want, b.free(s, i))
		if r.sells[i] {
			units = min(units, spare)
			spare -= units
		}
		switch {
		case units == b.quantity[i]:
			value += s.run[i]
		case units > 0:
			value += part(s.run[i], units, b.quantity[i]) + 1
		}
		if want -= units; want == 0 {
			break
		}
	}
	return min(percent(value, ppm), r.cap)
}

// ceilingOfRewards bounds rewards that others may make dearer by using up
// cheaper units. For each number of bargains that may be struck, the others
// use up as many of the cheapest units as they can and leave enough for that
// many: whoever is the n-th in the order of prices then was, at most, that
// many places further on before.
func (b *board) ceilingOfRewards(s *state, r *rule, threat int64) int64 {
	buy, get, ppm, _ := r.bargain()
	n, _ := b.bargains(s, r)
	if n == 0 {
		return 0
	}
	shelf, free := b.shelve(s, r)
	first, last := cursor{}, cursor{}
	most := int64(0)
	for steps := 0; n > 0 && steps < 200; steps++ {
		from := min(threat, free-n*(buy+get))
		if r.dearest || r.both != nil { // any of the dearest may be the reward
			from = free - n*get
		}
		last.advance(shelf, from+n*get)
		first.advance(shelf, from)
		most = max(most, last.value+last.cut-first.value)
		if r.dearest || r.both != nil || from == threat { // fewer bargains are worth less
			n = 0
			break
		}
		n--
	}
	if n > 0 {
		last.advance(shelf, free)
		most = max(most, last.value+last.cut-first.value)
	}
	return percent(min(most, money.MaxMinor), ppm)
}

// pile is what a line has of free units.
type pile struct {
	units, value  int64 // the value rounded down
	run, quantity int64 // of the whole line
}

// shelve returns the units that r may discount, the cheapest first, and how many
// there are.
func (b *board) shelve(s *state, r *rule) (shelf []pile, free int64) {
	shelf = b.shelf[:0]
	for _, i := range b.sorted(s, r) {
		if !r.offers[i] || !s.open(b, r, i) {
			continue
		}
		if units := b.free(s, i); units > 0 {
			shelf = append(shelf, pile{units, part(s.run[i], units, b.quantity[i]), s.run[i], b.quantity[i]})
			free += units
		}
	}
	if b.shelf = shelf; r.dearest {
		slices.Reverse(shelf)
	}
	return shelf, free
}

// cursor sums the units of a shelf up to one of them. It only moves on.
type cursor struct {
	pile   int
	before int64 // units of the piles before
	sum    int64 // what they cost
	value  int64 // what the units up to the one cost, rounded down
	cut    int64 // how much less than that is, at most
	split  int64 // piles before that are not whole lines
}

func (c *cursor) advance(shelf []pile, to int64) {
	for c.pile < len(shelf) && c.before+shelf[c.pile].units <= to {
		p := &shelf[c.pile]
		c.before += p.units
		if p.units < p.quantity {
			c.split++
		}
		c.sum += p.value
		c.pile++
	}
	c.value, c.cut = c.sum, c.split
	if rest := to - c.before; rest > 0 && c.pile < len(shelf) {
		p := &shelf[c.pile]
		c.value += part(p.run, rest, p.quantity)
		c.cut++
	}
}

// ceilingOfBundle bounds a bundle of one part by what it takes off now, and a
// unit of rounding for each unit: its units are the dearest in any case. Floors
// do not count, as those of other lines, which may become the dearest, may be
// lower. With several parts, which unit fills which may change: all of them are
// the bound.
func (b *board) ceilingOfBundle(s *state, r *rule, bundle *Bundle) int64 {
	if len(bundle.Parts) == 1 {
		return min(b.draftBundle(s, r, bundle).raw+b.freeUnits(s, r, r.lines), r.cap)
	}
	sum := int64(0)
	for _, i := range r.lines {
		if s.open(b, r, i) && b.free(s, i) > 0 {
			sum += s.run[i]
		}
	}
	return max(0, sum-bundle.Price.Minor())
}
