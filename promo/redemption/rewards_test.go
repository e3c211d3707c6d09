package redemption_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
)

// A pot of 50.00 and four teas of 12.50 earn four coupons: each tea that comes
// back takes an eighth of them along, and the pot, which its merchant cancels,
// half.
func TestAPartialRefundTakesAPartOfTheRewardsBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.thank(4, "")
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

// What a merchant promised is earned by the merchant's own goods: it goes with
// them, whatever is kept of another's, and stays when the other's go.
func TestRewardsOfAMerchantGoBackWithItsGoods(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.thank(2, "tea-house")
		s.sell("glass", "vase", 5000, 10)
		bo := ref.Member("bo")
		left := func(g order.Group) int {
			s.sound()
			mine, err := s.Coupons.List(s.Context(), ann(), coupon.Query{Origin: string(g.ID), State: coupon.Claimed}, page.Request{})
			require.NoError(s, err)
			return len(mine.Items)
		}
		for merchant, kept := range map[ref.MerchantID]int{"tea-house": 0, "glass": 2} {
			g := s.buy(bo, s.choose(bo, want{"vase", 1}, want{"tea", 2})).Group
			require.Equal(s, 2, left(g))
			o, err := g.Order(s.part(g, merchant))
			require.NoError(s, err)
			_, err = s.Checkout.Refund(s.Context(), ann(), checkout.RefundInput{
				Group: g.ID, Order: o.ID, Key: "all", Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: o.Lines[0].Quantity}},
			})
			require.NoError(s, err)
			require.Equal(s, kept, left(g), merchant)
		}
	})
}

// thank promises so many coupons for every order, in the name of a merchant or,
// where that is empty, of the site.
func (s *shop) thank(n int64, merchant ref.MerchantID) {
	s.Helper()
	thanks := off("thanks", 100)
	thanks.Redeem = promo.RedeemCoupon
	s.offer(thanks)
	tpl, err := s.Coupons.Create(s.Context(), ann(), coupon.CreateInput{ID: "thanks", Terms: coupon.Terms{
		Promotion: "thanks", Name: "thanks", Way: coupon.ByReward, Validity: coupon.Validity{Days: 30},
	}})
	require.NoError(s, err)
	_, err = s.Coupons.Activate(s.Context(), ann(), tpl.ID, tpl.Version)
	require.NoError(s, err)
	s.offer(promo.Promotion{ID: "promise", Name: "promise", Merchant: merchant, Benefit: promo.Benefit{
		Reward: &promo.Reward{Kind: promo.RewardCoupon, Of: "thanks", Count: n},
	}})
}

// It is the goods that earn rewards: with the last of them the last coupon goes,
// though the delivery is not paid back, and a goodwill takes none.
func TestRewardsGoBackWithTheGoods(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		s := open(t, b.Open(t))
		rates, err := shipping.NewTable(shipping.Method{Code: "standard", Rates: []shipping.Rate{{Base: usd(500)}}})
		require.NoError(t, err)
		s.Marketplace, err = commerce.New(commerce.Config{
			Stores: s.stores, Gateways: []payment.Gateway{s.bank.Gateway()}, Clock: s.clock,
			Checkout: commerce.CheckoutConfig{Delivery: rates},
		})
		require.NoError(t, err)
		s.thank(2, "")
		bo := ref.Member("bo")
		left := func(g order.Group) int {
			s.sound()
			mine, err := s.Coupons.List(t.Context(), ann(), coupon.Query{Origin: string(g.ID), State: coupon.Claimed}, page.Request{})
			require.NoError(t, err)
			return len(mine.Items)
		}
		g := s.buy(bo, s.choose(bo, want{"tea", 2})).Group
		require.Equal(t, usd(3000), g.Payable)
		tea := g.Orders[0]
		require.Equal(t, 2, left(g))
		for i, n := range []int{1, 0} {
			_, err := s.Checkout.Refund(t.Context(), ann(), checkout.RefundInput{
				Group: g.ID, Order: tea.ID, Key: fmt.Sprint(i), Lines: []checkout.RefundLine{{Line: tea.Lines[0].ID, Quantity: 1}},
			})
			require.NoError(t, err)
			require.Equal(t, n, left(g))
		}

		kept := s.buy(bo, s.choose(bo, want{"tea", 2})).Group
		require.Equal(t, 2, left(kept))
		r, err := s.Payments.Refund(t.Context(), ann(), payment.RefundInput{
			Intent: kept.Intent, Key: checkout.RefundKey(kept.Orders[0].ID, "sorry"), Reason: payment.ReasonGoodwill, Amount: usd(1500),
		})
		require.NoError(t, err)
		_, err = s.Payments.SendRefund(t.Context(), ann(), r.ID)
		require.NoError(t, err)
		require.Equal(t, 2, left(kept))
	})
}
