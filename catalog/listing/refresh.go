package listing

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Refresh reads products anew and writes their rows, in batches and in a
// number of statements per batch that does not depend on the products. It may
// run on several nodes at once: the latest reading wins. A product that does
// not exist leaves the lists.
func (s *Service) Refresh(ctx context.Context, products []ref.ProductID) error {
	ids := valid(products)
	slices.Sort(ids)
	for batch := range slices.Chunk(slices.Compact(ids), s.cfg.Batch) {
		if err := s.refresh(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) refresh(ctx context.Context, ids []ref.ProductID) error {
	now := s.cfg.Clock.Now()
	stamps, err := s.cfg.Store.Stamp(ctx, ids)
	if err != nil {
		return err
	}
	facts, err := s.read(ctx, ids)
	if err != nil {
		return err
	}
	if facts.strikers, err = s.strikers(ctx, now); err != nil {
		return err
	}
	entries := make([]Entry, len(ids))
	for i, id := range ids {
		entries[i] = Entry{Product: id, Version: stamps[id].Version}
		if p, ok := facts.products[id]; ok {
			s.fill(&entries[i], p, facts, stamps[id], now)
		}
	}
	return s.write(ctx, entries, now)
}

// write writes what a refresh found, and tells of it in the same unit.
func (s *Service) write(ctx context.Context, entries []Entry, now time.Time) error {
	if s.cfg.Events == nil {
		_, err := s.cfg.Store.Write(ctx, entries)
		return err
	}
	id := s.cfg.IDs.New()
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		written, err := s.cfg.Store.Write(ctx, entries)
		if err != nil || len(written) == 0 {
			return err
		}
		slices.Sort(written)
		rec, err := event.New(id, Topic, string(written[0]), now, refreshed(entries, written))
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
}

// facts is what the rows of a batch are made of.
type facts struct {
	products   map[ref.ProductID]catalog.Product
	categories map[ref.CategoryID]catalog.Category
	brands     map[ref.BrandID]catalog.Brand
	sells      map[ref.MerchantID]bool // nil: everybody
	prices     map[ref.ChannelID]map[ref.SKUID]pricing.Resolved
	stock      map[ref.SKUID]ref.Quantity
	ratings    map[ref.ProductID]Rating
	strikers   strikers
}

func (s *Service) read(ctx context.Context, ids []ref.ProductID) (facts, error) {
	f := facts{
		products:   map[ref.ProductID]catalog.Product{},
		categories: map[ref.CategoryID]catalog.Category{},
		brands:     map[ref.BrandID]catalog.Brand{},
		prices:     map[ref.ChannelID]map[ref.SKUID]pricing.Resolved{},
	}
	products, err := s.cfg.Products.GetMany(ctx, ids)
	if err != nil {
		return f, err
	}
	var categoryIDs []ref.CategoryID
	var brandIDs []ref.BrandID
	var merchantIDs []ref.MerchantID
	var skus []ref.SKUID
	for _, p := range products {
		f.products[p.ID] = p
		if p.Archived() {
			continue
		}
		categoryIDs, brandIDs = append(categoryIDs, p.Category), append(brandIDs, p.Brand)
		merchantIDs = append(merchantIDs, p.Merchant)
		for _, sku := range p.Active() {
			skus = append(skus, sku.ID)
		}
	}
	if categoryIDs = distinct(categoryIDs); len(categoryIDs) > 0 {
		found, err := s.cfg.Categories.GetMany(ctx, categoryIDs)
		if err != nil {
			return f, err
		}
		for _, c := range found {
			f.categories[c.ID] = c
		}
	}
	if brandIDs = distinct(brandIDs); len(brandIDs) > 0 {
		found, err := s.cfg.Brands.GetMany(ctx, brandIDs)
		if err != nil {
			return f, err
		}
		for _, b := range found {
			f.brands[b.ID] = b
		}
	}
	if f.sells, err = s.sellers(ctx, merchantIDs); err != nil || len(skus) == 0 {
		return f, err
	}
	for _, c := range s.cfg.Channels {
		if f.prices[c.ID], err = s.prices(ctx, pricing.Request{Channel: c.ID}, skus); err != nil {
			return f, err
		}
	}
	if f.stock, err = s.cfg.Stock.Available(ctx, skus); err != nil || s.cfg.Ratings == nil {
		return f, err
	}
	f.ratings, err = s.cfg.Ratings.Ratings(ctx, ids)
	return f, err
}

// sellers returns which of the merchants sell, nil where all do.
func (s *Service) sellers(ctx context.Context, ids []ref.MerchantID) (map[ref.MerchantID]bool, error) {
	if s.cfg.Merchants == nil {
		return nil, nil //nolint:nilnil // documented: nil means everybody
	}
	out := map[ref.MerchantID]bool{}
	if ids = distinct(ids); len(ids) == 0 {
		return out, nil
	}
	found, err := s.cfg.Merchants.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		out[m.ID] = m.Sells()
	}
	return out, nil
}

func (f facts) open(m ref.MerchantID) bool { return f.sells == nil || f.sells[m] }

// prices returns what SKUs cost, in calls of at most [pricing.MaxBatch]; those
// without a price are there too, for they may have one later.
func (s *Service) prices(ctx context.Context, r pricing.Request, skus []ref.SKUID) (map[ref.SKUID]pricing.Resolved, error) {
	out := make(map[ref.SKUID]pricing.Resolved, len(skus))
	for batch := range slices.Chunk(skus, pricing.MaxBatch) {
		items := make([]pricing.Item, len(batch))
		for i, sku := range batch {
			items[i].SKU = sku
		}
		resolved, err := s.cfg.Prices.Resolve(ctx, r, items)
		if err != nil {
			return nil, err
		}
		for _, p := range resolved {
			out[p.SKU] = p
		}
	}
	return out, nil
}

// fill adds the rows of a product to its entry, and when they stop being true.
func (s *Service) fill(e *Entry, p catalog.Product, f facts, stamp Stamp, now time.Time) {
	if p.Archived() || !f.open(p.Merchant) {
		return
	}
	until := func(t time.Time) {
		if t.After(now) && (e.DueAt.IsZero() || t.Before(e.DueAt)) {
			e.DueAt = t
		}
	}
	for _, c := range s.cfg.Channels {
		pub := p.In(c.ID)
		if pub.State != catalog.Published || !pub.Until.IsZero() && !pub.Until.After(now) {
			continue
		}
		r := Row{
			Channel: c.ID, Currency: c.Currency, Product: p.ID, Merchant: p.Merchant,
			Slug: p.Slug, Title: p.Title.In(c.Locale), Brand: p.Brand,
			Sold: stamp.Sold, Rating: f.ratings[p.ID].Average, Ratings: f.ratings[p.ID].Count,
			From: pub.From, Until: pub.Until, Newest: pub.Since(), Version: stamp.Version,
		}
		if b, ok := f.brands[p.Brand]; ok {
			r.BrandName = b.Name.In(c.Locale)
		}
		if category, ok := f.categories[p.Category]; ok {
			r.Categories = category.Ancestors()
		}
		active := p.Active()
		for _, sku := range active {
			price := f.prices[c.ID][sku.ID]
			until(price.Until) // also where a first price is planned
			if !price.Found() {
				continue
			}
			r.offer(p, sku, price, f.stock[sku.ID])
		}
		if r.Lowest == (money.Money{}) {
			continue // nothing of it has a price here
		}
		if len(active) == 1 {
			r.SKU = active[0].ID
		}
		if r.Picture == "" && len(p.Pictures) > 0 {
			r.Picture = p.Pictures[0].Ref
		}
		until(pub.From) // whoever keeps a copy of what buyers see hears of it then
		until(pub.Until)
		until(s.strike(&r, p, f.prices[c.ID], f.strikers, now))
		e.Rows = append(e.Rows, r)
	}
}

// offer takes one priced SKU into the row.
func (r *Row) offer(p catalog.Product, sku catalog.SKU, price pricing.Resolved, available ref.Quantity) {
	first := r.Lowest == (money.Money{})
	if first || price.Unit.Minor() < r.Lowest.Minor() {
		r.Lowest, r.Compare = price.Unit, money.Money{}
		if price.Was.Minor() > price.Unit.Minor() {
			r.Compare = price.Was
		}
	}
	if first || price.Unit.Minor() > r.Highest.Minor() {
		r.Highest = price.Unit
	}
	if available > 0 {
		r.InStock = true
	}
	if len(p.Pictures) == 0 && r.Picture == "" {
		r.Picture = sku.Picture
	}
}

// Rebuild reads the whole catalogue anew, archived products included, batch by
// batch, beside whatever else is written, and returns how many products it
// read.
func (s *Service) Rebuild(ctx context.Context) (int, error) {
	n := 0
	for _, archived := range []bool{false, true} {
		req := page.Request{Limit: s.cfg.Batch}
		for {
			p, err := s.cfg.Products.List(ctx, catalog.ProductQuery{Archived: archived}, req)
			if err != nil {
				return n, err
			}
			ids := make([]ref.ProductID, len(p.Items))
			for i, item := range p.Items {
				ids[i] = item.ID
			}
			if err := s.Refresh(ctx, ids); err != nil {
				return n, err
			}
			n += len(ids)
			if p.Next == "" {
				break
			}
			req.After = p.Next
		}
	}
	return n, nil
}

// Sweep refreshes what is due: what [Service.React] marked, and what ends by
// itself at the time it was to end. It works in batches until nothing is left
// that was due when it began, and returns how many products it read. Run it
// every second or so, on one node or on many.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	now, n := s.cfg.Clock.Now(), 0
	for {
		ids, err := s.cfg.Store.Due(ctx, now, s.cfg.Batch)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		if err := s.Refresh(ctx, ids); err != nil {
			return n, err
		}
		n += len(ids)
		if len(ids) < s.cfg.Batch {
			return n, nil
		}
	}
}

func distinct[K ~string](ids []K) []K {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id K) bool { return id == "" })
}
