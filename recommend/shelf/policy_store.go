package shelf

import "context"

// PolicyStore keeps the policies of slots.
type PolicyStore interface {
	// All returns every policy, by slot: there are at most [MaxSlots].
	All(ctx context.Context) ([]Policy, error)
	// Insert stores a new policy as version 1. AlreadyExists, code
	// "shelf_policy.exists", where the slot has one, which leaves the unit
	// usable.
	Insert(ctx context.Context, p *Policy) error
	// Update stores p if the stored version is p's, and counts it up. Kinds:
	// Conflict, code "shelf_policy.stale"; NotFound.
	Update(ctx context.Context, p *Policy) error
}
