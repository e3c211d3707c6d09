package shop

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
)

// refundReason is why pieces are paid back, of an order that was sent or of one
// that was not. Nothing is clawed back for those that were withdrawn from the
// buyer.
type refundReason struct {
	code            string
	sent, withdrawn bool
}

func refundReasons() []refundReason {
	return []refundReason{
		{code: "changed_mind"},
		{code: "unavailable", withdrawn: true},
		{code: "returned", sent: true},
		{code: "damaged", sent: true, withdrawn: true},
		{code: "not_delivered", sent: true, withdrawn: true},
	}
}

// unsent reports whether all of an order that can be paid back is in the house:
// it goes back to stock.
func unsent(o *order.Order) bool { return o.State == order.StateConfirmed }

// reasonsOf returns the codes of the reasons that fit an order as it stands.
func reasonsOf(o *order.Order) []string {
	var out []string
	for _, r := range refundReasons() {
		if r.sent != unsent(o) {
			out = append(out, r.code)
		}
	}
	return out
}

// refundable reports whether pieces or the delivery of an order can be paid
// back.
func refundable(o *order.Order) bool {
	switch o.State {
	case order.StateConfirmed, order.StateShipped, order.StateCompleted:
	case order.StatePending, order.StateCanceling, order.StateCanceled:
		return false
	}
	left := deliveryLeft(o)
	for i := range o.Lines {
		left = left || o.Lines[i].Returned < o.Lines[i].Quantity
	}
	return left && o.Payment != order.PaymentUnpaid
}

// deliveryLeft reports whether a delivery was paid for and not paid back.
func deliveryLeft(o *order.Order) bool {
	return !o.Shipping.Returned && less(o.Shipping.List, o.Shipping.Discount).Sign() > 0
}

// refundOf returns the order in the address.
func (d *desk) refundOf() (staffGroup, *order.Order, error) {
	id, err := d.id("order")
	if err != nil {
		return staffGroup{}, nil, err
	}
	g, err := d.found()
	if err != nil {
		return g, nil, err
	}
	o, err := g.group.Order(order.ID(id))
	return g, o, err
}

// refund is the form that pays pieces of an order back.
func (d *desk) refund() error {
	g, o, err := d.refundOf()
	if err != nil {
		return err
	}
	form := view.Form{Values: map[string]string{"reason": reasonsOf(o)[0], "key": d.IDs.New()}}
	return d.showRefund(http.StatusOK, g, o, form, nil)
}

// showRefund shows the form; with what would go back where that was asked for.
func (d *desk) showRefund(status int, g staffGroup, o *order.Order, form view.Form, seen *seenRefund) error {
	at := "/staff/orders/" + g.group.Number
	p := view.StaffRefund{
		Chrome: d.chrome("orders"), Form: form, Number: o.Number, Back: at, Action: at + "/refunds/" + string(o.ID), Key: form.Value("key"),
		Delivery: deliveryLeft(o), DeliveryChosen: form.Value("delivery") == "yes", Unsent: unsent(o),
	}
	words := d.Renderer.Texts(p.Locale)
	p.Reasons = choices(reasonsOf(o), form.Value("reason"), func(c string) string { return words.Text("refund.reason."+c, nil) })
	for i := range o.Lines {
		l := &o.Lines[i]
		p.Lines = append(p.Lines, view.RefundChoice{
			Field: quantityField(l.ID), Line: summaryLine(l, ""), Left: int64(l.Quantity - l.Returned),
		})
	}
	if seen != nil {
		told := refundWordsOf(&g.group)
		note := told.note(&seen.told.Units, d.Clock.Now())
		for i := range seen.told.GivenBack {
			beside := told.note(&seen.told.GivenBack[i].Units, note.At)
			note.GivenBack = append(note.GivenBack, beside.GivenBack...)
		}
		note.Ahead, note.Amount = true, seen.told.Total()
		p.Preview, p.Seen = &note, seen.mark()
	}
	return d.answer(status, p)
}

// seenRefund is what an employee is shown before it is paid back.
type seenRefund struct {
	input checkout.RefundInput
	told  checkout.Refunded
}

// mark names what is shown, in the form that confirms it: another choice,
// another amount, or an order that has changed, is not what was shown.
func (s *seenRefund) mark() string {
	mark := fmt.Sprintf("%d %s %t %d", s.input.Version, s.input.Reason, s.input.Delivery, s.told.Total().Minor())
	for _, l := range s.input.Lines {
		mark += fmt.Sprintf(" %s %d", l.Line, l.Quantity)
	}
	return mark
}

// showAnew shows what would go back by now.
func (d *desk) showAnew(status int, form view.Form, input checkout.RefundInput) error {
	g, o, err := d.refundOf()
	if err != nil {
		return err
	}
	now := &seenRefund{input: input}
	now.input.Version = o.Version
	if now.told, err = d.Market.Checkout.PreviewRefund(d.ctx(), d.scope, now.input); err != nil {
		return d.showRefund(status, g, o, form, nil)
	}
	return d.showRefund(status, g, o, form, now)
}

// quantityField is the name of the input of how many pieces of a line go back.
func quantityField(id order.LineID) string { return "line." + string(id) + ".quantity" }

// readRefund reads what is to go back. Invalid, with every wrong field.
func readRefund(in web.Inputs, group ref.GroupID, o *order.Order) (checkout.RefundInput, error) {
	out := checkout.RefundInput{
		Group: group, Order: o.ID, Version: o.Version, Key: in["key"],
		Delivery: in["delivery"] == "yes", Reason: in["reason"],
	}
	var wrong fault.Violations
	for i := range o.Lines {
		l := &o.Lines[i]
		name := quantityField(l.ID)
		if in[name] == "" || in[name] == "0" {
			continue
		}
		n, err := strconv.ParseInt(in[name], 10, 64)
		if err != nil || n < 1 || n > int64(l.Quantity) {
			wrong.Add(name, "out_of_range", fault.Params{"min": int64(0), "max": int64(l.Quantity - l.Returned)})
			continue
		}
		out.Lines = append(out.Lines, checkout.RefundLine{Line: l.ID, Quantity: ref.Quantity(n)})
	}
	all := refundReasons()
	if i := slices.IndexFunc(all, func(r refundReason) bool { return r.code == out.Reason }); i < 0 {
		wrong.Add("reason", "choice", nil)
	} else {
		out.Withdrawn = all[i].withdrawn
	}
	if err := wrong.Err("staff.refund", "the refund does not fit"); err != nil {
		return out, err
	}
	if len(out.Lines) == 0 && !out.Delivery {
		return out, fault.New(fault.Invalid, "staff.refund_nothing", "nothing is chosen")
	}
	return out, nil
}

// postRefund shows what would go back, or pays back what was shown. The key in
// the form makes a second submit the same refund.
func (d *desk) postRefund() error {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	g, o, err := d.refundOf()
	if err != nil {
		return err
	}
	seen := &seenRefund{}
	if seen.input, err = readRefund(in, g.group.ID, o); err == nil {
		seen.told, err = d.Market.Checkout.PreviewRefund(d.ctx(), d.scope, seen.input)
	}
	var done checkout.Refunded
	switch {
	case err != nil:
	case seen.told.Replayed:
		done = seen.told
	case !slices.Contains(reasonsOf(o), seen.input.Reason):
		err = fault.New(fault.Invalid, "staff.refund", "the reason does not fit").WithField("reason", "unfit", nil)
	case in["do"] != "refund":
		return d.showRefund(http.StatusOK, g, o, view.Form{Values: in}, seen)
	case in["seen"] != seen.mark():
		err = fault.New(fault.FailedPrecondition, "checkout.refund_changed", "another refund was shown")
	default:
		seen.input.Expect = seen.told.Total()
		done, err = d.Market.Checkout.Refund(d.ctx(), d.scope, seen.input)
	}
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		if fault.CodeOf(err) != "checkout.refund_changed" {
			return d.showRefund(web.StatusOf(err), g, o, form, nil)
		}
		return d.showAnew(web.StatusOf(err), form, seen.input)
	}
	key := "staff.said.refunded"
	if done.Replayed {
		key = "staff.said.refunded_before"
	}
	d.tell(view.Good, key, fault.Params{"Amount": done.Total().Format(d.chrome("orders").Locale)})
	return d.redirect("/staff/orders/" + g.group.Number)
}
