package payment_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func (s *shop) refund(in payment.Intent, key string, minor int64) (payment.Refund, error) {
	return s.svc.Refund(s.t.Context(), staff(), payment.RefundInput{
		Intent: in.ID, Key: key, Reason: payment.ReasonReturned, Amount: usd(minor),
	})
}

func TestRefundInParts(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.pay()
	r, err := s.refund(in, "a", 300)
	require.NoError(t, err)
	require.Equal(t, payment.RefundRequested, r.State)
	require.EqualValues(t, 700, s.last(s.get(in.ID)).Refundable(), "held from the request on")
	again, err := s.refund(in, "a", 300)
	require.NoError(t, err)
	require.Equal(t, r, again)
	_, err = s.refund(in, "a", 301)
	require.ErrorIs(t, err, fault.Conflict)
	_, err = s.refund(in, "b", 701)
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, "payment.refund_exceeds", fault.CodeOf(err))

	r, err = s.svc.SendRefund(t.Context(), staff(), r.ID)
	require.NoError(t, err)
	require.Equal(t, payment.RefundSucceeded, r.State)
	require.Equal(t, payment.IntentPartiallyRefunded, s.get(in.ID).State)
	_, err = s.refund(in, "b", 700)
	require.NoError(t, err)
	s.sweep()
	require.Equal(t, payment.IntentRefunded, s.get(in.ID).State)
	require.Zero(t, s.bank.Net("USD"))
	_, err = s.refund(in, "c", 1)
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, []string{"paid", "refunded", "refunded"}, s.orders.of("g-1"))
	s.check()

	// The bank returns one of them: it can be given back again.
	s.notify(s.bank.ForgeRefund("returned", r.Legs[0].Number, payment.RefundReversed, usd(300)))
	require.Equal(t, payment.IntentPartiallyRefunded, s.get(in.ID).State)
	require.EqualValues(t, 300, s.last(s.get(in.ID)).Refundable())
	require.Len(t, s.cases(), 1)
	s.check()
}

func TestRefundBadInput(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.pay()
	_, err := s.svc.Refund(t.Context(), staff(), payment.RefundInput{Intent: in.ID})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.svc.Refund(t.Context(), staff(), payment.RefundInput{
		Intent: in.ID, Key: "k", Reason: "x", Amount: money.New(5, "EUR"),
	})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.refund(in, "k", -5)
	require.ErrorIs(t, err, fault.Invalid)
	s.bank.Plan(fakepay.Ask)
	unpaid := s.pay()
	_, err = s.refund(unpaid, "k", 5)
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

func TestRefundTroubles(t *testing.T) {
	t.Parallel()
	for _, trouble := range []fakepay.Trouble{fakepay.Refused, fakepay.LostBefore, fakepay.LostAfter} {
		s := newShop(t)
		in := s.pay()
		s.bank.Trouble(fakepay.CallRefund, trouble)
		r, err := s.refund(in, "a", 1000)
		require.NoError(t, err)
		_, err = s.svc.SendRefund(t.Context(), staff(), r.ID)
		require.NoError(t, err)
		require.NotEqual(t, payment.RefundSucceeded, s.refunds(in.ID)[0].State, trouble)
		s.wait(4 * time.Minute)
		require.Equal(t, payment.RefundSucceeded, s.refunds(in.ID)[0].State, trouble)
		require.Zero(t, s.bank.Net("USD"))
		require.Len(t, s.bank.Refunds(), 1)
		s.check()
	}
}

func TestRefundRefusedReleasesWhatItHeld(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.pay()
	gw, _ := payment.As[payment.Refunder](s.bank.Gateway())
	_, err := gw.Refund(t.Context(), payment.RefundRequest{
		Number: "by-hand", Attempt: s.last(in).Ref(), Amount: usd(1000), // behind our back
	})
	require.NoError(t, err)
	r, err := s.refund(in, "a", 400)
	require.NoError(t, err)
	r, err = s.svc.SendRefund(t.Context(), staff(), r.ID)
	require.NoError(t, err)
	require.Equal(t, payment.RefundFailed, r.State)
	require.EqualValues(t, 1000, s.last(s.get(in.ID)).Refundable())
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State, "a failed refund is not done")
	cases := s.cases()
	require.Len(t, cases, 1)
	require.Equal(t, payment.CaseRefundFailed, cases[0].Reason)
	s.check()
}

func TestParallelRefundsNeverExceed(t *testing.T) {
	t.Parallel()
	for range 10 {
		s := newShop(t)
		in := s.pay()
		errs := parallel(t.Context(), 32, func(_ context.Context, i int) error {
			_, err := s.refund(in, strconv.Itoa(i), 100)
			return err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, fault.Exhausted)
		}
		require.Equal(t, 10, won)
		s.sweep()
		require.Zero(t, s.bank.Net("USD"))
		require.Equal(t, payment.IntentRefunded, s.get(in.ID).State)
		s.check()
	}
}

func TestParallelRefundsOfOneKey(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.pay()
	ids := make([]payment.RefundID, 32)
	errs := parallel(t.Context(), 32, func(_ context.Context, i int) error {
		r, err := s.refund(in, "one", 600)
		ids[i] = r.ID
		return err
	})
	for i := range errs {
		require.NoError(t, errs[i])
		require.Equal(t, ids[0], ids[i])
	}
	require.Len(t, s.refunds(in.ID), 1)
	s.check()
}

func TestParallelEverything(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := newShop(t)
		s.bank.Plan(fakepay.Ask)
		in := s.pay()
		a := s.last(in)
		require.NoError(t, s.bank.Approve(t.Context(), a.Number))
		raw, err := s.bank.Notice(a.Number)
		require.NoError(t, err)
		for _, err := range parallel(t.Context(), 24, func(ctx context.Context, i int) error {
			var err error
			switch i % 4 {
			case 0, 1:
				_, err = s.svc.Notify(ctx, "fakepay", raw)
			case 2:
				_, err = s.svc.Query(ctx, buyer(), in.ID)
			case 3:
				_, err = s.svc.Sweep(ctx, 0)
			}
			return err
		}) {
			require.NoError(t, err)
		}
		s.sweep()
		require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)
		require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
		s.check()
	}
}

// parallel runs fn n times, released together, and returns the errors.
func parallel(ctx context.Context, n int, fn func(ctx context.Context, i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(ctx, i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// The bank's return may be told before the refund's arrival: the order of the
// two notices makes no difference.
func TestAReturnedRefundInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, order := range [][]payment.RefundState{
		{payment.RefundSucceeded, payment.RefundReversed},
		{payment.RefundReversed, payment.RefundSucceeded},
		{payment.RefundReversed, payment.RefundSucceeded, payment.RefundReversed},
	} {
		s := newShop(t)
		in := s.pay()
		s.bank.Trouble(fakepay.CallRefund, fakepay.LostAfter)
		r, err := s.refund(in, "some", 300)
		require.NoError(t, err)
		r, err = s.svc.SendRefund(t.Context(), staff(), r.ID)
		require.NoError(t, err)
		require.Equal(t, payment.RefundUnknown, r.State)
		for i, says := range order {
			s.notify(s.bank.ForgeRefund(string(says)+string(rune('0'+i)), r.Legs[0].Number, says, usd(300)))
		}
		r = s.refunds(in.ID)[0]
		require.Equal(t, payment.RefundReversed, r.State, "%v", order)
		in = s.get(in.ID)
		require.True(t, in.Refunded.IsZero())
		require.Equal(t, payment.IntentCaptured, in.State)
		s.check()
	}
}
