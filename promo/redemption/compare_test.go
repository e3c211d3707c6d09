package redemption_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
)

// grant puts a promotion live that wants a coupon, and gives a member one.
func (s *shop) grant(who ref.MemberID, p promo.Promotion) ref.CouponID {
	s.Helper()
	p.Redeem = promo.RedeemCoupon
	s.offer(p)
	id := coupon.TemplateID(p.ID)
	tpl, err := s.Coupons.Create(s.Context(), ann(), coupon.CreateInput{
		ID: id, Merchant: p.Merchant, Terms: coupon.Terms{Promotion: p.ID, Name: p.Name, Way: coupon.ByHand},
	})
	require.NoError(s, err)
	_, err = s.Coupons.Activate(s.Context(), ann(), id, tpl.Version)
	require.NoError(s, err)
	given, err := s.Coupons.Issue(s.Context(), ann(), coupon.IssueInput{Template: id, Members: []ref.MemberID{who}, Key: string(id)})
	require.NoError(s, err)
	return given[0].ID
}

func TestCouponsAreCompared(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		m, err := s.Members.Register(s.Context(), ann(), member.RegisterInput{Email: "bo@shop.example"})
		require.NoError(s, err)
		bo := ref.Member(m.ID)
		spent := off("spent", 900)
		spent.Limits.Uses = 1
		little, much := s.grant(m.ID, off("little", 300)), s.grant(m.ID, off("much", 500))
		s.grant(m.ID, spent)
		far := off("far", 4000)
		far.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(90000)}}
		s.grant(m.ID, far)
		s.grant(m.ID, promo.Promotion{
			ID: "theirs", Name: "theirs", Merchant: "pottery", Benefit: off("", 400).Benefit,
		})

		// Somebody else takes the last use of one of them.
		d, err := s.Members.Register(s.Context(), ann(), member.RegisterInput{Email: "di@shop.example"})
		require.NoError(s, err)
		di := ref.Member(d.ID)
		_, err = s.Coupons.Issue(s.Context(), ann(), coupon.IssueInput{Template: "spent", Members: []ref.MemberID{d.ID}, Key: "di"})
		require.NoError(s, err)
		s.buy(di, s.choose(di, want{"tea", 1}))

		choice := s.choose(bo, want{"tea", 2})
		q, err := s.Checkout.Compare(s.Context(), bo, choice)
		require.NoError(s, err)
		require.Equal(s, []promo.Alternative{
			{Promotion: "much", Coupon: much, Off: usd(500), Less: usd(0), Optimal: true, Gap: usd(0)},
			{Promotion: "little", Coupon: little, Off: usd(300), Less: usd(200), Optimal: true, Gap: usd(0)},
			{Off: usd(0), Less: usd(500), Optimal: true, Gap: usd(0)},
		}, q.Alternatives)
		plain := s.quote(bo, choice)
		require.Empty(s, plain.Alternatives)
		require.Equal(s, plain.ID, q.ID)

		// What is chosen does not change what there is to choose.
		choice.Coupons = []ref.CouponID{little}
		pinned, err := s.Checkout.Compare(s.Context(), bo, choice)
		require.NoError(s, err)
		require.Equal(s, q.Alternatives, pinned.Alternatives)
		require.Equal(s, usd(2500-300), pinned.Payable)
		require.Equal(s, usd(200), pinned.Promotions.Search.PinCost)
		require.NotEqual(s, q.ID, pinned.ID)

		// Nor does it that none is wanted, or none but one.
		only := choice
		only.NoOtherCoupons = true
		alone := s.quote(bo, only)
		require.Equal(s, usd(2500-300), alone.Payable)
		require.NotEqual(s, pinned.ID, alone.ID, "it is another choice")
		only.Coupons = nil
		none, err := s.Checkout.Compare(s.Context(), bo, only)
		require.NoError(s, err)
		require.Equal(s, usd(2500), none.Payable)
		require.Equal(s, q.Alternatives, none.Alternatives)
		for _, d := range none.Promotions.Decisions {
			require.Equal(s, map[ref.PromotionID]promo.Code{
				"much": promo.CodeDeclined, "little": promo.CodeDeclined, "spent": promo.CodeLimitGlobal, "far": promo.CodeBelowAmount,
			}[d.Promotion], d.Code, d.Promotion)
		}
		require.NotEqual(s, q.ID, none.ID)
		placed, err := s.place(s.Context(), bo, choice, pinned.ID)
		require.NoError(s, err)
		require.Equal(s, little, placed.Group.Orders[0].Lines[0].Adjustments[0].Coupon)
		_, err = s.Checkout.Compare(s.Context(), bo, checkout.Choice{Cart: "none"})
		require.Error(s, err)
		s.sound()
	})
}
