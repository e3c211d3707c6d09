package member

import (
	"context"
	"time"
)

// AttemptStore counts attempts in fixed windows. Its keys are digests.
type AttemptStore interface {
	// Count adds one attempt to each of the keys, which are distinct, and
	// returns the numbers as they then stand, in the order of keys. A count
	// whose window began at or before now minus window starts anew. One
	// statement; rows are locked in the order of keys.
	Count(ctx context.Context, keys []string, now time.Time, window time.Duration) ([]Attempts, error)
	// Clear forgets the counts of keys.
	Clear(ctx context.Context, keys []string) error
	// Purge deletes at most limit counts whose window began before the given
	// time and returns how many.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)
}

// Attempts is one key's count.
type Attempts struct {
	Key   string
	N     int
	Since time.Time // when the window began
}
