package payment

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// refundFinding is what one source says about one leg of a refund.
type refundFinding struct {
	source   Source
	query    bool
	evidence string
	outcome  RefundOutcome
	failure  *Failure
}

// refundChange gathers what one piece of news does to a refund and, where the
// counted capture is concerned, to its intent. It is pure, as [change] is.
type refundChange struct {
	recorder
	r  *Refund
	in *Intent

	touched  bool // the refund
	refunded bool // the intent
}

func (c *refundChange) hear(l *RefundLeg, f refundFinding) {
	if f.source == SourceAnswer && l.State == RefundUnknown {
		l.Asks, c.touched = 0, true // too late to be trusted alone: ask soon
		return
	}
	if f.failure != nil {
		c.hearFailure(l, f)
		return
	}
	o := f.outcome
	switch o.State {
	case RefundSucceeded, RefundPending, RefundReversed:
		if o.Amount != l.Amount {
			c.conflict(l, f)
			return
		}
	case RefundFailed:
	default: // no provider may say this: as good as no answer
		f.failure = Fail(Unknown, "bad_state", nil)
		c.hearFailure(l, f)
		return
	}
	if o.State == RefundReversed && l.State.To(RefundSucceeded) {
		// What came back had arrived: the news of that was overtaken.
		c.move(l, RefundSucceeded, f)
		c.settled(l, o.Code)
	}
	switch {
	case l.State.To(o.State):
		c.move(l, o.State, f)
		c.settled(l, o.Code)
	case l.State == o.State && !l.State.Definite():
		c.asked(l)
	}
}

// asked notes that a provider was asked and had nothing new to say.
func (c *refundChange) asked(l *RefundLeg) {
	c.touched = true
	l.Asks++
	c.alert(l)
}

// settled draws the consequences of a leg that got somewhere.
func (c *refundChange) settled(l *RefundLeg, code string) {
	switch l.State { //nolint:exhaustive // the rest has no consequences
	case RefundSucceeded:
		c.give(l, l.Amount.Minor())
		c.news()
	case RefundReversed:
		c.give(l, -l.Amount.Minor())
		c.news()
		c.open(CaseRefundFailed, l.Number+"/reversed", c.caseOf(l, code))
	case RefundFailed:
		l.Code = code
		c.news()
		c.open(CaseRefundFailed, l.Number, c.caseOf(l, code))
	}
}

func (c *refundChange) hearFailure(l *RefundLeg, f refundFinding) {
	class := f.failure.Class
	if f.query || f.source == SourceDeadline {
		if class == NotFound && l.State == RefundUnknown && !c.now.Before(l.SentAt.Add(graceNotFound)) {
			c.move(l, RefundRequested, f)
			return
		}
		if f.source == SourceDeadline && l.State.To(RefundUnknown) {
			c.move(l, RefundUnknown, f)
			return
		}
		if !l.State.Definite() {
			c.asked(l)
		}
		return
	}
	if l.State != RefundSent {
		return
	}
	switch class {
	case Declined, Invalid, Unsupported, NotFound:
		c.move(l, RefundFailed, f)
		c.settled(l, string(class)+":"+f.failure.Code)
	case NotExecuted:
		c.move(l, RefundRequested, f)
		c.alert(l)
	case Auth:
		c.open(CaseGateway, l.Number+"/"+string(class), c.caseOf(l, string(class)+":"+f.failure.Code))
		c.move(l, RefundRequested, f)
	case Conflict:
		c.open(CaseGateway, l.Number+"/"+string(class), c.caseOf(l, string(class)+":"+f.failure.Code))
		c.move(l, RefundUnknown, f)
	case Unknown:
		c.move(l, RefundUnknown, f)
	}
}

func (c *refundChange) conflict(l *RefundLeg, f refundFinding) {
	seen := amountText(f.outcome.Amount)
	if l.State == RefundSent {
		c.move(l, RefundUnknown, f)
	} else if !l.State.Definite() {
		l.Asks++
		c.touched = true
	}
	if l.Conflict == seen {
		return
	}
	l.Conflict, c.touched = seen, true
	c.record(Event{
		Of: OfRefund, Object: l.Number, Kind: EventConflict, From: string(l.State), To: string(l.State),
		Source: f.source, Evidence: f.evidence, ProviderRef: f.outcome.ProviderRef, Amount: f.outcome.Amount,
	})
	c.open(CaseWrongAmount, l.Number+"/"+seen, Case{
		Attempt: l.Attempt, Refund: c.r.ID, Amount: f.outcome.Amount, Code: f.outcome.ProviderRef,
	})
}

func (c *refundChange) alert(l *RefundLeg) {
	if l.Alerted || c.now.Before(c.r.CreatedAt.Add(c.alertIn)) || l.State == RefundPending {
		return
	}
	l.Alerted = true
	c.open(CaseStuck, l.Number, c.caseOf(l, l.Code))
}

// give moves the intent's refunded total, and with it its state, where the
// leg gives back the counted capture.
func (c *refundChange) give(l *RefundLeg, minor int64) {
	a := c.in.attempt(l.Attempt)
	if a == nil || !a.Counted {
		return
	}
	c.refunded = true
	c.in.Refunded = money.New(c.in.Refunded.Minor()+minor, c.in.Payable.Currency())
	to := IntentPartiallyRefunded
	switch c.in.Refunded.Minor() {
	case 0:
		to = IntentCaptured
	case c.in.Payable.Minor():
		to = IntentRefunded
	}
	if to == c.in.State || !c.in.State.To(to) {
		return
	}
	c.record(Event{
		Of: OfIntent, Object: string(c.in.ID), Kind: EventMoved, From: string(c.in.State), To: string(to),
		Source: SourceShop, Amount: c.in.Refunded,
	})
	c.in.State = to
}

// send writes down that the call of a leg goes out now.
func (c *refundChange) send(l *RefundLeg, callBy time.Time) {
	if l.State != RefundRequested || c.r.Manual {
		return
	}
	of, _ := c.in.Attempt(l.Attempt)
	c.move(l, RefundSent, refundFinding{source: SourceShop, evidence: l.digest(of.Number, c.r.Reason)})
	l.Evidence = "" // nobody has said anything yet
	l.Sends++
	l.SentAt, l.CallBy = c.now, callBy
}

// lapse gives up waiting for the answer of a call.
func (c *refundChange) lapse(l *RefundLeg) {
	if l.State == RefundSent && !c.now.Before(l.CallBy) {
		c.hear(l, refundFinding{source: SourceDeadline, failure: Fail(Unknown, "no_answer", nil)})
	}
}

func (c *refundChange) move(l *RefundLeg, to RefundState, f refundFinding) {
	if !l.State.To(to) {
		return
	}
	c.touched = true
	e := Event{
		Of: OfRefund, Object: l.Number, Kind: EventMoved, From: string(l.State), To: string(to),
		Source: f.source, Evidence: f.evidence, ProviderRef: f.outcome.ProviderRef, Amount: l.Amount, Code: f.outcome.Code,
	}
	if f.failure != nil {
		e.Code = f.failure.Code
	}
	l.Evidence = c.record(e)
	l.State, l.Asks = to, 0
	if l.Alerted && to.Definite() {
		l.Alerted = false
		c.resolved = append(c.resolved, caseID(CaseStuck, l.Number))
	}
	if c.r.Manual && to == RefundSucceeded {
		c.resolved = append(c.resolved, caseID(CaseManualRefund, c.r.Number))
	}
	if f.outcome.ProviderRef != "" {
		l.ProviderRef = f.outcome.ProviderRef
	}
	c.r.rollUp()
}

func (c *refundChange) caseOf(l *RefundLeg, code string) Case {
	return Case{Attempt: l.Attempt, Refund: c.r.ID, Amount: l.Amount, Code: code}
}

func (c *refundChange) news() {
	c.events = append(c.events, RefundMoved{
		Intent: c.r.Intent, Group: c.in.Group, Refund: c.r.ID, Reason: c.r.Reason, Amount: c.r.Amount, State: c.r.State,
	})
}

// schedule sets when the sweeper looks at the refund again.
func (r *Refund) schedule(now time.Time) {
	at := time.Time{}
	for _, l := range r.Legs {
		var t time.Time
		switch {
		case l.State.Definite() || r.Manual:
			continue
		case l.State == RefundRequested && l.Sends == 0:
			t = now
		case l.State == RefundRequested:
			t = now.Add(backoff(l.Sends - 1))
		case l.State == RefundSent:
			t = l.CallBy
		default:
			t = now.Add(backoff(l.Asks))
		}
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	r.NextAt = at
}
