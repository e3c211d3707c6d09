package catalog

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// ProductStore keeps products with their SKUs, the SKU codes taken per
// merchant and the slugs taken per site. Writes are bulk writes, in a number
// of statements that does not depend on the rows.
type ProductStore interface {
	// Get returns a product with all its SKUs. NotFound.
	Get(ctx context.Context, id ProductID) (Product, error)
	// GetMany returns the products that exist, in the order of ids.
	GetMany(ctx context.Context, ids []ProductID) ([]Product, error)
	// InsertMany stores new products as version 1 with their SKUs and claims
	// slugs and codes, with an error per row: nil, or AlreadyExists, code
	// "product.exists", parameter "by" "id", "slug", "sku" or "code". A row
	// that is refused, also for the sake of an earlier row of the same call,
	// leaves nothing behind and the unit usable. Atomic per row; in a unit,
	// and altogether outside one, atomic as a whole.
	InsertMany(ctx context.Context, products []*Product) ([]error, error)
	// UpdateMany stores products whose stored version is theirs and counts it
	// up, adds new SKUs and claims a new slug; earlier slugs stay the
	// product's and it may return to them. SKUs are never removed and keep
	// their codes. With an error per row: nil; Conflict, code
	// "product.stale"; AlreadyExists as for InsertMany; NotFound. A refused
	// row leaves nothing behind and the unit usable.
	UpdateMany(ctx context.Context, products []*Product) ([]error, error)
	// Holding returns the products that have any of the SKUs, by id, each with
	// all its SKUs and the way to its category.
	Holding(ctx context.Context, skus []SKUID) ([]Product, error)
	// FindSKUs returns where the SKUs that exist belong, by SKU id.
	FindSKUs(ctx context.Context, q SKUQuery) ([]SKURef, error)
	// FindSlugs returns which product has or had each of the slugs; those
	// that nobody ever had are missing.
	FindSlugs(ctx context.Context, slugs []string) (map[string]ProductID, error)
	// List pages through products by id, oldest first where ids are minted.
	// Invalid for a foreign cursor.
	List(ctx context.Context, q ProductQuery, p page.Request) (page.Page[Product], error)
}

// SKUQuery selects SKUs by id, of some merchants where they are named, or by
// codes of merchants, who must be named. Where ids and codes are given, both
// must fit.
type SKUQuery struct {
	IDs       []SKUID
	Merchants []ref.MerchantID
	Codes     []string
}

// SKURef says where a SKU belongs.
type SKURef struct {
	SKU      SKUID
	Code     string
	Product  ProductID
	Merchant ref.MerchantID
}

// ProductQuery selects products; zero fields select all that are not archived.
type ProductQuery struct {
	Merchant ref.MerchantID
	Category CategoryID // exactly this one, not its subtree
	Brand    BrandID
	// Archived selects the archived ones instead.
	Archived bool
}
