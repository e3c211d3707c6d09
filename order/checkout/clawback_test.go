package checkout_test

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
)

// claw is an entry for the deal, all of one party.
func claw(party string, minor int64) []order.ClawBack {
	return []order.ClawBack{{
		Promotion: "deal", Version: 1, Amount: usd(minor), Bearers: []order.Bearer{{Party: party, Amount: usd(minor)}},
	}}
}

// theSilk returns a refund of what is left of the sale's second order.
func theSilk(p checkout.Placed) checkout.RefundInput {
	o := p.Group.Orders[1]
	return checkout.RefundInput{
		Group: p.Group.ID, Order: o.ID, Key: "silk", Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: 1}},
	}
}

// keptBack sums what a group has kept back.
func (s *shop) keptBack(g order.Group) []order.ClawBack {
	s.Helper()
	history, err := s.book.History(s.Context(), g.ID)
	require.NoError(s, err)
	var all []order.ClawBack
	for _, o := range g.Orders {
		kept, err := order.KeptBack(history, o.ID)
		require.NoError(s, err)
		all = append(all, kept...)
	}
	all, err = order.SumClawBacks(all)
	require.NoError(s, err)
	return all
}

// What was kept back of one order comes back as another one's pieces do, from
// the order that kept it.
func TestWhatWasKeptBackComesBackFromItsOrder(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		tea, other := p.Group.Orders[0], p.Group.Orders[1]
		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return claw("platform", 500) }
		all := pieces(3)
		all.Delivery = true
		first := s.refund(ref.Staff("ann"), all)
		require.Equal(s, usd(tea.Total.Minor()-500), first.Units.Amount)
		require.Empty(s, first.GivenBack)

		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return claw("platform", -500) }
		last := theSilk(p)
		last.Delivery = true
		second := s.refund(ref.Staff("ann"), last)
		require.Equal(s, other.Total, second.Units.Amount)
		require.Empty(s, second.Units.ClawBacks)
		require.Len(s, second.GivenBack, 1)
		back := second.GivenBack[0]
		require.Equal(s, tea.ID, back.Order)
		require.Equal(s, usd(500), back.Units.Amount)
		require.Equal(s, claw("platform", -500), back.Units.ClawBacks)
		require.Equal(s, payment.RefundSucceeded, back.Refund.State)

		again := s.refund(ref.Staff("ann"), last)
		require.True(s, again.Replayed)
		require.Equal(s, second.GivenBack, again.GivenBack)
		seen := s.refund(ref.Merchant("silk-road"), last)
		require.Empty(s, seen.GivenBack, "a merchant sees the own part")
		require.Equal(s, []string{"confirmed/refunded", "confirmed/refunded"}, states(s.group(p.Group.ID)))
		require.Zero(s, s.bank.Net("USD"))
		require.Empty(s, s.keptBack(p.Group))
		s.sound()
	})
}

// What is kept back of a refund that gives nothing itself is taken from what
// the others give back.
func TestWhatIsKeptBackIsTakenFromWhatIsGivenBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return claw("platform", 500) }
		s.refund(ref.Staff("ann"), pieces(1))
		worth := p.Group.Orders[1].Lines[0].Gross.Minor()
		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack {
			return []order.ClawBack{{Promotion: "deal", Version: 1, Amount: usd(worth - 200), Bearers: []order.Bearer{
				{Party: "platform", Amount: usd(-500)}, {Party: "merchant:silk-road", Amount: usd(worth + 300)},
			}}}
		}
		out := s.refund(ref.Staff("ann"), theSilk(p))
		require.True(s, out.Units.Amount.IsZero())
		require.Equal(s, claw("merchant:silk-road", worth), out.Units.ClawBacks)
		require.Len(s, out.GivenBack, 1)
		require.Equal(s, usd(200), out.GivenBack[0].Units.Amount)
		require.Equal(s, claw("merchant:silk-road", worth+300), s.keptBack(p.Group))
		s.sound()
	})
}

func TestPromotionsGiveNoMoreBackThanWasKept(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		_, pieces := s.sale()
		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return claw("platform", 500) }
		s.refund(ref.Staff("ann"), pieces(1))
		for _, c := range [][]order.ClawBack{
			claw("platform", -501), claw("merchant:tea-house", -1), claw("platform", 1339+1),
			{{Promotion: "deal", Version: 1, Amount: usd(5)}},
			{{Promotion: "deal", Version: 1, Amount: money.New(5, "EUR"), Bearers: []order.Bearer{{Party: "platform", Amount: money.New(5, "EUR")}}}},
		} {
			s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return c }
			_, err := s.checkout.Refund(s.Context(), ref.Staff("ann"), pieces(1))
			require.Equal(s, "checkout.promotions", fault.CodeOf(err), "%v", c)
		}
		s.sound()
	})
}

// What was kept back of an order goes back with it where it is canceled, and
// what the others have kept back as the promotions say.
func TestACancellationGivesBackWhatWasKeptBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		all := pieces(3)
		all.Delivery = true
		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return claw("platform", 500) }
		s.refund(ref.Staff("ann"), all)
		s.deals.claws = func(in checkout.ClawBackInput) []order.ClawBack {
			if len(in.Before) == 0 || in.Kept[p.Group.Orders[1].Lines[0].ID] > 0 {
				return nil
			}
			return claw("platform", -500)
		}
		out := s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		require.Len(s, out.Refunds, 1)
		require.Len(s, out.GivenBack, 1)
		require.Equal(s, usd(500), out.GivenBack[0].Units.Amount)
		require.Equal(s, []string{"confirmed/refunded", "canceled/refunded"}, states(s.group(p.Group.ID)))
		require.Zero(s, s.bank.Net("USD"))
		require.Empty(s, s.keptBack(p.Group))
		s.sound()
	})
}

func TestWhatWasKeptBackOfACanceledOrderIsNotAskedFor(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack { return claw("platform", 500) }
		s.refund(ref.Staff("ann"), pieces(1))
		s.deals.claws = nil
		s.cancel(ref.Staff("ann"), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[0].ID}})
		s.deals.claws = func(in checkout.ClawBackInput) []order.ClawBack {
			require.Empty(s, in.Before, "it went back with its order")
			require.Len(s, in.Kept, 1)
			return nil
		}
		s.refund(ref.Staff("ann"), theSilk(p))
		s.sound()
	})
}

// A clerk refunds pieces between the moment at which a cancellation was found
// to leave the offers earned and the one at which it is entered: it is asked
// once more.
func TestACancellationIsAskedAgainWhereTheRestChanged(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		beside := pieces(2)
		var asked atomic.Int32
		s.deals.claws = func(in checkout.ClawBackInput) []order.ClawBack {
			switch {
			case in.Refund.Minor() != money.MaxMinor: // the clerk's
				return nil
			case asked.Add(1) == 1:
				s.refund(ref.Staff("ann"), beside)
				return nil
			}
			require.EqualValues(s, 1, in.Kept[p.Group.Orders[0].Lines[0].ID])
			return claw("platform", 100)
		}
		_, err := s.checkout.Cancel(s.Context(), buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		require.Equal(s, "checkout.offer_lost", fault.CodeOf(err))
		require.EqualValues(s, 2, asked.Load())
		require.Equal(s, []string{"confirmed/partially_refunded", "confirmed/paid"}, states(s.group(p.Group.ID)))
		s.sound()
	})
}

// Two refunds of different orders at once: the second is decided with what the
// first has left.
func TestARefundIsDecidedWithTheRestAsItIs(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		tea := p.Group.Orders[0].Lines[0].ID
		beside := pieces(2)
		var asked atomic.Int32
		s.deals.claws = func(in checkout.ClawBackInput) []order.ClawBack {
			if in.Kept[p.Group.Orders[1].Lines[0].ID] > 0 { // the one beside
				return nil
			}
			if asked.Add(1) == 1 {
				s.refund(ref.Staff("ann"), beside)
			}
			if in.Kept[tea] == 3 {
				return nil
			}
			return claw("platform", 77)
		}
		out := s.refund(ref.Staff("ann"), theSilk(p))
		require.Equal(s, claw("platform", 77), out.Units.ClawBacks)
		s.sound()
	})
}
