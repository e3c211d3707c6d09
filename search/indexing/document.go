package indexing

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// facts is what documents are made of.
type facts struct {
	products   map[ref.ProductID]catalog.Product
	rows       map[ref.ChannelID]map[ref.ProductID]listing.Row
	categories map[ref.CategoryID]catalog.Category
	brands     map[ref.BrandID]catalog.Brand
	prices     map[ref.ChannelID]map[ref.SKUID]money.Money
}

// read reads the rows of products and what belongs to them.
func (s *Service) read(ctx context.Context, ids []ref.ProductID, lines []*line) (facts, error) {
	rows := map[ref.ChannelID][]listing.Row{}
	for _, l := range lines {
		var err error
		if rows[l.channel.ID], err = s.cfg.Rows.GetMany(ctx, l.channel.ID, l.channel.Currency, ids); err != nil {
			return facts{}, err
		}
	}
	return s.around(ctx, ids, rows, lines)
}

// around reads what belongs to rows.
func (s *Service) around(
	ctx context.Context, ids []ref.ProductID, rows map[ref.ChannelID][]listing.Row, lines []*line,
) (facts, error) {
	f := facts{
		products: map[ref.ProductID]catalog.Product{}, rows: map[ref.ChannelID]map[ref.ProductID]listing.Row{},
		categories: map[ref.CategoryID]catalog.Category{}, brands: map[ref.BrandID]catalog.Brand{},
		prices: map[ref.ChannelID]map[ref.SKUID]money.Money{},
	}
	var categories []ref.CategoryID
	var brands []ref.BrandID
	some := false
	for channel, list := range rows {
		f.rows[channel] = make(map[ref.ProductID]listing.Row, len(list))
		for _, r := range list {
			some = true
			f.rows[channel][r.Product] = r
			categories, brands = append(categories, r.Categories...), append(brands, r.Brand)
		}
	}
	if !some {
		return f, nil
	}
	products, err := s.cfg.Products.GetMany(ctx, ids)
	if err != nil {
		return f, err
	}
	for _, p := range products {
		f.products[p.ID] = p
	}
	if categories = distinct(categories); len(categories) > 0 {
		found, err := s.cfg.Categories.GetMany(ctx, categories)
		if err != nil {
			return f, err
		}
		for _, c := range found {
			f.categories[c.ID] = c
		}
	}
	if brands = distinct(brands); len(brands) > 0 {
		found, err := s.cfg.Brands.GetMany(ctx, brands)
		if err != nil {
			return f, err
		}
		for _, b := range found {
			f.brands[b.ID] = b
		}
	}
	for _, l := range lines {
		if f.prices[l.channel.ID], err = s.between(ctx, l, f); err != nil {
			return f, err
		}
	}
	return f, nil
}

// between returns what SKUs cost of products with several prices: the row knows
// the lowest and the highest.
func (s *Service) between(ctx context.Context, l *line, f facts) (map[ref.SKUID]money.Money, error) {
	var items []pricing.Item
	for id, r := range f.rows[l.channel.ID] {
		active := f.products[id].Active()
		if len(active) < 3 || r.Lowest.Equal(r.Highest) {
			continue
		}
		for _, sku := range active {
			items = append(items, pricing.Item{SKU: sku.ID})
		}
	}
	slices.SortFunc(items, func(a, b pricing.Item) int { return cmp.Compare(a.SKU, b.SKU) })
	out := make(map[ref.SKUID]money.Money, len(items))
	for batch := range slices.Chunk(items, pricing.MaxBatch) {
		found, err := s.cfg.Prices.Resolve(ctx, pricing.Request{Channel: l.channel.ID}, batch)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if p.Found() {
				out[p.SKU] = p.Unit
			}
		}
	}
	return out, nil
}

// documents returns what the index of a channel is to hold of products at a
// time, and what is to leave it.
func (s *Service) documents(
	l *line, f facts, ids []ref.ProductID, versions map[ref.ProductID]int64, now time.Time,
) ([]search.Document, []search.Removal) {
	var documents []search.Document
	var removed []search.Removal
	for _, id := range ids {
		r, listed := f.rows[l.channel.ID][id]
		p, known := f.products[id]
		if !listed || !known || !r.Shown(now) {
			removed = append(removed, search.Removal{ID: id, Version: max(versions[id], r.Version)})
			continue
		}
		documents = append(documents, document(l.channel, f, p, &r, now))
	}
	return documents, removed
}

// maxSummary is how much of a description is searched, in bytes: what is
// further down says little of what a product is.
const maxSummary = 1000

func document(c pricing.Channel, f facts, p catalog.Product, r *listing.Row, now time.Time) search.Document {
	d := search.Document{
		ID: p.ID, Version: r.Version, Title: p.Title.In(c.Locale), Brand: f.brands[r.Brand].Name.In(c.Locale),
		Summary: p.Description.In(c.Locale), Merchant: p.Merchant,
		Prices: f.span(c.ID, p, r, now), Sales: max(r.Sold, 0), Rating: float64(r.Rating) / 100, Ratings: r.Ratings,
		InStock: r.InStock, ListedAt: r.Newest,
	}
	if len(d.Summary) > maxSummary {
		d.Summary = strings.ToValidUTF8(d.Summary[:maxSummary], "")
	}
	var path []string
	for _, id := range r.Categories {
		if name := f.categories[id].Name.In(c.Locale); name != "" {
			path = append(path, name)
		}
	}
	if len(path) > 0 {
		d.Categories = [][]string{path}
	}
	describe(&d, c.Locale, p)
	d.Clip()
	return d
}

// describe adds the attributes of a product, and the options and codes of its
// SKUs. The catalogue has texts; those that are a number and a unit are measures
// too.
func describe(d *search.Document, locale ref.Locale, p catalog.Product) {
	seen := map[[2]string]bool{}
	add := func(name, value string) {
		if key := [2]string{name, value}; value != "" && !seen[key] {
			seen[key] = true
			a := search.Attribute{Name: name, Value: value}
			if n, unit, ok := search.ReadMeasure(value); ok {
				a.Number, a.Unit = &n, unit
			}
			d.Attributes = append(d.Attributes, a)
		}
	}
	for _, a := range p.Attributes {
		for _, text := range a.Values {
			value := text.In(locale)
			switch a.Code {
			case "model":
				d.Model = cmp.Or(d.Model, value)
			case "gtin", "ean", "upc", "isbn", "mpn":
				d.Codes = append(d.Codes, value)
			default:
				add(a.Label(locale), value)
			}
		}
	}
	for _, sku := range p.Active() {
		d.Codes = append(d.Codes, sku.Code)
		for _, choice := range p.Describe(sku, locale) {
			add(choice.Option, choice.Value)
		}
	}
}

// span returns the prices of a product as its row shows them: the lowest and
// the highest, struck or not, and what further SKUs cost in between.
func (f facts) span(channel ref.ChannelID, p catalog.Product, r *listing.Row, now time.Time) []money.Money {
	shown := r.PriceAt(now)
	out := []money.Money{shown.Lowest}
	if shown.Highest.Minor() > shown.Lowest.Minor() {
		out = append(out, shown.Highest)
	}
	for _, sku := range p.Active() {
		price, ok := f.prices[channel][sku.ID]
		if ok && price.Minor() > shown.Lowest.Minor() && price.Minor() < shown.Highest.Minor() {
			out = append(out, price)
		}
	}
	slices.SortFunc(out, func(a, b money.Money) int { return cmp.Compare(a.Minor(), b.Minor()) })
	return slices.CompactFunc(out, func(a, b money.Money) bool { return a.Minor() == b.Minor() })
}

func distinct[K ~string](ids []K) []K {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id K) bool { return id == "" })
}
