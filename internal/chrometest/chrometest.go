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
		skiptest.Missing(t, Engine, "no chromium, chromium-browser or google-chrome in CHROMIUM or PATH"+
			" (Debian: apt-get install chromium)")
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

// executable returns the path of a browser, or "" where there is none.
func executable() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
