package payment

import (
	"context"
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
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

// check reports what no case can match and a database may choke on.
func (q CaseQuery) check() error {
	return checkNames("payment.case_query", map[string]string{
		"state": string(q.State), "intent": string(q.Intent), "assignee": string(q.Assignee),
	})
}

// checkNames reports which of the names of a query can be no names at all;
// empty ones are not asked for.
func checkNames(code string, names map[string]string) error {
	var v fault.Violations
	for _, path := range slices.Sorted(maps.Keys(names)) {
		if names[path] != "" && !ref.ValidID(names[path]) {
			v.Add(path, "malformed", nil)
		}
	}
	return v.Err(code, "the query is not valid")
}
