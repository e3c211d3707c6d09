package shop

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order/cart"
)

func (v *visit) product() error {
	in, err := web.ReadQuery(v.r)
	if err != nil {
		return err
	}
	slug := v.r.PathValue("slug")
	p, err := v.productPage(slug, in, view.Form{})
	if err != nil {
		return err
	}
	if now := strings.TrimPrefix(p.Href, v.base+"/p/"); !strings.HasPrefix(now, url.PathEscape(slug)) {
		http.Redirect(v.w, v.r, p.Href, http.StatusMovedPermanently) // it was renamed
		return nil
	}
	if !web.Wants(v.r) { // else another variant of it
		v.looked(&p, in["shelf"])
	}
	return v.showPart(http.StatusOK, p, "product_panel")
}

// productPage is the page of a product with the choices in the address.
func (v *visit) productPage(slug string, in web.Inputs, form view.Form) (view.Product, error) {
	if !ref.PlainText(slug) {
		return view.Product{}, errNowhere()
	}
	p, err := v.Market.Catalog.View(v.ctx(), v.channel.ID, slug)
	if err != nil {
		return view.Product{}, err
	}
	skus := make([]ref.SKUID, len(p.SKUs))
	for i := range p.SKUs {
		skus[i] = p.SKUs[i].ID
	}
	offers, err := v.Market.Listing.Offers(v.ctx(), cart.OfferQuery{
		Channel: v.channel.ID, Locale: v.channel.Locale, Member: v.scope.Member(),
	}, skus)
	if err != nil {
		return view.Product{}, err
	}
	out := view.Product{
		Chrome: v.chrome(), Name: p.Title.In(v.channel.Locale), Description: p.Description.In(v.channel.Locale),
		TaxIncluded: v.channel.TaxInclusive, Form: form, Product: string(p.ID),
	}
	chosen, ok := pick(&p, offers, in)
	if !ok {
		return view.Product{}, errNowhere()
	}
	offer := offers[chosen.ID]
	out.Code, out.Picture = chosen.Code, pictureOr(p.PictureOf(chosen))
	out.Price = offer.UnitPrice
	if offer.Sellable {
		out.ID, out.Available = string(chosen.ID), int64(offer.Available)
		out.Max = min(out.Available, int64(MaxPieces))
	}
	prices, err := v.Market.Prices.Resolve(v.ctx(), pricing.Request{Channel: v.channel.ID, Member: v.scope.Member()}, []pricing.Item{{SKU: chosen.ID}})
	if err != nil {
		return view.Product{}, err
	}
	out.ListPrice = prices[0].Was
	struck, err := v.Market.Listing.Struck(v.ctx(), v.channel.ID, map[ref.SKUID]cart.Offer{chosen.ID: offer})
	if err != nil {
		return view.Product{}, err
	}
	if price, ok := struck[chosen.ID]; ok {
		out.Price, out.ListPrice = price, offer.UnitPrice
	}
	v.opened(p.ID, in["found"])
	out.Href = v.choiceHref(&p, chosen)
	v.options(&out, &p, chosen, offers)
	if p.Brand != "" {
		brands, err := v.Market.Catalog.BrandsByID(v.ctx(), []ref.BrandID{p.Brand})
		if err != nil {
			return view.Product{}, err
		}
		for _, b := range brands {
			out.Brand = b.Name.In(v.channel.Locale)
		}
	}
	for _, a := range p.Attributes {
		values := make([]string, len(a.Values))
		for i, t := range a.Values {
			values[i] = t.In(v.channel.Locale)
		}
		out.Facts = append(out.Facts, view.Pair{Name: a.Label(v.channel.Locale), Value: strings.Join(values, v.text("mark.list"))})
	}
	if out.Merchant, err = v.seller(v.ctx(), p.Merchant); err != nil {
		return view.Product{}, err
	}
	return out, v.around(&out, &p)
}

// pick returns the SKU that fits most of the choices, and of those that fit
// alike the first that can be bought.
func pick(p *catalog.Product, offers map[ref.SKUID]cart.Offer, in web.Inputs) (catalog.SKU, bool) {
	best, score := -1, -1
	for i := range p.SKUs {
		s := &p.SKUs[i]
		n := 0
		for j, o := range p.Options {
			if j < len(s.Choices) && in[o.Code] == s.Choices[j] {
				n += 2
			}
		}
		if o := offers[s.ID]; o.Sellable && o.Available > 0 {
			n++
		}
		if n > score {
			best, score = i, n
		}
	}
	if best < 0 {
		return catalog.SKU{}, false
	}
	return p.SKUs[best], true
}

// choiceHref is the address of a product with a SKU's choices.
func (v *visit) choiceHref(p *catalog.Product, s catalog.SKU) string {
	return v.hrefOf(p, s.Choices)
}

func (v *visit) hrefOf(p *catalog.Product, choices []string) string {
	href := v.productHref(p.Slug)
	values := url.Values{}
	for i, o := range p.Options {
		if i < len(choices) {
			values.Set(o.Code, choices[i])
		}
	}
	if len(values) > 0 {
		href += "?" + values.Encode()
	}
	return href
}

// options shows the matrix from where the chosen SKU stands in it.
func (v *visit) options(out *view.Product, p *catalog.Product, chosen catalog.SKU, offers map[ref.SKUID]cart.Offer) {
	for i, o := range p.Options {
		option := view.Option{Code: o.Code, Name: o.Label(v.channel.Locale)}
		pictures := map[string]bool{}
		for _, value := range o.Values {
			if i >= len(chosen.Choices) {
				continue
			}
			choices := slices.Clone(chosen.Choices)
			choices[i] = value.Code
			at := slices.IndexFunc(p.SKUs, func(s catalog.SKU) bool { return slices.Equal(s.Choices, choices) })
			shown := view.Value{
				Label: value.Label(v.channel.Locale), Href: v.hrefOf(p, choices), Selected: value.Code == chosen.Choices[i], SoldOut: true,
			}
			if at >= 0 {
				offer := offers[p.SKUs[at].ID]
				shown.SoldOut = !offer.Sellable || offer.Available < 1
				shown.Picture = pictureOr(p.PictureOf(p.SKUs[at]))
				pictures[shown.Picture] = true
			}
			option.Values = append(option.Values, shown)
		}
		if len(pictures) < 2 { // the choice does not change what it looks like
			for j := range option.Values {
				option.Values[j].Picture = ""
			}
		}
		out.Options = append(out.Options, option)
	}
}

// around adds where the product stands and what stands beside it.
func (v *visit) around(out *view.Product, p *catalog.Product) error {
	dir, err := v.directory(v.ctx())
	if err != nil {
		return err
	}
	out.Crumbs = []view.Link{{Label: v.text("home.title"), Href: v.base + "/"}}
	for _, n := range dir.path(p.Category) {
		out.Crumbs = append(out.Crumbs, v.categoryLink(n))
	}
	out.Crumbs = append(out.Crumbs, view.Link{Label: out.Name, Current: true})
	if web.Wants(v.r) {
		return nil
	}
	out.Shelves = v.shelves(subject{products: []ref.ProductID{p.ID}}, slotTogether, slotAlso, slotSimilar)
	if p.Category == "" || len(out.Shelves) > 1 {
		return nil
	}
	rows, err := v.Market.Listing.List(v.ctx(), listing.Query{
		Channel: v.channel.ID, Category: p.Category, Sort: listing.BestSelling, InStock: true,
	}, page.Request{Limit: 5})
	if err != nil {
		return err
	}
	rows.Items = slices.DeleteFunc(rows.Items, func(r listing.Row) bool { return r.Product == p.ID })
	out.Related, err = v.cards(rows.Items[:min(4, len(rows.Items))])
	return err
}
