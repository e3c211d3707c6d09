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
// what expired, makes the calls of refunds. Each gateway's are done apart from
// the others', some at a time; while a provider hangs, Sweep goes on claiming
// for the others. Any number of sweepers may run. One that fails is logged,
// counted, and taken up again later. Kinds: those of the store where nothing
// could be claimed.
func (s *Service) Sweep(ctx context.Context, limit int) (Swept, error) {
	if limit <= 0 || limit > maxSweep {
		limit = maxSweep
	}
	var out Swept
	lanes := Lanes{
		Width: s.cfg.SweepCalls, Budget: s.cfg.ClaimFor / 2,
		Failed: func(ctx context.Context, t Task, err error) {
			out.Failed++
			s.cfg.Log.ErrorContext(ctx, "payment: left for a later sweep", "what", t.Name, "gateway", t.Gateway, "error", err)
		},
	}
	err := lanes.Run(ctx, func(ctx context.Context) ([]Task, error) { return s.claim(ctx, limit, &out) })
	return out, err
}

// claim claims what is due and counts it.
func (s *Service) claim(ctx context.Context, limit int, out *Swept) ([]Task, error) {
	now := s.cfg.Clock.Now()
	until := now.Add(s.cfg.ClaimFor)
	var tasks []Task
	add := func(gateway, key, what, id string, do func(context.Context) error) {
		tasks = append(tasks, Task{Gateway: gateway, Key: key, Name: what + " " + id, Do: do})
	}
	notices, err1 := s.cfg.Notices.Claim(ctx, now, until, limit)
	for _, id := range notices { // the provider has spoken: it is not called
		add("", "notices", "notice", string(id), func(ctx context.Context) error { return s.read(ctx, id) })
	}
	intents, err2 := s.cfg.Store.Claim(ctx, now, until, limit)
	for _, id := range intents {
		add(s.gatewayOf(ctx, id), string(id), "intent", string(id), func(ctx context.Context) error { return s.sweepIntent(ctx, id) })
	}
	refunds, err3 := s.cfg.Refunds.Claim(ctx, now, until, limit)
	for _, id := range refunds {
		gateway, intent := s.refundAbout(ctx, id)
		add(gateway, string(intent), "refund", string(id), func(ctx context.Context) error { return s.sweepRefund(ctx, id) })
	}
	out.Notices += len(notices)
	out.Intents += len(intents)
	out.Refunds += len(refunds)
	return tasks, errors.Join(err1, err2, err3)
}

// gatewayOf returns the gateway that an intent has to do with: none where it
// cannot be read, which the task itself will find out.
func (s *Service) gatewayOf(ctx context.Context, id IntentID) string {
	in, err := s.cfg.Store.Get(ctx, id)
	if err != nil {
		return ""
	}
	return in.Gateway()
}

// refundAbout returns the gateway and the intent of a refund, as gatewayOf.
func (s *Service) refundAbout(ctx context.Context, id RefundID) (string, IntentID) {
	r, err := s.cfg.Refunds.Get(ctx, id)
	if err != nil {
		return "", ""
	}
	in, err := s.cfg.Store.Get(ctx, r.Intent)
	if err != nil {
		return "", r.Intent
	}
	for _, l := range r.Legs {
		if a := in.attempt(l.Attempt); a != nil && !l.State.Definite() {
			return a.Gateway, in.ID
		}
	}
	return "", in.ID
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
