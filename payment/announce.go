package payment

import (
	"github.com/soukhq/souk/commerce/event"
)

// Announced returns what the event log holds of intents with this history and
// these refunds, one record for each row that was announced, under an id that
// follows from the row. Cases are announced beside the history and left out.
// What a row does not tell is not in its payload: the group, gateways, reasons.
func Announced(history []Event, refunds []Refund) ([]event.Record, error) {
	legs := map[string]*Refund{}
	for i := range refunds {
		for _, l := range refunds[i].Legs {
			legs[l.Number] = &refunds[i]
		}
	}
	var out []event.Record
	requested := map[RefundID]bool{}
	for i := range history {
		e := &history[i]
		p := announcement(e, legs, requested)
		if p == nil {
			continue
		}
		rec, err := event.New(string(e.ID)+"/"+p.EventName(), Topic, string(e.Intent), e.At, p)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// announcement returns the event of a row, nil where it has none.
func announcement(e *Event, legs map[string]*Refund, requested map[RefundID]bool) event.Payload {
	switch {
	case e.Kind == EventReduced:
		return Reduced{Intent: e.Intent, Payable: e.Amount}
	case e.Kind == EventConflict && e.Of == OfAttempt:
		return Conflicted{Intent: e.Intent, Attempt: AttemptID(e.Object)}
	case e.Kind != EventMoved:
	case e.Of == OfAttempt:
		switch to := AttemptState(e.To); to { //nolint:exhaustive // the rest is announced by nothing
		case AttemptCaptured:
			return Captured{Intent: e.Intent, Attempt: AttemptID(e.Object), Amount: e.Amount}
		case AttemptDeclined, AttemptClosed:
			return AttemptFailed{Intent: e.Intent, Attempt: AttemptID(e.Object), State: to}
		}
	case e.Of == OfIntent:
		switch to := IntentState(e.To); {
		case e.From == "":
			return Opened{Intent: e.Intent, Payable: e.Amount}
		case to == IntentCanceled || to == IntentFailed:
			return Closed{Intent: e.Intent, State: to}
		case to == IntentCaptured && e.Source == SourceShop && !IntentState(e.From).Paid(): // nothing was left to be paid
			return Captured{Intent: e.Intent, Amount: e.Amount, Counted: true}
		}
	case e.Of == OfRefund && legs[e.Object] != nil:
		r := legs[e.Object]
		switch to := RefundState(e.To); {
		case e.From == "":
			if requested[r.ID] { // by another leg
				return nil
			}
			requested[r.ID] = true
			return RefundMoved{Intent: e.Intent, Refund: r.ID, State: RefundRequested}
		case to == RefundSucceeded || to == RefundFailed || to == RefundReversed:
			return RefundMoved{Intent: e.Intent, Refund: r.ID, State: to}
		}
	}
	return nil
}

// Announces reports whether a name is one of the events of [Announced].
func Announces(name string) bool {
	switch name {
	case Opened{}.EventName(), Reduced{}.EventName(), Captured{}.EventName(), AttemptFailed{}.EventName(),
		Closed{}.EventName(), Conflicted{}.EventName(), RefundMoved{}.EventName():
		return true
	}
	return false
}
