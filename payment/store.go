package payment

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps intents with their tenders and attempts, and their history.
// Values are copied on the way in and out. Every method joins the unit in ctx.
type Store interface {
	// Insert stores a new intent, sets its Version to 1 and adds rows to the
	// history. AlreadyExists where its id or the number of an attempt is
	// taken; the unit stays usable.
	Insert(ctx context.Context, in *Intent, history ...Event) error
	// Update stores in, new attempts included, if its Version is the stored
	// one, raises it and adds rows to the history; Conflict otherwise.
	// Attempt.Refunding is not written: it belongs to [RefundStore].
	Update(ctx context.Context, in *Intent, history ...Event) error
	// Get returns an intent. NotFound.
	Get(ctx context.Context, id IntentID) (Intent, error)
	// ByAttempt returns the intent that has the attempt with this number.
	// NotFound.
	ByAttempt(ctx context.Context, number string) (Intent, error)
	// List returns intents, newest first (CreatedAt, then ID). Invalid for a
	// cursor that is not one of this list.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Intent], error)
	// Claim sets NextAt of at most limit intents that are due at now to until
	// and returns their ids; what is due longest comes first. Atomic: of two
	// concurrent claims one gets an intent; neither waits for the other.
	// Version stays.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]IntentID, error)
	// Append adds rows to the history, in one statement. AlreadyExists where
	// an id is taken.
	Append(ctx context.Context, events ...Event) error
	// History returns the history of some intents, by Intent, At and ID.
	History(ctx context.Context, ids ...IntentID) ([]Event, error)
}

// Query narrows a list of intents; zero fields do not narrow.
type Query struct {
	Group ref.GroupID
	// Groups narrows to the intents of any of these; an empty slice that is
	// not nil selects none.
	Groups []ref.GroupID
	State  IntentState
}

// Matches reports whether the query selects an intent.
func (q Query) Matches(in *Intent) bool {
	return (q.Group == "" || q.Group == in.Group) &&
		(q.Groups == nil || slices.Contains(q.Groups, in.Group)) &&
		(q.State == "" || q.State == in.State)
}
