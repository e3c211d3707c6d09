package payment

import (
	"context"
	"time"
)

// RefundStore keeps refunds and guards that they never exceed what was
// captured. Values are copied on the way in and out. Every method joins the
// unit in ctx.
type RefundStore interface {
	// Insert stores a new refund, sets its Version to 1, and raises
	// Attempt.Refunding by what each leg holds, if that leaves it at or below
	// what the attempt captured: conditional updates in the order of attempt
	// ids, never a read before a write. Kinds: AlreadyExists where (Intent,
	// Key) is taken, the unit stays usable; Exhausted, code
	// "payment.refund_exceeds", where it would exceed, and the unit has to
	// roll back; FailedPrecondition outside a unit.
	Insert(ctx context.Context, r *Refund) error
	// Update stores r if its Version is the stored one, raises it, and lowers
	// Attempt.Refunding by what r's legs no longer hold. Kinds: Conflict;
	// FailedPrecondition outside a unit.
	Update(ctx context.Context, r *Refund) error
	// Get returns a refund. NotFound.
	Get(ctx context.Context, id RefundID) (Refund, error)
	// ByKey returns the refund of an intent with this key. NotFound.
	ByKey(ctx context.Context, intent IntentID, key string) (Refund, error)
	// ByNumber returns the refund with this number. NotFound.
	ByNumber(ctx context.Context, number string) (Refund, error)
	// ByIntent returns the refunds of some intents, by Intent, CreatedAt and ID.
	ByIntent(ctx context.Context, ids ...IntentID) ([]Refund, error)
	// Claim works as [Store.Claim] does.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]RefundID, error)
}
