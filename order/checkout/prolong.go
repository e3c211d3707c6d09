package checkout

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// ProlongInput gives the buyer of a group more time to pay.
type ProlongInput struct {
	Group ref.GroupID
	// Until is the new time to pay by: later than the present one.
	Until time.Time
}

// Prolong moves the time to pay by of a group: that of its payment and those
// of its orders, which hold their stock as long, in one unit. Staff and system
// may, and a merchant to whom every order of the group belongs. Never call it
// inside a unit. Kinds: NotFound; PermissionDenied; Invalid, path "until",
// where it is not later or beyond Config.MaxProlong; FailedPrecondition where
// nothing waits for the payment.
func (s *Service) Prolong(ctx context.Context, scope ref.Scope, in ProlongInput) (order.Group, error) {
	cause := s.cause(ctx, scope, s.cfg.Clock.Now(), "prolonged")
	var out order.Group
	err := s.retry(ctx, func(ctx context.Context) error {
		g, err := s.cfg.Book.Get(ctx, in.Group)
		if err != nil {
			return err
		}
		seen, err := g.Seen(scope)
		if err != nil {
			return err
		}
		whose := scope.Merchant() != "" && len(seen.Orders) == len(g.Orders)
		if !scope.All() && !whose {
			return fault.New(fault.PermissionDenied, "checkout.denied", "the caller may not give the whole group more time")
		}
		if latest := cause.At.Add(s.cfg.MaxProlong); in.Until.After(latest) {
			return fault.New(fault.Invalid, "checkout.invalid", "the time to pay by is too far away").
				WithField("until", "out_of_range", fault.Params{"max": latest})
		}
		err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
			if _, err := s.cfg.Payments.Prolong(ctx, ref.System(), g.Intent, in.Until); err != nil {
				return err
			}
			// As they are with the payment's row held: which orders wait for it
			// changes with it.
			if g, err = s.cfg.Book.Get(ctx, in.Group); err != nil {
				return err
			}
			b := &batch{cause: cause}
			for i := range g.Orders {
				if o := &g.Orders[i]; o.State == order.StatePending {
					b.do(o, func(c order.Cause) (order.Entry, error) { return o.Prolong(c, in.Until) })
				}
			}
			return b.record(ctx, s.cfg.Book, &g)
		})
		if err != nil {
			return err
		}
		out, err = g.Seen(scope)
		return err
	})
	return out, err
}
