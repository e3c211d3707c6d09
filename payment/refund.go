package payment

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// RefundID names a refund.
type RefundID string

// Reason says why money is given back.
type Reason string

// The reasons. Late and duplicate ones are decided by the service itself.
const (
	ReasonLate      Reason = "late"
	ReasonDuplicate Reason = "duplicate"
	ReasonCanceled  Reason = "canceled"
	ReasonReturned  Reason = "returned"
	ReasonGoodwill  Reason = "goodwill"
)

// Refund gives back some of what was captured for an intent, in one leg per
// tender. Its amounts are held against the capture from the request on, so
// that any number of parallel refunds never exceed it.
type Refund struct {
	ID     RefundID
	Number string
	Intent IntentID
	// Key makes a request repeatable: one refund per (Intent, Key).
	Key    string
	Reason Reason
	Amount money.Money
	// State follows from the legs: the least advanced one's.
	State RefundState
	Legs  []RefundLeg
	// Manual is set where the gateway cannot do it: a person pays it back and
	// confirms by notice.
	Manual    bool
	CreatedAt time.Time
	UpdatedAt time.Time
	NextAt    time.Time // when the sweeper looks at it again; zero means never
	Version   int64
}

// RefundLeg is what one tender gets back, under one number and one body.
type RefundLeg struct {
	Seq         int         `json:"seq"` // from 1
	Number      string      `json:"number"`
	Tender      int         `json:"tender"` // seq of the tender
	Attempt     AttemptID   `json:"attempt"`
	Amount      money.Money `json:"amount"`
	State       RefundState `json:"state"`
	ProviderRef string      `json:"provider_ref,omitempty"`
	Code        string      `json:"code,omitempty"`     // why it failed
	Conflict    string      `json:"conflict,omitempty"` // an amount the provider named that is not ours
	Alerted     bool        `json:"alerted,omitempty"`
	Evidence    string      `json:"evidence,omitempty"`
	Sends       int         `json:"sends,omitempty"`
	Asks        int         `json:"asks,omitempty"`
	SentAt      time.Time   `json:"sent_at,omitzero"`
	CallBy      time.Time   `json:"call_by,omitzero"`
}

// Held returns what the refund holds of each attempt's capture, in minor
// units.
func (r Refund) Held() map[AttemptID]int64 {
	out := map[AttemptID]int64{}
	for _, l := range r.Legs {
		if l.State.Holds() {
			out[l.Attempt] += l.Amount.Minor()
		}
	}
	return out
}

// Clone returns a deep copy.
func (r Refund) Clone() Refund {
	r.Legs = slices.Clone(r.Legs)
	return r
}

// rollUp sets the refund's state: that of its least advanced leg.
func (r *Refund) rollUp() {
	order := [...]RefundState{
		RefundUnknown, RefundRequested, RefundSent, RefundPending, RefundFailed, RefundReversed, RefundSucceeded,
	}
	at := len(order) - 1
	for _, l := range r.Legs {
		at = min(at, slices.Index(order[:], l.State))
	}
	r.State = order[at]
}
