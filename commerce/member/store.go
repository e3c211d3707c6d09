package member

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
)

// Store keeps members.
type Store interface {
	// Get returns a member. NotFound.
	Get(ctx context.Context, id ID) (Account, error)
	// GetMany returns the members that exist, in the order of ids.
	GetMany(ctx context.Context, ids []ID) ([]Account, error)
	// FindEmail returns the member with an e-mail address, by its
	// [Account].EmailKey. NotFound.
	FindEmail(ctx context.Context, key string) (Account, error)
	// Insert stores a new member as version 1. AlreadyExists, code
	// "member.exists", where the id or the e-mail address is taken; it leaves
	// the unit usable.
	Insert(ctx context.Context, a *Account) error
	// Update stores a if the stored version is a's, and counts it up. The
	// e-mail address stays or is emptied: it does not change to another one.
	// Conflict, code "member.stale"; NotFound.
	Update(ctx context.Context, a *Account) error
	// List pages through members by id. Invalid for a foreign cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Account], error)
}

// Query selects members; zero fields select all.
type Query struct {
	State State
	// Emails selects those with one of the addresses, by [Account].EmailKey;
	// at most page.MaxLimit.
	Emails []string
}
