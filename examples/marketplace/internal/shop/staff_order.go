package shop

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/offlinepay"
)

// maxReference bounds what employees write about money, in characters.
const maxReference = 100

// unspoken reports whether employees can say what became of an attempt's money:
// nobody has yet. It may have been given up, for money may come late.
func (s *Shop) unspoken(a *payment.Attempt) bool {
	if s.offline[a.Gateway] == nil {
		return false
	}
	switch a.State {
	case payment.AttemptPending, payment.AttemptClosed:
		return true
	case payment.AttemptNew, payment.AttemptSent, payment.AttemptUnknown, payment.AttemptActionRequired,
		payment.AttemptAuthorized, payment.AttemptCaptured, payment.AttemptDeclined:
	}
	return false
}

// waiting returns the attempt whose money employees have to confirm, nil where
// there is none: the last one, unless the money is there. That of all others
// comes, if at all, unexpectedly.
func (s *Shop) waiting(in payment.Intent) *payment.Attempt {
	last, tried := in.Last()
	if !tried || in.State.Paid() || !s.unspoken(&last) {
		return nil
	}
	return &last
}

// staffGroup is an order group with its payment, as an employee sees it; no
// payment where the employee may not.
type staffGroup struct {
	group order.Group
	paid  payment.Intent
}

// found returns the order group in the address.
func (d *desk) found() (staffGroup, error) {
	var g staffGroup
	err := d.handlesOrders(d.ctx(), d.who)
	if err != nil {
		return g, err
	}
	if g.group, err = d.Market.Orders.Find(d.ctx(), d.scope, d.r.PathValue("number")); err != nil || !d.who.Can(access.PaymentsRead) {
		return g, err
	}
	g.paid, err = d.Market.Payments.Get(d.ctx(), d.scope, g.group.Intent)
	return g, err
}

func (d *desk) order() error {
	g, err := d.found()
	if err != nil {
		return err
	}
	return d.showOrder(http.StatusOK, g, view.Form{}, view.Form{})
}

// showOrder shows an order group; form belongs to its parts and to what goes
// back, receipt to the money that is confirmed.
func (d *desk) showOrder(status int, g staffGroup, form, receipt view.Form) error {
	p := view.StaffOrder{
		Chrome: d.chrome("orders"), Form: form, Number: g.group.Number, PlacedAt: g.group.PlacedAt, Channel: d.frontName(string(g.group.Channel)),
		State: string(stateOf(&g.group)), Payment: string(paymentOf(&g.group)), Payments: d.who.Can(access.PaymentsRead),
	}
	if payBy, waits := g.group.PayBy(); waits {
		p.PayBy = payBy
	}
	var err error
	if p.Summary, err = summaryOf(&g.group); err != nil {
		return err
	}
	if err := d.parts(&p, g); err != nil {
		return err
	}
	if p.Payments {
		if err := d.payments(&p, g, receipt); err != nil {
			return err
		}
	}
	return d.answer(status, p)
}

// payments adds the tries to pay, what went back, and the form for money that
// has to be confirmed.
func (d *desk) payments(p *view.StaffOrder, g staffGroup, receipt view.Form) error {
	p.Refunded = g.paid.Refunded
	for _, a := range g.paid.Attempts {
		p.Tries = append(p.Tries, view.StaffTry{
			Number: a.Number, Method: "method." + a.Gateway, State: "attempt." + string(a.State), Amount: a.Amount, At: a.CreatedAt,
			Reference: referenceOf(a), Late: goesBack(a), Conflict: a.Conflict,
		})
	}
	var err error
	if p.Refunds, err = d.refunds(g); err != nil {
		return err
	}
	waits := d.waiting(g.paid)
	if !d.who.Can(access.PaymentsConfirm) {
		p.Waits = waits != nil
		return nil
	}
	for i := range slices.Backward(g.paid.Attempts) {
		a := &g.paid.Attempts[i]
		if !d.unspoken(a) {
			continue
		}
		r := d.receipt(g, a, p.Locale, receipt)
		if waits != nil && waits.ID == a.ID {
			p.Receipt = &r
		} else {
			r.Own = string(a.ID)
			p.Unexpected = append(p.Unexpected, r)
		}
	}
	return nil
}

// goesBack reports whether an attempt's money came too late and is on its way
// back.
func goesBack(a payment.Attempt) bool { return a.Late && a.Refundable() == 0 }

// refused shows the order as it stands now and why nothing was done; what is no
// matter of the order's state is returned.
func (d *desk) refused(in web.Inputs, err error) error {
	form, ok := in.Form(err)
	if !ok {
		return err
	}
	g, now := d.found()
	if now != nil {
		return now
	}
	return d.showOrder(web.StatusOf(err), g, form, view.Form{})
}

// referenceOf is where somebody can look the money up; a gateway that has
// nothing better repeats the number.
func referenceOf(a payment.Attempt) string {
	if a.ProviderRef == a.Number {
		return ""
	}
	return a.ProviderRef
}

// receipt is the form for an attempt's money; as it was sent in, where it was
// this one.
func (d *desk) receipt(g staffGroup, a *payment.Attempt, locale ref.Locale, form view.Form) view.Receipt {
	if form.Value("attempt") != string(a.ID) {
		form = view.Form{Values: map[string]string{"amount": a.Amount.Format(locale)}}
	}
	cash := d.offline[a.Gateway].Caps().Terms == payment.TermsOnDelivery
	return view.Receipt{
		Form: form, Action: "/staff/orders/" + g.group.Number + "/receipts", Attempt: string(a.ID), Number: a.Number,
		Method: "method." + a.Gateway, Amount: a.Amount, At: a.CreatedAt,
		Cash: cash, Refusable: cash && a.State == payment.AttemptPending, Over: !g.paid.State.Alive() || a.Amount != g.paid.Payable,
	}
}

// postReceipt takes an employee's word for money that moved outside any
// provider: that it came, or that it was refused at the door. It goes the way
// of every provider's notice.
func (d *desk) postReceipt() error {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	g, err := d.found()
	if err != nil {
		return err
	}
	about, ok := g.paid.Attempt(payment.AttemptID(in["attempt"]))
	if !ok || d.offline[about.Gateway] == nil {
		return fault.New(fault.NotFound, "staff.attempt", "no such payment to confirm")
	}
	receipt, err := d.readReceipt(in, about)
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		return d.showOrder(web.StatusOf(err), g, view.Form{}, form)
	}
	receipt.Staff = d.who.ID
	after, err := d.confirm(g, about, receipt, in["outcome"] == "refused")
	if err != nil {
		return d.refused(in, err)
	}
	d.staff.Tell(d.ctx(), said(about, after))
	return d.redirect("/staff/orders/" + g.group.Number)
}

// checkReference checks where the field of a form says that money can be looked
// up.
func checkReference(wrong *fault.Violations, field, reference string) {
	switch {
	case reference == "":
		wrong.Add(field, "required", nil)
	case utf8.RuneCountInString(reference) > maxReference:
		wrong.Add(field, "too_long", fault.Params{"max": maxReference})
	case strings.ContainsFunc(reference, func(c rune) bool { return c < ' ' || c == 0x7f }):
		wrong.Add(field, "text", nil)
	}
}

// readReceipt reads what the employee says. Invalid, with every wrong field.
func (d *desk) readReceipt(in web.Inputs, a payment.Attempt) (offlinepay.Receipt, error) {
	var wrong fault.Violations
	out := offlinepay.Receipt{Number: a.Number, Amount: a.Amount, Reference: in["reference"]}
	checkReference(&wrong, "reference", out.Reference)
	switch in["outcome"] {
	case "received":
		amount, err := money.Parse(d.chrome("orders").Locale, a.Amount.Currency(), in["amount"])
		if err != nil || amount.Sign() <= 0 {
			wrong.Add("amount", "money", nil)
		}
		out.Amount = amount
	case "refused":
	default:
		wrong.Add("outcome", "unknown", nil)
	}
	return out, wrong.Err("staff.receipt", "the receipt is not complete")
}

// confirm hands the word in and returns what it made of the attempt. The same
// word again changes nothing. FailedPrecondition where somebody has said
// something else before.
func (d *desk) confirm(g staffGroup, a payment.Attempt, receipt offlinepay.Receipt, refused bool) (payment.Attempt, error) {
	gateway := d.offline[a.Gateway]
	if !d.unspoken(&a) && a.ProviderRef != receipt.Reference {
		return a, receiptClosed(a.Number)
	}
	raw := gateway.Received(receipt)
	if refused {
		raw = gateway.Refused(receipt)
	}
	if _, err := d.Market.Payments.Notify(d.ctx(), a.Gateway, raw); err != nil {
		return a, err
	}
	after, err := d.Market.Payments.Get(d.ctx(), d.scope, g.paid.ID)
	if err != nil {
		return a, err
	}
	now, _ := after.Attempt(a.ID)
	if !d.unspoken(&now) && now.ProviderRef != receipt.Reference {
		return now, receiptClosed(a.Number)
	}
	return now, nil
}

// receiptClosed says that somebody has said something else of money before.
func receiptClosed(number string) error {
	return fault.New(fault.FailedPrecondition, "staff.receipt_closed", "somebody has said what became of this money").With("number", number)
}

// said is what the employee is told of a receipt.
func said(before, after payment.Attempt) view.Notice {
	switch {
	case after.State == payment.AttemptCaptured && goesBack(after):
		return view.Notice{Tone: view.Warn, Key: "staff.said.late"}
	case after.State == payment.AttemptCaptured:
		return view.Notice{Tone: view.Good, Key: "staff.said.received"}
	case after.State == payment.AttemptDeclined:
		return view.Notice{Tone: view.Info, Key: "staff.said.refused"}
	case after.Conflict != "" && after.Conflict != before.Conflict:
		return view.Notice{Tone: view.Bad, Key: "staff.said.conflict"}
	default:
		return view.Notice{Tone: view.Warn, Key: "staff.said.nothing"}
	}
}
