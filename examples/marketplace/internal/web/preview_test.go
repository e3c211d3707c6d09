package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/internal/chrometest"
)

// TestPreview saves pictures of every page, in both languages, on a desk, on
// a telephone and in the dark, into the folder that SOUK_SCREENSHOTS names, to be looked at
// by whoever changes the design. SOUK_PAGES narrows it to pages by name.
func TestPreview(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SOUK_SCREENSHOTS")
	if dir == "" {
		t.Skip("SOUK_SCREENSHOTS names no folder to save pictures of the pages in")
	}
	pages := map[string]map[string]view.Page{}
	for _, locale := range web.Locales() {
		pages[string(locale)[:2]] = newSamples(t, locale).all()
	}
	srv := previewServer(t, pages)
	require.NoError(t, os.MkdirAll(dir, 0o750))
	browser := chrometest.New(t)
	only := os.Getenv("SOUK_PAGES")
	for lang, byName := range pages {
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			if only != "" && !slices.Contains(strings.Split(only, ","), name) {
				continue
			}
			for device, width := range map[string]int64{"desk": 1280, "phone": 390, "night": 1024} {
				scheme := "light"
				if device == "night" {
					scheme = "dark"
				}
				_, err := chromedp.Call(browser, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				require.NoError(t, err)
				require.NoError(t, chromedp.Do(browser, chromedp.EmulateViewport(width, 800), chromedp.Navigate(srv.URL+"/preview/"+lang+"/"+name)))
				over, err := chromedp.Run(browser, chromedp.Evaluate[int]("document.documentElement.scrollWidth - window.innerWidth"))
				require.NoError(t, err)
				require.LessOrEqual(t, over, 0, "%s %s is wider than a %s", lang, name, device)
				_, err = chromedp.Run(browser, chromedp.Evaluate[bool](`Promise.all([...document.images].map(i => {
					i.loading = "eager"; return i.decode().catch(() => null)})).then(() => true)`, chromedp.EvalAwaitPromise))
				require.NoError(t, err)
				png, err := chromedp.Run(browser, chromedp.FullScreenshot(100))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-%s.png", name, lang, device)), png, 0o600))
			}
		}
	}
}

func previewServer(t *testing.T, pages map[string]map[string]view.Page) *httptest.Server {
	t.Helper()
	assets, err := web.NewAssets()
	require.NoError(t, err)
	pictures, err := web.NewPictures("")
	require.NoError(t, err)
	renderer, err := web.NewRenderer(web.RendererConfig{Assets: assets})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("GET /static/", assets)
	mux.Handle("GET /pictures/", pictures)
	mux.HandleFunc("GET /preview/{lang}/{name}", func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.PathValue("lang")][r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if err := renderer.Page(w, http.StatusOK, page); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}
