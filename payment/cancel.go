package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Withdraw gives an intent up, inside the caller's unit: it is canceled at
// once where no attempt is under way, and canceling where the provider has to
// be asked first, by [Service.Send] after the commit or by the sweeper. It is
// the first statement of its unit, before the rows of the subject, so that it
// never waits crosswise with the recording of an outcome. Withdrawing again
// changes nothing. Kinds: NotFound, Conflict; FailedPrecondition, code
// "payment.captured", where the money was taken: refund it instead, or, but for
// the system, "payment.on_delivery" where goods may be on their way to be paid on
// delivery: cancel the order, or take it back.
func (s *Service) Withdraw(ctx context.Context, scope ref.Scope, id IntentID, reason CancelReason) (Intent, error) {
	return s.changeOnce(ctx, id, withdrawal(scope, reason))
}

// Cancel gives an intent up and closes what is under way at the provider. The
// intent's state says what came of it: canceled; canceling where the provider
// has not said for certain; captured where it had taken the money and the
// subject kept it. Never call it inside a unit. Kinds as for Withdraw.
func (s *Service) Cancel(ctx context.Context, scope ref.Scope, id IntentID, reason CancelReason) (Intent, error) {
	in, err := s.change(ctx, id, withdrawal(scope, reason))
	if err != nil {
		return Intent{}, err
	}
	return s.advance(ctx, in, true, false)
}

func withdrawal(scope ref.Scope, reason CancelReason) func(*change) error {
	return func(c *change) error {
		if !scope.Owns(c.in.Member, c.in.Guest) {
			return missingIntent(c.in.ID)
		}
		if c.in.State.Paid() {
			return fault.New(fault.FailedPrecondition, "payment.captured", "the money was taken").
				With("state", string(c.in.State))
		}
		if scope.Kind() != ref.SystemScope && c.owed() {
			return cashOnDelivery("what is paid on delivery is canceled with its order")
		}
		c.withdraw(reason)
		return nil
	}
}
