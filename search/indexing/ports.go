package indexing

import (
	"context"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// Rows is what is read of the lists; [listing.Store] has it.
type Rows interface {
	GetMany(ctx context.Context, channel ref.ChannelID, currency money.Currency, products []ref.ProductID) ([]listing.Row, error)
	List(ctx context.Context, q listing.Query, p page.Request) (page.Page[listing.Row], error)
}

// Products is what is read of the catalogue; [catalog.ProductStore] has it.
type Products interface {
	GetMany(ctx context.Context, ids []ref.ProductID) ([]catalog.Product, error)
}

// Categories is what is read of the category tree; [catalog.CategoryStore] has
// it.
type Categories interface {
	GetMany(ctx context.Context, ids []ref.CategoryID) ([]catalog.Category, error)
}

// Brands is what is read of the brands; [catalog.BrandStore] has it.
type Brands interface {
	GetMany(ctx context.Context, ids []ref.BrandID) ([]catalog.Brand, error)
}

// Prices tells what SKUs cost; [pricing.Service] has it.
type Prices interface {
	Resolve(ctx context.Context, r pricing.Request, items []pricing.Item) ([]pricing.Resolved, error)
}

// Orders tells what was in an order; [order.Store] has it.
type Orders interface {
	GetMany(ctx context.Context, ids []ref.GroupID) ([]order.Group, error)
}
