package shelf

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// ImpressionStore keeps impressions. The number of statements of a method
// never depends on how many it is handed.
type ImpressionStore interface {
	// Insert stores impressions in one statement; one whose request and
	// strategy are known is left out.
	Insert(ctx context.Context, all []Impression) error
	// Take returns what q asks for, in the order of [Impression.Compare], and
	// keeps it from other takers until the unit ends. FailedPrecondition
	// outside a unit.
	Take(ctx context.Context, q Sought) ([]Impression, error)
	// Mark writes what became of impressions that were taken, in one
	// statement; the rest of them stays as it was inserted.
	Mark(ctx context.Context, all []Impression) error
	// Adopt gives the impressions of sessions that are no member's to the
	// members whose times they are of, in one statement. No two times of one
	// session overlap.
	Adopt(ctx context.Context, owners []Owner) error
	// Reach sums up what was shown by the impressions that were seen, by slot,
	// strategy and segment and in that order.
	Reach(ctx context.Context, q ReachQuery) ([]Reach, error)
	// Forget deletes the impressions of members, and those of nobody in the
	// sessions in which members were sent some.
	Forget(ctx context.Context, members []ref.MemberID) error
	// Purge deletes at most limit impressions of before a time, the oldest
	// first, and returns how many.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)
}

// Owner is the member who turned out to be behind a session, of what it was
// sent after a time and until another one, itself included.
type Owner struct {
	Session      string
	Member       ref.MemberID
	After, Until time.Time
}

// Owns reports whether what a session was sent at a time is the owner's.
func (o Owner) Owns(session string, at time.Time) bool {
	return o.Session == session && at.After(o.After) && !at.After(o.Until)
}

// ReachQuery selects impressions from a time and before another one, of a slot;
// an empty slot is all.
type ReachQuery struct {
	From, Before time.Time
	Slot         string
}

// Matches reports whether q selects an impression.
func (q ReachQuery) Matches(i *Impression) bool {
	return i.Seen && !i.At.Before(q.From) && i.At.Before(q.Before) && (q.Slot == "" || i.Slot == q.Slot)
}

// Sought asks for impressions: those of requests, and those that members or
// sessions were sent since a time, and that show one of the products.
type Sought struct {
	Requests []string
	Members  []ref.MemberID
	Sessions []string
	Products []ref.ProductID
	Since    time.Time
}

// Matches reports whether q asks for an impression.
func (q Sought) Matches(i *Impression) bool {
	return slices.Contains(q.Requests, i.Request) ||
		(i.Member != "" && slices.Contains(q.Members, i.Member) || i.Session != "" && slices.Contains(q.Sessions, i.Session)) &&
			!i.At.Before(q.Since) &&
			slices.ContainsFunc(i.Products, func(p ref.ProductID) bool { return slices.Contains(q.Products, p) })
}
