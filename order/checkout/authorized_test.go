package checkout_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// What the provider holds for the shop is not given up when the time to pay is
// over: it is captured when the shop is ready, or voided.
func TestWhatIsAuthorizedIsNotGivenUp(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		authorized := func(key string) checkout.Placed {
			s.bank.Plan(fakepay.Authorize)
			p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1}), key)
			s.clock.Advance(5 * time.Hour)
			s.settle()
			require.Equal(s, []string{"pending/unpaid"}, states(s.group(p.Group.ID)))
			require.Equal(s, payment.IntentAuthorized, s.intent(p.Group).State)
			return p
		}
		p := authorized("k1")
		require.EqualValues(s, 1, s.level("tea").Reserved)
		in, err := s.payments.Capture(s.Context(), ref.Staff("ann"), p.Intent.ID)
		require.NoError(s, err)
		require.Equal(s, payment.IntentCaptured, in.State)
		require.Equal(s, []string{"confirmed/paid"}, states(s.group(p.Group.ID)))

		p = authorized("k2")
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		s.settle()
		require.Equal(s, []string{"canceled/unpaid"}, states(s.group(p.Group.ID)))
		require.Zero(s, s.level("tea").Reserved)
		s.sound()
	})
}
