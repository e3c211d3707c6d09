package payment

import (
	"bytes"
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// NoticeID names a stored notice.
type NoticeID string

// NoticeState is what became of a notice.
type NoticeState string

// The states of a notice.
const (
	NoticeStored   NoticeState = "stored"   // acknowledged, not yet looked at
	NoticeApplied  NoticeState = "applied"  // looked at; the intent is up to date with it
	NoticeConflict NoticeState = "conflict" // names another amount, or contradicts itself
	NoticeOrphan   NoticeState = "orphan"   // its number is none of ours
)

// Notice is a verified message of a provider, kept before it is acknowledged
// and before it has any effect. Its id follows from gateway and key, so that
// a repetition finds the first.
type Notice struct {
	ID      NoticeID
	Gateway string
	Key     string
	Kind    MessageKind
	Number  string
	// State, ProviderRef, Amount, Code and Advice are what the message says.
	Says        string
	ProviderRef string
	Amount      money.Money
	Code        string
	Advice      Advice
	// Raw is the body as it came. It can hold personal data: it is never
	// logged, and it can be erased.
	Raw       []byte
	State     NoticeState
	CreatedAt time.Time
	UpdatedAt time.Time
	NextAt    time.Time // when the sweeper takes it up; zero once it is done
	Version   int64
}

// Clone returns a deep copy.
func (n Notice) Clone() Notice {
	n.Raw = bytes.Clone(n.Raw)
	return n
}

// same reports whether two notices say the same.
func (n Notice) same(o Notice) bool {
	return n.Kind == o.Kind && n.Number == o.Number && n.Says == o.Says && n.Amount == o.Amount
}

func newNotice(gateway string, m Message, raw []byte, now time.Time) Notice {
	n := Notice{
		ID: NoticeID(derivedID(gateway, m.Key)), Gateway: gateway, Key: m.Key, Kind: m.Kind, Number: m.Number,
		Raw: raw, State: NoticeStored, CreatedAt: now, UpdatedAt: now, NextAt: now,
	}
	m.Payment, m.Refund = m.Payment.tidy(), m.Refund.tidy()
	if m.Kind == MessageRefund {
		n.Says, n.ProviderRef, n.Amount, n.Code = string(m.Refund.State), m.Refund.ProviderRef, m.Refund.Amount, m.Refund.Code
	} else {
		n.Says, n.ProviderRef, n.Amount = string(m.Payment.State), m.Payment.ProviderRef, m.Payment.Amount
		n.Code, n.Advice = m.Payment.Code, m.Payment.Advice
	}
	return n
}

func (n Notice) payment() Outcome {
	return Outcome{
		State: AttemptState(n.Says), ProviderRef: n.ProviderRef, Amount: n.Amount, Code: n.Code, Advice: n.Advice,
	}
}

func (n Notice) refund() RefundOutcome {
	return RefundOutcome{State: RefundState(n.Says), ProviderRef: n.ProviderRef, Amount: n.Amount, Code: n.Code}
}
