package chrometest

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/soukhq/souk/internal/skiptest"
)

// Engine is the name of the browser in SOUK_REQUIRE.
const Engine = "chromium"

// New starts a browser with one empty tab and returns the context for
// chromedp.Do and chromedp.Run. The browser ends with the test, and its profile with it.
func New(t testing.TB) context.Context {
	t.Helper()
	path := executable()
	if path == "" {
		skiptest.Missing(t, Engine, "no chromium-headless-shell, chromium, chromium-browser or google-chrome in CHROMIUM or PATH"+
			" (Debian: apt-get install chromium-headless-shell)")
	}
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless,
		chromedp.NoSandbox, // containers and root have none; the pages are ours
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), // containers give it 64 MB
		chromedp.Flag("hide-scrollbars", true),       // screenshots
	}
	// Cleanup runs after t.Context() is done; chromedp must say goodbye to the
	// browser before that and waits for its end in its own cancel functions.
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), flags...)
	ctx, closeTab := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // a browser that is gone already is what is wanted
		closeTab()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// Tab opens another tab in a browser of [New]. It shares nothing with the
// others, as if it were a browser of its own: no cookie, no storage. It is
// cheaper than one, and closed with the test.
func Tab(t testing.TB, browser context.Context) context.Context {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return ctx
}

// executable returns the path of a browser, or "" where there is none. The
// shell is the same engine without the windows around it, and takes less than
// half of the time.
func executable() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
