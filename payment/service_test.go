package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
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
	time.AfterFunc(10*time.Millisecond, cancel)
	in, err := s.svc.Send(ctx, buyer(), opened.ID)
	require.NoError(t, err, "the outcome is written down although the caller has gone")
	require.Equal(t, payment.AttemptUnknown, s.last(in).State)
	s.wait(5 * time.Second)
	require.Equal(t, payment.IntentCaptured, s.get(in.ID).State)
	s.check()

	// Before a byte went out it is nobody's outcome.
	opened = s.open(s.input())
	_, err = s.svc.Send(ctx, buyer(), opened.ID)
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

func TestForeignScopes(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask)
	in := s.pay()
	for _, scope := range []ref.Scope{{}, ref.Member("m-bob"), ref.Guest("x"), ref.Merchant("me-1")} {
		_, err := s.svc.Get(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.Send(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.Query(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.Capture(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.Cancel(t.Context(), scope, in.ID, payment.CancelBuyer)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.Withdraw(t.Context(), scope, in.ID, payment.CancelBuyer)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.Retry(t.Context(), scope, payment.RetryInput{Intent: in.ID, Gateway: "fakepay"})
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.Refund(t.Context(), scope, payment.RefundInput{Intent: in.ID, Key: "k", Reason: "x", Amount: usd(1)})
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.History(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.RefundsOf(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for name, spoil := range map[string]func(*payment.OpenInput){
		"no group":      func(in *payment.OpenInput) { in.Group = "" },
		"no currency":   func(in *payment.OpenInput) { in.Payable = money.Money{} },
		"negative":      func(in *payment.OpenInput) { in.Payable = usd(-1) },
		"no gateway":    func(in *payment.OpenInput) { in.Gateway = "" },
		"other gateway": func(in *payment.OpenInput) { in.Gateway = "stripe" },
		"past":          func(in *payment.OpenInput) { in.PayBy = s.clock.Now() },
		"broken text":   func(in *payment.OpenInput) { in.Description = "\xff" },
		"long text":     func(in *payment.OpenInput) { in.ReturnURL = string(make([]byte, 501)) },
		"too many":      func(in *payment.OpenInput) { in.Params = many(33) },
		"broken param":  func(in *payment.OpenInput) { in.Params = map[string]string{"a": "\xff"} },
	} {
		in := s.input()
		spoil(&in)
		_, err := s.svc.Draft(in)
		require.ErrorIs(t, err, fault.Invalid, name)
	}
	draft, err := s.svc.Draft(s.input())
	require.NoError(t, err)
	draft.Tenders[0].Amount = usd(1)
	_, err = s.svc.Open(t.Context(), draft)
	require.ErrorIs(t, err, fault.Invalid)
	draft.State = payment.IntentCaptured
	_, err = s.svc.Open(t.Context(), draft)
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

func many(n int) map[string]string {
	out := map[string]string{}
	for i := range n {
		out[string(rune('a'+i))] = "x"
	}
	return out
}

func TestConfigNamesEverythingWrong(t *testing.T) {
	t.Parallel()
	_, err := payment.NewService(payment.Config{Gateways: []payment.Gateway{
		nil, fakepay.New().Gateway(), fakepay.New().Gateway(),
	}, MaxAttempts: -1})
	for _, want := range []string{
		"Store is", "Refunds", "Notices", "Cases", "Units", "Events", "Subject", "MaxAttempts", "Gateways[0]", "Gateways[2]",
	} {
		require.ErrorContains(t, err, want)
	}
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
