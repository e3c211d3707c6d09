package promo

import (
	"slices"

	"github.com/soukhq/souk/commerce/money"
)

// ceiling returns the most that r can take off in a state and in all that
// follow it. As amounts and free units only ever get less, that is for most
// kinds what it would take off now. Others that count units and may still come
// before r use up at most threat units.
func (b *board) ceiling(s *state, r *rule, threat int64) int64 {
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
	order := b.sorted(s, r)
	if r.dearest {
		b.pool = append(b.pool[:0], order...)
		order = b.pool
		slices.Reverse(order)
	}
	free := int64(0)
	for _, i := range order {
		free += b.offered(s, r, i)
	}
	first, last := cursor{}, cursor{}
	most := int64(0)
	for steps := 0; n > 0 && steps < 200; steps++ {
		from := min(threat, free-n*(buy+get))
		if r.dearest || r.both != nil { // any of the dearest may be the reward
			from = free - n*get
		}
		last.advance(b, s, r, order, from+n*get)
		first.advance(b, s, r, order, from)
		most = max(most, last.value+last.cut-first.value)
		if r.dearest || r.both != nil || from == threat { // fewer bargains are worth less
			n = 0
			break
		}
		n--
	}
	if n > 0 {
		last.advance(b, s, r, order, free)
		most = max(most, last.value+last.cut-first.value)
	}
	return percent(min(most, money.MaxMinor), ppm)
}

// offered returns the free units of line i that r may discount.
func (b *board) offered(s *state, r *rule, i int) int64 {
	if !r.offers[i] || !s.open(b, r, i) {
		return 0
	}
	return b.free(s, i)
}

// cursor sums the units of lines up to one of them. It only moves on.
type cursor struct {
	line   int   // place in the order
	before int64 // units of the lines before
	sum    int64 // what they cost
	value  int64 // what the units up to the one cost, rounded down
	cut    int64 // how much less than that is, at most
	split  int64 // lines before that are not whole
}

func (c *cursor) advance(b *board, s *state, r *rule, order []int, to int64) {
	for c.line < len(order) {
		i := order[c.line]
		units := b.offered(s, r, i)
		if c.before+units > to {
			break
		}
		c.before += units
		if units < b.quantity[i] {
			c.split++
		}
		c.sum += part(s.run[i], units, b.quantity[i])
		c.line++
	}
	c.value, c.cut = c.sum, c.split
	if rest := to - c.before; rest > 0 && c.line < len(order) {
		i := order[c.line]
		c.value += part(s.run[i], rest, b.quantity[i])
		c.cut++
	}
}

// ceilingOfBundle bounds a bundle of one part by what it takes off now, and a
// unit of rounding for each unit: its units are the dearest in any case. With
// several parts, which unit fills which may change: all of them are the bound.
func (b *board) ceilingOfBundle(s *state, r *rule, bundle *Bundle) int64 {
	if len(bundle.Parts) == 1 {
		return b.draftBundle(s, r, bundle).total + b.freeUnits(s, r, r.lines)
	}
	sum := int64(0)
	for _, i := range r.lines {
		if s.open(b, r, i) && b.free(s, i) > 0 {
			sum += s.run[i]
		}
	}
	return max(0, sum-bundle.Price.Minor())
}
