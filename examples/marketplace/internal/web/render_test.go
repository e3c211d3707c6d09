package web_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

func newRenderer(t *testing.T) *web.Renderer {
	t.Helper()
	r, err := web.NewRenderer(web.RendererConfig{})
	require.NoError(t, err)
	return r
}

func TestEveryPageRendersInEveryLanguage(t *testing.T) {
	t.Parallel()
	renderer := newRenderer(t)
	for _, locale := range web.Locales() {
		for name, page := range newSamples(t, locale).all() {
			rec := httptest.NewRecorder()
			require.NoError(t, renderer.Page(rec, http.StatusTeapot, page), name)
			require.Equal(t, http.StatusTeapot, rec.Code)
			body := rec.Body.String()
			requireSoundPage(t, string(locale)+" "+name, string(locale), body)
		}
	}
}

func TestManyResultsAreGrouped(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	require.NoError(t, newRenderer(t).Page(rec, http.StatusOK, newSamples(t, ref.English).searches()["search"]))
	for _, n := range []string{"1,234", "12,345", "1,031"} {
		require.Contains(t, rec.Body.String(), n)
	}
}

// requireSoundPage checks what must hold for every page: one language, one
// main heading, labels for inputs, nothing from other hosts, nothing inline
// that the content security policy refuses, no key without words.
func requireSoundPage(t *testing.T, name, locale, body string) {
	t.Helper()
	require.True(t, strings.HasPrefix(strings.TrimSpace(body), "<!doctype html>"), name)
	require.True(t, strings.Contains(body, `<html lang="`+locale+`">`), name)
	require.True(t, strings.HasSuffix(strings.TrimSpace(body), "</html>"), name)
	require.Equal(t, 1, strings.Count(body, "<h1"), "%s has one main heading", name)
	require.Equal(t, 1, strings.Count(body, `id="main"`), name)
	for _, refused := range []string{" style=", "<style", " onclick", "javascript:", "http://", "https://", "ZgotmplZ", "<no value>", "%!", "<script>"} {
		require.False(t, strings.Contains(body, refused), "%s contains %q", name, refused)
	}
	words := regexp.MustCompile(`<code>[^<]*</code>`).ReplaceAllString(body, "")
	require.Empty(t, regexp.MustCompile(`>\s*[a-z_]+\.[a-z_]+(\.[a-z_]+)*\s*<`).FindString(words), "%s shows a key without words", name)
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		require.False(t, ids[m[1]], "%s: id %s twice", name, m[1])
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?:for|aria-describedby|aria-labelledby)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			require.True(t, ids[id], "%s refers to the missing id %s", name, id)
		}
	}
	for _, m := range regexp.MustCompile(`<(?:input|select)[^>]*>`).FindAllString(body, -1) {
		if strings.Contains(m, `type="hidden"`) || strings.Contains(m, "aria-label=") || strings.Contains(m, `type="radio"`) || strings.Contains(m, `type="checkbox"`) {
			continue
		}
		id := regexp.MustCompile(` id="([^"]*)"`).FindStringSubmatch(m)
		require.NotNil(t, id, "%s: %s has neither id nor label", name, m)
		require.True(t, strings.Contains(body, `for="`+id[1]+`"`), "%s: %s has no label", name, m)
	}
	for _, m := range regexp.MustCompile(`<img[^>]*>`).FindAllString(body, -1) {
		require.Contains(t, m, " alt=", name)
	}
	require.Equal(t, strings.Count(body, `method="post"`), strings.Count(body, `method="post" action="`), name)
}

func TestTextsAreCompleteInEveryLanguage(t *testing.T) {
	t.Parallel()
	messages := map[ref.Locale]map[string]any{}
	for _, locale := range web.Locales() {
		raw, err := os.ReadFile("locales/" + string(locale) + ".json")
		require.NoError(t, err)
		var m map[string]any
		require.NoError(t, json.Unmarshal(raw, &m))
		messages[locale] = m
	}
	gaps := regexp.MustCompile(`\{\{\.\w+\}\}`)
	for key, english := range messages[ref.English] {
		chinese, ok := messages[ref.Chinese][key]
		require.True(t, ok, "%s has no Chinese words", key)
		require.IsType(t, english, chinese, key)
		for _, gap := range gaps.FindAllString(flat(english), -1) {
			if gap != "{{.N}}" {
				require.Contains(t, flat(chinese), gap, key)
			}
		}
	}
	require.Len(t, messages[ref.Chinese], len(messages[ref.English]))

	used := regexp.MustCompile(`\b(?:t|tn) "([a-z_.]+)"`)
	require.NoError(t, fs.WalkDir(os.DirFS("templates"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile("templates/" + name)
		for _, m := range used.FindAllStringSubmatch(string(raw), -1) {
			require.Contains(t, messages[ref.English], m[1], name)
		}
		return err
	}))
	for _, kind := range fault.Kinds() {
		require.Contains(t, messages[ref.English], "fault.kind."+string(kind))
	}
}

func flat(message any) string {
	raw, _ := json.Marshal(message)
	return string(raw)
}

func TestTextsCountAndExplain(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	en, zh := r.Texts(ref.English), r.Texts(ref.Chinese)
	require.Equal(t, "1 piece", en.Count("sum.items", 1, nil))
	require.Equal(t, "1,234 pieces", en.Count("sum.items", 1234, nil))
	require.Equal(t, "1 件商品", zh.Count("sum.items", 1, nil))
	require.Equal(t, "no.such.key", en.Text("no.such.key", nil))
	require.Equal(t, "美国", zh.Country("US"))
	require.Equal(t, "GB", en.Country("GB"), "better than a key")
	require.Equal(t, "Sign in", r.Texts("fr-FR").Text("sign_in.title", nil), "an unknown language falls back")

	require.Equal(t, "This is not a phone number of the country.", en.Wrong(fault.Field{Path: "address.phone", Code: "malformed"}))
	require.Equal(t, "This cannot be read.", en.Wrong(fault.Field{Path: "colour", Code: "malformed"}))
	require.Equal(t, "至少 10 个字符。", zh.Wrong(fault.Field{Path: "password", Code: "too_short", Params: fault.Params{"min": 10}}))
	require.Equal(t, "请检查此项。", zh.Wrong(fault.Field{Path: "x", Code: "strange"}))
	require.Equal(t, "Too many tries. Please wait a minute.", en.Trouble(fault.New(fault.RateLimited, "some.code", "x")))
	require.Equal(t, "Something broke on our side.", en.Trouble(fault.New("odd", "odd", "x")))
}

func TestWhatPeopleTypedIsEscaped(t *testing.T) {
	t.Parallel()
	evil := `"><script>alert(1)</script>`
	rec := httptest.NewRecorder()
	require.NoError(t, newRenderer(t).Page(rec, http.StatusOK, view.SignUp{
		Chrome: view.Chrome{Locale: ref.English, Member: evil, Shop: evil, Path: `javascript:alert(1)`},
		Form:   view.Form{Values: map[string]string{"name": evil, "password": "hunter2-hunter2"}, Fault: fault.New(fault.Conflict, evil, evil)},
		Next:   evil,
	}))
	require.NotContains(t, rec.Body.String(), "<script>alert")
	require.NotContains(t, rec.Body.String(), "hunter2", "a password is never sent back")
}

func TestABrokenPageWritesNothing(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	rec := httptest.NewRecorder()
	require.Error(t, r.Page(rec, http.StatusOK, unknownPage{}))
	require.Error(t, r.Fragment(rec, http.StatusOK, view.Cart{Chrome: view.Chrome{Locale: ref.English}}, "no_such_block"))
	require.Error(t, r.Page(rec, http.StatusOK, brokenPage{}), "a view that lacks what its template shows")
	require.False(t, rec.Flushed)
	require.Zero(t, rec.Body.Len())
	require.Empty(t, rec.Header())
}

type unknownPage struct{ view.Chrome }

func (unknownPage) Template() string { return "unknown" }

type brokenPage struct{ view.Chrome }

func (brokenPage) Template() string { return "orders" }

func TestFragmentsArePartsOfPages(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	s := newSamples(t, ref.Chinese)
	for block, page := range map[string]view.Page{
		"cart_fragment": s.cart(true), "results": s.category(), "product_panel": s.product("bedding", 2), "order_panel": s.order(true, false), "staff_results": s.staffOrders(false),
	} {
		rec := httptest.NewRecorder()
		require.NoError(t, r.Fragment(rec, http.StatusOK, page, block))
		require.NotContains(t, rec.Body.String(), "<html", block)
		require.True(t, strings.HasPrefix(strings.TrimSpace(rec.Body.String()), "<div id="), block)
	}
	rec := httptest.NewRecorder()
	require.NoError(t, r.Fragment(rec, http.StatusOK, s.cart(false), "cart_fragment"))
	require.Contains(t, rec.Body.String(), `id="cart-count" hx-swap-oob="true"`)
}

func TestOnlyHtmxGetsParts(t *testing.T) {
	t.Parallel()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	require.False(t, web.Wants(req))
	req.Header.Set("HX-Request", "true")
	require.True(t, web.Wants(req))
	req.Header.Set("HX-History-Restore-Request", "true")
	require.False(t, web.Wants(req))
}
