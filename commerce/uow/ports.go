package uow

import (
	"context"
	"time"
)

// Claims settles a race between aggregates: who is first to tie a key to a
// subject keeps it for ever. The order number, the provider's notice and the
// cart version that became an order group are claimed this way.
type Claims interface {
	// Claim ties (kind, key) to subject unless it is tied already, and
	// returns who holds it. Won is true for the first caller and for every
	// repetition with the same subject. Inside a unit the claim commits with
	// it, and a second claimant of a key that is claimed but not committed
	// waits for the outcome.
	Claim(ctx context.Context, kind, key, subject string) (holder string, won bool, err error)
	// Holder returns who holds (kind, key). NotFound where nobody does.
	Holder(ctx context.Context, kind, key string) (string, error)
}

// Idempotency remembers the answers of calls that carry a key, per scope of
// the caller, so that a repeated call has one effect and one answer.
type Idempotency interface {
	// Begin inserts the record inside the unit that has the call's effect,
	// before the effect; a concurrent Begin with the same key waits for that
	// unit. It returns nil where the call is new, and the stored answer where
	// the same call was completed before. Kinds: Conflict, code
	// "idempotency.mismatch", where the key was used with another Hash, or
	// "idempotency.running", where it was begun and never completed;
	// FailedPrecondition outside a unit.
	Begin(ctx context.Context, call Call) (*Answer, error)
	// Complete stores the answer, in the same unit. NotFound without Begin.
	Complete(ctx context.Context, call Call, answer Answer) error
	// Purge deletes at most limit records that expired before now and returns
	// how many.
	Purge(ctx context.Context, now time.Time, limit int) (int, error)
}

// Call names one keyed call.
type Call struct {
	Scope     string // the caller: keys of two callers never meet
	Key       string // chosen by the caller, 1 to 255 bytes
	Hash      string // digest of the input
	ExpiresAt time.Time
}

// Answer is what a completed call said: a reference to the result, never
// personal data.
type Answer struct {
	Resource string
	Body     []byte
}

// Answered is a completed call with its answer.
type Answered struct {
	Call
	Answer
}

// CallLister is an optional power of [Idempotency]: it shows what is
// remembered, for those who check it.
type CallLister interface {
	// Answered returns at most limit completed calls whose (Scope, Key) lie
	// behind those of after, in that order, expired ones included. The zero
	// Call is before all.
	Answered(ctx context.Context, after Call, limit int) ([]Answered, error)
}

// Lease is the right to do a singleton's work until ExpiresAt. Fence grows
// with every new owner: a write that carries an older fence is refused.
type Lease struct {
	Name      string
	Owner     string
	Fence     int64
	ExpiresAt time.Time
}

// Leases elects owners. Times are readings of the caller's clock.
type Leases interface {
	// Acquire gives owner those of the named leases that are free, expired at
	// now or already owner's (these are renewed and keep their fence), in one
	// step, and returns them in the order of names. Those that somebody else
	// holds are left out. A new fence is at least now in microseconds since
	// 1970, so that a swept lease does not start again below.
	Acquire(ctx context.Context, owner string, now time.Time, ttl time.Duration, names ...string) ([]Lease, error)
	// Release gives leases back at once; one lost meanwhile is left alone.
	Release(ctx context.Context, leases ...Lease) error
	// List returns the leases that are held at now and whose names begin with
	// prefix, by name.
	List(ctx context.Context, prefix string, now time.Time) ([]Lease, error)
	// Sweep deletes at most limit leases that were free or expired before the
	// given time and returns how many. Leave a day, for clocks that differ.
	Sweep(ctx context.Context, before time.Time, limit int) (int, error)
}

// Inbox remembers which messages of a foreign broker a consumer has handled.
type Inbox interface {
	// Accept notes (consumer, message) in the unit in ctx and reports whether
	// it is new. FailedPrecondition outside a unit.
	Accept(ctx context.Context, consumer, message string, at time.Time) (bool, error)
	// Purge deletes at most limit notes made before the given time and
	// returns how many.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)
}
