package cart

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps carts with their lines. A write of a cart is one statement
// however many lines it has.
type Store interface {
	// Insert stores a new cart as version 1. AlreadyExists, code
	// "cart.exists", where the id is taken or the owner has an open cart in
	// the channel, which leaves the unit usable.
	Insert(ctx context.Context, c *Cart) error
	// Update stores the cart with its lines if the stored version is c's, and
	// counts it up. Conflict, code "cart.stale", otherwise; NotFound.
	Update(ctx context.Context, c *Cart) error
	// Get returns a cart. NotFound.
	Get(ctx context.Context, id ID) (Cart, error)
	// List pages through carts by id. Invalid for a foreign cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Cart], error)
	// Purge deletes at most limit carts that expired at or before the given
	// time and returns how many.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)
}

// Query selects carts; zero fields select all.
type Query struct {
	Member  ref.MemberID
	Guest   string // the key of a guest's scope
	Channel ref.ChannelID
	State   State
}

// Matches reports whether the query selects a cart.
func (q Query) Matches(c *Cart) bool {
	return (q.Member == "" || q.Member == c.Member) &&
		(q.Guest == "" || q.Guest == c.Guest) &&
		(q.Channel == "" || q.Channel == c.Channel) &&
		(q.State == "" || q.State == c.State)
}
