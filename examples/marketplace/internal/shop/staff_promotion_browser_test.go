package shop_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/promo/campaign"
)

// TestABrowserRunsPromotions makes a promotion in a real browser, in both
// languages, and looks at the other pages of the promotions' staff.
func TestABrowserRunsPromotions(t *testing.T) {
	t.Parallel()
	onEveryScreen(t, func(t *testing.T, b *tab, channel string) {
		t.Helper()
		h := newHouse(t, openMemory())
		b.do(chromedp.Navigate(h.url + "/staff/sign-in?lang=" + channel))
		b.fill("email", seed.Staff().Email)
		b.fill("password", seed.Staff().Password)
		b.click(`form[action="/staff/sign-in"] button`, `nav.menu`)
		b.click(`a[href="/staff/promotions"]`, `table`)
		b.shot("promotions")
		b.do(chromedp.Navigate(h.url + "/staff/promotions?state=ended"))
		b.shot("promotions-empty")
		b.do(chromedp.Navigate(h.url + "/staff/promotions/new"))
		b.shot("promotion-choose")
		b.click(`a[href$="kind=reduction"]`, `form [name="v.over"]`)
		b.fill("channel", channel)
		b.fill("name", "Fifty")
		b.fill("v.over", "400")
		b.fill("v.off", "x")
		b.click(`button[value="check"]`, `#e-v-off`)
		b.shot("promotion-wrong")
		b.fill("v.off", "50")
		b.fill("groups", "reduction-or-coupon")
		b.fill("uses", "100")
		b.click(`button[value="check"]`, `#tried`)
		b.shot("promotion-checked")
		b.click(`button[value="save"]`, `.notice.good`)
		b.eval(`document.querySelectorAll("details").forEach(d => { d.open = true }), ""`)
		b.shot("promotion")
		b.click(`form:has(input[value="active"]) button`, `form input[value="paused"]`)
		live, err := h.market.Campaigns.Live(t.Context())
		require.NoError(t, err)
		id := ""
		for _, p := range live.Promotions {
			if p.Name == "Fifty" {
				id = string(p.ID)
			}
		}
		require.Equal(t, campaign.Active, h.campaign(id).State)
		b.do(chromedp.Navigate(h.url + "/staff/promotions/" + channel + "-spend-300?try=yes"))
		b.shot("promotion-tried")
		b.do(chromedp.Navigate(h.url + "/staff/promotions/" + channel + "-spend-300/edit"))
		b.shot("promotion-json")
		b.do(chromedp.Navigate(h.url + "/staff/groups"))
		b.eval(`document.querySelectorAll("details").forEach(d => { d.open = true }), ""`)
		b.shot("groups")
		b.do(chromedp.Navigate(h.url + "/staff/coupons"))
		b.shot("coupon-kinds")
		b.do(chromedp.Navigate(h.url + "/staff/coupons/new"))
		b.shot("coupon-new")
		b.do(chromedp.Navigate(h.url + "/staff/coupons/" + channel + "-20-off-200"))
		b.fill("members", seed.Member().Email)
		b.click(`form[action$="/issue"] button`, `.notice.good`)
		b.shot("coupon-kind")
		h.sound()
	})
}
