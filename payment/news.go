package payment

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// callKind is what the provider was asked to do.
type callKind uint8

const (
	callPay callKind = iota
	callQuery
	callCancel
	callCapture
	noCall // a notice, a deadline, a decision of ours
)

// acts reports whether a call of this kind can have had an effect although
// its answer was lost.
func (k callKind) acts() bool { return k == callPay || k == callCancel || k == callCapture }

// declines reports whether a refusal of a call of this kind ends the attempt.
// A provider that refuses to look a payment up or to close one has said
// nothing about the payment, which may be paid all the same.
func (k callKind) declines() bool { return k == callPay || k == callCapture }

// finding is what one source says about one attempt: an outcome or, where
// failure is set, none.
type finding struct {
	source   Source
	call     callKind
	evidence string // the notice's id; "" means the history event itself
	outcome  Outcome
	failure  *Failure
}

// change gathers what one piece of news does to an intent. It is pure: the
// service loads the intent, lets the news work on it, and saves the change
// in one unit.
type change struct {
	recorder
	in         *Intent
	attempts   int                       // how many attempts an intent may have
	onDelivery func(gateway string) bool // whether a gateway is paid on delivery

	touched bool
	awaits  bool     // the subject is asked what it makes of terms
	terms   Terms    // as for [Subject.Await]
	leaving bool     // what is on delivery is left, unless the goods are gone
	next    *Attempt // to be added under them
	move    func(context.Context) error
	refunds []autoRefund
	paid    bool // the intent has become captured: the subject is asked
	closed  bool // the intent is over without money: the subject is told
	err     error
}

// autoRefund is a refund the service decided on by itself.
type autoRefund struct {
	attempt AttemptID
	reason  Reason
}

// light reports whether nothing but a count would be saved.
func (c *change) light() bool {
	return len(c.history) == 0 && len(c.cases) == 0 && len(c.events) == 0 && !c.awaits && c.next == nil && c.err == nil
}

// hear lets a finding about a work on the intent. What does not follow from
// the state is stale and changes nothing.
func (c *change) hear(a *Attempt, f finding) {
	if f.source == SourceAnswer && a.State == AttemptUnknown {
		// The answer came after it had been given up. Only the provider's
		// record counts now; it is asked soon.
		a.Asks, c.touched = 0, true
		return
	}
	if f.failure != nil {
		if !a.State.Definite() {
			c.hearFailure(a, f)
		}
		return
	}
	o := f.outcome
	switch o.State {
	case AttemptCaptured, AttemptAuthorized:
		if o.Amount != a.Amount {
			c.conflict(a, f)
			return
		}
	case AttemptDeclined, AttemptClosed:
	case AttemptActionRequired, AttemptPending:
		if o.Amount.Currency() != "" && o.Amount != a.Amount {
			c.conflict(a, f)
			return
		}
	default: // no provider may say this: as good as no answer
		f.failure = Fail(Unknown, "bad_state", nil)
		c.hearFailure(a, f)
		return
	}
	switch o.State {
	case AttemptCaptured:
		c.captured(a, f)
	case AttemptDeclined, AttemptClosed:
		c.over(a, o.State, f)
	default:
		c.progress(a, f)
	}
}

func (c *change) captured(a *Attempt, f finding) {
	if a.State == AttemptCaptured {
		if f.outcome.ProviderRef != "" && a.ProviderRef != "" && f.outcome.ProviderRef != a.ProviderRef {
			c.touched = true
			c.open(CaseTwoPayments, string(a.ID)+"/"+f.outcome.ProviderRef, Case{
				Attempt: a.ID, Amount: f.outcome.Amount, Code: f.outcome.ProviderRef,
			})
		}
		return
	}
	from := a.State
	c.moveTo(a, AttemptCaptured, f)
	a.CapturedAt, a.Action, a.Code, a.Advice = c.now, Action{}, "", ""
	wanted := c.in.State.Alive() || c.in.State == IntentCanceling
	switch {
	case wanted && a.Amount == c.in.Payable:
		a.Counted, a.Late = true, from.Definite()
		c.moveIntent(IntentCaptured, f.source)
		c.paid = true
		c.collected()
	case c.in.State.Paid():
		a.Late = true
		c.refunds = append(c.refunds, autoRefund{a.ID, ReasonDuplicate})
	default: // the intent is over, or less is to be paid by now
		a.Late = true
		c.refunds = append(c.refunds, autoRefund{a.ID, ReasonLate})
	}
	c.events = append(c.events, Captured{
		Intent: c.in.ID, Group: c.in.Group, Attempt: a.ID, Gateway: a.Gateway, Amount: a.Amount, Counted: a.Counted,
	})
}

// over ends an attempt without money.
func (c *change) over(a *Attempt, to AttemptState, f finding) {
	if !a.State.To(to) {
		return
	}
	from := a.State
	c.moveTo(a, to, f)
	a.Action = Action{}
	a.Code, a.Advice = f.outcome.Code, f.outcome.Advice
	if f.failure != nil {
		a.Code, a.Advice = f.failure.Code, f.failure.Advice
	}
	c.events = append(c.events, AttemptFailed{
		Intent: c.in.ID, Group: c.in.Group, Attempt: a.ID, Gateway: a.Gateway, State: to, Code: a.Code, Advice: a.Advice,
	})
	if c.in.underway() != nil {
		return
	}
	switch state := c.in.State; {
	case state == IntentCanceling:
		c.finish(IntentCanceled, c.in.Reason, f.source)
	case state.Alive() && len(c.in.Attempts) >= c.attempts && !c.owed():
		c.finish(IntentFailed, CancelExhausted, f.source)
	case state == IntentProcessing || state == IntentAuthorized:
		c.moveIntent(IntentReserved, f.source)
	}
	c.uncollected(a, from, f)
}

// finish ends an intent without money: every attempt is over.
func (c *change) finish(to IntentState, reason CancelReason, source Source) {
	c.in.Reason = reason
	c.moveIntent(to, source)
	c.closed = true
	c.collected()
	c.events = append(c.events, Closed{Intent: c.in.ID, Group: c.in.Group, State: to, Reason: reason})
}

func (c *change) progress(a *Attempt, f finding) {
	to := f.outcome.State
	switch {
	case a.State == to:
		c.asked(a)
	case a.State.To(to):
		c.moveTo(a, to, f)
		if to == AttemptAuthorized && c.in.State == IntentProcessing {
			c.moveIntent(IntentAuthorized, f.source)
		}
	default:
		return
	}
	if f.outcome.Action.Kind != ActionNone || to != AttemptActionRequired {
		a.Action = f.outcome.Action
	}
}

// asked notes that a provider was asked and had nothing new to say.
func (c *change) asked(a *Attempt) {
	c.touched = true
	a.Asks++
	c.alert(a)
}

func (c *change) hearFailure(a *Attempt, f finding) {
	class := f.failure.Class
	if class == Declined && !f.call.declines() {
		class = Unknown
	}
	if f.call == callPay && a.State == AttemptSent {
		switch class {
		case Declined:
			c.over(a, AttemptDeclined, f)
		case NotExecuted:
			c.notExecuted(a, f)
		case Invalid, Unsupported, Auth:
			// Refused before it meant anything, for a reason of ours.
			c.gatewayCase(a, f)
			c.over(a, AttemptClosed, f)
		case Conflict:
			c.gatewayCase(a, f)
			c.unsure(a, f)
		case Unknown, NotFound:
			c.unsure(a, f)
		}
		return
	}
	switch class {
	case Declined: // of a capture: what was authorized is gone
		c.over(a, AttemptDeclined, f)
		return
	case NotFound:
		gone := a.State == AttemptUnknown && !c.now.Before(a.SentAt.Add(graceNotFound))
		if gone && (f.call == callQuery || f.call == callCancel) {
			c.notExecuted(a, f)
			return
		}
	case Invalid, Unsupported, Auth, Conflict:
		c.gatewayCase(a, f)
	case Unknown:
		if f.call.acts() || f.source == SourceDeadline {
			c.unsure(a, f)
			return
		}
	case NotExecuted:
	}
	c.asked(a)
}

// notExecuted: it is proved that the provider did nothing. While the intent
// lives the same number is sent again.
func (c *change) notExecuted(a *Attempt, f finding) {
	if !c.in.State.Alive() || a.Sends >= maxSends {
		c.over(a, AttemptClosed, f)
		return
	}
	c.moveTo(a, AttemptNew, f)
}

// unsure: a call that could have had an effect was lost.
func (c *change) unsure(a *Attempt, f finding) {
	if a.State.To(AttemptUnknown) {
		c.moveTo(a, AttemptUnknown, f)
		return
	}
	c.asked(a)
}

// conflict: the provider names another amount or currency. No money moves.
func (c *change) conflict(a *Attempt, f finding) {
	theirs := f.outcome.Amount
	seen := amountText(theirs)
	if a.State == AttemptSent {
		c.unsure(a, f)
	} else if !a.State.Definite() {
		a.Asks++
		c.touched = true
	}
	if a.Conflict == seen {
		return
	}
	a.Conflict, c.touched = seen, true
	c.record(Event{
		Of: OfAttempt, Object: string(a.ID), Kind: EventConflict, From: string(a.State), To: string(a.State),
		Source: f.source, Evidence: f.evidence, ProviderRef: f.outcome.ProviderRef, Amount: theirs,
	})
	c.events = append(c.events, Conflicted{
		Intent: c.in.ID, Group: c.in.Group, Attempt: a.ID, Ours: a.Amount,
		TheirMinor: theirs.Minor(), TheirCurrency: string(theirs.Currency()),
	})
	c.open(CaseWrongAmount, string(a.ID)+"/"+seen, Case{Attempt: a.ID, Amount: theirs, Code: f.outcome.ProviderRef})
}

// alert opens a case for an attempt that nobody could settle for too long.
func (c *change) alert(a *Attempt) {
	since := time.Time{}
	switch {
	case c.in.State == IntentCanceling:
		since = c.in.CancelingAt
	case a.State == AttemptUnknown:
		since = a.CallBy
	}
	if since.IsZero() || a.Alerted || c.now.Before(since.Add(c.alertIn)) {
		return
	}
	a.Alerted = true
	c.open(CaseStuck, string(a.ID), Case{Attempt: a.ID, Amount: a.Amount, Code: a.Code})
}

func (c *change) gatewayCase(a *Attempt, f finding) {
	c.touched = true
	c.open(CaseGateway, string(a.ID)+"/"+string(f.failure.Class), Case{
		Attempt: a.ID, Amount: a.Amount, Code: string(f.failure.Class) + ":" + f.failure.Code,
	})
}

func (c *change) moveTo(a *Attempt, to AttemptState, f finding) {
	c.touched = true
	if !a.State.To(to) {
		c.err = badTransition(OfAttempt, string(a.ID), string(a.State), string(to))
		return
	}
	e := Event{
		Of: OfAttempt, Object: string(a.ID), Kind: EventMoved, From: string(a.State), To: string(to),
		Source: f.source, Evidence: f.evidence, ProviderRef: f.outcome.ProviderRef, Amount: a.Amount, Code: f.outcome.Code,
	}
	if f.failure != nil {
		e.Code = f.failure.Code
	}
	a.Evidence = c.record(e)
	a.State, a.Asks = to, 0
	if a.Alerted && to.Definite() {
		a.Alerted = false
		c.resolved = append(c.resolved, caseID(CaseStuck, string(a.ID)))
	}
	if f.outcome.ProviderRef != "" {
		a.ProviderRef = f.outcome.ProviderRef
	}
}

func (c *change) moveIntent(to IntentState, source Source) {
	c.touched = true
	if !c.in.State.To(to) {
		c.err = badTransition(OfIntent, string(c.in.ID), string(c.in.State), string(to))
		return
	}
	c.record(Event{
		Of: OfIntent, Object: string(c.in.ID), Kind: EventMoved, From: string(c.in.State), To: string(to),
		Source: source, Amount: c.in.Payable, Code: string(c.in.Reason),
	})
	c.in.State = to
}

// amountText names an amount without a locale, for keys.
func amountText(m money.Money) string {
	return string(m.Currency()) + " " + itoa(m.Minor())
}
