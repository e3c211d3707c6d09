package listing

import (
	"slices"

	"github.com/soukhq/souk/commerce/ref"
)

// Topic is the stream of refreshed products.
const Topic = "listing"

// Refreshed says that products were read anew: whatever a list, or a copy of
// one, shows of them may have changed. It follows every write that concerns a
// product: its words, prices, stock, publication and windows, sales, its
// merchant, brand and categories, and promotions that lower its price.
type Refreshed struct {
	// Products are sorted by id.
	Products []RefreshedProduct `json:"products"`
}

// RefreshedProduct is a product with the version of its rows, see
// [Row.Version]; one without a row in a channel has left it as of that version.
type RefreshedProduct struct {
	Product ref.ProductID `json:"product"`
	Version int64         `json:"version"`
}

// EventName returns the wire name.
func (Refreshed) EventName() string { return "listing.refreshed.v1" }

// refreshed tells of the entries that were written; written is sorted.
func refreshed(entries []Entry, written []ref.ProductID) Refreshed {
	e := Refreshed{Products: make([]RefreshedProduct, 0, len(written))}
	for _, in := range entries {
		if _, ok := slices.BinarySearch(written, in.Product); ok {
			e.Products = append(e.Products, RefreshedProduct{in.Product, in.Version})
		}
	}
	return e
}
