package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// rude refuses to look payments up and to close them, as a provider does whose
// account lacks that right.
type rude struct{ payment.Gateway }

func (g rude) Unwrap() payment.Gateway { return g.Gateway }

func (rude) Query(context.Context, payment.AttemptRef) (payment.Outcome, error) {
	return payment.Outcome{}, payment.Decline("not_permitted", payment.AdviceNever)
}

func (rude) Cancel(context.Context, payment.AttemptRef) (payment.Outcome, error) {
	return payment.Outcome{}, payment.Decline("not_permitted", payment.AdviceNever)
}

// A refusal to say how a payment stands, or to close it, is no news of the
// payment: it stays open, and counts where it is paid.
func TestARefusedQuestionEndsNoPayment(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(s *shop){
		"open":    func(s *shop) { s.bank.Plan(fakepay.Ask) },
		"unknown": func(s *shop) { s.bank.Plan(fakepay.Ask); s.bank.Trouble(fakepay.CallPay, fakepay.LostAfter) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.cfg.Gateways = []payment.Gateway{rude{s.bank.Gateway()}}
			var err error
			s.svc, err = payment.NewService(s.cfg)
			require.NoError(t, err)
			begin(s)
			in := s.pay()
			before := s.last(in).State
			in, err = s.svc.Query(t.Context(), buyer(), in.ID)
			require.NoError(t, err)
			require.Equal(t, before, s.last(in).State, "after the question")
			require.NoError(t, s.bank.Approve(t.Context(), s.last(in).Number))
			s.wait(31 * time.Minute) // the notice takes its time
			in = s.get(in.ID)
			require.Equal(t, payment.IntentCanceling, in.State, "what may be paid stays held")
			require.False(t, s.last(in).State.Definite())
			require.Empty(t, s.orders.of("g-1"))

			s.deliver()
			in = s.get(in.ID)
			require.Equal(t, payment.IntentCaptured, in.State)
			require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
			require.Empty(t, s.refunds(in.ID))
			require.EqualValues(t, 1000, s.bank.Net("USD"))
			s.check()
		})
	}
}
