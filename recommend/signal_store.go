package recommend

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// SignalStore keeps the events of visitors that come too often for the event
// log: what they look at, put into carts and hide. They are written many at a
// time, and every node reads them all in one order.
type SignalStore interface {
	// Append stores events behind all that are there, in their order and in
	// one statement. One whose id is known is left out. Other appenders wait
	// until the unit ends: it is best called outside of one.
	Append(ctx context.Context, events []Event) error
	// Read returns at most limit signals behind a position, in the order of
	// positions; 0 is before the first. What was read at a position is all
	// there will ever be up to it.
	Read(ctx context.Context, after int64, limit int) ([]Signal, error)
	// Forget deletes the signals of members, and those of their sessions that
	// are no other member's.
	Forget(ctx context.Context, members []ref.MemberID) error
	// Purge deletes at most limit signals of some kinds that happened before a
	// time, the oldest first, and returns how many. What a member hid stays
	// until the member is forgotten; where it was written only then, it is
	// purged once the account of the member is erased.
	Purge(ctx context.Context, kinds []Kind, before time.Time, limit int) (int, error)
}

// Signal is an event with its place among all of them.
type Signal struct {
	Position int64
	Event
}
