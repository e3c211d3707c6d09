package redemption_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
)

// books is what a group's history says of its promotions, by promotion and
// party: what was borne of what was sold, what the returned pieces gave back of
// it, and what is kept back.
type books struct{ bore, reversed, kept map[string]int64 }

func (s *shop) books(g order.Group) books {
	s.Helper()
	b := books{map[string]int64{}, map[string]int64{}, map[string]int64{}}
	note := func(to map[string]int64, all []order.Adjustment) {
		for _, a := range all {
			for _, by := range a.Bearers {
				to[string(a.Promotion)+" "+by.Party] += by.Amount.Minor()
			}
		}
	}
	history, err := s.Orders.History(s.Context(), ann(), g.ID)
	require.NoError(s, err)
	for i := range g.Orders {
		o := &g.Orders[i]
		note(b.bore, o.Shipping.Adjustments)
		for _, l := range o.Lines {
			note(b.bore, l.Adjustments)
		}
		kept, err := order.KeptBack(history, o.ID)
		require.NoError(s, err)
		for _, c := range kept {
			for _, by := range c.Bearers {
				b.kept[string(c.Promotion)+" "+by.Party] += by.Amount.Minor()
			}
		}
	}
	for _, e := range history {
		if e.Units == nil {
			continue
		}
		for _, l := range e.Units.Lines {
			note(b.reversed, l.Adjustments)
		}
		if e.Units.Delivery != nil {
			note(b.reversed, e.Units.Delivery.Adjustments)
		}
	}
	return b
}

// due is what is to be kept back in all, asked for as if nothing were yet.
func (s *shop) due(g order.Group) map[string]int64 {
	s.Helper()
	left := map[order.LineID]ref.Quantity{}
	for i := range g.Orders {
		for _, l := range g.Orders[i].Lines {
			left[l.ID] = l.Quantity - l.Returned
		}
	}
	owed, err := s.refunds().ClawBack(s.Context(), checkout.ClawBackInput{Group: g, Kept: left, Refund: usd(1 << 40), At: s.clock.Now()})
	require.NoError(s, err)
	out := map[string]int64{}
	for _, c := range owed {
		for _, by := range c.Bearers {
			out[string(c.Promotion)+" "+by.Party] += by.Amount.Minor()
		}
	}
	return out
}

// Offers of all three policies at once, of the site and of a merchant, borne by
// several parties, and a gift: whatever comes back, in whatever parts and order.
func TestAnyReturnsThroughTheShop(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := open(t, memoryStores())
		s.sell("pottery", "vase", 1777, 500)
		draw := func(name string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(rt, name) }
		policies := []promo.RefundPolicy{promo.RefundKeep, promo.RefundClawBack}
		offer := func(p promo.Promotion, from int64) {
			if from > 0 {
				p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(from)}}
			}
			p.Groups = []promo.GroupID{}
			s.offer(p)
		}
		thirds := []promo.Funding{
			{Party: promo.PartySupplier, PPM: 333_333, Cap: usd(draw("cap", 1, 300))},
			{Party: promo.PartyMerchant, PPM: 333_333},
			{Party: promo.PartySite, PPM: 333_334},
		}
		a := off("a-all", draw("a", 1, 2000))
		a.OnPartialRefund, a.Funding = promo.RefundClawBack, thirds
		offer(a, draw("a from", 1, 12000))
		b := promo.Promotion{ID: "b-tenth", Name: "b", Benefit: promo.Benefit{Percent: &promo.Percent{PPM: draw("b", 1, 300_000)}}}
		b.OnPartialRefund, b.Level = policies[draw("b policy", 0, 1)], promo.LevelOrder
		offer(b, draw("b from", 0, 6000))
		c := off("c-tea", draw("c", 1, 900))
		c.Merchant, c.OnPartialRefund = "tea-house", policies[draw("c policy", 0, 1)]
		offer(c, draw("c from", 1, 6000))
		offer(promo.Promotion{
			ID: "d-gift", Name: "d", OnPartialRefund: []promo.RefundPolicy{promo.RefundKeep, promo.RefundReturnGift}[draw("gift policy", 0, 1)],
			Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "vase", Quantity: 2, Value: usd(5)}}}},
			Funding: []promo.Funding{{Party: promo.PartySite, PPM: 400_000}, {Party: promo.PartyMerchant, PPM: 600_000}},
		}, draw("gift from", 1, 8000))
		bo := ref.Member("bo")
		g := s.buy(bo, s.choose(bo, want{"tea", ref.Quantity(draw("teas", 1, 4))}, want{"pot", 1}, want{"cup", ref.Quantity(draw("cups", 1, 4))})).Group

		type piece struct {
			order order.ID
			line  order.LineID
		}
		var pieces []piece
		for _, o := range g.Orders {
			if !o.Shipping.List.IsZero() {
				pieces = append(pieces, piece{order: o.ID})
			}
			for _, l := range o.Lines {
				for range l.Quantity {
					pieces = append(pieces, piece{o.ID, l.ID})
				}
			}
		}
		pieces = rapid.Permutation(pieces).Draw(rt, "pieces")
		for call := 0; len(pieces) > 0; call++ {
			in := checkout.RefundInput{Group: g.ID, Order: pieces[0].order, Key: fmt.Sprint(call)}
			for n := draw("together", 1, 3); n > 0 && len(pieces) > 0 && pieces[0].order == in.Order; n-- {
				if pieces[0].line == "" {
					in.Delivery = true
				} else {
					in.Lines = more(in.Lines, pieces[0].line)
				}
				pieces = pieces[1:]
			}
			seen, err := s.Checkout.PreviewRefund(t.Context(), ann(), in)
			require.NoError(rt, err)
			net := s.bank.Net("USD")
			in.Expect = money.New(seen.Total().Minor()+1, "USD")
			_, err = s.Checkout.Refund(t.Context(), ann(), in)
			require.Equal(rt, "checkout.refund_changed", fault.CodeOf(err), "%v", err)
			require.Equal(rt, net, s.bank.Net("USD"), "nothing went back")
			in.Expect = seen.Total()
			r, err := s.Checkout.Refund(t.Context(), ann(), in)
			require.NoError(rt, err)
			require.Equal(rt, in.Expect.Minor(), net-s.bank.Net("USD"), "what was shown")
			went := s.exact(r.Units)
			for _, b := range r.GivenBack {
				require.Empty(rt, b.Units.Lines)
				went += s.exact(b.Units)
			}
			now := s.books(r.Group)
			for key, n := range now.kept {
				require.Positive(rt, n, key)
				require.LessOrEqual(rt, n+now.reversed[key], now.bore[key], "%s gets back more than it bore", key)
			}
			if went > 0 { // else there may have been too little to keep it back
				require.Equal(rt, s.due(r.Group), now.kept, "it follows from what is kept")
			}
		}
		end, err := s.Orders.Get(t.Context(), ann(), g.ID)
		require.NoError(rt, err)
		now := s.books(end)
		require.Equal(rt, now.bore, now.reversed)
		require.Empty(rt, now.kept)
		require.Zero(rt, s.bank.Net("USD"))
		s.sound()
	})
}

// exact returns what a refund gave back, which is what its pieces are worth less
// what was kept back.
func (s *shop) exact(u order.UnitRefund) int64 {
	s.Helper()
	worth, err := u.Worth()
	require.NoError(s, err)
	for _, c := range u.ClawBacks {
		worth, err = worth.Sub(c.Amount)
		require.NoError(s, err)
	}
	require.Equal(s, worth, u.Amount)
	require.GreaterOrEqual(s, u.Amount.Minor(), int64(0))
	return u.Amount.Minor()
}

func more(lines []checkout.RefundLine, id order.LineID) []checkout.RefundLine {
	for i := range lines {
		if lines[i].Line == id {
			lines[i].Quantity++
			return lines
		}
	}
	return append(lines, checkout.RefundLine{Line: id, Quantity: 1})
}

// Six teas at 12.50 for 10.00 less from 60.00, and a pot for 70.00: what each
// refund comes to, in two partitions. A gift that is not earned by what is kept
// is charged at its list price until it comes back.
func TestReturnsPieceByPiece(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("ten", 1000)
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(6000)}}
		p.OnPartialRefund = promo.RefundClawBack
		s.offer(p)
		s.offer(promo.Promotion{
			ID: "cup", Name: "a cup", OnPartialRefund: promo.RefundReturnGift, Merchant: "tea-house",
			When:    promo.Condition{Amount: &promo.AmountCondition{Basis: promo.BasisList, Min: usd(7000)}},
			Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "mug", Quantity: 1, Value: usd(1)}}}},
		})
		s.sell("tea-house", "mug", 900, 50)
		for i, parts := range [][]struct {
			sku  ref.SKUID
			n    ref.Quantity
			back int64
		}{
			{{"tea", 1, 1250 - 166 - 900}, {"tea", 1, 1083 - 667}, {"mug", 1, 900}, {"tea", 3, 3250 + 500}, {"tea", 1, 1083 + 167}},
			{{"tea", 5, 6250 - 833 - 167 - 900}, {"tea", 1, 1083 + 167}, {"mug", 1, 900}},
			{{"mug", 1, 0}, {"tea", 6, 6500}},
		} {
			bo := ref.Member(ref.MemberID(fmt.Sprint("bo-", i)))
			g := s.buy(bo, s.choose(bo, want{"tea", 6})).Group
			require.Equal(s, usd(6500), g.Payable)
			require.Len(s, g.Orders, 1)
			for k, part := range parts {
				for _, l := range g.Orders[0].Lines {
					if l.SKU != part.sku {
						continue
					}
					r, err := s.Checkout.Refund(s.Context(), ann(), checkout.RefundInput{
						Group: g.ID, Order: g.Orders[0].ID, Key: fmt.Sprint(k), Lines: []checkout.RefundLine{{Line: l.ID, Quantity: part.n}},
					})
					require.NoError(s, err)
					require.Equal(s, usd(part.back), r.Units.Amount, "%d, %d", i, k)
				}
			}
			end, err := s.Orders.Get(s.Context(), ann(), g.ID)
			require.NoError(s, err)
			require.Equal(s, order.PaymentRefunded, end.Orders[0].Payment)
			require.Empty(s, s.books(end).kept)
		}
		require.Zero(s, s.bank.Net("USD"))
		s.sound()
	})
}

// 60.00 earn an offer. Without the cups 70.00 are left and without the vase
// 68.00; without both it is 50.00. The buyer asks for both at once.
func TestTwoPartsAreNotCanceledAwayUnderAnOffer(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.sell("glass", "vase", 2000, 500)
		p := off("much", 2000)
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(6000)}}
		p.OnPartialRefund = promo.RefundClawBack
		s.offer(p)
		for round := range 4 {
			bo := ref.Member(ref.MemberID(fmt.Sprint("bo-", round)))
			g := s.buy(bo, s.choose(bo, want{"pot", 1}, want{"cup", 2}, want{"vase", 1})).Group
			errs := make([]error, 2)
			start := make(chan struct{})
			var wg sync.WaitGroup
			for i, m := range []ref.MerchantID{"pottery", "glass"} {
				part := s.part(g, m)
				wg.Go(func() {
					<-start
					_, errs[i] = s.Checkout.Cancel(s.Context(), bo, checkout.CancelInput{Group: g.ID, Orders: []order.ID{part}})
				})
			}
			close(start)
			wg.Wait()
			lost := 0
			for _, err := range errs {
				if err != nil {
					require.Equal(s, "checkout.offer_lost", fault.CodeOf(err), "%v", err)
					lost++
				}
			}
			require.Equal(s, 1, lost)
		}
		s.sound()
	})
}

// A pot of one merchant and cups of another earn an offer; the cups come back,
// and then the pot is canceled or comes back too.
func TestEverythingComesBackWhicheverWay(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]bool{"refunded": false, "canceled": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, memoryStores())
			p := off("ten", 1000)
			p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(6000)}}
			p.OnPartialRefund = promo.RefundClawBack
			p.Funding = []promo.Funding{{Party: promo.PartySite, PPM: 500_000}, {Party: promo.PartyMerchant, PPM: 500_000}}
			s.offer(p)
			bo := ref.Member("bo")
			g := s.buy(bo, s.choose(bo, want{"pot", 1}, want{"cup", 2})).Group
			back := func(m ref.MerchantID, key string) checkout.Refunded {
				o, err := g.Order(s.part(g, m))
				require.NoError(t, err)
				r, err := s.Checkout.Refund(t.Context(), ref.Merchant(m), checkout.RefundInput{
					Group: g.ID, Order: o.ID, Key: key, Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: o.Lines[0].Quantity}},
				})
				require.NoError(t, err)
				return r
			}
			cups := back("pottery", "cups")
			require.NotEmpty(t, cups.Units.ClawBacks)
			require.Equal(t, usd(5000), left(t, g.Payable, cups.Units.Amount), "the pot costs what it costs alone")
			if cancel {
				c, err := s.Checkout.Cancel(t.Context(), bo, checkout.CancelInput{Group: g.ID, Orders: []order.ID{s.part(g, "tea-house")}})
				require.NoError(t, err)
				require.Len(t, c.GivenBack, 1)
			} else {
				require.Empty(t, back("tea-house", "pot").GivenBack, "another merchant's part")
			}
			require.Zero(t, s.bank.Net("USD"))
			end, err := s.Orders.Get(t.Context(), ann(), g.ID)
			require.NoError(t, err)
			require.Empty(t, s.books(end).kept)
			s.sound()
		})
	}
}

// Two employees have seen what goes back for a part each, and pay it back at
// once: of the second the offer keeps back another amount by then.
func TestOnlyWhatWasShownGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("ten", 1000)
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(6000)}}
		p.OnPartialRefund = promo.RefundClawBack
		s.offer(p)
		for round := range 5 {
			bo := ref.Member(ref.MemberID(fmt.Sprint("bo-", round)))
			g := s.buy(bo, s.choose(bo, want{"pot", 1}, want{"cup", 2})).Group
			net := s.bank.Net("USD")
			in := make([]checkout.RefundInput, len(g.Orders))
			for i := range g.Orders {
				o := &g.Orders[i]
				in[i] = checkout.RefundInput{
					Group: g.ID, Order: o.ID, Key: "k", Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: o.Lines[0].Quantity}},
				}
				seen, err := s.Checkout.PreviewRefund(s.Context(), ann(), in[i])
				require.NoError(s, err)
				in[i].Expect = seen.Total()
			}
			errs := make([]error, len(in))
			var wg sync.WaitGroup
			for i := range in {
				wg.Go(func() { _, errs[i] = s.Checkout.Refund(s.Context(), ann(), in[i]) })
			}
			wg.Wait()
			shown, lost := int64(0), 0
			for i, err := range errs {
				if err == nil {
					shown += in[i].Expect.Minor()
					continue
				}
				require.Equal(s, "checkout.refund_changed", fault.CodeOf(err), "%v", err)
				lost++
			}
			require.Equal(s, 1, lost, "the other one has to be shown anew")
			require.Equal(s, shown, net-s.bank.Net("USD"))
		}
		s.sound()
	})
}

func left(t *testing.T, m, less money.Money) money.Money {
	t.Helper()
	out, err := m.Sub(less)
	require.NoError(t, err)
	return out
}
