package catalog

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
)

// CategoryStore keeps the category tree. The service computes paths; what the
// store adds is the lock that makes that safe and the move of a whole subtree
// in one step.
type CategoryStore interface {
	// Lock serialises changes of the tree's shape: it waits for any other
	// unit that holds the lock and keeps it to the end of its own.
	// FailedPrecondition outside a unit.
	Lock(ctx context.Context) error
	// Get returns a category. NotFound.
	Get(ctx context.Context, id CategoryID) (Category, error)
	// GetMany returns the categories that exist, in the order of ids.
	GetMany(ctx context.Context, ids []CategoryID) ([]Category, error)
	// FindSlug returns the category that has or had a slug. NotFound.
	FindSlug(ctx context.Context, slug string) (Category, error)
	// InsertMany stores new categories as version 1 and claims their slugs,
	// with an error per row: nil, or AlreadyExists, code "category.exists",
	// parameter "by" "id" or "slug". A refused row leaves nothing behind.
	InsertMany(ctx context.Context, categories []*Category) ([]error, error)
	// Update stores c if the stored version is c's, counts it up and claims
	// a new slug; the old one stays c's. Conflict, code "category.stale";
	// AlreadyExists where another category has or had the slug; NotFound.
	Update(ctx context.Context, c *Category) error
	// Rebase replaces the prefix from by to in the path of every category
	// whose path starts with from, and counts their versions up; atomic. It
	// returns how many. FailedPrecondition outside a unit.
	Rebase(ctx context.Context, from, to string) (int, error)
	// List pages through categories, parents before their children. Invalid
	// for a foreign cursor.
	List(ctx context.Context, q CategoryQuery, p page.Request) (page.Page[Category], error)
}

// CategoryQuery selects categories; zero fields select all.
type CategoryQuery struct {
	// Within is the path of a category: it and all below it.
	Within string
	// MaxDepth leaves out deeper nodes; the roots have depth 1.
	MaxDepth int
}
