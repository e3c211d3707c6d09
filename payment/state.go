package payment

import (
	"slices"

	"github.com/soukhq/souk/commerce/fault"
)

// IntentState is where the paying of one order group stands.
type IntentState string

// The states of an intent.
const (
	// IntentOpen: written down, nothing was asked of anybody.
	IntentOpen IntentState = "open"
	// IntentReserving: tenders inside the shop are being held.
	IntentReserving IntentState = "reserving"
	// IntentReserved: everything inside the shop is held and no attempt is
	// under way: the buyer may try, or try again.
	IntentReserved IntentState = "reserved"
	// IntentProcessing: an attempt is under way.
	IntentProcessing IntentState = "processing"
	// IntentAuthorized: the provider holds the money until it is captured.
	IntentAuthorized IntentState = "authorized"
	// IntentCaptured: paid.
	IntentCaptured IntentState = "captured"
	// IntentPartiallyRefunded: paid, and some of it was given back.
	IntentPartiallyRefunded IntentState = "partially_refunded"
	// IntentRefunded: paid, and all of it was given back.
	IntentRefunded IntentState = "refunded"
	// IntentCanceling: nobody wants it any more, but the provider may have
	// taken the money.
	IntentCanceling IntentState = "canceling"
	// IntentCanceled: closed without payment.
	IntentCanceled IntentState = "canceled"
	// IntentFailed: closed without payment because the tries are used up.
	IntentFailed IntentState = "failed"
)

// AttemptState is where one try at a provider stands.
type AttemptState string

// The states of an attempt.
const (
	// AttemptNew: nothing was sent, or it is proved that nothing took effect.
	AttemptNew AttemptState = "new"
	// AttemptSent: written down as sent; the call may be on its way.
	AttemptSent AttemptState = "sent"
	// AttemptActionRequired: the buyer has to do something, see Action.
	AttemptActionRequired AttemptState = "action_required"
	// AttemptPending: the provider is at work.
	AttemptPending AttemptState = "pending"
	// AttemptAuthorized: the provider holds the money.
	AttemptAuthorized AttemptState = "authorized"
	// AttemptUnknown: a call was lost; only the provider knows.
	AttemptUnknown AttemptState = "unknown"
	// AttemptCaptured: the provider has taken the money.
	AttemptCaptured AttemptState = "captured"
	// AttemptDeclined: the provider refused.
	AttemptDeclined AttemptState = "declined"
	// AttemptClosed: can no longer be paid.
	AttemptClosed AttemptState = "closed"
)

// RefundState is where the giving back of money stands.
type RefundState string

// The states of a refund.
const (
	// RefundRequested: decided, nothing was sent.
	RefundRequested RefundState = "requested"
	// RefundSent: written down as sent; the call may be on its way.
	RefundSent RefundState = "sent"
	// RefundPending: the provider is at work.
	RefundPending RefundState = "pending"
	// RefundUnknown: a call was lost; only the provider knows.
	RefundUnknown RefundState = "unknown"
	// RefundSucceeded: the buyer has the money.
	RefundSucceeded RefundState = "succeeded"
	// RefundFailed: the provider refused; the money is still ours.
	RefundFailed RefundState = "failed"
	// RefundReversed: it had succeeded, and the bank returned it to us.
	RefundReversed RefundState = "reversed"
)

// CaseState is where a matter for a person stands.
type CaseState string

// The states of a case.
const (
	CaseOpen     CaseState = "open"
	CaseAssigned CaseState = "assigned"
	CaseClosed   CaseState = "closed"
)

// transitions lists, for each state, what may follow. A pair that is not
// listed is a defect or stale news and changes nothing.
var transitions = struct {
	intent  map[IntentState][]IntentState
	attempt map[AttemptState][]AttemptState
	refund  map[RefundState][]RefundState
	cases   map[CaseState][]CaseState
}{
	intent: map[IntentState][]IntentState{
		IntentOpen:      {IntentReserving, IntentReserved, IntentProcessing, IntentCaptured, IntentFailed, IntentCanceling, IntentCanceled},
		IntentReserving: {IntentReserved, IntentFailed, IntentCanceling, IntentCanceled},
		// A declined attempt can turn out to be paid after all.
		IntentReserved:   {IntentProcessing, IntentCaptured, IntentFailed, IntentCanceling, IntentCanceled},
		IntentProcessing: {IntentReserved, IntentAuthorized, IntentCaptured, IntentFailed, IntentCanceling},
		// An authorization can lapse at the provider.
		IntentAuthorized: {IntentReserved, IntentCaptured, IntentFailed, IntentCanceling},
		IntentCanceling:  {IntentCanceled, IntentCaptured},
		IntentCaptured:   {IntentPartiallyRefunded, IntentRefunded},
		// The bank can return a refund.
		IntentPartiallyRefunded: {IntentRefunded, IntentCaptured},
		IntentRefunded:          {IntentPartiallyRefunded, IntentCaptured},
		IntentCanceled:          {},
		IntentFailed:            {},
	},
	attempt: map[AttemptState][]AttemptState{
		AttemptNew: {AttemptSent, AttemptCaptured, AttemptClosed},
		// Back to new only on proof that nothing took effect.
		AttemptSent:           {AttemptNew, AttemptActionRequired, AttemptPending, AttemptAuthorized, AttemptUnknown, AttemptCaptured, AttemptDeclined, AttemptClosed},
		AttemptActionRequired: {AttemptPending, AttemptAuthorized, AttemptCaptured, AttemptDeclined, AttemptClosed},
		AttemptPending:        {AttemptAuthorized, AttemptUnknown, AttemptCaptured, AttemptDeclined, AttemptClosed},
		AttemptAuthorized:     {AttemptUnknown, AttemptCaptured, AttemptDeclined, AttemptClosed},
		AttemptUnknown:        {AttemptNew, AttemptActionRequired, AttemptPending, AttemptAuthorized, AttemptCaptured, AttemptDeclined, AttemptClosed},
		AttemptCaptured:       {},
		// Only on the provider's word, and then it is late.
		AttemptDeclined: {AttemptCaptured},
		AttemptClosed:   {AttemptCaptured},
	},
	refund: map[RefundState][]RefundState{
		RefundRequested: {RefundSent, RefundSucceeded, RefundFailed},
		// Back to requested only on proof that nothing took effect.
		RefundSent:      {RefundRequested, RefundPending, RefundUnknown, RefundSucceeded, RefundFailed},
		RefundPending:   {RefundUnknown, RefundSucceeded, RefundFailed},
		RefundUnknown:   {RefundRequested, RefundPending, RefundSucceeded, RefundFailed},
		RefundSucceeded: {RefundReversed},
		RefundFailed:    {},
		RefundReversed:  {},
	},
	cases: map[CaseState][]CaseState{
		CaseOpen:     {CaseAssigned, CaseClosed},
		CaseAssigned: {CaseOpen, CaseAssigned, CaseClosed},
		CaseClosed:   {},
	},
}

// To reports whether an intent in state s may move to next.
func (s IntentState) To(next IntentState) bool {
	return slices.Contains(transitions.intent[s], next)
}

// To reports whether an attempt in state s may move to next.
func (s AttemptState) To(next AttemptState) bool {
	return slices.Contains(transitions.attempt[s], next)
}

// To reports whether a refund in state s may move to next.
func (s RefundState) To(next RefundState) bool {
	return slices.Contains(transitions.refund[s], next)
}

// To reports whether a case in state s may move to next.
func (s CaseState) To(next CaseState) bool {
	return slices.Contains(transitions.cases[s], next)
}

// Alive reports whether the intent can still be paid by a new attempt.
func (s IntentState) Alive() bool {
	switch s {
	case IntentOpen, IntentReserving, IntentReserved, IntentProcessing, IntentAuthorized:
		return true
	case IntentCaptured, IntentPartiallyRefunded, IntentRefunded, IntentCanceling, IntentCanceled, IntentFailed:
	}
	return false
}

// Paid reports whether the money of the intent was taken, whatever of it was
// given back since.
func (s IntentState) Paid() bool {
	return s == IntentCaptured || s == IntentPartiallyRefunded || s == IntentRefunded
}

// Definite reports whether the try is over: captured, declined or closed.
func (s AttemptState) Definite() bool {
	return s == AttemptCaptured || s == AttemptDeclined || s == AttemptClosed
}

// Definite reports whether the provider has nothing left to do.
func (s RefundState) Definite() bool {
	return s == RefundSucceeded || s == RefundFailed || s == RefundReversed
}

// Holds reports whether a refund in this state counts against what was
// captured: everything but what failed or came back.
func (s RefundState) Holds() bool { return s != RefundFailed && s != RefundReversed }

func badTransition(what, id, from, to string) error {
	return fault.New(fault.FailedPrecondition, "payment.state", "the step does not follow from this state").
		With("what", what).With("id", id).With("from", from).With("to", to)
}
