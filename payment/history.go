package payment

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// EventID names a row of the history.
type EventID string

// Subjects of a history event.
const (
	OfIntent  = "intent"
	OfAttempt = "attempt"
	OfRefund  = "refund"
)

// Source says where a piece of news came from.
type Source string

// The sources. A state that follows unknown needs one of query, notice or
// cancel.
const (
	SourceShop     Source = "shop"     // a decision of ours
	SourceAnswer   Source = "answer"   // to Pay, Capture or Refund
	SourceQuery    Source = "query"    // the provider was asked
	SourceNotice   Source = "notice"   // verified
	SourceCancel   Source = "cancel"   // answer to Cancel
	SourceDeadline Source = "deadline" // no answer in time
)

// EventKind says what a history event records.
type EventKind string

// The kinds.
const (
	EventMoved    EventKind = "moved"    // From to To
	EventConflict EventKind = "conflict" // the provider named another amount; nothing moved
	EventReduced  EventKind = "reduced"  // less is to be paid: Amount
)

// Event is one row of an intent's history, written in the unit that changed
// the intent. The newest moved event of each object is the object's state.
type Event struct {
	ID      EventID
	Intent  IntentID
	Of      string // OfIntent, OfAttempt, OfRefund
	Object  string // its id
	Version int64  // of the aggregate, after the change
	Kind    EventKind
	From    string
	To      string
	Source  Source
	// Evidence is the notice's id for SourceNotice, the event's own id for
	// everything else the provider said, and for a send the digest of what was
	// sent, which is the same each time.
	Evidence    string
	ProviderRef string
	Amount      money.Money
	Code        string
	At          time.Time
}
