package checkout_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func (s *shop) cancel(who ref.Scope, in checkout.CancelInput) checkout.Canceled {
	s.Helper()
	out, err := s.checkout.Cancel(s.Context(), who, in)
	require.NoError(s, err)
	return out
}

func TestAPaidGroupIsCanceledAndRefunded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Reason: "changed_mind"})
		require.False(t, out.Pending)
		require.Equal(t, []string{"canceled/refunded", "canceled/refunded"}, states(out.Group))
		require.Len(t, out.Refunds, 2)
		require.Zero(t, s.bank.Net("USD"))
		require.Equal(t, payment.IntentRefunded, s.intent(p.Group).State)
		require.EqualValues(t, 10, s.level("tea").OnHand)
		again := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.Empty(t, again.Refunds)
		require.Zero(t, s.bank.Net("USD"))
		s.sound()
	})
}

func TestOneMerchantsOrderIsCanceledAfterThePayment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		_, err := s.checkout.Cancel(t.Context(), ref.Merchant("tea-house"), checkout.CancelInput{
			Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID},
		})
		require.ErrorIs(t, err, fault.NotFound, "a merchant cancels its own part only")
		out := s.cancel(ref.Merchant("silk-road"), checkout.CancelInput{Group: p.Group.ID, Reason: "out_of_stock"})
		require.Equal(t, []string{"canceled/refunded"}, states(out.Group))
		require.Equal(t, []string{"confirmed/paid", "canceled/refunded"}, states(s.group(p.Group.ID)))
		require.EqualValues(t, p.Group.Orders[0].Total.Minor(), s.bank.Net("USD"))
		require.Equal(t, payment.IntentPartiallyRefunded, s.intent(p.Group).State)
		s.sound()
	})
}

func TestAnUnpaidGroupIsCanceled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.bank.Plan(fakepay.Ask, fakepay.Refuse)
		open := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2}), "k1")
		out := s.cancel(buyer(), checkout.CancelInput{Group: open.Group.ID, Reason: "changed_mind"})
		require.Equal(t, []string{"canceled/unpaid"}, states(out.Group))
		refused := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2}), "k2")
		require.Equal(t, []string{"pending/unpaid"}, states(s.group(refused.Group.ID)))
		out = s.cancel(buyer(), checkout.CancelInput{Group: refused.Group.ID})
		require.Equal(t, []string{"canceled/unpaid"}, states(out.Group))
		require.Zero(t, s.level("tea").Reserved)
		require.Zero(t, s.bank.Net("USD"))
		s.sound()
	})
}

func TestOneMerchantsOrderIsCanceledBeforeThePayment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		require.False(t, out.Pending)
		require.Equal(t, []string{"pending/unpaid", "canceled/unpaid"}, states(out.Group))
		in := s.intent(p.Group)
		require.Equal(t, p.Group.Orders[0].Total, in.Payable)
		require.Zero(t, s.level("silk").Reserved)
		require.EqualValues(t, 2, s.level("tea").Reserved)

		last, _ := in.Last()
		in, err := s.payments.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: last.ID, Gateway: "fakepay"})
		require.NoError(t, err)
		require.Equal(t, payment.IntentCaptured, in.State)
		require.Equal(t, []string{"confirmed/paid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
		require.EqualValues(t, p.Group.Orders[0].Total.Minor(), s.bank.Net("USD"))
		s.sound()
	})
}

func TestAPaymentThatCrossesACancellationGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2}), "k1")
		last, _ := p.Intent.Last()
		require.NoError(t, s.bank.Approve(t.Context(), last.Number)) // and nobody tells us
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		s.settle()
		require.Equal(t, order.StateCanceled, s.group(p.Group.ID).Orders[0].State)
		require.Zero(t, s.bank.Net("USD"))
		require.Zero(t, s.level("tea").Reserved)
		require.EqualValues(t, 10, s.level("tea").OnHand)
		s.sound()
	})
}

func TestAPartPaidWhileItIsBeingCanceledGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		last, _ := p.Intent.Last()
		require.NoError(t, s.bank.Approve(t.Context(), last.Number))
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		s.settle()
		require.Equal(t, []string{"confirmed/paid", "canceled/refunded"}, states(s.group(p.Group.ID)))
		require.EqualValues(t, p.Group.Orders[0].Total.Minor(), s.bank.Net("USD"))
		require.EqualValues(t, 10, s.level("silk").OnHand)
		s.sound()
	})
}

func TestWhatIsUncertainStaysHeld(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		s.bank.Trouble(fakepay.CallCancel, fakepay.LostBefore)
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		require.True(t, out.Pending)
		require.EqualValues(t, 1, s.level("silk").Reserved)
		s.settle()
		require.Equal(t, []string{"pending/unpaid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
		require.Zero(t, s.level("silk").Reserved)
		s.sound()
	})
}

func TestWhatIsShippedIsNotCanceled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		_, err := s.orders.Ship(t.Context(), ref.Merchant("tea-house"), order.ShipInput{
			Target: order.Target{Group: p.Group.ID, Order: p.Group.Orders[0].ID},
		})
		require.NoError(t, err)
		_, err = s.checkout.Cancel(t.Context(), buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.ErrorIs(t, err, fault.FailedPrecondition)
		require.Equal(t, "order.not_cancellable", fault.CodeOf(err))
		require.Equal(t, []string{"shipped/paid", "confirmed/paid"}, states(s.group(p.Group.ID)), "nothing was canceled")
		_, err = s.checkout.Cancel(t.Context(), ref.Member("eve"), checkout.CancelInput{Group: p.Group.ID})
		require.ErrorIs(t, err, fault.NotFound)
		s.sound()
	})
}

func TestARefundUnderAnotherKeyIsNotedOnTheOrdersInTurn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
		amount, err := p.Group.Orders[0].Total.Add(money.New(100, "USD"))
		require.NoError(t, err)
		r, err := s.payments.Refund(t.Context(), ref.Staff("ann"), payment.RefundInput{
			Intent: p.Intent.ID, Key: "goodwill", Reason: payment.ReasonGoodwill, Amount: amount,
		})
		require.NoError(t, err)
		_, err = s.payments.SendRefund(t.Context(), ref.Staff("ann"), r.ID)
		require.NoError(t, err)
		g := s.group(p.Group.ID)
		require.Equal(t, []string{"confirmed/refunded", "confirmed/partially_refunded"}, states(g))
		require.Equal(t, money.New(100, "USD"), g.Orders[1].Refunded)
		s.sound()
	})
}

// settle runs the workers until nothing is left to do.
func (s *shop) settle() {
	s.Helper()
	for range 12 {
		s.clock.Advance(30 * time.Second)
		_, err := s.payments.Sweep(s.Context(), 50)
		require.NoError(s, err)
		_, err = s.checkout.FinishDue(s.Context(), 50)
		require.NoError(s, err)
	}
}
