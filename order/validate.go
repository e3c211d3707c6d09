package order

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Bounds of what a group holds.
const (
	MaxOrders      = 500
	MaxLines       = 10_000 // of a group
	MaxAdjustments = 64     // of a line
	MaxText        = 500    // bytes of a title, an option, a picture's address
	MaxReference   = 100    // bytes of the buyer's own reference
	MaxReason      = 64     // bytes of a reason
)

// Validate reports, as one Invalid fault, everything in which the group
// contradicts itself: the sums of the lines are the orders' totals, theirs is
// the payable, and what was refunded was paid.
func (g *Group) Validate() error {
	c := &checker{cur: g.Currency()}
	c.id("id", string(g.ID), true)
	if (g.Member == "") == (g.Guest == "") {
		c.Add("member", "required", nil)
	}
	c.id("member", string(g.Member), false)
	c.text("guest", g.Guest, MaxText)
	c.id("company", string(g.Company), false)
	c.text("purchase_ref", g.PurchaseRef, MaxReference)
	c.id("channel", string(g.Channel), true)
	c.text("source", g.Source, MaxReason)
	c.text("locale", string(g.Locale), MaxReason)
	c.id("cart", string(g.Cart), false)
	c.text("quote", g.Quote, MaxText)
	c.id("intent", string(g.Intent), false)
	if !c.cur.Valid() {
		c.Add("currency", "malformed", nil)
	}
	switch n := len(g.Orders); {
	case n == 0:
		c.Add("orders", "required", nil)
	case n > MaxOrders:
		c.Add("orders", "too_many", fault.Params{"max": MaxOrders})
	}
	seen, lines := map[ID]bool{}, 0
	for i := range g.Orders {
		o := &g.Orders[i]
		path := fmt.Sprintf("orders[%d]", i)
		if seen[o.ID] {
			c.Add(path+".id", "duplicate", nil)
		}
		seen[o.ID] = true
		lines += len(o.Lines)
		if o.Place != i {
			c.Add(path+".place", "mismatch", nil)
		}
		c.order(path, g, o)
	}
	if lines > MaxLines {
		c.Add("lines", "too_many", fault.Params{"max": MaxLines})
	}
	if sum, err := sumTotals(c.cur, g.Orders); err != nil || !sum.Equal(g.Payable) {
		c.Add("payable", "sum", nil)
	}
	c.money("payable", g.Payable)
	return c.Err("order.invalid", "the order group is not valid")
}

// checker gathers the violations of a group in one currency.
type checker struct {
	fault.Violations
	cur money.Currency
}

func (c *checker) order(path string, g *Group, o *Order) {
	c.id(path+".id", string(o.ID), true)
	c.id(path+".merchant", string(o.Merchant), true)
	if o.Group != g.ID || o.Member != g.Member || o.Guest != g.Guest || o.Channel != g.Channel ||
		!o.PlacedAt.Equal(g.PlacedAt) {
		c.Add(path+".group", "mismatch", nil)
	}
	if len(o.Lines) == 0 {
		c.Add(path+".lines", "required", nil)
	}
	ids := map[LineID]bool{}
	for i := range o.Lines {
		l := &o.Lines[i]
		at := fmt.Sprintf("%s.lines[%d]", path, i)
		if ids[l.ID] {
			c.Add(at+".id", "duplicate", nil)
		}
		ids[l.ID] = true
		c.line(at, l)
	}
	c.text(path+".shipping.method", o.Shipping.Method, MaxReason)
	c.text(path+".shipping.label", o.Shipping.Label, MaxText)
	c.text(path+".shipping.tax_class", o.Shipping.TaxClass, MaxReason)
	c.amounts(path+".shipping", &o.Shipping.Amounts)
	if sum, err := o.sum(c.cur); err != nil || sum != o.Totals {
		c.Add(path+".total", "sum", nil)
	}
	if c.money(path+".refunded", o.Refunded) && o.Refunded.Minor() > o.Total.Minor() {
		c.Add(path+".refunded", "out_of_range", nil)
	}
}

func (c *checker) line(path string, l *Line) {
	c.id(path+".id", string(l.ID), true)
	c.id(path+".sku", string(l.SKU), true)
	c.id(path+".product", string(l.Product), true)
	c.text(path+".tag", l.Tag, MaxText)
	c.text(path+".code", l.Code, MaxText)
	c.text(path+".title", l.Title, MaxText)
	c.text(path+".picture", l.Picture, MaxText)
	c.text(path+".tax_class", l.TaxClass, MaxReason)
	for i, o := range l.Options {
		c.text(fmt.Sprintf("%s.options[%d].name", path, i), o.Name, MaxText)
		c.text(fmt.Sprintf("%s.options[%d].value", path, i), o.Value, MaxText)
	}
	c.returned(path, l)
	if !l.Quantity.Valid() {
		c.Add(path+".quantity", "out_of_range", fault.Params{"min": 1, "max": ref.MaxQuantity})
	}
	c.id(path+".gift", string(l.Gift), false)
	if l.Gift != "" && !l.Discount.Equal(l.List) {
		c.Add(path+".gift", "mismatch", nil)
	}
	if l.WeightGrams < 0 {
		c.Add(path+".weight_grams", "out_of_range", nil)
	}
	if c.money(path+".unit_price", l.UnitPrice) {
		if list, err := l.UnitPrice.Mul(int64(l.Quantity)); err != nil || !list.Equal(l.List) {
			c.Add(path+".list", "sum", nil)
		}
	}
	c.amounts(path, &l.Amounts)
}

func (c *checker) amounts(path string, a *Amounts) {
	ok := true
	for _, f := range []struct {
		name string
		m    money.Money
	}{{"list", a.List}, {"discount", a.Discount}, {"net", a.Net}, {"tax", a.Tax}, {"gross", a.Gross}} {
		ok = c.money(path+"."+f.name, f.m) && ok
	}
	if a.RatePPM < 0 {
		c.Add(path+".rate_ppm", "out_of_range", nil)
	}
	if len(a.Adjustments) > MaxAdjustments {
		c.Add(path+".adjustments", "too_many", fault.Params{"max": MaxAdjustments})
	}
	discount := money.Zero(c.cur)
	for i := range a.Adjustments {
		adj := &a.Adjustments[i]
		at := fmt.Sprintf("%s.adjustments[%d]", path, i)
		c.adjustment(at, adj)
		sum, err := discount.Add(adj.Amount)
		if err != nil {
			c.Add(at+".amount", "overflow", nil)
			continue
		}
		discount = sum
	}
	if !ok {
		return
	}
	if !discount.Equal(a.Discount) {
		c.Add(path+".discount", "sum", nil)
	}
	if a.Discount.Minor() > a.List.Minor() {
		c.Add(path+".discount", "out_of_range", nil)
	}
	base := a.Net
	if a.Inclusive {
		base = a.Gross
	}
	if a.List.Minor()-a.Discount.Minor() != base.Minor() {
		c.Add(path+".net", "sum", nil)
	}
	if sum, err := a.Net.Add(a.Tax); err != nil || !sum.Equal(a.Gross) {
		c.Add(path+".gross", "sum", nil)
	}
}

func (c *checker) adjustment(path string, a *Adjustment) {
	c.id(path+".promotion", string(a.Promotion), true)
	c.id(path+".coupon", string(a.Coupon), false)
	c.text(path+".label", a.Label, MaxText)
	if c.money(path+".amount", a.Amount) && a.Amount.IsZero() {
		c.Add(path+".amount", "out_of_range", nil)
	}
	borne := money.Zero(c.cur)
	for i, b := range a.Bearers {
		at := fmt.Sprintf("%s.bearers[%d]", path, i)
		if b.Party == "" {
			c.Add(at+".party", "required", nil)
		}
		c.text(at+".party", b.Party, MaxText)
		sum, err := borne.Add(b.Amount)
		if err != nil || b.Amount.Sign() < 0 {
			c.Add(at+".amount", "out_of_range", nil)
			continue
		}
		borne = sum
	}
	if !borne.Equal(a.Amount) {
		c.Add(path+".bearers", "sum", nil)
	}
}

// money checks that an amount is of the group's currency and not negative.
func (c *checker) money(path string, m money.Money) bool {
	switch {
	case m.Currency() != c.cur:
		c.Add(path, "currency", fault.Params{"want": string(c.cur)})
	case m.Sign() < 0 || m.Minor() > money.MaxMinor:
		c.Add(path, "out_of_range", fault.Params{"min": 0, "max": money.MaxMinor})
	default:
		return true
	}
	return false
}

func (c *checker) id(path, id string, required bool) {
	if id == "" && required {
		c.Add(path, "required", nil)
		return
	}
	c.text(path, id, 64)
}

func (c *checker) text(path, s string, limit int) {
	switch {
	case len(s) > limit:
		c.Add(path, "too_long", fault.Params{"max": limit})
	case !storable(s):
		c.Add(path, "malformed", nil)
	}
}

// storable reports whether every backend keeps s as it is.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
