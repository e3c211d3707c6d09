package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// maxRaces bounds how often a change is made again after it lost a race.
const maxRaces = 8

// change loads an intent, lets fn work on it and saves what came of it, in
// one unit. Losing a race, or the answer of a commit, it looks again: news
// that took effect already changes nothing the second time. That a provider
// was asked in vain is not worth a second look.
func (s *Service) change(ctx context.Context, id IntentID, fn func(*change) error) (Intent, error) {
	return s.changeKnown(ctx, Intent{ID: id}, fn)
}

// changeKnown is change for a caller who has just written the intent: it is
// loaded only where it moved on meanwhile. Known is loaded first where it is
// no more than an id.
func (s *Service) changeKnown(ctx context.Context, known Intent, fn func(*change) error) (Intent, error) {
	for try := 1; ; try++ {
		light := false
		in, err := s.apply(ctx, known, func(c *change) error {
			err := fn(c)
			light = c.light()
			return err
		})
		if light && errors.Is(err, fault.Conflict) {
			return s.cfg.Store.Get(ctx, known.ID)
		}
		known = Intent{ID: known.ID}
		if err == nil || try == maxRaces || !raced(err) || ctx.Err() != nil {
			return in, err
		}
	}
}

func raced(err error) bool {
	return errors.Is(err, fault.Conflict) || errors.Is(err, fault.Unavailable) || errors.Is(err, fault.Indeterminate)
}

// changeOnce is change for a caller that has a unit of its own.
func (s *Service) changeOnce(ctx context.Context, id IntentID, fn func(*change) error) (Intent, error) {
	return s.apply(ctx, Intent{ID: id}, fn)
}

func (s *Service) apply(ctx context.Context, known Intent, fn func(*change) error) (Intent, error) {
	if !ref.ValidID(string(known.ID)) {
		return Intent{}, missingIntent(known.ID)
	}
	now := s.cfg.Clock.Now()
	var in Intent
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if in = known.Clone(); in.Version == 0 {
			var err error
			if in, err = s.cfg.Store.Get(ctx, known.ID); err != nil {
				return err
			}
		}
		c := s.newChange(&in, now)
		if err := fn(c); err != nil {
			return err
		}
		if err := s.await(ctx, c); err != nil {
			return err
		}
		if !c.touched {
			return nil
		}
		in.UpdatedAt = now
		in.schedule(now, s.queryable)
		return s.save(ctx, c, s.cfg.Store.Update)
	})
	if err != nil {
		return Intent{}, err
	}
	return in, nil
}

// save writes a change: the payment's own rows first, then what the subject
// makes of it, then the events.
func (s *Service) save(ctx context.Context, c *change, write func(context.Context, *Intent, ...Event) error) error {
	if c.err != nil {
		return c.err
	}
	for i := range c.history {
		c.history[i].Version = c.in.Version + 1
	}
	if err := write(ctx, c.in, c.history...); err != nil {
		return err
	}
	c.history = nil
	if c.move != nil {
		if err := c.move(ctx); err != nil {
			return fmt.Errorf("payment: tell how %s is awaited: %w", c.in.ID, err)
		}
	}
	if c.paid {
		accepted, err := s.cfg.Subject.Captured(ctx, c.in.Clone())
		if err != nil {
			return fmt.Errorf("payment: tell that %s is captured: %w", c.in.ID, err)
		}
		if a, ok := c.in.Counted(); !accepted && ok {
			c.refunds = append(c.refunds, autoRefund{a.ID, ReasonLate})
		}
	}
	if c.closed {
		if err := s.cfg.Subject.Closed(ctx, c.in.Clone()); err != nil {
			return fmt.Errorf("payment: tell that %s is closed: %w", c.in.ID, err)
		}
	}
	for _, auto := range c.refunds {
		if err := s.refundAuto(ctx, c, auto); err != nil {
			return err
		}
	}
	return s.saveRecord(ctx, c.recorder, c.in.Version)
}

// saveRecord writes the history, the cases and the events of a change.
func (s *Service) saveRecord(ctx context.Context, r recorder, version int64) error {
	for i := range r.history {
		if r.history[i].Version == 0 {
			r.history[i].Version = version
		}
	}
	if len(r.history) > 0 {
		if err := s.cfg.Store.Append(ctx, r.history...); err != nil {
			return err
		}
	}
	for i := range r.cases {
		k := r.cases[i]
		err := s.cfg.Cases.Insert(ctx, &k)
		if errors.Is(err, fault.AlreadyExists) {
			continue // it is open, or was settled, already
		}
		if err != nil {
			return err
		}
		r.events = append(r.events, CaseOpened{Case: k.ID, Reason: k.Reason, Intent: k.Intent})
		s.cfg.Log.WarnContext(ctx, "payment: case opened", "case", k.ID, "reason", k.Reason,
			"intent", k.Intent, "attempt", k.Attempt, "refund", k.Refund, "code", k.Code)
	}
	for _, id := range r.resolved {
		if err := s.resolve(ctx, id, r.now); err != nil {
			return err
		}
	}
	if len(r.events) == 0 {
		return nil
	}
	recs := make([]event.Record, 0, len(r.events))
	for _, p := range r.events {
		rec, err := event.New(r.newID(), Topic, string(r.intent), r.now, p)
		if err != nil {
			return err
		}
		recs = append(recs, rec)
	}
	return s.cfg.Events.Append(ctx, recs...)
}

// resolve closes a case whose matter has settled itself.
func (s *Service) resolve(ctx context.Context, id CaseID, now time.Time) error {
	k, err := s.cfg.Cases.Get(ctx, id)
	if errors.Is(err, fault.NotFound) || (err == nil && k.State == CaseClosed) {
		return nil
	}
	if err != nil {
		return err
	}
	k.State, k.Resolution, k.UpdatedAt, k.ClosedAt = CaseClosed, "settled by itself", now, now
	return s.cfg.Cases.Update(ctx, &k)
}

// refundAuto gives back, inside the unit, what was taken twice or too late.
func (s *Service) refundAuto(ctx context.Context, c *change, auto autoRefund) error {
	a, _ := c.in.Attempt(auto.attempt)
	left := a.Refundable()
	if left <= 0 {
		return nil
	}
	r := s.draftRefund(c.in, a, RefundInput{
		Intent: c.in.ID, Key: "auto/" + string(auto.reason) + "/" + string(a.ID), Reason: auto.reason,
		Amount: money.New(left, a.Amount.Currency()),
	}, c.now)
	err := s.insertRefund(ctx, &c.recorder, c.in, &r)
	if errors.Is(err, fault.AlreadyExists) {
		return nil
	}
	return err
}
