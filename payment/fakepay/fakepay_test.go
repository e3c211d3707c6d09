package fakepay_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func request(number string, minor int64) payment.PayRequest {
	return payment.PayRequest{Number: number, Amount: usd(minor)}
}

func ref(number string) payment.AttemptRef { return payment.AttemptRef{Number: number} }

func TestBooksSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bank.jsonl")
	open := func() (*fakepay.Bank, *fakepay.File) {
		file, err := fakepay.OpenFile(path)
		require.NoError(t, err)
		bank, err := fakepay.Open(t.Context(), fakepay.Config{Journal: file})
		require.NoError(t, err)
		return bank, file
	}
	bank, file := open()
	bank.Plan(fakepay.Approve, fakepay.Ask)
	gw := bank.Gateway()
	_, err := gw.Pay(t.Context(), request("PA1", 100))
	require.NoError(t, err)
	_, err = gw.Pay(t.Context(), request("PA2", 200))
	require.NoError(t, err)
	refunder, ok := payment.As[payment.Refunder](gw)
	require.True(t, ok)
	refund := payment.RefundRequest{Number: "PR1-1", Attempt: ref("PA1"), Amount: usd(30)}
	_, err = refunder.Refund(t.Context(), refund)
	require.NoError(t, err)
	want, refunds := bank.Payments(), bank.Refunds()
	require.NoError(t, file.Close())

	// A process that is killed while it writes leaves half a line.
	torn, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = torn.WriteString(`{"seq":9,"payment":{"number":"PA9"`)
	require.NoError(t, err)
	require.NoError(t, torn.Close())

	bank, file = open()
	require.Equal(t, want, bank.Payments())
	require.Equal(t, refunds, bank.Refunds())
	require.EqualValues(t, 70, bank.Net("USD"))
	require.NoError(t, bank.Approve(t.Context(), "PA2"))
	out, err := bank.Gateway().Pay(t.Context(), request("PA1", 100))
	require.NoError(t, err)
	require.Equal(t, want[0].Ref, out.ProviderRef, "the same number gives the same answer")
	out, err = bank.Gateway().Pay(t.Context(), request("PA3", 5))
	require.NoError(t, err)
	for _, p := range want {
		require.NotEqual(t, p.Ref, out.ProviderRef)
	}
	require.NoError(t, file.Close())

	require.NoError(t, os.WriteFile(path, []byte("junk\n"), 0o600))
	file, err = fakepay.OpenFile(path)
	require.NoError(t, err)
	_, err = fakepay.Open(t.Context(), fakepay.Config{Journal: file})
	require.ErrorContains(t, err, "damaged")
	require.NoError(t, file.Close())
	_, err = fakepay.OpenFile(t.TempDir())
	require.Error(t, err)
}

// full is a journal that keeps nothing.
type full struct{}

func (full) Load(context.Context, func([]byte) error) error { return nil }
func (full) Append(context.Context, ...[]byte) error        { return errors.New("disk full") }

func TestWhatIsNotKeptDidNotHappen(t *testing.T) {
	t.Parallel()
	bank, err := fakepay.Open(t.Context(), fakepay.Config{Journal: full{}})
	require.NoError(t, err)
	_, err = bank.Gateway().Pay(t.Context(), request("PA1", 100))
	require.Equal(t, payment.Unknown, payment.ClassOf(err))
	require.Empty(t, bank.Payments())
}

func TestTroubles(t *testing.T) {
	t.Parallel()
	for trouble, want := range map[fakepay.Trouble]struct {
		class payment.Class
		taken int64
	}{
		fakepay.Refused:    {payment.NotExecuted, 0},
		fakepay.LostBefore: {payment.Unknown, 0},
		fakepay.LostAfter:  {payment.Unknown, 100},
		fakepay.Silent:     {payment.Unknown, 100},
		fakepay.Overcharge: {"", 101},
	} {
		synctest.Test(t, func(t *testing.T) { // so that no time passes before the call
			bank := fakepay.New()
			bank.Trouble(fakepay.CallPay, trouble)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			_, err := bank.Gateway().Pay(ctx, request("PA1", 100))
			require.Equal(t, want.class, payment.ClassOf(err), trouble)
			require.Equal(t, want.taken, bank.Net("USD"), trouble)
		})
	}
	bank := fakepay.New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := bank.Gateway().Pay(ctx, request("PA1", 100))
	require.Equal(t, payment.NotExecuted, payment.ClassOf(err), "no byte went out")
}

func TestPayPage(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	bank, err := fakepay.Open(t.Context(), fakepay.Config{
		Plan: fakepay.Ask, PayPage: "http://127.0.0.1:8080/fakepay?lang=zh", Clock: c,
	})
	require.NoError(t, err)
	req := request("PA1", 100)
	req.ExpiresAt = c.Now().Add(time.Minute)
	out, err := bank.Gateway().Pay(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:8080/fakepay?lang=zh&number=PA1", out.Action.URL)
	c.Advance(time.Minute)
	p, err := bank.Find("PA1")
	require.NoError(t, err)
	require.Equal(t, payment.AttemptClosed, p.State)
	require.ErrorIs(t, bank.Approve(t.Context(), "PA1"), fault.FailedPrecondition)
	require.ErrorIs(t, bank.Approve(t.Context(), "PA2"), fault.NotFound)
	_, err = bank.Find("PA2")
	require.ErrorIs(t, err, fault.NotFound)
	_, err = bank.Notice("PA2")
	require.ErrorIs(t, err, fault.NotFound)

	out, err = bank.Gateway().Pay(t.Context(), request("PA3", 100))
	require.NoError(t, err)
	require.Equal(t, payment.AttemptActionRequired, out.State)
	require.NoError(t, bank.Decline(t.Context(), "PA3"))
	require.NoError(t, bank.Decline(t.Context(), "PA3"))
	require.ErrorIs(t, bank.Approve(t.Context(), "PA3"), fault.FailedPrecondition)
	require.Equal(t, 1, bank.Pending())
}

func TestDeliverKeepsWhatIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	bank, err := fakepay.Open(t.Context(), fakepay.Config{Plan: fakepay.Slow})
	require.NoError(t, err)
	for _, number := range []string{"PA1", "PA2", "PA3"} {
		_, err := bank.Gateway().Pay(t.Context(), request(number, 100))
		require.NoError(t, err)
		require.NoError(t, bank.Approve(t.Context(), number))
	}
	calls := 0
	n, err := bank.Deliver(t.Context(), func(context.Context, payment.RawRequest) (payment.Reply, error) {
		calls++
		return payment.Reply{Status: map[bool]int{true: 200, false: 503}[calls == 1]}, nil
	})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, 2, calls, "a shop that is down is not asked again at once")
	require.Equal(t, 2, bank.Pending())
	n, err = bank.Deliver(t.Context(), func(context.Context, payment.RawRequest) (payment.Reply, error) {
		return payment.Reply{Status: 200}, nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Zero(t, bank.Pending())
}

func TestSecretsOverlap(t *testing.T) {
	t.Parallel()
	old, fresh := []byte("old secret"), []byte("new secret")
	before, err := fakepay.Open(t.Context(), fakepay.Config{Secrets: [][]byte{old}})
	require.NoError(t, err)
	during, err := fakepay.Open(t.Context(), fakepay.Config{Secrets: [][]byte{fresh, old}})
	require.NoError(t, err)
	after, err := fakepay.Open(t.Context(), fakepay.Config{Secrets: [][]byte{fresh}})
	require.NoError(t, err)
	raw := before.Forge("k", "PA1", payment.AttemptCaptured, usd(1))
	_, err = during.ParseNotify(t.Context(), raw)
	require.NoError(t, err)
	_, err = after.ParseNotify(t.Context(), raw)
	require.Equal(t, payment.Auth, payment.ClassOf(err))
}

func TestConfig(t *testing.T) {
	t.Parallel()
	_, err := fakepay.Open(t.Context(), fakepay.Config{
		Plan: "wish", PayPage: "http://%zz", Secrets: [][]byte{nil}, CallTimeout: -1,
	})
	require.ErrorIs(t, err, fault.Invalid)
	for _, field := range []string{"Plan", "PayPage", "Secrets", "CallTimeout"} {
		require.ErrorContains(t, err, field)
	}
}
