package order

import (
	"context"
	"time"
)

// PersonalStore keeps what groups know about people, apart from the orders:
// it may live in a database of its own.
type PersonalStore interface {
	// Insert stores the data of a new group. AlreadyExists, code
	// "order_personal.exists".
	Insert(ctx context.Context, p *Personal) error
	// Get returns the data of a group, empty but for ErasedAt once erased.
	// NotFound.
	Get(ctx context.Context, id GroupID) (Personal, error)
	// GetMany returns the data of the groups that have any, in the order of
	// ids.
	GetMany(ctx context.Context, ids []GroupID) ([]Personal, error)
	// AddNote adds a note, one after the other with Erase: of the two the
	// later one either finds the note and deletes it, or is refused with
	// FailedPrecondition, code "order_personal.erased". AlreadyExists, code
	// "order_note.exists".
	AddNote(ctx context.Context, n *Note) error
	// Notes returns the notes of a group, the oldest first.
	Notes(ctx context.Context, id GroupID) ([]Note, error)
	// Erase empties the data of the groups, deletes their notes and returns
	// how many of the groups held data until now. A group erased before
	// keeps its ErasedAt.
	Erase(ctx context.Context, ids []GroupID, at time.Time) (int, error)
}
