package shop

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/order"
)

// refundWords are the names of what refunds of an order group are about.
type refundWords struct {
	currency  money.Currency
	titles    map[order.LineID]string
	inclusive map[order.LineID]bool
	offers    map[ref.PromotionID]string
}

func refundWordsOf(g *order.Group) refundWords {
	w := refundWords{g.Currency(), map[order.LineID]string{}, map[order.LineID]bool{}, map[ref.PromotionID]string{}}
	name := func(all []order.Adjustment) {
		for _, a := range all {
			w.offers[a.Promotion] = a.Label
		}
	}
	for i := range g.Orders { // an offer may be kept back of one that it gave nothing on
		for j := range g.Orders[i].Lines {
			l := &g.Orders[i].Lines[j]
			w.titles[l.ID], w.inclusive[l.ID] = l.Title, l.Inclusive
			name(l.Adjustments)
		}
		name(g.Orders[i].Shipping.Adjustments)
	}
	return w
}

// of tells what went back of an order piece by piece, with the shares of the
// promotions that were frozen with it.
func (w *refundWords) of(o *order.Order, history []order.Entry) []view.RefundNote {
	var out []view.RefundNote
	for i := range history {
		if u := history[i].Units; u != nil && history[i].Order == o.ID {
			out = append(out, w.note(u, history[i].At))
		}
	}
	return out
}

// note tells what goes back by one refund.
func (w *refundWords) note(u *order.UnitRefund, at time.Time) view.RefundNote {
	n := view.RefundNote{At: at, Amount: u.Amount, Delivery: money.Zero(w.currency)}
	for j := range u.Lines {
		l := &u.Lines[j]
		line := view.RefundLine{Title: w.titles[l.Line], Quantity: int64(l.Quantity), List: l.List, Tax: money.Zero(w.currency), Worth: l.Gross}
		if !w.inclusive[l.Line] {
			line.Tax = l.Tax
		}
		for _, a := range l.Adjustments {
			line.Shares = append(line.Shares, view.Saving{Name: w.offers[a.Promotion], Off: a.Amount})
		}
		n.Lines = append(n.Lines, line)
	}
	if u.Delivery != nil {
		n.Delivery = u.Delivery.Gross
	}
	for _, c := range u.ClawBacks {
		switch c.Amount.Sign() {
		case 1:
			n.ClawBacks = append(n.ClawBacks, view.Saving{Name: w.offers[c.Promotion], Off: c.Amount})
		case -1:
			n.GivenBack = append(n.GivenBack, view.Saving{Name: w.offers[c.Promotion], Off: c.Amount.Neg()})
		}
	}
	return n
}
