package shop_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo"
)

// theirs are products of the merchant whose goods the visitor fills the cart
// with.
func (h *house) theirs(n int) []demo.Product {
	h.t.Helper()
	merchant := h.products("en")[0].Merchant
	var out []demo.Product
	for _, s := range h.data.Shops {
		for _, p := range s.Products {
			if s.Channel == "en" && p.Merchant == merchant && len(out) < n {
				out = append(out, p)
			}
		}
	}
	require.Len(h.t, out, n)
	return out
}

func TestGiftsAreChosenAtTheCheckout(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.alone()
	goods := h.theirs(4)
	give := func(id, name string, choose int, of ...demo.Product) {
		p := promo.Promotion{ID: ref.PromotionID(id), Name: name, Benefit: promo.Benefit{Gift: &promo.Gift{Choose: choose}}}
		for _, g := range of {
			p.Benefit.Gift.Items = append(p.Benefit.Gift.Items, promo.GiftItem{SKU: ref.SKUID(g.Variants[0].Code), Quantity: 1, Value: usd(500)})
		}
		h.live(p)
	}
	give("one", "One of two", 0, goods[1], goods[2])
	give("two", "Two of three", 2, goods[1], goods[2], goods[3])
	sku := func(i int) string { return goods[i].Variants[0].Code }
	v := h.visitor("en")
	v.fill(1)
	the(t, v.get("/cart"), "Another one can be chosen at the checkout.")
	a := v.review("fakepay")
	the(t, a, `id="gifts"`, "One of two", "You get one of these.", "Two of three", "You get 2 of these.",
		`name="gift" value="`+sku(1)+`" checked`, `name="gift" value="`+sku(2)+`">`, `name="gift.`+sku(3)+`" value="yes">`)
	choose := func(pairs ...string) answer {
		t.Helper()
		return v.post("/checkout/gifts", append([]string{"step", "review"}, pairs...)...)
	}
	a = choose("promotion", "one", "gift", sku(2))
	require.Equal(t, http.StatusOK, a.status)
	the(t, a, `name="gift" value="`+sku(2)+`" checked`, `name="gift.`+sku(1)+`" value="yes" checked`)
	a = choose("promotion", "two", "gift."+sku(3), "yes", "gift."+sku(1), "yes")
	the(t, a, `name="gift" value="`+sku(2)+`" checked`, `name="gift.`+sku(3)+`" value="yes" checked`, `name="gift.`+sku(2)+`" value="yes">`)
	for words, pairs := range map[string][]string{
		"At most 2.":         {"promotion", "two", "gift." + sku(3), "yes", "gift." + sku(1), "yes", "gift." + sku(2), "yes"},
		"Please choose one.": {"promotion", "one", "gift", "something-else"},
	} {
		a = choose(pairs...)
		require.Equal(t, http.StatusUnprocessableEntity, a.status)
		the(t, a, words, `name="gift" value="`+sku(2)+`" checked`)
	}
	require.Equal(t, "/en/checkout/review", choose("promotion", "three", "gift", sku(1)).path)
	require.Equal(t, http.StatusNotFound, v.post("/checkout/gifts", "step", "address", "promotion", "one").status)
	require.Equal(t, "/en/cart", h.visitor("en").post("/checkout/gifts", "step", "payment", "promotion", "one", "gift", sku(1)).path)

	v.post("/"+v.place(v.get("/checkout/review")).path, "outcome", "approve")
	orders, err := h.market.Orders.List(t.Context(), ref.System(), order.Query{}, pageOne())
	require.NoError(t, err)
	require.Len(t, orders.Items, 1)
	got := map[ref.SKUID]int{}
	for _, l := range orders.Items[0].Lines {
		if l.Gift != "" {
			got[l.SKU]++
		}
	}
	require.Equal(t, map[ref.SKUID]int{ref.SKUID(sku(1)): 1, ref.SKUID(sku(2)): 1, ref.SKUID(sku(3)): 1}, got)
	the(t, v.get("/orders/"+string(orders.Items[0].Group)), goods[2].Name, "One of two", "Two of three", `<span class="state gift">Gift</span>`)
	h.sound()

	// The next cart begins with what is given to who does not choose.
	v.fill(1)
	the(t, v.review("fakepay"), `name="gift" value="`+sku(1)+`" checked`)
}

func TestNoCouponAtAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.alone()
	h.coupons(off("six", "Six dollars", 600), off("four", "Four dollars", 400))
	v := h.visitor("en")
	v.signedIn()
	v.claim("six", "four")
	v.fill(1)
	a := v.review("fakepay")
	the(t, a, "Without any coupon", "$6.00 less off than the best")
	a = v.post("/checkout/coupons", "step", "review", "none", "yes")
	the(t, a, "You use no coupon.", "That is $6.00 less off than what is best for you.", "Back to the best for you", "Your choice")
	require.NotContains(t, a.body, "You save")
	four := choiceOf(t, a, "use", "Four dollars")
	chosen := v.post("/checkout/coupons", "step", "review", "use", four)
	the(t, chosen, "You have chosen the coupons yourself.", "Without any coupon")
	require.NotContains(t, chosen.body, "You use no coupon.")
	v.post("/checkout/coupons", "step", "review", "none", "yes")
	require.NotContains(t, v.post("/checkout/coupons", "step", "review", "best", "yes").body, "You use no coupon.")
	a = v.post("/checkout/coupons", "step", "review", "none", "yes")
	v.post("/"+v.place(a).path, "outcome", "approve")
	orders, err := h.market.Orders.List(t.Context(), ref.System(), order.Query{}, pageOne())
	require.NoError(t, err)
	require.Empty(t, orders.Items[0].Lines[0].Adjustments)
	v.fill(1)
	require.NotContains(t, v.review("fakepay").body, "You use no coupon.", "the next cart starts anew")
	h.sound()
}
