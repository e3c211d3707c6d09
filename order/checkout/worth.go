package checkout

import (
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo"
)

// WorthOf returns what count pieces of a line are worth after before were
// refunded: their list price, less their shares of the adjustments as
// [promo.Sold.Reverse] has them, with the tax that falls on it. The shares of
// all pieces sum to the amounts of the line, whatever the parts. Kinds:
// Exhausted, code "order.over_return", where there are not as many pieces.
func WorthOf(l *order.Line, before, count ref.Quantity) (order.Worth, error) {
	if before < 0 || count < 1 || before > l.Quantity || count > l.Quantity-before {
		return order.Worth{}, fault.New(fault.Exhausted, "order.over_return", "not as much is left that was not refunded").
			With("line", string(l.ID)).With("left", l.Quantity-before)
	}
	sold := promo.Sold{Lines: []promo.SoldLine{{
		ID: l.ID, Quantity: l.Quantity, Unit: l.UnitPrice, Allocations: allocations(l.Adjustments),
	}}}
	part := promo.Return{Line: l.ID, Before: before, Quantity: count}
	reversed, err := sold.Reverse(part)
	if err != nil {
		return order.Worth{}, err
	}
	now := reversed.Parts[0]
	w := order.Worth{List: now.List, Adjustments: adjustments(now.Allocations)}
	if w.Discount, err = now.List.Sub(now.Refund); err != nil {
		return order.Worth{}, err
	}
	earlier := int64(0)
	if before > 0 {
		first, err := sold.Reverse(promo.Return{Line: l.ID, Quantity: before})
		if err != nil {
			return order.Worth{}, err
		}
		earlier = first.Refund.Minor()
	}
	// The tax goes by what was charged, not by pieces: a piece that a discount
	// left for nothing bears none.
	w.Tax = money.Zero(l.Tax.Currency())
	if base := l.List.Minor() - l.Discount.Minor(); base > 0 {
		if w.Tax, err = promo.UnitShare(l.Tax, ref.Quantity(earlier), ref.Quantity(now.Refund.Minor()), ref.Quantity(base)); err != nil {
			return order.Worth{}, err
		}
	}
	w.Gross = now.Refund
	if !l.Inclusive {
		if w.Gross, err = now.Refund.Add(w.Tax); err != nil {
			return order.Worth{}, err
		}
	}
	return w, nil
}

// unitsOf returns what an input asks for, with what it is worth.
func unitsOf(o *order.Order, in RefundInput) (order.UnitRefund, error) {
	u := order.UnitRefund{Key: in.Key, Withdrawn: in.Withdrawn, Amount: money.Zero(o.Total.Currency())}
	for _, want := range in.Lines {
		l, err := o.Line(want.Line)
		if err != nil {
			return order.UnitRefund{}, err
		}
		w, err := WorthOf(l, l.Returned, want.Quantity)
		if err != nil {
			return order.UnitRefund{}, err
		}
		u.Lines = append(u.Lines, order.RefundedUnits{
			Line: l.ID, SKU: l.SKU, Before: l.Returned, Quantity: want.Quantity, Worth: w,
		})
	}
	if in.Delivery {
		a := o.Shipping.Clone()
		for i := range a.Adjustments {
			a.Adjustments[i].Label = ""
		}
		u.Delivery = &order.Worth{List: a.List, Discount: a.Discount, Tax: a.Tax, Gross: a.Gross, Adjustments: a.Adjustments}
	}
	return u, nil
}

// allocations are the adjustments of a line as the engine knows them; the
// parties are taken as they are.
func allocations(in []order.Adjustment) []promo.Allocation {
	out := make([]promo.Allocation, len(in))
	for i, a := range in {
		out[i] = promo.Allocation{Promotion: a.Promotion, Version: a.Version, Coupon: a.Coupon, Amount: a.Amount}
		for _, b := range a.Bearers {
			out[i].Bearers = append(out[i].Bearers, promo.Bearer{Party: promo.Party(b.Party), Amount: b.Amount})
		}
	}
	return out
}

func adjustments(in []promo.Allocation) []order.Adjustment {
	var out []order.Adjustment
	for _, a := range in {
		adj := order.Adjustment{Promotion: a.Promotion, Version: a.Version, Coupon: a.Coupon, Amount: a.Amount}
		for _, b := range a.Bearers {
			adj.Bearers = append(adj.Bearers, order.Bearer{Party: string(b.Party), Amount: b.Amount})
		}
		out = append(out, adj)
	}
	return out
}
