package checkout_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
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
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func (s *shop) cancel(who ref.Scope, in checkout.CancelInput) checkout.Canceled {
	s.Helper()
	out, err := s.checkout.Cancel(s.Context(), who, in)
	require.NoError(s, err)
	return out
}

func TestAPaidGroupIsCanceledAndRefunded(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Reason: "changed_mind"})
		require.False(s, out.Pending)
		require.Equal(s, []string{"canceled/refunded", "canceled/refunded"}, states(out.Group))
		require.Len(s, out.Refunds, 2)
		require.Zero(s, s.bank.Net("USD"))
		require.Equal(s, payment.IntentRefunded, s.intent(p.Group).State)
		require.EqualValues(s, 10, s.level("tea").OnHand)
		again := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.Empty(s, again.Refunds)
		require.Zero(s, s.bank.Net("USD"))
		s.sound()
	})
}

func TestOneMerchantsOrderIsCanceledAfterThePayment(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		_, err := s.checkout.Cancel(s.Context(), ref.Merchant("tea-house"), checkout.CancelInput{
			Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID},
		})
		require.ErrorIs(s, err, fault.NotFound, "a merchant cancels its own part only")
		out := s.cancel(ref.Merchant("silk-road"), checkout.CancelInput{Group: p.Group.ID, Reason: "out_of_stock"})
		require.Equal(s, []string{"canceled/refunded"}, states(out.Group))
		require.Equal(s, []string{"confirmed/paid", "canceled/refunded"}, states(s.group(p.Group.ID)))
		require.EqualValues(s, p.Group.Orders[0].Total.Minor(), s.bank.Net("USD"))
		require.Equal(s, payment.IntentPartiallyRefunded, s.intent(p.Group).State)
		s.sound()
	})
}

func TestAnUnpaidGroupIsCanceled(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Plan(fakepay.Ask, fakepay.Refuse)
		open := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2}), "k1")
		out := s.cancel(buyer(), checkout.CancelInput{Group: open.Group.ID, Reason: "changed_mind"})
		require.Equal(s, []string{"canceled/unpaid"}, states(out.Group))
		refused := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2}), "k2")
		require.Equal(s, []string{"pending/unpaid"}, states(s.group(refused.Group.ID)))
		out = s.cancel(buyer(), checkout.CancelInput{Group: refused.Group.ID})
		require.Equal(s, []string{"canceled/unpaid"}, states(out.Group))
		require.Zero(s, s.level("tea").Reserved)
		require.Zero(s, s.bank.Net("USD"))
		s.sound()
	})
}

func TestOneMerchantsOrderIsCanceledBeforeThePayment(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		require.False(s, out.Pending)
		require.Equal(s, []string{"pending/unpaid", "canceled/unpaid"}, states(out.Group))
		in := s.intent(p.Group)
		require.Equal(s, p.Group.Orders[0].Total, in.Payable)
		require.Zero(s, s.level("silk").Reserved)
		require.EqualValues(s, 2, s.level("tea").Reserved)

		last, _ := in.Last()
		in, err := s.payments.Retry(s.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: last.ID, Gateway: "fakepay"})
		require.NoError(s, err)
		require.Equal(s, payment.IntentCaptured, in.State)
		require.Equal(s, []string{"confirmed/paid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
		require.EqualValues(s, p.Group.Orders[0].Total.Minor(), s.bank.Net("USD"))
		s.sound()
	})
}

func TestAPaymentThatCrossesACancellationGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2}), "k1")
		last, _ := p.Intent.Last()
		require.NoError(s, s.bank.Approve(s.Context(), last.Number)) // and nobody tells us
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		s.settle()
		require.Equal(s, order.StateCanceled, s.group(p.Group.ID).Orders[0].State)
		require.Zero(s, s.bank.Net("USD"))
		require.Zero(s, s.level("tea").Reserved)
		require.EqualValues(s, 10, s.level("tea").OnHand)
		s.sound()
	})
}

func TestAPartPaidWhileItIsBeingCanceledGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		last, _ := p.Intent.Last()
		require.NoError(s, s.bank.Approve(s.Context(), last.Number))
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		s.settle()
		require.Equal(s, []string{"confirmed/paid", "canceled/refunded"}, states(s.group(p.Group.ID)))
		require.EqualValues(s, p.Group.Orders[0].Total.Minor(), s.bank.Net("USD"))
		require.EqualValues(s, 10, s.level("silk").OnHand)
		s.sound()
	})
}

func TestWhatIsUncertainStaysHeld(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		s.bank.Trouble(fakepay.CallCancel, fakepay.LostBefore)
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		require.True(s, out.Pending)
		require.EqualValues(s, 1, s.level("silk").Reserved)
		s.settle()
		require.Equal(s, []string{"pending/unpaid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
		require.Zero(s, s.level("silk").Reserved)
		s.sound()
	})
}

func TestWhatIsShippedIsNotCanceled(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), "k1")
		_, err := s.orders.Ship(s.Context(), ref.Merchant("tea-house"), order.ShipInput{
			Target: order.Target{Group: p.Group.ID, Order: p.Group.Orders[0].ID},
		})
		require.NoError(s, err)
		_, err = s.checkout.Cancel(s.Context(), buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.ErrorIs(s, err, fault.FailedPrecondition)
		require.Equal(s, "order.not_cancellable", fault.CodeOf(err))
		require.Equal(s, []string{"shipped/paid", "confirmed/paid"}, states(s.group(p.Group.ID)), "nothing was canceled")
		_, err = s.checkout.Cancel(s.Context(), ref.Member("eve"), checkout.CancelInput{Group: p.Group.ID})
		require.ErrorIs(s, err, fault.NotFound)
		s.sound()
	})
}

// A cancellation of an order as it was seen crosses a refund of a piece of it:
// one of the two has its way.
func TestOnlyWhatWasSeenIsCanceled(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		for round := range 5 {
			p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1}), fmt.Sprint("k", round))
			o := s.group(p.Group.ID).Orders[0]
			in := checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{o.ID}, Versions: map[order.ID]int64{o.ID: o.Version}}
			var wg sync.WaitGroup
			var canceled, refunded error
			wg.Go(func() { _, canceled = s.checkout.Cancel(s.Context(), ref.Staff("ann"), in) })
			wg.Go(func() {
				_, refunded = s.checkout.Refund(s.Context(), ref.Staff("bo"), checkout.RefundInput{
					Group: p.Group.ID, Order: o.ID, Version: o.Version, Key: "k", Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: 1}},
				})
			})
			wg.Wait()
			require.NotEqual(s, canceled == nil, refunded == nil, "%v, %v", canceled, refunded)
			if canceled != nil {
				require.ErrorIs(s, canceled, fault.FailedPrecondition)
				require.Equal(s, "checkout.order_changed", fault.CodeOf(canceled))
				s.settle()
				require.Equal(s, []string{"confirmed/partially_refunded", "confirmed/paid"}, states(s.group(p.Group.ID)))
				in.Versions[o.ID] = s.group(p.Group.ID).Orders[0].Version
				s.cancel(ref.Staff("ann"), in)
			}
			s.settle()
			in.Versions[o.ID] = o.Version
			before := s.group(p.Group.ID)
			s.cancel(ref.Staff("ann"), in) // again changes nothing
			require.Equal(s, before, s.group(p.Group.ID))
		}
		s.sound()
	})
}

func TestARefundUnderAnotherKeyIsNotedOnTheOrdersInTurn(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
		amount, err := p.Group.Orders[0].Total.Add(money.New(100, "USD"))
		require.NoError(s, err)
		r, err := s.payments.Refund(s.Context(), ref.Staff("ann"), payment.RefundInput{
			Intent: p.Intent.ID, Key: "goodwill", Reason: payment.ReasonGoodwill, Amount: amount,
		})
		require.NoError(s, err)
		_, err = s.payments.SendRefund(s.Context(), ref.Staff("ann"), r.ID)
		require.NoError(s, err)
		g := s.group(p.Group.ID)
		require.Equal(s, []string{"confirmed/refunded", "confirmed/partially_refunded"}, states(g))
		require.Equal(s, money.New(100, "USD"), g.Orders[1].Refunded)
		s.sound()
	})
}

// A refund that is still on its way counts: otherwise a cancellation would pay
// the order back twice, out of what the buyer paid for the group's others.
func TestWhatIsBeingRefundedIsNotRefundedAgain(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k1")
		tea, silk := p.Group.Orders[0], p.Group.Orders[1]
		_, err := s.payments.Refund(s.Context(), ref.Staff("ann"), payment.RefundInput{
			Intent: p.Intent.ID, Key: checkout.RefundKey(tea.ID, "late"), Reason: payment.ReasonGoodwill,
			Amount: money.New(300, "USD"),
		})
		require.NoError(s, err)
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{tea.ID}})
		s.settle()
		require.Equal(s, []string{"canceled/refunded", "confirmed/paid"}, states(s.group(p.Group.ID)))
		require.EqualValues(s, silk.Total.Minor(), s.bank.Net("USD"))
		s.sound()
	})
}

func TestWhatNoStoreCanKeepIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
		q := s.quote(buyer(), choice)
		for _, key := range []string{"\xff", "a\x00b"} {
			_, err := s.checkout.Place(s.Context(), buyer(), checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: key})
			require.ErrorIs(s, err, fault.Invalid)
			_, err = s.checkout.Cancel(s.Context(), buyer(), checkout.CancelInput{Group: ref.GroupID(key)})
			require.ErrorIs(s, err, fault.NotFound)
		}
		require.Zero(s, s.level("tea").Reserved)
	})
}

func TestAReasonIsACode(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1}), "k1")
	for _, reason := range []string{"Bo moved to 2 Main St", "x y", "\xff", strings.Repeat("x", order.MaxReason+1)} {
		_, err := s.checkout.Cancel(s.Context(), buyer(), checkout.CancelInput{Group: p.Group.ID, Reason: reason})
		require.ErrorIs(t, err, fault.Invalid)
	}
	require.Equal(t, []string{"confirmed/paid"}, states(s.group(p.Group.ID)))
}

func TestVerifyFindsStockThatACanceledOrderHolds(t *testing.T) {
	t.Parallel()
	forgets := func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == "Inventory.Settle" {
			return nil
		}
		return next(ctx)
	}
	s := newShop(t, storage.Intercept(memory.New().Stores(), forgets))
	s.bank.Plan(fakepay.Refuse)
	p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1}), "k1")
	s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
	var found []string
	for v, err := range s.checkout.Verify(t.Context(), s.orders) {
		require.NoError(t, err)
		found = append(found, v.Invariant)
	}
	require.Equal(t, []string{"I7"}, found)
}

// settle runs the workers until nothing is left to do.
func (s *shop) settle() {
	s.Helper()
	for range 12 {
		s.clock.Advance(30 * time.Second)
		s.work()
	}
}

// work runs the workers once.
func (s *shop) work() {
	s.Helper()
	_, err := s.payments.Sweep(s.Context(), 50)
	require.NoError(s, err)
	_, err = s.checkout.FinishDue(s.Context(), 50)
	require.NoError(s, err)
}
