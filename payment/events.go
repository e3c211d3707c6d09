package payment

import (
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Topic is the stream of payments; the aggregate is the intent.
const Topic = "payment"

// Opened says that an order group is to be paid.
type Opened struct {
	Intent  IntentID    `json:"intent"`
	Group   ref.GroupID `json:"group"`
	Payable money.Money `json:"payable"`
	Gateway string      `json:"gateway"` // "" where nothing is to be paid
}

// EventName returns the wire name.
func (Opened) EventName() string { return "payment.opened.v1" }

// Reduced says that less is to be paid than before.
type Reduced struct {
	Intent  IntentID    `json:"intent"`
	Group   ref.GroupID `json:"group"`
	Payable money.Money `json:"payable"`
}

// EventName returns the wire name.
func (Reduced) EventName() string { return "payment.reduced.v1" }

// Captured says that a provider has taken money. Counted is false where it
// took it twice or too late: then a refund follows.
type Captured struct {
	Intent  IntentID    `json:"intent"`
	Group   ref.GroupID `json:"group"`
	Attempt AttemptID   `json:"attempt"` // "" where nothing was to be paid
	Gateway string      `json:"gateway"`
	Amount  money.Money `json:"amount"`
	Counted bool        `json:"counted"`
}

// EventName returns the wire name.
func (Captured) EventName() string { return "payment.captured.v1" }

// AttemptFailed says that a try is over without money; the buyer may try
// again while the intent lives.
type AttemptFailed struct {
	Intent  IntentID     `json:"intent"`
	Group   ref.GroupID  `json:"group"`
	Attempt AttemptID    `json:"attempt"`
	Gateway string       `json:"gateway"`
	State   AttemptState `json:"state"` // declined or closed
	Code    string       `json:"code"`
	Advice  Advice       `json:"advice"`
}

// EventName returns the wire name.
func (AttemptFailed) EventName() string { return "payment.attempt_failed.v1" }

// Closed says that an intent is over without money.
type Closed struct {
	Intent IntentID     `json:"intent"`
	Group  ref.GroupID  `json:"group"`
	State  IntentState  `json:"state"` // canceled or failed
	Reason CancelReason `json:"reason"`
}

// EventName returns the wire name.
func (Closed) EventName() string { return "payment.closed.v1" }

// Conflicted says that a provider named an amount that is not ours. Nothing
// was moved; a case is open.
type Conflicted struct {
	Intent  IntentID    `json:"intent"`
	Group   ref.GroupID `json:"group"`
	Attempt AttemptID   `json:"attempt"`
	Ours    money.Money `json:"ours"`
	// What the provider said, which need not be an amount of any shop.
	TheirMinor    int64  `json:"their_minor"`
	TheirCurrency string `json:"their_currency"`
}

// EventName returns the wire name.
func (Conflicted) EventName() string { return "payment.conflicted.v1" }

// RefundMoved says that a refund was requested or has got somewhere.
type RefundMoved struct {
	Intent IntentID    `json:"intent"`
	Group  ref.GroupID `json:"group"`
	Refund RefundID    `json:"refund"`
	Reason Reason      `json:"reason"`
	Amount money.Money `json:"amount"`
	State  RefundState `json:"state"` // requested, succeeded, failed or reversed
}

// EventName returns the wire name.
func (RefundMoved) EventName() string { return "payment.refund_moved.v1" }

// CaseOpened says that a person has to look.
type CaseOpened struct {
	Case   CaseID     `json:"case"`
	Reason CaseReason `json:"reason"`
	Intent IntentID   `json:"intent"` // "" where none is known
}

// EventName returns the wire name.
func (CaseOpened) EventName() string { return "payment.case_opened.v1" }
