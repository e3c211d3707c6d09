package payment_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func TestPaidAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	opened := s.open(s.input())
	require.Equal(t, payment.IntentProcessing, opened.State)
	require.Equal(t, payment.AttemptSent, s.last(opened).State, "written down before it is sent")
	require.Empty(t, s.bank.Payments())

	in := s.send(opened)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Equal(t, in, s.get(in.ID))
	require.True(t, in.NextAt.IsZero())
	require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
	require.EqualValues(t, 1000, s.bank.Net("USD"))
	again := s.send(in)
	require.Equal(t, in, again, "sending again does nothing")
	s.check()
}

// counting counts the calls of Pay, and holds each back until it is told.
type counting struct {
	payment.Gateway
	calls   atomic.Int64
	release chan struct{}
}

func (g *counting) Unwrap() payment.Gateway { return g.Gateway }

func (g *counting) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	g.calls.Add(1)
	<-g.release
	return g.Gateway.Pay(ctx, req)
}

// While the call of an attempt is under way nobody else makes it: a buyer who
// clicks, reloads or comes back finds it as it is.
func TestOnlyWhoWroteTheAttemptDownMakesItsCall(t *testing.T) {
	t.Parallel()
	g := &counting{release: make(chan struct{})}
	s := newShop(t)
	g.Gateway = s.bank.Gateway()
	s.cfg.Gateways = []payment.Gateway{g}
	var err error
	s.svc, err = payment.NewService(s.cfg)
	require.NoError(t, err)
	opened := s.open(s.input())
	paid := make(chan error, 1)
	go func() {
		_, err := s.svc.Pay(t.Context(), opened)
		paid <- err
	}()
	require.Eventually(t, func() bool { return g.calls.Load() == 1 }, 10*time.Second, time.Millisecond)
	for _, look := range []func() error{
		func() error { _, err := s.svc.Send(t.Context(), buyer(), opened.ID); return err },
		func() error { _, err := s.svc.Query(t.Context(), buyer(), opened.ID); return err },
		func() error { _, err := s.svc.Sweep(t.Context(), 0); return err },
	} {
		require.NoError(t, look())
		require.Equal(t, payment.AttemptSent, s.last(s.get(opened.ID)).State)
	}
	require.EqualValues(t, 1, g.calls.Load())
	close(g.release)
	require.NoError(t, <-paid)
	require.Equal(t, payment.IntentCaptured, s.get(opened.ID).State)
	require.EqualValues(t, 1, g.calls.Load())
	s.check()
}

func TestNothingToPay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.input()
	in.Payable, in.Gateway = money.Zero("USD"), ""
	got := s.send(s.open(in))
	require.Equal(t, payment.IntentCaptured, got.State)
	require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
	require.Empty(t, s.bank.Payments())
	s.check()

	in.Group = "g-2"
	left := s.open(in) // the process dies before it sends
	s.sweep()
	require.Equal(t, payment.IntentCaptured, s.get(left.ID).State)
	require.Equal(t, []string{"paid"}, s.orders.of("g-2"))
	s.check()
}

func TestDeclinedThenOtherMethod(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Refuse)
	in := s.pay()
	require.Equal(t, payment.IntentReserved, in.State)
	first := s.last(in)
	require.Equal(t, payment.AttemptDeclined, first.State)
	require.Equal(t, payment.AdviceOtherMethod, first.Advice)
	require.Equal(t, in.PayBy, in.NextAt)

	retry := payment.RetryInput{Intent: in.ID, After: first.ID, Gateway: "fakepay"}
	in, err := s.svc.Retry(t.Context(), buyer(), retry)
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Len(t, in.Attempts, 2)
	require.NotEqual(t, first.Number, s.last(in).Number)
	again, err := s.svc.Retry(t.Context(), buyer(), retry)
	require.NoError(t, err)
	require.Equal(t, in, again, "the second click pays nothing")
	require.EqualValues(t, 1000, s.bank.Net("USD"))
	s.check()
}

func TestRetryClosesWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	first := s.last(in)
	require.Equal(t, payment.AttemptActionRequired, first.State)
	require.Equal(t, payment.ActionRedirect, first.Action.Kind)
	in, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: first.ID, Gateway: "fakepay"})
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Equal(t, payment.AttemptClosed, in.Attempts[0].State)
	require.ErrorIs(t, s.bank.Approve(t.Context(), first.Number), fault.FailedPrecondition, "the old page is dead")
	s.check()

	// Where the old one was paid meanwhile, it counts.
	s2 := newShop(t)
	s2.bank.Plan(fakepay.Ask)
	in = s2.pay()
	first = s2.last(in)
	require.NoError(t, s2.bank.Approve(t.Context(), first.Number))
	in, err = s2.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: first.ID, Gateway: "fakepay"})
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Len(t, in.Attempts, 1)
	s2.check()
}

func TestTriesRunOut(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(b *fakepay.Config, c *payment.Config) { b.Plan, c.MaxAttempts = fakepay.Refuse, 3 })
	in := s.pay()
	for range 2 {
		var err error
		in, err = s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: s.last(in).ID, Gateway: "fakepay"})
		require.NoError(t, err)
	}
	require.Equal(t, payment.IntentFailed, in.State)
	require.Equal(t, payment.CancelExhausted, in.Reason)
	require.Equal(t, []string{"closed"}, s.orders.of("g-1"))
	_, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: s.last(in).ID, Gateway: "fakepay"})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, "payment.over", fault.CodeOf(err))
	s.check()
}

func TestLostAnswerIsAskedAbout(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Trouble(fakepay.CallPay, fakepay.LostAfter)
	in := s.pay()
	require.Equal(t, payment.AttemptUnknown, s.last(in).State)
	require.Equal(t, payment.IntentProcessing, in.State)
	require.Empty(t, s.orders.of("g-1"))
	s.wait(5 * time.Second)
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.NotEmpty(t, s.last(in).Evidence)
	s.check()
}

func TestLostRequestIsSentAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Trouble(fakepay.CallPay, fakepay.LostBefore)
	in := s.pay()
	number := s.last(in).Number
	require.Equal(t, payment.AttemptUnknown, s.last(in).State)
	s.wait(55 * time.Second)
	require.Equal(t, payment.AttemptUnknown, s.last(s.get(in.ID)).State, "not found proves nothing within 60 s")
	s.wait(2 * time.Minute)
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Len(t, in.Attempts, 1)
	require.Equal(t, number, s.last(in).Number)
	require.Equal(t, 2, s.last(in).Sends)
	require.EqualValues(t, 1000, s.bank.Net("USD"))
	s.check()
}

func TestNotExecutedIsSentAgainAndEnds(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Trouble(fakepay.CallPay, fakepay.Refused)
	in := s.pay()
	require.Equal(t, payment.AttemptNew, s.last(in).State)
	in, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: s.last(in).ID, Gateway: "fakepay"})
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Len(t, in.Attempts, 1, "the same number")
	s.check()

	for range 10 {
		s.bank.Trouble(fakepay.CallPay, fakepay.Refused)
	}
	in = s.pay()
	s.wait(2 * time.Minute)
	in = s.get(in.ID)
	require.Equal(t, payment.AttemptClosed, s.last(in).State)
	require.Equal(t, payment.IntentReserved, in.State)
	require.Equal(t, 5, s.last(in).Sends)
	s.check()
}

func TestDiedBeforeSending(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.open(s.input()) // the process dies here
	s.wait(4 * time.Minute)
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)
	require.EqualValues(t, 1000, s.bank.Net("USD"))
	s.check()
}

func TestCallerGoneWhileRecording(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Trouble(fakepay.CallPay, fakepay.Silent)
	opened := s.open(s.input())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil && len(s.bank.Payments()) == 0 { // the bank has it, and says nothing
			runtime.Gosched()
		}
		cancel()
	}()
	in, err := s.svc.Pay(ctx, opened)
	require.NoError(t, err, "the outcome is written down although the caller has gone")
	require.Equal(t, payment.AttemptUnknown, s.last(in).State)
	s.wait(5 * time.Second)
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)
	s.check()

	// Before a byte went out it is nobody's outcome.
	opened = s.open(s.input())
	_, err = s.svc.Pay(ctx, opened)
	require.ErrorIs(t, err, fault.Canceled)
	require.Equal(t, payment.AttemptSent, s.last(s.get(opened.ID)).State)
}

func TestExpiryClosesAtTheProvider(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	s.clock.Advance(29 * time.Minute)
	s.sweep()
	require.Equal(t, payment.IntentProcessing, s.get(in.ID).State)
	s.clock.Advance(2 * time.Minute)
	s.sweep()
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCanceled, in.State)
	require.Equal(t, payment.CancelExpired, in.Reason)
	require.Equal(t, payment.AttemptClosed, s.last(in).State)
	require.Equal(t, []string{"closed"}, s.orders.of("g-1"))
	require.True(t, in.NextAt.IsZero())
	s.check()
}

func TestExpiryOfAPaidOne(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	for range 20 { // no query gets through
		s.bank.Trouble(fakepay.CallQuery, fakepay.LostBefore)
	}
	require.NoError(t, s.bank.Approve(t.Context(), s.last(in).Number)) // and the notice is lost
	s.wait(31 * time.Minute)
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCaptured, in.State, "the bank took it, and the order still wants it")
	require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
	s.check()
}

func TestCancelStaysUntilCertain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	for range 100 {
		s.bank.Trouble(fakepay.CallCancel, fakepay.LostBefore)
		s.bank.Trouble(fakepay.CallQuery, fakepay.LostBefore)
	}
	in, err := s.svc.Cancel(t.Context(), buyer(), in.ID, payment.CancelBuyer)
	require.NoError(t, err)
	require.Equal(t, payment.IntentCanceling, in.State)
	require.Empty(t, s.orders.of("g-1"), "everything stays held")
	s.wait(50 * time.Minute)
	require.Equal(t, payment.IntentCanceling, s.get(in.ID).State)
	cases := s.cases()
	require.Len(t, cases, 1)
	require.Equal(t, payment.CaseStuck, cases[0].Reason)
	s.check()
}

func TestCancelOfAPaidOneIsRefunded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	require.NoError(t, s.bank.Approve(t.Context(), s.last(in).Number))
	in, err := s.svc.Cancel(t.Context(), buyer(), in.ID, payment.CancelBuyer)
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Equal(t, []string{"refused"}, s.orders.of("g-1"))
	s.sweep()
	in = s.get(in.ID)
	require.Equal(t, payment.IntentRefunded, in.State)
	require.Equal(t, usd(1000), in.Refunded)
	require.Zero(t, s.bank.Net("USD"))
	refunds := s.refunds(in.ID)
	require.Len(t, refunds, 1)
	require.Equal(t, payment.ReasonLate, refunds[0].Reason)
	require.Equal(t, []string{"refused", "refunded"}, s.orders.of("g-1"))
	_, err = s.svc.Cancel(t.Context(), buyer(), in.ID, payment.CancelBuyer)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	s.check()
}

func TestManualCapture(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	open := s.input()
	open.ManualCapture = true
	in := s.send(s.open(open))
	require.Equal(t, payment.IntentAuthorized, in.State)
	require.Empty(t, s.orders.of("g-1"))
	s.bank.Trouble(fakepay.CallCapture, fakepay.LostAfter)
	in, err := s.svc.Capture(t.Context(), staff(), in.ID)
	require.NoError(t, err)
	require.Equal(t, payment.AttemptUnknown, s.last(in).State)
	s.wait(5 * time.Second)
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)
	_, err = s.svc.Capture(t.Context(), staff(), in.ID)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	s.check()
}
