package pricing

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps prices. The number of statements of a method never depends on
// how many rows it is handed, and rows are locked in the order of their keys.
type Store interface {
	// Find returns prices by key.
	Find(ctx context.Context, q FindQuery) ([]Price, error)
	// Put inserts or overwrites prices, each one or not at all, and returns
	// one error per row, in the order of the argument: nil, where the row's
	// Version was set to the stored one and CreatedAt to that of the first
	// write; for a row with a Version, Conflict, code "price.stale", where
	// another one is stored, and NotFound where none is. A refused row is
	// unchanged, disturbs no other and leaves the unit usable. Of rows with
	// one key the first is taken and the others are Conflict.
	Put(ctx context.Context, prices []*Price) ([]error, error)
	// Remove deletes prices and returns those that were there, by key.
	Remove(ctx context.Context, keys []Key) ([]Price, error)
	// List pages through the prices of a channel by key. Invalid for a
	// foreign cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Price], error)
	// Purge deletes at most limit prices that ended at or before the given
	// time, the longest ended first, and returns how many.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)
}

// FindQuery selects the prices of SKUs in channels; no SKUs or no channels
// select none.
type FindQuery struct {
	Channels []ref.ChannelID
	SKUs     []ref.SKUID
	// After leaves out what ended at or before it; zero leaves out nothing.
	After time.Time
}

// Query selects the prices of one channel.
type Query struct {
	Channel ref.ChannelID
	// SKU narrows to one. Defaults to all.
	SKU ref.SKUID
}
