package order

import (
	"slices"

	"github.com/soukhq/souk/commerce/fault"
)

// State is how far an order has come.
type State string

// The states of an order.
const (
	// StatePending waits for the payment; its deadline is the time to pay by.
	StatePending State = "pending"
	// StateConfirmed is to be fulfilled: paid, or to be paid on delivery.
	StateConfirmed State = "confirmed"
	// StateShipped is under way; at its deadline it completes by itself.
	StateShipped State = "shipped"
	// StateCompleted was received. It is final.
	StateCompleted State = "completed"
	// StateCanceling is to be canceled as soon as it is certain what became of
	// the payment; until then everything it holds stays held.
	StateCanceling State = "canceling"
	// StateCanceled will not be fulfilled. It is final.
	StateCanceled State = "canceled"
)

// States lists the closed set.
func States() []State {
	return []State{StatePending, StateConfirmed, StateShipped, StateCompleted, StateCanceling, StateCanceled}
}

var transitions = map[State][]State{
	StatePending: {StateConfirmed, StateCanceling, StateCanceled},
	// What was to be paid on delivery can wait for another payment instead.
	StateConfirmed: {StatePending, StateShipped, StateCanceling, StateCanceled},
	// What the buyer did not take comes back.
	StateShipped:   {StateCompleted, StateCanceling},
	StateCompleted: {},
	StateCanceling: {StateCanceled, StateConfirmed},
	StateCanceled:  {},
}

// To reports whether an order in state s may move to next.
func (s State) To(next State) bool { return slices.Contains(transitions[s], next) }

// Final reports whether the order stays in s for good.
func (s State) Final() bool { return s == StateCompleted || s == StateCanceled }

// PaymentState says what the order's buyer has paid; it moves beside [State].
type PaymentState string

// The payment states of an order.
const (
	PaymentUnpaid            PaymentState = "unpaid"
	PaymentPaid              PaymentState = "paid"
	PaymentPartiallyRefunded PaymentState = "partially_refunded"
	PaymentRefunded          PaymentState = "refunded"
)

// PaymentStates lists the closed set.
func PaymentStates() []PaymentState {
	return []PaymentState{PaymentUnpaid, PaymentPaid, PaymentPartiallyRefunded, PaymentRefunded}
}

// To reports whether the payment state may move from s to next.
// Backwards goes only what a bank returned: a refund that came back.
func (s PaymentState) To(next PaymentState) bool {
	switch s {
	case PaymentUnpaid:
		return next == PaymentPaid
	case PaymentPaid:
		return next == PaymentPartiallyRefunded || next == PaymentRefunded
	case PaymentPartiallyRefunded:
		return next != PaymentUnpaid
	case PaymentRefunded:
		return next == PaymentPaid || next == PaymentPartiallyRefunded
	}
	return false
}

func (o *Order) transition(to State) error {
	if !o.State.To(to) {
		return fault.New(fault.FailedPrecondition, "order.state", "the order's state does not allow this").
			With("order", string(o.ID)).With("from", string(o.State)).With("to", string(to))
	}
	o.State = to
	return nil
}

func (o *Order) transitionPayment(to PaymentState) error {
	if !o.Payment.To(to) {
		return fault.New(fault.FailedPrecondition, "order.payment_state", "the order's payment state does not allow this").
			With("order", string(o.ID)).With("from", string(o.Payment)).With("to", string(to))
	}
	o.Payment = to
	return nil
}
