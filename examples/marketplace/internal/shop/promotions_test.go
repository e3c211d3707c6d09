package shop_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

// alone ends the demo's own promotions, so that what a test sees is its own.
func (h *house) alone() {
	h.t.Helper()
	live, err := h.market.Campaigns.Live(h.t.Context())
	require.NoError(h.t, err)
	for _, p := range live.Promotions {
		c, err := h.market.Campaigns.Get(h.t.Context(), ref.System(), p.ID)
		require.NoError(h.t, err)
		_, err = h.market.Campaigns.End(h.t.Context(), ref.System(), c.ID, c.Version)
		require.NoError(h.t, err)
	}
}

// live puts promotions out.
func (h *house) live(all ...promo.Promotion) {
	h.t.Helper()
	for _, p := range all {
		c, err := h.market.Campaigns.Save(h.t.Context(), ref.System(), campaign.SaveInput{Promotion: p})
		require.NoError(h.t, err)
		_, err = h.market.Campaigns.Activate(h.t.Context(), ref.System(), c.ID, c.Version)
		require.NoError(h.t, err)
	}
	require.NoError(h.t, h.market.Drain(h.t.Context()))
}

// coupons puts a promotion out that wants a coupon, and lets members take one.
func (h *house) coupons(all ...promo.Promotion) {
	h.t.Helper()
	for _, p := range all {
		p.Redeem = promo.RedeemCoupon
		h.live(p)
		id := coupon.TemplateID(p.ID)
		tpl, err := h.market.Coupons.Create(h.t.Context(), ref.System(), coupon.CreateInput{
			ID: id, Merchant: p.Merchant, Terms: coupon.Terms{Promotion: p.ID, Name: p.Name, Way: coupon.ByClaim, PerMember: 1},
		})
		require.NoError(h.t, err)
		_, err = h.market.Coupons.Activate(h.t.Context(), ref.System(), id, tpl.Version)
		require.NoError(h.t, err)
	}
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func off(id, name string, minor int64) promo.Promotion {
	return promo.Promotion{
		ID: ref.PromotionID(id), Name: name, Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: usd(minor), Per: promo.PerOrder}},
	}
}

// claim has the visitor take coupons.
func (v *visitor) claim(ids ...string) {
	v.t.Helper()
	for _, id := range ids {
		require.Contains(v.t, v.post("/coupons/claim", "template", id, "key", id).body, "among your coupons")
	}
}

// choiceOf is the id of a coupon on the page where it is chosen.
func choiceOf(t *testing.T, a answer, button, name string) string {
	t.Helper()
	return a.find(t, `name="`+button+`" value="([^"]+)">[^<]*<span class="hidden"> `+name+`<`)
}

func the(t *testing.T, a answer, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			t.Fatalf("%s (%d) has no %q:\n%s", a.path, a.status, part, a.body)
		}
	}
}

// goods are two products of the first merchant of the English shop.
func (h *house) goods() (bought, given demo.Product) {
	h.t.Helper()
	bought = h.products("en")[0]
	for _, s := range h.data.Shops {
		for _, p := range s.Products {
			if s.Channel == "en" && p.Merchant == bought.Merchant && p.Code != bought.Code {
				return bought, p
			}
		}
	}
	h.t.Fatal("no second product")
	return bought, given
}

func TestPromotionsFromTheProductToTheOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.alone()
		bought, given := h.goods()
		unit := bought.Variants[0].Price
		struck, err := unit.Percent(900_000, money.HalfUp)
		require.NoError(t, err)
		sale := promo.Promotion{
			ID: "sale", Name: "Ten percent off it", Level: promo.LevelPrice, Merchant: ref.MerchantID(bought.Merchant),
			Lines:   promo.Selector{Products: []ref.ProductID{ref.ProductID(bought.Code)}},
			Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000}},
		}
		gift := promo.Promotion{ID: "gift", Name: "A little thing", Benefit: promo.Benefit{Gift: &promo.Gift{
			Items: []promo.GiftItem{{SKU: ref.SKUID(given.Variants[0].Code), Quantity: 1, Value: usd(100)}},
		}}}
		far := off("far", "Thirty off", 3000)
		far.Groups = []promo.GroupID{}
		far.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(struck.Minor() + 1200)}}
		code := off("spring", "Spring", 100)
		code.Redeem, code.Code, code.Groups = promo.RedeemCode, "SPRING", []promo.GroupID{}
		post := promo.Promotion{ID: "post", Name: "We pay the post", Benefit: promo.Benefit{Shipping: &promo.Shipping{PPM: money.Million}}}
		h.live(sale, gift, far, code, post)
		never := off("never", "For the rich", 900)
		never.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(900_000_00)}}
		h.coupons(off("six", "Six dollars", 600), off("four", "Four dollars", 400), never)

		v := h.visitor("en")
		v.signedIn()
		v.claim("six", "four", "never")
		product := v.get("/p/" + bought.Slug + "?x=y")
		the(t, product, "<strong>"+struck.Format(ref.English)+"</strong>", unit.Format(ref.English)+"</s>")
		v.post("/cart/lines", "sku", bought.Variants[0].Code, "quantity", "1")
		page := v.get("/cart")
		the(t, page, "Ten percent off it", "$12.00 more for $30.00 off", "Thirty off", `<span class="state gift">Gift</span>`,
			"<span>$0.00</span>", unit.Format(ref.English)+"</s>", given.Name, "Six dollars", "You save")
		require.NotContains(t, page.body, "For the rich")

		review := v.review("fakepay")
		the(t, review, "We pay the post", "Best for you", "$2.00 less off than the best", "2 coupons do not fit", "of the $900,000.00 that it needs")
		pays := v.get("/checkout/payment")
		four := choiceOf(t, pays, "use", "Four dollars")
		a := v.post("/checkout/coupons", "step", "payment", "use", four)
		require.Equal(t, "/en/checkout/payment", a.path)
		the(t, a, "Your choice", "That is $2.00 less off than what is best for you.", "Back to the best for you")
		require.Equal(t, four, choiceOf(t, a, "leave", "Four dollars"))
		six := choiceOf(t, a, "use", "Six dollars")

		// The page that was open before the last one does not order what that shows.
		v.get("/checkout/review")
		late := v.place(review)
		require.Equal(t, http.StatusConflict, late.status)
		the(t, late, "Please confirm once more", "Four dollars")

		// One coupon of the site at a time: another one takes its place.
		a = v.post("/checkout/coupons", "step", "review", "use", six)
		require.Equal(t, six, choiceOf(t, a, "leave", "Six dollars"))
		require.NotContains(t, a.body, "less off than what is best for you")
		a = v.post("/checkout/coupons", "step", "review", "leave", six)
		the(t, a, "What saves you most is used by itself")
		v.post("/checkout/coupons", "step", "review", "use", six)
		a = v.post("/checkout/coupons", "step", "review", "best", "yes")
		require.NotContains(t, a.body, "Your choice")
		a = v.post("/checkout/coupons", "step", "review", "code", " spring ")
		the(t, a, "<code>SPRING</code> Spring", "$1.00 off")
		a = v.post("/checkout/coupons", "step", "review", "code", "spring")
		require.Equal(t, 1, strings.Count(a.body, "<code>SPRING</code>"))
		a = v.post("/checkout/coupons", "step", "review", "drop", "SPRING")
		require.NotContains(t, a.body, "<code>SPRING</code>")
		v.post("/checkout/coupons", "step", "review", "code", "SPRING")
		review = v.post("/checkout/coupons", "step", "review", "use", four)

		pay := v.place(review)
		done := v.post("/"+pay.path, "outcome", "approve")
		the(t, done, "Four dollars", "Spring", "Ten percent off it", "We pay the post", `<span class="state gift">Gift</span>`, "Already taken off above")
		orders, err := h.market.Orders.List(t.Context(), ref.System(), order.Query{}, pageOne())
		require.NoError(t, err)
		require.Len(t, orders.Items, 1)
		o := orders.Items[0]
		var coupons []ref.CouponID
		for _, adj := range o.Lines[0].Adjustments {
			if adj.Coupon != "" {
				coupons = append(coupons, adj.Coupon)
			}
		}
		require.Equal(t, []ref.CouponID{ref.CouponID(four)}, coupons)
		require.EqualValues(t, "gift", o.Lines[1].Gift)
		saved := unit.Minor() - struck.Minor() + 400 + 100 + o.Shipping.Discount.Minor()
		the(t, v.get("/orders"), usd(saved).Format(ref.English)+" saved")
		the(t, v.get("/coupons?show=used"), "Four dollars")

		// What comes back comes back with its shares.
		refunded, err := h.market.Checkout.Refund(t.Context(), ref.System(), checkout.RefundInput{
			Group: o.Group, Order: o.ID, Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: 1}}, Key: "r",
		})
		require.NoError(t, err)
		shown := v.get("/orders/" + string(o.Group))
		the(t, shown, "Refund of ", "One piece refunded", "<span class=\"soft block\">Four dollars -$4.00</span>", refunded.Units.Amount.Format(ref.English))

		// The next cart starts anew.
		v.post("/cart/lines", "sku", bought.Variants[0].Code, "quantity", "1")
		require.NotContains(t, v.get("/cart").body, "SPRING")
		h.sound()
	})
}

func pageOne() page.Request { return page.Request{} }

func TestWrongChoicesOfCoupons(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.alone()
	h.coupons(off("six", "Six dollars", 600), off("one", "One dollar", 100))
	guest := h.visitor("en")
	require.Equal(t, "/en/cart", guest.post("/checkout/coupons", "step", "payment", "best", "yes").path)
	guest.fill(1)
	a := guest.review("fakepay")
	the(t, a, "Members can use coupons.", `href="/en/coupons"`)
	for code, words := range map[string]string{
		"": "Please fill this in.", "nonsense": "There is no such code.", strings.Repeat("x", 101): "There is no such code.", "a\x00b": "There is no such code.",
	} {
		a = guest.post("/checkout/coupons", "step", "review", "code", code)
		require.Equal(t, http.StatusUnprocessableEntity, a.status, "%q", code)
		the(t, a, words)
	}
	require.Equal(t, http.StatusNotFound, guest.post("/checkout/coupons", "step", "address", "best", "yes").status)
	require.Equal(t, http.StatusNotFound, guest.post("/checkout/coupons", "best", "yes").status)
	require.Equal(t, http.StatusNotFound, guest.post("/checkout/coupons", "step", "review", "use", "\x00").status)
	require.Equal(t, http.StatusNotFound, guest.get("/checkout/coupons").status)
	a = guest.post("/checkout/coupons", "step", "review", "use", "somebody-elses")
	require.Equal(t, 200, a.status)
	require.NotContains(t, a.body, "Your choice")

	v := h.visitor("en")
	v.signedIn()
	v.claim("six", "one")
	v.fill(1)
	a = v.review("fakepay")
	one := choiceOf(t, a, "use", "One dollar")
	a = v.post("/checkout/coupons", "step", "review", "use", one)
	the(t, a, "Your choice", "-$1.00")

	// It is ended while it is looked at: what holds now is told, and why.
	ends(h, "one")
	late := v.place(a)
	require.Equal(t, http.StatusConflict, late.status)
	the(t, late, "“One dollar” does not apply any more", "“Six dollars” applies now", "Back to the best for you", "This coupon cannot be used any more")
	the(t, v.get("/cart"), "This coupon cannot be used any more")
	a = v.post("/checkout/coupons", "step", "review", "use", one)
	the(t, a, "This coupon cannot be used any more")
	a = v.post("/checkout/coupons", "step", "review", "best", "yes")
	require.Contains(t, v.post("/"+v.place(a).path, "outcome", "approve").body, "p-paid")
	h.sound()
}

func TestACodeOfACouponIsTakenAtTheCheckout(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.alone()
	h.live(func() promo.Promotion {
		p := off("coded", "减五元", 0)
		p.Redeem, p.Benefit.Fixed.Off = promo.RedeemCoupon, money.New(500, "CNY")
		return p
	}())
	tpl, err := h.market.Coupons.Create(t.Context(), ref.System(), coupon.CreateInput{
		ID: "coded", Terms: coupon.Terms{Promotion: "coded", Name: "减五元券", Way: coupon.ByCode},
	})
	require.NoError(t, err)
	_, err = h.market.Coupons.Activate(t.Context(), ref.System(), "coded", tpl.Version)
	require.NoError(t, err)
	_, codes, err := h.market.Coupons.MakeCodes(t.Context(), ref.System(), "coded", 1)
	require.NoError(t, err)
	v := h.visitor("zh")
	v.signedIn()
	v.fill(1)
	v.review("fakepay")
	a := v.post("/checkout/coupons", "step", "payment", "code", codes[0])
	the(t, a, "“减五元券”已放入您的优惠券", "您的选择", "-¥5.00")
	the(t, v.post("/checkout/coupons", "step", "payment", "code", codes[0]), "您的选择") // a second submit
	a = v.post("/checkout/coupons", "step", "payment", "code", "0000")
	require.Equal(t, http.StatusUnprocessableEntity, a.status)
	the(t, a, "没有这个")
}

// Who insists on a further coupon keeps those that can be used beside it, also
// where others of the earlier choice cannot.
func TestAnEarlierChoiceIsKeptAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.alone()
	for _, id := range []promo.GroupID{"best-or-kept", "best-or-left", "left-or-new"} {
		_, err := h.market.Campaigns.SaveGroup(t.Context(), ref.System(), promo.Group{ID: id, Per: promo.OneOrder}, 0)
		require.NoError(t, err)
	}
	in := func(p promo.Promotion, groups ...promo.GroupID) promo.Promotion {
		p.Groups = groups
		return p
	}
	h.coupons(
		in(off("best", "Nine dollars", 900), "best-or-kept", "best-or-left"), in(off("kept", "One dollar", 100), "best-or-kept"),
		in(off("left", "Two dollars", 200), "best-or-left", "left-or-new"), in(off("new", "Three dollars", 300), "left-or-new"),
	)
	v := h.visitor("en")
	v.signedIn()
	v.claim("best", "kept", "left", "new")
	v.fill(1)
	a := v.review("fakepay")
	kept, left := choiceOf(t, a, "use", "One dollar"), choiceOf(t, a, "use", "Two dollars")
	v.post("/checkout/coupons", "step", "review", "use", kept)
	a = v.post("/checkout/coupons", "step", "review", "use", left)
	the(t, a, "-$1.00", "-$2.00")
	a = v.post("/checkout/coupons", "step", "review", "use", choiceOf(t, a, "use", "Three dollars"))
	the(t, a, "-$1.00", "-$3.00")
	require.NotContains(t, a.body, "-$2.00")
	require.NotContains(t, a.body, "-$9.00")
}

// Whoever guesses codes is asked to wait, guest or member, and a right code is
// no help then; where the code is typed says so.
func TestGuessesOfCodesAreBoundedOnThePages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.alone()
	code := off("spring", "Spring", 100)
	code.Redeem, code.Code = promo.RedeemCode, "SPRING"
	h.live(code)
	words := map[string]string{"en": "Too many codes.", "zh": "尝试次数过多"}
	unknown := map[string]string{"en": "There is no such code.", "zh": "没有这个"}
	for _, channel := range []string{"en", "zh"} {
		for _, member := range []bool{false, true} {
			h.clock.Advance(time.Hour) // they come from one address
			v := h.visitor(channel)
			if member {
				v.signedIn()
			}
			v.fill(1)
			v.review("fakepay")
			for range 10 {
				a := v.post("/checkout/coupons", "step", "review", "code", "WINTER")
				require.Equal(t, http.StatusUnprocessableEntity, a.status)
				the(t, a, unknown[channel])
			}
			for _, typed := range []string{"WINTER", "SPRING"} {
				a := v.post("/checkout/coupons", "step", "review", "code", typed)
				require.Equal(t, http.StatusTooManyRequests, a.status)
				require.Equal(t, "900", a.wait, "seconds to wait")
				the(t, a, words[channel], `id="coupons"`, `name="code"`, `value="`+typed+`"`)
				require.NotContains(t, a.body, "<code>")
			}
			if member {
				a := v.post("/coupons/codes", "code", "0000-0000-0000-0000-0")
				require.Equal(t, http.StatusTooManyRequests, a.status)
				require.Equal(t, "900", a.wait)
				the(t, a, words[channel])
			}
		}
	}
	h.clock.Advance(15 * time.Minute)
	v := h.visitor("en")
	v.fill(1)
	v.review("fakepay")
	for range 2 {
		for range 9 {
			v.post("/checkout/coupons", "step", "review", "code", "WINTER")
		}
		the(t, v.post("/checkout/coupons", "step", "review", "code", "Spring"), "<code>SPRING</code> Spring")
	}
}

// ends stops a campaign.
func ends(h *house, id ref.PromotionID) {
	h.t.Helper()
	c, err := h.market.Campaigns.Get(h.t.Context(), ref.System(), id)
	require.NoError(h.t, err)
	_, err = h.market.Campaigns.End(h.t.Context(), ref.System(), id, c.Version)
	require.NoError(h.t, err)
}

// The lists, their filters and the page of a product agree on the price that a
// promotion leaves, also when its time comes.
func TestStruckPricesAreOneEverywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	h.alone()
	bought, _ := h.goods()
	begins := h.clock.Now().Add(time.Hour)
	h.live(promo.Promotion{
		ID: "nearly", Name: "One cent each", Level: promo.LevelPrice, From: begins,
		Lines:   promo.Selector{Products: []ref.ProductID{ref.ProductID(bought.Code)}},
		Benefit: promo.Benefit{Price: &promo.Price{Unit: usd(1)}},
	})
	v := h.visitor("en")
	list := "/c/" + bought.Category + "?max=0.05"
	require.NotContains(t, v.get("/p/"+bought.Slug).body, "$0.01")
	require.NotContains(t, v.get(list).body, bought.Name)
	h.clock.Advance(time.Hour)
	_, err := h.market.Listing.Sweep(t.Context())
	require.NoError(t, err)
	for _, variant := range bought.Variants {
		query := ""
		for i, o := range bought.Options {
			query += "&" + o.Code + "=" + variant.Values[i]
		}
		the(t, v.get("/p/"+bought.Slug+"?"+strings.TrimPrefix(query, "&")), "<strong>$0.01</strong>", variant.Price.Format(ref.English)+"</s>")
	}
	the(t, v.get(list), bought.Name, "$0.01")
}
