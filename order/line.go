package order

import (
	"slices"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Line is one line of an order, frozen when the order was placed: what is
// archived, renamed or repriced later changes nothing here.
type Line struct {
	ID      LineID
	SKU     ref.SKUID
	Product ref.ProductID
	// Tag keeps lines of one SKU apart, as in the cart.
	Tag string

	// Code, Title, Options and Picture are what the buyer saw, in the group's
	// locale.
	Code    string
	Title   string
	Options []Option
	Picture string

	Quantity ref.Quantity
	// Returned is how many of the pieces were refunded, see [Order.RefundUnits].
	Returned ref.Quantity
	// UnitPrice is the list price of one piece; PriceVersion is its version.
	UnitPrice    money.Money
	PriceVersion int64
	// TaxClass names the class that the rate was found by.
	TaxClass    string
	WeightGrams int64
	// Gift is the promotion that gave the line, all of whose List is taken off;
	// empty for what the buyer chose.
	Gift ref.PromotionID

	Amounts
}

// Option is one chosen value of a product's option: "Colour", "red".
type Option struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Shipping is the delivery of one order. It is charged and refunded like a
// line.
type Shipping struct {
	// Method is the code of the delivery method; empty where nothing is
	// delivered. Label is the key of its name.
	Method   string
	Label    string
	TaxClass string
	// Returned says that it was refunded by itself.
	Returned bool

	Amounts
}

// Amounts is how the price of a line or a delivery came about.
//
//	List - Discount = Gross where Inclusive, Net where not
//	Net + Tax       = Gross
type Amounts struct {
	// List is the amount before any promotion.
	List money.Money
	// Discount is the sum of the adjustments, from 0 to List.
	Discount money.Money
	Net      money.Money
	Tax      money.Money
	// Gross is what the buyer pays.
	Gross money.Money
	// RatePPM is the tax rate in parts per million: 200000 is 20 %.
	RatePPM int64
	// Inclusive says that List contains the tax.
	Inclusive bool
	// Adjustments are the promotions' shares, frozen for ever: a refund reads
	// them and never asks the promotions again.
	Adjustments []Adjustment
}

// Adjustment is the share of one promotion in one line or delivery.
type Adjustment struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	// Coupon is the claimed coupon that brought it; empty without one.
	Coupon ref.CouponID `json:"coupon,omitempty"`
	// Label is the promotion's name as the buyer saw it.
	Label string `json:"label,omitempty"`
	// Amount is what it takes off: more than 0.
	Amount money.Money `json:"amount"`
	// Bearers say who pays for it; their amounts add up to Amount.
	Bearers []Bearer `json:"bearers"`
}

// Bearer is a party that pays for a part of an adjustment.
type Bearer struct {
	// Party is "platform", "merchant:<id>" or "supplier:<id>", and in a claw-back
	// "tax" for the tax on what these get, where prices are without it.
	Party  string      `json:"party"`
	Amount money.Money `json:"amount"`
}

// ClawBack is what a refund keeps back for an offer that what is kept would not
// have earned, or gives back of what earlier refunds kept: an entry of its own,
// which leaves the adjustments of the kept pieces as they are.
type ClawBack struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	// Amount is kept back of the refund; where it is less than 0, it is given
	// back with it. It is 0 where only the bearers change.
	Amount money.Money `json:"amount"`
	// Bearers get it back, or give it: their amounts, none of them 0, add up to
	// Amount. What a bearer got of a promotion in all is never less than 0.
	Bearers []Bearer `json:"bearers"`
	// Gift says that it is the value of a gift that was not returned.
	Gift bool `json:"gift,omitempty"`
}

// Clone returns a copy that shares nothing mutable with l.
func (l Line) Clone() Line {
	l.Options = slices.Clone(l.Options)
	l.Amounts = l.Amounts.Clone()
	return l
}

// Clone returns a copy that shares nothing mutable with s.
func (s Shipping) Clone() Shipping {
	s.Amounts = s.Amounts.Clone()
	return s
}

// Clone returns a copy that shares nothing mutable with a.
func (a Amounts) Clone() Amounts {
	a.Adjustments = cloneAdjustments(a.Adjustments)
	return a
}

func cloneAdjustments(in []Adjustment) []Adjustment {
	out := slices.Clone(in)
	for i := range out {
		out[i].Bearers = slices.Clone(out[i].Bearers)
	}
	return out
}
