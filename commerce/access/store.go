package access

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps the employees.
type Store interface {
	// Get returns an employee. NotFound.
	Get(ctx context.Context, id ref.StaffID) (Account, error)
	// FindLogin returns the employee with a login. NotFound.
	FindLogin(ctx context.Context, login string) (Account, error)
	// Insert stores a new employee as version 1. AlreadyExists, code
	// "staff.exists", where the id or the login is taken; it leaves the unit
	// usable.
	Insert(ctx context.Context, a *Account) error
	// Update stores a if the stored version is a's, and counts it up. The
	// login never changes. Conflict, code "staff.stale"; NotFound.
	Update(ctx context.Context, a *Account) error
	// List pages through employees by id. Invalid for a foreign cursor.
	List(ctx context.Context, p page.Request) (page.Page[Account], error)
}
