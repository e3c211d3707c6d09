package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// RetryInput is another try to pay, after one that failed or was left.
type RetryInput struct {
	Intent IntentID
	// After is the newest attempt the buyer knows of. If there is a newer one
	// already, Retry returns the intent as it is: a second click pays nothing.
	After AttemptID
	// Gateway and Instruction as for [OpenInput].
	Gateway string
	Instruction
}

// Retry tries again under a new number, at any gateway: the time to pay by and
// the state of the orders follow its terms. An attempt that is still under way
// is closed at the provider first. One that was provably never executed is sent
// again as it is where the choice is the same, and closed where it is another.
// The intent's state says how the try went. Never call it inside a unit.
//
// What would be paid on delivery waits for the new try from the moment it is
// chosen, and is not shipped until it is paid, or on delivery is chosen again.
//
// Kinds: NotFound, Invalid; FailedPrecondition, code "payment.over", where the
// intent can no longer be paid, "payment.attempt_open" where an older attempt
// cannot be closed yet, or "payment.on_delivery" where the goods are on their
// way to be paid on delivery; what a [ChoiceSubject] answers where the gateway
// is another one.
func (s *Service) Retry(ctx context.Context, scope ref.Scope, in RetryInput) (Intent, error) {
	it, err := s.Get(ctx, scope, in.Intent)
	if err != nil {
		return Intent{}, err
	}
	var v fault.Violations
	s.checkChoice(&v, in.Gateway, in.Instruction, it.Payable)
	if err := v.Err("payment.invalid", "the payment is not valid"); err != nil {
		return Intent{}, err
	}
	if last, ok := it.Last(); ok && last.ID != in.After {
		return it, nil
	}
	if err := s.mayChoose(ctx, it, in.Gateway); err != nil {
		return Intent{}, err
	}
	if a := it.underway(); a != nil && it.State.Alive() {
		if a.State == AttemptNew && a.Gateway == in.Gateway && a.Instruction.equal(in.Instruction) {
			return s.resend(ctx, it.ID, a.ID)
		}
		if it, err = s.leave(ctx, it, *a, in); err != nil {
			return it, err
		}
	}
	if it.State.Paid() {
		return it, nil
	}
	next := s.attempt(AttemptID(s.cfg.IDs.New()), in.Gateway, in.Instruction, it.Payable, it.PayBy, s.cfg.Clock.Now())
	it, err = s.change(ctx, it.ID, func(c *change) error {
		last, ok := c.in.Last()
		if ok && last.ID != in.After {
			return nil // somebody else was faster
		}
		if err := c.payable(); err != nil {
			return err
		}
		if c.in.underway() != nil {
			return attemptOpen(*c.in)
		}
		terms := s.gateways[in.Gateway].caps.Terms
		if before := s.gateways[last.Gateway].caps.Terms; terms == TermsOnDelivery || terms != before {
			c.await(terms)
		}
		next.Amount = c.in.Payable
		c.next = &next
		return nil
	})
	if err != nil {
		return Intent{}, err
	}
	if a, ok := it.Attempt(next.ID); ok {
		return s.pay(ctx, it, a)
	}
	return it, nil
}

// mayChoose asks the subject about a gateway that is not the last one.
func (s *Service) mayChoose(ctx context.Context, it Intent, gateway string) error {
	cs, ok := s.cfg.Subject.(ChoiceSubject)
	if last, tried := it.Last(); !ok || !tried || last.Gateway == gateway || !it.State.Alive() {
		return nil
	}
	return cs.Choose(ctx, it.Clone(), gateway)
}

// leave closes the attempt under way for another choice. What is paid on
// delivery stops being so before that: from then on nothing is shipped for it.
func (s *Service) leave(ctx context.Context, it Intent, a Attempt, in RetryInput) (Intent, error) {
	if a.State == AttemptNew {
		return s.on(ctx, it.ID, a.ID, (*change).drop)
	}
	if a.State == AttemptSent && s.cfg.Clock.Now().Before(a.CallBy) {
		return it, attemptOpen(it)
	}
	if s.onDelivery(a.Gateway) {
		terms := s.gateways[in.Gateway].caps.Terms
		if terms == TermsOnDelivery {
			terms = ""
		}
		var err error
		it, err = s.change(ctx, it.ID, func(c *change) error {
			if now := c.in.attempt(a.ID); now == nil || now.State.Definite() {
				return nil // it is over meanwhile
			}
			if err := c.payable(); err != nil {
				return err
			}
			c.await(terms)
			c.leaving = true
			return nil
		})
		if err != nil {
			return Intent{}, err
		}
	}
	return s.ask(ctx, it, a, callCancel)
}

// payable refuses another attempt where none can be made any more.
func (c *change) payable() error {
	late := !c.in.PayBy.IsZero() && !c.now.Before(c.in.PayBy)
	if !c.in.State.Alive() || late || len(c.in.Attempts) >= c.attempts {
		return fault.New(fault.FailedPrecondition, "payment.over", "the payment is over").
			With("state", string(c.in.State))
	}
	return nil
}

func attemptOpen(in Intent) error {
	return fault.New(fault.FailedPrecondition, "payment.attempt_open", "an earlier try is not over yet").
		With("id", string(in.ID))
}
