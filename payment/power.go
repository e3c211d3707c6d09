package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/money"
)

// Refunder is the power to give money back.
type Refunder interface {
	// Refund gives back req.Amount under req.Number. Repeating number and body
	// gives the same answer and no second refund. Classes: Declined (refused
	// for good), NotExecuted, Unknown, Invalid, Conflict, NotFound (no such
	// payment), Unsupported, Auth.
	Refund(ctx context.Context, req RefundRequest) (RefundOutcome, error)
	// QueryRefund says how a refund stands. Classes: NotFound, NotExecuted,
	// Unknown, Auth.
	QueryRefund(ctx context.Context, ref RefundRef) (RefundOutcome, error)
}

// Capturer is the power to take what was only authorized.
type Capturer interface {
	// Capture takes the whole authorized amount; answering "already captured"
	// is a value. Classes: Declined, NotExecuted, Unknown, Invalid, NotFound,
	// Auth.
	Capture(ctx context.Context, ref AttemptRef) (Outcome, error)
}

// Notifier is the power to understand what the provider sends by itself.
type Notifier interface {
	// ParseNotify verifies a request and returns what it says. It is a pure
	// function of the request, the gateway's secrets and its clock: a repeated
	// notice gives the same keys. Ack and Nack are filled in even where an
	// error is returned. Classes: Auth (signature missing, wrong, too old, or
	// made for another merchant), Invalid.
	ParseNotify(ctx context.Context, raw RawRequest) (Notification, error)
}

// Notification is one verified request of a provider.
type Notification struct {
	Messages []Message
	Ack      Reply // after the messages were stored
	Nack     Reply // asks the provider to send again
}

// MessageKind says what a message is about.
type MessageKind string

// The kinds of message.
const (
	MessagePayment MessageKind = "payment"
	MessageRefund  MessageKind = "refund"
)

// Message is one thing that a provider says by itself.
type Message struct {
	// Key is unique per gateway and stable over repetitions.
	Key    string
	Kind   MessageKind
	Number string // of the attempt or the refund leg
	// Payment is set for MessagePayment, Refund for MessageRefund.
	Payment Outcome
	Refund  RefundOutcome
}

// RefundRequest asks to give money back.
type RefundRequest struct {
	Number  string // of the refund leg: at most 32 of A-Z, 0-9, "-"
	Attempt AttemptRef
	Amount  money.Money
	Reason  Reason
}

// RefundRef names a refund to its provider.
type RefundRef struct {
	Number      string
	ProviderRef string
	Attempt     AttemptRef
}

// RefundOutcome is how a refund stands at the provider.
type RefundOutcome struct {
	// State is one of pending, succeeded, failed, reversed.
	State       RefundState
	ProviderRef string
	Amount      money.Money
	Code        string // why it failed
}

// As returns the power T of a gateway: the gateway itself if it has it, or
// the first one below it, reached through Unwrap() Gateway, that does.
//
//	if r, ok := payment.As[payment.Refunder](gw); ok { ... }
func As[T any](gw Gateway) (T, bool) {
	for gw != nil {
		if power, ok := gw.(T); ok {
			return power, true
		}
		w, ok := gw.(interface{ Unwrap() Gateway })
		if !ok {
			break
		}
		gw = w.Unwrap()
	}
	var none T
	return none, false
}
