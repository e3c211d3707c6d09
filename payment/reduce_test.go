package payment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func TestReduceThenPayLess(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	first := s.last(in)
	_, err := s.svc.Reduce(t.Context(), staff(), in.ID, usd(400))
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, "payment.attempt_open", fault.CodeOf(err))
	in, err = s.svc.Free(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, payment.AttemptClosed, s.last(in).State)
	for _, by := range []money.Money{usd(-1), usd(1001), money.New(1, "EUR")} {
		_, err = s.svc.Reduce(t.Context(), staff(), in.ID, by)
		require.ErrorIs(t, err, fault.Invalid)
	}
	in, err = s.svc.Reduce(t.Context(), staff(), in.ID, usd(400))
	require.NoError(t, err)
	require.Equal(t, usd(600), in.Payable)
	s.check()

	// The old attempt turns out to be paid: it is not what is to be paid now.
	s.notify(s.bank.Forge("late", first.Number, payment.AttemptCaptured, usd(1000)))
	in = s.get(in.ID)
	require.Equal(t, payment.IntentReserved, in.State)
	require.Empty(t, s.orders.of("g-1"))
	require.Equal(t, payment.ReasonLate, s.refunds(in.ID)[0].Reason)
	s.check()

	in, err = s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: first.ID, Gateway: "fakepay"})
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Equal(t, usd(600), s.last(in).Amount)
	_, err = s.svc.Reduce(t.Context(), staff(), in.ID, usd(1))
	require.Equal(t, "payment.captured", fault.CodeOf(err))
	s.check()
}

func TestReduceToNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Refuse)
	in := s.pay()
	in, err := s.svc.Reduce(t.Context(), staff(), in.ID, usd(1000))
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)
	require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
	s.check()
}

func TestFreeWaitsForTheProvider(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.open(s.input()) // somebody is making the call
	_, err := s.svc.Free(t.Context(), in)
	require.Equal(t, "payment.attempt_open", fault.CodeOf(err))

	s.bank.Plan(fakepay.Ask)
	in = s.pay()
	s.bank.Trouble(fakepay.CallCancel, fakepay.LostBefore)
	_, err = s.svc.Free(t.Context(), in)
	require.Equal(t, "payment.attempt_open", fault.CodeOf(err))
	require.NoError(t, s.bank.Approve(t.Context(), s.last(in).Number))
	in, err = s.svc.Free(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, payment.IntentCaptured, in.State)

	s.bank.Trouble(fakepay.CallPay, fakepay.Refused)
	in = s.pay()
	in, err = s.svc.Free(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, payment.AttemptClosed, s.last(in).State)
	_, err = s.svc.Cancel(t.Context(), buyer(), in.ID, payment.CancelBuyer)
	require.NoError(t, err)
	_, err = s.svc.Reduce(t.Context(), staff(), in.ID, usd(1))
	require.Equal(t, "payment.over", fault.CodeOf(err))
}

// Whoever frees a payment closes what was under way when it was read: what was
// begun since is somebody else's, and stays.
func TestFreeLeavesWhatWasBegunSince(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	read := s.pay()
	in, err := s.svc.Free(t.Context(), read)
	require.NoError(t, err)
	in, err = s.svc.Reduce(t.Context(), staff(), in.ID, usd(400))
	require.NoError(t, err)
	s.bank.Plan(fakepay.Ask)
	in, err = s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: s.last(in).ID, Gateway: "fakepay"})
	require.NoError(t, err)

	_, err = s.svc.Free(t.Context(), read)
	require.Equal(t, "payment.attempt_open", fault.CodeOf(err))
	require.Equal(t, payment.AttemptActionRequired, s.last(s.get(in.ID)).State)
	s.check()
}
