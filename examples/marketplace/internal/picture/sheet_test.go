package picture_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/picture"
	"github.com/soukhq/souk/internal/chrometest"
)

// TestContactSheet saves a picture of all pictures into the folder that
// SOUK_SCREENSHOTS names, to be looked at by whoever changes a drawing.
func TestContactSheet(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SOUK_SCREENSHOTS")
	if dir == "" {
		t.Skip("SOUK_SCREENSHOTS names no folder to draw the contact sheet into")
	}
	colours := picture.Colours()
	var html strings.Builder
	html.WriteString(`<body style="margin:8px;display:grid;grid-template-columns:repeat(9,150px);gap:8px;font:11px sans-serif">`)
	for i, kind := range picture.Kinds() {
		for j := range 2 {
			svg, err := picture.Draw(picture.Spec{Kind: kind, Colour: colours[(i*7+j*11)%len(colours)], Seed: uint32(j + 3)})
			require.NoError(t, err)
			fmt.Fprintf(&html, `<figure style="margin:0"><img width="150" src="data:image/svg+xml;base64,%s">%s</figure>`,
				base64.StdEncoding.EncodeToString(svg), kind)
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(html.String()))
	}))
	defer srv.Close()
	browser := chrometest.New(t)
	require.NoError(t, chromedp.Do(browser, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(srv.URL)))
	png, err := chromedp.Run(browser, chromedp.FullScreenshot(100))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o750))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pictures.png"), png, 0o600))
}
