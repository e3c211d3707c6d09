package coupon

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// TemplateStore keeps templates.
type TemplateStore interface {
	// GetMany returns the templates that exist, in the order of ids.
	GetMany(ctx context.Context, ids []TemplateID) ([]Template, error)
	// Insert stores a new template as version 1, with nothing issued.
	// AlreadyExists, code "coupon_template.exists", where the id is taken.
	Insert(ctx context.Context, t *Template) error
	// Update stores t, but for Issued, if the stored version is t's, and
	// counts it up. Kinds: Conflict, code "coupon_template.stale", otherwise;
	// Exhausted, code "coupon.total", with the parameter "issued", where more
	// were given out than the new Total; NotFound.
	Update(ctx context.Context, t *Template) error
	// List pages through templates by id, the newest first. Invalid for a
	// foreign cursor.
	List(ctx context.Context, q TemplateQuery, p page.Request) (page.Page[Template], error)
	// Counts returns how many of each template a member was given, of those
	// templates that bound it; what was never counted is left out.
	Counts(ctx context.Context, member ref.MemberID, ids []TemplateID) (map[TemplateID]int64, error)
	// Audit returns at most limit counts that differ from the coupons there
	// are, by (template, member).
	Audit(ctx context.Context, limit int) ([]Mismatch, error)
}

// TemplateQuery selects templates; zero fields select all.
type TemplateQuery struct {
	Merchant ref.MerchantID
	// Site selects the site's own.
	Site bool
	// Channel selects those for a channel, and those for all of them.
	Channel ref.ChannelID
	State   TemplateState
	Way     Way
}

// Mismatch is a count that differs from the coupons there are.
type Mismatch struct {
	Template TemplateID
	// Member is whose count it is; empty for the template's.
	Member  ref.MemberID
	Counted int64
	Coupons int64
}
