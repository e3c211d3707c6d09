package coupon

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps coupons, and how many of a limited template each member was
// given. The number of statements of a method never depends on how many rows
// it is handed. Coupons are locked in the order of their ids, then the counts
// of members, then the template's.
type Store interface {
	// GetMany returns the coupons that exist, in the order of ids.
	GetMany(ctx context.Context, ids []ID) ([]Coupon, error)
	// Issue stores new coupons of one template as claimed and counts them
	// where the template bounds them, all of them or none. A coupon whose id
	// is taken was given out before: it is left alone and not counted. It
	// returns the ids of those it stored, sorted. Kinds: Exhausted, code
	// "coupon.exhausted", where a bound would be broken, see [ErrExhausted];
	// FailedPrecondition outside a unit.
	Issue(ctx context.Context, cs []Coupon, limit Limit) ([]ID, error)
	// Hold ties the coupons of a member to an order, all of them or none:
	// those that are claimed and in time, and those that the order has
	// already. It reports whether it has them all; where it does not it wrote
	// nothing. One statement. FailedPrecondition outside a unit.
	Hold(ctx context.Context, h Holding) (bool, error)
	// Settle does with the coupons of an order what follows from its outcome,
	// see [Coupon.Settle], and returns those it changed, by id. One statement.
	Settle(ctx context.Context, group ref.GroupID, o Outcome, at time.Time) ([]Coupon, error)
	// Revoke takes back those of the coupons that are still claimed and
	// counts them off again. It returns them, by id. FailedPrecondition
	// outside a unit.
	Revoke(ctx context.Context, ids []ID, at time.Time) ([]Coupon, error)
	// Sweep expires at most limit claimed coupons whose time is over, the
	// oldest first, and returns them, by id. It passes those by that other
	// units are working on. One statement.
	Sweep(ctx context.Context, at time.Time, limit int) ([]Coupon, error)
	// Wallet returns at most limit coupons that a member can use at a time,
	// those that expire first at the front. One statement.
	Wallet(ctx context.Context, member ref.MemberID, at time.Time, limit int) ([]Coupon, error)
	// List pages through coupons, the newest first. Invalid for a foreign
	// cursor.
	List(ctx context.Context, q Query, p page.Request) (page.Page[Coupon], error)
}

// TieLister is an optional power of a [Store]: to walk through the coupons that
// orders hold or have used.
type TieLister interface {
	// Tied returns at most limit held and used coupons, by (group, id), those
	// behind a tie; the first for none. One statement.
	Tied(ctx context.Context, after Tie, limit int) ([]Coupon, error)
}

// Tie is where a coupon stands among those that are tied to groups.
type Tie struct {
	Group ref.GroupID
	ID    ID
}

// Limit is what bounds the coupons of a template; zero is no bound. Of a
// positive Total the stored template's counts.
type Limit struct {
	Template  TemplateID
	Total     int64
	PerMember int64
}

// Holding is what an order wants to hold.
type Holding struct {
	Group  ref.GroupID
	Member ref.MemberID
	IDs    []ID // distinct
	At     time.Time
}

// Query selects coupons; zero fields select all.
type Query struct {
	Member   ref.MemberID
	Merchant ref.MerchantID
	Template TemplateID
	// Channel selects those for a channel, and those for all of them.
	Channel ref.ChannelID
	// Origin is whence they came: a batch, a group.
	Origin string
	// State selects by state. With At, a claimed coupon whose time is over at
	// that time counts as expired, whether or not a worker came by.
	State State
	At    time.Time
}

// ErrExhausted returns the fault of a template of which no more can be given
// out: Exhausted, code "coupon.exhausted", with the reason.
func ErrExhausted(t TemplateID, why Reason) error {
	return fault.New(fault.Exhausted, "coupon.exhausted", "no more of these coupons can be had").
		With("template", string(t)).With("reason", string(why))
}

// ErrTotal returns the fault of a bound below what was given out: Exhausted,
// code "coupon.total", with the parameter "issued".
func ErrTotal(t TemplateID, issued int64) error {
	return fault.New(fault.Exhausted, "coupon.total", "more of these coupons were given out than that").
		With("template", string(t)).With("issued", issued)
}
