package campaign

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// Store keeps campaigns and every version of their promotions.
type Store interface {
	// Lock serialises changes of what is live: it waits for any other unit
	// that holds the lock and keeps it to the end of its own. What is read
	// after it is what the last holder wrote. FailedPrecondition outside a
	// unit.
	Lock(ctx context.Context) error
	// Get returns a campaign. NotFound.
	Get(ctx context.Context, id ID) (Campaign, error)
	// Insert stores a new campaign as version 1, and the version of its
	// promotion. AlreadyExists, code "campaign.exists", where the id is taken.
	Insert(ctx context.Context, c *Campaign) error
	// Update stores c if the stored version is c's, and counts it up; a
	// version of the promotion that is not stored yet is kept as a further
	// one, and one that is stays as it was. Conflict, code "campaign.stale",
	// otherwise; NotFound.
	Update(ctx context.Context, c *Campaign) error
	// List pages through campaigns by id. Invalid for a foreign cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Campaign], error)
	// Versions returns the versions of promotions that exist, in the order of
	// keys.
	Versions(ctx context.Context, keys []VersionKey) ([]promo.Promotion, error)
	// Live returns the promotions of the active campaigns whose window is not
	// over at the given time, by id.
	Live(ctx context.Context, at time.Time) ([]promo.Promotion, error)
	// Revision names the state of all campaigns that are no drafts, and of
	// all groups: every write of one sets another, which was never there
	// before. A reader who knows what was live under a revision, read before
	// it, needs to read again only where the revision differs.
	Revision(ctx context.Context) (string, error)
}

// Query selects campaigns; zero fields select all.
type Query struct {
	Merchant ref.MerchantID
	Site     bool // the site's own
	State    State
	// Redeem selects what a buyer must present for.
	Redeem promo.Redeem
}

// VersionKey names a version of a promotion.
type VersionKey struct {
	Promotion ID
	Version   int64
}
