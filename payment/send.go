package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// maxSteps bounds how many steps one call takes an intent forward; the
// sweeper does the rest.
const maxSteps = 6

// Send does what an intent waits for, as after [Service.Withdraw]: it closes
// what is not wanted any more, asks about what was lost, sends again what was
// never executed. The call of an attempt that was just written down is made
// by [Service.Pay], once: Send leaves it alone until it counts as lost. How it
// went, declined included, is in the intent; an error says that nothing was
// recorded, and the sweeper finds out. Never call it inside a unit. Kinds:
// NotFound, Canceled where ctx had ended before, and those of the store.
func (s *Service) Send(ctx context.Context, scope ref.Scope, id IntentID) (Intent, error) {
	in, err := s.Get(ctx, scope, id)
	if err != nil {
		return Intent{}, err
	}
	return s.advance(ctx, in, true, false)
}

// Pay makes the provider's call of an intent that the caller has just opened
// or reduced, and records the outcome, which goes on when ctx ends meanwhile.
// Whoever wrote the attempt down makes its call, with the intent that it got
// then: nobody else can. Never call it inside a unit. Kinds as for Send.
func (s *Service) Pay(ctx context.Context, opened Intent) (Intent, error) {
	return s.advance(ctx, opened, true, true)
}

// Query asks the provider how an open attempt stands, as when the buyer comes
// back from its page. Never call it inside a unit. Kinds as for Send.
func (s *Service) Query(ctx context.Context, scope ref.Scope, id IntentID) (Intent, error) {
	in, err := s.Get(ctx, scope, id)
	if err != nil {
		return Intent{}, err
	}
	a := in.underway()
	if a == nil || !in.State.Alive() || a.State == AttemptNew || a.State == AttemptSent || !s.queryable(a.Gateway) {
		return s.advance(ctx, in, false, false)
	}
	return s.ask(ctx, in, *a, callQuery)
}

// Capture takes what an attempt has only authorized. Staff and system only:
// PermissionDenied for the buyer. Never call it inside a unit. Kinds: NotFound,
// FailedPrecondition where nothing is authorized.
func (s *Service) Capture(ctx context.Context, scope ref.Scope, id IntentID) (Intent, error) {
	in, err := s.Get(ctx, scope, id)
	if err != nil {
		return Intent{}, err
	}
	if !scope.All() {
		return Intent{}, denied()
	}
	a := in.underway()
	if a == nil || in.State != IntentAuthorized || a.State != AttemptAuthorized || s.gateways[a.Gateway].capturer == nil {
		return Intent{}, fault.New(fault.FailedPrecondition, "payment.not_authorized", "nothing is authorized").
			With("state", string(in.State))
	}
	return s.ask(ctx, in, *a, callCapture)
}

// advance takes an intent forward until it has to wait. Due says that the
// provider is asked now whatever the schedule says; calling that the caller
// has just written down a call and makes it.
func (s *Service) advance(ctx context.Context, in Intent, due, calling bool) (Intent, error) {
	for range maxSteps {
		kind, a := in.next(s.cfg.Clock.Now(), due, calling, s.queryable)
		var err error
		switch kind {
		case stepNone:
			return in, nil
		case stepSettle:
			in, err = s.change(ctx, in.ID, func(c *change) error { c.settle(); return nil })
		case stepExpire:
			in, err = s.change(ctx, in.ID, func(c *change) error { c.expire(); return nil })
		case stepDrop:
			in, err = s.on(ctx, in.ID, a.ID, (*change).drop)
		case stepLapse:
			in, err = s.on(ctx, in.ID, a.ID, (*change).lapse)
			due = true // so long without an answer: ask at once
		case stepResend:
			return s.resend(ctx, in.ID, a.ID)
		case stepPay:
			in, err = s.ask(ctx, in, *a, callPay)
			due, calling = false, false
		case stepQuery:
			in, err = s.ask(ctx, in, *a, callQuery)
			due, calling = false, false
		case stepCancel:
			in, err = s.ask(ctx, in, *a, callCancel)
			due, calling = false, false
		}
		if err != nil {
			return Intent{}, err
		}
	}
	return in, nil
}

// on changes one attempt of an intent.
func (s *Service) on(ctx context.Context, id IntentID, aid AttemptID, fn func(*change, *Attempt)) (Intent, error) {
	return s.change(ctx, id, onAttempt(aid, fn))
}

func onAttempt(id AttemptID, fn func(*change, *Attempt)) func(*change) error {
	return func(c *change) error {
		if a := c.in.attempt(id); a != nil {
			fn(c, a)
		}
		return nil
	}
}

// resend writes an attempt that was never executed down as sent once more,
// and makes the call, under the same number and with the same body.
func (s *Service) resend(ctx context.Context, id IntentID, aid AttemptID) (Intent, error) {
	mine := false
	in, err := s.on(ctx, id, aid, func(c *change, a *Attempt) {
		mine = a.State == AttemptNew
		c.send(a, c.now.Add(s.gateways[a.Gateway].caps.CallTimeout))
	})
	if err != nil {
		return Intent{}, err
	}
	a, ok := in.Attempt(aid)
	if !ok || !mine || a.State != AttemptSent {
		return in, nil
	}
	return s.pay(ctx, in, a)
}

// pay makes the call of an attempt that was just written down.
func (s *Service) pay(ctx context.Context, in Intent, a Attempt) (Intent, error) {
	in, err := s.ask(ctx, in, a, callPay)
	if err != nil {
		return Intent{}, err
	}
	return s.advance(ctx, in, false, false)
}

// ask makes one call about an attempt and records what came of it.
func (s *Service) ask(ctx context.Context, in Intent, a Attempt, kind callKind) (Intent, error) {
	if err := ctx.Err(); err != nil { // nothing was sent
		return Intent{}, fault.Wrap(err, fault.Canceled, "payment.canceled", "the caller gave up before the call")
	}
	f := s.call(ctx, a, kind)
	if f.failure != nil {
		s.cfg.Log.InfoContext(ctx, "payment: call failed", "intent", in.ID, "attempt", a.ID, "gateway", a.Gateway,
			"source", f.source, "class", f.failure.Class, "code", f.failure.Code)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.RecordTimeout)
	defer cancel()
	known := Intent{ID: in.ID}
	if kind == callPay { // it was written down a moment ago
		known = in
	}
	return s.changeKnown(ctx, known, onAttempt(a.ID, func(c *change, a *Attempt) { c.hear(a, f) }))
}

// call makes one call of a gateway, within the time it has.
func (s *Service) call(ctx context.Context, a Attempt, kind callKind) finding {
	f := finding{source: SourceAnswer, call: kind}
	switch kind {
	case callQuery:
		f.source = SourceQuery
	case callCancel:
		f.source = SourceCancel
	case callPay, callCapture, noCall:
	}
	p, ok := s.gateways[a.Gateway]
	if !ok {
		f.failure = Fail(NotExecuted, "gateway_not_configured", nil)
		return f
	}
	ctx, cancel := context.WithTimeout(ctx, p.caps.CallTimeout)
	defer cancel()
	var err error
	switch kind {
	case callPay:
		f.outcome, err = p.Pay(ctx, a.Request())
	case callQuery:
		f.outcome, err = p.Query(ctx, a.Ref())
	case callCancel:
		f.outcome, err = p.Cancel(ctx, a.Ref())
	case callCapture:
		f.outcome, err = p.capturer.Capture(ctx, a.Ref())
	case noCall:
	}
	f.outcome, f.failure = f.outcome.tidy(), FailureOf(err).tidy()
	if f.failure != nil {
		f.outcome = Outcome{}
	}
	return f
}
