package payment

import (
	"time"

	"github.com/soukhq/souk/commerce/event"
)

// recorder gathers what a change leaves beside the changed rows.
type recorder struct {
	intent  IntentID
	now     time.Time
	newID   func() string
	alertIn time.Duration // what has no definite answer for so long becomes a case

	history  []Event
	events   []event.Payload
	cases    []Case
	resolved []CaseID // cases that have settled themselves
}

// record adds a row to the history and returns its evidence: the id given,
// else the row's own, but none for what nobody outside has said.
func (r *recorder) record(e Event) string {
	e.ID, e.Intent, e.At = EventID(r.newID()), r.intent, r.now
	if e.Evidence == "" && e.Source != SourceShop && e.Source != SourceDeadline {
		e.Evidence = string(e.ID)
	}
	r.history = append(r.history, e)
	return e.Evidence
}

// open adds a case about an object; the same matter is stored once.
func (r *recorder) open(reason CaseReason, object string, k Case) {
	k.ID, k.Reason, k.Intent, k.State = caseID(reason, object), reason, r.intent, CaseOpen
	k.OpenedAt, k.UpdatedAt = r.now, r.now
	r.cases = append(r.cases, k)
}
