package faults_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/payment/fakepay"
)

// TestTheLastPiece releases 50 buyers together on one piece, 30 times on each
// backend: one gets it and pays, 49 are told that it is sold.
func TestTheLastPiece(t *testing.T) {
	t.Parallel()
	filled().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		const sessions = 50
		rounds := 30
		if testing.Short() {
			rounds = 3
		}
		w := newWorld(t, on.Open(t))
		s := w.start()
		count := func(n ref.Quantity) inventory.CountInput {
			return inventory.CountInput{Counts: []inventory.Count{{SKU: cup, Location: "main", Quantity: n}}}
		}
		require.NoError(t, s.Stock.Adjust(t.Context(), staff(), count(-stocked)))
		buyers := make([]*buyer, sessions)
		for i := range buyers {
			buyers[i] = &buyer{scope: ref.Guest(fmt.Sprint("session-", i))}
		}
		began := time.Now()
		for round := range rounds {
			require.NoError(t, s.Stock.Receive(t.Context(), staff(), count(1)))
			w.bank.Plan(fakepay.Approve)
			errs := s.rush(buyers, round)
			sold := 0
			for i, err := range errs {
				if err == nil {
					sold++
					o := buyers[i].placed.Group.Orders[0]
					require.Equal(t, order.StateConfirmed, o.State)
					require.Equal(t, order.PaymentPaid, o.Payment)
					continue
				}
				require.ErrorIs(t, err, fault.Exhausted, "round %d, session %d", round, i)
			}
			require.Equal(t, 1, sold, "round %d", round)
		}
		took := time.Since(began)
		require.NoError(t, s.Drain(t.Context()))
		w.verified()
		orders, err := s.Orders.List(t.Context(), ref.System(), order.Query{Payment: order.PaymentPaid}, page.Request{Limit: page.MaxLimit})
		require.NoError(t, err)
		require.Len(t, orders.Items, rounds)
		levels, err := s.Stock.Levels(t.Context(), ref.System(), []ref.SKUID{cup})
		require.NoError(t, err)
		require.Equal(t, inventory.Level{SKU: cup, Location: "main"}, levels[0])
		require.Equal(t, int64(1250*rounds), w.bank.Net("USD"))
		t.Logf("%d rounds of %d sessions in %.1f s", rounds, sessions, took.Seconds())
	})
}

// rush lets every buyer want one piece, then all of them order at once, and
// returns what each was told.
func (s *shop) rush(buyers []*buyer, round int) []error {
	s.w.Helper()
	each := func(do func(b *buyer) error) []error {
		errs := make([]error, len(buyers))
		gun := make(chan struct{})
		var wg sync.WaitGroup
		for i, b := range buyers {
			wg.Go(func() {
				<-gun
				errs[i] = do(b)
			})
		}
		close(gun)
		wg.Wait()
		return errs
	}
	ctx := s.w.Context()
	for _, err := range each(func(b *buyer) error {
		b.key = fmt.Sprint("round-", round)
		if err := b.wish(ctx, cart.Item{SKU: cup, Quantity: 1})(s); err != nil {
			return err
		}
		return b.quote(ctx)(s)
	}) {
		require.NoError(s.w, err)
	}
	return each(func(b *buyer) error { return b.place(ctx)(s) })
}
