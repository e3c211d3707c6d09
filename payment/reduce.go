package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Free closes what was under way at the provider when the caller read the
// intent, and leaves it to be paid by another attempt: what comes before
// [Service.Reduce]. The intent may turn out to be paid. Never call it inside a
// unit. Kinds: NotFound; FailedPrecondition, code "payment.attempt_open", where
// the provider has not said for certain that the attempt is over, or another one
// is under way by now.
func (s *Service) Free(ctx context.Context, read Intent) (Intent, error) {
	a := read.underway()
	if a == nil {
		return read, nil
	}
	var in Intent
	var err error
	switch {
	case a.State == AttemptNew:
		in, err = s.on(ctx, read.ID, a.ID, (*change).drop)
	case a.State == AttemptSent && s.cfg.Clock.Now().Before(a.CallBy):
		return read, attemptOpen(read)
	default:
		in, err = s.ask(ctx, read, *a, callCancel)
	}
	if err == nil && in.underway() != nil {
		err = attemptOpen(in)
	}
	return in, err
}

// Reduce lowers what is to be paid, inside the caller's unit, as when one
// merchant's order is canceled before the payment. It is the first statement
// of its unit. What is left at zero counts as captured. What is paid on
// delivery is waited for anew: a new attempt stands as sent, and
// [Service.Pay] makes its call after the commit. Where its gateway does not take
// so little, the buyer has to choose another way, and a case is open. Staff and
// system only:
// PermissionDenied for the buyer. Kinds: NotFound; Invalid for an amount that
// is not between zero and what is payable;
// FailedPrecondition, code "payment.captured", "payment.over" or, where an
// attempt is under way, "payment.attempt_open": call [Service.Free] before.
func (s *Service) Reduce(ctx context.Context, scope ref.Scope, id IntentID, by money.Money) (Intent, error) {
	next := AttemptID(s.cfg.IDs.New())
	return s.changeOnce(ctx, id, func(c *change) error {
		in := c.in
		switch {
		case !scope.Owns(in.Member, in.Guest):
			return missingIntent(id)
		case !scope.All():
			return denied()
		case in.State.Paid():
			return fault.New(fault.FailedPrecondition, "payment.captured", "the money was taken").
				With("state", string(in.State))
		case !in.State.Alive():
			return fault.New(fault.FailedPrecondition, "payment.over", "the payment is over").
				With("state", string(in.State))
		case in.underway() != nil:
			return attemptOpen(*in)
		}
		left, err := in.Payable.Sub(by)
		if err != nil {
			return err
		}
		if by.Sign() < 0 || left.Sign() < 0 {
			return fault.New(fault.Invalid, "payment.invalid", "no intent is reduced by that much").
				WithField("by", "out_of_range", fault.Params{"min": money.Zero(by.Currency()), "max": in.Payable})
		}
		c.reduce(left)
		last, ok := in.Last()
		closed := ok && in.State.Alive() && s.onDelivery(last.Gateway) && last.State == AttemptClosed
		switch {
		case closed && s.gateways[last.Gateway].caps.Takes(left):
			a := s.attempt(next, last.Gateway, last.Instruction, left, in.PayBy, c.now)
			c.next = &a
			c.await(TermsOnDelivery)
		case closed:
			c.await("")
			c.uncollectedCase(in.attempt(last.ID))
		case c.owed(): // what kept it from expiring may be what was canceled
			c.await("")
		}
		return nil
	})
}

// reduce sets what is payable; the external tender is what gives way.
func (c *change) reduce(left money.Money) {
	if left == c.in.Payable {
		return
	}
	c.touched = true
	c.in.Payable = left
	for i := range c.in.Tenders {
		if c.in.Tenders[i].Kind == TenderExternal {
			c.in.Tenders[i].Amount = left
		}
	}
	c.record(Event{Of: OfIntent, Object: string(c.in.ID), Kind: EventReduced, Source: SourceShop, Amount: left})
	c.events = append(c.events, Reduced{Intent: c.in.ID, Group: c.in.Group, Payable: left})
	if left.IsZero() {
		c.moveIntent(IntentCaptured, SourceShop)
		c.paid = true
		c.events = append(c.events, Captured{Intent: c.in.ID, Group: c.in.Group, Amount: left, Counted: true})
	}
}
