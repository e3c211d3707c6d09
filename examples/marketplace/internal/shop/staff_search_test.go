package shop_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/search"
)

func TestStaffReadTheSearchReport(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.searched()
		v := h.visitor("en")
		v.get(v.get("/search?q=case").find(t, `<h3><a href="/en(/p/[^"]+\.1)"`))
		v.get("/search?q=wqxzk")
		require.NoError(t, h.market.Search.Flush(t.Context()))
		h.clock.Advance(time.Second)
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		require.Equal(t, "/staff/search/en", noor.get("//staff/search").path)
		a := noor.get("//staff/search/en?days=7")
		require.Equal(t, 200, a.status)
		require.Contains(t, a.body, ">case</a>")
		require.Contains(t, a.body, "100.0%")
		require.Contains(t, a.body, "<svg viewBox")
		a = noor.get("//staff/search/en?order=empty")
		require.Contains(t, a.body, "wqxzk")
		require.NotContains(t, a.body, ">case</a>")
		require.Contains(t, noor.get("//staff/search/zh?order=empty").body, "Nothing yet")
		require.Equal(t, "/staff/search/en?days=1", noor.get("//staff/search/en?days=1&after=bad").path)
		require.Equal(t, 404, noor.get("//staff/search/none").status)
		require.Equal(t, 404, noor.get("//staff/search/%ff").status)
		require.Equal(t, 404, noor.get("//staff/search/en/rules/none").status)
	})
}

func TestStaffKeepSynonyms(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).searched()
	noor, v, word := h.employee(seed.Staff().Email, seed.Staff().Password), h.visitor("en"), h.common()
	at := "//staff/search/en/synonyms"
	form := noor.get(at)
	version := form.find(t, `name="version" value="(\d+)"`)
	require.NotContains(t, v.get("/search?q=zorblat").body, "have all of your words")
	saved := noor.post(at, "version", version, "synonyms", "zorblat, "+word+"\n\nfrobnik > "+word, "defaults", "yes")
	require.Contains(t, saved.body, "saved and in use")
	require.Contains(t, saved.body, "frobnik > "+word)
	require.Contains(t, v.get("/search?q=zorblat").body, "all of your words")

	stale := noor.post(at, "version", version, "synonyms", "a, b")
	require.Equal(t, 409, stale.status)
	require.Contains(t, stale.body, "Somebody changed")
	require.Contains(t, stale.body, "a, b", "what was typed stays")
	version = noor.get(at).find(t, `name="version" value="(\d+)"`)
	for _, wrong := range []string{"fine, good\n\nalone", "fine, good\n\n> x", "fine, good\n\n" + strings.Repeat("x", 300) + ", y", "fine, good\n\nx > ", "fine, good\n\n!!, ??"} {
		bad := noor.post(at, "version", version, "synonyms", wrong)
		require.Equal(t, 422, bad.status, wrong)
		require.Contains(t, bad.body, "Line 3", wrong)
	}
	require.Equal(t, 422, noor.send(at, "version=1&synonyms=%ff").status)
	require.Equal(t, 422, noor.post(at, "synonyms", "a, b").status)
}

func TestStaffKeepRules(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.searched()
		noor, v := h.employee(seed.Staff().Email, seed.Staff().Password), h.visitor("en")
		p, q := h.products("en")[0], h.products("en")[1]
		at := "//staff/search/en/rules/new"
		version := func() string { return noor.get(at).find(t, `name="version" value="(\d+)"`) }
		require.Contains(t, noor.get(at+"?query=gift").body, `value="gift"`)
		for _, wrong := range []struct{ field, value, said string }{
			{"pin", "1 nowhere", "Line 1: there is no such product"},
			{"pin", p.Code + "\n0 " + p.Code, "Line 2: this is no place"},
			{"pin", "999 " + p.Code, "no place"},
			{"hide", p.Code + "\n\nnowhere\xe2\x80\xae", "Line 3"},
			{"boost", "11 " + p.Code, "strength"},
			{"boost", "NaN " + p.Code, "strength"},
			{"bury", "category: nowhere", "no such category"},
			{"redirect", "elsewhere", "no path"},
			{"redirect", "//elsewhere.example", "no path"},
			{"from", "x", "cannot be read"},
			{"when", "never", "not on the list"},
			{"query", strings.Repeat("x", 2000), "At most"},
			{"hide", strings.Repeat(p.Code+"\n", 60), "At most 50"},
			{"try", "gift", "does nothing"},
		} {
			form := map[string]string{"version": version(), "when": "is", "query": "gift", "do": "save", wrong.field: wrong.value}
			pairs := []string{}
			for name, value := range form {
				pairs = append(pairs, name, value)
			}
			bad := noor.post(at, pairs...)
			require.Equal(t, 422, bad.status, "%+v", wrong)
			require.Contains(t, bad.body, wrong.said, "%+v", wrong)
		}
		form := []string{
			"version", version(), "when", "is", "query", "gift", "pin", "1 /en/p/" + p.Slug + "?colour=red", "boost", "5 brand: " + q.Brand + "\ncategory: cases",
			"bury", q.Variants[0].Code, "until", h.clock.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04"),
		}
		tried := noor.post(at, append(form, "do", "preview")...)
		require.Equal(t, 200, tried.status)
		require.Contains(t, tried.body, ">Pinned</span>")
		require.Equal(t, "0", noor.get(at).find(t, `name="version" value="(\d+)"`), "a preview saves nothing")
		require.Equal(t, "/staff/search/en/rules", noor.post(at, append(form, "do", "save")...).path)
		require.Equal(t, "/en/p/"+p.Slug, strings.Split(v.get("/search?q=gift").find(t, `<h3><a href="([^"]+)"`), "?")[0])

		rule := noor.get("//staff/search/en/rules").find(t, `href="/(staff/search/en/rules/[^"]+)">gift`)
		edit := noor.get("//" + rule)
		require.Contains(t, edit.body, "1 "+p.Code)
		require.Contains(t, edit.body, "5 brand: "+q.Brand+"\n3 category: cases")
		require.Contains(t, edit.body, "3 "+q.Code)
		stale := noor.post("//"+rule, "version", "0", "when", "is", "query", "gift", "redirect", "/about", "do", "save")
		require.Equal(t, 409, stale.status)
		require.Contains(t, stale.body, "Somebody changed")
		require.Contains(t, stale.body, `value="/about"`)
		require.Equal(t, "/staff/search/en/rules", noor.post("//"+rule, "version", "1", "when", "starts", "query", "gift", "redirect", "/about", "do", "save").path)
		require.Equal(t, "/en/about", v.get("/search?q=gift+box").path)

		late := noor.post("//"+rule+"/delete", "version", "1")
		require.Contains(t, late.body, "Somebody changed")
		gone := noor.post("//"+rule+"/delete", "version", "2")
		require.Contains(t, gone.body, "The rule is deleted")
		require.Equal(t, 404, noor.get("//"+rule).status)
		require.NoError(t, h.market.Search.Flush(t.Context()))
		h.clock.Advance(time.Second)
		lines, err := h.market.Search.Queries(t.Context(), staff(), search.ReportQuery{Channel: "en"}, page.Request{Limit: 10})
		require.NoError(t, err)
		for _, l := range lines.Items {
			require.EqualValues(t, 1, l.Searches, "a preview is no search: %s", l.Text)
		}
	})
}

func TestOnlyMarketingLooksAfterTheSearch(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).searched()
	require.Equal(t, "/staff/sign-in", h.visitor("en").get("//staff/search/en").path)
	h.hire("cleo", access.Support)
	cleo := h.employee("cleo", "boxes upon boxes")
	for _, path := range []string{"//staff/search", "//staff/search/en", "//staff/search/en/synonyms", "//staff/search/en/rules"} {
		require.Equal(t, 403, cleo.get(path).status, path)
	}
	require.NotContains(t, cleo.get("//staff/orders").body, "/staff/search")
	for _, path := range []string{"//staff/search/en/synonyms", "//staff/search/en/rules/new", "//staff/search/en/rules/x/delete"} {
		require.Equal(t, 403, cleo.post(path, "version", "0").status, path)
	}
	h.hire("vito", access.Viewer)
	vito := &visitor{house: h, base: "/en", client: h.visitor("en").client}
	vito.post("//staff/sign-in", "email", "vito", "password", "boxes upon boxes")
	require.Equal(t, 200, vito.get("//staff/search/en/rules").status)
	require.NotContains(t, vito.get("//staff/search/en/rules").body, "New rule")
	require.Equal(t, 403, vito.get("//staff/search/en/rules/new").status)
	require.Equal(t, 403, vito.post("//staff/search/en/synonyms", "version", "0").status)
}

// TestABrowserLooksAfterTheSearch goes through the pages of the search's staff,
// in both languages.
func TestABrowserLooksAfterTheSearch(t *testing.T) {
	t.Parallel()
	onEveryScreen(t, func(t *testing.T, b *tab, channel string) {
		t.Helper()
		h := newHouse(t, openMemory()).searched()
		b.do(chromedp.Navigate(h.url + "/staff/sign-in?lang=" + channel))
		b.fill("email", seed.Staff().Email)
		b.fill("password", seed.Staff().Password)
		b.click(`form[action="/staff/sign-in"] button`, `nav.menu`)
		b.click(`a[href="/staff/search"]`, `.report`)
		b.shot("staff-search-none")
		h.asked(channel)
		b.do(chromedp.Navigate(h.url + "/staff/search/" + channel))
		b.shot("staff-search")
		b.do(chromedp.Navigate(h.url + "/staff/search/" + channel + "/synonyms"))
		b.fill("synonyms", "sofa, couch\nalone")
		b.click(`main form button`, `#e-synonyms`)
		b.shot("staff-synonyms-wrong")
		b.fill("synonyms", "sofa, couch\ncpu > processor, chip")
		b.click(`main form button`, `.notice.good`)
		b.eval(`document.querySelectorAll("details").forEach(d => { d.open = true }), ""`)
		b.shot("staff-synonyms")
		b.do(chromedp.Navigate(h.url + "/staff/search/" + channel + "/rules"))
		b.shot("staff-rules-none")
		b.click(`a[href$="/rules/new"]`, `#rule`)
		b.fill("query", map[string]string{"en": "case", "zh": "被"}[channel])
		b.click(`button[value="save"]`, `#trouble`)
		b.shot("staff-rule-wrong")
		product := h.products(ref.ChannelID(channel))[0]
		b.fill("pin", "2 "+product.Code)
		b.click(`button[value="preview"]`, `.previews`)
		b.shot("staff-rule")
		b.click(`button[value="save"]`, `.notice.good`)
		b.shot("staff-rules")
	})
}

// asked has some visitors search and open what they find.
func (h *house) asked(channel string) {
	h.t.Helper()
	for i, q := range []string{"case", "cable", "case", "phone", "wqxzk", "被", "枕头", "case", "被", "charger"} {
		v := h.visitor(channel)
		a := v.get("/search?q=" + url.QueryEscape(q))
		if links := strings.Split(a.body, `<h3><a href="/`+channel+`/p/`); len(links) > 1+i%4 {
			link, _, _ := strings.Cut(links[1+i%4], `"`)
			v.get("/p/" + link)
		}
	}
	require.NoError(h.t, h.market.Search.Flush(h.t.Context()))
	h.clock.Advance(time.Second)
}
