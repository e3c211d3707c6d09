package payment

import (
	"context"
	"time"
)

// Subject is what is paid for: the orders of a group, for order/checkout. Its
// methods run inside the unit that records the outcome, after the payment's
// own rows were written; they call no provider and mint nothing that a rerun
// of the unit must not repeat.
type Subject interface {
	// Captured: the money is there. Accepted moves the orders on in the same
	// unit; where it is false the orders no longer want the money and all of it
	// is refunded with reason late. An error undoes the recording, which is
	// tried again.
	Captured(ctx context.Context, in Intent) (accepted bool, err error)
	// Closed: the intent is canceled or failed, and it is certain that no
	// money was taken: release what the orders hold.
	Closed(ctx context.Context, in Intent) error
	// Await: the money is awaited under these terms from now on, because the
	// buyer has chosen another way to pay. Empty terms say that nobody collects
	// it on delivery any more and nothing else was chosen yet. It is asked
	// before the payment's rows are written, and only reads; in is as it was
	// before, without the attempt of the new choice. An error undoes the choice.
	Await(ctx context.Context, in Intent, terms Terms) (Awaited, error)
}

// Awaited is what a [Subject] makes of the terms under which money is awaited.
type Awaited struct {
	// PayBy is when the intent is given up unpaid. Zero means never: it is paid
	// on delivery, or the goods are out of the house, so that giving it up would
	// bring nothing back.
	PayBy time.Time
	// Move moves the orders on accordingly, in the same unit, after the
	// payment's own rows were written. Nil where there is nothing to move.
	Move func(ctx context.Context) error
}

// RefundSubject is an optional power of a [Subject] that keeps how much of an
// order was given back.
type RefundSubject interface {
	// Refunded: in.Refunded has changed, because r succeeded or was returned
	// by the bank. Only refunds of the counted capture are told.
	Refunded(ctx context.Context, in Intent, r Refund) error
}

// ChoiceSubject is an optional power of a [Subject] for which not every way to
// pay will do.
type ChoiceSubject interface {
	// Choose refuses a gateway under which what is paid for would not have been
	// agreed. It is asked outside of any unit, before another attempt is made or
	// the one under way is closed, and only reads. Kinds: FailedPrecondition.
	Choose(ctx context.Context, in Intent, gateway string) error
}
