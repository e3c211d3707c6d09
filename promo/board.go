package promo

import (
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// board is a cart made ready for evaluations: lines and shipments ordered by
// id and addressed by their place, amounts as minor units.
type board struct {
	engine   *Engine
	mem      *arena
	in       *Input
	currency money.Currency

	lines     []*Line
	quantity  []int64
	list      []int64
	unit      []int64 // list price
	total     int64   // of the list amounts and the rates
	floor     []int64 // of the whole line
	merchants []ref.MerchantID
	seller    []int // of a line: its place in merchants

	shipments []*Shipment
	rate      []int64
	sender    []int // of a shipment: its place in merchants

	groups []Group // ordered by id; not to be changed

	start state // before any promotion
	spare state // to play on

	prorater
	scratch
}

// scratch is space that a single evaluation uses again and again.
type scratch struct {
	weights, rooms, shares []int64
	taken                  []int64 // units, by line
	rewarded               []int64 // units, by line
	lacks                  []int64
	asked                  []int64 // what a custom benefit said, by place in the rule's lines
	pool                   []int
	shelf                  []pile
}

// newBoard checks a cart and makes it ready in an arena.
func (e *Engine) newBoard(mem *arena, in *Input) (*board, error) {
	var v fault.Violations
	cart := &in.Cart
	if !cart.Currency.Valid() {
		v.Add("cart.currency", "currency", nil)
	}
	if len(cart.Lines) > e.config.MaxLines {
		v.Add("cart.lines", "too_many", fault.Params{"max": e.config.MaxLines})
	}
	if len(cart.Shipments) > e.config.MaxLines {
		v.Add("cart.shipments", "too_many", fault.Params{"max": e.config.MaxLines})
	}
	if len(in.Candidates) > e.config.MaxCandidates {
		v.Add("candidates", "too_many", fault.Params{"max": e.config.MaxCandidates})
	}
	if err := v.Err("promo.input", "the input cannot be evaluated"); err != nil {
		return nil, err
	}
	b := &mem.board
	b.engine, b.mem, b.in, b.currency = e, mem, in, cart.Currency
	b.readGroups(&v)
	b.total = b.readLines(&v) + b.readShipments(&v)
	if b.total > money.MaxMinor {
		v.Add("cart", "too_large", fault.Params{"max": money.MaxMinor})
	}
	if err := v.Err("promo.input", "the input cannot be evaluated"); err != nil {
		return nil, err
	}
	b.start = b.newState()
	b.start.start(b)
	return b, nil
}

// readGroups fills in the standard groups and those of the shop.
func (b *board) readGroups(v *fault.Violations) {
	b.groups = b.engine.standard
	if len(b.in.Groups) == 0 {
		return
	}
	shops := map[GroupID]*Group{}
	for i := range b.in.Groups {
		g := &b.in.Groups[i]
		up := element(nil, "groups", i)
		checkGroup(v, &up, g, shops)
		shops[g.ID] = g
	}
	b.groups = slices.Grow(slices.Clone(b.in.Groups), len(b.engine.standard))
	for _, g := range b.engine.standard {
		if shops[g.ID] == nil {
			b.groups = append(b.groups, g)
		}
	}
	slices.SortFunc(b.groups, func(g, o Group) int { return strings.Compare(string(g.ID), string(o.ID)) })
}

// readLines fills in the lines and returns their sum, or more than
// money.MaxMinor.
func (b *board) readLines(v *fault.Violations) int64 {
	n := len(b.in.Cart.Lines)
	for _, column := range []*[]int64{
		&b.quantity, &b.list, &b.floor, &b.weights, &b.rooms, &b.shares, &b.taken, &b.rewarded, &b.unit,
	} {
		*column = b.mem.numbers.cut(n)
	}
	b.lines, b.seller, b.pool = b.mem.lines.cut(n), b.mem.places.cut(n), b.mem.places.list(n)
	b.shelf = b.mem.piles.list(n)
	b.merchants = b.mem.merchants.list(n + len(b.in.Cart.Shipments))
	b.reserve(b.mem, n)
	for i := range b.in.Cart.Lines {
		b.lines[i] = &b.in.Cart.Lines[i]
	}
	slices.SortFunc(b.lines, func(x, y *Line) int { return strings.Compare(string(x.ID), string(y.ID)) })
	total := int64(0)
	for i, line := range b.lines {
		if !b.readLine(v, i) {
			continue
		}
		unit := line.Unit.Minor()
		b.quantity[i] = int64(line.Quantity)
		b.unit[i], b.list[i] = unit, min(times(unit, b.quantity[i]), money.MaxMinor+1)
		b.floor[i] = min(times(line.Floor.Minor(), b.quantity[i]), b.list[i])
		b.seller[i] = b.merchant(line.Merchant)
		total = min(total+b.list[i], money.MaxMinor+1)
	}
	return total
}

// readLine reports whether line i can be read.
func (b *board) readLine(v *fault.Violations, i int) bool {
	line := b.lines[i]
	wrong := func(name, code string) {
		up := element(nil, "cart.lines", given(b.in.Cart.Lines, line))
		at := field(&up, name)
		v.Add(at.String(), code, fault.Params{"line": line.ID})
	}
	ok := true
	if line.ID == "" {
		wrong("id", "required")
		ok = false
	}
	if i > 0 && b.lines[i-1].ID == line.ID {
		wrong("id", "duplicate")
		ok = false
	}
	if !line.Quantity.Valid() {
		wrong("quantity", "out_of_range")
		ok = false
	}
	if line.Unit.Minor() < 0 || line.Unit.Minor() > money.MaxMinor || line.Unit.Currency() != b.currency {
		wrong("unit", "money")
		ok = false
	}
	if f := line.Floor; f != (money.Money{}) && (f.Minor() < 0 || f.Minor() > money.MaxMinor || f.Currency() != b.currency) {
		wrong("floor", "money")
		ok = false
	}
	return ok
}

// readShipments fills in the shipments and returns the sum of the rates, or
// more than money.MaxMinor.
func (b *board) readShipments(v *fault.Violations) int64 {
	n := len(b.in.Cart.Shipments)
	if n == 0 {
		return 0
	}
	b.shipments, b.rate, b.sender = b.mem.shipments.cut(n), b.mem.numbers.cut(n), b.mem.places.cut(n)
	for i := range b.in.Cart.Shipments {
		b.shipments[i] = &b.in.Cart.Shipments[i]
	}
	slices.SortFunc(b.shipments, func(x, y *Shipment) int { return strings.Compare(x.ID, y.ID) })
	total := int64(0)
	for i, s := range b.shipments {
		up := element(nil, "cart.shipments", given(b.in.Cart.Shipments, s))
		if s.ID == "" || i > 0 && b.shipments[i-1].ID == s.ID {
			at := field(&up, "id")
			v.Add(at.String(), "required", fault.Params{"shipment": s.ID})
		}
		if s.Rate.Minor() < 0 || s.Rate.Minor() > money.MaxMinor || s.Rate.Currency() != b.currency {
			at := field(&up, "rate")
			v.Add(at.String(), "money", fault.Params{"shipment": s.ID})
			continue
		}
		b.rate[i] = s.Rate.Minor()
		b.sender[i] = b.merchant(s.Merchant)
		total = min(total+b.rate[i], money.MaxMinor+1)
	}
	return total
}

// given returns the place of an element in the list that the caller gave.
func given[T any](list []T, element *T) int {
	for i := range list {
		if &list[i] == element {
			return i
		}
	}
	return -1
}

// merchant returns the place of a merchant.
func (b *board) merchant(id ref.MerchantID) int {
	if i := slices.Index(b.merchants, id); i >= 0 {
		return i
	}
	b.merchants = append(b.merchants, id)
	return len(b.merchants) - 1
}

func (b *board) money(minor int64) money.Money { return money.New(minor, b.currency) }

// selects reports whether a selector picks a line. NotDiscounted is not its
// business.
func (s *Selector) selects(line *Line) bool {
	if len(s.SKUs) > 0 && !slices.Contains(s.SKUs, line.SKU) ||
		len(s.Products) > 0 && !slices.Contains(s.Products, line.Product) ||
		len(s.Brands) > 0 && !slices.Contains(s.Brands, line.Brand) ||
		len(s.Merchants) > 0 && !slices.Contains(s.Merchants, line.Merchant) ||
		len(s.Categories) > 0 && !overlap(s.Categories, line.Categories) ||
		len(s.Tags) > 0 && !overlap(s.Tags, line.Tags) {
		return false
	}
	if unit := line.Unit.Minor(); !s.MinPrice.IsZero() && unit < s.MinPrice.Minor() ||
		!s.MaxPrice.IsZero() && unit > s.MaxPrice.Minor() {
		return false
	}
	for name, values := range s.Attributes {
		if !overlap(values, line.Attributes[name]) {
			return false
		}
	}
	for i := range s.Except {
		if s.Except[i].selects(line) {
			return false
		}
	}
	return true
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}
