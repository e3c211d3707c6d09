package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type products struct {
	rows  *table[catalog.ProductID, catalog.Product]
	skus  *table[catalog.SKUID, catalog.SKURef]
	slugs slugs
	tree  categories
}

var _ catalog.ProductStore = products{}

func newProducts(db *DB, s slugs, tree categories) products {
	return products{
		slugs: s,
		tree:  tree,
		rows: newTable(db, spec[catalog.ProductID, catalog.Product]{
			name:    "product",
			key:     func(p *catalog.Product) catalog.ProductID { return p.ID },
			clone:   catalog.Product.Clone,
			version: func(p *catalog.Product) *int64 { return &p.Version },
			ordered: map[string]func(*catalog.Product) string{
				"id":       func(p *catalog.Product) string { return sortKey(string(p.ID)) },
				"merchant": func(p *catalog.Product) string { return sortKey(string(p.Merchant), string(p.ID)) },
				"category": func(p *catalog.Product) string { return sortKey(string(p.Category), string(p.ID)) },
				"brand":    func(p *catalog.Product) string { return sortKey(string(p.Brand), string(p.ID)) },
			},
		}),
		skus: newTable(db, spec[catalog.SKUID, catalog.SKURef]{
			name:  "sku",
			key:   func(r *catalog.SKURef) catalog.SKUID { return r.SKU },
			clone: func(r catalog.SKURef) catalog.SKURef { return r },
			unique: map[string]func(*catalog.SKURef) string{
				"code": func(r *catalog.SKURef) string { return codeKey(r.Merchant, r.Code) },
			},
		}),
	}
}

func codeKey(m ref.MerchantID, code string) string { return string(m) + "\x00" + code }

func (s products) Get(ctx context.Context, id catalog.ProductID) (catalog.Product, error) {
	return s.rows.get(ctx, id)
}

func (s products) GetMany(ctx context.Context, ids []catalog.ProductID) ([]catalog.Product, error) {
	return s.rows.getMany(ctx, ids)
}

func (s products) InsertMany(ctx context.Context, all []*catalog.Product) ([]error, error) {
	return rowByRow(ctx, s.rows.db, all, func(p *catalog.Product) string { return string(p.ID) }, s.insert)
}

func (s products) insert(ctx context.Context, p *catalog.Product) error {
	before := p.Version
	if err := insertSlugged(ctx, s.rows, s.slugs, p, p.Slug); err != nil {
		return err
	}
	if _, err := s.addSKUs(ctx, p); err != nil {
		p.Version = before
		if derr := s.slugs.drop(ctx, "product", p.Slug); derr != nil {
			return derr
		}
		if _, rerr := s.rows.remove(ctx, p.ID); rerr != nil {
			return rerr
		}
		return err
	}
	return nil
}

func (s products) UpdateMany(ctx context.Context, all []*catalog.Product) ([]error, error) {
	return rowByRow(ctx, s.rows.db, all, func(p *catalog.Product) string { return string(p.ID) }, s.update)
}

func (s products) update(ctx context.Context, p *catalog.Product) error {
	fresh, err := s.addSKUs(ctx, p)
	if err == nil {
		err = updateSlugged(ctx, s.rows, s.slugs, p, p.Slug)
	}
	if err != nil {
		if rerr := s.removeSKUs(ctx, fresh); rerr != nil {
			return rerr
		}
		return err
	}
	return nil
}

// addSKUs takes the ids and codes of the SKUs that are new, all or none, and
// returns their ids.
func (s products) addSKUs(ctx context.Context, p *catalog.Product) ([]catalog.SKUID, error) {
	var fresh []catalog.SKUID
	for _, sku := range p.SKUs {
		err := s.addSKU(ctx, catalog.SKURef{SKU: sku.ID, Code: sku.Code, Product: p.ID, Merchant: p.Merchant}, &fresh)
		if err != nil {
			if rerr := s.removeSKUs(ctx, fresh); rerr != nil {
				return nil, rerr
			}
			return nil, err
		}
	}
	return fresh, nil
}

func (s products) addSKU(ctx context.Context, r catalog.SKURef, fresh *[]catalog.SKUID) error {
	err := s.skus.insert(ctx, &r)
	if err == nil {
		*fresh = append(*fresh, r.SKU)
		return nil
	}
	if !errors.Is(err, fault.AlreadyExists) {
		return err
	}
	held, err := s.skus.get(ctx, r.SKU)
	switch {
	case errors.Is(err, fault.NotFound):
		return existing("product", "code")
	case err != nil:
		return err
	case held.Product != r.Product:
		return existing("product", "sku")
	}
	return nil
}

func (s products) removeSKUs(ctx context.Context, ids []catalog.SKUID) error {
	for _, id := range ids {
		if _, err := s.skus.remove(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (s products) Holding(ctx context.Context, skus []catalog.SKUID) ([]catalog.Product, error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	found, err := s.skus.getMany(ctx, skus)
	if err != nil {
		return nil, err
	}
	ids := make([]catalog.ProductID, len(found))
	for i, r := range found {
		ids[i] = r.Product
	}
	slices.Sort(ids)
	out, err := s.rows.getMany(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	for i := range out {
		way, err := s.tree.GetMany(ctx, []catalog.CategoryID{out[i].Category})
		if err != nil {
			return nil, err
		}
		if len(way) > 0 {
			out[i].Within = way[0].Ancestors()
		}
	}
	return out, nil
}

func (s products) FindSKUs(ctx context.Context, q catalog.SKUQuery) ([]catalog.SKURef, error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	var out []catalog.SKURef
	if len(q.IDs) > 0 {
		found, err := s.skus.getMany(ctx, distinct(q.IDs))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if (len(q.Merchants) == 0 || slices.Contains(q.Merchants, r.Merchant)) &&
				(len(q.Codes) == 0 || slices.Contains(q.Codes, r.Code)) {
				out = append(out, r)
			}
		}
	} else {
		for _, merchant := range distinct(q.Merchants) {
			for _, code := range distinct(q.Codes) {
				r, err := s.skus.find(ctx, "code", codeKey(merchant, code))
				switch {
				case err == nil:
					out = append(out, r)
				case !errors.Is(err, fault.NotFound):
					return nil, err
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b catalog.SKURef) int { return cmp.Compare(a.SKU, b.SKU) })
	return out, nil
}

func distinct[K comparable](keys []K) []K {
	seen := make(map[K]bool, len(keys))
	return slices.DeleteFunc(slices.Clone(keys), func(k K) bool {
		again := seen[k]
		seen[k] = true
		return again
	})
}

func (s products) FindSlugs(ctx context.Context, texts []string) (map[string]catalog.ProductID, error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	out := make(map[string]catalog.ProductID, len(texts))
	for _, text := range texts {
		held, err := s.slugs.rows.get(ctx, slugKey("product", text))
		switch {
		case err == nil:
			out[text] = catalog.ProductID(held.Subject)
		case !errors.Is(err, fault.NotFound):
			return nil, err
		}
	}
	return out, nil
}

func (s products) List(ctx context.Context, q catalog.ProductQuery, p page.Request) (page.Page[catalog.Product], error) {
	sc := scan[catalog.Product]{index: "id", match: func(p *catalog.Product) bool {
		return p.Archived() == q.Archived &&
			(q.Merchant == "" || p.Merchant == q.Merchant) &&
			(q.Category == "" || p.Category == q.Category) &&
			(q.Brand == "" || p.Brand == q.Brand)
	}}
	switch {
	case q.Category != "":
		sc.index, sc.prefix = "category", sortKey(string(q.Category))
	case q.Brand != "":
		sc.index, sc.prefix = "brand", sortKey(string(q.Brand))
	case q.Merchant != "":
		sc.index, sc.prefix = "merchant", sortKey(string(q.Merchant))
	}
	return s.rows.page(ctx, "product."+sc.index, p, sc)
}
