package uow

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
)

// MaxAttempts is how often [Manager.Do] runs its function at most.
const MaxAttempts = 3

// Manager runs units of work. Implementations are safe for concurrent use;
// one unit is used by one goroutine at a time.
type Manager interface {
	// Do runs fn in a unit and commits it if fn returns nil. A unit that is
	// already in ctx is joined. Errors of fn are returned as they are;
	// beside them Do returns
	//   - Unavailable: the unit was rolled back after MaxAttempts conflicts
	//     with others, or could not begin;
	//   - Indeterminate: the answer to the commit was lost;
	//   - Canceled: ctx ended before the commit was sent;
	//   - FailedPrecondition: a nested unit had failed and fn hid its error.
	Do(ctx context.Context, fn func(ctx context.Context) error) error
}

// ErrOutside returns the fault of an operation that was called outside a unit
// though it makes sense only inside one.
func ErrOutside(op string) error {
	return fault.New(fault.FailedPrecondition, "uow.outside", "the operation needs a unit of work").With("op", op)
}

// ErrDoomed returns the fault of a unit that committed nothing because a
// nested unit had failed and its error was hidden.
func ErrDoomed(cause error) error {
	return fault.Wrap(cause, fault.FailedPrecondition, "uow.doomed", "a nested unit of work failed")
}

// ErrContended returns the fault of a unit that lost MaxAttempts races.
func ErrContended(cause error) error {
	return fault.Wrap(cause, fault.Unavailable, "uow.contended", "too many concurrent changes")
}
