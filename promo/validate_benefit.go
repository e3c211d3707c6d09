package promo

import (
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

func (c *checker) benefit(p *Promotion) {
	b := &p.Benefit
	up := field(nil, "benefit")
	if b.kinds() != 1 {
		c.wrongAt(&up, "one_kind", nil)
		return
	}
	switch {
	case b.Percent != nil:
		at := field(&up, "percent")
		c.ppm(&at, b.Percent.PPM)
		c.optional(&at, "cap", b.Percent.Cap)
	case b.Fixed != nil:
		at := field(&up, "fixed")
		c.positive(&at, "off", b.Fixed.Off)
		switch b.Fixed.Per {
		case PerUnit, PerLine, PerOrder:
		default:
			c.wrong(&at, "per", "one_of", nil)
		}
	case b.Price != nil:
		at := field(&up, "price")
		c.positive(&at, "unit", b.Price.Unit)
	case b.Tiers != nil:
		at := field(&up, "tiers")
		c.tiers(&at, b.Tiers)
	case b.Bundle != nil:
		at := field(&up, "bundle")
		c.bundle(&at, b.Bundle)
	case b.BuyGet != nil:
		at := field(&up, "buy_get")
		c.buyGet(&at, b.BuyGet)
	case b.Nth != nil:
		at := field(&up, "nth")
		c.between(&at, "n", b.Nth.N, 2, MaxUnits)
		c.ppm(&at, b.Nth.PPM)
		c.between(&at, "times", b.Nth.Times, 0, MaxUnits)
		c.pick(&at, b.Nth.Pick)
	case b.Shipping != nil:
		at := field(&up, "shipping")
		c.shipping(&at, b.Shipping)
	case b.Gift != nil:
		at := field(&up, "gift")
		c.gift(&at, b.Gift)
	case b.Reward != nil:
		at := field(&up, "reward")
		c.reward(&at, b.Reward)
	case b.Custom != nil:
		at := field(&up, "custom")
		kind := c.engine.config.Benefits[b.Custom.Kind]
		c.custom(&at, b.Custom, kind != nil, kind)
	}
}

// kinds counts the fields that are set.
func (b *Benefit) kinds() int {
	n := 0
	for _, set := range [...]bool{
		b.Percent != nil, b.Fixed != nil, b.Price != nil, b.Tiers != nil, b.Bundle != nil, b.BuyGet != nil,
		b.Nth != nil, b.Shipping != nil, b.Gift != nil, b.Reward != nil, b.Custom != nil,
	} {
		if set {
			n++
		}
	}
	return n
}

func (c *checker) ppm(at *path, ppm int64) { c.between(at, "ppm", ppm, 1, money.Million) }

func (c *checker) pick(at *path, pick Pick) {
	if pick != PickCheapest && pick != PickDearest {
		c.wrong(at, "pick", "one_of", nil)
	}
}

func (c *checker) tiers(at *path, b *Tiers) {
	if b.By != ByAmount && b.By != ByQuantity {
		c.wrong(at, "by", "one_of", nil)
	}
	switch b.Mode {
	case TierStep, TierGraduated:
		if b.Times != 0 {
			c.wrong(at, "times", "not_allowed", nil)
		}
	case TierEvery:
		if len(b.Tiers) > 1 {
			c.wrong(at, "tiers", "too_many", fault.Params{"max": 1})
		}
	default:
		c.wrong(at, "mode", "one_of", nil)
	}
	if len(b.Tiers) == 0 {
		c.wrong(at, "tiers", "required", nil)
	}
	if len(b.Tiers) > 50 {
		c.wrong(at, "tiers", "too_many", fault.Params{"max": 50})
	}
	c.basis(at, b.Basis)
	c.between(at, "times", b.Times, 0, MaxUnits)
	c.optional(at, "cap", b.Cap)
	for i := range b.Tiers {
		up := element(at, "tiers", i)
		c.tier(&up, b, i)
	}
}

func (c *checker) tier(at *path, b *Tiers, i int) {
	t := &b.Tiers[i]
	none := money.Money{}
	if b.By == ByQuantity {
		c.between(at, "quantity", t.Quantity, 1, MaxUnits)
		if t.Amount != none {
			c.wrong(at, "amount", "not_allowed", nil)
		}
	} else {
		c.positive(at, "amount", t.Amount)
		if t.Quantity != 0 {
			c.wrong(at, "quantity", "not_allowed", nil)
		}
	}
	wantOff := b.Mode == TierEvery || b.Mode == TierStep && b.Tiers[0].PPM == 0
	if wantOff {
		c.positive(at, "off", t.Off)
		if t.PPM != 0 {
			c.wrong(at, "ppm", "not_allowed", nil)
		}
	} else {
		c.ppm(at, t.PPM)
		if t.Off != none {
			c.wrong(at, "off", "not_allowed", nil)
		}
	}
	if i == 0 {
		return
	}
	last := &b.Tiers[i-1]
	if t.Amount.Minor() < last.Amount.Minor() || t.Quantity < last.Quantity ||
		t.Amount.Minor() == last.Amount.Minor() && t.Quantity == last.Quantity ||
		t.Off.Minor() < last.Off.Minor() || t.PPM < last.PPM {
		c.wrongAt(at, "not_ascending", nil)
	}
}

func (c *checker) bundle(at *path, b *Bundle) {
	c.positive(at, "price", b.Price)
	c.between(at, "times", b.Times, 0, MaxUnits)
	if len(b.Parts) == 0 {
		c.wrong(at, "parts", "required", nil)
	}
	if len(b.Parts) > 20 {
		c.wrong(at, "parts", "too_many", fault.Params{"max": 20})
	}
	units := int64(0)
	for i := range b.Parts {
		up := element(at, "parts", i)
		c.between(&up, "quantity", b.Parts[i].Quantity, 1, MaxUnits)
		units += min(max(b.Parts[i].Quantity, 0), MaxUnits)
		of := field(&up, "of")
		c.selector(&of, &b.Parts[i].Of, false, 1)
	}
	if units == 1 {
		c.wrong(at, "parts", "out_of_range", fault.Params{"min": 2})
	}
}

func (c *checker) buyGet(at *path, b *BuyGet) {
	c.between(at, "buy", b.Buy, 1, MaxUnits)
	c.between(at, "get", b.Get, 1, MaxUnits)
	c.ppm(at, b.PPM)
	c.between(at, "times", b.Times, 0, MaxUnits)
	c.pick(at, b.Pick)
	if b.Of != nil {
		of := field(at, "of")
		c.selector(&of, b.Of, false, 1)
	}
}

func (c *checker) shipping(at *path, b *Shipping) {
	switch {
	case b.Off == money.Money{}:
		c.ppm(at, b.PPM)
	case b.PPM != 0:
		c.wrong(at, "ppm", "one_kind", nil)
	default:
		c.positive(at, "off", b.Off)
	}
	c.optional(at, "cap", b.Cap)
	c.size(at, "methods", len(b.Methods))
}

func (c *checker) gift(at *path, b *Gift) {
	if len(b.Items) == 0 {
		c.wrong(at, "items", "required", nil)
	}
	if len(b.Items) > 100 {
		c.wrong(at, "items", "too_many", fault.Params{"max": 100})
	}
	c.between(at, "choose", int64(b.Choose), 0, int64(len(b.Items)))
	for i := range b.Items {
		item := &b.Items[i]
		up := element(at, "items", i)
		if !ref.ValidID(string(item.SKU)) {
			c.wrong(&up, "sku", "required", nil)
		}
		if !item.Quantity.Valid() {
			c.wrong(&up, "quantity", "out_of_range", fault.Params{"min": 1})
		}
		c.positive(&up, "value", item.Value)
		for _, other := range b.Items[:i] {
			if other.SKU == item.SKU {
				c.wrong(&up, "sku", "duplicate", nil)
			}
		}
	}
}

func (c *checker) reward(at *path, b *Reward) {
	switch b.Kind {
	case RewardPoints:
	case RewardCoupon, RewardChance:
		if !ref.ValidID(b.Of) {
			c.wrong(at, "of", "required", nil)
		}
	default:
		c.wrong(at, "kind", "one_of", nil)
	}
	c.between(at, "count", b.Count, 1, MaxUnits)
	c.between(at, "max", b.Max, 0, money.MaxMinor)
	c.optional(at, "every", b.Every)
}
