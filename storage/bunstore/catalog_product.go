package bunstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type productRow struct {
	bun.BaseModel `bun:"table:products,alias:p"`

	ID           catalog.ProductID     `bun:"id,pk"`
	Merchant     ref.MerchantID        `bun:"merchant"`
	Slug         string                `bun:"slug"`
	Title        catalog.Text          `bun:"title,type:jsonb"`
	Description  catalog.Text          `bun:"description,type:jsonb"`
	Brand        catalog.BrandID       `bun:"brand"`
	Category     catalog.CategoryID    `bun:"category"`
	Options      []catalog.Option      `bun:"options,type:jsonb"`
	Attributes   []catalog.Attribute   `bun:"attributes,type:jsonb"`
	Pictures     []catalog.Picture     `bun:"pictures,type:jsonb"`
	TaxClass     string                `bun:"tax_class"`
	WeightGrams  int64                 `bun:"weight_grams"`
	Publications []catalog.Publication `bun:"publications,type:jsonb"`
	Archived     bool                  `bun:"archived"`
	ArchivedAt   instant               `bun:"archived_at,type:timestamptz"`
	CreatedAt    instant               `bun:"created_at,type:timestamptz"`
	UpdatedAt    instant               `bun:"updated_at,type:timestamptz"`
	Version      int64                 `bun:"version"`
}

func (r *productRow) key() string { return string(r.ID) }
func (r *productRow) claim() slugRow {
	return slugRow{Kind: "product", Slug: r.Slug, Subject: string(r.ID)}
}

func (r productRow) value() catalog.Product {
	return catalog.Product{
		ID: r.ID, Merchant: r.Merchant, Slug: r.Slug, Title: r.Title, Description: r.Description,
		Brand: r.Brand, Category: r.Category, Options: r.Options, Attributes: r.Attributes,
		Pictures: r.Pictures, TaxClass: r.TaxClass, WeightGrams: r.WeightGrams, Publications: r.Publications,
		ArchivedAt: r.ArchivedAt.Time, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
}

func productRowOf(p *catalog.Product, version int64) *productRow {
	return &productRow{
		ID: p.ID, Merchant: p.Merchant, Slug: p.Slug, Title: p.Title, Description: p.Description,
		Brand: p.Brand, Category: p.Category, Options: p.Options, Attributes: p.Attributes,
		Pictures: p.Pictures, TaxClass: p.TaxClass, WeightGrams: p.WeightGrams, Publications: p.Publications,
		Archived: p.Archived(), ArchivedAt: at(p.ArchivedAt), CreatedAt: at(p.CreatedAt), UpdatedAt: at(p.UpdatedAt),
		Version: version,
	}
}

type skuRow struct {
	bun.BaseModel `bun:"table:skus,alias:s"`

	ID          catalog.SKUID     `bun:"id,pk"`
	Product     catalog.ProductID `bun:"product"`
	Merchant    ref.MerchantID    `bun:"merchant"`
	Code        string            `bun:"code"`
	Position    int64             `bun:"position"`
	Choices     []string          `bun:"choices,type:jsonb"`
	Picture     string            `bun:"picture"`
	WeightGrams int64             `bun:"weight_grams"`
	Archived    bool              `bun:"archived"`
}

func (r skuRow) value() catalog.SKU {
	return catalog.SKU{
		ID: r.ID, Code: r.Code, Choices: r.Choices, Picture: r.Picture,
		WeightGrams: r.WeightGrams, Archived: r.Archived,
	}
}

// skuRowsOf returns the SKUs of products, sorted by id.
func skuRowsOf(products []*catalog.Product) []skuRow {
	var rows []skuRow
	for _, p := range products {
		for i, s := range p.SKUs {
			rows = append(rows, skuRow{
				ID: s.ID, Product: p.ID, Merchant: p.Merchant, Code: s.Code, Position: int64(i),
				Choices: s.Choices, Picture: s.Picture, WeightGrams: s.WeightGrams, Archived: s.Archived,
			})
		}
	}
	slices.SortStableFunc(rows, func(a, b skuRow) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return rows
}

type products struct{ db *DB }

var _ catalog.ProductStore = products{}

func (s products) Get(ctx context.Context, id catalog.ProductID) (catalog.Product, error) {
	found, err := s.GetMany(ctx, []catalog.ProductID{id})
	if err != nil {
		return catalog.Product{}, err
	}
	if len(found) == 0 {
		return catalog.Product{}, missing("product")
	}
	return found[0], nil
}

func (s products) GetMany(ctx context.Context, ids []catalog.ProductID) ([]catalog.Product, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := s.read(ctx, func(c conn, dest any, whole func(q *bun.SelectQuery)) error {
		q := c.query(dest).Where("id IN (?)", bun.List(ids))
		whole(q)
		_, err := c.scan(ctx, q)
		return err
	})
	return inOrder(ids, found, func(p catalog.Product) catalog.ProductID { return p.ID }, same), err
}

func (s products) Holding(ctx context.Context, skus []catalog.SKUID) ([]catalog.Product, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	return s.read(ctx, func(c conn, dest any, whole func(q *bun.SelectQuery)) error {
		return c.find(ctx, "products of skus", dest, func(q *bun.SelectQuery) {
			whole(q)
			q.ColumnExpr("coalesce((SELECT ca.path FROM categories AS ca WHERE ca.id = p.category), '') AS within").
				Where("p.id IN (?)", c.query((*skuRow)(nil)).Column("product").Where(s.db.among("id", 1))).Order("p.id")
		}, list(s.db, skus))
	})
}

// wholeProductRow is a product, perhaps with the way to its category, and on
// PostgreSQL with its SKUs, as JSON.
type wholeProductRow struct {
	productRow `bun:",extend"`

	Within    string `bun:"within,scanonly"`
	WholeText string `bun:"whole_skus,scanonly"`
}

func (r wholeProductRow) value() catalog.Product {
	p := r.productRow.value()
	if r.Within != "" {
		p.Within = catalog.Category{Path: r.Within}.Ancestors()
	}
	return p
}

// read returns the products that query finds, with their SKUs: on PostgreSQL in
// one statement. The query selects what whole adds to it.
func (s products) read(
	ctx context.Context, query func(c conn, dest any, whole func(q *bun.SelectQuery)) error,
) (out []catalog.Product, err error) {
	err = s.db.snapshot(ctx, func(c conn) error {
		var rows []wholeProductRow
		err := query(c, &rows, func(q *bun.SelectQuery) {
			q.ColumnExpr("p.*")
			if s.db.postgres {
				q.ColumnExpr(gathered(s.db.tableOf(skuRow{}), "s", "s.product = p.id", "s.position") + " AS whole_skus")
			}
		})
		if err != nil {
			return err
		}
		out = values(rows, wholeProductRow.value)
		if !s.db.postgres {
			return s.addSKUs(ctx, c, out)
		}
		for i, r := range rows {
			skus, err := decodeRecords[skuRow](s.db, r.WholeText)
			if err != nil {
				return c.failed(ctx, err)
			}
			if len(skus) > 0 {
				out[i].SKUs = values(skus, skuRow.value)
			}
		}
		return nil
	})
	return out, err
}

// addSKUs fills in the SKUs of products.
func (s products) addSKUs(ctx context.Context, c conn, all []catalog.Product) error {
	if len(all) == 0 {
		return nil
	}
	ids := make([]catalog.ProductID, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	var rows []skuRow
	err := c.find(ctx, "skus of products", &rows, func(q *bun.SelectQuery) {
		q.Where(s.db.among("product", 1)).Order("product", "position")
	}, list(s.db, ids))
	if err != nil {
		return err
	}
	of := make(map[catalog.ProductID][]catalog.SKU, len(all))
	for _, r := range rows {
		of[r.Product] = append(of[r.Product], r.value())
	}
	for i := range all {
		all[i].SKUs = of[all[i].ID]
	}
	return nil
}

func (s products) FindSKUs(ctx context.Context, q catalog.SKUQuery) ([]catalog.SKURef, error) {
	if len(q.IDs) == 0 && (len(q.Codes) == 0 || len(q.Merchants) == 0) {
		return nil, nil
	}
	var rows []skuRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows).Column("id", "code", "product", "merchant").Order("id")
	if len(q.IDs) > 0 {
		sel.Where("id IN (?)", bun.List(q.IDs))
	}
	if len(q.Merchants) > 0 {
		sel.Where("merchant IN (?)", bun.List(q.Merchants))
	}
	if len(q.Codes) > 0 {
		sel.Where("code IN (?)", bun.List(q.Codes))
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return nil, err
	}
	out := make([]catalog.SKURef, len(rows))
	for i, r := range rows {
		out[i] = catalog.SKURef{SKU: r.ID, Code: r.Code, Product: r.Product, Merchant: r.Merchant}
	}
	return out, nil
}

func (s products) FindSlugs(ctx context.Context, slugs []string) (map[string]catalog.ProductID, error) {
	held, err := slugHolders(ctx, s.db.readConn(ctx), "product", slugs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]catalog.ProductID, len(held))
	for slug, subject := range held {
		out[slug] = catalog.ProductID(subject)
	}
	return out, nil
}

func (s products) List(ctx context.Context, q catalog.ProductQuery, p page.Request) (page.Page[catalog.Product], error) {
	order := keyset{list: "product.id", columns: []string{"id"}}
	size := 0
	found, err := s.read(ctx, func(c conn, dest any, whole func(q *bun.SelectQuery)) error {
		sel := c.query(dest).Where("archived = ?", q.Archived)
		if q.Merchant != "" {
			sel.Where("merchant = ?", q.Merchant)
		}
		if q.Category != "" {
			sel.Where("category = ?", q.Category)
		}
		if q.Brand != "" {
			sel.Where("brand = ?", q.Brand)
		}
		whole(sel)
		var err error
		if size, err = order.apply(sel, p, texts); err != nil {
			return err
		}
		_, err = c.scan(ctx, sel)
		return err
	})
	if err != nil {
		return page.Page[catalog.Product]{}, err
	}
	return pageOf(order, found, size, same, func(p catalog.Product) []string {
		return []string{string(p.ID)}
	}), nil
}
