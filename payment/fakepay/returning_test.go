package fakepay_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// The tries to pay one thing are found by where the buyer goes back to, also
// after the bank was closed and opened again.
func TestPaymentsAreFoundByWhereTheyReturnTo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "journal")
	open := func() *fakepay.Bank {
		journal, err := fakepay.OpenFile(file)
		require.NoError(t, err)
		t.Cleanup(func() { _ = journal.Close() })
		bank, err := fakepay.Open(t.Context(), fakepay.Config{Plan: fakepay.Ask, Journal: journal})
		require.NoError(t, err)
		return bank
	}
	bank := open()
	for number, back := range map[string]string{"A1": "/orders/a", "B1": "/orders/b"} {
		_, err := bank.Gateway().Pay(t.Context(), payment.PayRequest{
			Number: number, Amount: money.New(100, "USD"), Instruction: payment.Instruction{ReturnURL: back},
		})
		require.NoError(t, err)
	}
	require.NoError(t, bank.Decline(t.Context(), "A1"))
	_, err := bank.Gateway().Pay(t.Context(), payment.PayRequest{
		Number: "A2", Amount: money.New(100, "USD"), Instruction: payment.Instruction{ReturnURL: "/orders/a"},
	})
	require.NoError(t, err)
	states := func(b *fakepay.Bank) (out []string) {
		for _, p := range b.Returning("/orders/a") {
			out = append(out, p.Number+" "+string(p.State))
		}
		return out
	}
	want := []string{"A1 declined", "A2 action_required"}
	require.Equal(t, want, states(bank))
	require.Empty(t, bank.Returning("/orders/c"))
	require.Equal(t, want, states(open()))
}
