package bunstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
)

func (s products) InsertMany(ctx context.Context, all []*catalog.Product) ([]error, error) {
	rows := make([]*productRow, len(all))
	for i, p := range all {
		rows[i] = productRowOf(p, 1)
	}
	var errs []error
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		var err error
		if errs, err = insertSlugged(ctx, c, "product", rows); err != nil {
			return err
		}
		return s.insertSKUs(ctx, c, all, errs)
	})
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		if errs[i] == nil {
			p.Version = 1
		}
	}
	return errs, nil
}

// insertSKUs stores the SKUs of products that were just inserted, and takes
// the products back one of whose SKUs is refused.
func (s products) insertSKUs(ctx context.Context, c conn, all []*catalog.Product, errs []error) error {
	var fresh []*catalog.Product
	for i, p := range all {
		if errs[i] == nil {
			fresh = append(fresh, p)
		}
	}
	added, err := s.addNew(ctx, c, fresh)
	if err != nil {
		return err
	}
	var lost []catalog.ProductID
	var slugs []slugRow
	for i, p := range all {
		if errs[i] != nil {
			continue
		}
		if by := added.refused(p); by != "" {
			errs[i] = existing("product", by)
			lost = append(lost, p.ID)
			slugs = append(slugs, slugRow{Kind: "product", Slug: p.Slug})
		}
	}
	if len(lost) == 0 {
		return nil
	}
	if _, err := c.exec(ctx, c.delete((*skuRow)(nil)).Where("product IN (?)", bun.List(lost))); err != nil {
		return err
	}
	if _, err := c.exec(ctx, c.delete((*productRow)(nil)).Where("id IN (?)", bun.List(lost))); err != nil {
		return err
	}
	return dropSlugs(ctx, c, slugs)
}

// added says where the SKUs of a call belong after those that are new were
// stored.
type added struct {
	fresh []catalog.SKUID
	owner map[catalog.SKUID]catalog.ProductID
}

// addNew stores the SKUs that meet nothing and looks up the others.
func (s products) addNew(ctx context.Context, c conn, all []*catalog.Product) (added, error) {
	rows := skuRowsOf(all)
	out := added{owner: make(map[catalog.SKUID]catalog.ProductID, len(rows))}
	distinct := slices.CompactFunc(slices.Clone(rows), func(a, b skuRow) bool { return a.ID == b.ID })
	var err error
	if out.fresh, err = insertMany[catalog.SKUID](ctx, c, distinct, "id"); err != nil {
		return out, err
	}
	won := make(map[catalog.SKUID]bool, len(out.fresh))
	for _, id := range out.fresh {
		won[id] = true
	}
	var met []catalog.SKUID
	for _, r := range distinct {
		if won[r.ID] {
			out.owner[r.ID] = r.Product
		} else {
			met = append(met, r.ID)
		}
	}
	if len(met) == 0 {
		return out, nil
	}
	var old []skuRow
	if _, err := c.scan(ctx, c.query(&old).Column("id", "product").Where("id IN (?)", bun.List(met))); err != nil {
		return out, err
	}
	for _, r := range old {
		out.owner[r.ID] = r.Product
	}
	return out, nil
}

// refused returns what a SKU of p met: an id of another product, a code of
// another SKU, or nothing.
func (a added) refused(p *catalog.Product) string {
	for _, s := range p.SKUs {
		switch owner, stored := a.owner[s.ID]; {
		case !stored:
			return "code"
		case owner != p.ID:
			return "sku"
		}
	}
	return ""
}

func (s products) UpdateMany(ctx context.Context, all []*catalog.Product) ([]error, error) {
	var errs []error
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		var err error
		errs, err = s.updateMany(ctx, c, all)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		if errs[i] == nil {
			p.Version++
		}
	}
	return errs, nil
}

// updateMany takes slugs and SKU codes first, for they can be given back;
// what has a version is written last.
func (s products) updateMany(ctx context.Context, c conn, all []*catalog.Product) ([]error, error) {
	errs := make([]error, len(all))
	var live []*catalog.Product // a product twice: only the first can be right
	var claims []slugRow
	seen := make(map[catalog.ProductID]bool, len(all))
	for i, p := range all {
		if seen[p.ID] {
			errs[i] = stale("product")
			continue
		}
		seen[p.ID] = true
		live = append(live, p)
		claims = append(claims, slugRow{Kind: "product", Slug: p.Slug, Subject: string(p.ID)})
	}
	slugs, err := claimSlugs(ctx, c, claims)
	if err != nil {
		return nil, err
	}
	skus, err := s.addNew(ctx, c, live)
	if err != nil {
		return nil, err
	}
	var rows []productRow
	for i, p := range all {
		switch by := skus.refused(p); {
		case errs[i] != nil:
		case slugs.holder[p.Slug] != string(p.ID):
			errs[i] = existing("product", "slug")
		case by != "":
			errs[i] = existing("product", by)
		default:
			rows = append(rows, *productRowOf(p, p.Version+1))
		}
	}
	slices.SortFunc(rows, func(a, b productRow) int { return strings.Compare(string(a.ID), string(b.ID)) })
	stored, err := updateMany[catalog.ProductID](ctx, c, s.db, rows, "slug", "title", "description", "brand", "category",
		"options", "attributes", "pictures", "tax_class", "weight_grams", "publications", "archived", "archived_at", "updated_at")
	if err != nil {
		return nil, err
	}
	if err := s.explain(ctx, c, all, stored, errs); err != nil {
		return nil, err
	}
	if err := s.updateSKUs(ctx, c, all, skus, errs); err != nil {
		return nil, err
	}
	return errs, s.takeBack(ctx, c, all, slugs, skus, errs)
}

// explain tells the rows that no update met: gone, or stale.
func (s products) explain(ctx context.Context, c conn, all []*catalog.Product, stored []catalog.ProductID, errs []error) error {
	won := make(map[catalog.ProductID]bool, len(stored))
	for _, id := range stored {
		won[id] = true
	}
	var lost []catalog.ProductID
	for i, p := range all {
		if errs[i] == nil && !won[p.ID] {
			lost = append(lost, p.ID)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	var there []catalog.ProductID
	if _, err := c.scan(ctx, c.query((*productRow)(nil)).Column("id").Where("id IN (?)", bun.List(lost)), &there); err != nil {
		return err
	}
	for i, p := range all {
		switch {
		case errs[i] != nil || won[p.ID]:
		case slices.Contains(there, p.ID):
			errs[i] = stale("product")
		default:
			errs[i] = missing("product")
		}
	}
	return nil
}

// updateSKUs writes the SKUs that were there before; the product's version
// guards them.
func (s products) updateSKUs(ctx context.Context, c conn, all []*catalog.Product, skus added, errs []error) error {
	var written []*catalog.Product
	for i, p := range all {
		if errs[i] == nil {
			written = append(written, p)
		}
	}
	rows := slices.DeleteFunc(skuRowsOf(written), func(r skuRow) bool { return slices.Contains(skus.fresh, r.ID) })
	if len(rows) == 0 {
		return nil
	}
	q := c.update((*skuRow)(nil)).With("_new", c.bun.NewValues(&rows)).TableExpr("_new")
	for _, col := range []string{"position", "choices", "picture", "weight_grams", "archived"} {
		q.Set("?0 = _new.?0", bun.Ident(col))
	}
	_, err := c.exec(ctx, q.Where("?TableAlias.id = _new.id AND ?TableAlias.product = _new.product"))
	return err
}

// takeBack removes the slugs and SKUs that refused rows had taken.
func (s products) takeBack(ctx context.Context, c conn, all []*catalog.Product, slugs claimed, skus added, errs []error) error {
	refused := map[catalog.ProductID]bool{}
	for i, p := range all {
		if errs[i] != nil {
			refused[p.ID] = true
		}
	}
	for i, p := range all { // refused as a repetition only
		if errs[i] == nil {
			delete(refused, p.ID)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	if err := dropSlugs(ctx, c, slices.DeleteFunc(slugs.fresh, func(r slugRow) bool {
		return !refused[catalog.ProductID(r.Subject)]
	})); err != nil {
		return err
	}
	ids := slices.DeleteFunc(skus.fresh, func(id catalog.SKUID) bool { return !refused[skus.owner[id]] })
	if len(ids) == 0 {
		return nil
	}
	_, err := c.exec(ctx, c.delete((*skuRow)(nil)).Where("id IN (?)", bun.List(ids)))
	return err
}

func stale(trade string) error {
	return fault.New(fault.Conflict, trade+".stale", "the object changed meanwhile")
}
