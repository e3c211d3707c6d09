package catalog

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
)

// BrandStore keeps brands.
type BrandStore interface {
	// Get returns a brand. NotFound.
	Get(ctx context.Context, id BrandID) (Brand, error)
	// GetMany returns the brands that exist, in the order of ids.
	GetMany(ctx context.Context, ids []BrandID) ([]Brand, error)
	// FindSlug returns the brand that has or had a slug. NotFound.
	FindSlug(ctx context.Context, slug string) (Brand, error)
	// InsertMany stores new brands as version 1 and claims their slugs, with
	// an error per row: nil, or AlreadyExists, code "brand.exists",
	// parameter "by" "id" or "slug". A refused row leaves nothing behind.
	InsertMany(ctx context.Context, brands []*Brand) ([]error, error)
	// Update stores b if the stored version is b's, counts it up and claims
	// a new slug; the old one stays b's. Conflict, code "brand.stale";
	// AlreadyExists where another brand has or had the slug; NotFound.
	Update(ctx context.Context, b *Brand) error
	// List pages through brands by slug. Invalid for a foreign cursor.
	List(ctx context.Context, p page.Request) (page.Page[Brand], error)
}
