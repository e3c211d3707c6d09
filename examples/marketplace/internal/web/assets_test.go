package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/picture"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

func get(t *testing.T, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	t.Parallel()
	assets, err := web.NewAssets()
	require.NoError(t, err)
	href, err := assets.Href("souk.css")
	require.NoError(t, err)
	plain, err := os.ReadFile("static/souk.css")
	require.NoError(t, err)

	rec := get(t, assets, href)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, string(plain), rec.Body.String())
	require.Equal(t, "text/css; charset=utf-8", rec.Header().Get("Content-Type"))
	require.Contains(t, rec.Header().Get("Cache-Control"), "immutable")

	rec = get(t, assets, href, "Accept-Encoding", "br, gzip")
	require.Equal(t, "gzip", rec.Header().Get("Content-Encoding"))
	z, err := gzip.NewReader(rec.Body)
	require.NoError(t, err)
	unzipped, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, string(plain), string(unzipped))
	require.Empty(t, get(t, assets, href, "Accept-Encoding", "gzip; q=0").Header().Get("Content-Encoding"))

	old := get(t, assets, "/static/0123456789ab/souk.css")
	require.Equal(t, http.StatusOK, old.Code)
	require.Equal(t, "no-cache", old.Header().Get("Cache-Control"))
	require.Equal(t, http.StatusNotFound, get(t, assets, "/static/0123456789ab/missing.css").Code)
	require.Equal(t, http.StatusNotFound, get(t, assets, "/static/../render.go").Code)
	_, err = assets.Href("missing.css")
	require.Error(t, err)
}

func TestHtmxIsShippedWithItsLicence(t *testing.T) {
	t.Parallel()
	assets, err := web.NewAssets()
	require.NoError(t, err)
	for _, name := range []string{"htmx.min.js", "htmx.LICENSE.txt"} {
		href, err := assets.Href(name)
		require.NoError(t, err)
		require.NotEmpty(t, get(t, assets, href).Body.String())
	}
}

func TestPicturesAreDrawnOnceAndKept(t *testing.T) {
	t.Parallel()
	spec := picture.Spec{Kind: "pot", Colour: "red", Seed: 9}
	path := "/pictures/" + spec.Key() + ".svg"
	want, err := picture.Draw(spec)
	require.NoError(t, err)

	dir := filepath.Join(t.TempDir(), "new", "pictures")
	onDisk, err := web.NewPictures(dir)
	require.NoError(t, err)
	inMemory, err := web.NewPictures("")
	require.NoError(t, err)
	for _, pictures := range []*web.Pictures{onDisk, inMemory} {
		t.Cleanup(func() { require.NoError(t, pictures.Close()) })
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				rec := get(t, pictures, path)
				if rec.Code != http.StatusOK || rec.Body.String() != string(want) || rec.Header().Get("Content-Type") != "image/svg+xml" {
					t.Errorf("answer %d of %d bytes", rec.Code, rec.Body.Len())
				}
			})
		}
		wg.Wait()
		for _, bad := range []string{"/pictures/pot-red-9.svg", "/pictures/../../etc/passwd.svg", "/pictures/" + spec.Key(), "/pictures/"} {
			require.Equal(t, http.StatusNotFound, get(t, pictures, bad).Code, bad)
		}
	}
	kept, err := os.ReadFile(filepath.Join(dir, spec.Key()+".svg"))
	require.NoError(t, err)
	require.Equal(t, string(want), string(kept))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing half-written is left")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = web.NewPictures(file)
	require.Error(t, err)
	require.True(t, strings.HasPrefix(string(want), "<svg"))
}
