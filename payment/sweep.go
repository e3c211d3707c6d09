package payment

import (
	"context"
	"errors"
)

// Swept counts what a sweep took up.
type Swept struct {
	Notices, Intents, Refunds int
	Failed                    int // of them, those left for a later sweep
}

// Any reports whether there was anything to do.
func (s Swept) Any() bool { return s.Notices+s.Intents+s.Refunds > 0 }

// maxSweep bounds one sweep of each kind.
const maxSweep = 500

// Sweep takes up to limit notices, intents and refunds each that are due, and
// takes each of them forward: it reads notices that were only stored, asks
// about calls that were lost, sends again what was never executed, gives up
// what expired, makes the calls of refunds. Any number of sweepers may run.
// One that fails is logged, counted, and taken up again later. Kinds: those
// of the store where nothing could be claimed.
func (s *Service) Sweep(ctx context.Context, limit int) (Swept, error) {
	if limit <= 0 || limit > maxSweep {
		limit = maxSweep
	}
	now := s.cfg.Clock.Now()
	until := now.Add(s.cfg.ClaimFor)
	var out Swept

	notices, err1 := s.cfg.Notices.Claim(ctx, now, until, limit)
	for _, id := range notices {
		out.Notices++
		s.swept(ctx, &out, "notice", string(id), s.read(ctx, id))
	}
	intents, err2 := s.cfg.Store.Claim(ctx, now, until, limit)
	for _, id := range intents {
		out.Intents++
		s.swept(ctx, &out, "intent", string(id), s.sweepIntent(ctx, id))
	}
	refunds, err3 := s.cfg.Refunds.Claim(ctx, now, until, limit)
	for _, id := range refunds {
		out.Refunds++
		s.swept(ctx, &out, "refund", string(id), s.sweepRefund(ctx, id))
	}
	return out, errors.Join(err1, err2, err3)
}

func (s *Service) swept(ctx context.Context, out *Swept, what, id string, err error) {
	if err == nil {
		return
	}
	out.Failed++
	s.cfg.Log.ErrorContext(ctx, "payment: left for a later sweep", what, id, "error", err)
}

func (s *Service) sweepIntent(ctx context.Context, id IntentID) error {
	in, err := s.cfg.Store.Get(ctx, id)
	if err != nil {
		return err
	}
	in.NextAt = s.cfg.Clock.Now() // what the claim has moved away
	_, err = s.advance(ctx, in, false, false)
	return err
}

func (s *Service) sweepRefund(ctx context.Context, id RefundID) error {
	r, err := s.cfg.Refunds.Get(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.advanceRefund(ctx, r)
	return err
}
