package redemption_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
)

// A checkout looks at so many coupons by itself, and at those that the buyer
// insists on wherever they lie in the wallet.
func TestACouponBehindTheWalletCanBeInsistedOn(t *testing.T) {
	t.Parallel()
	asked := 0
	s := open(t, storage.Intercept(memoryStores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Port == "Coupons" && c.Method == "GetMany" {
			asked++
		}
		return next(ctx)
	}))
	bo := ref.MemberID("bo")
	s.offerCoupons("many", 100, time.Hour)
	s.offerCoupons("late", 300, 2*time.Hour)
	for range coupon.MaxWallet {
		_, err := s.Coupons.Issue(t.Context(), ann(), coupon.IssueInput{Template: "many", Members: []ref.MemberID{bo}})
		require.NoError(t, err)
	}
	given, err := s.Coupons.Issue(t.Context(), ann(), coupon.IssueInput{Template: "late", Members: []ref.MemberID{bo, "di"}})
	require.NoError(t, err)
	mine := given[slices.IndexFunc(given, func(c coupon.Coupon) bool { return c.Member == bo })].ID
	others := given[slices.IndexFunc(given, func(c coupon.Coupon) bool { return c.Member != bo })].ID

	choice := s.choose(ref.Member(bo), want{"tea", 1})
	asked = 0
	q := s.quote(ref.Member(bo), choice)
	require.Zero(t, asked, "the wallet is enough")
	require.Equal(t, usd(100), q.Promotions.Totals.Discount, "it lies behind")
	choice.Coupons = []ref.CouponID{mine}
	q = s.quote(ref.Member(bo), choice)
	require.Equal(t, usd(300), q.Promotions.Totals.Discount)
	require.Equal(t, 1, asked)
	choice.Coupons = []ref.CouponID{mine, others, "nobody's", "\xff"}
	q = s.quote(ref.Member(bo), choice)
	require.Equal(t, 2, asked, "one statement for all of them")
	codes := map[ref.CouponID]promo.Code{}
	for _, d := range q.Promotions.Decisions {
		codes[d.Coupon] = d.Code
	}
	require.Equal(t, promo.CodeApplied, codes[mine])
	require.Equal(t, promo.CodeMissing, codes[others], "who it belongs to is not told")
	require.Equal(t, promo.CodeMissing, codes["nobody's"])
	_, err = s.place(t.Context(), ref.Member(bo), choice, q.ID)
	require.NoError(t, err)
	c, err := s.Coupons.Get(t.Context(), ann(), mine)
	require.NoError(t, err)
	require.Equal(t, coupon.Held, c.State)
}

// offerCoupons puts coupons live that are given by hand.
func (s *shop) offerCoupons(id coupon.TemplateID, minor int64, valid time.Duration) {
	s.Helper()
	p := off(ref.PromotionID(id), minor)
	p.Redeem = promo.RedeemCoupon
	s.offer(p)
	until := s.clock.Now().Add(valid)
	tpl, err := s.Coupons.Create(s.Context(), ann(), coupon.CreateInput{ID: id, Terms: coupon.Terms{
		Promotion: p.ID, Name: string(id), Way: coupon.ByHand, Validity: coupon.Validity{Until: until},
	}})
	require.NoError(s, err)
	_, err = s.Coupons.Activate(s.Context(), ann(), id, tpl.Version)
	require.NoError(s, err)
}

// However often a member has ordered, it counts.
func TestEveryOrderOfAMemberCounts(t *testing.T) {
	t.Parallel()
	for name, stores := range map[string]func() storage.Stores{
		"by a store that counts": memoryStores,
		"page by page": func() storage.Stores {
			s := memoryStores()
			s.Orders = uncounted{s.Orders}
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, stores())
			p := off("loyal", 500)
			p.When = promo.Condition{Orders: &promo.OrdersCondition{From: 602}}
			s.offer(p)
			bo := ref.Member("bo")
			g := s.buy(bo, s.choose(bo, want{"tea", 1})).Group
			for i := range 599 {
				more := g.Clone()
				more.ID = ref.GroupID(fmt.Sprintf("more-%03d", i))
				more.Number = string(more.ID)
				for j := range more.Orders {
					o := &more.Orders[j]
					o.Group, o.Number = more.ID, fmt.Sprintf("%s-%d", more.ID, j)
				}
				require.NoError(t, s.stores.Orders.Insert(t.Context(), &more, nil))
			}
			require.Equal(t, usd(0), s.quote(bo, s.choose(bo, want{"tea", 1})).Promotions.Totals.Discount, "the 601st")
			g.ID, g.Number = "the-last", "the-last"
			for j := range g.Orders {
				g.Orders[j].Group, g.Orders[j].Number = g.ID, fmt.Sprintf("the-last-%d", j)
			}
			require.NoError(t, s.stores.Orders.Insert(t.Context(), &g, nil))
			require.Equal(t, usd(500), s.quote(bo, s.choose(bo, want{"tea", 1})).Promotions.Totals.Discount)
		})
	}
}

// uncounted is a store that cannot count.
type uncounted struct{ order.Store }

// Two orders of a newcomer that are placed at once may both be the first. Where
// the offer is bounded per member, one is, and the other is quoted anew.
func TestANewcomerAtTwoTillsAtOnce(t *testing.T) {
	t.Parallel()
	for _, most := range []int64{0, 1} {
		stores := memoryStores()
		s := open(t, stores)
		channel := func(id ref.ChannelID) pricing.Channel {
			return pricing.Channel{ID: id, Name: string(id), Currency: "USD", Locale: ref.English, Country: "US"}
		}
		var err error
		s.Marketplace, err = commerce.New(commerce.Config{
			Stores: stores, Gateways: []payment.Gateway{s.bank.Gateway()}, Clock: s.clock,
			Channels: []pricing.Channel{channel(commerce.DefaultChannel), channel("app")},
		})
		require.NoError(t, err)
		p, err := stores.Products.Get(t.Context(), "of-tea")
		require.NoError(t, err)
		_, err = s.Catalog.Publish(t.Context(), ann(), catalog.PublishInput{Product: p.ID, Version: p.Version, Channel: "app"})
		require.NoError(t, err)
		_, err = s.Prices.Set(t.Context(), ann(), []pricing.SetInput{{SKU: "tea", Channel: "app", Unit: usd(1250)}})
		require.NoError(t, err)

		first := off("first", 500)
		first.When = promo.Condition{Orders: &promo.OrdersCondition{From: 1, To: 1}}
		first.Limits.PerMember = most
		s.offer(first)
		bo := ref.Member("bo")
		here := s.choose(bo, want{"tea", 1})
		there := here
		c, err := s.Carts.Open(t.Context(), bo, "app")
		require.NoError(t, err)
		there.Cart = c.ID
		_, err = s.Carts.Add(t.Context(), bo, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 1}}})
		require.NoError(t, err)

		placed, changed := s.race([]ref.Scope{bo, bo}, []checkout.Choice{here, there})
		require.Equal(t, 2, len(placed)+changed)
		require.NotEmpty(t, placed)
		for _, p := range placed {
			require.Equal(t, usd(500), p.Group.Orders[0].Discount)
		}
		if most == 1 {
			require.Len(t, placed, 1)
		}
		if changed == 1 { // and no further one is the first
			if q, err := s.Checkout.Quote(t.Context(), bo, there); err == nil && q.Ready {
				require.Equal(t, usd(0), q.Promotions.Totals.Discount)
			}
		}
		s.sound()
	}
}
