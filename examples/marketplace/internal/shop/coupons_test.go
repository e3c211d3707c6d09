package shop_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/promo/coupon"
)

func (v *visitor) signedIn() {
	v.t.Helper()
	ada := seed.Member()
	a := v.post("/sign-in", "email", ada.Email, "password", ada.Password, "next", v.base+"/coupons")
	require.Equal(v.t, v.base+"/coupons", a.path, a.body)
}

// claimForm is the first form of a page that claims a coupon.
func claimForm(t *testing.T, a answer) []string {
	t.Helper()
	return []string{
		"template", a.find(t, `name="template" value="([^"]+)"`), "key", a.find(t, `name="key" value="([^"]+)"`),
	}
}

func TestMembersTakeCoupons(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.offers("ten", coupon.Terms{
			Name: "Ten off <all>", Note: "Once only", Way: coupon.ByClaim, Channel: "en",
			Validity: coupon.Validity{Days: 7}, Total: 2, PerMember: 1,
		})
		h.offers("zehn", coupon.Terms{Name: "满百减十", Way: coupon.ByClaim, Channel: "zh"})
		v := h.visitor("en")
		a := v.get("/coupons")
		require.Equal(t, 200, a.status)
		require.Contains(t, a.body, "Ten off <all>")
		require.NotContains(t, a.body, "满百减十", "another storefront's")
		require.Contains(t, a.body, "Sign in to take it")
		require.NotContains(t, a.body, `name="code"`)
		require.Contains(t, v.post("/coupons/claim", "template", "ten", "key", "k").path, "/sign-in")
		require.Contains(t, v.post("/coupons/codes", "code", "x").path, "/sign-in")

		v.signedIn()
		a = v.get("/coupons")
		require.Contains(t, a.body, "2 left")
		form := claimForm(t, a)
		a = v.post("/coupons/claim", form...)
		require.Equal(t, "/en/coupons", a.path)
		require.Contains(t, a.body, "is among your coupons")
		require.Contains(t, a.body, "You have had yours.")
		require.Contains(t, v.post("/coupons/claim", form...).body, "is among your coupons", "a second submit is the same claim")
		require.Contains(t, v.post("/coupons/claim", "template", "ten", "key", "another").body, "You have had yours.")
		for _, q := range []string{"?show=held", "?show=used", "?show=expired", "?show=nonsense", "?show=claimed"} {
			require.Equal(t, 200, v.get("/coupons"+q).status, q)
		}
		h.clock.Advance(8 * 24 * time.Hour)
		require.NotContains(t, v.get("/coupons?show=claimed").body, "state c-usable")
		require.Contains(t, v.get("/coupons?show=expired").body, "state c-expired")
		require.Equal(t, "/en/coupons", v.get("/coupons?after=junk").path)
		require.Equal(t, http.StatusUnprocessableEntity, v.get("/coupons?after=1&after=2").status)
		for _, id := range []string{"", "none", "\x00", strings.Repeat("x", 99)} {
			require.Equal(t, http.StatusNotFound, v.post("/coupons/claim", "template", id, "key", "k").status, "%q", id)
		}
		require.Equal(t, http.StatusUnprocessableEntity, v.post("/coupons/claim", "template", "ten", "key", "a\nb").status)
		h.sound()
	})
}

func TestMembersRedeemCodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.offers("coded", coupon.Terms{Name: "五元券", Way: coupon.ByCode, Channel: "zh", PerMember: 1})
	_, codes, err := h.market.Coupons.MakeCodes(t.Context(), ref.System(), "coded", 2)
	require.NoError(t, err)
	v := h.visitor("zh")
	v.signedIn()
	for code, words := range map[string]string{
		"": "请填写此项", "hello": "17 位", "0000-0000-0000-0000-1": "逐位核对", "0000-0000-0000-0000-0": "没有这个兑换码",
	} {
		a := v.post("/coupons/codes", "code", code)
		require.Equal(t, http.StatusUnprocessableEntity, a.status, code)
		require.Contains(t, a.body, words, code)
	}
	a := v.post("/coupons/codes", "code", strings.ToLower(codes[0]))
	require.Equal(t, "/zh/coupons", a.path, a.body)
	require.Contains(t, a.body, "“五元券”已放入您的优惠券")
	a = v.post("/coupons/codes", "code", codes[1])
	require.Contains(t, a.body, "领取上限")
	for range 12 {
		a = v.post("/coupons/codes", "code", "0000-0000-0000-0000-0")
	}
	require.Equal(t, http.StatusTooManyRequests, a.status)
	require.Contains(t, a.body, "尝试次数过多")
	h.sound()
}
