package shop

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/search"
)

// manySuggestions is how many of each kind the box shows.
const manySuggestions = 4

// suggest answers the box while somebody types. Whatever is wrong, there is
// nothing to suggest: a page is what tells of errors. Who comes without a script
// gets the results.
func (v *visit) suggest() error {
	text := strings.TrimSpace(v.r.URL.Query().Get("q"))
	if !web.Wants(v.r) {
		return v.redirect(v.searchHref(seek{text: strings.ToValidUTF8(text, "")}))
	}
	p := view.Suggestions{Chrome: v.front.bareChrome(v.r), Text: text}
	if v.Market.Search != nil && text != "" && utf8.ValidString(text) && len(text) <= search.MaxQuery {
		found, err := v.Market.Search.Suggest(v.ctx(), v.channel.ID, search.SuggestQuery{Text: text, Limit: manySuggestions})
		if err == nil {
			err = v.suggestions(&p, found)
		}
		if err != nil {
			v.Log.WarnContext(v.ctx(), "nothing is suggested", "request", web.RequestID(v.ctx()), "error", err)
			p = view.Suggestions{Chrome: p.Chrome, Text: text}
		}
	}
	return v.showPart(http.StatusOK, p, "suggest.html")
}

func (v *visit) suggestions(p *view.Suggestions, found search.Suggestions) error {
	dir, err := v.directory(v.ctx())
	if err != nil {
		return err
	}
	for _, q := range found.Queries {
		p.Queries = append(p.Queries, view.Link{Label: q.Text, Href: v.searchHref(seek{text: q.Text})})
	}
	at := make(map[string]catalog.CategoryNode, len(dir.paths))
	for id, value := range dir.paths {
		at[value] = dir.nodes[id]
	}
	for _, c := range found.Categories {
		if n, ok := at[c.Value]; ok {
			p.Categories = append(p.Categories, view.Branch{Link: v.categoryLink(n), Count: c.Count})
		}
	}
	for _, b := range found.Brands {
		p.Brands = append(p.Brands, view.Branch{
			Link: view.Link{Label: b.Value, Href: v.searchHref(seek{brands: []string{b.Value}})}, Count: b.Count,
		})
	}
	ids := make([]ref.ProductID, len(found.Products))
	for i, product := range found.Products {
		ids[i] = product.ID
	}
	p.Products, err = v.found(ids, "", 0)
	return err
}
