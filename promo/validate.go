package promo

import (
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Bounds of a promotion.
const (
	MaxList  = 1_000     // values of one list, such as the SKUs of a selector
	MaxDepth = 8         // of a condition tree and of nested exceptions
	MaxTree  = 100       // conditions and selectors of one promotion
	MaxUnits = 1_000_000 // any number of units or times
	maxText  = 200
)

// Validate returns everything that is wrong with a promotion, by field path.
// It is called before a promotion is saved; an evaluation refuses what does
// not pass, with the code [CodeInvalid]. Kinds: Invalid.
func (e *Engine) Validate(p *Promotion) error {
	c := checker{engine: e, promotion: p}
	c.check()
	return c.found.Err("promo.invalid", "the promotion is not valid")
}

// checker gathers what is wrong with one promotion.
type checker struct {
	engine    *Engine
	promotion *Promotion
	currency  money.Currency // of the first amount
	nodes     int
	first     string // path of the first wrong field
	found     fault.Violations
}

func (c *checker) check() {
	p := c.promotion
	if !ref.ValidID(string(p.ID)) {
		c.wrong(nil, "id", "required", nil)
	}
	if p.Version < 1 {
		c.wrong(nil, "version", "out_of_range", fault.Params{"min": 1})
	}
	if len(p.Name) > maxText || !ref.PlainText(p.Name) {
		c.wrong(nil, "name", "text", fault.Params{"max": maxText})
	}
	if p.Merchant != "" && !ref.ValidID(string(p.Merchant)) {
		c.wrong(nil, "merchant", "id", nil)
	}
	if !p.From.IsZero() && !p.Until.IsZero() && !p.From.Before(p.Until) {
		c.wrong(nil, "until", "not_after", fault.Params{"field": "from"})
	}
	c.redeem(p)
	c.size(nil, "channels", len(p.Channels))
	c.size(nil, "segments", len(p.Segments))
	lines := field(nil, "lines")
	c.selector(&lines, &p.Lines, true, 0)
	when := field(nil, "when")
	c.condition(&when, &p.When, false, 0)
	c.benefit(p)
	c.level(p)
	c.sharing(p)
	c.funding(p)
	c.limits(p)
	c.refund(p)
}

func (c *checker) redeem(p *Promotion) {
	switch p.Redeem {
	case RedeemNothing, RedeemCoupon:
		if p.Code != "" {
			c.wrong(nil, "code", "not_allowed", nil)
		}
	case RedeemCode:
		if !ref.ValidID(p.Code) {
			c.wrong(nil, "code", "required", nil)
		}
	default:
		c.wrong(nil, "redeem", "one_of", nil)
	}
}

// level wants a level that the benefit has.
func (c *checker) level(p *Promotion) {
	b := &p.Benefit
	var allowed [3]Level
	switch {
	case b.Percent != nil:
		allowed = [3]Level{LevelPrice, LevelLine, LevelOrder}
		if p.Level == LevelPrice && !b.Percent.Cap.IsZero() {
			c.wrong(nil, "benefit.percent.cap", "not_allowed", nil)
		}
	case b.Fixed != nil && b.Fixed.Per == PerUnit:
		allowed = [3]Level{LevelPrice, LevelLine}
	case b.Fixed != nil && b.Fixed.Per == PerLine:
		allowed = [3]Level{LevelLine}
	case b.Fixed != nil, b.Tiers != nil, b.Custom != nil:
		allowed = [3]Level{LevelLine, LevelOrder}
	case b.Price != nil:
		allowed = [3]Level{LevelPrice}
	case b.Bundle != nil, b.BuyGet != nil, b.Nth != nil:
		allowed = [3]Level{LevelLine}
	}
	if p.Level != "" && p.Level != allowed[0] && p.Level != allowed[1] && p.Level != allowed[2] {
		c.wrong(nil, "level", "not_for_benefit", nil)
	}
	if p.OnList && b.Percent == nil {
		c.wrong(nil, "on_list", "not_for_benefit", nil)
	}
}

func (c *checker) sharing(p *Promotion) {
	s := &p.Sharing
	up := field(nil, "sharing")
	switch s.Mode {
	case ShareAll, ShareNone:
		if len(s.Classes)+len(s.Owners)+len(s.Groups) > 0 {
			c.wrong(&up, "mode", "names_nobody", nil)
		}
	case ShareWith:
	default:
		c.wrong(&up, "mode", "one_of", nil)
	}
	for i, class := range s.Classes {
		switch class {
		case ClassPrice, ClassLine, ClassReduction, ClassCoupon, ClassShipping, ClassAfter:
		default:
			at := element(&up, "classes", i)
			c.wrongAt(&at, "one_of", nil)
		}
	}
	c.size(&up, "owners", len(s.Owners))
	c.size(&up, "groups", len(s.Groups))
	for i, id := range p.Groups {
		at := element(nil, "groups", i)
		if !ref.ValidID(string(id)) {
			c.wrongAt(&at, "id", nil)
		}
		for _, other := range p.Groups[:i] {
			if id == other {
				c.wrongAt(&at, "duplicate", nil)
			}
		}
	}
	c.size(nil, "groups", len(p.Groups))
}

func (c *checker) funding(p *Promotion) {
	if len(p.Funding) == 0 {
		return
	}
	sum := int64(0)
	for i := range p.Funding {
		f := &p.Funding[i]
		up := element(nil, "funding", i)
		switch f.Party {
		case PartySite, PartyMerchant, PartySupplier:
		default:
			c.wrong(&up, "party", "one_of", nil)
		}
		for _, other := range p.Funding[:i] {
			if other.Party == f.Party {
				c.wrong(&up, "party", "duplicate", nil)
			}
		}
		c.between(&up, "ppm", f.PPM, 1, money.Million)
		sum += min(max(f.PPM, 0), money.Million)
		c.optional(&up, "cap", f.Cap)
	}
	if len(p.Funding) > 3 || sum != money.Million {
		c.wrong(nil, "funding", "sum", fault.Params{"ppm": money.Million})
	}
}

func (c *checker) limits(p *Promotion) {
	up := field(nil, "limits")
	c.between(&up, "uses", p.Limits.Uses, 0, money.MaxMinor)
	c.between(&up, "per_member", p.Limits.PerMember, 0, money.MaxMinor)
	c.optional(&up, "budget", p.Limits.Budget)
	if p.Phase() == PhaseAfter && p.Limits.Budget.Sign() != 0 { // it takes nothing off that could use it up
		c.wrong(&up, "budget", "not_for_benefit", nil)
	}
}

func (c *checker) refund(p *Promotion) {
	switch p.OnPartialRefund {
	case RefundKeep:
	case RefundClawBack:
		if p.Phase() >= PhaseShipping {
			c.wrong(nil, "on_partial_refund", "not_for_benefit", nil)
		}
	case RefundReturnGift:
		if p.Benefit.Gift == nil {
			c.wrong(nil, "on_partial_refund", "not_for_benefit", nil)
		}
	default:
		c.wrong(nil, "on_partial_refund", "one_of", nil)
	}
}

func (c *checker) wrongAt(at *path, code string, params fault.Params) {
	c.found.Add(at.String(), code, params)
	if c.first == "" {
		c.first = at.String()
	}
}

func (c *checker) size(up *path, name string, n int) {
	if n > MaxList {
		c.wrong(up, name, "too_many", fault.Params{"max": MaxList})
	}
}

func (c *checker) between(up *path, name string, value, low, high int64) {
	if value < low || value > high {
		c.wrong(up, name, "out_of_range", fault.Params{"min": low, "max": high})
	}
}

// optional wants nothing, or an amount above zero.
func (c *checker) optional(up *path, name string, m money.Money) {
	if m != (money.Money{}) {
		c.positive(up, name, m)
	}
}

// positive wants an amount above zero, in the one currency of the promotion.
func (c *checker) positive(up *path, name string, m money.Money) {
	switch {
	case m.Sign() <= 0:
		c.wrong(up, name, "positive", nil)
	case m.Minor() > money.MaxMinor:
		c.wrong(up, name, "out_of_range", fault.Params{"max": money.MaxMinor})
	case c.currency == "":
		if !m.Currency().Valid() {
			c.wrong(up, name, "currency", nil)
		}
		c.currency = m.Currency()
	case m.Currency() != c.currency:
		c.wrong(up, name, "currency", fault.Params{"currency": c.currency})
	}
}

// node counts a condition or a selector.
func (c *checker) node(at *path, depth int) bool {
	c.nodes++
	if depth > MaxDepth || c.nodes > MaxTree {
		if c.nodes <= MaxTree+1 {
			c.wrongAt(at, "too_large", fault.Params{"depth": MaxDepth, "nodes": MaxTree})
		}
		return false
	}
	return true
}

func (c *checker) selector(at *path, s *Selector, own bool, depth int) {
	if !c.node(at, depth) {
		return
	}
	c.size(at, "skus", len(s.SKUs))
	c.size(at, "products", len(s.Products))
	c.size(at, "categories", len(s.Categories))
	c.size(at, "brands", len(s.Brands))
	c.size(at, "merchants", len(s.Merchants))
	c.size(at, "tags", len(s.Tags))
	c.size(at, "attributes", len(s.Attributes))
	for _, list := range []struct {
		name  string
		empty bool
	}{
		{"skus", s.SKUs != nil && len(s.SKUs) == 0},
		{"products", s.Products != nil && len(s.Products) == 0},
		{"categories", s.Categories != nil && len(s.Categories) == 0},
		{"brands", s.Brands != nil && len(s.Brands) == 0},
		{"merchants", s.Merchants != nil && len(s.Merchants) == 0},
		{"tags", s.Tags != nil && len(s.Tags) == 0},
	} {
		if list.empty { // which would not restrict anything: a list that was forgotten selects the whole shop
			c.wrong(at, list.name, "required", nil)
		}
	}
	for name, values := range s.Attributes {
		if name == "" || len(values) == 0 || len(values) > MaxList {
			c.wrong(at, "attributes", "required", fault.Params{"name": name})
		}
	}
	c.optional(at, "min_price", s.MinPrice)
	c.optional(at, "max_price", s.MaxPrice)
	if !s.MinPrice.IsZero() && !s.MaxPrice.IsZero() && s.MinPrice.Minor() > s.MaxPrice.Minor() {
		c.wrong(at, "max_price", "below_min", nil)
	}
	if s.NotDiscounted && !own {
		c.wrong(at, "not_discounted", "not_allowed", nil)
	}
	for i := range s.Except {
		except := element(at.kept(), "except", i)
		c.selector(&except, &s.Except[i], false, depth+1)
	}
}
