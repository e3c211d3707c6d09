package redemption_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/redemption"
)

// refunds is the same promotions for a refund, beside those of the shop.
func (s *shop) refunds() *redemption.Promotions {
	s.Helper()
	engine, err := promo.NewEngine(promo.Config{})
	require.NoError(s, err)
	p, err := redemption.New(redemption.Config{
		Campaigns: s.Campaigns, Versions: s.stores.Campaigns, Usage: s.stores.PromoUses, Offers: s.Listing, Engine: engine,
	})
	require.NoError(s, err)
	return p
}

// kept is how many pieces of each line are kept: all but those named.
func kept(g *order.Group, back map[ref.SKUID]ref.Quantity) map[order.LineID]ref.Quantity {
	out := map[order.LineID]ref.Quantity{}
	for i := range g.Orders {
		for _, l := range g.Orders[i].Lines {
			out[l.ID] = l.Quantity - back[l.SKU]
		}
	}
	return out
}

func TestWhatTheKeptLinesWouldNotHaveEarnedIsClawedBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("ten", 1000)
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(6000)}}
		p.OnPartialRefund = promo.RefundClawBack
		p.Funding = []promo.Funding{{Party: promo.PartySite, PPM: 500_000}, {Party: promo.PartyMerchant, PPM: 500_000}}
		c := s.offer(p)
		bo := ref.Member("bo")
		g := s.buy(bo, s.choose(bo, want{"pot", 1}, want{"cup", 2})).Group
		require.Equal(s, usd(5800), g.Payable)

		// Whatever becomes of the offer later, the order keeps its version.
		p.When.Amount.Min = usd(1)
		_, err := s.Campaigns.Save(s.Context(), ann(), campaign.SaveInput{Version: c.Version, Promotion: p})
		require.NoError(s, err)

		ask := func(back map[ref.SKUID]ref.Quantity, refund int64, before []order.ClawBack) []order.ClawBack {
			owed, err := s.refunds().ClawBack(s.Context(), checkout.ClawBackInput{
				Group: g, Kept: kept(&g, back), Before: before, Refund: usd(refund), At: s.clock.Now(),
			})
			require.NoError(s, err)
			return owed
		}
		require.Empty(s, ask(map[ref.SKUID]ref.Quantity{}, 0, nil), "all is kept")
		// 50.00 and 9.00 are kept, and 60.00 were asked for: their shares are owed,
		// as they were borne.
		owed := ask(map[ref.SKUID]ref.Quantity{"cup": 1}, 800, nil)
		require.Len(s, owed, 1)
		require.EqualValues(s, "ten", owed[0].Promotion)
		require.EqualValues(s, 1, owed[0].Version)
		require.Equal(s, usd(800), owed[0].Amount, "no more than the refund")
		sum, parties := money.Zero("USD"), map[string]bool{}
		for _, b := range owed[0].Bearers {
			parties[b.Party] = true
			sum, err = sum.Add(b.Amount)
			require.NoError(s, err)
		}
		require.Equal(s, owed[0].Amount, sum)
		require.Equal(s, map[string]bool{"platform": true, "merchant:tea-house": true, "merchant:pottery": true}, parties)
		rest := ask(map[ref.SKUID]ref.Quantity{"cup": 1}, 800, owed)
		require.Len(s, rest, 1)
		require.Equal(s, usd(868-800), rest[0].Amount, "the rest falls due with the next refund")
		require.Empty(s, ask(map[ref.SKUID]ref.Quantity{"cup": 1}, 800, append(owed, rest...)), "and nothing twice")
	})
}

// Two pots are charged at what they are in the book for, whatever the promotion
// says that they cost.
func TestAGiftThatDoesNotComeBackIsCharged(t *testing.T) {
	t.Parallel()
	s := open(t, memoryStores())
	s.offer(promo.Promotion{
		ID: "gift", Name: "a gift", OnPartialRefund: promo.RefundReturnGift,
		When:    promo.Condition{Amount: &promo.AmountCondition{Min: usd(2000)}},
		Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "pot", Quantity: 2, Value: usd(301)}}}},
	})
	bo := ref.Member("bo")
	g := s.buy(bo, s.choose(bo, want{"tea", 2})).Group
	for pots, due := range map[ref.Quantity]int64{0: 10000, 1: 5000, 2: 0} {
		owed, err := s.refunds().ClawBack(t.Context(), checkout.ClawBackInput{
			Group: g, Kept: kept(&g, map[ref.SKUID]ref.Quantity{"tea": 1, "pot": pots}), Refund: usd(12500), At: s.clock.Now(),
		})
		require.NoError(t, err)
		if due == 0 {
			require.Empty(t, owed)
			continue
		}
		require.Equal(t, []order.ClawBack{{
			Promotion: "gift", Version: 1, Amount: usd(due), Gift: true, Bearers: []order.Bearer{{Party: "platform", Amount: usd(due)}},
		}}, owed)
	}
	require.Equal(t, money.Currency("USD"), g.Payable.Currency())
}
