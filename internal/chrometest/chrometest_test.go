package chrometest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/chrometest"
)

func TestTheBrowserRendersAPage(t *testing.T) {
	t.Parallel()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<p id="a">bazaar</p><script>a.textContent += " open"</script>`)
	}))
	t.Cleanup(shop.Close)
	ctx := chrometest.New(t)

	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(shop.URL)))
	text, err := chromedp.Run(ctx, chromedp.Text("#a"))
	require.NoError(t, err)
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(t, err)

	require.Equal(t, "bazaar open", text)
	require.NotEmpty(t, picture)
}

func TestATabHasCookiesOfItsOwn(t *testing.T) {
	t.Parallel()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<p>bazaar</p>`)
	}))
	t.Cleanup(shop.Close)
	browser := chrometest.New(t)

	for range 2 {
		tab := chrometest.Tab(t, browser)
		require.NoError(t, chromedp.Do(tab, chromedp.Navigate(shop.URL)))
		before, err := chromedp.Run(tab, chromedp.Evaluate[string]("document.cookie"))
		require.NoError(t, err)
		require.Empty(t, before)
		set, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.cookie = "guest=bo"`))
		require.NoError(t, err)
		require.Equal(t, "guest=bo", set)
	}
}
