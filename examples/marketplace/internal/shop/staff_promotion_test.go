package shop_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

// noor is the demo's employee, who runs promotions.
func (h *house) noor() *visitor { return h.employee(seed.Staff().Email, seed.Staff().Password) }

func (h *house) campaign(id string) campaign.Campaign {
	h.t.Helper()
	c, err := h.market.Campaigns.Get(h.t.Context(), ref.System(), ref.PromotionID(id))
	require.NoError(h.t, err)
	return c
}

// sane checks what holds for every page of the staff.
func (a answer) sane(t *testing.T) answer {
	t.Helper()
	for _, refused := range []string{"<no value>", "%!", "ZgotmplZ"} {
		require.NotContains(t, a.body, refused, a.path)
	}
	require.Empty(t, regexp.MustCompile(`>\s*[a-z_]+\.[a-z_]+(\.[a-z_]+)*\s*<`).FindString(regexp.MustCompile(`(?s)<code[^>]*>.*?</code>|class="mono">[^<]*<`).ReplaceAllString(a.body, "")),
		"%s shows a key without words", a.path)
	return a
}

func TestStaffSeePromotions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	noor := h.noor()
	for _, lang := range []string{"en", "zh"} {
		list := noor.get("//staff/promotions?lang=" + lang).sane(t)
		require.Equal(t, 200, list.status)
		for _, name := range []string{"Charge up: 15% off power banks", "全场满300减30", "0 / 500", "$10,000.00"} {
			if lang == "en" {
				name = strings.Replace(name, "0 / 500", "0 of 500", 1)
			}
			require.Contains(t, list.body, name)
		}
		require.Contains(t, noor.get("//staff/promotions?state=draft").sane(t).body, map[string]string{"en": "No promotions here", "zh": "暂无活动"}[lang])
		campaigns, err := h.market.Campaigns.List(t.Context(), ref.System(), campaign.Query{}, page.Request{})
		require.NoError(t, err)
		for _, c := range campaigns.Items {
			p := noor.get("//staff/promotions/" + string(c.ID) + "?try=yes").sane(t)
			require.Equal(t, 200, p.status)
			require.Contains(t, p.body, `id="tried"`, c.ID)
			e := noor.get("//staff/promotions/" + string(c.ID) + "/edit").sane(t)
			require.Equal(t, 200, e.status)
		}
		for _, path := range []string{"groups", "coupons", "coupons/en-20-off-200", "coupons/zh-plum-welcome", "coupons/new", "coupons?state=ended", "promotions/new"} {
			require.Equal(t, 200, noor.get("//staff/"+path).sane(t).status, path)
		}
		for _, tmpl := range h.market.Campaigns.Templates() {
			require.Equal(t, 200, noor.get("//staff/promotions/new?kind="+tmpl.ID).sane(t).status, tmpl.ID)
		}
	}
	require.Equal(t, "/staff/promotions", noor.get("//staff/promotions?after=junk").path)
	for _, path := range []string{"promotions/none", "promotions/none/edit", "coupons/none", "promotions/new?kind=none", "promotions/a%00b"} {
		require.Equal(t, http.StatusNotFound, noor.get("//staff/"+path).status, path)
	}
}

func TestWhoMayRunPromotions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	stranger := h.visitor("en")
	require.Equal(t, "/staff/sign-in", stranger.get("//staff/promotions").path)
	require.Equal(t, "/staff/sign-in", stranger.post("//staff/promotions/en-spend-300/state", "state", "ended", "version", "2").path)

	h.hire("sue", access.Support)
	sue := h.employee("sue", "boxes upon boxes")
	p := sue.get("//staff/promotions/en-spend-300").sane(t)
	require.Equal(t, 200, p.status)
	require.NotContains(t, p.body, `/staff/promotions/en-spend-300/state`)
	require.NotContains(t, sue.get("//staff/groups").body, `action="/staff/groups"`)
	for _, path := range []string{
		"promotions/new", "promotions/en-spend-300/edit", "promotions/en-spend-300/state", "groups", "groups/reduction-or-coupon",
		"groups/reduction-or-coupon/remove", "coupons/new", "coupons/en-20-off-200/state", "coupons/en-20-off-200/codes", "coupons/en-20-off-200/batches/x/void",
	} {
		require.Equal(t, http.StatusForbidden, sue.post("//staff/"+path, "state", "ended", "version", "2").status, path)
	}
	require.Contains(t, sue.get("//staff/coupons/en-20-off-200").body, `/staff/coupons/en-20-off-200/issue`, "support gives coupons")

	h.hire("mo", access.Warehouse)
	mo := h.visitor("en")
	mo.post("//staff/sign-in", "email", "mo", "password", "boxes upon boxes")
	for _, path := range []string{"promotions", "groups", "coupons", "promotions/en-spend-300"} {
		require.Equal(t, http.StatusForbidden, mo.get("//staff/"+path).status, path)
	}
	require.Equal(t, campaign.Active, h.campaign("en-spend-300").State)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/staff/promotions/en-spend-300/state", strings.NewReader("state=ended&version=2"))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, h.noor().do(req).status)
	require.Equal(t, campaign.Active, h.campaign("en-spend-300").State)
}

// reduction is a form of 50 off 400, with changes.
func reduction(changes ...string) []string {
	fields := map[string]string{
		"kind": "reduction", "id": "fifty", "name": "Fifty off 400", "channel": "en", "v.over": "400", "v.off": "$50.00", "v.categories": "phones, power",
		"groups": "reduction-or-coupon", "share": "", "refund": "", "uses": "100", "per_member": "1", "budget": "5000", "site_share": "62.5",
		"until": "2099-01-02T03:04", "priority": "7",
	}
	for i := 0; i < len(changes); i += 2 {
		fields[changes[i]] = changes[i+1]
	}
	var pairs []string
	for name, value := range fields {
		pairs = append(pairs, name, value)
	}
	return pairs
}

func TestStaffMakeAPromotion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.noor()
		require.Contains(t, noor.get("//staff/promotions/new?kind=reduction").body, `name="v.over"`)

		checked := noor.post("//staff/promotions/new", reduction("do", "check")...).sane(t)
		require.Equal(t, 200, checked.status, checked.body)
		for _, text := range []string{
			"Nothing is saved yet", "$50.00 off from $400.00", "$30 off orders over $300", "Both are in “Reduction or site coupon", "$20 off $200",
			"an example cart", "Every promotion, and why", "the one you try", `value="fifty"`,
		} {
			require.Contains(t, checked.body, text)
		}
		_, err := h.market.Campaigns.Get(t.Context(), ref.System(), "fifty")
		require.Error(t, err, "a check writes nothing")

		tried := noor.post("//staff/promotions/new", reduction("do", "check", "sku.0", "EN0006", "quantity.0", "2", "sku.3", "EN0010", "orders", "3")...).sane(t)
		require.Equal(t, 200, tried.status, tried.body)
		for _, text := range []string{"$1,079.97", "Fifty off 400", "Only one of “Reduction or site coupon", "(site $29.63)", "(merchant $7.99)", "Nothing is left to take off", "$999.97"} {
			require.Contains(t, tried.body, text)
		}

		saved := noor.post("//staff/promotions/new", reduction("do", "save")...).sane(t)
		require.Equal(t, "/staff/promotions/fifty", saved.path, saved.body)
		require.Contains(t, saved.body, "Saved as a draft")
		c := h.campaign("fifty")
		require.Equal(t, campaign.Draft, c.State)
		require.Equal(t, []promo.GroupID{"reduction-or-coupon"}, c.Promotion.Groups)
		require.Equal(t, []promo.Funding{{Party: promo.PartySite, PPM: 625_000}, {Party: promo.PartyMerchant, PPM: 375_000}}, c.Promotion.Funding)
		require.Equal(t, int64(500_000), c.Promotion.Limits.Budget.Minor())
		require.Equal(t, []ref.CategoryID{"phones", "power"}, c.Promotion.Lines.Categories)
		twice := noor.post("//staff/promotions/new", reduction("do", "save")...)
		require.Equal(t, http.StatusConflict, twice.status)
		require.Contains(t, twice.body, "saved already")

		act := func(state, version string) answer {
			return noor.post("//staff/promotions/fifty/state", "state", state, "version", version).sane(t)
		}
		require.Contains(t, act("active", "1").body, "It is offered now")
		require.Equal(t, http.StatusConflict, act("paused", "1").status, "somebody else was quicker")

		form := noor.get("//staff/promotions/fifty/edit").sane(t)
		require.Contains(t, form.body, `name="v.off" type="text" value="50.00"`)
		require.Contains(t, form.body, `name="site_share" type="text" value="62.5"`)
		require.Contains(t, form.body, `value="2099-01-02T03:04"`)
		edit := func(changes ...string) answer {
			return noor.post("//staff/promotions/fifty/edit", reduction(append([]string{"do", "save", "version", form.find(t, `name="version" value="(\d+)"`)}, changes...)...)...).sane(t)
		}
		second := edit("v.off", "60")
		require.Equal(t, "/staff/promotions/fifty", second.path, second.body)
		require.Contains(t, second.body, "Saved as version 2")
		require.Contains(t, second.body, "Version 1: Fifty off 400")
		require.Equal(t, campaign.Active, h.campaign("fifty").State)
		stale := edit("v.off", "70")
		require.Equal(t, http.StatusConflict, stale.status)
		require.Contains(t, stale.body, "Somebody changed it meanwhile")

		require.Contains(t, act("paused", "3").body, "It is paused")
		require.Contains(t, act("ended", "4").body, "It has ended")
		require.Equal(t, http.StatusConflict, act("active", "5").status)
		require.Equal(t, http.StatusUnprocessableEntity, act("nonsense", "5").status)
		require.Equal(t, http.StatusUnprocessableEntity, act("ended", "x").status)
		h.sound()
	})
}

func TestWrongPromotionsAreRefusedByField(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	noor := h.noor()
	for _, wrong := range []struct{ name, value, field string }{
		{"v.over", "", "v-over"},
		{"v.over", "much", "v-over"},
		{"v.off", "-5", "v-off"},
		{"v.categories", "phones, spaceships", "v-categories"},
		{"channel", "fr", "channel"},
		{"until", "soon", "until"},
		{"from", "2100-01-01T00:00", "until"},
		{"groups", "nobody-knows", "groups"},
		{"groups", "reduction-or-coupon, reduction-or-coupon", "groups"},
		{"uses", "-1", "uses"},
		{"uses", "many", "uses"},
		{"budget", "x", "budget"},
		{"site_share", "101", "site_share"},
		{"site_share", "half", "site_share"},
		{"share", "with-friends", "share"},
		{"refund", "never", "refund"},
		{"code", strings.Repeat("x", 300), "code"},
		{"name", "a\x01b", "name"},
	} {
		for _, do := range []string{"check", "save"} {
			a := noor.post("//staff/promotions/new", reduction("do", do, wrong.name, wrong.value)...).sane(t)
			require.Equal(t, http.StatusUnprocessableEntity, a.status, "%+v %s", wrong, do)
			require.Contains(t, a.body, `id="e-`+wrong.field+`"`, "%+v", wrong)
		}
	}
	for _, wrong := range [][]string{{"sku.1", "EN-NONE"}, {"sku.0", "a b"}, {"sku.0", "EN0006", "quantity.0", "0"}, {"sku.0", "EN0006", "sku.1", "EN0006"}, {"orders", "-1"}} {
		a := noor.post("//staff/promotions/new", reduction(append([]string{"do", "check"}, wrong...)...)...).sane(t)
		require.Equal(t, http.StatusUnprocessableEntity, a.status, "%q", wrong)
		require.Contains(t, a.body, `class="error"`, "%q", wrong)
	}
	require.Equal(t, http.StatusUnprocessableEntity, noor.get("//staff/promotions/en-spend-300?try=yes&sku.0=EN0006&sku.0=EN0010").status)
	require.Contains(t, noor.get("//staff/promotions/en-spend-300?try=yes&sku.0=none").sane(t).body, "This is not on the list")
	_, err := h.market.Campaigns.Get(t.Context(), ref.System(), "fifty")
	require.Error(t, err, "nothing was half written")

	body := func(text string) answer {
		return noor.post("//staff/promotions/new", "kind", "json", "id", "free", "do", "save", "body", text).sane(t)
	}
	for text, want := range map[string]string{
		"": "no JSON form", "{": "no JSON form", `{"nonsense":1}`: "no JSON form", `{"benefit":{}}`: "<code>promotion.benefit</code>",
		`{"benefit":{"percent":{"ppm":2000000}}}`: "percent.ppm",
	} {
		a := body(text)
		require.Equal(t, http.StatusUnprocessableEntity, a.status, text)
		require.Contains(t, strings.ReplaceAll(a.body, "<code>benefit", "<code>promotion.benefit"), want, text)
	}
	require.Equal(t, "/staff/promotions/free", body(`{"name":"Ten","benefit":{"percent":{"ppm":100000}},"sharing":{"mode":"none"}}`).path)
	form := noor.get("//staff/promotions/free/edit").sane(t)
	require.Contains(t, form.body, `"ppm": 100000`)
	free := noor.get("//staff/promotions/free").sane(t)
	require.Contains(t, free.body, "They do not share")
	require.Contains(t, free.body, "This one does not permit the other.")
	require.Contains(t, free.body, "The other one permits it.")
	h.sound()
}

func TestStaffKeepExclusionGroups(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	noor := h.noor()
	require.Contains(t, noor.get("//staff/groups").sane(t).body, "$20 off $200")
	group := func(path string, pairs ...string) answer { return noor.post("//staff/groups"+path, pairs...).sane(t) }
	for field, form := range map[string][]string{
		"e-id":  {"id", "", "per", "order"},
		"e-per": {"id", "summer", "per", "day"},
		"e-max": {"id", "summer", "per", "order", "max", "x"},
	} {
		a := group("", form...)
		require.Equal(t, http.StatusUnprocessableEntity, a.status, field)
		require.Contains(t, a.body, `id="`+field+`"`)
	}
	require.Equal(t, http.StatusUnprocessableEntity, group("", "id", string(promo.GroupPrice), "per", "order").status)
	a := group("", "id", "summer", "name", "Summer <sale>", "per", "merchant", "max", "2", "pick", "priority")
	require.Equal(t, "/staff/groups", a.path)
	require.Contains(t, a.body, "At most 2 per merchant; by priority")
	require.Equal(t, http.StatusConflict, group("", "id", "summer", "per", "order").status)
	a = group("/summer", "version", "1", "name", "Summer", "per", "order", "max", "1")
	require.Contains(t, a.body, "At most 1 per order; the best for the buyer")
	stale := group("/summer", "version", "1", "per", "order")
	require.Equal(t, http.StatusConflict, stale.status)
	require.Contains(t, stale.body, "<details open>")
	require.Equal(t, http.StatusUnprocessableEntity, group("/reduction-or-coupon", "version", "1", "per", "line").status, "its members are no line discounts")
	require.Contains(t, group("/reduction-or-coupon/remove", "version", "1").body, "take them out first")
	require.Contains(t, group("/summer/remove", "version", "1").body, "It changed meanwhile")
	require.Contains(t, group("/summer/remove", "version", "2").body, "The group is removed")
	require.Equal(t, http.StatusUnprocessableEntity, group("/summer/remove").status)
	require.Equal(t, http.StatusNotFound, group("/summer/remove", "version", "2").status)
	h.sound()
}

func TestStaffRunCoupons(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.noor()
		form := []string{
			"id", "thanks", "promotion", "en-harbour-10", "name", "Thank you", "way", "code", "channel", "en", "validity.days", "10", "total", "9", "per_member", "1",
		}
		for _, wrong := range [][]string{{"name", ""}, {"promotion", "en-spend-300"}, {"promotion", "none"}, {"way", "luck"}, {"total", "x"}, {"closes", "x"}, {"channel", "fr"}, {"validity.days", "-1"}} {
			changed := append([]string{}, form...)
			at := 0
			for at < len(changed) && changed[at] != wrong[0] {
				at += 2
			}
			if at == len(changed) {
				changed = append(changed, wrong...)
			} else {
				changed[at+1] = wrong[1]
			}
			a := noor.post("//staff/coupons/new", changed...).sane(t)
			require.Equal(t, http.StatusUnprocessableEntity, a.status, "%q", wrong)
			require.Contains(t, a.body, `id="e-`+strings.ReplaceAll(wrong[0], ".", "-")+`"`, "%q", wrong)
		}
		a := noor.post("//staff/coupons/new", form...).sane(t)
		require.Equal(t, "/staff/coupons/thanks", a.path, a.body)
		tmpl, err := h.market.Coupons.Template(t.Context(), ref.System(), "thanks")
		require.NoError(t, err)
		require.Equal(t, ref.MerchantID("harbour-and-pine"), tmpl.Merchant)
		require.Contains(t, noor.post("//staff/coupons/thanks/state", "state", "active", "version", "1").sane(t).body, "It is given out now")
		require.Equal(t, http.StatusConflict, noor.post("//staff/coupons/thanks/state", "state", "paused", "version", "1").sane(t).status)

		for _, size := range []string{"", "0", "-1", "many", "999999"} {
			bad := noor.post("//staff/coupons/thanks/codes", "size", size).sane(t)
			require.Equal(t, http.StatusUnprocessableEntity, bad.status, size)
			require.Contains(t, bad.body, `id="e-size"`, size)
		}
		codes := strings.Fields(noor.post("//staff/coupons/thanks/codes", "size", "3").body)
		require.Len(t, codes, 4)
		require.Equal(t, "code", codes[0])
		shown := noor.get("//staff/coupons/thanks").sane(t)
		require.Contains(t, shown.body, "0 of 3 redeemed")
		require.NotContains(t, shown.body, codes[1], "codes are seen once")
		ada := h.visitor("en")
		ada.signedIn()
		require.Equal(t, "/en/coupons", ada.post("/coupons/codes", "code", codes[1]).path)
		shown = noor.get("//staff/coupons/thanks").sane(t)
		require.Contains(t, shown.body, "1 of 3 redeemed")
		require.Contains(t, shown.body, "Ada")
		voided := noor.post("/" + shown.find(t, `action="(/staff/coupons/thanks/batches/[^"]+/void)"`)).sane(t)
		require.Contains(t, voided.body, "Codes that are void now: 2")
		require.Equal(t, http.StatusUnprocessableEntity, ada.post("/coupons/codes", "code", "nope").status)
		revoked := noor.post("/" + shown.find(t, `action="(/staff/coupons/thanks/coupons/[^"]+/revoke)"`)).sane(t)
		require.Contains(t, revoked.body, "The coupon is taken back")

		issue := func(members string) answer {
			return noor.post("//staff/coupons/en-20-off-200/issue", "members", members, "key", "once").sane(t)
		}
		for _, members := range []string{"", "who@souk.example", seed.Member().Email + ", who@souk.example", "not an address"} {
			bad := issue(members)
			require.Equal(t, http.StatusUnprocessableEntity, bad.status, members)
			require.Contains(t, bad.body, `id="e-members"`, members)
		}
		require.Contains(t, issue(seed.Member().Email).body, "Members who were given one: 1")
		issue(seed.Member().Email) // the same page again
		mine, err := h.market.Coupons.List(t.Context(), ref.System(), coupon.Query{Template: "en-20-off-200"}, page.Request{})
		require.NoError(t, err)
		require.Len(t, mine.Items, 1)
		require.Contains(t, noor.post("//staff/coupons/thanks/state", "state", "ended", "version", "2").sane(t).body, "stay good")
		require.Equal(t, http.StatusNotFound, noor.post("//staff/coupons/thanks/batches/none/void").status)
		h.sound()
	})
}
