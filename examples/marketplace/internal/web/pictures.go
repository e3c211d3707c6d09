package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

// maxKept bounds the pictures that are kept in memory where there is no
// folder: about 12 MB, twice the demo's products.
const maxKept = 4096

// Pictures serves the drawings of products by their keys. A drawing is made
// when it is asked for the first time and kept in a folder, or in memory where
// there is none. It is safe for concurrent use.
type Pictures struct {
	dir  string
	mu   sync.Mutex
	kept map[string][]byte
}

// NewPictures returns pictures that are kept in dir, which it creates. An
// empty dir keeps them in memory.
func NewPictures(dir string) (*Pictures, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, err
		}
	}
	return &Pictures{dir: dir, kept: map[string][]byte{}}, nil
}

// ServeHTTP answers GET /pictures/{key}.svg.
func (p *Pictures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/pictures/"), ".svg")
	spec, err := picture.ParseKey(key)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	svg, err := p.get(spec)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age=604800")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(svg) // a visitor who hung up misses nothing
}

func (p *Pictures) get(spec picture.Spec) ([]byte, error) {
	if p.dir == "" {
		return p.fromMemory(spec)
	}
	name := filepath.Join(p.dir, spec.Key()+".svg")
	if svg, err := os.ReadFile(name); err == nil { //nolint:gosec // a key holds no separators
		return svg, nil
	}
	svg, err := picture.Draw(spec)
	if err != nil {
		return nil, err
	}
	// A folder that is full or read-only costs time, not pictures.
	_ = keep(name, svg)
	return svg, nil
}

func (p *Pictures) fromMemory(spec picture.Spec) ([]byte, error) {
	p.mu.Lock()
	svg, ok := p.kept[spec.Key()]
	p.mu.Unlock()
	if ok {
		return svg, nil
	}
	svg, err := picture.Draw(spec)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.kept) >= maxKept {
		clear(p.kept)
	}
	p.kept[spec.Key()] = svg
	return svg, nil
}

// keep writes a file in one step, so that no reader ever sees half of it.
func keep(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".picture-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
