package redemption_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo"
)

// part returns the order of a merchant.
func (s *shop) part(g order.Group, m ref.MerchantID) order.ID {
	s.Helper()
	for i := range g.Orders {
		if g.Orders[i].Merchant == m {
			return g.Orders[i].ID
		}
	}
	require.FailNow(s, "no order of "+string(m))
	return ""
}

// A buyer who takes a part out of an order keeps nothing that only the whole
// had earned and that is taken back of partial refunds: a pot of 50.00 of one merchant and a cup of 9.00 of another.
func TestAPartIsNotCanceledAwayUnderAnOffer(t *testing.T) {
	t.Parallel()
	over := func(p promo.Promotion) promo.Promotion {
		p.When = promo.Condition{Amount: &promo.AmountCondition{Over: &promo.Selector{}, Min: usd(5500)}}
		return p
	}
	with := func(p promo.Promotion, policy promo.RefundPolicy) promo.Promotion {
		p.OnPartialRefund = policy
		return p
	}
	gift := over(promo.Promotion{
		ID: "gift", Name: "a vase",
		Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "vase", Quantity: 1, Value: usd(20000)}}}},
	})
	free := over(promo.Promotion{
		ID: "free-cup", Name: "a cup for nothing", Lines: promo.Selector{SKUs: []ref.SKUID{"cup"}},
		Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: usd(900), Per: promo.PerOrder}},
	})
	tenth := promo.Promotion{ID: "tenth", Name: "a tenth off", Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000}}}
	for name, c := range map[string]struct {
		offer promo.Promotion
		goes  bool // whether a part can go
	}{
		"threshold, kept":         {over(off("much", 2000)), true},
		"threshold, clawed back":  {with(over(off("much", 2000)), promo.RefundClawBack), false},
		"free rest, kept":         {free, true},
		"free rest, clawed back":  {with(free, promo.RefundClawBack), false},
		"gift, kept":              {gift, true},
		"gift, to be given back":  {with(gift, promo.RefundReturnGift), false},
		"a tenth off, kept":       {tenth, true},
		"a tenth off, taken back": {with(tenth, promo.RefundClawBack), true},
	} {
		for _, paid := range []bool{false, true} {
			way := map[bool]string{false: "unpaid", true: "paid"}[paid]
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				s := open(t, backendtest.Memory().Open(t))
				s.sell("pottery", "vase", 20000, 10)
				s.offer(c.offer)
				bo := ref.Member("bo")
				if !paid {
					s.bank.Plan(fakepay.Ask)
				}
				placed := s.buy(bo, s.choose(bo, want{"pot", 1}, want{"cup", 1}))
				require.True(t, placed.Group.Promoted)
				pot := s.part(placed.Group, "tea-house")
				cancel := func(scope ref.Scope, parts ...order.ID) error {
					_, err := s.Checkout.Cancel(t.Context(), scope, checkout.CancelInput{Group: placed.Group.ID, Orders: parts})
					require.NoError(t, s.Drain(t.Context()))
					s.sound()
					return err
				}
				err := cancel(bo, pot)
				if c.goes {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, fault.FailedPrecondition)
				require.Equal(t, "checkout.offer_lost", fault.CodeOf(err))
				g, err := s.Orders.Get(t.Context(), bo, placed.Group.ID)
				require.NoError(t, err)
				for i := range g.Orders {
					require.NotContains(t, []order.State{order.StateCanceling, order.StateCanceled}, g.Orders[i].State)
				}
				require.NoError(t, cancel(bo), "all of it can go")
			})
		}
	}
}

// A pot of 50.00 and two cups of 9.00 earn 10.00 off from 15.00. What a merchant
// or the shop cancels is not the buyer's doing: a cup that is returned later
// leaves as much earned as if the pot were there. Where the buyer canceled it,
// the cup that is kept has to earn the offer alone, and does not.
func TestACancellationByOthersIsNotChargedToTheBuyer(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("ten", 1000)
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(1500)}}
		p.OnPartialRefund = promo.RefundClawBack
		s.offer(p)
		for i, c := range []struct {
			by   func(buyer ref.Scope) ref.Scope
			claw int64
		}{
			{func(ref.Scope) ref.Scope { return ref.Merchant("tea-house") }, 0},
			{func(ref.Scope) ref.Scope { return ann() }, 0},
			{func(buyer ref.Scope) ref.Scope { return buyer }, 133},
		} {
			buyer := ref.Member(ref.MemberID(fmt.Sprint("bo-", i)))
			g := s.buy(buyer, s.choose(buyer, want{"pot", 1}, want{"cup", 2})).Group
			_, err := s.Checkout.Cancel(s.Context(), c.by(buyer), checkout.CancelInput{Group: g.ID, Orders: []order.ID{s.part(g, "tea-house")}})
			require.NoError(s, err)
			cups, err := g.Order(s.part(g, "pottery"))
			require.NoError(s, err)
			back := func(key string) int64 {
				r, err := s.Checkout.Refund(s.Context(), ann(), checkout.RefundInput{
					Group: g.ID, Order: cups.ID, Key: key, Lines: []checkout.RefundLine{{Line: cups.Lines[0].ID, Quantity: 1}},
				})
				require.NoError(s, err)
				return r.Units.Amount.Minor()
			}
			require.EqualValues(s, 900-132-c.claw, back("first"), i)
			require.EqualValues(s, 900-133+c.claw, back("second"), i)
		}
		require.Zero(s, s.bank.Net("USD"))
		s.sound()
	})
}

// A pot of 50.00, a tea of 12.50 and a tin of 8.00 earn 10.00 off from 60.00. A
// tea that is out of stock is paid back and costs the buyer nothing, and still
// counts when the tin is returned. A tea that the buyer returns does not.
func TestPiecesThatWereWithdrawnAreNotChargedToTheBuyer(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.sell("tea-house", "tin", 800, 10)
		p := off("ten", 1000)
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(6000)}}
		p.OnPartialRefund = promo.RefundClawBack
		s.offer(p)
		for i, withdrawn := range []bool{true, false} {
			bo := ref.Member(ref.MemberID(fmt.Sprint("bo-", i)))
			g := s.buy(bo, s.choose(bo, want{"pot", 1}, want{"tea", 1}, want{"tin", 1})).Group
			require.Equal(s, usd(6050), g.Payable)
			o := g.Orders[0]
			back := func(sku ref.SKUID, withdrawn bool) order.UnitRefund {
				l := o.Lines[slices.IndexFunc(o.Lines, func(l order.Line) bool { return l.SKU == sku })]
				in := checkout.RefundInput{
					Group: g.ID, Order: o.ID, Key: string(sku), Withdrawn: withdrawn,
					Lines: []checkout.RefundLine{{Line: l.ID, Quantity: 1}},
				}
				seen, err := s.Checkout.PreviewRefund(s.Context(), ann(), in)
				require.NoError(s, err)
				r, err := s.Checkout.Refund(s.Context(), ann(), in)
				require.NoError(s, err)
				require.Equal(s, seen.Units.Amount, r.Units.Amount)
				again, err := s.Checkout.Refund(s.Context(), ann(), in)
				require.NoError(s, err)
				require.True(s, again.Replayed)
				require.Equal(s, r.Units, again.Units)
				return r.Units
			}
			tea := back("tea", withdrawn)
			require.Equal(s, withdrawn, tea.Withdrawn)
			require.Equal(s, withdrawn, len(tea.ClawBacks) == 0)
			require.Equal(s, withdrawn, len(back("tin", false).ClawBacks) == 0)
			back("pot", false)
			require.Zero(s, s.bank.Net("USD"))
			s.sound()
		}
	})
}
