package checkout_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/storage/memory"
)

func (s *shop) ship(g order.Group, i int) error {
	_, err := s.orders.Ship(s.Context(), ref.Staff("ann"), order.ShipInput{
		Target: order.Target{Group: g.ID, Order: g.Orders[i].ID},
	})
	return err
}

func (s *shop) reasons(in payment.Intent) (out []payment.CaseReason) {
	s.Helper()
	p, err := s.payments.Cases(s.Context(), ref.Staff("ann"), payment.CaseQuery{Intent: in.ID}, page.Request{})
	require.NoError(s, err)
	for _, c := range p.Items {
		if c.State == payment.CaseOpen {
			out = append(out, c.Reason)
		}
	}
	return out
}

// What is left after one merchant's part was canceled is less than a courier
// collects: it is not shipped, the buyer has time for another choice, and a
// person knows.
func TestTooLittleIsLeftToCollect(t *testing.T) {
	t.Parallel()
	courier, err := offlinepay.New(offlinepay.Config{
		Kind: offlinepay.CashOnDelivery, Code: "courier", Secrets: [][]byte{[]byte("a secret of the staff's pages")}, Min: 5_000,
	})
	require.NoError(t, err)
	s := newShop(t, memory.New().Stores(), courier)
	choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1})
	choice.Gateway = "courier"
	p := s.place(buyer(), choice, "k")
	silk := 0
	if p.Group.Orders[1].Merchant == "silk-road" {
		silk = 1
	}
	_, err = s.checkout.Cancel(t.Context(), buyer(), checkout.CancelInput{
		Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[silk].ID},
	})
	require.NoError(t, err)
	g := s.group(p.Group.ID)
	tea := g.Orders[1-silk]
	require.Equal(t, order.StatePending, tea.State)
	require.Equal(t, s.clock.Now().AddDate(0, 0, 7), tea.Deadline)
	require.ErrorIs(t, s.ship(g, 1-silk), fault.FailedPrecondition)
	require.Equal(t, []payment.CaseReason{payment.CaseUncollected}, s.reasons(s.intent(g)))
	s.sound()

	last, _ := s.intent(g).Last()
	_, err = s.payments.Retry(t.Context(), buyer(), payment.RetryInput{Intent: g.Intent, After: last.ID, Gateway: "fakepay"})
	require.NoError(t, err)
	require.Equal(t, order.StateConfirmed, s.group(g.ID).Orders[1-silk].State)
	require.Empty(t, s.reasons(s.intent(g)))
	s.sound()
}

// Of two parcels to be paid on delivery one was refused, the other not even
// shipped: that waits until the first is back, and no longer than there is to pay.
func TestOnePartRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1})
		choice.Gateway = "cod"
		g := s.place(buyer(), choice, "k").Group
		require.NoError(s, s.ship(g, 0))
		a, _ := s.intent(g).Last()
		_, err := s.payments.Notify(s.Context(), "cod", s.cod.Refused(offlinepay.Receipt{Number: a.Number, Reference: "slip", Staff: "ann"}))
		require.NoError(s, err)
		require.Equal(s, []string{"shipped/unpaid", "pending/unpaid"}, states(s.group(g.ID)))
		require.ErrorIs(s, s.ship(g, 1), fault.FailedPrecondition)
		require.True(s, s.intent(g).PayBy.IsZero(), "giving it up would not bring the parcel back")
		require.Equal(s, []payment.CaseReason{payment.CaseUncollected}, s.reasons(s.intent(g)))
		s.sound()

		_, err = s.checkout.TakeBack(s.Context(), ref.Staff("ann"), checkout.CancelInput{Group: g.ID})
		require.NoError(s, err)
		now := s.group(g.ID)
		require.Equal(s, []string{"canceled/unpaid", "pending/unpaid"}, states(now))
		in := s.intent(g)
		require.Equal(s, s.clock.Now().AddDate(0, 0, 7), in.PayBy)
		require.Equal(s, now.Orders[1].Total, in.Payable)
		s.sound()

		s.clock.Advance(7 * 24 * time.Hour)
		_, err = s.payments.Sweep(s.Context(), 0)
		require.NoError(s, err)
		require.Equal(s, []string{"canceled/unpaid", "canceled/unpaid"}, states(s.group(g.ID)))
		require.EqualValues(s, 10, s.level("tea").OnHand)
		require.EqualValues(s, 10, s.level("silk").OnHand)
		s.sound()
	})
}
