package web

import (
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

// maxKept bounds the pictures that are kept in memory where there is no
// folder: about 12 MB, more than the demo has products.
const maxKept = 4096

// Pictures serves the drawings of products by their keys. A drawing is made
// when it is asked for the first time and kept in a folder, or in memory where
// there is none. It is safe for concurrent use.
type Pictures struct {
	dir  *os.Root // nil: in memory
	mu   sync.Mutex
	kept map[string][]byte
}

// NewPictures returns pictures that are kept in dir, which it creates and
// which belongs to this process. An empty dir keeps them in memory.
func NewPictures(dir string) (*Pictures, error) {
	p := &Pictures{kept: map[string][]byte{}}
	if dir == "" {
		return p, nil
	}
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		p.dir, err = os.OpenRoot(dir)
	}
	return p, err
}

// Close gives the folder back.
func (p *Pictures) Close() error {
	if p.dir == nil {
		return nil
	}
	return p.dir.Close()
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
	_, _ = w.Write(svg) //nolint:gosec // drawn from words of closed lists; nothing of the request is in it
}

func (p *Pictures) get(spec picture.Spec) ([]byte, error) {
	name := spec.Key() + ".svg"
	if svg, ok := p.find(name); ok {
		return svg, nil
	}
	svg, err := picture.Draw(spec)
	if err != nil {
		return nil, err
	}
	p.keep(name, svg)
	return svg, nil
}

func (p *Pictures) find(name string) ([]byte, bool) {
	if p.dir != nil {
		svg, err := p.dir.ReadFile(name)
		return svg, err == nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	svg, ok := p.kept[name]
	return svg, ok
}

// keep remembers a drawing. A folder that is full or read-only costs time, not
// pictures; a file appears in one step, so that nobody reads half of it.
func (p *Pictures) keep(name string, svg []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dir == nil {
		if len(p.kept) >= maxKept {
			clear(p.kept)
		}
		p.kept[name] = svg
		return
	}
	err := p.dir.WriteFile(name+".new", svg, 0o640)
	if err == nil {
		err = p.dir.Rename(name+".new", name)
	}
	if err != nil {
		_ = p.dir.Remove(name + ".new")
	}
}
