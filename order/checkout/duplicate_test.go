package checkout_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
)

// paidTwice is a sale for which the bank took the money twice, and of which the
// second payment is on its way back.
func (s *shop) paidTwice() checkout.Placed {
	s.Helper()
	s.bank.Plan(fakepay.Ask, fakepay.Approve)
	p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "twice")
	first, ok := s.intent(p.Group).Last()
	require.True(s, ok)
	_, err := s.payments.Retry(s.Context(), buyer(), payment.RetryInput{Intent: p.Intent.ID, After: first.ID, Gateway: "fakepay"})
	require.NoError(s, err)
	s.bank.Trouble(fakepay.CallRefund, fakepay.LostBefore)
	_, err = s.payments.Notify(s.Context(), "fakepay", s.bank.Forge("late", first.Number, payment.AttemptCaptured, first.Amount))
	require.NoError(s, err)
	refunds, err := s.payments.RefundsOf(s.Context(), ref.System(), p.Intent.ID)
	require.NoError(s, err)
	require.Len(s, refunds, 1)
	require.Equal(s, payment.ReasonDuplicate, refunds[0].Reason)
	require.False(s, refunds[0].State.Definite())
	counted, err := s.payments.RefundsOfCapture(s.Context(), ref.System(), p.Intent.ID)
	require.NoError(s, err)
	require.Empty(s, counted)
	require.Equal(s, []string{"confirmed/paid", "confirmed/paid"}, states(s.group(p.Group.ID)))
	return p
}

// What was paid twice goes back beside what is owed for the orders, and takes
// nothing from it.
func TestASecondPaymentOnItsWayBackIsNoRefundOfTheOrders(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.paidTwice()
		tea, silk := p.Group.Orders[0], p.Group.Orders[1]
		out := s.refund(ref.Staff("ann"), checkout.RefundInput{
			Group: p.Group.ID, Order: tea.ID, Key: "one", Lines: []checkout.RefundLine{{Line: tea.Lines[0].ID, Quantity: 1}},
		})
		require.Equal(s, usd(tea.Lines[0].Gross.Minor()/2), out.Units.Amount)
		gone := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{silk.ID}})
		require.Len(s, gone.Refunds, 1)
		require.Equal(s, silk.Total, gone.Refunds[0].Amount)
		require.Empty(s, s.violations())
		s.settle()
		require.Equal(s, []string{"confirmed/partially_refunded", "canceled/refunded"}, states(s.group(p.Group.ID)))
	})
}

// A paid order that was canceled, and of whose money nothing goes back.
func TestVerifyFindsACanceledOrderThatIsNotPaidBack(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		lost := false
		s := newShop(t, storage.Intercept(stores, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			err := next(ctx)
			if lost && c.Name() == "PaymentRefunds.ByIntent" {
				*c.Results[0].(*[]payment.Refund) = nil //nolint:errcheck // it is what that returns
			}
			return err
		}))
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
		silk := p.Group.Orders[1]
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{silk.ID}})
		require.Empty(t, s.violations())
		lost = true
		require.Contains(t, s.violations(), "I8 "+string(silk.ID))
	})
}
