package crashtest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// The server commits, and its answer never arrives. Whoever calls again with
// the same key finds the one effect of the first call.
func TestTheAnswerToCommitIsLost(t *testing.T) {
	t.Parallel()
	direct := backendtest.Postgres().URL(t)
	wire, proxied := newWire(t, direct)
	c := &ahead{}
	bank := fakepay.NewAt(c)
	behind := backendtest.DB(t, direct, nil)
	witness, err := newShop(behind.Stores(), bank, c)
	require.NoError(t, err)
	witness.stockUp(t)
	s, err := newShop(openDB(t, proxied).Stores(), bank, c)
	require.NoError(t, err)

	lost := 20
	if testing.Short() {
		lost = 3
	}
	committed := 0
	for i := range lost {
		who, key := ref.Member(ref.MemberID(fmt.Sprintf("m-%d", i))), fmt.Sprintf("key-%d", i)
		in, err := s.choose(t.Context(), who, ref.Quantity(1+i%3), key)
		require.NoError(t, err)
		switch i % 3 {
		case 0: // of the placing
			wire.lose(1)
			_, err := s.Checkout.Place(t.Context(), who, in)
			require.ErrorIs(t, err, fault.Indeterminate)
			if !paid(witness.onlyGroup(t, who)) {
				committed++
			}
		case 1: // of the recording of what the bank said
			wire.lose(2)
			p, err := s.Checkout.Place(t.Context(), who, in)
			require.NoError(t, err, "the order stands whatever becomes of its payment")
			require.NotEmpty(t, p.Group.Number)
			if paid(witness.onlyGroup(t, who)) {
				committed++
			}
		case 2: // of the reading of the bank's notice
			bank.Plan(fakepay.Ask)
			p, err := s.Checkout.Place(t.Context(), who, in)
			require.NoError(t, err)
			require.NoError(t, bank.Approve(t.Context(), number(p.Intent)))
			wire.lose(1)
			raw, err := bank.Notice(number(p.Intent))
			require.NoError(t, err)
			reply, err := s.Payments.Notify(t.Context(), "fakepay", raw)
			require.NoError(t, err, "the notice was kept before it was read")
			require.Equal(t, http.StatusOK, reply.Status)
			if paid(witness.onlyGroup(t, who)) {
				committed++
			}
			require.NoError(t, deliver(t, s, bank))
		}
		require.Equal(t, i+1, wire.losses(), "purchase %d lost an answer", i)

		p, err := s.Checkout.Place(t.Context(), who, in)
		require.NoError(t, err)
		require.True(t, p.Replayed)
		require.Equal(t, witness.onlyGroup(t, who).ID, p.Group.ID)
	}
	t.Logf("%d answers lost, %d of the commits had taken effect", lost, committed)
	require.Equal(t, lost, committed, "the server answers when it has committed")

	for range 3 { // what Place left to the workers
		require.NoError(t, s.Drain(t.Context()))
		c.skip(2 * time.Minute)
	}
	for i := range lost {
		require.True(t, paid(witness.onlyGroup(t, ref.Member(ref.MemberID(fmt.Sprintf("m-%d", i))))), "purchase %d", i)
	}
	witness.onePaymentEach(t)
	witness.sound(t)
}

// deliver sends the bank's notices again.
func deliver(t *testing.T, s *shop, bank *fakepay.Bank) error {
	t.Helper()
	_, err := bank.Deliver(t.Context(), func(ctx context.Context, raw payment.RawRequest) (payment.Reply, error) {
		return s.Payments.Notify(ctx, "fakepay", raw)
	})
	return err
}
