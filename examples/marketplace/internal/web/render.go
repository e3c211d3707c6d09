package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

//go:embed templates
var templateFiles embed.FS

// RendererConfig holds what a [Renderer] may need. The zero value is complete.
type RendererConfig struct {
	// Location is the time zone in which times are shown. Defaults to UTC.
	Location *time.Location
	// Assets serves the static files. Defaults to the embedded ones.
	Assets *Assets
}

// Renderer turns views into pages. It is safe for concurrent use.
type Renderer struct {
	pages   map[ref.Locale]map[string]func() (*template.Template, error)
	texts   map[ref.Locale]*Texts
	buffers sync.Pool
}

// NewRenderer reads the templates of all languages. A page is put together when
// it is asked for first: there are many, and each has all parts in it.
func NewRenderer(c RendererConfig) (*Renderer, error) {
	if c.Location == nil {
		c.Location = time.UTC
	}
	if c.Assets == nil {
		assets, err := NewAssets()
		if err != nil {
			return nil, err
		}
		c.Assets = assets
	}
	texts, err := loadTexts()
	if err != nil {
		return nil, err
	}
	r := &Renderer{pages: map[ref.Locale]map[string]func() (*template.Template, error){}, texts: texts}
	r.buffers.New = func() any { return new(bytes.Buffer) }
	names, err := fs.Glob(templateFiles, "templates/pages/*.html")
	if err != nil {
		return nil, err
	}
	for locale, words := range texts {
		funcs := helpers{texts: words, location: c.Location, assets: c.Assets}.funcs()
		parts, err := template.New("").Funcs(funcs).ParseFS(templateFiles, "templates/parts/*.html")
		if err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
		r.pages[locale] = make(map[string]func() (*template.Template, error), len(names))
		var turn sync.Mutex // the parts are for one copy at a time
		for _, file := range names {
			r.pages[locale][strings.TrimSuffix(path.Base(file), ".html")] = sync.OnceValues(func() (*template.Template, error) {
				turn.Lock()
				defer turn.Unlock()
				set, err := parts.Clone()
				if err == nil {
					set, err = set.ParseFS(templateFiles, file)
				}
				if err != nil {
					return nil, fmt.Errorf("parse templates: %w", err)
				}
				return set, nil
			})
		}
	}
	return r, nil
}

// Texts returns the words of a locale, those of the fallback for one that the
// marketplace does not speak.
func (r *Renderer) Texts(locale ref.Locale) *Texts {
	if t, ok := r.texts[locale]; ok {
		return t
	}
	return r.texts[Locales()[0]]
}

// Page writes a whole page. On error nothing has been written.
func (r *Renderer) Page(w http.ResponseWriter, status int, p view.Page) error {
	return r.write(w, status, p, p.Template()+".html")
}

// Fragment writes one block of a page's template: what htmx puts in place of
// a part of the page it already shows. On error nothing has been written.
func (r *Renderer) Fragment(w http.ResponseWriter, status int, p view.Page, block string) error {
	return r.write(w, status, p, block)
}

func (r *Renderer) write(w http.ResponseWriter, status int, p view.Page, name string) error {
	set, ok := r.pages[p.Language()]
	if !ok {
		set = r.pages[Locales()[0]]
	}
	page, ok := set[p.Template()]
	if !ok {
		return fmt.Errorf("render: no template %q", p.Template())
	}
	t, err := page()
	if err != nil {
		return err
	}
	b, _ := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(b)
	b.Reset()
	if err := t.ExecuteTemplate(b, name, p); err != nil {
		return fmt.Errorf("render %s: %w", p.Template(), err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(p.Language()))
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Add("Vary", "HX-Request")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		return &sendError{err}
	}
	return nil
}

// sendError belongs to a page that was complete and could not be sent.
type sendError struct{ cause error }

func (e *sendError) Error() string { return "send page: " + e.cause.Error() }
func (e *sendError) Unwrap() error { return e.cause }

// Wants reports whether the request comes from htmx and asks for a part of a
// page. A browser that goes back in its history wants the whole page.
func Wants(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}
