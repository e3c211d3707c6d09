package shop

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/search"
)

// search is the page of results.
func (v *visit) search() error {
	dir, err := v.directory(v.ctx())
	if err != nil {
		return err
	}
	s, wrong := v.readSeek(dir)
	p := view.Search{Chrome: v.chrome(), Action: v.base + "/search", Text: s.text, Clear: v.searchHref(s.bare())}
	p.Query = s.text
	if wrong != nil {
		return v.badSearch(p, wrong)
	}
	answer, err := v.ask(s, dir)
	switch {
	case errors.Is(err, fault.Unavailable):
		return v.searchAway(p, dir, err)
	case fault.KindOf(err) == fault.Invalid && fault.CodeOf(err) != "page.cursor":
		return v.badSearch(p, err)
	case err != nil:
		return err
	}
	v.away.Store(false)
	if to := v.ruled(s, answer.Redirect); to != "" {
		return v.redirect(to)
	}
	if answer.ID != "" {
		s.found, s.before = answer.ID, 0
	}
	if answer.Step == search.StepPopular { // of which only what a rule has put there is an answer
		answer.Hits = slices.DeleteFunc(answer.Hits, func(h search.Hit) bool { return !h.Pinned })
	}
	if err := v.results(&p, s, answer.Result); err != nil {
		return err
	}
	if web.Wants(v.r) && v.r.Header.Get("HX-Target") == "more" {
		return v.showPart(http.StatusOK, p, "more")
	}
	if err := v.facets(&p, s, dir, answer); err != nil {
		return err
	}
	v.tellSearch(&p, s, answer.Result)
	if !p.Found() {
		if err := v.nothing(&p, s, dir); err != nil {
			return err
		}
	}
	return v.showPart(http.StatusOK, p, "results")
}

// ask asks the index, for the facets too where a whole page is wanted.
func (v *visit) ask(s seek, dir *directory) (search.Answer, error) {
	if v.Market.Search == nil {
		return search.Answer{}, fault.New(fault.Unavailable, "search.off", "the shop has no search")
	}
	q := v.query(s, dir)
	if v.r.Header.Get("HX-Target") != "more" {
		q.Facets = v.asks(s, dir)
	}
	who := ref.Scope{}
	if s.text != "" && s.after == "" {
		who = v.owner() // somebody who looks for something may buy it
	}
	return v.Market.Search.Search(v.ctx(), search.Request{Channel: v.channel.ID, Visitor: search.Visitor(who), Query: q})
}

// badSearch shows what is wrong with an address.
func (v *visit) badSearch(p view.Search, wrong error) error {
	form, ok := web.Inputs{}.Form(wrong)
	if !ok {
		return wrong
	}
	p.Form = form
	return v.showPart(http.StatusUnprocessableEntity, p, "results")
}

// searchAway leads to the categories, which need no search. That there is none,
// as while it is filled after the first start, is logged once.
func (v *visit) searchAway(p view.Search, dir *directory, why error) error {
	if !v.away.Swap(true) {
		v.Log.WarnContext(v.ctx(), "the search does not answer (yet)", "channel", v.channel.ID, "error", why)
	}
	if web.Wants(v.r) { // what is asked for in parts is asked for as a whole
		return v.redirect(v.r.URL.RequestURI())
	}
	p.Away = true
	for _, n := range dir.roots {
		p.Departments = append(p.Departments, v.categoryLink(n))
	}
	return v.answer(http.StatusServiceUnavailable, p)
}

// ruled returns where a rule leads, which is always within the storefront, and
// nothing where there is none or one was followed already.
func (v *visit) ruled(s seek, to string) string {
	if to == "" || s.direct || s.filtered() || s.after != "" {
		return ""
	}
	u, err := url.Parse(web.LocalPath(to, ""))
	if err != nil || u.Path == "" {
		return ""
	}
	at := path.Clean(u.Path)
	if at != v.base && !strings.HasPrefix(at, v.base+"/") {
		at = v.base + at
	}
	if strings.HasSuffix(u.Path, "/") || at == v.base {
		at += "/"
	}
	values := u.Query()
	if at == v.base+"/search" {
		values.Set("direct", "yes")
	}
	return (&url.URL{Path: at, RawQuery: values.Encode(), Fragment: u.Fragment}).String()
}

// results adds the cards of a page of results, each with its place in the log,
// and where the next ones are.
func (v *visit) results(p *view.Search, s seek, r search.Result) error {
	ids := make([]ref.ProductID, len(r.Hits))
	for i, h := range r.Hits {
		ids[i] = h.ID
	}
	var err error
	if p.Products, err = v.found(ids, s.found, s.before); err != nil {
		return err
	}
	p.Moved = r.Moved
	if r.Next != "" && r.Step != search.StepPopular {
		values := s.values()
		values.Set("after", string(r.Next))
		if n := s.before + len(r.Hits); s.found != "" && n <= page.MaxLimit {
			values.Set("found", writeFound(s.found, n))
		}
		p.More = p.Action + "?" + values.Encode()
	}
	if s.after != "" {
		p.Start = v.searchHref(s)
	}
	return nil
}

// found returns the cards of products that a search found; what has left the
// lists meanwhile is left out.
func (v *visit) found(ids []ref.ProductID, id string, before int) ([]view.Card, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := v.Market.Listing.Cards(v.ctx(), v.channel.ID, ids)
	if err != nil {
		return nil, err
	}
	cards, err := v.cards(rows)
	if err != nil || id == "" {
		return cards, err
	}
	for i := range rows {
		if place := before + slices.Index(ids, rows[i].Product) + 1; place <= page.MaxLimit {
			cards[i].Href += "?found=" + url.QueryEscape(writeFound(id, place))
		}
	}
	return cards, nil
}

// opened notes that a product was opened from the results of a search. A link
// that somebody made up counts nowhere.
func (v *visit) opened(product ref.ProductID, found string) {
	id, place := readFound(found)
	if id == "" || place == 0 || v.Market.Search == nil || web.Wants(v.r) {
		return
	}
	err := v.Market.Search.Click(v.ctx(), search.Click{Search: id, Visitor: search.Visitor(v.scope), Product: product, Place: place})
	if err != nil {
		v.Log.DebugContext(v.ctx(), "a click is not counted", "request", web.RequestID(v.ctx()), "error", err)
	}
}

// tellSearch says what became of the words.
func (v *visit) tellSearch(p *view.Search, s seek, r search.Result) {
	p.Total, p.Full, p.Approximate, p.Step = r.Total, r.Full, r.Approximate, string(r.Step)
	if r.Query != "" && r.Query != s.text {
		literal := s.clone()
		literal.literal = true
		p.Corrected, p.Literal = r.Query, v.searchHref(literal)
	}
	if r.DidYouMean != "" {
		meant := s.bare()
		meant.text, meant.literal = r.DidYouMean, false
		p.Meant = view.Link{Label: r.DidYouMean, Href: v.searchHref(meant)}
	}
}

// fewShown is how many cards stand in a row that is offered instead of results.
const fewShown = 8

// nothing fills the page of a search that found nothing with what is similar
// and what is popular.
func (v *visit) nothing(p *view.Search, s seek, dir *directory) error {
	p.Products, p.More = nil, ""
	var similar []ref.ProductID
	if s.filtered() { // the same words, without the filters that left nothing
		q := v.query(s.bare(), dir)
		q.After, q.Limit = "", fewShown
		found, err := v.Market.Search.Search(v.ctx(), search.Request{Channel: v.channel.ID, Query: q, Quiet: true})
		if err != nil {
			return err
		}
		if found.Step != search.StepPopular {
			for _, h := range found.Hits {
				similar = append(similar, h.ID)
			}
		}
	} else {
		var err error
		if similar, err = v.resembling(s.text); err != nil {
			return err
		}
	}
	var err error
	if p.Similar, err = v.found(similar, "", 0); err != nil {
		return err
	}
	rows, err := v.Market.Listing.List(v.ctx(), listing.Query{Channel: v.channel.ID, Sort: listing.BestSelling, InStock: true}, page.Request{Limit: 2 * fewShown})
	if err != nil {
		return err
	}
	popular := slices.DeleteFunc(rows.Items, func(r listing.Row) bool { return slices.Contains(similar, r.Product) })
	p.Popular, err = v.cards(popular[:min(len(popular), fewShown)])
	return err
}

// resembling returns products of which a word begins like the last one of a
// text.
func (v *visit) resembling(text string) ([]ref.ProductID, error) {
	words := strings.Fields(text)
	for len(words) > 0 {
		letters := []rune(words[len(words)-1])
		for n := min(len(letters), 6); n >= min(3, len(letters)) && n > 0; n-- {
			found, err := v.Market.Search.Suggest(v.ctx(), v.channel.ID, search.SuggestQuery{Text: string(letters[:n]), Limit: fewShown})
			if err != nil || len(found.Products) > 0 {
				ids := make([]ref.ProductID, len(found.Products))
				for i, p := range found.Products {
					ids[i] = p.ID
				}
				return ids, err
			}
		}
		words = words[:len(words)-1]
	}
	return nil, nil
}
