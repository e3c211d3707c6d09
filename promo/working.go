package promo

import (
	"slices"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Rounding is the step at which a percentage was rounded, half away from zero.
type Rounding string

// The steps.
const (
	RoundUnit     Rounding = "unit"     // of each line: of one unit, times the units
	RoundLine     Rounding = "line"     // of each line
	RoundShipment Rounding = "shipment" // of each shipment
	RoundSum      Rounding = "sum"      // of the sum of the lines
	RoundNone     Rounding = "none"     // nothing was
)

// Working is how an applied discount came about: what it takes to compute it
// again, to the cent, and nothing else.
//
// Where Each is true, every part is computed by itself:
//
//	Raw = PPM of Base, rounded as Rounding says
//	    = Off, times Units where Per is PerUnit
//	    = Base - Price × Units, or nothing where that is less
//	    = Base × the sum over Bands of PPM × units in the band / Units, rounded
//
// cut to its Room. The sum of these is cut to Cap; where that bites, it is split
// in proportion to them. Otherwise it is the sum of the parts that counts:
//
//	Raw = PPM of Base, rounded
//	    = Off, times Times where there is a number of times
//	    = Base - Price × Times
//	    = the sum over Bands of PPM × what of Base lies in the band, rounded
//
// cut to Cap and to the sum of the rooms, and split in proportion to the parts'
// Base; what a part has no room for goes to the others. Splits are by the largest
// remainder, of equal ones to the earlier part.
//
// What a custom benefit takes off stands as it said it, in the parts' Raw.
type Working struct {
	Base  money.Money `json:"base"`            // of all parts
	Basis Basis       `json:"basis,omitempty"` // of Base: list, or, empty, what earlier promotions left
	Each  bool        `json:"each,omitempty"`  // the parts are computed, not their sum

	PPM   int64       `json:"ppm,omitempty"`
	Off   money.Money `json:"off,omitzero"`
	Per   Per         `json:"per,omitempty"` // of Off, where it is per unit
	Price money.Money `json:"price,omitzero"`
	Bands []Band      `json:"bands,omitempty"`
	Times int64       `json:"times,omitempty"`

	Rounding Rounding    `json:"rounding"`
	Raw      money.Money `json:"raw"`          // before anything was cut
	Cap      money.Money `json:"cap,omitzero"` // of the whole
	Cut      money.Money `json:"cut,omitzero"` // by rooms and the cap
	Amount   money.Money `json:"amount"`       // Raw - Cut, the sum of the allocations
	// Parts are the lines or shipments that it was taken of, by id.
	Parts []WorkingPart `json:"parts"`
}

// Band is a range of a graduated percentage, from From until before Until: of
// the smallest units of Base, or of the units of a part where Each is true.
type Band struct {
	From  int64 `json:"from"`
	Until int64 `json:"until,omitempty"` // zero is open
	PPM   int64 `json:"ppm"`
}

// WorkingPart is what a line or a shipment had to do with a discount.
type WorkingPart struct {
	Line     ref.LineID  `json:"line,omitempty"`
	Shipment string      `json:"shipment,omitempty"`
	Units    int64       `json:"units,omitempty"` // that it was taken of
	Base     money.Money `json:"base"`
	Raw      money.Money `json:"raw,omitzero"` // where Working.Each
	Room     money.Money `json:"room"`         // the most that could be taken off
	Amount   money.Money `json:"amount"`       // that was: the allocation
}

// stake is a part in the making.
type stake struct {
	at                     int // place in rule.lines or rule.shipments
	units, base, raw, room int64
}

// stakes returns what a draft that was just made is taken of, before it is
// settled.
func (b *board) stakes(s *state, r *rule, d draft) []stake {
	if d.total == 0 {
		return nil
	}
	out := b.mem.stakes.list(max(len(r.lines), len(r.shipments)))
	benefit := &r.p.Benefit
	switch {
	case benefit.Shipping != nil:
		for k, i := range r.shipments {
			off, room := b.offShipment(s, benefit.Shipping, i)
			out = append(out, stake{at: k, base: s.ship[i], raw: off, room: room})
		}
		return out
	case r.lineGroup >= 0:
		for k, i := range r.lines {
			if s.open(b, r, i) && !r.bars(i) {
				amount, _ := s.inGroup(r, i)
				p := stake{at: k, units: b.quantity[i], base: amount, raw: b.offers(r, i, amount), room: max(0, amount-b.floor[i])}
				if r.p.OnList {
					p.base = b.list[i]
				}
				out = append(out, p)
			}
		}
		return out
	}
	each := r.each(d)
	for k, i := range r.lines {
		p := stake{at: k, units: b.quantity[i], base: s.run[i], room: s.room(b, i)}
		switch {
		case r.counts():
			if p.units = b.rewarded[i]; benefit.Bundle != nil {
				p.units = b.taken[i]
			}
			p.base, p.room = b.weights[k], b.rooms[k]
		case !s.open(b, r, i):
			continue
		case !each:
			p.base, p.room = b.weights[k], b.rooms[k]
		case benefit.Custom != nil:
			p.raw = b.asked[k]
		case benefit.Fixed != nil:
			p.raw = b.fixed(r, i)
		case d.ppm == 0:
			p.raw = b.offUnits(s, benefit.Tiers, i)
		default:
			if r.p.OnList {
				p.base = b.list[i]
			}
			p.raw = percent(p.base, d.ppm)
		}
		if p.base > 0 || p.raw > 0 {
			out = append(out, p)
		}
	}
	return out
}

// each reports whether a draft was made line by line.
func (r *rule) each(d draft) bool {
	switch b := &r.p.Benefit; {
	case r.lineGroup >= 0, b.Shipping != nil, b.Custom != nil:
		return true
	case b.Percent != nil:
		return r.level != LevelOrder
	case b.Fixed != nil:
		return b.Fixed.Per != PerOrder
	case b.Tiers == nil:
		return false
	case b.Tiers.Mode == TierGraduated:
		return b.Tiers.By == ByQuantity
	}
	return d.ppm > 0 && r.level != LevelOrder
}

// working says how a discount came about. Its parts are cut from space, which is
// returned.
func (v *evaluation) working(rec *record, space []WorkingPart) (Working, []WorkingPart) {
	r, d := rec.rule, &rec.draft
	w := Working{
		Each: r.each(*d), Times: d.times, Amount: v.money(rec.total), Rounding: RoundNone, PPM: d.ppm,
	}
	from, base, raw := len(space), int64(0), int64(0)
	for i := range rec.stakes {
		p := &rec.stakes[i]
		if r.lineGroup >= 0 && rec.shares[p.at] == 0 {
			continue // another has it
		}
		part := WorkingPart{Units: p.units, Base: v.money(p.base), Room: v.money(p.room), Amount: v.money(rec.shares[p.at])}
		if w.Each {
			part.Raw = v.money(p.raw)
		}
		if r.phase == PhaseShipping {
			part.Shipment = v.shipments[r.shipments[p.at]].ID
		} else {
			part.Line = v.lines[r.lines[p.at]].ID
		}
		base, raw = base+p.base, min(raw+p.raw, money.MaxMinor)
		space = append(space, part)
	}
	if w.Parts = space[from:len(space):len(space)]; !w.Each {
		raw = d.raw
	}
	w.Base, w.Raw = v.money(base), v.money(raw)
	if raw > rec.total {
		w.Cut = v.money(raw - rec.total)
	}
	if r.cap < money.MaxMinor {
		w.Cap = v.money(r.cap)
	}
	if r.p.OnList {
		w.Basis = BasisList
	}
	v.workOut(r, d, &w)
	return w, space
}

// workOut fills in what a benefit's formula is made of.
func (v *evaluation) workOut(r *rule, d *draft, w *Working) {
	switch b := &r.p.Benefit; {
	case b.Percent != nil:
		w.PPM = b.Percent.PPM
	case b.Fixed != nil:
		if w.Off = b.Fixed.Off; b.Fixed.Per == PerUnit {
			w.Per = PerUnit
		}
	case b.Price != nil:
		w.Price = b.Price.Unit
	case b.Bundle != nil:
		w.Price = b.Bundle.Price
	case b.Shipping != nil:
		w.Off = b.Shipping.Off
	case b.Tiers != nil && b.Tiers.Mode == TierGraduated:
		w.Bands = bandsOf(b.Tiers.Tiers)
	case b.Tiers != nil && b.Tiers.Mode == TierEvery:
		w.Off = b.Tiers.Tiers[0].Off
	case b.Tiers != nil && d.ppm == 0:
		w.Off = v.money(d.raw)
	}
	switch {
	case w.PPM == 0 && w.Bands == nil:
	case r.phase == PhaseShipping:
		w.Rounding = RoundShipment
	case r.phase == PhasePrice:
		w.Rounding = RoundUnit
	case w.Each:
		w.Rounding = RoundLine
	default:
		w.Rounding = RoundSum
	}
}

// bandsOf returns tiers as ranges.
func bandsOf(tiers []Tier) []Band {
	bands := make([]Band, len(tiers))
	for i := range tiers {
		bands[i] = Band{From: tiers[i].at(), PPM: tiers[i].PPM}
		if i+1 < len(tiers) {
			bands[i].Until = tiers[i+1].at()
		}
	}
	return slices.DeleteFunc(bands, func(b Band) bool { return b.PPM == 0 })
}
