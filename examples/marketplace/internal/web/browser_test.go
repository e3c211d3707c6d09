package web_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/internal/chrometest"
)

// TestPagesWorkUnderTheirPolicy opens a cart behind the shield in a browser:
// the style sheet and the scripts must get through the content security
// policy, and a click must exchange the cart and nothing else.
func TestPagesWorkUnderTheirPolicy(t *testing.T) {
	t.Parallel()
	assets, err := web.NewAssets()
	require.NoError(t, err)
	pictures, err := web.NewPictures("")
	require.NoError(t, err)
	renderer, err := web.NewRenderer(web.RendererConfig{Assets: assets})
	require.NoError(t, err)
	s := newSamples(t, ref.Chinese)
	var whole, parts atomic.Int64
	mux := http.NewServeMux()
	mux.Handle("GET /static/", assets)
	mux.Handle("GET /pictures/", pictures)
	mux.HandleFunc("GET /zh/cart", func(w http.ResponseWriter, _ *http.Request) {
		whole.Add(1)
		if err := renderer.Page(w, http.StatusOK, s.cart(false)); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /zh/cart/lines/{line}", func(w http.ResponseWriter, r *http.Request) {
		parts.Add(1)
		in, err := web.ReadForm(r)
		if err != nil || !web.Wants(r) || in["step"] != "1" || in["version"] != "3" {
			t.Errorf("form %v, %v", in, err)
		}
		cart := s.cart(false)
		cart.Pieces = 41
		cart.Groups[0].Lines[0].Quantity = 17
		if err := renderer.Fragment(w, http.StatusOK, cart, "cart_fragment"); err != nil {
			t.Error(err)
		}
	})
	srv := httptest.NewServer(web.Shield(mux, web.ShieldConfig{Fail: func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusForbidden)
	}}))
	t.Cleanup(srv.Close)

	browser := chrometest.New(t)
	require.NoError(t, chromedp.Do(browser, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(srv.URL+"/zh/cart")))
	eval := func(expression string) string {
		v, err := chromedp.Run(browser, chromedp.Evaluate[string](expression))
		require.NoError(t, err)
		return v
	}
	require.Equal(t, "function", eval(`typeof htmx.ajax`))
	require.Equal(t, "grid", eval(`getComputedStyle(document.querySelector(".split")).display`))
	require.Equal(t, "400", eval(`String(document.querySelector(".cart-line img").naturalWidth)`))

	require.NoError(t, chromedp.Do(browser, chromedp.Click(chromedp.CSS(`.cart-line .stepper button[value="1"]`))))
	require.Eventually(t, func() bool {
		v, err := chromedp.Run(browser, chromedp.Evaluate[string](`document.querySelector("#cart input[name=quantity]").value`))
		return err == nil && v == strconv.Itoa(17)
	}, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, "41", eval(`document.querySelector("#cart-count [aria-hidden]").textContent`))
	require.Equal(t, "1", eval(`String(document.querySelectorAll("#cart").length)`))
	require.EqualValues(t, 1, whole.Load())
	require.EqualValues(t, 1, parts.Load())
}
