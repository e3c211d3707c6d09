package payment

import "time"

// withdraw gives an intent up: at once where no attempt is under way, else
// the attempts have to be closed first.
func (c *change) withdraw(reason CancelReason) {
	if !c.in.State.Alive() {
		return
	}
	c.touched = true
	c.in.CancelingAt = c.now
	if c.in.underway() == nil {
		c.finish(IntentCanceled, reason, SourceShop)
		return
	}
	c.in.Reason = reason
	c.moveIntent(IntentCanceling, SourceShop)
	for i := range c.in.Attempts {
		if a := &c.in.Attempts[i]; !a.State.Definite() {
			a.Asks = 0
		}
	}
}

// expire gives up an intent whose time to pay is over.
func (c *change) expire() {
	if by := c.in.giveUp(); !by.IsZero() && !c.now.Before(by) {
		c.withdraw(CancelExpired)
	}
}

// settle captures an intent of which nothing is to be paid.
func (c *change) settle() {
	if c.in.State != IntentOpen || c.in.Payable.Minor() != 0 {
		return
	}
	c.moveIntent(IntentCaptured, SourceShop)
	c.paid = true
	c.events = append(c.events, Captured{Intent: c.in.ID, Group: c.in.Group, Amount: c.in.Payable, Counted: true})
}

// send writes down that an attempt's call goes out now.
func (c *change) send(a *Attempt, callBy time.Time) {
	if a.State != AttemptNew || !c.in.State.Alive() {
		return
	}
	c.moveTo(a, AttemptSent, finding{source: SourceShop, evidence: a.digest()})
	a.Evidence = "" // nobody has said anything yet
	a.Sends++
	a.SentAt, a.CallBy = c.now, callBy
	if c.in.State != IntentProcessing {
		c.moveIntent(IntentProcessing, SourceShop)
	}
}

// add appends a new attempt, written down as sent.
func (c *change) add(a Attempt) {
	a.Seq = len(c.in.Attempts) + 1
	a.State = AttemptNew
	c.in.Attempts = append(c.in.Attempts, a)
	c.send(&c.in.Attempts[len(c.in.Attempts)-1], a.CallBy)
}

// drop closes an attempt that was never executed.
func (c *change) drop(a *Attempt) {
	if a.State == AttemptNew {
		c.over(a, AttemptClosed, finding{source: SourceShop, outcome: Outcome{Code: "not_executed"}})
	}
}

// lapse gives up waiting for the answer of a call.
func (c *change) lapse(a *Attempt) {
	if a.State == AttemptSent && !c.now.Before(a.CallBy) {
		c.hear(a, finding{source: SourceDeadline, call: noCall, failure: Fail(Unknown, "no_answer", nil)})
	}
}
