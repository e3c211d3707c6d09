package redemption_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
)

// What was sent to the door and not taken has used its coupon as far as one that
// was paid and canceled: it comes back where its terms say so. What was not sent
// gives it back in any case.
func TestACouponOfARefusedParcelComesBackByItsTerms(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		s := otherBanks(t, b)
		for i, c := range []struct {
			reusable, shipped bool
			want              coupon.State
		}{
			{false, false, coupon.Claimed}, {false, true, coupon.Used}, {true, true, coupon.Claimed},
		} {
			id := coupon.TemplateID(fmt.Sprint("t", i))
			p := off(ref.PromotionID(id), 300)
			p.Redeem = promo.RedeemCoupon
			s.offer(p)
			tpl, err := s.Coupons.Create(t.Context(), ann(), coupon.CreateInput{ID: id, Terms: coupon.Terms{
				Promotion: p.ID, Name: string(id), Way: coupon.ByHand, Validity: coupon.Validity{Until: s.clock.Now().Add(time.Hour)},
				Reusable: c.reusable,
			}})
			require.NoError(t, err)
			_, err = s.Coupons.Activate(t.Context(), ann(), id, tpl.Version)
			require.NoError(t, err)
			bo := ref.MemberID(fmt.Sprint("bo-", i))
			given, err := s.Coupons.Issue(t.Context(), ann(), coupon.IssueInput{Template: id, Members: []ref.MemberID{bo}})
			require.NoError(t, err)

			choice := s.choose(ref.Member(bo), want{"tea", 1})
			choice.Gateway = "cod"
			g := s.buy(ref.Member(bo), choice).Group
			require.Equal(t, usd(950), g.Payable)
			if c.shipped {
				_, err = s.Orders.Ship(t.Context(), ann(), order.ShipInput{Target: order.Target{Group: g.ID, Order: g.Orders[0].ID}})
				require.NoError(t, err)
				_, err = s.Checkout.TakeBack(t.Context(), ann(), checkout.CancelInput{Group: g.ID})
			} else {
				_, err = s.Checkout.Cancel(t.Context(), ref.Member(bo), checkout.CancelInput{Group: g.ID})
			}
			require.NoError(t, err)
			got, err := s.Coupons.Get(t.Context(), ann(), given[0].ID)
			require.NoError(t, err)
			require.Equal(t, c.want, got.State, i)
			require.Zero(t, s.used(p.ID).Uses)
			s.sound()
		}
	})
}
