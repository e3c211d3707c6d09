package redemption_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
)

// A pot of 50.00 and four teas of 12.50 earn four coupons: each tea that comes
// back takes an eighth of them along, and the pot, which its merchant cancels,
// half.
func TestAPartialRefundTakesAPartOfTheRewardsBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		thanks := off("thanks", 100)
		thanks.Redeem = promo.RedeemCoupon
		s.offer(thanks)
		tpl, err := s.Coupons.Create(s.Context(), ann(), coupon.CreateInput{ID: "thanks", Terms: coupon.Terms{
			Promotion: "thanks", Name: "thanks", Way: coupon.ByReward, Validity: coupon.Validity{Days: 30},
		}})
		require.NoError(s, err)
		_, err = s.Coupons.Activate(s.Context(), ann(), tpl.ID, tpl.Version)
		require.NoError(s, err)
		s.offer(promo.Promotion{ID: "four", Name: "four", Benefit: promo.Benefit{
			Reward: &promo.Reward{Kind: promo.RewardCoupon, Of: "thanks", Count: 4},
		}})
		s.sell("glass", "vase", 5000, 10)

		bo := ref.Member("bo")
		g := s.buy(bo, s.choose(bo, want{"vase", 1}, want{"tea", 4})).Group
		require.Equal(s, usd(10000), g.Payable)
		teas, err := g.Order(s.part(g, "tea-house"))
		require.NoError(s, err)
		back := func(key string, n ref.Quantity) {
			_, err := s.Checkout.Refund(s.Context(), ann(), checkout.RefundInput{
				Group: g.ID, Order: teas.ID, Key: key, Lines: []checkout.RefundLine{{Line: teas.Lines[0].ID, Quantity: n}},
			})
			require.NoError(s, err)
		}
		for i, step := range []struct {
			does func()
			left int
		}{
			{func() {}, 4},
			{func() { back("one", 1) }, 4},
			{func() { back("two", 1) }, 3},
			{func() { back("two", 1) }, 3},
			{func() {
				_, err := s.Checkout.Cancel(s.Context(), ref.Merchant("glass"), checkout.CancelInput{Group: g.ID, Orders: []order.ID{s.part(g, "glass")}})
				require.NoError(s, err)
			}, 1},
			{func() { back("rest", 2) }, 0},
		} {
			step.does()
			s.sound()
			mine, err := s.Coupons.List(s.Context(), ann(), coupon.Query{Origin: string(g.ID), State: coupon.Claimed}, page.Request{})
			require.NoError(s, err)
			require.Len(s, mine.Items, step.left, fmt.Sprint("step ", i))
		}
	})
}
