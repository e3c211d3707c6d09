package payment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

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
		_, err = s.svc.Prolong(t.Context(), scope, in.ID, in.PayBy.Add(time.Hour))
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.History(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = s.svc.RefundsOf(t.Context(), scope, in.ID)
		require.ErrorIs(t, err, fault.NotFound)
	}
}

func TestABuyerDecidesNothingAboutTheMoney(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Refuse)
	unpaid := s.pay()
	_, err := s.svc.Reduce(t.Context(), buyer(), unpaid.ID, unpaid.Payable)
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.svc.Capture(t.Context(), buyer(), unpaid.ID)
	require.ErrorIs(t, err, fault.PermissionDenied)
	require.Equal(t, unpaid.Payable, s.get(unpaid.ID).Payable)

	paid := s.pay()
	_, err = s.svc.Refund(t.Context(), buyer(), payment.RefundInput{
		Intent: paid.ID, Key: "k", Reason: payment.ReasonGoodwill, Amount: usd(1),
	})
	require.ErrorIs(t, err, fault.PermissionDenied)
	require.Empty(t, s.refunds(paid.ID))
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
