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

func newOffline(t *testing.T, kind offlinepay.Kind) (*shop, *offlinepay.Gateway, payment.OpenInput) {
	t.Helper()
	var gw *offlinepay.Gateway
	s := newShop(t, func(_ *fakepay.Config, c *payment.Config) {
		var err error
		gw, err = offlinepay.New(offlinepay.Config{
			Kind: kind, Secrets: [][]byte{[]byte("a secret of the staff's pages")}, Clock: c.Clock,
		})
		require.NoError(t, err)
		c.Gateways = []payment.Gateway{gw}
	})
	in := s.input()
	in.Gateway, in.PayBy = gw.Caps().Code, s.clock.Now().AddDate(0, 0, 7)
	return s, gw, in
}

func (s *shop) says(gateway string, raw payment.RawRequest) {
	s.t.Helper()
	reply, err := s.svc.Notify(s.t.Context(), gateway, raw)
	require.NoError(s.t, err)
	require.Equal(s.t, 204, reply.Status)
}

func TestTransferArrives(t *testing.T) {
	t.Parallel()
	s, gw, open := newOffline(t, offlinepay.Transfer)
	in := s.send(s.open(open))
	a := s.last(in)
	require.Equal(t, payment.AttemptPending, a.State)
	require.Equal(t, a.Number, a.Action.Params["reference"])
	require.Equal(t, in.PayBy, in.NextAt, "nobody is asked in vain")
	s.clock.Advance(48 * time.Hour)
	s.sweep()
	r := offlinepay.Receipt{Number: a.Number, Amount: usd(999), Reference: "stmt 1", Staff: "ann"}
	s.says("transfer", gw.Received(r))
	require.Equal(t, payment.IntentProcessing, s.get(in.ID).State, "a cent is missing")
	require.Len(t, s.cases(), 1)
	r.Amount, r.Reference = usd(1000), "stmt 2"
	s.says("transfer", gw.Received(r))
	s.says("transfer", gw.Received(r))
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
	s.check()

	// It can be given back by hand only.
	refund, err := s.refund(in, "back", 400)
	require.NoError(t, err)
	require.True(t, refund.Manual)
	s.wait(time.Hour)
	require.Equal(t, payment.RefundRequested, s.refunds(in.ID)[0].State)
	s.says("transfer", gw.PaidBack(offlinepay.Receipt{
		Number: refund.Legs[0].Number, Amount: usd(400), Reference: "out 1", Staff: "ann",
	}))
	require.Equal(t, payment.IntentPartiallyRefunded, s.get(in.ID).State)
	s.check()
}

func TestTransferComesTooLate(t *testing.T) {
	t.Parallel()
	s, gw, open := newOffline(t, offlinepay.Transfer)
	in := s.send(s.open(open))
	s.clock.Advance(8 * 24 * time.Hour)
	s.sweep()
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCanceled, in.State)
	s.says("transfer", gw.Received(offlinepay.Receipt{
		Number: s.last(in).Number, Amount: usd(1000), Reference: "stmt 9", Staff: "ann",
	}))
	require.Equal(t, payment.IntentCanceled, s.get(in.ID).State)
	require.Len(t, s.refunds(in.ID), 1)
	require.Equal(t, payment.CaseManualRefund, s.cases()[0].Reason)
	s.check()
}

func TestCashOnDelivery(t *testing.T) {
	t.Parallel()
	s, gw, open := newOffline(t, offlinepay.CashOnDelivery)
	in := s.send(s.open(open))
	require.True(t, in.PayBy.IsZero(), "it never expires")
	require.True(t, in.NextAt.IsZero())
	s.clock.Advance(60 * 24 * time.Hour)
	s.sweep()
	s.says("cod", gw.Received(offlinepay.Receipt{
		Number: s.last(in).Number, Amount: usd(1000), Reference: "slip", Staff: "courier",
	}))
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)

	open.PayBy = time.Time{}
	other := s.send(s.open(open))
	s.says("cod", gw.Refused(offlinepay.Receipt{Number: s.last(other).Number, Reference: "slip 2", Staff: "courier"}))
	require.Equal(t, payment.IntentReserved, s.get(other.ID).State)
	canceled, err := s.svc.Cancel(t.Context(), staff(), other.ID, payment.CancelShop)
	require.NoError(t, err)
	require.Equal(t, payment.IntentCanceled, canceled.State)
	_, err = s.svc.Query(t.Context(), staff(), other.ID)
	require.NoError(t, err, "there is nobody to ask, and nobody is asked")
	_, err = s.svc.Capture(t.Context(), staff(), other.ID)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Len(t, s.cases(), 1)
	require.Equal(t, payment.CaseUncollected, s.cases()[0].Reason)
	require.Equal(t, payment.CaseClosed, s.cases()[0].State, "with the payment")
	require.Equal(t, []string{"paid", "awaits ", "closed"}, s.orders.of("g-1"))
	s.check()
}
