package payment

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
)

// NoticeStore is the inbox of the providers' notices. Values are copied on
// the way in and out. Every method joins the unit in ctx.
type NoticeStore interface {
	// Insert stores a new notice and sets its Version to 1. AlreadyExists
	// where its id, and so its gateway and key, is taken, after waiting for a
	// concurrent unit that took it; the unit stays usable.
	Insert(ctx context.Context, n *Notice) error
	// Update stores n if its Version is the stored one, and raises it;
	// Conflict otherwise.
	Update(ctx context.Context, n *Notice) error
	// Get returns a notice. NotFound.
	Get(ctx context.Context, id NoticeID) (Notice, error)
	// List returns notices without their Raw, newest first (CreatedAt, then
	// ID). Invalid for a cursor that is not one of this list.
	List(ctx context.Context, q NoticeQuery, p page.Request) (page.Page[Notice], error)
	// Claim works as [Store.Claim] does.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]NoticeID, error)
}

// NoticeQuery narrows a list of notices; zero fields do not narrow.
type NoticeQuery struct {
	Gateway string
	Number  string
	State   NoticeState
}
