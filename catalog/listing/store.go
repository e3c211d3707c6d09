package listing

import (
	"cmp"
	"context"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps the rows, and per product a stamp, when it is due to be read
// anew, and how many pieces were sold. The number of statements of a method
// does not depend on how many products it is handed.
//
// A refresh takes stamps first, then reads, then writes under them. Whatever
// made somebody take an earlier stamp was committed before, so that the holder
// of the later stamp has seen it too: the later stamp wins, and nothing that
// happened is missed, without a lock while reading.
type Store interface {
	// Stamp counts up the stamps of products, creating those that lack, and
	// returns them with the pieces sold. Rows are locked in the order of ids.
	Stamp(ctx context.Context, products []ref.ProductID) (map[ref.ProductID]Stamp, error)
	// Write replaces all rows of each entry's product, unless a later stamp
	// was written, and returns the products it wrote. A product is due again
	// at the entry's time, or at once where it was marked after the stamp was
	// taken. Atomic.
	Write(ctx context.Context, entries []Entry) ([]ref.ProductID, error)
	// Mark makes products due at a time, or leaves them due where they are
	// earlier, creating those that lack.
	Mark(ctx context.Context, products []ref.ProductID, at time.Time) error
	// Sell adds to the pieces sold of products, and makes them due at a time.
	// FailedPrecondition outside a unit: a repeated message must not count
	// twice.
	Sell(ctx context.Context, sales []Sale, at time.Time) error
	// Due returns at most limit products that are due at now, the most
	// overdue first.
	Due(ctx context.Context, now time.Time, limit int) ([]ref.ProductID, error)
	// GetMany returns the rows of products in a channel and currency that
	// exist, shown or not, in the order of ids.
	GetMany(ctx context.Context, channel ref.ChannelID, currency money.Currency, products []ref.ProductID) ([]Row, error)
	// List pages through the rows of a channel and currency that q selects, in
	// the order of q.Sort, along an index. Invalid for a foreign cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Row], error)
}

// Stamp is the right to write a product's rows.
type Stamp struct {
	// Version is the version of the rows to be written.
	Version int64
	// Sold is how many pieces were sold so far.
	Sold int64
}

// Entry is what a refresh found of one product.
type Entry struct {
	Product ref.ProductID
	// Version is that of the stamp; the rows carry it too.
	Version int64
	// Rows are at most one per (channel, currency); none takes the product
	// off every list.
	Rows []Row
	// DueAt is when what was read stops being true by itself; zero for never.
	DueAt time.Time
}

// Compare orders entries by product.
func (e Entry) Compare(o Entry) int { return cmp.Compare(e.Product, o.Product) }

// Sale is so many pieces of a product; below zero, so many that were counted
// before and are not sold after all.
type Sale struct {
	Product ref.ProductID
	Pieces  int64
}
