package shop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/recommend/shelf"
)

const (
	recommendations = "//staff/recommendations"
	// waiting is how long something may take in a browser, looked at every pause.
	waiting, pause = 20 * time.Second, 50 * time.Millisecond
)

func TestStaffReadWhatCameOfShelves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.learned()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		none := noor.get(recommendations)
		require.Equal(t, 200, none.status)
		require.Contains(t, none.body, "Nothing was seen yet")
		require.Contains(t, none.body, "As built in")
		require.Contains(t, none.body, "Interactions it was fitted to")
		require.Contains(t, none.body, "Chosen")

		v := h.visitor("en")
		v.post("/shelves/seen", "shelves", v.get("/").find(t, `data-shelf="([^"]+)"`))
		home := v.get("/")
		v.get(home.find(t, shelfLink))
		h.seen()
		a := noor.get(recommendations + "?days=7&slot=home")
		require.Equal(t, 200, a.status)
		require.Contains(t, a.body, "50.0%")
		require.Contains(t, a.body, `class="curve curve-0"`)
		require.Contains(t, a.body, "en · guests")
		require.Contains(t, a.body, "en · new visitors")
		require.Equal(t, 2, strings.Count(a.body, `<th scope="col" class="num">Coverage</th>`), "of the strategies and by visitors")
		require.Contains(t, noor.get(recommendations+"?slot=cart").body, "Nothing was seen yet")
		for _, q := range []string{"days=x", "slot=nowhere", "days=999999999999&slot=" + strings.Repeat("y", 3000), "slot=%00"} {
			require.Equal(t, 200, noor.get(recommendations+"?"+q).status, q)
		}
		require.Equal(t, 422, noor.get(recommendations+"?slot=%ff").status)
	})
}

func TestStaffDecideHowShelvesAreFilled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).learned()
	noor := h.employee(seed.Staff().Email, seed.Staff().Password)
	at := recommendations + "/home_hot"
	form := noor.get(at)
	require.Contains(t, form.body, `name="use.hot" value="yes" checked`)
	require.NotContains(t, form.body, `name="use.together"`, "a home page has no product it goes with")
	require.Contains(t, noor.get(recommendations+"/cart").body, `name="use.together" value="yes" checked`)
	for _, wrong := range []struct {
		said string
		form []string
	}{
		{"not on the list", []string{"mode", "magic", "use.hot", "yes"}},
		{"Choose from 1 to 1 strategies", []string{"mode", "fixed"}},
		{"Choose from 1 to 1 strategies", []string{"mode", "fixed", "use.hot", "yes", "use.newest", "yes"}},
		{"Choose from 2 to 2 strategies", []string{"mode", "interleave", "use.hot", "yes", "use.newest", "yes", "use.trending", "yes"}},
		{"Choose from 2 to 10 strategies", []string{"mode", "bandit", "use.hot", "yes", "use.unknown", "yes", "use.together", "yes"}},
		{"not a number", []string{"mode", "split", "use.hot", "yes", "use.newest", "yes", "weight.hot", "many", "weight.newest", "1"}},
		{"outside", []string{"mode", "split", "use.hot", "yes", "use.newest", "yes", "weight.hot", "-1", "weight.newest", "1"}},
		{"At least one share", []string{"mode", "split", "use.hot", "yes", "use.newest", "yes", "weight.hot", "0", "weight.newest", "0"}},
	} {
		a := noor.post(at, append(wrong.form, "version", "0")...)
		require.Equal(t, 422, a.status, "%v", wrong.form)
		require.Contains(t, a.body, wrong.said, "%v", wrong.form)
		require.Contains(t, a.body, `value="0"`)
	}
	require.Equal(t, 422, noor.post(at, "mode", "fixed", "use.hot", "yes").status, "without a version")
	require.Equal(t, 422, noor.send(at, "version=0&mode=%ff").status)
	for _, unknown := range []string{"/attic", "/%00", "/" + strings.Repeat("x", 3000)} {
		require.Equal(t, 404, noor.get(recommendations+unknown).status)
		require.Equal(t, 404, noor.post(recommendations+unknown, "version", "0", "mode", "fixed", "use.hot", "yes").status)
	}

	saved := noor.post(at, "version", "0", "mode", "split", "use.newest", "yes", "weight.newest", "3", "use.hot", "yes", "weight.hot", "1")
	require.Equal(t, "/staff/recommendations", saved.path)
	require.Contains(t, saved.body, "Saved and in use.")
	require.Contains(t, saved.body, "75.0%")
	late := noor.post(at, "version", "0", "mode", "fixed", "use.newest", "yes")
	require.Equal(t, 409, late.status)
	require.Contains(t, late.body, "Somebody changed this meanwhile")
	require.Contains(t, late.body, `name="use.newest" value="yes" checked`, "what was chosen stays")
	form = noor.get(at)
	require.Contains(t, form.body, `value="split" selected`)
	require.Contains(t, form.body, `name="weight.newest" value="3"`)
	version := form.find(t, `name="version" value="(\d+)"`)
	require.Equal(t, "/staff/recommendations", noor.post(at, "version", version, "mode", "fixed", "use.newest", "yes").path)
	require.Equal(t, 409, noor.post(at, "version", version, "mode", "fixed", "use.hot", "yes").status)
	require.Contains(t, h.visitor("en").get("/").body, "New in the shop", "it is in use at once")

	_, err := h.market.Recommend.SavePolicy(t.Context(), staff(), shelf.PolicyInput{Slot: "letter", Mode: shelf.Fixed, Arms: []shelf.Arm{{Name: "hot"}}})
	require.NoError(t, err)
	require.Contains(t, noor.get(recommendations).body, ">letter</a>", "a place of another program")
	require.Equal(t, 200, noor.get(recommendations+"/letter").status)
}

func TestOnlyMarketingDecidesHowShelvesAreFilled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	require.Equal(t, "/staff/sign-in", h.visitor("en").get(recommendations).path)
	require.Equal(t, "/staff/sign-in", h.visitor("en").post(recommendations+"/home", "version", "0").path)
	h.hire("cleo", access.Support)
	cleo := h.employee("cleo", "boxes upon boxes")
	for _, path := range []string{recommendations, recommendations + "/home"} {
		require.Equal(t, 403, cleo.get(path).status, path)
	}
	require.Equal(t, 403, cleo.post(recommendations+"/home", "version", "0", "mode", "fixed", "use.hot", "yes").status)
	require.NotContains(t, cleo.get("//staff/orders").body, "/staff/recommendations")
	h.hire("vito", access.Viewer)
	vito := &visitor{house: h, base: "/en", client: h.visitor("en").client}
	vito.post("//staff/sign-in", "email", "vito", "password", "boxes upon boxes")
	require.Equal(t, 200, vito.get(recommendations).status)
	require.NotContains(t, vito.get(recommendations).body, `href="/staff/recommendations/home"`)
	require.Equal(t, 403, vito.get(recommendations+"/home").status)
	require.Equal(t, 403, vito.post(recommendations+"/home", "version", "0", "mode", "fixed", "use.hot", "yes").status)
}

// TestABrowserIsRecommended looks around with a browser that the shop does not
// know, until its shelves are made for it, and then at what came of it.
func TestABrowserIsRecommended(t *testing.T) {
	t.Parallel()
	onEveryScreen(t, func(t *testing.T, b *tab, channel string) {
		t.Helper()
		h := newHouse(t, openMemory()).learned()
		home := h.url + "/" + channel + "/"
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		// The browser renders the page ahead of time, as it may for a link.
		_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `Object.defineProperty(document, "prerendering", { get: () => sessionStorage.getItem("asked") !== "yes" })`,
		})
		require.NoError(t, err)
		b.do(chromedp.Navigate(home))
		b.shot("shelves-home-new")
		p := h.products(ref.ChannelID(channel))[1]
		b.eval(`(document.querySelector(".shelf").scrollIntoView({block: "center"}), "")`)
		require.Never(t, func() bool { return len(h.seen()) > 0 }, 6*pause, pause, "it is on no screen yet")
		b.eval(`(sessionStorage.setItem("asked", "yes"), document.dispatchEvent(new Event("prerenderingchange")), "")`)
		require.Eventually(t, func() bool { return len(h.seen()) > 0 }, waiting, pause, "a shelf on the screen is counted")
		b.do(chromedp.Navigate(home + "p/" + p.Slug))
		b.eval(`(document.querySelector(".shelf").scrollIntoView({block: "center"}), "")`)
		b.shot("shelves-product")
		b.click(`form.buy button`, "#cart")
		h.learned()
		b.do(chromedp.Navigate(home + "cart"))
		b.shot("shelves-cart")
		b.do(chromedp.Navigate(home))
		b.shot("shelves-home")
		require.NotEmpty(t, b.eval(`document.querySelector(".card-why").textContent`))
		gone := b.eval(`document.querySelector(".shelf .unwanted input").value`)
		b.click(`.shelf .unwanted button`, ".notice.good")
		require.Equal(t, "", b.eval(`document.querySelector('.shelf .unwanted input[value="`+gone+`"]') ? "there" : ""`))
		b.shot("shelves-hidden")
		b.click(`.shelf h3 a`, "form.buy, .stock")
		require.Eventually(t, func() bool {
			for _, l := range h.seen() {
				if l.ClickRate > 0 {
					return true
				}
			}
			return false
		}, waiting, pause, "a click is counted")
		b.do(chromedp.Navigate(home + "c/" + p.Category))
		b.shot("shelves-category")

		require.Equal(t, "/staff/recommendations", noor.post(recommendations+"/home", "version", "0", "mode", "bandit", "use.for_you", "yes", "use.hot", "yes").path)
		b.do(chromedp.Navigate(h.url + "/staff/sign-in?lang=" + channel))
		b.fill("email", seed.Staff().Email)
		b.fill("password", seed.Staff().Password)
		b.click(`form[action="/staff/sign-in"] button`, `nav.menu`)
		b.click(`a[href="/staff/recommendations"]`, `.curves`)
		b.shot("staff-shelves")
		b.do(chromedp.Navigate(h.url + "/staff/recommendations?slot=cart"))
		b.shot("staff-shelves-none")
		b.do(chromedp.Navigate(h.url + "/staff/recommendations/product_also"))
		b.shot("staff-shelf")
		b.fill("mode", "split")
		b.fill("weight.also_bought", "most")
		b.click(`.policy button`, `.arm .error, #e-arms`)
		b.shot("staff-shelf-wrong")
		b.eval(`(document.querySelector('[name="use.similar"]').checked = true, "")`)
		b.fill("weight.also_bought", "3")
		b.click(`.policy button`, `.notice.good`)
	})
}
