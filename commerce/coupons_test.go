package commerce_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

// rewarding promises a coupon for every order.
type rewarding struct{ checkout.NoPromotions }

func (r rewarding) Apply(ctx context.Context, b checkout.Basket) (checkout.Adjusted, error) {
	out, err := r.NoPromotions.Apply(ctx, b)
	out.Result.Rewards = []promo.RewardGrant{{Promotion: "p", Version: 1, Kind: promo.RewardCoupon, Of: "thanks", Count: 1}}
	return out, err
}

func (rewarding) CouponOwner(context.Context, ref.PromotionID) (ref.MerchantID, error) {
	return "", nil
}

func (rewarding) Coupons(context.Context, ref.GroupID) ([]coupon.Reward, error) {
	return []coupon.Reward{{Promotion: "p", Template: "thanks", Count: 1}}, nil
}

// A shop gives coupons to who joins and to who buys, takes back what was earned
// by an order that came to nothing, and expires what nobody uses.
func TestAShopWithCoupons(t *testing.T) {
	t.Parallel()
	now := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	m, err := commerce.New(commerce.Config{
		Clock:    now,
		Checkout: commerce.CheckoutConfig{Promotions: rewarding{}},
		Coupons: commerce.CouponsConfig{
			Rewards: rewarding{}, Promotions: rewarding{},
			CodeKeys: []coupon.CodeKey{{ID: "1", Secret: bytes.Repeat([]byte("k"), coupon.MinSecret)}},
		},
	})
	require.NoError(t, err)
	stock(t, m)
	for id, way := range map[coupon.TemplateID]coupon.Way{"thanks": coupon.ByReward, "welcome": coupon.ByRegistration} {
		tpl, err := m.Coupons.Create(t.Context(), staff(), coupon.CreateInput{ID: id, Terms: coupon.Terms{
			Promotion: "five-off", Name: string(id), Way: way, Validity: coupon.Validity{Days: 7},
		}})
		require.NoError(t, err)
		_, err = m.Coupons.Activate(t.Context(), staff(), id, tpl.Version)
		require.NoError(t, err)
	}
	bo, err := m.Members.Register(t.Context(), staff(), member.RegisterInput{Email: "bo@shop.example"})
	require.NoError(t, err)
	buyer := ref.Member(bo.ID)
	has := func(state coupon.State, want ...coupon.TemplateID) {
		t.Helper()
		require.NoError(t, m.Drain(t.Context()))
		list, err := m.Coupons.List(t.Context(), buyer, coupon.Query{State: state}, page.Request{})
		require.NoError(t, err)
		var got []coupon.TemplateID
		for _, c := range list.Items {
			got = append(got, c.Template)
		}
		require.ElementsMatch(t, want, got)
	}
	require.NoError(t, m.Drain(t.Context()))
	placed := buy(t, m, buyer, 1)
	has(coupon.Claimed, "welcome", "thanks")

	_, err = m.Checkout.Cancel(t.Context(), buyer, checkout.CancelInput{Group: placed.Group.ID})
	require.NoError(t, err)
	has(coupon.Claimed, "welcome")
	has(coupon.Revoked, "thanks")
	now.Advance(7 * 24 * time.Hour)
	has(coupon.Expired, "welcome")
	for v, err := range m.Verify(t.Context()) {
		require.NoError(t, err)
		require.Fail(t, "violation", "%+v", v)
	}
}

// Codes are guessed a few times, not ten thousand, and signing in is another
// matter.
func TestGuessesOfCodesAreCountedInTheStores(t *testing.T) {
	t.Parallel()
	now := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	m, err := commerce.New(commerce.Config{Clock: now, Coupons: commerce.CouponsConfig{
		CodeKeys:   []coupon.CodeKey{{ID: "1", Secret: bytes.Repeat([]byte("k"), coupon.MinSecret)}},
		Promotions: rewarding{},
	}})
	require.NoError(t, err)
	tpl, err := m.Coupons.Create(t.Context(), staff(), coupon.CreateInput{Terms: coupon.Terms{Promotion: "p", Name: "n", Way: coupon.ByCode}})
	require.NoError(t, err)
	_, err = m.Coupons.Activate(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	_, codes, err := m.Coupons.MakeCodes(t.Context(), staff(), tpl.ID, 1)
	require.NoError(t, err)
	try := func(who ref.MemberID, code string) error {
		_, err := m.Coupons.Redeem(t.Context(), ref.Member(who), coupon.RedeemInput{Code: code, Origin: "192.0.2.1"})
		return err
	}
	looked := 0
	for range 1_000 {
		err := try("eve", "0000-0000-0000-0000-0")
		if fault.KindOf(err) == fault.NotFound {
			looked++
			continue
		}
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Equal(t, fault.RateLimited, f.Kind)
		require.Equal(t, "coupon.throttled", f.Code)
		require.EqualValues(t, 900, f.Params["retry_after"])
	}
	require.Equal(t, 10, looked)
	require.ErrorIs(t, try("bo", codes[0]), fault.RateLimited, "where it comes from is worn out too")
	_, err = m.Members.SignIn(t.Context(), member.SignInInput{Email: "eve@shop.example", Password: "four wet tea leaves", Origin: "192.0.2.1"})
	require.ErrorIs(t, err, fault.Unauthenticated)
	now.Advance(15 * time.Minute)
	require.NoError(t, try("bo", codes[0]))
}

// A template names a campaign that is there, of the same owner, and that wants
// a coupon.
func TestCouponsAreForCampaigns(t *testing.T) {
	t.Parallel()
	m, err := commerce.New(commerce.Config{})
	require.NoError(t, err)
	for id, redeem := range map[ref.PromotionID]promo.Redeem{"wants": promo.RedeemCoupon, "automatic": promo.RedeemNothing} {
		_, err := m.Campaigns.Save(t.Context(), staff(), campaign.SaveInput{Promotion: promo.Promotion{
			ID: id, Name: "Five off", Redeem: redeem,
			Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: money.New(500, "USD"), Per: promo.PerOrder}},
		}})
		require.NoError(t, err)
	}
	for id, wrong := range map[ref.PromotionID]string{"wants": "", "automatic": "wants_no_coupon", "nowhere": "unknown"} {
		_, err := m.Coupons.Create(t.Context(), staff(), coupon.CreateInput{
			Terms: coupon.Terms{Promotion: id, Name: "Five off", Way: coupon.ByClaim},
		})
		if wrong == "" {
			require.NoError(t, err)
			continue
		}
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Equal(t, []fault.Field{{Path: "promotion", Code: wrong}}, f.Fields)
	}
}
