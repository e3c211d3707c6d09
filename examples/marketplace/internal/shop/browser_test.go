package shop_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/internal/chrometest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// onEveryScreen runs a test in the browser for each shop, on a desk and on a
// telephone. A short run, which looks for races in our code and not in the
// browser's, sees a single screen.
func onEveryScreen(t *testing.T, fn func(t *testing.T, b *tab, channel string)) {
	t.Helper()
	browser := chrometest.New(t)
	for _, channel := range []string{"en", "zh"} {
		for device, width := range map[string]int64{"desk": 1280, "phone": 390} {
			t.Run(channel+"/"+device, func(t *testing.T) {
				t.Parallel()
				if testing.Short() && (channel != "zh" || device != "phone") {
					t.Skip("one screen asks for as much at once as the others")
				}
				b := &tab{t: t, ctx: chrometest.Tab(t, browser), name: channel + "-" + device}
				b.do(chromedp.EmulateViewport(width, 800))
				fn(t, b, channel)
			})
		}
	}
}

// TestABrowserBuys buys in a real browser, in both shops: as a guest on a desk,
// and on a telephone as somebody who signs up and in again. SOUK_SCREENSHOTS names
// a folder for pictures of the way.
func TestABrowserBuys(t *testing.T) {
	t.Parallel()
	onEveryScreen(t, func(t *testing.T, b *tab, channel string) {
		t.Helper()
		h := newHouse(t, openMemory())
		b.do(chromedp.Navigate(h.url + "/" + channel + "/"))
		b.shot("home")
		b.click(`.tiles a`, ".grid")
		b.shot("category")
		for _, p := range h.products(ref.ChannelID(channel))[:2] {
			b.do(chromedp.Navigate(h.url + "/" + channel + "/p/" + p.Slug))
			b.shot("product")
			b.click(`form.buy button`, "#cart")
		}
		b.shot("cart")
		member := strings.HasSuffix(b.name, "phone")
		if member {
			b.signUp(h.url + "/" + channel)
		}
		b.click(`#cart a.button.full`, `form[action$="/checkout/address"]`)
		form := destination("/" + channel)
		if !member {
			b.fill("email", "bo@example.com")
		}
		for i := 0; i < len(form); i += 2 {
			b.fill(form[i], form[i+1])
		}
		b.shot("address")
		b.click(`form[action$="/checkout/address"] button`, `form[action$="/checkout/delivery"]`)
		b.shot("delivery")
		b.click(`form[action$="/checkout/delivery"] button`, `form[action$="/checkout/payment"]`)
		b.shot("payment")
		b.click(`form[action$="/checkout/payment"] button`, `form[action$="/checkout/place"]`)
		b.shot("review")
		b.click(`form[action$="/checkout/place"] button`, `body.pay`)
		b.shot("pay")
		b.click(`button[value="approve"]`, `#order`)
		b.shot("order")
		require.NotEmpty(t, b.eval(`document.querySelector(".p-paid").textContent`))
		list, err := h.market.Orders.List(t.Context(), ref.Staff("test"), order.Query{Payment: order.PaymentPaid}, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 2)
		require.Equal(t, member, list.Items[0].Member != "")
		b.do(chromedp.Navigate(h.url + "/" + channel + "/orders"))
		b.shot("orders")
		if member {
			b.do(chromedp.Navigate(h.url + "/" + channel + "/account"))
			b.wait(`document.querySelector(".order-list li") && document.querySelector(".addresses li")`)
			b.shot("account")
		}
		h.sound()
	})
}

// signUp opens an account with what is in the cart, leaves, comes back with a
// wrong password and with the right one, and stays at the cart.
func (b *tab) signUp(base string) {
	b.t.Helper()
	email, password, form := "lin@example.com", "a long walk home", `main form[action$="/sign-up"] button`
	b.do(chromedp.Navigate(base + "/sign-up"))
	b.fill("email", email)
	b.fill("password", "short")
	b.click(form, `#e-password`)
	b.shot("sign-up")
	b.fill("name", "Lin 林")
	b.fill("password", password)
	b.click(form, `form[action$="/sign-out"]`)
	require.Contains(b.t, b.eval(`document.querySelector("main h1").textContent`), "Lin 林")
	b.click(`form[action$="/sign-out"] button`, `.tools a[href*="/sign-in"]`)
	form = `main form[action$="/sign-in"] button`
	b.do(chromedp.Navigate(base + "/sign-in?next=" + base[strings.LastIndex(base, "/"):] + "/cart"))
	b.fill("email", email)
	b.fill("password", "another walk home")
	b.click(form, `#trouble`)
	b.shot("sign-in-wrong")
	b.fill("password", password)
	b.click(form, `#cart .cart-line`)
}

// TestABrowserChoosesACoupon goes to the checkout of the demo with coupons,
// and takes another one than the best.
func TestABrowserChoosesACoupon(t *testing.T) {
	t.Parallel()
	onEveryScreen(t, func(t *testing.T, b *tab, channel string) {
		t.Helper()
		h := newHouse(t, openMemory())
		six, four := off("six", "Six off 减六", 600), off("four", "Four off 减四", 400)
		if channel == "zh" {
			six.Benefit.Fixed.Off, four.Benefit.Fixed.Off = money.New(600, "CNY"), money.New(400, "CNY")
		}
		h.coupons(six, four)
		ada, base := seed.Member(), h.url+"/"+channel
		b.do(chromedp.Navigate(base + "/sign-in?next=/" + channel + "/coupons"))
		b.fill("email", ada.Email)
		b.fill("password", ada.Password)
		b.click(`main form button`, `.tools a[href$="/account"]`)
		for _, id := range []string{"six", "four"} {
			b.click(`form:has([name="template"][value="`+id+`"]) button`, `main:not(:has([name="template"][value="`+id+`"]))`)
		}
		b.shot("coupons")
		for _, p := range h.products(ref.ChannelID(channel))[:3] {
			b.do(chromedp.Navigate(base + "/p/" + p.Slug))
			b.click(`form.buy button`, "#cart")
		}
		b.shot("coupons-cart")
		b.do(chromedp.Navigate(base + "/checkout/address"))
		form := destination("/" + channel)
		for i := 0; i < len(form); i += 2 {
			b.fill(form[i], form[i+1])
		}
		b.click(`form[action$="/checkout/address"] button`, `form[action$="/checkout/delivery"]`)
		b.click(`form[action$="/checkout/delivery"] button`, `#coupons`)
		b.shot("coupons-payment")
		b.click(`#coupons .choice:not(.used) button[name="use"]`, `#coupons .mine`)
		b.shot("coupons-chosen")
		require.NotEmpty(t, b.eval(`document.querySelector("#coupons .flag.warn").textContent`))
		b.fill("code", "NONSENSE")
		b.click(`#coupons .code-form button`, `#e-code`)
		b.shot("coupons-wrong-code")
		b.click(`form[action$="/checkout/payment"] button`, `form[action$="/checkout/place"]`)
		b.shot("coupons-review")
		b.click(`form[action$="/checkout/place"] button`, `body.pay`)
		b.click(`button[value="approve"]`, `#order .p-paid`)
		require.Contains(t, b.eval(`document.querySelector("#order").textContent`), four.Name)
		b.shot("coupons-order")
		h.sound()
	})
}

// TestABrowserServesStaff confirms money in a real browser, in both languages.
func TestABrowserServesStaff(t *testing.T) {
	t.Parallel()
	onEveryScreen(t, func(t *testing.T, b *tab, channel string) {
		t.Helper()
		h := newHouse(t, openMemory())
		h.bought("fakepay")
		cash, _, _ := h.bought("cod")
		g, _, _ := h.bought("transfer")
		noor := seed.Staff()
		b.do(chromedp.Navigate(h.url + "/staff/sign-in?lang=" + channel))
		b.fill("email", noor.Email)
		b.fill("password", noor.Password)
		b.shot("staff-sign-in")
		b.click(`form[action="/staff/sign-in"] button`, `#results table`)
		b.shot("staff-orders")
		b.click(`a[href="/staff/orders/`+g.Number+`#receipt"]`, `#receipt form`)
		b.shot("staff-order")
		b.fill("amount", "x")
		b.click(`button[value="received"]`, `#e-amount`)
		b.shot("staff-order-wrong")
		b.fill("amount", g.Payable.Decimal())
		b.fill("reference", "41/7")
		b.click(`button[value="received"]`, `.notice.good`)
		b.shot("staff-order-paid")
		require.Equal(t, payment.IntentCaptured, h.intent(g).State)
		b.do(chromedp.Navigate(h.url + "/staff/orders/" + cash.Number))
		b.shot("staff-order-cash")
		h.sound()
	})
}

// tab is a page of a browser.
type tab struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // the browser lives in it, and with the test
	name string
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

func (b *tab) eval(expression string) string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	require.NoError(b.t, err)
	return v
}

// click clicks and waits for what shall appear.
func (b *tab) click(selector, then string) {
	b.t.Helper()
	b.eval(`(document.querySelector(` + quote(selector) + `).scrollIntoView({block: "center"}), "")`)
	b.do(chromedp.Click(chromedp.CSS(selector)))
	require.Eventually(b.t, func() bool {
		v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.readyState === "complete" && document.querySelector(`+quote(then)+`) ? "yes" : ""`))
		return err == nil && v == "yes"
	}, 20*time.Second, 20*time.Millisecond, "after %s there is no %s", selector, then)
}

// fill types into a field as somebody would, or chooses from its list.
func (b *tab) fill(name, value string) {
	b.t.Helper()
	b.eval(`(() => { const f = document.querySelector('[name="` + name + `"]'); f.value = ` + quote(value) + `; return f.value })()`)
}

func quote(s string) string { return "`" + s + "`" }

// shot saves a picture of the whole page, which must not be wider than the
// screen.
func (b *tab) shot(name string) {
	b.t.Helper()
	over := 0
	require.Eventually(b.t, func() bool { // a page that renews itself has none for a moment
		var err error
		over, err = chromedp.Run(b.ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - window.innerWidth"))
		return err == nil
	}, 20*time.Second, 20*time.Millisecond, "%s has no document", name)
	require.LessOrEqual(b.t, over, 0, "%s is too wide", name)
	dir := os.Getenv("SOUK_SCREENSHOTS")
	if dir == "" {
		return
	}
	require.NoError(b.t, os.MkdirAll(dir, 0o750))
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`Promise.all([...document.images].map(i => {
		i.loading = "eager"; return i.decode().catch(() => null)})).then(() => true)`, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, b.name+"-"+name+".png"), png, 0o600))
}
