package search

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// LogStore keeps what was searched for, what was opened from the results and
// what was bought of it. It is written in bulk and read for reports and
// suggestions; every sum is made by the store.
type LogStore interface {
	// Record stores searches and clicks, in one statement per kind. A search
	// whose id is known, and a further click of a search on one product, are
	// left out.
	Record(ctx context.Context, asked []Asked, clicks []Click) error
	// Convert notes a purchase: of each product the newest click of a visitor
	// at or after since and not after at led to it. One that led to an earlier
	// purchase stays with that one.
	Convert(ctx context.Context, visitor string, products []ref.ProductID, since, at time.Time) error
	// Queries pages through the texts of q, in the order of q. Clicks and
	// purchases are those of the searches in q's window, whenever they came.
	// Invalid for a foreign cursor.
	Queries(ctx context.Context, q ReportQuery, p page.Request) (page.Page[QueryLine], error)
	// Places returns how often each place was shown and clicked, as
	// [PlaceLines] makes it of the searches of q and of their clicks.
	Places(ctx context.Context, q ReportQuery) ([]PlaceLine, error)
	// Popular returns the texts that were asked most, of the searches that
	// [Asked.Suggests], each with how often; equal ones by text.
	Popular(ctx context.Context, q PopularQuery) ([]QuerySuggestion, error)
	// Forget deletes the searches and clicks of a visitor.
	Forget(ctx context.Context, visitor string) error
	// Purge deletes at most limit searches and at most limit clicks that
	// happened before a time, and returns how many rows that were.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)
}
