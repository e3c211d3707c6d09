package member

import "context"

// BookStore keeps the address books, one per member; addresses are nowhere
// else, so that emptying one erases them all.
type BookStore interface {
	// Get returns a member's book. NotFound where none was written.
	Get(ctx context.Context, member ID) (Book, error)
	// Insert stores a new book as version 1. AlreadyExists, code
	// "address_book.exists", where the member has one; it leaves the unit usable.
	Insert(ctx context.Context, b *Book) error
	// Update stores b if the stored version is b's, and counts it up.
	// Conflict, code "address_book.stale"; NotFound.
	Update(ctx context.Context, b *Book) error
}
