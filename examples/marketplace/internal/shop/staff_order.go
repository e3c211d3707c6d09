package shop

import (
	"context"
	"errors"
	"net/http"
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

// waiting returns the attempt whose money employees have to confirm, nil where
// there is none: the last one, while nobody has said what became of it, or
// after it was given up, for money may come late.
func (s *Shop) waiting(in payment.Intent) *payment.Attempt {
	last, tried := in.Last()
	if !tried || s.offline[last.Gateway] == nil {
		return nil
	}
	switch last.State {
	case payment.AttemptPending, payment.AttemptClosed:
		return &last
	case payment.AttemptNew, payment.AttemptSent, payment.AttemptUnknown, payment.AttemptActionRequired,
		payment.AttemptAuthorized, payment.AttemptCaptured, payment.AttemptDeclined:
	}
	return nil
}

// staffGroup is an order group with its payment, as an employee sees it.
type staffGroup struct {
	clerk access.Staff
	scope ref.Scope
	group order.Group
	paid  payment.Intent
}

func (s *Shop) staffGroup(r *http.Request, may ...access.Permission) (staffGroup, error) {
	var g staffGroup
	var err error
	if g.clerk, g.scope, err = s.clerk(r.Context(), may...); err != nil {
		return g, err
	}
	if g.group, err = s.Market.Orders.Find(r.Context(), g.scope, r.PathValue("number")); err != nil {
		return g, err
	}
	g.paid, err = s.Market.Payments.Get(r.Context(), g.scope, g.group.Intent)
	return g, err
}

func (s *Shop) staffOrder(w http.ResponseWriter, r *http.Request) error {
	g, err := s.staffGroup(r, access.OrdersRead, access.PaymentsRead)
	if errors.Is(err, fault.Unauthenticated) {
		return web.Redirect(w, r, "/staff/sign-in")
	}
	if err != nil {
		return err
	}
	return s.showStaffOrder(w, r, g, http.StatusOK, view.Form{})
}

func (s *Shop) showStaffOrder(w http.ResponseWriter, r *http.Request, g staffGroup, status int, form view.Form) error {
	p := view.StaffOrder{
		Chrome: s.deskChrome(r, g.clerk, "orders"), Number: g.group.Number, PlacedAt: g.group.PlacedAt, Channel: s.frontName(string(g.group.Channel)),
		State: string(stateOf(&g.group)), Payment: string(paymentOf(&g.group)), Payable: g.group.Payable, Refunded: g.paid.Refunded,
	}
	if payBy, waits := g.group.PayBy(); waits {
		p.PayBy = payBy
	}
	if err := s.staffParts(r.Context(), &p, g); err != nil {
		return err
	}
	for _, a := range g.paid.Attempts {
		p.Tries = append(p.Tries, view.StaffTry{
			Number: a.Number, Method: "method." + a.Gateway, State: "attempt." + string(a.State), Amount: a.Amount, At: a.CreatedAt,
			Reference: referenceOf(a), Late: a.Late, Conflict: a.Conflict,
		})
	}
	if a := s.waiting(g.paid); a != nil {
		if p.Waits = !g.clerk.Can(access.PaymentsConfirm); !p.Waits {
			p.Receipt = s.receipt(g, a, p.Locale, form)
		}
	}
	return s.Renderer.Page(w, status, p)
}

// referenceOf is where somebody can look the money up; a gateway that has
// nothing better repeats the number.
func referenceOf(a payment.Attempt) string {
	if a.ProviderRef == a.Number {
		return ""
	}
	return a.ProviderRef
}

func (s *Shop) receipt(g staffGroup, a *payment.Attempt, locale ref.Locale, form view.Form) *view.Receipt {
	if form.Values == nil {
		form.Values = map[string]string{"amount": a.Amount.Format(locale)}
	}
	return &view.Receipt{
		Form: form, Action: "/staff/orders/" + g.group.Number + "/receipts", Attempt: string(a.ID), Number: a.Number, Amount: a.Amount,
		Cash: s.offline[a.Gateway].Caps().Terms == payment.TermsOnDelivery, Over: a.State == payment.AttemptClosed,
	}
}

// postReceipt takes an employee's word for money that moved outside any
// provider: that it came, or that it was refused at the door. It goes the way
// of every provider's notice.
func (s *Shop) postReceipt(w http.ResponseWriter, r *http.Request) error {
	in, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	g, err := s.staffGroup(r, access.OrdersRead, access.PaymentsRead, access.PaymentsConfirm)
	if errors.Is(err, fault.Unauthenticated) {
		return web.Redirect(w, r, "/staff/sign-in")
	}
	if err != nil {
		return err
	}
	about, ok := g.paid.Attempt(payment.AttemptID(in["attempt"]))
	if !ok || s.offline[about.Gateway] == nil {
		return fault.New(fault.NotFound, "staff.attempt", "no such payment to confirm")
	}
	receipt, err := s.readReceipt(r, in, about)
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		return s.showStaffOrder(w, r, g, web.StatusOf(err), form)
	}
	receipt.Staff = g.clerk.ID
	after, err := s.confirm(r.Context(), g, about, receipt, in["outcome"] == "refused")
	if err != nil {
		return err
	}
	s.staff.Tell(r.Context(), said(about, after))
	return web.Redirect(w, r, "/staff/orders/"+g.group.Number)
}

// readReceipt reads what the employee says. Invalid, with every wrong field.
func (s *Shop) readReceipt(r *http.Request, in web.Inputs, a payment.Attempt) (offlinepay.Receipt, error) {
	var wrong fault.Violations
	out := offlinepay.Receipt{Number: a.Number, Amount: a.Amount, Reference: in["reference"]}
	switch {
	case out.Reference == "":
		wrong.Add("reference", "required", nil)
	case utf8.RuneCountInString(out.Reference) > maxReference:
		wrong.Add("reference", "too_long", fault.Params{"max": maxReference})
	case strings.ContainsFunc(out.Reference, func(c rune) bool { return c < ' ' || c == 0x7f }):
		wrong.Add("reference", "text", nil)
	}
	switch in["outcome"] {
	case "received":
		amount, err := money.Parse(s.staffChrome(r).Locale, a.Amount.Currency(), in["amount"])
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
func (s *Shop) confirm(
	ctx context.Context, g staffGroup, a payment.Attempt, receipt offlinepay.Receipt, refused bool,
) (payment.Attempt, error) {
	gateway := s.offline[a.Gateway]
	waits := s.waiting(g.paid)
	if (waits == nil || waits.ID != a.ID) && a.ProviderRef != receipt.Reference {
		return a, fault.New(fault.FailedPrecondition, "staff.receipt_closed", "nobody waits for this money").
			With("number", a.Number).With("state", string(a.State))
	}
	raw := gateway.Received(receipt)
	if refused {
		raw = gateway.Refused(receipt)
	}
	if _, err := s.Market.Payments.Notify(ctx, a.Gateway, raw); err != nil {
		return a, err
	}
	after, err := s.Market.Payments.Get(ctx, g.scope, g.paid.ID)
	if err != nil {
		return a, err
	}
	now, _ := after.Attempt(a.ID)
	return now, nil
}

// said is what the employee is told of a receipt.
func said(before, after payment.Attempt) view.Notice {
	switch {
	case after.State == payment.AttemptCaptured && after.Late:
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
