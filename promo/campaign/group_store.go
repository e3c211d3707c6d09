package campaign

import (
	"context"

	"github.com/soukhq/souk/promo"
)

// GroupStore keeps the exclusion groups of the shop. Every write sets another
// [Store.Revision].
type GroupStore interface {
	// All returns every group, by id.
	All(ctx context.Context) ([]Group, error)
	// Insert stores a new group as version 1. AlreadyExists, code
	// "promo_group.exists", where the id is taken.
	Insert(ctx context.Context, g *Group) error
	// Update stores g if the stored version is g's, and counts it up.
	// Conflict, code "promo_group.stale", otherwise; NotFound.
	Update(ctx context.Context, g *Group) error
	// Remove deletes a group of that version. Conflict, code
	// "promo_group.stale", otherwise; NotFound.
	Remove(ctx context.Context, id promo.GroupID, version int64) error
}
