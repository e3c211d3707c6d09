package shop_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/search"
)

// searched fills the search.
func (h *house) searched() *house {
	h.t.Helper()
	require.NoError(h.t, h.market.Drain(h.t.Context()))
	return h
}

func staff() ref.Scope { return ref.Staff("test") }

// rule keeps a rule of the English shop.
func (h *house) rule(r search.Rule) {
	h.t.Helper()
	now, err := h.market.Search.Settings(h.t.Context(), staff(), "en")
	require.NoError(h.t, err)
	_, err = h.market.Search.SaveRule(h.t.Context(), staff(), search.RuleInput{Channel: "en", Version: now.Version, Rule: r})
	require.NoError(h.t, err)
}

// words are the first words of a product's name.
func words(p demo.Product, n int) string {
	all := strings.Fields(p.Name)
	return strings.Join(all[:min(n, len(all))], " ")
}

func TestSearchFindsAndNarrows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.searched()
		v := h.visitor("en")
		p := h.products("en")[0]
		a := v.get("/search?q=" + url.QueryEscape(words(p, 5)))
		require.Equal(t, 200, a.status)
		require.Contains(t, a.body, "/en/p/"+p.Slug)
		require.Contains(t, a.body, `name="q" type="search" value="`+words(p, 5)+`"`)

		all := v.get("/search")
		require.Equal(t, 200, all.status)
		brand := all.find(t, `name="brand" value="([^"]+)"`)
		one := v.get("/search?brand=" + url.QueryEscape(brand) + "&in_stock=yes&min=1&max=10000&sort=price_up&utm_source=x")
		require.Equal(t, 200, one.status)
		require.Contains(t, one.body, `class="chips"`)
		require.Contains(t, one.body, `value="`+brand+`" checked`)
		require.Greater(t, strings.Count(one.body, `name="brand"`), 1, "counts of the others stay")
		tree := all.find(t, `href="(/en/search\?category=[^"]+)"`)
		below := v.get(strings.TrimPrefix(tree, "/en"))
		require.Equal(t, 200, below.status)
		require.Contains(t, below.body, "All categories")
		trait := all.find(t, `name="(a\.[^"]+)" value`)
		value := all.find(t, `name="a\.[^"]+" value="([^"]+)"`)
		require.Contains(t, v.get("/search?"+url.Values{trait: {value}}.Encode()).body, strings.TrimPrefix(trait, "a.")+": "+value)

		more := all.find(t, `hx-get="/en(/search\?after=[^"]+)"`)
		next := v.get(more)
		require.Equal(t, 200, next.status)
		require.Contains(t, next.body, "Back to the start")
		require.NotEqual(t, all.find(t, `<h3><a href="([^"]+)"`), next.find(t, `<h3><a href="([^"]+)"`))
		part := v.part(more, "more")
		require.NotContains(t, part.body, "<html")
		require.Contains(t, part.body, "<article")
		old := v.get("/search?q=case&after=bad")
		require.Equal(t, "/en/search?q=case", old.path, "an old link leads to the first page")
	})
}

// part asks for a part of a page, as a script does.
func (v *visitor) part(path, target string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.url+v.at(path), nil)
	require.NoError(v.t, err)
	req.Header.Set("HX-Request", "true")
	req.Header.Set("HX-Target", target)
	return v.do(req)
}

func TestSearchTakesAnyAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).searched()
	v := h.visitor("en")
	for _, q := range []string{
		"q=%ff%fe", "q=" + strings.Repeat("x", 10_000), "q=a&q=b", "q=lamp&category=nowhere", "sort=best", "min=x", "min=9&max=1", "max=-1",
		"a.=x", "a.%ff=x", "brand=%ff", "q=%zz", "seller=" + strings.Repeat("y", 2000), "brand=" + strings.Join(strings.Split(strings.Repeat("x", 50), ""), "1&brand="),
		"a." + strings.Repeat("z", 500) + "=x", "a.Color%00=x&brand=%00",
	} {
		a := v.get("/search?" + q)
		require.Contains(t, []int{200, 422}, a.status, q)
		require.Contains(t, a.body, `id="results"`, q)
	}
	require.Equal(t, 422, v.get("/search?q=%ff").status)
	require.Equal(t, 422, v.get("/search?category=nowhere").status)
	require.Contains(t, v.get("/search?q="+strings.Repeat("x", 10_000)).body, "too long")
	for _, q := range []string{
		"q=%2B-%3D%26%26%7C%7C%3E%3C!()%7B%7D%5B%5D%5E%22~*%3F%3A%5C%2F", "q=title:case", "q=*", "q=%22", "q=..,%3B", "a.Nothing=x", "brand=none", "seller=none",
		"q=zzzzqqqqxxxx", "found=x.1", "after=%00",
	} {
		require.Equal(t, 200, v.get("/search?"+q).status, q)
	}
	none := v.get("/search?q=zzzzqqqqxxxx")
	require.Contains(t, none.body, "Nothing was found")
	require.Contains(t, none.body, "Bought most often")
	require.Contains(t, v.get("/search?q=case&brand=none").body, "Nothing is left")
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`<h3><a href="([^"]+)"`).FindAllStringSubmatch(v.get("/search?brand=none").body, -1) {
		require.False(t, seen[m[1]], "%s is offered twice", m[1])
		seen[m[1]] = true
	}
	require.Greater(t, len(seen), 8)
	require.Contains(t, v.get("/search?min=x").body, `href="/en/search"`, "a way on")
	require.NotContains(t, v.get("/search?min=x").body, "show-facets", "there are none")
	require.Equal(t, "/en/search?q=ca", v.get("/search/suggest?q=ca").path, "without a script")
	for _, q := range []string{"", "%ff", strings.Repeat("x", 10_000), "ca"} {
		require.Equal(t, 200, v.part("/search/suggest?q="+q, "suggestions").status, q)
	}
	require.Contains(t, v.part("/search/suggest?q=ca", "suggestions").body, "<img")
}

func TestSearchCorrectsAndTakesTheShoppersWord(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).searched()
	v, word := h.visitor("en"), h.common()
	a := v.get("/search?q=" + word[:4] + word[5:])
	require.Contains(t, a.body, "Results for “"+word+"”")
	literal := a.find(t, `href="/en(/search\?literal=yes[^"]*)"`)
	require.NotContains(t, v.get(literal).body, "Results for “"+word+"”")
}

// common is a long word that many English products have in their names.
func (h *house) common() string {
	h.t.Helper()
	count, best := map[string]int{}, ""
	for _, s := range h.data.Shops {
		for _, p := range s.Products {
			for _, word := range strings.Fields(strings.ToLower(p.Name)) {
				if regexp.MustCompile(`^[a-z]{7,9}$`).MatchString(word) && s.Channel == "en" {
					count[word]++
					if count[word] > count[best] || count[word] == count[best] && word < best {
						best = word
					}
				}
			}
		}
	}
	return best
}

func TestSearchFollowsRulesWithinTheShop(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).searched()
	v := h.visitor("en")
	for query, to := range map[string][2]string{
		"go one":   {"/about", "/en/about"},
		"go two":   {"/en/about", "/en/about"},
		"go three": {"/search?q=go+three", "/en/search?direct=yes&q=go+three"},
		"go four":  {"/../staff/orders", "/en/staff/orders"},
		"go five":  {"/", "/en/"},
	} {
		h.rule(search.Rule{When: search.WhenIs, Query: query, Redirect: to[0]})
		require.Equal(t, to[1], v.get("/search?q="+url.QueryEscape(query)).path, query)
	}
	require.Equal(t, "/en/search?in_stock=yes&q=go+one", v.get("/search?in_stock=yes&q=go+one").path, "filters are for results")
}

// What staff has put in the place of nothing is shown, and nothing else that is
// merely popular.
func TestSearchShowsWhatIsPinnedToNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).searched()
	v := h.visitor("en")
	found, err := h.market.Search.Search(t.Context(), search.Request{Channel: "en", Query: search.Query{Text: "case"}})
	require.NoError(t, err)
	require.NotEmpty(t, found.Hits)
	nothing := v.get("/search?q=xyzzyqqq").body
	require.NotContains(t, nothing, "?found=")
	h.rule(search.Rule{When: search.WhenIs, Query: "xyzzyqqq", Pin: []search.Pin{{Product: found.Hits[0].ID, Place: 2}}})
	require.Equal(t, 1, strings.Count(v.get("/search?q=xyzzyqqq").body, "<h3>"))
}

func TestSearchAsksForFewAttributes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).searched()
	v := h.visitor("en")
	address := "/search?q=case"
	for i := range 8 {
		address += "&a.x" + strconv.Itoa(i) + "=y"
	}
	require.Equal(t, 200, v.get(address).status)
	require.Equal(t, 422, v.get(address+"&a.x8=y").status)
}

func TestSearchCountsWhatWasOpened(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.searched()
		v := h.visitor("en")
		a := v.get("/search?q=case")
		link := a.find(t, `<h3><a href="/en(/p/[^"]+\?found=[^"]+\.1)"`)
		require.Equal(t, 200, v.get(link).status)
		require.Equal(t, 200, v.get(link).status)
		path, _, _ := strings.Cut(link, "?")
		for _, made := range []string{"x", "x.1", ".1", "x.99999999999999999999", "a.-1"} {
			require.Equal(t, 200, v.get(path+"?found="+made).status, made)
		}
		require.NoError(t, h.market.Search.Flush(t.Context()))
		h.clock.Advance(time.Second)
		lines, err := h.market.Search.Places(t.Context(), staff(), search.ReportQuery{Channel: "en"})
		require.NoError(t, err)
		require.EqualValues(t, 1, lines[0].Clicked)
	})
}

func TestCategoriesNeedNoSearch(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()) // nothing has filled the search
	v := h.visitor("en")
	a := v.get("/search?q=case")
	require.Equal(t, 503, a.status)
	require.Contains(t, a.body, "taking a break")
	require.Contains(t, a.body, `<a href="/en/c/cases">`)
	require.Equal(t, 200, v.get("/c/cases").status)
	require.Equal(t, 200, v.part("/search/suggest?q=ca", "suggestions").status)
	require.Equal(t, 204, v.part("/search?q=case", "results").status, "a part leads to the whole page")
}
