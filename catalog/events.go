package catalog

import (
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// The streams of the catalogue.
const (
	Topic         = "product"
	CategoryTopic = "category"
	BrandTopic    = "brand"
)

// ProductCreated says that a product exists, as a draft in every channel.
type ProductCreated struct {
	Product  ProductID      `json:"product"`
	Merchant ref.MerchantID `json:"merchant"`
	SKUs     []SKUID        `json:"skus"`
	Version  int64          `json:"version"`
}

// EventName returns the wire name.
func (ProductCreated) EventName() string { return "product.created.v1" }

// ProductChanged says that a product's content or its SKUs changed, or that
// it was taken back from the archive.
type ProductChanged struct {
	Product  ProductID      `json:"product"`
	Merchant ref.MerchantID `json:"merchant"`
	SKUs     []SKUID        `json:"skus"`
	Version  int64          `json:"version"`
}

// EventName returns the wire name.
func (ProductChanged) EventName() string { return "product.changed.v1" }

// ProductPublished says that a product was published in a channel or taken
// off it; State tells which.
type ProductPublished struct {
	Product  ProductID      `json:"product"`
	Merchant ref.MerchantID `json:"merchant"`
	Channel  ref.ChannelID  `json:"channel"`
	State    State          `json:"state"`
	From     time.Time      `json:"from,omitzero"`
	Until    time.Time      `json:"until,omitzero"`
	Version  int64          `json:"version"`
}

// EventName returns the wire name.
func (ProductPublished) EventName() string { return "product.published.v1" }

// ProductArchived says that a product left the catalogue.
type ProductArchived struct {
	Product  ProductID      `json:"product"`
	Merchant ref.MerchantID `json:"merchant"`
	Version  int64          `json:"version"`
}

// EventName returns the wire name.
func (ProductArchived) EventName() string { return "product.archived.v1" }

// CategoryChanged says that a category is new, has other words or has another
// place; of a moved one everything below moved too.
type CategoryChanged struct {
	Category CategoryID `json:"category"`
	Parent   CategoryID `json:"parent,omitempty"`
	Moved    bool       `json:"moved"`
	Version  int64      `json:"version"`
}

// EventName returns the wire name.
func (CategoryChanged) EventName() string { return "category.changed.v1" }

// BrandChanged says that a brand is new or has other words.
type BrandChanged struct {
	Brand   BrandID `json:"brand"`
	Version int64   `json:"version"`
}

// EventName returns the wire name.
func (BrandChanged) EventName() string { return "brand.changed.v1" }
