package offlinepay

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
)

// Kind is how the money comes.
type Kind string

// The kinds.
const (
	Transfer       Kind = "transfer"
	CashOnDelivery Kind = "cash_on_delivery"
)

// Config is what a [Gateway] is made of.
type Config struct {
	// Kind is how the money comes. Required.
	Kind Kind
	// Code is the gateway's code. Defaults to "transfer" or "cod".
	Code string
	// Secrets sign what staff confirm; the first signs, all verify. Required.
	Secrets [][]byte
	// Show is what the buyer is shown of a transfer: holder, account, bank. The
	// reference, the number of the payment, is added. Defaults to nothing.
	Show map[string]string
	// Currencies, Min and Max as in payment.Caps. Default to no bounds.
	Currencies []money.Currency
	Min, Max   int64
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
}

// Gateway takes money through people. It is safe for concurrent use.
type Gateway struct{ cfg Config }

var (
	_ payment.Gateway  = (*Gateway)(nil)
	_ payment.Notifier = (*Gateway)(nil)
)

// New returns a gateway. Kinds: Invalid, which names every wrong field.
func New(cfg Config) (*Gateway, error) {
	var v fault.Violations
	switch cfg.Kind {
	case Transfer:
		cfg.Code = cmp.Or(cfg.Code, "transfer")
	case CashOnDelivery:
		cfg.Code = cmp.Or(cfg.Code, "cod")
	default:
		v.Add("Kind", "unknown", nil)
	}
	if len(cfg.Secrets) == 0 {
		v.Add("Secrets", "required", nil)
	}
	for _, s := range cfg.Secrets {
		if len(s) < 16 {
			v.Add("Secrets", "too_short", fault.Params{"min": 16})
		}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	cfg.Show = maps.Clone(cfg.Show)
	return &Gateway{cfg: cfg}, v.Err("offlinepay.config", "the gateway cannot be made like this")
}

// Caps implements [payment.Gateway].
func (g *Gateway) Caps() payment.Caps {
	c := payment.Caps{
		Code: g.cfg.Code, Terms: payment.TermsTransfer, Currencies: g.cfg.Currencies, Min: g.cfg.Min, Max: g.cfg.Max,
		NoQuery: true,
	}
	if g.cfg.Kind == CashOnDelivery {
		c.Terms = payment.TermsOnDelivery
	}
	return c
}

// Pay implements [payment.Gateway]: the payment waits for people.
func (g *Gateway) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return payment.Outcome{}, payment.Fail(payment.NotExecuted, "canceled", err)
	}
	if req.Number == "" || len(req.Number) > 32 {
		return payment.Outcome{}, payment.Fail(payment.Invalid, "malformed", nil)
	}
	if !g.Caps().Takes(req.Amount) {
		return payment.Outcome{}, payment.Fail(payment.Unsupported, "amount", nil)
	}
	out := payment.Outcome{State: payment.AttemptPending, ProviderRef: req.Number, Amount: req.Amount}
	if g.cfg.Kind == Transfer {
		show := maps.Clone(g.cfg.Show)
		if show == nil {
			show = map[string]string{}
		}
		show["reference"] = req.Number
		out.Action = payment.Action{Kind: payment.ActionShow, Params: show}
	}
	return out, nil
}

// Query implements [payment.Gateway]: there is nobody to ask.
func (g *Gateway) Query(context.Context, payment.AttemptRef) (payment.Outcome, error) {
	return payment.Outcome{}, payment.Fail(payment.Unsupported, "no_records", nil)
}

// Cancel implements [payment.Gateway]: nobody waits for the money any more.
// What arrives all the same is late.
func (g *Gateway) Cancel(ctx context.Context, r payment.AttemptRef) (payment.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return payment.Outcome{}, payment.Fail(payment.NotExecuted, "canceled", err)
	}
	return payment.Outcome{State: payment.AttemptClosed, ProviderRef: r.ProviderRef, Amount: r.Amount}, nil
}

// Receipt is what a member of staff says about money.
type Receipt struct {
	// Number of the attempt, or, for PaidBack, of the refund's leg.
	Number string
	// Amount that really arrived, or was really paid back.
	Amount money.Money
	// Reference is where it can be looked up: the line of the statement, the
	// courier's slip. With the number it makes the receipt unique.
	Reference string
	Staff     ref.StaffID
}

// Received says that the money is there.
func (g *Gateway) Received(r Receipt) payment.RawRequest {
	return g.sign(payment.MessagePayment, string(payment.AttemptCaptured), r)
}

// Refused says that the buyer will not pay, such as at the door.
func (g *Gateway) Refused(r Receipt) payment.RawRequest {
	return g.sign(payment.MessagePayment, string(payment.AttemptDeclined), r)
}

// PaidBack says that a refund was paid by hand.
func (g *Gateway) PaidBack(r Receipt) payment.RawRequest {
	return g.sign(payment.MessageRefund, string(payment.RefundSucceeded), r)
}

// wire is the body of a confirmation.
type wire struct {
	Gateway   string              `json:"gateway"`
	Kind      payment.MessageKind `json:"kind"`
	Number    string              `json:"number"`
	State     string              `json:"state"`
	Minor     int64               `json:"minor"`
	Currency  money.Currency      `json:"currency"`
	Reference string              `json:"reference"`
	Staff     ref.StaffID         `json:"staff"`
}

func (g *Gateway) hmac() payment.HMAC {
	return payment.HMAC{Name: "Offlinepay", Secrets: g.cfg.Secrets, Tolerance: 5 * time.Minute}
}

func (g *Gateway) sign(kind payment.MessageKind, state string, r Receipt) payment.RawRequest {
	body, _ := json.Marshal(wire{ // strings and integers always marshal
		Gateway: g.cfg.Code, Kind: kind, Number: r.Number, State: state, Minor: r.Amount.Minor(),
		Currency: r.Amount.Currency(), Reference: r.Reference, Staff: r.Staff,
	})
	h := g.hmac().Sign(g.cfg.Clock.Now(), body)
	h.Set("Content-Type", "application/json")
	return payment.RawRequest{Method: http.MethodPost, Header: h, Body: body}
}

// ParseNotify implements [payment.Notifier].
func (g *Gateway) ParseNotify(_ context.Context, raw payment.RawRequest) (payment.Notification, error) {
	out := payment.Notification{
		Ack: payment.Reply{Status: http.StatusNoContent}, Nack: payment.Reply{Status: http.StatusServiceUnavailable},
	}
	if err := g.hmac().Verify(g.cfg.Clock.Now(), raw); err != nil {
		return out, err
	}
	var w wire
	if err := json.Unmarshal(raw.Body, &w); err != nil {
		return out, payment.Fail(payment.Invalid, "malformed", err)
	}
	if w.Gateway != g.cfg.Code {
		return out, payment.Fail(payment.Auth, "not_ours", nil)
	}
	if w.Number == "" || w.Reference == "" {
		return out, payment.Fail(payment.Invalid, "malformed", nil)
	}
	m := payment.Message{Key: w.Number + "/" + w.State + "/" + w.Reference, Kind: w.Kind, Number: w.Number}
	amount := money.New(w.Minor, w.Currency)
	switch {
	case w.Kind == payment.MessageRefund && w.State == string(payment.RefundSucceeded):
		m.Refund = payment.RefundOutcome{State: payment.RefundSucceeded, ProviderRef: w.Reference, Amount: amount}
	case w.Kind == payment.MessagePayment && w.State == string(payment.AttemptCaptured):
		m.Payment = payment.Outcome{State: payment.AttemptCaptured, ProviderRef: w.Reference, Amount: amount}
	case w.Kind == payment.MessagePayment && w.State == string(payment.AttemptDeclined):
		m.Payment = payment.Outcome{
			State: payment.AttemptDeclined, ProviderRef: w.Reference, Code: "refused", Advice: payment.AdviceOtherMethod,
		}
	default:
		return out, payment.Fail(payment.Invalid, "malformed", nil)
	}
	out.Messages = []payment.Message{m}
	return out, nil
}
