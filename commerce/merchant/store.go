package merchant

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
)

// Store keeps merchants.
type Store interface {
	// Get returns a merchant. NotFound.
	Get(ctx context.Context, id ID) (Merchant, error)
	// GetMany returns the merchants that exist, in the order of ids.
	GetMany(ctx context.Context, ids []ID) ([]Merchant, error)
	// Insert stores a new merchant as version 1. AlreadyExists, code
	// "merchant.exists", where the id is taken.
	Insert(ctx context.Context, m *Merchant) error
	// Update stores m if the stored version is m's, and counts it up.
	// Conflict, code "merchant.stale", otherwise; NotFound.
	Update(ctx context.Context, m *Merchant) error
	// List pages through merchants by id. Invalid for a foreign cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Merchant], error)
}

// Query selects merchants; zero fields select all.
type Query struct {
	State State
}
