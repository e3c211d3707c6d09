package checkout_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage/memory"
)

// stingy takes money and then never says whether it gave any back.
type stingy struct{ payment.Gateway }

func (g stingy) Caps() payment.Caps {
	c := g.Gateway.Caps()
	c.Code, c.CallTimeout = "stingy", 20*time.Second
	return c
}

func (stingy) Refund(ctx context.Context, _ payment.RefundRequest) (payment.RefundOutcome, error) {
	<-ctx.Done()
	return payment.RefundOutcome{}, ctx.Err()
}

func (stingy) QueryRefund(ctx context.Context, _ payment.RefundRef) (payment.RefundOutcome, error) {
	<-ctx.Done()
	return payment.RefundOutcome{}, ctx.Err()
}

// asked marks an order as being canceled, as a process does that dies then.
func (s *shop) asked(p checkout.Placed) {
	s.Helper()
	g := s.group(p.Group.ID)
	o := &g.Orders[0]
	e, err := o.RequestCancel(order.Cause{At: s.clock.Now(), By: "system"})
	require.NoError(s, err)
	require.NoError(s, s.stores.Units.Do(s.Context(), func(ctx context.Context) error {
		return s.book.Record(ctx, &g, []*order.Order{o}, []order.Entry{e})
	}))
}

// One provider that hangs holds up the end of its own cancellations alone.
func TestADeadProviderDelaysNoOthersCancellation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, memory.New().Stores(), stingy{fakepay.New().Gateway()})
		buy := func(gateway, key string) ref.GroupID {
			choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
			choice.Gateway = gateway
			p := s.place(buyer(), choice, key)
			require.Equal(t, []string{"confirmed/paid"}, states(s.group(p.Group.ID)))
			s.asked(p)
			s.clock.Advance(time.Minute) // the first is due first
			return p.Group.ID
		}
		held, free := buy("stingy", "k1"), buy("fakepay", "k2")
		taken := 0
		done := make(chan error, 1)
		go func() {
			var err error
			taken, err = s.checkout.FinishDue(t.Context(), 50)
			done <- err
		}()
		begun := time.Now()
		synctest.Wait()
		require.Equal(t, []string{"canceled/refunded"}, states(s.group(free)))
		require.Equal(t, []string{"canceled/paid"}, states(s.group(held)), "its stock is back, its money is not")
		require.NoError(t, <-done)
		require.Equal(t, 2, taken)
		require.Equal(t, 20*time.Second, time.Since(begun))
		s.sound()
	})
}
