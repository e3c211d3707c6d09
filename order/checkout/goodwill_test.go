package checkout_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

func TestPiecesAfterAGoodwillAreWorthWhatIsLeft(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		tea := p.Group.Orders[0]
		_, err := s.payments.Refund(s.Context(), ref.Staff("ann"), payment.RefundInput{
			Intent: p.Intent.ID, Key: checkout.RefundKey(tea.ID, "late"), Reason: payment.ReasonGoodwill, Amount: usd(300),
		}) // and it is still on its way
		require.NoError(s, err)
		all := pieces(3)
		all.Delivery = true
		out := s.refund(ref.Staff("ann"), all)
		require.Equal(s, usd(tea.Total.Minor()-300), out.Units.Amount)
		s.settle()
		require.Equal(s, []string{"confirmed/refunded", "confirmed/paid"}, states(s.group(p.Group.ID)))
		require.EqualValues(s, p.Group.Orders[1].Total.Minor(), s.bank.Net("USD"))
		s.sound()
	})
}

// crossed is a shop in which something may happen once, between the moment at
// which what is on its way back was read and whatever follows from it.
func crossed(t *testing.T, stores storage.Stores) (s *shop, between *func()) {
	t.Helper()
	between = new(func())
	return newShop(t, storage.Intercept(stores, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		err := next(ctx)
		if fn := *between; c.Name() == "PaymentRefunds.ByIntent" && fn != nil {
			*between = nil
			fn()
		}
		return err
	})), between
}

// sorry opens a refund that is for no goods, and leaves it on its way.
func (s *shop) sorry(g order.Group, o order.ID, minor int64) {
	s.Helper()
	_, err := s.payments.Refund(s.Context(), ref.Staff("ann"), payment.RefundInput{
		Intent: g.Intent, Key: checkout.RefundKey(o, "late"), Reason: payment.ReasonGoodwill, Amount: usd(minor),
	})
	require.NoError(s, err)
}

// The goodwill comes when the refund was drafted and before it is written.
func TestAGoodwillThatComesBetweenIsCounted(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		s, between := crossed(t, stores)
		p, pieces := s.sale()
		tea := p.Group.Orders[0]
		*between = func() { s.sorry(p.Group, tea.ID, 300) }
		all := pieces(3)
		all.Delivery = true
		out := s.refund(ref.Staff("ann"), all)
		require.Nil(t, *between)
		require.Equal(t, usd(tea.Total.Minor()-300), out.Units.Amount)
		s.settle()
		require.Equal(t, []string{"confirmed/refunded", "confirmed/paid"}, states(s.group(p.Group.ID)))
		require.EqualValues(t, p.Group.Orders[1].Total.Minor(), s.bank.Net("USD"))
		s.sound()
	})
}

// Goodwills come between the moment at which a cancellation was decided and the
// one at which it is written: for the order that is canceled, and for one that
// gives back what it had kept. A third order, from which the rest could be
// taken, is left alone.
func TestGoodwillsThatComeBesideACancellationAreCounted(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		s, between := crossed(t, stores)
		pot := s.shelf.offers["pot"]
		pot.Merchant = "pottery"
		s.shelf.offers["pot"] = pot
		s.deals.off = map[ref.SKUID]int64{"tea": 100}
		g := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 3, "silk": 1, "pot": 1}), "sale").Group
		of := func(m ref.MerchantID) order.Order {
			return g.Orders[slices.IndexFunc(g.Orders, func(o order.Order) bool { return o.Merchant == m })]
		}
		tea, silk := of("tea-house"), of("silk-road")
		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return claw("platform", 500) }
		s.refund(ref.Staff("ann"), checkout.RefundInput{
			Group: g.ID, Order: tea.ID, Key: "all", Delivery: true, Lines: []checkout.RefundLine{{Line: tea.Lines[0].ID, Quantity: 3}},
		})
		s.deals.claws = func(in checkout.ClawBackInput) []order.ClawBack {
			if len(in.Before) == 0 {
				return nil
			}
			return claw("platform", -500)
		}
		*between = func() {
			s.sorry(g, tea.ID, 300)
			s.sorry(g, silk.ID, 200)
		}
		out := s.cancel(ref.Staff("ann"), checkout.CancelInput{Group: g.ID, Orders: []order.ID{silk.ID}})
		require.Nil(t, *between)
		require.Len(t, out.Refunds, 1)
		require.Equal(t, usd(silk.Total.Minor()-200), out.Refunds[0].Amount)
		require.Len(t, out.GivenBack, 1)
		require.Equal(t, usd(200), out.GivenBack[0].Units.Amount)
		s.settle()
		require.EqualValues(t, of("pottery").Total.Minor(), s.bank.Net("USD"))
		s.sound()
	})
}

// A refund of one order arrives when a cancellation of another has read the group,
// and not yet what is on its way: a goodwill beside them has no room left on the
// first one, and is not given back with the second one once more.
func TestARefundThatArrivesBesideACancellationLeavesNoRoom(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		var arrives func()
		s := newShop(t, between(stores, "PaymentRefunds.ByIntent", &arrives))
		pot := s.shelf.offers["pot"]
		pot.Merchant = "pottery"
		s.shelf.offers["pot"] = pot
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1, "pot": 1}), "sale")
		first, second, third := p.Group.Orders[0], p.Group.Orders[1], p.Group.Orders[2]
		r, err := s.payments.Refund(t.Context(), ref.Staff("ann"), payment.RefundInput{
			Intent: p.Intent.ID, Key: checkout.RefundKey(first.ID, "broken"), Reason: payment.ReasonGoodwill, Amount: first.Total,
		})
		require.NoError(t, err)
		s.goodwill(p, 300)
		arrives = func() {
			sent, err := s.payments.SendRefund(t.Context(), ref.System(), r.ID)
			if err != nil || sent.State != payment.RefundSucceeded {
				t.Error(sent.State, err)
			}
		}
		out := s.cancel(ref.Staff("ann"), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{second.ID}})
		require.Nil(t, arrives)
		require.Len(t, out.Refunds, 1)
		require.Equal(t, usd(second.Total.Minor()-300), out.Refunds[0].Amount)
		s.settle()
		require.EqualValues(t, third.Total.Minor(), s.bank.Net("USD"))
		s.sound()
	})
}
