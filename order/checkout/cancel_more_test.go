package checkout_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// goodwill asks to give money back that names no order.
func (s *shop) goodwill(p checkout.Placed, minor int64) {
	s.Helper()
	_, err := s.payments.Refund(s.Context(), ref.Staff("ann"), payment.RefundInput{
		Intent: p.Intent.ID, Key: "goodwill", Reason: payment.ReasonGoodwill, Amount: money.New(minor, "USD"),
	})
	require.NoError(s, err)
}

// A refund on its way that names no order is noted on the orders in turn: a
// cancellation gives back what that leaves of them.
func TestAGroupIsCanceledWhileAGiftIsOnItsWay(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
		s.goodwill(p, p.Group.Orders[0].Total.Minor()+300)
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.Len(s, out.Refunds, 1)
		require.EqualValues(s, p.Group.Orders[1].Total.Minor()-300, out.Refunds[0].Amount.Minor())
		s.settle()
		require.Equal(s, []string{"canceled/refunded", "canceled/refunded"}, states(s.group(p.Group.ID)))
		require.Zero(s, s.bank.Net("USD"))
		s.sound()
	})
}

// What is refunded for an order beyond what the order came to is noted on the
// group's others: the sums agree.
func TestARefundBeyondItsOrderIsNotedOnTheOthers(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
	tea := p.Group.Orders[0]
	_, err := s.payments.Refund(t.Context(), ref.Staff("ann"), payment.RefundInput{
		Intent: p.Intent.ID, Key: checkout.RefundKey(tea.ID, "gift"), Reason: payment.ReasonGoodwill,
		Amount: money.New(tea.Total.Minor()+100, "USD"),
	})
	require.NoError(t, err)
	s.settle()
	g := s.group(p.Group.ID)
	require.Equal(t, []string{"confirmed/refunded", "confirmed/partially_refunded"}, states(g))
	require.Equal(t, money.New(100, "USD"), g.Orders[1].Refunded)
	s.sound()
}

// A merchant who cancels the own order ends what was left of another's
// cancellation, and learns nothing of it.
func TestAMerchantSeesTheOwnRefundsOnly(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
		g := s.group(p.Group.ID)
		left := &g.Orders[0]
		e, err := left.RequestCancel(order.Cause{At: s.clock.Now(), By: "system"})
		require.NoError(s, err)
		require.NoError(s, s.stores.Units.Do(s.Context(), func(ctx context.Context) error {
			return s.book.Record(ctx, &g, []*order.Order{left}, []order.Entry{e})
		}))
		out := s.cancel(ref.Merchant("silk-road"), checkout.CancelInput{Group: p.Group.ID})
		require.Equal(s, []string{"canceled/refunded"}, states(out.Group))
		require.Len(s, out.Refunds, 1)
		require.Equal(s, g.Orders[1].Total, out.Refunds[0].Amount)
		require.Empty(s, out.Refunds[0].Intent, "the payment is the group's, not the merchant's")
		require.Empty(s, out.Refunds[0].Legs)
		require.Equal(s, []string{"canceled/refunded", "canceled/refunded"}, states(s.group(p.Group.ID)))
		s.sound()
	})
}

func TestACartThatWasMergedIsClosed(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		guest := ref.Guest("token")
		choice := s.fill(guest, map[ref.SKUID]ref.Quantity{"tea": 1})
		q := s.quote(guest, choice)
		_, err := s.carts.SignIn(s.Context(), buyer(), guest)
		require.NoError(s, err)
		_, err = s.checkout.Place(s.Context(), guest, checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: "k"})
		require.ErrorIs(s, err, fault.FailedPrecondition)
		require.Equal(s, "cart.closed", fault.CodeOf(err))
		c, err := s.carts.Get(s.Context(), guest, choice.Cart)
		require.NoError(s, err)
		require.Equal(s, cart.Merged, c.State)
	})
}

// Part of a group that is paid on delivery is canceled, and the process ends
// with the unit: the rest still waits for its money.
func TestTheRestOfAGroupPaidOnDeliverySurvivesACrash(t *testing.T) {
	t.Parallel()
	crash := false
	s := newShop(t, storage.Intercept(memory.New().Stores(),
		func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			if crash && c.Name() == "Payments.Update" {
				if in, ok := c.Args[0].(*payment.Intent); ok && in.State == payment.IntentProcessing {
					if last, _ := in.Last(); last.Seq == 2 && last.State != payment.AttemptSent {
						return fault.New(fault.Unavailable, "test.crash", "the process ended")
					}
				}
			}
			return next(ctx)
		}))
	choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1})
	choice.Gateway = "cod"
	p := s.place(buyer(), choice, "k1")
	require.Equal(t, []string{"confirmed/unpaid", "confirmed/unpaid"}, states(p.Group))
	crash = true
	_, err := s.checkout.Cancel(t.Context(), ref.Merchant("silk-road"), checkout.CancelInput{Group: p.Group.ID})
	require.NoError(t, err, "the order is canceled, whatever becomes of the call")
	crash = false
	in := s.intent(p.Group)
	last, _ := in.Last()
	require.Equal(t, 2, last.Seq, "written down in the unit that reduced the payment")
	require.Equal(t, payment.AttemptSent, last.State)
	require.Equal(t, p.Group.Orders[0].Total, last.Amount)
	s.settle()
	_, err = s.payments.Notify(t.Context(), "cod", s.cod.Received(offlinepay.Receipt{
		Number: last.Number, Amount: last.Amount, Reference: "slip", Staff: "courier",
	}))
	require.NoError(t, err)
	require.Equal(t, []string{"confirmed/paid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
	s.sound()
}

// More time to pay is more time for the payment and for every order of it.
func TestMoreTimeToPay(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
		by, ok := p.Group.PayBy()
		require.True(s, ok)
		until := by.AddDate(0, 0, 2)

		_, err := s.orders.Prolong(s.Context(), ref.Staff("ann"), order.ProlongInput{
			Target: order.Target{Group: p.Group.ID, Order: p.Group.Orders[0].ID}, Until: until,
		})
		require.ErrorIs(s, err, fault.FailedPrecondition)
		require.Equal(s, "order.pay_by", fault.CodeOf(err))

		in := checkout.ProlongInput{Group: p.Group.ID, Until: until}
		_, err = s.checkout.Prolong(s.Context(), buyer(), in)
		require.ErrorIs(s, err, fault.PermissionDenied)
		_, err = s.checkout.Prolong(s.Context(), ref.Merchant("tea-house"), in)
		require.ErrorIs(s, err, fault.PermissionDenied, "it would hold another merchant's goods")
		_, err = s.checkout.Prolong(s.Context(), ref.Member("eve"), in)
		require.ErrorIs(s, err, fault.NotFound)
		in.Until = by
		_, err = s.checkout.Prolong(s.Context(), ref.Staff("ann"), in)
		require.ErrorIs(s, err, fault.Invalid)
		in.Until = by.AddDate(10, 0, 0)
		_, err = s.checkout.Prolong(s.Context(), ref.Staff("ann"), in)
		require.ErrorIs(s, err, fault.Invalid)

		in.Until = until
		g, err := s.checkout.Prolong(s.Context(), ref.Staff("ann"), in)
		require.NoError(s, err)
		for _, o := range g.Orders {
			require.True(s, until.Equal(o.Deadline))
		}
		require.True(s, until.Equal(s.intent(p.Group).PayBy))
		s.sound()

		s.clock.Set(until.Add(-1))
		s.work()
		require.Equal(s, []string{"pending/unpaid", "pending/unpaid"}, states(s.group(p.Group.ID)), "not before")
		s.clock.Set(until)
		s.work()
		require.Equal(s, []string{"canceled/unpaid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
		_, err = s.checkout.Prolong(s.Context(), ref.Staff("ann"), checkout.ProlongInput{Group: p.Group.ID, Until: until.AddDate(0, 0, 1)})
		require.ErrorIs(s, err, fault.FailedPrecondition)
		s.sound()
	})
}
