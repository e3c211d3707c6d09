package promo

import (
	"math"

	"github.com/soukhq/souk/commerce/money"
)

// state is a cart in the middle of an evaluation. Promotions are applied in
// order, so that a state is exact for what was applied so far, and, as no
// promotion ever raises an amount, an upper bound for all that may follow.
type state struct {
	cells []int64 // what all the slices below are cut from

	run   []int64 // what is left of each line
	unit  []int64 // the same of one unit, rounded down
	entry []int64 // run when the phase began
	item  []int64 // run after PhaseLine
	net   []int64 // run after PhaseMerchant
	base  []int64 // run when the line group began
	won   []int64 // taken by the winner in the line group
	used  []int64 // units that serve a promotion that counts units
	ship  []int64 // what is left of each shipment

	phase Phase
	group int // the line group that is being settled; -1 for none
	saved int64
}

const columns = 8

func (b *board) newState() state {
	lines, shipments := len(b.lines), len(b.shipments)
	s := state{cells: b.mem.numbers.cut(columns*lines + shipments), group: -1}
	for i, column := range []*[]int64{&s.run, &s.unit, &s.entry, &s.item, &s.net, &s.base, &s.won, &s.used} {
		*column = s.cells[i*lines : (i+1)*lines : (i+1)*lines]
	}
	s.ship = s.cells[columns*lines:]
	return s
}

// spareState returns a state to play on, which the next caller gets too.
func (b *board) spareState() *state {
	if b.spare.cells == nil {
		b.spare = b.newState()
	}
	return &b.spare
}

// start sets the state to the cart before any promotion.
func (s *state) start(b *board) {
	clear(s.cells)
	copy(s.run, b.list)
	copy(s.unit, b.unit)
	copy(s.entry, b.list)
	copy(s.ship, b.rate)
	s.phase, s.group, s.saved = 0, -1, 0
}

// set makes s a copy of o.
func (s *state) set(o *state) {
	copy(s.cells, o.cells)
	s.phase, s.group, s.saved = o.phase, o.group, o.saved
}

// enter takes note of the amounts at the beginning of r's phase and of its
// line group.
func (s *state) enter(r *rule) {
	if r.phase != s.phase {
		if s.phase <= PhaseLine && r.phase > PhaseLine {
			copy(s.item, s.run)
		}
		if s.phase <= PhaseMerchant && r.phase > PhaseMerchant {
			copy(s.net, s.run)
		}
		copy(s.entry, s.run)
		s.phase, s.group = r.phase, -1
	}
	if r.lineGroup != s.group {
		s.group = r.lineGroup
		if s.group >= 0 {
			copy(s.base, s.run)
			clear(s.won)
		}
	}
}

// on returns the amounts of the lines on a basis, or the most they can be where
// the basis is not yet settled.
func (s *state) on(b *board, basis Basis) []int64 {
	switch {
	case basis == BasisList:
		return b.list
	case basis == BasisItemNet && s.phase > PhaseLine:
		return s.item
	case basis == BasisMerchantNet && s.phase > PhaseMerchant:
		return s.net
	}
	return s.run
}

// open reports whether r may discount line i, which it selects.
func (s *state) open(b *board, r *rule, i int) bool {
	if !r.p.Lines.NotDiscounted {
		return true
	}
	if s.phase == r.phase {
		return s.entry[i] == b.list[i]
	}
	return s.run[i] == b.list[i]
}

// rule is a candidate made ready for one cart.
type rule struct {
	c      *Candidate
	place  int // of its decision
	p      *Promotion
	phase  Phase
	level  Level
	form   form
	coupon bool // it costs the buyer a coupon
	rank   int  // of the coupon among those of the plan, the first to expire before the others

	lines     []int // selected, of its merchants
	shipments []int
	merchants []int // of its lines and shipments
	when      test
	lineGroup int    // place of its line group; -1 for none
	barred    []bool // by line of the cart: that it lost by that rule; nil for none
	groups    []int
	buys      []int   // what BuyGet and Nth count as bought
	both      []int   // lines and buys, where they differ
	order     []int   // lines by list price, in the order in which units are picked
	dearest   bool    // that order is from the dearest down
	offers    []bool  // by line of the cart: whether it is in lines
	sells     []bool  // by line of the cart: whether it is in buys
	rivals    []int   // places in the plan of those that may use them up before
	spends    int64   // units that it uses at most
	parts     [][]int // Bundle

	moved bitset // lines, and after them shipments, that it may change
	read  bitset // those that what it gains depends on

	cap   int64
	left  int64 // of the budget: it takes no more off, or nothing
	short bool  // the budget does not hold what it takes off on list amounts
	basis Basis
	most  int64 // no state gives more

	pinned bool // the search is to apply it
}

func (b *board) newRule(c *Candidate) *rule {
	p, r := &c.Promotion, b.mem.rules.one()
	r.c, r.p, r.phase, r.coupon, r.lineGroup, r.cap = c, p, p.Phase(), p.Redeem == RedeemCoupon, -1, money.MaxMinor
	r.left, r.pinned = math.MaxInt64, c.Pinned
	r.level = p.level()
	r.form = r.formOf()
	switch benefit := &p.Benefit; {
	case benefit.Percent != nil && !benefit.Percent.Cap.IsZero():
		r.cap = benefit.Percent.Cap.Minor()
	case benefit.Tiers != nil:
		if !benefit.Tiers.Cap.IsZero() {
			r.cap = benefit.Tiers.Cap.Minor()
		}
		r.basis = benefit.Tiers.Basis.in(r.phase)
	}
	return r
}

// find fills in the lines and shipments of the promotion.
func (r *rule) find(b *board) {
	p := r.p
	r.lines, r.merchants = b.mem.places.list(len(b.lines)), b.mem.places.list(len(b.merchants))
	for i, line := range b.lines {
		if (p.Merchant == "" || line.Merchant == p.Merchant) && p.Lines.selects(line) {
			r.lines = append(r.lines, i)
			r.touch(b.seller[i])
		}
	}
	if r.counts() {
		defer b.prepareUnits(r)
	}
	switch benefit := &p.Benefit; {
	case benefit.BuyGet != nil:
		r.buys = r.lines
		if benefit.BuyGet.Of != nil {
			r.buys = b.pick(p, benefit.BuyGet.Of)
			r.both = merge(r.lines, r.buys)
		}
	case benefit.Nth != nil:
		r.buys = r.lines
	case benefit.Bundle != nil:
		for i := range benefit.Bundle.Parts {
			lines := b.mem.places.list(len(r.lines))
			for _, line := range r.lines {
				if benefit.Bundle.Parts[i].Of.selects(b.lines[line]) {
					lines = append(lines, line)
				}
			}
			r.parts = append(r.parts, lines)
		}
	case benefit.Shipping != nil:
		r.shipments = b.mem.places.list(len(b.shipments))
		for i, s := range b.shipments {
			if r.ships(b, i, s) {
				r.shipments = append(r.shipments, i)
			}
		}
	}
}

// ships reports whether a shipping promotion is about shipment i.
func (r *rule) ships(b *board, i int, s *Shipment) bool {
	methods := r.p.Benefit.Shipping.Methods
	if len(methods) > 0 {
		known := false
		for _, m := range methods {
			known = known || m == s.Method
		}
		if !known {
			return false
		}
	}
	for _, m := range r.merchants {
		if m == b.sender[i] {
			return true
		}
	}
	return false
}

// touch notes that the promotion is about a merchant.
func (r *rule) touch(merchant int) {
	for _, m := range r.merchants {
		if m == merchant {
			return
		}
	}
	r.merchants = append(r.merchants, merchant)
}

// pick returns the lines of a selector within a promotion, whose owner's they
// must be.
func (b *board) pick(p *Promotion, s *Selector) []int {
	lines := b.mem.places.list(len(b.lines))
	for i, line := range b.lines {
		if (p.Merchant == "" || line.Merchant == p.Merchant) && s.selects(line) {
			lines = append(lines, i)
		}
	}
	return lines
}
