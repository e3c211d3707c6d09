package listing

import (
	"context"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
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
// was never counted is left out. The inventory's service has it.
type Stock interface {
	Available(ctx context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.Quantity, error)
}

// Prices tells what SKUs cost in a channel, in a number of statements that
// does not depend on how many there are; those without a price are left out.
type Prices interface {
	Prices(ctx context.Context, q PriceQuery, skus []ref.SKUID) (map[ref.SKUID]Price, error)
}

// PriceQuery is the context in which a price holds. Lists are read without a
// member and a company.
type PriceQuery struct {
	Channel ref.ChannelID
	Member  ref.MemberID
	Company ref.CompanyID
}

// Price is what one piece of a SKU costs.
type Price struct {
	Unit money.Money
	// Compare is what it cost before; the zero Money where that is not said.
	Compare money.Money
	// Version changes with the price.
	Version int64
	// Until is when another price begins to hold; zero where none is planned.
	Until time.Time
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
