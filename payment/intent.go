package payment

import (
	"maps"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// IntentID names an intent.
type IntentID = ref.IntentID

// AttemptID names an attempt.
type AttemptID string

// TenderKind says what an amount is paid with.
type TenderKind string

// TenderExternal is money that a provider takes.
const TenderExternal TenderKind = "external"

// Tender is one part of what is paid, fixed when the intent is drafted. The
// tenders of an intent always add up to its payable amount.
type Tender struct {
	Seq    int         `json:"seq"` // from 1
	Kind   TenderKind  `json:"kind"`
	Amount money.Money `json:"amount"`
}

// Intent is the paying of one order group: what is to be paid, with what, and
// every try to get it. It is one aggregate with its tenders and attempts.
type Intent struct {
	ID     IntentID
	Number string
	Group  ref.GroupID
	// Member or, for guests, the guest's key: whose intent this is.
	Member ref.MemberID
	Guest  string
	// Quote is the hash of the quote that was accepted; another quote needs
	// another intent.
	Quote    string
	State    IntentState
	Payable  money.Money
	Refunded money.Money // of the counted capture, succeeded refunds only
	Tenders  []Tender
	Attempts []Attempt
	// PayBy is when it is given up unpaid; zero means never. What is
	// authorized by then is not given up.
	PayBy time.Time
	// Reason says why it is canceling, canceled or failed.
	Reason      CancelReason
	CancelingAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	// NextAt is when the sweeper looks at it again; zero means never.
	NextAt  time.Time
	Version int64
}

// CancelReason says why an intent was given up.
type CancelReason string

// The reasons.
const (
	CancelBuyer     CancelReason = "buyer"
	CancelShop      CancelReason = "shop"
	CancelExpired   CancelReason = "expired"
	CancelExhausted CancelReason = "exhausted"
)

// Attempt is one try at one provider under one number and one body.
type Attempt struct {
	ID          AttemptID
	Number      string
	Seq         int // from 1 within the intent
	Gateway     string
	State       AttemptState
	Amount      money.Money
	Instruction Instruction
	ExpiresAt   time.Time // of the body, fixed like it
	ProviderRef string
	Action      Action
	Code        string // of the last refusal
	Advice      Advice
	// Counted is set where this attempt's capture pays the intent: at most
	// one. Late is set where it was captured after it or its intent was over.
	Counted bool
	Late    bool
	// Conflict is the amount a provider named that is not ours, "" if none.
	Conflict string
	// Alerted is set once a case was opened for being stuck.
	Alerted bool
	// Evidence is the row (a history event or a notice) that proves State.
	Evidence string
	// Refunding is what refunds hold of the capture, in minor units, from
	// requested to succeeded. It is written by [RefundStore] alone.
	Refunding  int64
	Sends      int // how often Pay was called
	Asks       int // how often the provider was asked since the last send
	CreatedAt  time.Time
	SentAt     time.Time
	CallBy     time.Time // a call that has no answer by then is lost
	CapturedAt time.Time
}

// Ref names the attempt to its provider.
func (a Attempt) Ref() AttemptRef {
	return AttemptRef{Number: a.Number, ProviderRef: a.ProviderRef, Amount: a.Amount}
}

// Request is the body of the attempt, the same on every send.
func (a Attempt) Request() PayRequest {
	return PayRequest{Number: a.Number, Amount: a.Amount, ExpiresAt: a.ExpiresAt, Instruction: a.Instruction}
}

// Captured is what the provider has taken, in minor units.
func (a Attempt) Captured() int64 {
	if a.State == AttemptCaptured {
		return a.Amount.Minor()
	}
	return 0
}

// Refundable is what can still be given back, in minor units.
func (a Attempt) Refundable() int64 { return a.Captured() - a.Refunding }

// Last returns the newest attempt; ok is false where nothing was tried.
func (in Intent) Last() (a Attempt, ok bool) {
	if len(in.Attempts) == 0 {
		return Attempt{}, false
	}
	return in.Attempts[len(in.Attempts)-1], true
}

// Counted returns the attempt whose capture pays the intent.
func (in Intent) Counted() (a Attempt, ok bool) {
	for _, a := range in.Attempts {
		if a.Counted {
			return a, true
		}
	}
	return Attempt{}, false
}

// Attempt returns the attempt with that id.
func (in Intent) Attempt(id AttemptID) (a Attempt, ok bool) {
	if p := in.attempt(id); p != nil {
		return *p, true
	}
	return Attempt{}, false
}

func (in *Intent) attempt(id AttemptID) *Attempt {
	for i := range in.Attempts {
		if in.Attempts[i].ID == id {
			return &in.Attempts[i]
		}
	}
	return nil
}

// underway returns the oldest attempt that is not over, nil if there is none.
func (in *Intent) underway() *Attempt {
	for i := range in.Attempts {
		if !in.Attempts[i].State.Definite() {
			return &in.Attempts[i]
		}
	}
	return nil
}

// Gateway returns that of the attempt which is under way or, where none is, of
// the counted or the newest one; empty where nothing was tried.
func (in Intent) Gateway() string {
	if a := in.underway(); a != nil {
		return a.Gateway
	}
	if a, ok := in.Counted(); ok {
		return a.Gateway
	}
	a, _ := in.Last()
	return a.Gateway
}

// Clone returns a deep copy.
func (in Intent) Clone() Intent {
	in.Tenders = slices.Clone(in.Tenders)
	in.Attempts = slices.Clone(in.Attempts)
	for i := range in.Attempts {
		a := &in.Attempts[i]
		a.Instruction = a.Instruction.clone()
		a.Action.Params = maps.Clone(a.Action.Params)
	}
	return in
}
