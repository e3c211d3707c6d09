package shop

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
)

func (v *visit) orders() error {
	in, err := web.ReadQuery(v.r)
	if err != nil {
		return err
	}
	p := view.Orders{Chrome: v.chrome()}
	if !v.owns() {
		return v.show(p)
	}
	list, err := v.Market.Orders.List(v.ctx(), v.scope, order.Query{Channel: v.channel.ID}, page.Request{
		After: page.Cursor(in["after"]), Limit: perPage,
	})
	if err != nil {
		return err
	}
	p.Orders = v.orderCards(list.Items)
	p.Next, p.Start = pager(v.r.URL, string(list.Next))
	return v.show(p)
}

func (v *visit) orderCards(orders []order.Order) []view.OrderCard {
	cards := make([]view.OrderCard, len(orders))
	for i := range orders {
		o := &orders[i]
		c := view.OrderCard{
			Number: o.Number, Href: v.orderHref(o.Group), PlacedAt: o.PlacedAt, Total: o.Total,
			State: string(o.State), Payment: string(o.Payment), Saved: money.Zero(o.Total.Currency()),
		}
		sums, shown := newSum(o.Total.Currency()), view.Summary{Saved: c.Saved}
		if sums.take(o.Lines, &o.Shipping); sums.show(&shown, nil) == nil {
			c.Saved = shown.Saved
		}
		for j := range o.Lines {
			c.Pieces += int64(o.Lines[j].Quantity)
			if len(c.Pictures) < 4 {
				c.Pictures = append(c.Pictures, pictureOr(o.Lines[j].Picture))
			}
		}
		cards[i] = c
	}
	return cards
}

func (f *front) orderHref(id ref.GroupID) string { return f.base + "/orders/" + string(id) }

// group returns the order group in the address, if it is the visitor's.
func (v *visit) group() (order.Group, error) {
	id, err := v.id("id")
	if err != nil {
		return order.Group{}, err
	}
	if !v.owns() {
		return order.Group{}, errNowhere()
	}
	return v.Market.Orders.Get(v.ctx(), v.scope, ref.GroupID(id))
}

func (v *visit) order() error {
	g, err := v.group()
	if err != nil {
		return err
	}
	p, err := v.orderPage(&g)
	if err != nil {
		return err
	}
	return v.showPart(http.StatusOK, p, "order_panel")
}

func (v *visit) orderPage(g *order.Group) (view.Order, error) {
	p := view.Order{
		Chrome: v.chrome(), Number: g.Number, Href: v.orderHref(g.ID), PlacedAt: g.PlacedAt, Purchase: g.PurchaseRef,
		State: string(stateOf(g)), Payment: string(paymentOf(g)), Refunded: money.Zero(g.Currency()),
	}
	intent, err := v.Market.Payments.Get(v.ctx(), v.scope, g.Intent)
	if err != nil {
		return p, err
	}
	v.paying(&p, g, &intent)
	personal, err := v.Market.Orders.Personal(v.ctx(), v.scope, g.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return p, err
	}
	if !personal.ShipTo.IsZero() {
		a := shownAddress(personal.ShipTo, v.Renderer.Texts(v.channel.Locale))
		p.Address = &a
	}
	history, err := v.Market.Orders.History(v.ctx(), v.scope, g.ID)
	if err != nil {
		return p, err
	}
	if err := v.parts(&p, g, history); err != nil {
		return p, err
	}
	var thanks ref.GroupID
	if v.sessions.Get(v.ctx(), keyThanks, &thanks) && thanks == g.ID && p.PayHref == "" && !p.Waiting {
		v.sessions.Drop(v.ctx(), keyThanks)
		p.Thanks = p.State != string(order.StateCanceled)
	}
	return p, nil
}

// paying says how the payment stands and what the buyer can do.
func (v *visit) paying(p *view.Order, g *order.Group, in *payment.Intent) {
	last, tried := in.Last()
	if tried {
		p.Method = "method." + last.Gateway
	}
	payBy, waits := g.PayBy()
	if !waits || !tried {
		return
	}
	p.PayBy = payBy
	for _, name := range []string{"holder", "account", "bank", "reference"} {
		if value := last.Action.Params[name]; value != "" && last.Action.Kind == payment.ActionShow {
			p.Transfer = append(p.Transfer, view.Pair{Name: v.text("transfer." + name), Value: value})
		}
	}
	switch last.State {
	case payment.AttemptSent, payment.AttemptUnknown:
		p.Waiting = true
	case payment.AttemptPending:
		p.Waiting = v.immediate(last.Gateway)
	case payment.AttemptActionRequired:
		if last.Action.Kind != payment.ActionShow {
			p.PayHref = v.orderHref(g.ID) + "/pay"
		}
	case payment.AttemptNew, payment.AttemptAuthorized, payment.AttemptCaptured, payment.AttemptDeclined, payment.AttemptClosed:
		p.Declined = last.State == payment.AttemptDeclined && in.State.Alive()
		if in.State.Alive() {
			p.PayHref = v.orderHref(g.ID) + "/pay"
		}
	}
}

// immediate reports whether a gateway answers within moments.
func (v *visit) immediate(code string) bool {
	for _, c := range v.Market.Payments.Gateways() {
		if c.Code == code {
			return c.Terms != payment.TermsTransfer && c.Terms != payment.TermsOnDelivery
		}
	}
	return true
}

// parts adds each merchant's order and the sums.
func (v *visit) parts(p *view.Order, g *order.Group, history []order.Entry) error {
	var merchants []ref.MerchantID
	var products []ref.ProductID
	for i := range g.Orders {
		merchants = append(merchants, g.Orders[i].Merchant)
		for j := range g.Orders[i].Lines {
			products = append(products, g.Orders[i].Lines[j].Product)
		}
	}
	names, err := v.names(v.ctx(), merchants...)
	if err != nil {
		return err
	}
	links := map[ref.ProductID]string{}
	if g.Channel == v.channel.ID {
		if links, err = v.links(products); err != nil {
			return err
		}
	}
	p.Summary, err = summaryOf(g)
	told := refundWordsOf(g)
	for i := range g.Orders {
		o := &g.Orders[i]
		part := view.OrderPart{
			Number: o.Number, Merchant: names[o.Merchant], State: string(o.State), Payment: string(o.Payment),
			Shipping: less(o.Shipping.List, o.Shipping.Discount), ShippingBefore: before(&o.Shipping.Amounts),
			Tax: money.Zero(g.Currency()), Total: o.Total, Delivery: o.Shipping.Label, Timeline: timeline(o, history), Refunds: told.of(o, history),
		}
		own := newTally(g.Currency())
		for j := range o.Lines {
			if o.Lines[j].Gift == "" {
				own.add(o.Lines[j].Adjustments)
			}
		}
		own.add(o.Shipping.Adjustments)
		part.Savings = own.list(nil)
		for j := range o.Lines {
			part.Lines = append(part.Lines, summaryLine(&o.Lines[j], links[o.Lines[j].Product]))
		}
		if o.Cancellable() {
			p.CancelHref = p.Href + "/cancel"
			if len(g.Orders) > 1 {
				part.CancelHref = p.Href + "/parts/" + string(o.ID) + "/cancel"
			}
		}
		if !p.Summary.TaxIncluded {
			part.Tax = o.Tax
		}
		if err == nil {
			p.Refunded, err = p.Refunded.Add(o.Refunded)
		}
		p.Parts = append(p.Parts, part)
	}
	return err
}

// summaryOf adds an order group up.
func summaryOf(g *order.Group) (view.Summary, error) {
	zero := money.Zero(g.Currency())
	s := view.Summary{ShippingKnown: true, Tax: zero, Total: g.Payable, Saved: zero}
	sums := newSum(g.Currency())
	for i := range g.Orders {
		o := &g.Orders[i]
		sums.take(o.Lines, &o.Shipping)
		sums.add(&s.Tax, o.Tax)
		for j := range o.Lines {
			s.Pieces += int64(o.Lines[j].Quantity)
			s.TaxIncluded = o.Lines[j].Inclusive
		}
	}
	return s, sums.show(&s, nil)
}

// stateOf sums the orders' states up: the one they share, else "part_canceled"
// where some are canceled, else "mixed".
func stateOf(g *order.Group) order.State {
	s, canceled := g.Orders[0].State, false
	for i := range g.Orders {
		canceled = canceled || g.Orders[i].State == order.StateCanceled
		if g.Orders[i].State != s {
			s = "mixed"
		}
	}
	if s == "mixed" && canceled {
		return "part_canceled"
	}
	return s
}

// paymentOf sums the orders' payments up.
func paymentOf(g *order.Group) order.PaymentState {
	var seen []order.PaymentState
	for i := range g.Orders {
		if s := g.Orders[i].Payment; !slices.Contains(seen, s) {
			seen = append(seen, s)
		}
	}
	if len(seen) == 1 {
		return seen[0]
	}
	for _, s := range []order.PaymentState{order.PaymentPartiallyRefunded, order.PaymentRefunded} {
		if slices.Contains(seen, s) {
			return order.PaymentPartiallyRefunded
		}
	}
	return order.PaymentPaid
}

// timeline tells an order's life: what happened, then what is to come.
func timeline(o *order.Order, history []order.Entry) []view.Moment {
	var out []view.Moment
	happened := func(key string, at time.Time, bad bool) {
		out = append(out, view.Moment{Key: "moment." + key, At: at, Bad: bad})
	}
	happened("placed", o.PlacedAt, false)
	for i := range history {
		e := &history[i]
		if e.Order != o.ID {
			continue
		}
		if e.PaymentFrom != e.PaymentTo {
			switch e.PaymentTo {
			case order.PaymentPaid:
				happened("paid", e.At, false)
			case order.PaymentRefunded, order.PaymentPartiallyRefunded:
				happened("refunded", e.At, false)
			case order.PaymentUnpaid:
			}
		}
		if e.From != e.To && e.From != "" {
			switch e.To {
			case order.StateConfirmed:
				if e.PaymentFrom == e.PaymentTo {
					happened("confirmed", e.At, false)
				}
			case order.StateShipped, order.StateCompleted:
				happened(string(e.To), e.At, false)
			case order.StateCanceling, order.StateCanceled:
				happened(string(e.To), e.At, true)
			case order.StatePending:
			}
		}
	}
	out[len(out)-1].Now = true
	switch o.State {
	case order.StatePending:
		out = append(out, view.Moment{Key: "moment.paid"}, view.Moment{Key: "moment.shipped"}, view.Moment{Key: "moment.completed"})
	case order.StateConfirmed:
		out = append(out, view.Moment{Key: "moment.shipped"}, view.Moment{Key: "moment.completed"})
	case order.StateShipped:
		out = append(out, view.Moment{Key: "moment.completed"})
	case order.StateCompleted, order.StateCanceling, order.StateCanceled:
	}
	return out
}

// postOrderPay leads to the payment: the one that waits for the buyer, or a
// new try after one that failed.
func (v *visit) postOrderPay() error {
	if _, err := web.ReadForm(v.r); err != nil {
		return err
	}
	g, err := v.group()
	if err != nil {
		return err
	}
	intent, err := v.Market.Payments.Get(v.ctx(), v.scope, g.Intent)
	if err != nil {
		return err
	}
	last, tried := intent.Last()
	if payAddress(intent) == "" && tried && intent.State.Alive() {
		intent, err = v.Market.Payments.Retry(v.ctx(), v.scope, payment.RetryInput{
			Intent: intent.ID, After: last.ID, Gateway: last.Gateway, Instruction: last.Instruction,
		})
		if err != nil {
			return err
		}
	}
	return v.redirect(v.onwards(g.ID, intent))
}

// postOrderCancel cancels the whole group, or one merchant's order of it.
func (v *visit) postOrderCancel() error {
	if _, err := web.ReadForm(v.r); err != nil {
		return err
	}
	g, err := v.group()
	if err != nil {
		return err
	}
	in := checkout.CancelInput{Group: g.ID, Reason: "changed_mind"}
	if v.r.PathValue("part") != "" {
		id, err := v.id("part")
		if err != nil {
			return err
		}
		in.Orders = []order.ID{order.ID(id)}
	}
	done, err := v.Market.Checkout.Cancel(v.ctx(), v.scope, in)
	switch {
	case fault.CodeOf(err) == "checkout.offer_lost":
		v.tell(view.Warn, "order.offer_lost", nil)
		return v.redirect(v.orderHref(g.ID))
	case err != nil:
		return fmt.Errorf("cancel: %w", err)
	}
	for _, r := range done.Refunds {
		if _, err := v.Market.Payments.SendRefund(v.ctx(), v.scope, r.ID); err != nil {
			v.Log.WarnContext(v.ctx(), "a worker sends the refund", "refund", r.ID, "error", err)
		}
	}
	v.tell(view.Info, canceled(&done, in.Orders), nil)
	return v.redirect(v.orderHref(g.ID))
}
