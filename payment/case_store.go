package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// CaseStore keeps cases. Values are copied on the way in and out. Every method
// joins the unit in ctx.
type CaseStore interface {
	// Insert stores a new case and sets its Version to 1. AlreadyExists where
	// its id, and so its matter, is taken; the unit stays usable.
	Insert(ctx context.Context, c *Case) error
	// Update stores c if its Version is the stored one, and raises it;
	// Conflict otherwise.
	Update(ctx context.Context, c *Case) error
	// Get returns a case. NotFound.
	Get(ctx context.Context, id CaseID) (Case, error)
	// List returns cases, oldest first (OpenedAt, then ID). Invalid for a
	// cursor that is not one of this list.
	List(ctx context.Context, q CaseQuery, p page.Request) (page.Page[Case], error)
}

// CaseQuery narrows a list of cases; zero fields do not narrow.
type CaseQuery struct {
	State    CaseState
	Intent   IntentID
	Assignee ref.StaffID
}
