package payment

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// Gateway is a provider that takes money: enough of it to take money safely.
// What else a provider can do (refund, notify, capture) it offers through the
// optional powers [Refunder], [Notifier] and [Capturer], found by [As].
//
// Errors are [*Failure]s; any other error counts as Unknown. Once a byte went
// out, an ended context, a lost connection or an answer that cannot be
// verified is Unknown, never Declined. Implementations are safe for concurrent
// use, keep no lock across calls and never act twice on one number: a call
// that repeats number and body gives the same answer, one that repeats the
// number with another body is Conflict and has no effect.
type Gateway interface {
	// Caps describes the gateway. It is constant.
	Caps() Caps
	// Pay starts the payment req.Number. Classes: Declined, NotExecuted,
	// Unknown, Invalid, Conflict, Unsupported, Auth.
	Pay(ctx context.Context, req PayRequest) (Outcome, error)
	// Query says how a payment stands; a declined one is a value
	// (AttemptDeclined), not an error. It is, beside a verified notice, the
	// only way out of unknown. Classes: NotFound, NotExecuted, Unknown, Auth,
	// Unsupported where Caps.NoQuery.
	Query(ctx context.Context, ref AttemptRef) (Outcome, error)
	// Cancel closes a payment so that it cannot be paid any more, and says how
	// it stands then: AttemptClosed, or AttemptCaptured where it was paid
	// before ("already paid" is a value). A closed one stays closed. Classes:
	// NotFound, NotExecuted, Unknown, Auth.
	Cancel(ctx context.Context, ref AttemptRef) (Outcome, error)
}

// Terms says when a gateway's money comes.
type Terms string

// The terms.
const (
	// TermsImmediate: while the buyer is there.
	TermsImmediate Terms = "immediate"
	// TermsTransfer: days later, by the buyer's own doing; nothing is shipped
	// before.
	TermsTransfer Terms = "transfer"
	// TermsOnDelivery: when the goods are handed over. The order is confirmed
	// unpaid and the intent never expires.
	TermsOnDelivery Terms = "on_delivery"
)

// Caps is what a gateway can do.
type Caps struct {
	// Code names the gateway in the configuration and in stored attempts:
	// 1 to 32 of a-z, 0-9, "_" and "-".
	Code string
	// Terms says when the money comes. Defaults to TermsImmediate.
	Terms Terms
	// Currencies it takes; nil means every currency.
	Currencies []money.Currency
	// Min and Max bound one payment, in minor units; 0 means no bound.
	Min, Max int64
	// ManualCapture: Pay can stop at authorized, see Capturer.
	ManualCapture bool
	// PartialRefund: less than the whole can be given back.
	PartialRefund bool
	// RefundWindow after the capture; 0 means for ever.
	RefundWindow time.Duration
	// NoQuery: the provider keeps no record to be asked; only notices move an
	// attempt.
	NoQuery bool
	// CallTimeout bounds one call. Defaults to 30 s.
	CallTimeout time.Duration
}

// Takes reports whether the gateway takes this amount: a valid one above zero,
// in one of its currencies and within its bounds.
func (c Caps) Takes(m money.Money) bool {
	return m.Check() == nil && m.Sign() > 0 && (c.Currencies == nil || slices.Contains(c.Currencies, m.Currency())) &&
		(c.Min == 0 || m.Minor() >= c.Min) && (c.Max == 0 || m.Minor() <= c.Max)
}

// Instruction is what the buyer chose; it is stored with the attempt, so that
// a payment that has to be sent again is sent with the same body. It never
// holds card data.
type Instruction struct {
	// Method within the gateway, such as "card" or "qr"; empty for its default.
	Method string `json:"method,omitempty"`
	// Description shown to the buyer by the provider.
	Description string `json:"description,omitempty"`
	// ReturnURL is where the provider sends the buyer back. Coming back proves
	// nothing.
	ReturnURL string `json:"return_url,omitempty"`
	// Locale of the provider's pages, a BCP 47 tag.
	Locale string `json:"locale,omitempty"`
	// ManualCapture asks to stop at authorized. The goods stay reserved, and
	// the orders wait, until [Service.Capture] takes the money; canceling any
	// part of what was authorized closes all of it, and the rest is paid anew.
	ManualCapture bool `json:"manual_capture,omitempty"`
	// Params of the gateway, such as a token of a stored card.
	Params map[string]string `json:"params,omitempty"`
}

// PayRequest asks for one payment. The same Number always carries the same
// body.
type PayRequest struct {
	Number    string // of the attempt: at most 32 of A-Z, 0-9
	Amount    money.Money
	ExpiresAt time.Time // when it can no longer be paid; zero means never
	Instruction
}

func (i Instruction) clone() Instruction {
	i.Params = maps.Clone(i.Params)
	return i
}

// equal reports whether two instructions say the same.
func (i Instruction) equal(o Instruction) bool {
	return i.Method == o.Method && i.Description == o.Description && i.ReturnURL == o.ReturnURL &&
		i.Locale == o.Locale && i.ManualCapture == o.ManualCapture && maps.Equal(i.Params, o.Params)
}

// AttemptRef names a payment to its provider.
type AttemptRef struct {
	Number      string
	ProviderRef string // "" where the provider has not told one
	Amount      money.Money
}

// Outcome is how a payment stands at the provider.
type Outcome struct {
	// State is one of action_required, pending, authorized, captured,
	// declined, closed.
	State AttemptState
	// ProviderRef is the provider's own id of the payment.
	ProviderRef string
	// Amount that was or will be taken.
	Amount money.Money
	// Action the buyer has to take, in action_required.
	Action Action
	// Code and Advice of a declined payment.
	Code   string
	Advice Advice
}

// ActionKind says how the buyer goes on.
type ActionKind string

// The kinds of action.
const (
	ActionNone     ActionKind = ""
	ActionRedirect ActionKind = "redirect" // open URL
	ActionQR       ActionKind = "qr"       // show URL as a QR code
	ActionSDK      ActionKind = "sdk"      // hand Params to the provider's script
	ActionShow     ActionKind = "show"     // show Params: account and reference to transfer to
)

// Action is what the buyer has to do to go on.
type Action struct {
	Kind   ActionKind        `json:"kind,omitempty"`
	URL    string            `json:"url,omitempty"`
	Params map[string]string `json:"params,omitempty"`
}

// RawRequest is an HTTP request of a provider, as it came: signatures cover
// bytes, not parsed forms.
type RawRequest struct {
	Method string
	Query  string // raw query string
	Header http.Header
	Body   []byte
}

// Reply is what the provider wants to be answered, byte for byte.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
}

// MaxNoticeBody bounds the body of a notice.
const MaxNoticeBody = 1 << 20
