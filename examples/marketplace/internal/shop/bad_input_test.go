package shop_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/shop"
	"github.com/soukhq/souk/order"
)

func (h *house) orders() []order.Order {
	h.t.Helper()
	list, err := h.market.Orders.List(h.t.Context(), ref.Staff("test"), order.Query{}, page.Request{})
	require.NoError(h.t, err)
	return list.Items
}

func TestBadInputIntoTheCart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		v := h.visitor("en")
		p := h.products("en")[0]
		sku, back := p.Variants[0].Code, "/en/p/"+p.Slug
		for _, quantity := range []string{"0", "-1", "", "x", strconv.Itoa(int(shop.MaxPieces) + 1), "9223372036854775808"} {
			a := v.post("/cart/lines", "sku", sku, "quantity", quantity, "back", back)
			require.Equal(t, 422, a.status, quantity)
			require.Contains(t, a.body, `id="e-quantity"`, quantity)
		}
		require.Equal(t, 422, v.post("/cart/lines", "sku", "none", "quantity", "1").status)
		require.Equal(t, 422, v.post("/cart/lines", "sku", "none", "quantity", "1", "back", "//elsewhere.example/").status)
		require.Equal(t, 422, v.post("/cart/lines", "sku", h.products("zh")[0].Variants[0].Code, "quantity", "1").status)
		require.Equal(t, 422, v.send("/cart/lines", "sku=%ff%fe&quantity=1").status)
		require.Equal(t, 422, v.send("/cart/lines", "sku="+sku+"&sku=2&quantity=1").status)
		for _, path := range []string{"/cart/lines", "/checkout/address", "/sign-up"} {
			large := v.send(path, "sku="+strings.Repeat("x", 10<<20))
			require.Equal(t, 413, large.status)
			require.Contains(t, large.body, "larger than the shop accepts")
		}
		require.Contains(t, v.get("/cart").body, "Your cart is empty")

		v.fill(1)
		cart := v.get("/cart")
		line := cart.find(t, `action="/en(/cart/lines/[^"]+)"`)
		version := cart.find(t, `name="version" value="(\d+)"`)
		for _, quantity := range []string{"-3", "100", "x"} {
			require.Equal(t, 422, v.post(line, "quantity", quantity, "version", version).status, quantity)
		}
		require.Equal(t, 200, v.post(line, "quantity", "1", "step", "1", "version", version).status)
		stale := v.post(line, "quantity", "7", "version", version)
		require.Equal(t, 409, stale.status)
		require.Contains(t, stale.body, "had changed meanwhile")

		unread := v.post("/checkout/address", append(destination(v.base), "email", "bo")...)
		require.Equal(t, 422, unread.status)
		require.Contains(t, unread.body, "This is not an e-mail address")

		other := h.visitor("en")
		foreign := other.post(line, "quantity", "1")
		require.Equal(t, 404, foreign.status)
		other.fill(1)
		missing := other.post("/cart/lines/none", "quantity", "1")
		foreign = other.post(line, "quantity", "1")
		require.Equal(t, 404, missing.status)
		require.Equal(t, without(missing), without(foreign))
		require.Equal(t, 404, other.post("/cart/lines/%ff", "quantity", "1").status)
	})
}

// without leaves out what differs between two answers of one kind.
func without(a answer) string {
	body, _, _ := strings.Cut(a.body, "<p class=\"soft small\"><code>")
	return body
}

func TestForeignOrdersAndAddressesAreMissing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		v := h.visitor("en")
		require.Equal(t, "/en/account", v.post("/sign-up", "email", "lin@example.com", "name", "Lin", "password", "a long walk home").path)
		a := v.post("/account/addresses", destination("/en")...)
		entry := a.find(t, `href="/en/account/addresses/([^"]+)">Change`)
		v.fill(1)
		v.post("/checkout/address", "saved", entry)
		bad := v.post("/checkout/delivery", "rate.none", "standard")
		require.Equal(t, 422, bad.status)
		o := v.place(v.review("cod"))
		require.Contains(t, o.body, "s-confirmed")
		group := h.orders()[0]

		eve := h.visitor("en")
		eve.post("/sign-up", "email", "eve@example.com", "name", "Eve", "password", "a long walk home")
		eve.fill(1)
		for _, stranger := range []*visitor{eve, h.visitor("en")} {
			for path, none := range map[string]string{
				"/orders/" + string(group.Group):              "/orders/none",
				"/orders/" + string(group.Group) + "/nothing": "/orders/none/nothing",
			} {
				foreign, missing := stranger.get(path), stranger.get(none)
				require.Equal(t, 404, foreign.status)
				require.Equal(t, without(missing), strings.ReplaceAll(without(foreign), string(group.Group), "none"))
			}
			require.Equal(t, 404, stranger.post("/orders/"+string(group.Group)+"/cancel").status)
			require.Equal(t, 404, stranger.post("/orders/"+string(group.Group)+"/parts/"+string(group.ID)+"/cancel").status)
			require.Equal(t, 404, stranger.post("/orders/"+string(group.Group)+"/pay").status)
		}
		at := "/account/addresses/" + entry
		none := without(eve.get("/account/addresses/none"))
		require.Equal(t, none, strings.ReplaceAll(without(eve.get(at)), entry, "none"))
		for _, foreign := range []answer{
			eve.get(at), eve.post(at, destination("/en")...), eve.post(at + "/delete"), eve.post(at + "/default"),
			eve.post("/checkout/address", "saved", entry),
		} {
			require.Equal(t, 404, foreign.status)
			require.Contains(t, foreign.body, "This page is not here")
			require.NotContains(t, foreign.body, "1 Main St")
		}
		require.Equal(t, "/en/checkout/address", eve.get("/checkout/review").path, "nothing was chosen by it")
		require.Contains(t, v.get("/account").body, "1 Main St", "nothing became of it")
		require.Equal(t, order.StateConfirmed, h.orders()[0].State)
		require.Equal(t, 404, eve.get("//pay?number=none").status)
		start := eve.get("/c/cases?after=bad")
		require.Equal(t, 200, start.status, "an old link leads to the first page")
		require.Equal(t, "/en/c/cases", start.path)
		require.Equal(t, 422, eve.get("/c/cases?min=9&max=1").status)
		require.Equal(t, 404, eve.get("/checkout/place").status)
		require.Equal(t, 405, eve.get("/cart/lines").status)
	})
}

func TestAChangedOrExpiredQuoteIsShownAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		v := h.visitor("en")
		v.fill(1)
		review := v.review("fakepay")
		h.clock.Advance(16 * time.Minute)
		expired := v.place(review)
		require.Equal(t, 409, expired.status)
		require.Contains(t, expired.body, "ran out while you were away")
		require.Contains(t, expired.body, `action="/en/checkout/place"`, "the page to confirm anew")
		require.Empty(t, h.orders())

		p := h.products("en")[0]
		results, err := h.market.Prices.Set(t.Context(), ref.Staff("test"), []pricing.SetInput{{
			SKU: ref.SKUID(p.Variants[0].Code), Channel: "en", Unit: money.New(p.Variants[0].Price.Minor()+100, "USD"),
		}})
		require.NoError(t, err)
		require.NoError(t, results[0].Err)
		changed := v.place(expired)
		require.Equal(t, 409, changed.status)
		require.Contains(t, changed.body, "The total has changed")
		require.Equal(t, 422, v.post("/checkout/place", "quote", "made up", "key", "k").status)
		require.Equal(t, 422, v.post("/checkout/place").status)
		require.Empty(t, h.orders())
		require.True(t, strings.HasPrefix(v.place(changed).path, "/pay?"))
		h.sound()
	})
}

func TestASecondSubmitPlacesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		v := h.visitor("en")
		v.fill(2)
		review := v.review("cod")
		var done sync.WaitGroup
		answers := make([]answer, 4)
		for i := range answers {
			done.Go(func() { answers[i] = v.place(review) })
		}
		done.Wait()
		again := v.place(review)
		for _, a := range append(answers, again) {
			require.Equal(t, 200, a.status, a.body)
			require.Equal(t, answers[0].path, a.path)
			require.Contains(t, a.body, "s-confirmed", "its page is the order")
		}
		require.Len(t, h.orders(), 2)
		h.sound()
	})
}
