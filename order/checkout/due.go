package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// finishLease is how long a cancellation is kept from other workers, and
// finishCalls how many of one gateway are ended at a time.
const (
	finishLease = time.Minute
	finishCalls = 4
)

// FinishDue ends cancellations that were left open, at most limit of them at a
// time, and returns how many orders it took up. What one gateway is needed for
// is done apart from the others', as in [payment.Service.Sweep]. Any number of nodes may run it at once.
func (s *Service) FinishDue(ctx context.Context, limit int) (int, error) {
	n := 0
	var failed []error
	lanes := payment.Lanes{
		Width: finishCalls, Budget: finishLease / 2,
		Failed: func(_ context.Context, _ payment.Task, err error) { failed = append(failed, err) },
	}
	err := lanes.Run(ctx, func(ctx context.Context) ([]payment.Task, error) {
		due, err := s.cfg.Book.ClaimDue(ctx, order.DueQuery{
			State: order.StateCanceling, Now: s.cfg.Clock.Now(), Lease: finishLease, Limit: limit,
		})
		n += len(due)
		var tasks []payment.Task
		taken := map[ref.GroupID]bool{}
		for _, d := range due {
			if taken[d.Group] {
				continue
			}
			taken[d.Group] = true
			tasks = append(tasks, payment.Task{
				Gateway: s.gatewayOf(ctx, d.Group), Name: "group " + string(d.Group),
				Do: func(ctx context.Context) error {
					_, err := s.finish(ctx, d.Group)
					return err
				},
			})
		}
		return tasks, err
	})
	return n, errors.Join(append(failed, err)...)
}

// gatewayOf returns the gateway that the payment of a group has to do with:
// none where it cannot be read, which the task itself will find out.
func (s *Service) gatewayOf(ctx context.Context, id ref.GroupID) string {
	g, err := s.cfg.Book.Get(ctx, id)
	if err != nil || g.Intent == "" {
		return ""
	}
	in, err := s.cfg.Payments.Get(ctx, ref.System(), g.Intent)
	if err != nil {
		return ""
	}
	return in.Gateway()
}
