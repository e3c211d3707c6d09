package promo

import "github.com/soukhq/souk/commerce/money"

// draft is what a promotion takes off in a state.
type draft struct {
	total int64 // what is taken off
	raw   int64 // before caps, floors and what is left
	base  int64 // what it was taken of
	ppm   int64
	times int64
	// split reports that the shares are yet to be prorated by b.weights within
	// b.rooms; otherwise they stand in b.shares.
	split bool
}

// draft computes what r takes off: nothing, where its budget does not hold it
// all. It leaves weights, rooms and shares, in the order of r.lines or
// r.shipments, in the scratch space. What a member of a line group takes off is
// settled by those that follow, and so is whether its budget holds it: see tally.
func (b *board) draft(s *state, r *rule) draft {
	d := b.draftInFull(s, r)
	if d.total > r.left && r.lineGroup < 0 {
		return draft{}
	}
	return d
}

// draftInFull is draft without a budget.
func (b *board) draftInFull(s *state, r *rule) draft {
	if !b.holds(s, r, &r.when) {
		return draft{}
	}
	benefit := &r.p.Benefit
	switch {
	case r.lineGroup >= 0:
		return b.draftInGroup(s, r)
	case benefit.Percent != nil:
		return b.draftPercent(s, r, benefit.Percent.PPM)
	case benefit.Fixed != nil && benefit.Fixed.Per == PerOrder:
		return b.draftSum(s, r, benefit.Fixed.Off.Minor(), 0)
	case benefit.Fixed != nil:
		return b.draftLines(s, r, 0)
	case benefit.Tiers != nil:
		return b.draftTiers(s, r, benefit.Tiers)
	case benefit.Bundle != nil:
		return b.draftBundle(s, r, benefit.Bundle)
	case benefit.BuyGet != nil, benefit.Nth != nil:
		return b.draftRewards(s, r)
	case benefit.Shipping != nil:
		return b.draftShipping(s, r, benefit.Shipping)
	case benefit.Custom != nil:
		return b.draftCustom(s, r, benefit.Custom)
	}
	return draft{}
}

// apply takes the discount of r off, at its turn, and returns it. The shares
// stand in b.shares.
func (b *board) apply(s *state, r *rule) draft {
	d := b.draft(s, r)
	b.settle(s, r, d)
	return d
}

// settle takes off a draft that was just made in the state.
func (b *board) settle(s *state, r *rule, d draft) {
	s.enter(r)
	if d.total == 0 {
		return
	}
	s.saved += d.total
	if r.phase == PhaseShipping {
		for k, i := range r.shipments {
			s.ship[i] -= b.shares[k]
		}
		return
	}
	if d.split {
		n := len(r.lines)
		b.prorate(d.total, b.weights[:n], b.rooms[:n], b.shares[:n])
	}
	for k, i := range r.lines {
		if b.shares[k] == 0 {
			continue
		}
		s.run[i] -= b.shares[k]
		s.unit[i] = over(s.run[i], b.quantity[i])
		if r.lineGroup >= 0 {
			s.won[i] += b.shares[k]
		}
	}
	if r.counts() {
		for _, i := range r.unitLines() {
			s.used[i] += b.taken[i]
		}
	}
}

// take returns what r takes off line i by itself, of amount.
func (b *board) take(r *rule, i int, amount int64) int64 {
	return max(0, min(b.offers(r, i, amount), amount-b.floor[i]))
}

// offers is take before anything is cut.
func (b *board) offers(r *rule, i int, amount int64) int64 {
	benefit := &r.p.Benefit
	off := int64(0)
	switch {
	case benefit.Percent != nil && r.phase == PhasePrice:
		off = times(percent(amount/b.quantity[i], benefit.Percent.PPM), b.quantity[i])
	case benefit.Percent != nil && r.p.OnList:
		off = percent(b.list[i], benefit.Percent.PPM)
	case benefit.Percent != nil:
		off = percent(amount, benefit.Percent.PPM)
	case benefit.Fixed != nil && benefit.Fixed.Per == PerUnit:
		off = times(benefit.Fixed.Off.Minor(), b.quantity[i])
	case benefit.Fixed != nil:
		off = benefit.Fixed.Off.Minor()
	case benefit.Price != nil:
		off = max(0, amount-times(benefit.Price.Unit.Minor(), b.quantity[i]))
	}
	return min(off, money.MaxMinor)
}

// draftInGroup gives r the lines of its line group on which it takes more off
// than who has won them so far, but for those that another has by priority. What
// it gains is the difference.
func (b *board) draftInGroup(s *state, r *rule) draft {
	var d draft
	for k, i := range r.lines {
		b.shares[k] = 0
		if !s.open(b, r, i) || r.bars(i) {
			continue
		}
		amount, won := s.inGroup(r, i)
		off := b.take(r, i, amount)
		if off <= won {
			continue
		}
		b.shares[k] = off - won
		d.total += off - won
		d.base += amount
	}
	d.raw = d.total
	return d
}

// inGroup returns the amount of line i when r's line group began, and what its
// members have taken off since.
func (s *state) inGroup(r *rule, i int) (amount, won int64) {
	if s.group == r.lineGroup && s.phase == r.phase {
		return s.base[i], s.won[i]
	}
	return s.run[i], 0
}

// bars reports whether r has lost line i to a member of its line group by
// priority.
func (r *rule) bars(i int) bool { return r.barred != nil && r.barred[i] }

// room returns how much can be taken off line i.
func (s *state) room(b *board, i int) int64 { return max(0, s.run[i]-b.floor[i]) }

// draftLines takes something off each line by itself, ppm or else the fixed
// amount of the benefit, and cuts the sum to the cap.
func (b *board) draftLines(s *state, r *rule, ppm int64) draft {
	d := draft{ppm: ppm}
	for k, i := range r.lines {
		b.shares[k] = 0
		if !s.open(b, r, i) {
			continue
		}
		base := s.run[i]
		var off int64
		if ppm > 0 {
			if r.p.OnList {
				base = b.list[i]
			}
			off = percent(base, ppm)
		} else {
			off = b.fixed(r, i)
		}
		d.base += base
		d.raw = min(d.raw+off, money.MaxMinor)
		b.shares[k] = min(off, s.room(b, i))
		d.total += b.shares[k]
	}
	return b.cut(r, d)
}

// fixed returns the fixed amount of a benefit for line i.
func (b *board) fixed(r *rule, i int) int64 {
	off := r.p.Benefit.Fixed.Off.Minor()
	if r.p.Benefit.Fixed.Per == PerUnit {
		return min(times(off, b.quantity[i]), money.MaxMinor)
	}
	return off
}

// cut reduces a draft of shares to the cap.
func (b *board) cut(r *rule, d draft) draft {
	if d.total <= r.cap {
		return d
	}
	n := len(r.lines)
	copy(b.weights[:n], b.shares[:n])
	copy(b.rooms[:n], b.shares[:n])
	d.total, d.split = r.cap, true
	return d
}

// draftPercent takes a percentage off each line, or off the sum of them.
func (b *board) draftPercent(s *state, r *rule, ppm int64) draft {
	if r.level == LevelOrder {
		return b.draftSum(s, r, 0, ppm)
	}
	return b.draftLines(s, r, ppm)
}

// draftSum takes off an amount, or ppm of the sum of the lines, rounded once,
// prorated over them.
func (b *board) draftSum(s *state, r *rule, off, ppm int64) draft {
	d := draft{ppm: ppm, split: true}
	room := int64(0)
	for k, i := range r.lines {
		b.weights[k], b.rooms[k] = 0, 0
		if !s.open(b, r, i) {
			continue
		}
		b.weights[k], b.rooms[k] = s.run[i], s.room(b, i)
		if r.p.OnList {
			b.weights[k] = b.list[i]
		}
		d.base += b.weights[k]
		room += b.rooms[k]
	}
	d.raw = off
	if ppm > 0 {
		d.raw = percent(d.base, ppm)
	}
	d.total = min(d.raw, r.cap, room)
	return d
}

// draftShipping takes something off each shipment.
func (b *board) draftShipping(s *state, r *rule, benefit *Shipping) draft {
	d := draft{ppm: benefit.PPM}
	if len(r.shipments) > len(b.shares) {
		b.shares = b.mem.numbers.cut(len(b.shipments))
	}
	for k, i := range r.shipments {
		off, room := b.offShipment(s, benefit, i)
		d.base += s.ship[i]
		d.raw = min(d.raw+off, money.MaxMinor)
		b.shares[k] = min(off, room)
		d.total += b.shares[k]
	}
	return d
}

// offShipment returns what comes off shipment i before anything is cut, and the
// most that may.
func (b *board) offShipment(s *state, benefit *Shipping, i int) (off, room int64) {
	off, room = benefit.Off.Minor(), s.ship[i]
	if benefit.PPM > 0 {
		off = percent(s.ship[i], benefit.PPM)
	}
	if !benefit.Cap.IsZero() {
		room = min(room, benefit.Cap.Minor())
	}
	return off, room
}

// draftCustom asks a custom benefit.
func (b *board) draftCustom(s *state, r *rule, custom *Custom) draft {
	lines := make([]CustomLine, 0, len(r.lines))
	for _, i := range r.lines {
		if s.open(b, r, i) {
			lines = append(lines, CustomLine{Line: b.lines[i], Amount: b.money(s.run[i])})
		}
	}
	var d draft
	amounts, err := b.engine.config.Benefits[custom.Kind].Discount(custom.Params, lines)
	if err != nil || len(amounts) != len(lines) {
		return d
	}
	if len(b.asked) < len(b.lines) {
		b.asked = b.mem.numbers.cut(len(b.lines))
	}
	for k, i := range r.lines {
		b.shares[k], b.asked[k] = 0, 0
		if !s.open(b, r, i) {
			continue
		}
		amount := amounts[0]
		amounts = amounts[1:]
		d.base += s.run[i]
		if amount.Currency() != b.currency || amount.Sign() <= 0 {
			continue
		}
		b.asked[k] = min(amount.Minor(), s.run[i])
		b.shares[k] = min(amount.Minor(), s.room(b, i))
		d.total += b.shares[k]
		d.raw += b.asked[k]
	}
	return b.cut(r, d)
}
