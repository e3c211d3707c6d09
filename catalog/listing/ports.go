package listing

import (
	"context"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// Products is what is read of the catalogue; [catalog.ProductStore] has it.
type Products interface {
	GetMany(ctx context.Context, ids []ref.ProductID) ([]catalog.Product, error)
	Holding(ctx context.Context, skus []ref.SKUID) ([]catalog.Product, error)
	FindSKUs(ctx context.Context, q catalog.SKUQuery) ([]catalog.SKURef, error)
	List(ctx context.Context, q catalog.ProductQuery, p page.Request) (page.Page[catalog.Product], error)
}

// Categories is what is read of the category tree; [catalog.CategoryStore]
// has it.
type Categories interface {
	GetMany(ctx context.Context, ids []ref.CategoryID) ([]catalog.Category, error)
	List(ctx context.Context, q catalog.CategoryQuery, p page.Request) (page.Page[catalog.Category], error)
}

// Brands is what is read of the brands; [catalog.BrandStore] has it.
type Brands interface {
	GetMany(ctx context.Context, ids []ref.BrandID) ([]catalog.Brand, error)
}

// Merchants tells which merchants sell; [merchant.Store] has it.
type Merchants interface {
	GetMany(ctx context.Context, ids []ref.MerchantID) ([]merchant.Merchant, error)
}

// Stock tells how many pieces can be promised, in one statement; a SKU that
// was never counted is left out. [inventory.Service] has it.
type Stock interface {
	Available(ctx context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.Quantity, error)
}

// Prices tells what SKUs cost; [pricing.Service] has it. Lists are read for
// everybody, without a member and a company.
type Prices interface {
	Resolve(ctx context.Context, r pricing.Request, items []pricing.Item) ([]pricing.Resolved, error)
}

// Orders tells what was in an order; [order.Store] has it.
type Orders interface {
	GetMany(ctx context.Context, ids []ref.GroupID) ([]order.Group, error)
}

// Ratings tells how products are rated, in one statement; unrated ones are
// left out.
type Ratings interface {
	Ratings(ctx context.Context, products []ref.ProductID) (map[ref.ProductID]Rating, error)
}

// Rating is what buyers think of a product.
type Rating struct {
	Average int64 // in hundredths of a star
	Count   int64
}
