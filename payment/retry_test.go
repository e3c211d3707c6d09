package payment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
)

func withTransfer(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	for _, kind := range []offlinepay.Kind{offlinepay.Transfer, offlinepay.CashOnDelivery} {
		gw, err := offlinepay.New(offlinepay.Config{
			Kind: kind, Secrets: [][]byte{[]byte("a secret of the staff's pages")}, Clock: s.clock,
		})
		require.NoError(t, err)
		s.cfg.Gateways = append(s.cfg.Gateways, gw)
	}
	var err error
	s.svc, err = payment.NewService(s.cfg)
	require.NoError(t, err)
	return s
}

// What was certainly not executed is closed for another choice, and sent again
// for the same one.
func TestRetryElsewhereWhatWasNotExecuted(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]payment.RetryInput{
		"gateway":     {Gateway: "transfer"},
		"instruction": {Gateway: "fakepay", Instruction: payment.Instruction{Method: "qr"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withTransfer(t)
			s.bank.Trouble(fakepay.CallPay, fakepay.Refused)
			in := s.pay()
			first := s.last(in)
			require.Equal(t, payment.AttemptNew, first.State)
			other.Intent, other.After = in.ID, first.ID
			in, err := s.svc.Retry(t.Context(), buyer(), other)
			require.NoError(t, err)
			require.Len(t, in.Attempts, 2)
			require.Equal(t, payment.AttemptClosed, in.Attempts[0].State)
			require.Equal(t, other.Gateway, s.last(in).Gateway)
			require.Equal(t, other.Method, s.last(in).Instruction.Method)
			_, err = s.bank.Find(first.Number)
			require.ErrorIs(t, err, fault.NotFound, "nothing was asked there")
			s.check()
		})
	}
	s := withTransfer(t)
	s.bank.Trouble(fakepay.CallPay, fakepay.Refused)
	in := s.pay()
	in, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: s.last(in).ID, Gateway: "fakepay"})
	require.NoError(t, err)
	require.Len(t, in.Attempts, 1)
	require.Equal(t, payment.IntentCaptured, in.State)
	s.check()
}

// What is on its way to be paid on delivery stays so.
func TestRetryOfWhatIsShipped(t *testing.T) {
	t.Parallel()
	s := withTransfer(t)
	open := s.input()
	open.Gateway = "cod"
	in := s.send(s.open(open))
	s.orders.shipped = true
	_, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: s.last(in).ID, Gateway: "fakepay"})
	require.Equal(t, "payment.on_delivery", fault.CodeOf(err))
	require.Equal(t, payment.AttemptPending, s.last(s.get(in.ID)).State, "the courier still asks for it")
	for _, who := range []string{"buyer", "staff"} {
		scope := buyer()
		if who == "staff" {
			scope = staff()
		}
		_, err = s.svc.Cancel(t.Context(), scope, in.ID, payment.CancelBuyer)
		require.Equal(t, "payment.on_delivery", fault.CodeOf(err), who)
	}
	s.clock.Advance(100 * 24 * time.Hour)
	s.sweep()
	require.Equal(t, payment.IntentProcessing, s.get(in.ID).State)
	s.check()
}
