package order

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps order groups with their orders, lines and history. Everything
// of a group lives under its id, so that one place of a distributed database
// holds all of it. The number of statements of a method never depends on how
// many orders, lines or entries it is handed.
type Store interface {
	// Insert stores a new group with its orders as version 1, their lines and
	// the first entries. AlreadyExists, code "order.exists", where the group
	// exists, which leaves the unit usable.
	Insert(ctx context.Context, g *Group, entries []Entry) error
	// Update stores the orders whose stored versions are theirs, counts the
	// versions up and adds the entries; all of it or nothing. What an order
	// was when it was placed (lines, amounts, owner) is not written again, but
	// how much of its lines was returned is.
	// Rows are locked in the order of their ids. Conflict, code
	// "order.stale", where one of the versions is not the stored one or an
	// order lacks.
	Update(ctx context.Context, orders []*Order, entries []Entry) error
	// Get returns a group with all its orders. NotFound.
	Get(ctx context.Context, id GroupID) (Group, error)
	// GetMany returns the groups that exist, in the order of ids.
	GetMany(ctx context.Context, ids []GroupID) ([]Group, error)
	// List pages through orders, the newest first, with their lines. Page
	// 10,000 costs what page 1 costs. Invalid for a foreign cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Order], error)
	// ClaimDue returns up to q.Limit orders in a state whose deadline is not
	// after q.Now, the most overdue first, and keeps them from other callers
	// until q.Now + q.Lease or until they are updated: two callers never get
	// the same order. It changes no version and skips rows that others hold.
	ClaimDue(ctx context.Context, q DueQuery) ([]Due, error)
	// Adopt makes a member the owner of those of the groups that are the
	// guest's, with their orders, and returns their ids in ascending order;
	// another's groups, and those adopted before, are left alone. Versions
	// stay: Update writes no owner. Guest is the key of a guest's scope, never
	// empty. Rows are locked in the order of their ids.
	Adopt(ctx context.Context, ids []GroupID, guest string, member ref.MemberID) ([]GroupID, error)
	// History returns the entries of a group, in the order of (order, seq).
	History(ctx context.Context, id GroupID) ([]Entry, error)
}

// Counter is an optional power of a [Store]: to count what a member has ordered.
type Counter interface {
	// CountGroups returns how many groups of a member hold an order that was not
	// canceled, but for the group except. One statement, that reads no lines.
	CountGroups(ctx context.Context, member ref.MemberID, except GroupID) (int64, error)
}

// Query selects orders; zero fields select all.
type Query struct {
	Member   ref.MemberID
	Guest    string // the key of a guest's scope
	Merchant ref.MerchantID
	Channel  ref.ChannelID
	State    State
	Payment  PaymentState
	// PlacedFrom and PlacedTo bound the time of placing: from is inside, to
	// is not.
	PlacedFrom, PlacedTo time.Time
}

// check reports what no order can match and a database may choke on.
func (q Query) check() error {
	c := &checker{}
	c.id("member", string(q.Member), false)
	c.text("guest", q.Guest, MaxText)
	c.id("merchant", string(q.Merchant), false)
	c.id("channel", string(q.Channel), false)
	if q.State != "" && !slices.Contains(States(), q.State) {
		c.Add("state", "unknown", nil)
	}
	if q.Payment != "" && !slices.Contains(PaymentStates(), q.Payment) {
		c.Add("payment", "unknown", nil)
	}
	return c.Err("order.query", "the query is not valid")
}

// Matches reports whether the query selects an order.
func (q Query) Matches(o *Order) bool {
	return (q.Member == "" || q.Member == o.Member) &&
		(q.Guest == "" || q.Guest == o.Guest) &&
		(q.Merchant == "" || q.Merchant == o.Merchant) &&
		(q.Channel == "" || q.Channel == o.Channel) &&
		(q.State == "" || q.State == o.State) &&
		(q.Payment == "" || q.Payment == o.Payment) &&
		(q.PlacedFrom.IsZero() || !o.PlacedAt.Before(q.PlacedFrom)) &&
		(q.PlacedTo.IsZero() || o.PlacedAt.Before(q.PlacedTo))
}

// DueQuery asks for orders that have to move by themselves.
type DueQuery struct {
	State State
	Now   time.Time
	Lease time.Duration
	Limit int
}

// Due names an order whose deadline has come.
type Due struct {
	Group    GroupID
	Order    ID
	Deadline time.Time
}

// Compare orders what is due: the most overdue first.
func (d Due) Compare(o Due) int {
	return cmp.Or(d.Deadline.Compare(o.Deadline), cmp.Compare(d.Group, o.Group), cmp.Compare(d.Order, o.Order))
}
