package payment

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// CaseID names a case.
type CaseID string

// CaseReason says why a person has to look.
type CaseReason string

// The reasons.
const (
	CaseWrongAmount  CaseReason = "wrong_amount"  // the provider names another amount or currency
	CaseTwoPayments  CaseReason = "two_payments"  // one number, two payments at the provider
	CaseContradicts  CaseReason = "contradicts"   // one notice key, two contents
	CaseOrphan       CaseReason = "orphan"        // a verified notice for no number of ours
	CaseManualRefund CaseReason = "manual_refund" // the gateway cannot give the money back
	CaseRefundFailed CaseReason = "refund_failed" // the provider refused to give it back
	CaseStuck        CaseReason = "stuck"         // no definite answer for too long
	CaseUncollected  CaseReason = "uncollected"   // what was to be paid on delivery is not: refused, or not taken by the gateway
	CaseGateway      CaseReason = "gateway"       // the provider calls our request or credentials wrong
)

// Case is a matter that only a person can settle. Its id follows from what it
// is about, so that the same matter is opened once.
type Case struct {
	ID         CaseID
	Reason     CaseReason
	Intent     IntentID  // "" where no intent is known
	Attempt    AttemptID // "" where it is about no attempt
	Refund     RefundID
	Notice     NoticeID
	Amount     money.Money
	Code       string
	State      CaseState
	Assignee   ref.StaffID
	Resolution string // why it was closed, in the words of whoever closed it
	OpenedAt   time.Time
	UpdatedAt  time.Time
	ClosedAt   time.Time
	Version    int64
}

// Age is how long the case has been, or was, open.
func (c Case) Age(now time.Time) time.Duration {
	if c.State == CaseClosed {
		now = c.ClosedAt
	}
	return now.Sub(c.OpenedAt)
}

func caseID(reason CaseReason, object string) CaseID {
	return CaseID(derivedID(string(reason), object))
}
