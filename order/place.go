package order

import (
	"fmt"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// PlaceInput is what a group is made of: the outcome of a quote that the
// buyer agreed to. Amounts are taken as they are and checked, never computed
// anew.
type PlaceInput struct {
	ID          GroupID
	Member      ref.MemberID
	Guest       string
	Company     ref.CompanyID
	PurchaseRef string
	Channel     ref.ChannelID
	Currency    money.Currency
	Locale      ref.Locale
	Source      string
	Cart        ref.CartID
	CartVersion int64
	Quote       string
	Intent      ref.IntentID
	// PayBy is the deadline of the payment; zero for none.
	PayBy time.Time
	// Promoted says that promotions gave something; adjustments say it too.
	Promoted bool
	Orders   []PartInput
}

// PartInput is one merchant's part of a group.
type PartInput struct {
	ID       ID
	Merchant ref.MerchantID
	Lines    []Line
	Shipping Shipping
}

// New returns a group of pending, unpaid orders and the first entries of
// their histories; [Book.Place] gives it its numbers and stores it. Where
// nothing is to be paid in advance, call [Order.Confirm] before that and
// append its entries. Kinds: Invalid with every wrong field.
func New(in PlaceInput, c Cause) (Group, []Entry, error) {
	c, err := c.checked()
	if err != nil {
		return Group{}, nil, err
	}
	in.PayBy = clock.Normalize(in.PayBy)
	g := Group{
		ID: in.ID, Member: in.Member, Guest: in.Guest, Company: in.Company, PurchaseRef: in.PurchaseRef,
		Channel: in.Channel, Locale: in.Locale, Source: in.Source,
		Cart: in.Cart, CartVersion: in.CartVersion, Quote: in.Quote, Intent: in.Intent,
		Promoted: in.Promoted, Payable: money.Zero(in.Currency), PlacedAt: c.At,
		Orders: make([]Order, len(in.Orders)),
	}
	entries := make([]Entry, len(in.Orders))
	var v fault.Violations
	for i, part := range in.Orders {
		o := Order{
			ID: part.ID, Group: in.ID, Place: i, Merchant: part.Merchant,
			Member: in.Member, Guest: in.Guest, Channel: in.Channel, PlacedAt: c.At,
			State: StatePending, Payment: PaymentUnpaid, Deadline: in.PayBy,
			Lines: slices.Clone(part.Lines), Shipping: part.Shipping,
			Refunded: money.Zero(in.Currency), UpdatedAt: c.At, Steps: 1,
		}
		o = o.Clone()
		totals, err := o.sum(in.Currency)
		if err != nil {
			v.Add(fmt.Sprintf("orders[%d].total", i), "overflow", nil)
		}
		o.Totals = totals
		g.Promoted = g.Promoted || o.adjusted()
		g.Orders[i] = o
		entries[i] = Entry{
			Group: in.ID, Order: o.ID, Seq: 1, Cause: c, To: StatePending, PaymentTo: PaymentUnpaid,
			Amount: money.Zero(in.Currency),
		}
	}
	if err := v.Err("order.invalid", "the order group is not valid"); err != nil {
		return Group{}, nil, err
	}
	payable, err := sumTotals(in.Currency, g.Orders)
	if err != nil {
		return Group{}, nil, fault.Wrap(err, fault.Invalid, "order.invalid", "the order group is not valid").
			WithField("payable", "overflow", nil)
	}
	g.Payable = payable
	if err := g.Validate(); err != nil {
		return Group{}, nil, err
	}
	return g, entries, nil
}

// adjusted reports whether a promotion has a share in the order.
func (o *Order) adjusted() bool {
	return len(o.Shipping.Adjustments) > 0 ||
		slices.ContainsFunc(o.Lines, func(l Line) bool { return len(l.Adjustments) > 0 })
}

// sum returns the totals that follow from the lines and the delivery. An
// amount of another currency is left to Validate.
func (o *Order) sum(cur money.Currency) (Totals, error) {
	parts := make([]Amounts, 0, len(o.Lines)+1)
	for i := range o.Lines {
		parts = append(parts, o.Lines[i].Amounts)
	}
	parts = append(parts, o.Shipping.Amounts)

	t := Totals{ShippingFee: o.Shipping.List}
	var err error
	add := func(of func(Amounts) money.Money, from []Amounts) money.Money {
		all := make([]money.Money, len(from))
		for i := range from {
			all[i] = money.New(of(from[i]).Minor(), cur)
		}
		total, e := money.Sum(cur, all...)
		if err == nil {
			err = e
		}
		return total
	}
	t.Goods = add(func(a Amounts) money.Money { return a.List }, parts[:len(o.Lines)])
	t.Discount = add(func(a Amounts) money.Money { return a.Discount }, parts)
	t.Net = add(func(a Amounts) money.Money { return a.Net }, parts)
	t.Tax = add(func(a Amounts) money.Money { return a.Tax }, parts)
	t.Total = add(func(a Amounts) money.Money { return a.Gross }, parts)
	return t, err
}
