package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
)

// await notes that the subject has to be asked about other terms.
func (c *change) await(terms Terms) { c.awaits, c.terms = true, terms }

// await asks the subject under which terms the money is awaited now, and then
// adds the attempt of the new choice.
func (s *Service) await(ctx context.Context, c *change) error {
	if c.err != nil {
		return c.err
	}
	if c.awaits && c.in.State.Alive() {
		w, err := s.cfg.Subject.Await(ctx, c.in.Clone(), c.terms)
		if err != nil {
			return err
		}
		if c.leaving && w.PayBy.IsZero() {
			return cashOnDelivery("the goods are on their way, and are paid on delivery")
		}
		c.touched = true
		c.in.PayBy, c.move = w.PayBy, w.Move
	}
	if c.next != nil {
		a := *c.next
		a.ExpiresAt = c.in.PayBy
		if c.onDelivery(a.Gateway) {
			c.collected()
		}
		c.add(a)
	}
	return nil
}

// owed reports whether the goods may be out of the house unpaid: it was to be
// paid on delivery, and never expires.
func (c *change) owed() bool {
	if !c.in.State.Alive() || !c.in.PayBy.IsZero() {
		return false
	}
	for _, a := range c.in.Attempts {
		if c.onDelivery(a.Gateway) {
			return true
		}
	}
	return false
}

// uncollected notes that an attempt on delivery is over without money.
func (c *change) uncollected(a *Attempt, from AttemptState, f finding) {
	if !c.onDelivery(a.Gateway) || !c.in.State.Alive() || f.source == SourceShop || f.source == SourceCancel {
		return // what we close ourselves is followed by another choice
	}
	if from == AttemptSent || from == AttemptNew {
		c.await(TermsImmediate) // the buyer is there, and can choose again
		return
	}
	c.await("")
	c.uncollectedCase(a)
}

func (c *change) uncollectedCase(a *Attempt) {
	c.open(CaseUncollected, string(a.ID), Case{Attempt: a.ID, Amount: c.in.Payable, Code: a.Code})
}

// collected closes the cases of what was not collected on delivery: it is paid,
// given up or collected after all.
func (c *change) collected() {
	for i := range c.in.Attempts {
		a := &c.in.Attempts[i]
		over := a.State.Definite() && (a.State != AttemptCaptured || a.Late)
		if over && c.onDelivery(a.Gateway) {
			c.resolved = append(c.resolved, caseID(CaseUncollected, string(a.ID)))
		}
	}
}

func cashOnDelivery(message string) error {
	return fault.New(fault.FailedPrecondition, "payment.on_delivery", message)
}
