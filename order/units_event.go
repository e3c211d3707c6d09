package order

import (
	"slices"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// UnitsRefunded says which pieces of an order are refunded, and which part of
// each promotion its bearers get back. Without any, it gives back what the order
// had kept back of earlier ones. The money follows: [Refunded] tells when it has
// arrived.
type UnitsRefunded struct {
	Subject
	Lines []RefundedLine `json:"lines,omitempty"`
	// Delivery is what the delivery is worth; absent where it is not refunded.
	Delivery *RefundedWorth `json:"delivery,omitempty"`
	// Shares are those of each promotion, summed over all that is refunded.
	Shares []Adjustment `json:"shares,omitempty"`
	// ClawBacks are kept back, or given back where they are less than nothing.
	ClawBacks []ClawBack `json:"claw_backs,omitempty"`
	// Amount is what goes back to the buyer.
	Amount money.Money `json:"amount"`
}

// RefundedLine is so many pieces of a line, Before how many came back earlier.
type RefundedLine struct {
	Line     LineID       `json:"line"`
	SKU      ref.SKUID    `json:"sku"`
	Before   ref.Quantity `json:"before"`
	Quantity ref.Quantity `json:"quantity"`
	RefundedWorth
}

// RefundedWorth is in minor units of the refund's currency.
type RefundedWorth struct {
	List     int64 `json:"list"`
	Discount int64 `json:"discount"`
	Tax      int64 `json:"tax"`
	Gross    int64 `json:"gross"`
}

// EventName returns the wire name.
func (UnitsRefunded) EventName() string { return "order.units_refunded.v1" }

func unitsRefunded(sub Subject, r *UnitRefund) (UnitsRefunded, error) {
	out := UnitsRefunded{Subject: sub, ClawBacks: r.ClawBacks, Amount: r.Amount}
	plain := func(w *Worth) RefundedWorth {
		return RefundedWorth{List: w.List.Minor(), Discount: w.Discount.Minor(), Tax: w.Tax.Minor(), Gross: w.Gross.Minor()}
	}
	var all []Adjustment
	for i := range r.Lines {
		l := &r.Lines[i]
		out.Lines = append(out.Lines, RefundedLine{
			Line: l.Line, SKU: l.SKU, Before: l.Before, Quantity: l.Quantity, RefundedWorth: plain(&l.Worth),
		})
		all = append(all, l.Adjustments...)
	}
	if r.Delivery != nil {
		w := plain(r.Delivery)
		out.Delivery = &w
		all = append(all, r.Delivery.Adjustments...)
	}
	var err error
	out.Shares, err = sumShares(all)
	return out, err
}

// sumShares adds up the shares of each version of a promotion, in the order in
// which they first appear.
func sumShares(all []Adjustment) ([]Adjustment, error) {
	var out []Adjustment
	var err error
	for _, a := range all {
		i := slices.IndexFunc(out, func(o Adjustment) bool {
			return o.Promotion == a.Promotion && o.Version == a.Version && o.Coupon == a.Coupon
		})
		if i < 0 {
			a.Label, a.Bearers = "", slices.Clone(a.Bearers)
			out = append(out, a)
			continue
		}
		if out[i].Amount, err = out[i].Amount.Add(a.Amount); err != nil {
			return nil, err
		}
		for _, b := range a.Bearers {
			j := slices.IndexFunc(out[i].Bearers, func(o Bearer) bool { return o.Party == b.Party })
			if j < 0 {
				out[i].Bearers = append(out[i].Bearers, b)
			} else if out[i].Bearers[j].Amount, err = out[i].Bearers[j].Amount.Add(b.Amount); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
