package payment

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Prolong gives more time to pay, inside the caller's unit, whose first
// statement it is: what is paid for has to wait as long. A try that is under
// way keeps the time that its provider was told; the next one gets the new.
// Staff and system only: PermissionDenied for the buyer. Kinds: NotFound;
// Invalid, path "until", where it is not later; FailedPrecondition, code
// "payment.over" or, where it never expires, "payment.no_deadline".
func (s *Service) Prolong(ctx context.Context, scope ref.Scope, id IntentID, until time.Time) (Intent, error) {
	until = clock.Normalize(until)
	return s.changeOnce(ctx, id, func(c *change) error {
		in := c.in
		switch {
		case !scope.Owns(in.Member, in.Guest):
			return missingIntent(id)
		case !scope.All():
			return denied()
		case !in.State.Alive() || !in.PayBy.IsZero() && !c.now.Before(in.PayBy):
			return fault.New(fault.FailedPrecondition, "payment.over", "the payment is over").
				With("state", string(in.State))
		case in.PayBy.IsZero():
			return fault.New(fault.FailedPrecondition, "payment.no_deadline", "the payment never expires")
		case !until.After(in.PayBy):
			return fault.New(fault.Invalid, "payment.invalid", "a deadline only moves on").
				WithField("until", "out_of_range", fault.Params{"after": in.PayBy})
		}
		c.touched = true
		in.PayBy = until
		return nil
	})
}
