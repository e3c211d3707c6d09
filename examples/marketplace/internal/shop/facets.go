package shop

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/search"
)

// Bounds of what stands beside the results.
const (
	manyValues = 8
	manyTraits = 4
)

// steps are the prices between the ranges to choose from, in minor units.
func steps(c money.Currency) []float64 {
	unit := 1.0
	for range c.Exponent() {
		unit *= 10
	}
	switch c {
	case "CNY", "HKD", "TWD", "JPY", "INR":
		unit *= 10
	}
	return []float64{10 * unit, 25 * unit, 50 * unit, 100 * unit, 250 * unit}
}

// asks are the facets of every page of results.
func (v *visit) asks(s seek, dir *directory) []search.FacetRequest {
	chosen := dir.slugs[s.category]
	parent := chosen
	if node, ok := dir.nodes[chosen]; ok && len(visible(node.Children)) == 0 {
		parent = node.Parent // a leaf stands among its like
	}
	below := dir.paths[parent]
	if below == "" {
		below = dir.above
	}
	return []search.FacetRequest{
		{Field: search.FieldCategory, Parent: below, Limit: 30},
		{Field: search.FieldPrice, Bounds: steps(v.channel.Currency)},
		{Field: search.FieldStock},
		{Field: search.FieldBrand, Limit: manyValues},
		{Field: search.FieldMerchant, Limit: manyValues},
	}
}

// facets adds what the results can be narrowed by, and what they are.
func (v *visit) facets(p *view.Search, s seek, dir *directory, found search.Answer) error {
	for i, o := range orders() {
		p.Sorts = append(p.Sorts, view.Choice{
			Code: o.code, Label: v.text("search.sort." + o.code), Selected: o.code == s.sort || i == 0 && s.sort == "",
		})
	}
	p.Hidden = hidden(s)
	p.InStock = s.inStock
	p.Price = view.PriceFacet{Currency: v.channel.Currency, Min: s.min, Max: s.max}
	var sellers []ref.MerchantID
	for _, id := range s.sellers {
		sellers = append(sellers, ref.MerchantID(id))
	}
	for _, f := range found.Facets {
		if f.Field == search.FieldMerchant {
			for _, value := range f.Values {
				sellers = append(sellers, ref.MerchantID(value.Value))
			}
		}
	}
	names, err := v.names(v.ctx(), sellers...)
	if err != nil {
		return err
	}
	seller := func(id string) string { return names[ref.MerchantID(id)] }
	for _, f := range found.Facets {
		switch f.Field {
		case search.FieldCategory:
			p.Tree = v.tree(s, dir, f)
		case search.FieldPrice:
			p.Price.Ranges = v.ranges(s, f)
		case search.FieldStock:
			for _, value := range f.Values {
				if value.Value == inStock {
					p.Stocked = value.Count
				}
			}
		case search.FieldBrand:
			p.Facets = append(p.Facets, facet("brand", v.text("search.brand"), f, s.brands, nil))
		case search.FieldMerchant:
			p.Facets = append(p.Facets, facet("seller", v.text("search.seller"), f, s.sellers, seller))
		}
	}
	if err := v.traits(p, s, dir, found); err != nil {
		return err
	}
	p.Facets = slices.DeleteFunc(p.Facets, func(f view.Facet) bool { return len(f.Values) == 0 })
	p.Chips = v.chips(s, dir, seller)
	if !s.filtered() {
		p.Clear = ""
	}
	return nil
}

// hidden is what the form of the facets carries along.
func hidden(s seek) []view.Pair {
	var out []view.Pair
	add := func(name, value string) {
		if value != "" {
			out = append(out, view.Pair{Name: name, Value: value})
		}
	}
	add("q", s.text)
	add("category", s.category)
	for name, on := range map[string]bool{"literal": s.literal, "direct": s.direct} {
		if on {
			add(name, "yes")
		}
	}
	slices.SortFunc(out, func(a, b view.Pair) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// facet shows the values of a field; those that are chosen stay there also
// where no product has them any more.
func facet(name, label string, f search.Facet, chosen []string, called func(string) string) view.Facet {
	out := view.Facet{Name: name, Label: label, Other: f.Other}
	add := func(value string, count int) {
		shown := view.FacetValue{Value: value, Label: value, Count: count, On: slices.Contains(chosen, value), ID: anchor(name, value)}
		if called != nil {
			shown.Label = called(value)
		}
		out.Values = append(out.Values, shown)
	}
	for _, value := range f.Values {
		add(value.Value, value.Count)
	}
	for _, value := range chosen {
		if !slices.ContainsFunc(f.Values, func(have search.FacetValue) bool { return have.Value == value }) {
			add(value, 0)
		}
	}
	return out
}

// anchor is an id that a value keeps when the page changes around it.
func anchor(name, value string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name + "\x00" + value)) // never fails
	return "v-" + strconv.FormatUint(h.Sum64(), 36)
}

// tree shows the chosen category below those above it, and the choice there is
// from there.
func (v *visit) tree(s seek, dir *directory, f search.Facet) []view.Branch {
	chosen := dir.slugs[s.category]
	lead := func(slug string) string {
		to := s.clone()
		to.category = slug
		return v.searchHref(to)
	}
	var out []view.Branch
	if chosen != "" {
		out = append(out, view.Branch{Link: view.Link{Label: v.text("search.all_categories"), Href: lead("")}, Up: true})
	}
	depth := 0
	for _, n := range dir.path(chosen) {
		if n.ID == chosen && len(visible(n.Children)) == 0 {
			break // stands among its like
		}
		out = append(out, view.Branch{
			Link: view.Link{Label: v.categoryLink(n).Label, Href: lead(n.Slug), Current: n.ID == chosen}, Depth: depth, Up: n.ID != chosen,
		})
		depth++
	}
	at := make(map[string]catalog.CategoryNode, len(dir.paths))
	for id, value := range dir.paths {
		at[value] = dir.nodes[id]
	}
	for _, value := range f.Values {
		if n, ok := at[value.Value]; ok {
			out = append(out, view.Branch{
				Link: view.Link{Label: v.categoryLink(n).Label, Href: lead(n.Slug), Current: n.ID == chosen}, Depth: depth, Count: value.Count,
			})
		}
	}
	return out
}

// ranges are the prices to choose from.
func (v *visit) ranges(s seek, f search.Facet) []view.PriceRange {
	var out []view.PriceRange
	for _, r := range f.Ranges {
		to := s.clone()
		shown := view.PriceRange{Count: r.Count}
		to.min, to.max = "", ""
		var low, high money.Money
		if r.Min != nil {
			low = money.New(int64(*r.Min), v.channel.Currency)
			to.min, shown.From = low.Decimal(), low
		}
		if r.Max != nil { // a filter includes its upper bound
			high = money.New(int64(*r.Max)-1, v.channel.Currency)
			to.max, shown.To = high.Decimal(), money.New(int64(*r.Max), v.channel.Currency)
		}
		shown.On = (s.low != money.Money{} || s.high != money.Money{}) && s.low == low && s.high == high
		if shown.On {
			to.min, to.max = "", ""
		}
		shown.Href = v.searchHref(to)
		if r.Count > 0 || shown.On {
			out = append(out, shown)
		}
	}
	return out
}

// traits adds the attributes that most of the first products have, and those
// that are chosen.
func (v *visit) traits(p *view.Search, s seek, dir *directory, found search.Answer) error {
	var names []string
	for _, t := range s.traits {
		names = append(names, t.name)
	}
	if found.Step != search.StepPopular {
		more, err := v.traitNames(found.Hits)
		if err != nil {
			return err
		}
		for _, name := range more {
			if len(names) < manyTraits && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil
	}
	q := v.query(s, dir)
	q.After, q.Limit = "", 1
	for _, name := range names {
		q.Facets = append(q.Facets, search.FacetRequest{Field: search.AttributeField(name), Limit: manyValues})
	}
	again, err := v.Market.Search.Search(v.ctx(), search.Request{Channel: v.channel.ID, Query: q, Quiet: true})
	if err != nil {
		return err
	}
	for i, name := range names {
		var chosen []string
		for _, t := range s.traits {
			if t.name == name {
				chosen = t.values
			}
		}
		p.Facets = append(p.Facets, facet(traitPrefix+name, name, again.Facets[i], chosen, nil))
	}
	return nil
}

// traitNames are the options and attributes of products, the most frequent
// first.
func (v *visit) traitNames(hits []search.Hit) ([]string, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	ids := make([]ref.ProductID, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	products, err := v.Market.Catalog.ViewMany(v.ctx(), v.channel.ID, ids)
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for i := range products {
		for _, o := range products[i].Options {
			count[o.Label(v.channel.Locale)]++
		}
		for _, a := range products[i].Attributes {
			count[a.Label(v.channel.Locale)]++
		}
	}
	names := make([]string, 0, len(count))
	for name := range count {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return names, nil
}

// chips are the filters that are chosen, each of which leads to the same
// without it.
func (v *visit) chips(s seek, dir *directory, seller func(string) string) []view.Link {
	var out []view.Link
	add := func(label string, change func(*seek)) {
		to := s.clone()
		change(&to)
		out = append(out, view.Link{Label: label, Href: v.searchHref(to)})
	}
	if n, ok := dir.nodes[dir.slugs[s.category]]; ok {
		add(v.categoryLink(n).Label, func(t *seek) { t.category = "" })
	}
	without := func(all []string, one string) []string {
		return slices.DeleteFunc(all, func(value string) bool { return value == one })
	}
	for _, b := range s.brands {
		add(b, func(t *seek) { t.brands = without(t.brands, b) })
	}
	for _, id := range s.sellers {
		add(seller(id), func(t *seek) { t.sellers = without(t.sellers, id) })
	}
	for i, trait := range s.traits {
		for _, value := range trait.values {
			add(trait.name+": "+value, func(t *seek) { t.traits[i].values = without(t.traits[i].values, value) })
		}
	}
	if s.min != "" || s.max != "" {
		none := func(t *seek) { t.min, t.max = "", "" }
		switch words := v.Renderer.Texts(v.channel.Locale); {
		case s.max == "":
			add(words.Text("search.price.over", map[string]any{"Amount": s.low.Format(v.channel.Locale)}), none)
		case s.min == "":
			add(words.Text("search.price.up_to", map[string]any{"Amount": s.high.Format(v.channel.Locale)}), none)
		default:
			add(s.low.Format(v.channel.Locale)+" – "+s.high.Format(v.channel.Locale), none)
		}
	}
	if s.inStock {
		add(v.text("filter.in_stock"), func(t *seek) { t.inStock = false })
	}
	return out
}
