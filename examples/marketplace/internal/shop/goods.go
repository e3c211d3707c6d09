package shop

import (
	"net/http"
	"net/url"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// perPage is how many products a list shows at once.
const perPage = 24

func (v *visit) home() error {
	dir, err := v.directory(v.ctx())
	if err != nil {
		return err
	}
	rows, err := v.Market.Listing.List(v.ctx(), listing.Query{Channel: v.channel.ID, Sort: listing.BestSelling, InStock: true}, page.Request{Limit: 100})
	if err != nil {
		return err
	}
	cards, err := v.cards(rows.Items)
	if err != nil {
		return err
	}
	p := view.Home{Chrome: v.chrome(), Products: dir.products, Shelves: v.shelves(subject{}, slotHome, slotHot, slotTrending)}
	shown := map[ref.ProductID]bool{}
	for _, s := range p.Shelves {
		for _, pick := range s.Picks {
			shown[ref.ProductID(pick.Product)] = true
		}
	}
	for i, c := range cards {
		switch {
		case shown[rows.Items[i].Product]:
		case len(p.Popular) < 8:
			p.Popular = append(p.Popular, c)
		case !c.ListPrice.IsZero() && len(p.Offers) < 8:
			p.Offers = append(p.Offers, c)
		}
	}
	for _, n := range dir.roots {
		link := v.categoryLink(n)
		p.Departments = append(p.Departments, view.Tile{Name: link.Label, Href: link.Href, Picture: v.tile(n)})
		if len(p.Hero) < 5 {
			p.Hero = append(p.Hero, v.tile(n))
		}
	}
	for _, id := range dir.sellers {
		m, err := v.seller(v.ctx(), id)
		if err != nil {
			return err
		}
		p.Merchants = append(p.Merchants, m)
	}
	return v.show(p)
}

func (v *visit) about() error {
	text, err := demo.Attribution()
	if err != nil {
		return err
	}
	return v.show(view.About{Chrome: v.chrome(), Sources: []view.Source{{
		Title: "Typesense showcase, litemall", Licence: "Apache-2.0, MIT", Text: text,
	}}})
}

// cards turns rows of a list into what is shown of them.
func (v *visit) cards(rows []listing.Row) ([]view.Card, error) {
	ids := make([]ref.MerchantID, len(rows))
	for i := range rows {
		ids[i] = rows[i].Merchant
	}
	names, err := v.names(v.ctx(), ids...)
	if err != nil {
		return nil, err
	}
	cards, now := make([]view.Card, len(rows)), v.Clock.Now()
	for i := range rows {
		r := &rows[i]
		price := r.PriceAt(now)
		cards[i] = view.Card{
			Href: v.productHref(r.Slug), Name: r.Title, Brand: r.BrandName, Merchant: names[r.Merchant],
			Picture: pictureOr(r.Picture), Price: price.Lowest, From: !price.Highest.Equal(price.Lowest), ListPrice: price.Was,
			InStock: r.InStock,
		}
		if r.SKU == "" {
			cards[i].Options = 1
		}
	}
	return cards, nil
}

func (f *front) productHref(slug string) string { return f.base + "/p/" + url.PathEscape(slug) }

// sorts are the orders of a list by the codes in its address; the first one
// is what a list begins with.
func sorts() []struct {
	code string
	sort listing.Sort
} {
	return []struct {
		code string
		sort listing.Sort
	}{
		{"popular", listing.BestSelling}, {"newest", listing.Newest}, {"price_up", listing.Cheapest}, {"price_down", listing.Dearest},
	}
}

func (v *visit) category() error {
	dir, err := v.directory(v.ctx())
	if err != nil {
		return err
	}
	id, ok := dir.slugs[v.r.PathValue("slug")]
	if !ok {
		return errNowhere()
	}
	in, err := web.ReadQuery(v.r)
	if err != nil {
		return err
	}
	node := dir.nodes[id]
	p := view.Category{Chrome: v.chrome(), Name: v.categoryLink(node).Label, Filter: v.filter(v.categoryLink(node).Href, in)}
	for _, n := range dir.path(id) {
		link := v.categoryLink(n)
		link.Current = n.ID == id
		p.Crumbs = append(p.Crumbs, link)
	}
	p.Crumbs = append([]view.Link{{Label: v.text("home.title"), Href: v.base + "/"}}, p.Crumbs...)
	narrow := node.Children
	if len(narrow) == 0 {
		narrow = dir.nodes[node.Parent].Children
	}
	for _, n := range visible(narrow) {
		link := v.categoryLink(n)
		link.Current = n.ID == id
		p.Siblings = append(p.Siblings, link)
	}
	q := listing.Query{Channel: v.channel.ID, Category: id, InStock: p.Filter.InStock}
	status := http.StatusOK
	if err := v.narrow(&q, in); err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		p.Filter.Form, status = form, http.StatusUnprocessableEntity
	}
	rows, err := v.Market.Listing.List(v.ctx(), q, page.Request{After: page.Cursor(in["after"]), Limit: perPage})
	if err != nil {
		return err
	}
	if p.Products, err = v.cards(rows.Items); err != nil {
		return err
	}
	p.Next, p.Start = pager(v.r.URL, string(rows.Next))
	if status == http.StatusOK && p.Filter.Clear == "" && in["after"] == "" {
		p.Shelves = v.shelves(subject{category: id}, slotCategory)
	}
	return v.showPart(status, p, "results")
}

func (f *front) text(key string) string { return f.Renderer.Texts(f.channel.Locale).Text(key, nil) }

func (v *visit) filter(action string, in web.Inputs) view.Filter {
	f := view.Filter{
		Action: action, Currency: v.channel.Currency, InStock: in["in_stock"] == "yes", Min: in["min"], Max: in["max"],
		Form: view.Form{Values: in},
	}
	for i, s := range sorts() {
		f.Sorts = append(f.Sorts, view.Choice{
			Code: s.code, Label: v.text("filter.sort." + s.code), Selected: s.code == in["sort"] || i == 0 && in["sort"] == "",
		})
	}
	if f.InStock || f.Min != "" || f.Max != "" {
		f.Clear = action
	}
	return f
}

// narrow puts what was asked for into the query.
func (v *visit) narrow(q *listing.Query, in web.Inputs) error {
	var wrong fault.Violations
	q.Sort = sorts()[0].sort
	for _, s := range sorts() {
		if s.code == in["sort"] {
			q.Sort = s.sort
		}
	}
	low, high := v.bounds(in["min"], in["max"], &wrong)
	if err := wrong.Err("web.filter", "the filter does not fit"); err != nil {
		return err
	}
	q.PriceFrom, q.PriceTo = low, high
	return nil
}

// pager returns where the next page is, and the way back from a later one.
func pager(u *url.URL, next string) (on, start string) {
	values := u.Query()
	later := values.Get("after") != ""
	at := func(cursor string) string {
		values.Del("after")
		if cursor != "" {
			values.Set("after", cursor)
		}
		if len(values) == 0 {
			return u.Path
		}
		return u.Path + "?" + values.Encode()
	}
	if next != "" {
		on = at(next)
	}
	if later {
		start = at("")
	}
	return on, start
}
