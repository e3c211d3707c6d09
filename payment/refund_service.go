package payment

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// RefundInput asks to give money back.
type RefundInput struct {
	Intent IntentID
	// Key makes the request repeatable: 1 to 200 bytes, chosen by the caller.
	Key    string
	Reason Reason
	Amount money.Money
}

// Refund decides to give money back, inside the caller's unit or its own: the
// amount is held against the capture from now on. [Service.SendRefund], or
// the sweeper, then makes the provider's call. The same key and amount again
// return the first refund. Where the gateway cannot give it back a case is
// opened, and a person does. Staff and system only: PermissionDenied for the
// buyer. Kinds: NotFound; Invalid; Conflict, code
// "payment.refund_key", for a key used with another amount or reason;
// FailedPrecondition, code "payment.not_captured"; Exhausted, code
// "payment.refund_exceeds", beyond what was captured and is not refunded.
func (s *Service) Refund(ctx context.Context, scope ref.Scope, in RefundInput) (Refund, error) {
	if err := checkRefund(in); err != nil {
		return Refund{}, err
	}
	if !ref.ValidID(string(in.Intent)) {
		return Refund{}, missingIntent(in.Intent)
	}
	now := s.cfg.Clock.Now()
	var r Refund
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		it, err := s.cfg.Store.Get(ctx, in.Intent)
		if err != nil {
			return err
		}
		if !scope.Owns(it.Member, it.Guest) {
			return missingIntent(in.Intent)
		}
		if !scope.All() {
			return denied()
		}
		a, ok := it.Counted()
		if !ok {
			return fault.New(fault.FailedPrecondition, "payment.not_captured", "no money was taken").
				With("state", string(it.State))
		}
		if in.Amount.Currency() != a.Amount.Currency() {
			var v fault.Violations
			v.Add("amount", "currency", fault.Params{"want": string(a.Amount.Currency())})
			return v.Err("payment.refund_invalid", "the refund is not valid")
		}
		r = s.draftRefund(&it, a, in, now)
		rec := s.recorder(it.ID, now)
		err = s.insertRefund(ctx, &rec, &it, &r)
		if errors.Is(err, fault.AlreadyExists) {
			r, err = s.sameRefund(ctx, in)
			return err
		}
		if err != nil {
			return err
		}
		return s.saveRecord(ctx, rec, r.Version)
	})
	if err != nil {
		return Refund{}, err
	}
	return r, nil
}

func checkRefund(in RefundInput) error {
	var v fault.Violations
	if in.Key == "" || len(in.Key) > 200 || !plain(in.Key) {
		v.Add("key", "required", fault.Params{"max": 200})
	}
	if in.Reason == "" || len(in.Reason) > 32 || !plain(string(in.Reason)) {
		v.Add("reason", "required", nil)
	}
	if in.Amount.Minor() <= 0 {
		v.Add("amount", "positive", nil)
	}
	return v.Err("payment.refund_invalid", "the refund is not valid")
}

// sameRefund returns the refund that has the key already.
func (s *Service) sameRefund(ctx context.Context, in RefundInput) (Refund, error) {
	r, err := s.cfg.Refunds.ByKey(ctx, in.Intent, in.Key)
	if err != nil {
		return Refund{}, err
	}
	if r.Amount != in.Amount || r.Reason != in.Reason {
		return Refund{}, fault.New(fault.Conflict, "payment.refund_key", "the key was used for another refund").
			With("key", in.Key)
	}
	return r, nil
}

func (s *Service) draftRefund(in *Intent, a Attempt, want RefundInput, now time.Time) Refund {
	id := s.cfg.IDs.New()
	r := Refund{
		ID: RefundID(id), Number: number(refundPrefix, id), Intent: in.ID, Key: want.Key, Reason: want.Reason,
		Amount: want.Amount, Manual: !s.canRefund(a, want.Amount, now), CreatedAt: now, UpdatedAt: now,
	}
	r.Legs = []RefundLeg{{
		Seq: 1, Number: legNumber(r.Number, 1), Tender: 1, Attempt: a.ID, Amount: want.Amount, State: RefundRequested,
	}}
	r.rollUp()
	r.schedule(now)
	return r
}

// canRefund reports whether the gateway can give an amount back by itself.
func (s *Service) canRefund(a Attempt, amount money.Money, now time.Time) bool {
	p := s.gateways[a.Gateway]
	return p.refunder != nil &&
		(p.caps.PartialRefund || amount == a.Amount) &&
		(p.caps.RefundWindow == 0 || now.Before(a.CapturedAt.Add(p.caps.RefundWindow)))
}

// insertRefund stores a new refund and notes it in rec, for the unit's
// saveRecord.
func (s *Service) insertRefund(ctx context.Context, rec *recorder, in *Intent, r *Refund) error {
	if err := s.cfg.Refunds.Insert(ctx, r); err != nil {
		return err
	}
	c := refundChange{recorder: *rec, r: r, in: in}
	for _, l := range r.Legs {
		c.record(Event{
			Of: OfRefund, Object: l.Number, Version: r.Version, Kind: EventMoved, To: string(l.State),
			Source: SourceShop, Amount: l.Amount, Code: string(r.Reason),
		})
	}
	c.news()
	if r.Manual {
		c.open(CaseManualRefund, r.Number, Case{
			Attempt: r.Legs[0].Attempt, Refund: r.ID, Amount: r.Amount, Code: string(r.Reason),
		})
	}
	*rec = c.recorder
	return nil
}

// SendRefund makes the provider's call of a refund that was requested and
// records the outcome. Never call it inside a unit. Kinds: NotFound, and
// those of the store.
func (s *Service) SendRefund(ctx context.Context, scope ref.Scope, id RefundID) (Refund, error) {
	if !ref.ValidID(string(id)) {
		return Refund{}, missingRefund(id)
	}
	r, err := s.cfg.Refunds.Get(ctx, id)
	if err != nil {
		return Refund{}, err
	}
	if _, err := s.Get(ctx, scope, r.Intent); err != nil {
		return Refund{}, missingRefund(id)
	}
	return s.advanceRefund(ctx, r)
}

func missingRefund(id RefundID) error {
	return fault.New(fault.NotFound, "payment_refund.not_found", "no such refund").With("id", string(id))
}

// advanceRefund makes, for each leg, the call that is due.
func (s *Service) advanceRefund(ctx context.Context, r Refund) (Refund, error) {
	var err error
	for i := range r.Legs {
		switch l := r.Legs[i]; {
		case l.State.Definite() || r.Manual:
		case l.State == RefundRequested:
			sent := false
			r, err = s.changeRefund(ctx, r.ID, func(c *refundChange) {
				sent = c.r.Legs[i].State == RefundRequested
				c.send(&c.r.Legs[i], c.now.Add(s.refundTimeout(c.in, l)))
			})
			if err == nil && sent && r.Legs[i].State == RefundSent {
				r, err = s.askRefund(ctx, r, i, false)
			}
		case l.State == RefundSent && s.cfg.Clock.Now().Before(l.CallBy):
			// Somebody is making the call right now.
		case l.State == RefundSent:
			r, err = s.changeRefund(ctx, r.ID, func(c *refundChange) { c.lapse(&c.r.Legs[i]) })
			if err == nil {
				r, err = s.askRefund(ctx, r, i, true)
			}
		default:
			r, err = s.askRefund(ctx, r, i, true)
		}
		if err != nil {
			return Refund{}, err
		}
	}
	return r, nil
}

func (s *Service) refundTimeout(in *Intent, l RefundLeg) time.Duration {
	if a := in.attempt(l.Attempt); a != nil {
		if p, ok := s.gateways[a.Gateway]; ok {
			return p.caps.CallTimeout
		}
	}
	return s.cfg.CallTimeout
}

// askRefund makes one call about leg i and records what came of it.
func (s *Service) askRefund(ctx context.Context, r Refund, i int, query bool) (Refund, error) {
	if err := ctx.Err(); err != nil { // nothing was sent
		return Refund{}, fault.Wrap(err, fault.Canceled, "payment.canceled", "the caller gave up before the call")
	}
	in, err := s.cfg.Store.Get(ctx, r.Intent)
	if err != nil {
		return Refund{}, err
	}
	l := r.Legs[i]
	f := refundFinding{source: SourceAnswer, query: query}
	if query {
		f.source = SourceQuery
	}
	a, _ := in.Attempt(l.Attempt)
	if p := s.gateways[a.Gateway]; p.refunder == nil {
		f.failure = Fail(NotExecuted, "gateway_not_configured", nil)
	} else {
		callCtx, cancel := context.WithTimeout(ctx, p.caps.CallTimeout)
		defer cancel()
		if query {
			f.outcome, err = p.refunder.QueryRefund(callCtx, RefundRef{
				Number: l.Number, ProviderRef: l.ProviderRef, Attempt: a.Ref(),
			})
		} else {
			f.outcome, err = p.refunder.Refund(callCtx, RefundRequest{
				Number: l.Number, Attempt: a.Ref(), Amount: l.Amount, Reason: r.Reason,
			})
		}
		f.outcome, f.failure = f.outcome.tidy(), FailureOf(err).tidy()
		if f.failure != nil {
			f.outcome = RefundOutcome{}
			s.cfg.Log.InfoContext(ctx, "payment: refund call failed", "refund", r.ID, "gateway", a.Gateway,
				"source", f.source, "class", f.failure.Class, "code", f.failure.Code)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.RecordTimeout)
	defer cancel()
	return s.changeRefund(ctx, r.ID, func(c *refundChange) { c.hear(&c.r.Legs[i], f) })
}

// changeRefund does for a refund what change does for an intent.
func (s *Service) changeRefund(ctx context.Context, id RefundID, fn func(*refundChange)) (Refund, error) {
	for try := 1; ; try++ {
		now := s.cfg.Clock.Now()
		var r Refund
		err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
			var err error
			if r, err = s.cfg.Refunds.Get(ctx, id); err != nil {
				return err
			}
			return s.refundUnit(ctx, &r, now, fn)
		})
		if err == nil || try == maxRaces || !raced(err) || ctx.Err() != nil {
			return r, err
		}
	}
}

// refundUnit lets fn work on a loaded refund and saves what came of it. The
// intent's row comes before the refund's, as everywhere.
func (s *Service) refundUnit(ctx context.Context, r *Refund, now time.Time, fn func(*refundChange)) error {
	in, err := s.cfg.Store.Get(ctx, r.Intent)
	if err != nil {
		return err
	}
	c := &refundChange{recorder: s.recorder(r.Intent, now), r: r, in: &in}
	fn(c)
	if !c.touched {
		return nil
	}
	r.UpdatedAt = now
	r.schedule(now)
	if c.refunded {
		in.UpdatedAt = now
		if err := s.cfg.Store.Update(ctx, &in); err != nil {
			return err
		}
	}
	if err := s.cfg.Refunds.Update(ctx, r); err != nil {
		return err
	}
	for i := range c.history {
		if c.history[i].Of == OfIntent {
			c.history[i].Version = in.Version
		}
	}
	if rs, ok := s.cfg.Subject.(RefundSubject); ok && c.refunded {
		if err := rs.Refunded(ctx, in.Clone(), r.Clone()); err != nil {
			return err
		}
	}
	return s.saveRecord(ctx, c.recorder, r.Version)
}
