package shop_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
)

// TestABrowserSearches types into the box, walks through what it suggests,
// narrows results down and reads on, in both shops.
func TestABrowserSearches(t *testing.T) {
	t.Parallel()
	onEveryScreen(t, func(t *testing.T, b *tab, channel string) {
		t.Helper()
		h := newHouse(t, openMemory())
		home := h.url + "/" + channel
		b.do(chromedp.Navigate(home + "/search?q=x"))
		b.shot("search-away")
		h.searched()
		b.do(chromedp.Navigate(home + "/"))
		typed := map[string]string{"en": "ca", "zh": "被"}[channel]
		b.eval(`(document.getElementById("search-text").focus(), "")`)
		b.eval(`(() => { const f = document.getElementById("search-text"); f.value = "` + typed + `"; f.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
		b.wait(`document.querySelector("#suggestions a")`)
		b.shot("search-suggestions")
		b.key("ArrowDown")
		require.Equal(t, "A", b.eval(`document.activeElement.tagName`))
		b.key("Escape")
		b.wait(`document.activeElement.id === "search-text" && !document.querySelector("#suggestions a")`)

		b.do(chromedp.Navigate(home + "/search"))
		b.shot("search-all")
		b.eval(`(document.getElementById("show-facets").checked = true, "")`)
		b.shot("search-facets")
		if channel == "en" { // which has more than a page of them here
			require.Equal(t, "24", b.eval(`String(document.querySelectorAll("#results article").length)`))
			b.click("#more a", `#results article:nth-of-type(25)`)
			b.wait(`document.activeElement.closest("article") === document.querySelectorAll("#results article")[24]`)
		}
		b.click(`.facets input[name="brand"]`, `.chips a`)
		b.shot("search-chosen")
		require.Contains(t, b.eval(`location.search`), "brand=")
		b.click(`.chips a`, `#results:not(:has(.chips)) article`)
		require.NotContains(t, b.eval(`location.search`), "brand=")
		name := h.products(ref.ChannelID(channel))[0].Name
		b.eval(`(document.getElementById("search-text").value = ` + quote(name) + `, "")`)
		b.click(`form.search button`, `#results article a[href*="found="]`)
		b.shot("search-found")
		b.click(`#results article a`, `form.buy, .stock`)
		b.do(chromedp.Navigate(home + "/search?q=" + map[string]string{"en": "wqxzk", "zh": "%E9%BE%98%E9%9D%90"}[channel]))
		b.shot("search-nothing")
		b.do(chromedp.Navigate(home + "/search?brand=none"))
		b.shot("search-filtered")
		b.do(chromedp.Navigate(home + "/search?q=%ff&min=x&sort=y"))
		b.shot("search-invalid")
	})
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(`+expression+`) ? "yes" : ""`))
		return err == nil && v == "yes"
	}, 20*time.Second, 20*time.Millisecond, "never: %s", expression)
}

// key presses a key where the focus is.
func (b *tab) key(name string) {
	b.t.Helper()
	b.eval(`(document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "` + name + `", bubbles: true, cancelable: true})), "")`)
}
