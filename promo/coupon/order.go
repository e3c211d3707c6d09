package coupon

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Hold ties coupons of a member to an order, all of them or none, inside the
// unit that places it: one statement, and the same again for the same order
// changes nothing. Kinds: FailedPrecondition outside a unit; Exhausted, code
// "coupon.unavailable", where one cannot be used: it names the first of them
// and the reason, and leaves the unit usable.
func (s *Service) Hold(ctx context.Context, h Holding) error {
	if len(h.IDs) == 0 {
		return nil
	}
	ids := slices.Clone(h.IDs)
	slices.Sort(ids)
	h.IDs = slices.Compact(ids)
	for _, id := range h.IDs {
		if !ref.ValidID(string(id)) {
			return unavailable(id, ReasonMissing)
		}
	}
	ok, err := s.cfg.Coupons.Hold(ctx, h)
	if err != nil || ok {
		return err
	}
	return s.explain(ctx, &h)
}

// explain says why an order cannot hold its coupons.
func (s *Service) explain(ctx context.Context, h *Holding) error {
	found, err := s.cfg.Coupons.GetMany(ctx, h.IDs)
	if err != nil {
		return err
	}
	for _, id := range h.IDs {
		i := slices.IndexFunc(found, func(c Coupon) bool { return c.ID == id && c.Member == h.Member })
		if i < 0 {
			return unavailable(id, ReasonMissing)
		}
		if c := found[i]; !c.Hold(h.Group, h.At) {
			return unavailable(id, c.Unusable(h.At))
		}
	}
	return unavailable(h.IDs[0], ReasonHeld) // it was, a moment ago
}

func unavailable(id ID, why Reason) error {
	return fault.New(fault.Exhausted, "coupon.unavailable", "the coupon cannot be used for this order").
		With("coupon", string(id)).With("reason", string(why))
}

// Settle does with the coupons of an order what follows from its outcome, and
// announces it, inside a unit of the caller. Once more it changes nothing. It
// returns the coupons it changed. FailedPrecondition outside a unit.
func (s *Service) Settle(ctx context.Context, group ref.GroupID, o Outcome, at time.Time) ([]Coupon, error) {
	moved, err := s.cfg.Coupons.Settle(ctx, group, o, at)
	if err != nil || len(moved) == 0 {
		return nil, err
	}
	recs, err := records(s.cfg.IDs.New(), moved, at, func(c *Coupon) event.Payload {
		if c.State == Used {
			return WasUsed{Subject: subject(c), Group: group}
		}
		return Returned{Subject: subject(c), Group: group}
	})
	if err != nil {
		return nil, err
	}
	return moved, s.cfg.Events.Append(ctx, recs...)
}

// ExpireDue expires at most limit coupons whose time is over, and returns how
// many there were. Any number of nodes may run it at once. System only:
// PermissionDenied.
func (s *Service) ExpireDue(ctx context.Context, scope ref.Scope, limit int) (int, error) {
	if scope.Kind() != ref.SystemScope {
		return 0, denied()
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	n := 0
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		over, err := s.cfg.Coupons.Sweep(ctx, now, limit)
		if n = len(over); err != nil || n == 0 {
			return err
		}
		recs, err := records(eventID, over, now, func(c *Coupon) event.Payload { return RanOut{subject(c)} })
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, recs...)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
