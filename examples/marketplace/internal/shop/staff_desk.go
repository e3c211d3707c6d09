package shop

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// desk is one request of an employee who may do what it asks for.
type desk struct {
	*Shop
	w     http.ResponseWriter
	r     *http.Request
	who   access.Staff
	scope ref.Scope
}

// desk makes a handler of a page for employees who may do all of what is
// named.
func (s *Shop) desk(page func(*desk) error, may ...access.Permission) http.Handler {
	return s.fail.Handle(func(w http.ResponseWriter, r *http.Request) error {
		who, scope, err := s.clerk(r.Context(), may...)
		if errors.Is(err, fault.Unauthenticated) {
			return web.Redirect(w, r, "/staff/sign-in")
		}
		if err != nil {
			return err
		}
		return fromTheStart(w, r, page(&desk{Shop: s, w: w, r: r, who: who, scope: scope}))
	})
}

func (d *desk) ctx() context.Context { return d.r.Context() }

func (d *desk) show(p view.Page) error { return d.Renderer.Page(d.w, http.StatusOK, p) }

func (d *desk) answer(status int, p view.Page) error { return d.Renderer.Page(d.w, status, p) }

func (d *desk) redirect(path string) error { return web.Redirect(d.w, d.r, path) }

func (d *desk) tell(tone view.Tone, key string, params fault.Params) {
	d.staff.Tell(d.ctx(), view.Notice{Tone: tone, Key: key, Params: params})
}

// can returns path where the employee may do it, else nothing.
func (d *desk) can(p access.Permission, path string) string {
	if d.who.Can(p) {
		return path
	}
	return ""
}

// id returns a part of the address that names something.
func (d *desk) id(name string) (string, error) {
	id := d.r.PathValue(name)
	if !ref.ValidID(id) {
		return "", errNowhere()
	}
	return id, nil
}

// chrome is what stands around the page; section is where in the menu it is.
func (d *desk) chrome(section string) view.Chrome { return d.deskChrome(d.r, d.who, section) }

// deskChrome is staffChrome for an employee who is signed in.
func (s *Shop) deskChrome(r *http.Request, who access.Staff, section string) view.Chrome {
	c := s.staffChrome(r)
	c.Member = who.Name
	for _, name := range s.sections(who) {
		c.Menu = append(c.Menu, view.Link{Label: "staff.menu." + name, Href: "/staff/" + name, Current: name == section})
	}
	return c
}

// sections are the pages of the menu that an employee may open.
func (s *Shop) sections(who access.Staff) []string {
	var out []string
	if opensOrders(who) {
		out = append(out, "orders")
	}
	if who.Can(access.PromotionsRead) {
		out = append(out, "promotions", "groups", "coupons")
	}
	if s.Market.Search != nil && who.Can(access.SearchRead) {
		out = append(out, "search")
	}
	if s.Market.Recommend != nil && who.Can(access.ShelvesRead) {
		out = append(out, "recommendations")
	}
	return out
}

// firstPage is where an employee begins; who may open none is told so there.
func (s *Shop) firstPage(who access.Staff) string {
	return "/staff/" + append(s.sections(who), "orders")[0]
}

// zone is the time zone in which employees read and write times.
func (s *Shop) zone() *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}

// front returns the storefront of a channel, nil where there is none.
func (s *Shop) front(channel ref.ChannelID) *front {
	for _, f := range s.fronts {
		if f.channel.ID == channel {
			return f
		}
	}
	return nil
}

// owners returns what merchants are called in a language. The site, which has
// no id, has no name.
func (d *desk) owners(locale ref.Locale, ids ...ref.MerchantID) (map[ref.MerchantID]string, error) {
	names := d.fronts[0]
	for _, f := range d.fronts {
		if f.channel.Locale == locale {
			names = f
		}
	}
	known := make([]ref.MerchantID, 0, len(ids))
	for _, id := range ids {
		if id != "" {
			known = append(known, id)
		}
	}
	return names.names(d.ctx(), known...)
}

// choices offers codes; the one that is chosen, or none.
func choices(codes []string, chosen string, label func(string) string) []view.Choice {
	out := make([]view.Choice, len(codes))
	for i, c := range codes {
		out[i] = view.Choice{Code: c, Label: label(c), Selected: c == chosen}
	}
	return out
}

// tabs are links to the states of something, the first of which is all.
func tabs(path, key, chosen string, states []string) []view.Link {
	out := []view.Link{{Label: key + "all", Href: path, Current: chosen == ""}}
	for _, s := range states {
		out = append(out, view.Link{Label: key + s, Href: path + "?state=" + s, Current: s == chosen})
	}
	return out
}
