package payment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func TestLateCaptureIsRefunded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	a := s.last(in)
	in, err := s.svc.Cancel(t.Context(), buyer(), in.ID, payment.CancelBuyer)
	require.NoError(t, err)
	require.Equal(t, payment.IntentCanceled, in.State)

	s.notify(s.bank.Forge("late", a.Number, payment.AttemptCaptured, usd(1000)))
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCanceled, in.State, "canceled stays")
	require.True(t, s.last(in).Late)
	require.False(t, s.last(in).Counted)
	refunds := s.refunds(in.ID)
	require.Len(t, refunds, 1)
	require.Equal(t, payment.ReasonLate, refunds[0].Reason)
	require.Equal(t, []string{"closed"}, s.orders.of("g-1"))
	s.check()
}

func TestSecondCaptureIsRefunded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask, fakepay.Approve)
	in := s.pay()
	first := s.last(in)
	in, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: first.ID, Gateway: "fakepay"})
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	s.notify(s.bank.Forge("late", first.Number, payment.AttemptCaptured, usd(1000)))
	in = s.get(in.ID)
	require.Equal(t, payment.IntentCaptured, in.State)
	refunds := s.refunds(in.ID)
	require.Len(t, refunds, 1)
	require.Equal(t, payment.ReasonDuplicate, refunds[0].Reason)
	require.Equal(t, first.ID, refunds[0].Legs[0].Attempt)
	require.True(t, in.Refunded.IsZero())
	s.check()
}

func TestLateCaptureWithoutRefunderOpensACase(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(b *fakepay.Config, _ *payment.Config) { b.Plan, b.NoRefund = fakepay.Ask, true })
	in := s.pay()
	a := s.last(in)
	_, err := s.svc.Cancel(t.Context(), buyer(), in.ID, payment.CancelBuyer)
	require.NoError(t, err)
	s.notify(s.bank.Forge("late", a.Number, payment.AttemptCaptured, usd(1000)))
	s.wait(time.Hour)
	cases := s.cases()
	require.Len(t, cases, 1)
	c := cases[0]
	require.Equal(t, payment.CaseManualRefund, c.Reason)
	require.Equal(t, usd(1000), c.Amount)
	require.Equal(t, time.Hour, c.Age(s.clock.Now()))

	// A person pays it back, and the provider's notice proves it.
	refunds := s.refunds(in.ID)
	require.Len(t, refunds, 1)
	require.True(t, refunds[0].Manual)
	s.notify(s.bank.ForgeRefund("back", refunds[0].Legs[0].Number, payment.RefundSucceeded, usd(1000)))
	require.Equal(t, payment.RefundSucceeded, s.refunds(in.ID)[0].State)

	c, err = s.stores.PaymentCases.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, payment.CaseClosed, c.State, "it has settled itself")
	s.check()
}

func TestCases(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.notify(s.bank.Forge("orphan", "PA00000000000000000000000000", payment.AttemptCaptured, usd(5)))
	p, err := s.svc.Cases(t.Context(), staff(), payment.CaseQuery{State: payment.CaseOpen}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
	c := p.Items[0]
	_, err = s.svc.Cases(t.Context(), buyer(), payment.CaseQuery{}, page.Request{})
	require.ErrorIs(t, err, fault.PermissionDenied)
	stale := payment.CaseInput{Case: c.ID, Version: c.Version}
	c, err = s.svc.AssignCase(t.Context(), staff(), stale, "bob")
	require.NoError(t, err)
	require.Equal(t, payment.CaseAssigned, c.State)
	_, err = s.svc.AssignCase(t.Context(), staff(), stale, "carl")
	require.ErrorIs(t, err, fault.Conflict)
	now := payment.CaseInput{Case: c.ID, Version: c.Version}
	_, err = s.svc.CloseCase(t.Context(), staff(), now, "")
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.svc.CloseCase(t.Context(), buyer(), now, "x")
	require.ErrorIs(t, err, fault.NotFound)
	c, err = s.svc.CloseCase(t.Context(), staff(), now, "paid back by transfer")
	require.NoError(t, err)
	require.Equal(t, payment.CaseClosed, c.State)
	_, err = s.svc.AssignCase(t.Context(), staff(), payment.CaseInput{Case: c.ID, Version: c.Version}, "bob")
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

func TestWrongAmountMovesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	a := s.last(in)
	for _, theirs := range []money.Money{usd(999), usd(1001), money.New(1000, "EUR"), money.New(1000, "nonsense")} {
		s.notify(s.bank.Forge("wrong"+theirs.String(), a.Number, payment.AttemptCaptured, theirs))
	}
	in = s.get(in.ID)
	require.Equal(t, payment.IntentProcessing, in.State)
	require.Equal(t, payment.AttemptActionRequired, s.last(in).State)
	require.Empty(t, s.orders.of("g-1"))
	require.Len(t, s.cases(), 4)
	for _, c := range s.cases() {
		require.Equal(t, payment.CaseWrongAmount, c.Reason)
	}
	s.check()

	s.bank.Plan(fakepay.Approve)
	s.bank.Trouble(fakepay.CallPay, fakepay.Overcharge)
	in = s.pay()
	require.Equal(t, payment.AttemptUnknown, s.last(in).State, "nothing is known that can be counted")
	s.wait(time.Minute)
	require.Equal(t, payment.AttemptUnknown, s.last(s.get(in.ID)).State)
	require.Len(t, s.cases(), 5, "asked again and again, it is one case")
	s.check()
}

func TestNoticesAreStoredThenRead(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	a := s.last(in)
	require.NoError(t, s.bank.Approve(t.Context(), a.Number))
	raw, err := s.bank.Notice(a.Number)
	require.NoError(t, err)

	// The recording fails: it is acknowledged all the same, and read later.
	s.orders.fail = errDown
	reply := s.notify(raw)
	require.Equal(t, 200, reply.Status)
	require.Equal(t, payment.IntentProcessing, s.get(in.ID).State)
	s.orders.fail = nil
	s.sweep()
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)
	for range 100 {
		require.Equal(t, 200, s.notify(raw).Status)
	}
	require.Equal(t, []string{"paid"}, s.orders.of("g-1"))

	forged := raw
	forged.Body = append([]byte(nil), raw.Body...)
	forged.Body[10] ^= 1
	_, err = s.svc.Notify(t.Context(), "fakepay", forged)
	require.ErrorIs(t, err, fault.Unauthenticated)
	_, err = s.svc.Notify(t.Context(), "nobody", raw)
	require.ErrorIs(t, err, fault.NotFound)
	raw.Body = make([]byte, payment.MaxNoticeBody+1)
	_, err = s.svc.Notify(t.Context(), "fakepay", raw)
	require.ErrorIs(t, err, fault.Invalid)

	s.notify(s.bank.Forge("orphan", "PA00000000000000000000000000", payment.AttemptCaptured, usd(5)))
	s.notify(s.bank.Forge("orphan", "PA00000000000000000000000000", payment.AttemptCaptured, usd(6)))
	reasons := []payment.CaseReason{}
	for _, c := range s.cases() {
		reasons = append(reasons, c.Reason)
	}
	require.ElementsMatch(t, []payment.CaseReason{payment.CaseOrphan, payment.CaseContradicts}, reasons)
	s.check()
}

func TestNoticeOfTheBuyersClick(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask, fakepay.Ask)
	in, other := s.pay(), s.pay()
	require.NoError(t, s.bank.Approve(t.Context(), s.last(in).Number))
	require.NoError(t, s.bank.Decline(t.Context(), s.last(other).Number))
	s.deliver()
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)
	require.Equal(t, payment.IntentReserved, s.get(other.ID).State)
	require.Zero(t, s.bank.Pending())
	s.check()
}
