package shop

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// visit is one request to a storefront.
type visit struct {
	*front
	w     http.ResponseWriter
	r     *http.Request
	scope ref.Scope
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// statusOf returns the status that a form is shown again with, and tells when to
// come again where that is what err is about.
func (v *visit) statusOf(err error) int {
	web.RetryAfter(v.w.Header(), err)
	return web.StatusOf(err)
}

// page makes a handler of a page of this storefront.
func (f *front) page(h func(*visit) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := f.stillMember(r.Context()); err != nil {
			return err
		}
		err := h(&visit{front: f, w: w, r: r, scope: f.sessions.Scope(r.Context())})
		return fromTheStart(w, r, err)
	}
}

// fromTheStart leads whoever follows an old or broken link into the middle of a
// list to its first page.
func fromTheStart(w http.ResponseWriter, r *http.Request, err error) error {
	q := r.URL.Query()
	if fault.CodeOf(err) != "page.cursor" || r.Method != http.MethodGet || !q.Has("after") {
		return err
	}
	q.Del("after")
	return web.Redirect(w, r, (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String())
}

// keyBegan names the time at which somebody signed in, in the session.
const keyBegan = "began"

// stillMember ends the session of a member who is gone, was blocked, or has
// another password since.
func (s *Shop) stillMember(ctx context.Context) error {
	id := s.sessions.Member(ctx)
	if id == "" {
		return nil
	}
	m, err := s.Market.Members.Get(ctx, ref.Member(id), id)
	var began time.Time
	switch {
	case errors.Is(err, fault.NotFound), err == nil && (!s.sessions.Get(ctx, keyBegan, &began) || m.SessionOver(began)):
		return s.sessions.SignOut(ctx)
	default:
		return err
	}
}

type visitedKey struct{}

// visited notes that the request has a session.
func (s *Shop) visited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitedKey{}, true)))
	})
}

// failureChrome is what stands around an error page.
func (s *Shop) failureChrome(r *http.Request) view.Chrome {
	for _, f := range s.fronts {
		if r.URL.Path == f.base || strings.HasPrefix(r.URL.Path, f.base+"/") {
			if r.Context().Value(visitedKey{}) != nil {
				return f.chrome(r)
			}
			return f.bareChrome(r)
		}
	}
	return s.negotiated(r).bareChrome(r)
}

// bareChrome needs neither a session nor a service.
func (f *front) bareChrome(r *http.Request) view.Chrome {
	c := view.Chrome{Locale: f.channel.Locale, Base: f.base, Path: f.base + "/", Shop: f.name, Demo: f.Demo}
	if f.Market.Search != nil {
		c.Search = f.base + "/search"
	}
	path := c.Path
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, f.base+"/") {
		path = r.URL.Path
		c.Path = r.URL.RequestURI()
	}
	rest := strings.TrimPrefix(path, f.base)
	if strings.HasPrefix(rest, "/c/") || strings.HasPrefix(rest, "/p/") || strings.HasPrefix(rest, "/checkout") || strings.HasPrefix(rest, "/search") {
		rest = "/" // the shops have their own goods and carts
	}
	for _, o := range f.fronts {
		c.Shops = append(c.Shops, view.Link{Label: o.label, Href: o.base + rest, Lang: string(o.channel.Locale), Current: o == f})
	}
	return c
}

// chrome never fails: what cannot be read is left out, and logged.
func (f *front) chrome(r *http.Request) view.Chrome {
	c, ctx := f.bareChrome(r), r.Context()
	if dir, err := f.directory(ctx); err != nil {
		f.Log.WarnContext(ctx, "the menu is left out", "request", web.RequestID(ctx), "error", err)
	} else {
		for _, n := range dir.roots {
			link := f.categoryLink(n)
			link.Current = r.URL.Path == link.Href
			c.Menu = append(c.Menu, link)
		}
	}
	if f.sessions.Member(ctx) != "" {
		c.Member = f.sessions.Name(ctx)
	}
	scope := f.sessions.Scope(ctx)
	if c.New = !known(scope, f.sessions.Guest(ctx)); !c.New {
		cart, err := f.Market.Carts.Find(ctx, scope, f.channel.ID)
		switch {
		case err == nil:
			c.Pieces = int64(cart.Pieces())
		case !errors.Is(err, fault.NotFound):
			f.Log.WarnContext(ctx, "the cart's count is left out", "request", web.RequestID(ctx), "error", err)
		}
	}
	c.Notices = f.sessions.Notices(ctx)
	return c
}

// known reports whether the visitor can own anything.
func known(scope ref.Scope, guest string) bool { return scope.Member() != "" || guest != "" }

func (v *visit) chrome() view.Chrome { return v.front.chrome(v.r) }

// owner returns the visitor's scope, for something that is to be kept.
func (v *visit) owner() ref.Scope {
	if v.scope.Member() == "" {
		v.scope = ref.Guest(v.sessions.MustGuest(v.ctx()))
	}
	return v.scope
}

// owns reports whether the visitor may have anything yet.
func (v *visit) owns() bool { return known(v.scope, v.sessions.Guest(v.ctx())) }

func (v *visit) show(p view.Page) error { return v.Renderer.Page(v.w, http.StatusOK, p) }

func (v *visit) answer(status int, p view.Page) error { return v.Renderer.Page(v.w, status, p) }

// showPart answers htmx with a part of the page and everybody else with all
// of it.
func (v *visit) showPart(status int, p view.Page, block string) error {
	v.w.Header().Add("Vary", "HX-Request")
	if web.Wants(v.r) {
		return v.Renderer.Fragment(v.w, status, p, block)
	}
	return v.answer(status, p)
}

func (v *visit) redirect(path string) error { return web.Redirect(v.w, v.r, path) }

// id returns a part of the address that names something. What cannot be a
// name is missing like anything else.
func (v *visit) id(name string) (string, error) {
	id := v.r.PathValue(name)
	if !ref.ValidID(id) {
		return "", errNowhere()
	}
	return id, nil
}

func (v *visit) tell(tone view.Tone, key string, params fault.Params) {
	v.sessions.Tell(v.ctx(), view.Notice{Tone: tone, Key: key, Params: params})
}
