package campaign

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// UsageStore keeps who used which promotion, and counts it where there is a
// limit. The number of statements of a method never depends on how many
// promotions it is handed, and counters are locked in the order of (promotion,
// limit, buyer).
type UsageStore interface {
	// Used returns what is counted of promotions, for all and for one buyer;
	// those of which nothing is are left out.
	Used(ctx context.Context, buyer string, ids []ID) (map[ID]Used, error)
	// Redeem stores redemptions of one group as held and counts them against
	// their limits, all of them or none: where a limit does not allow one it
	// writes nothing and leaves the unit usable. What the group redeemed
	// before is neither stored nor counted again. Kinds: Exhausted, code
	// "promo.limit", as of [ErrLimit]; Invalid for redemptions of several
	// groups, or two of one promotion; FailedPrecondition outside a unit.
	Redeem(ctx context.Context, rs []Redemption) error
	// ByGroup returns what a group redeemed, by promotion.
	ByGroup(ctx context.Context, group ref.GroupID) ([]Redemption, error)
	// Release moves a group's held redemptions to released, takes what they
	// counted off the counters, and returns them, by promotion. Of concurrent
	// calls one moves a redemption. FailedPrecondition outside a unit.
	Release(ctx context.Context, group ref.GroupID, at time.Time) ([]Redemption, error)
	// Reassign makes the redemptions of a group those of another buyer, and
	// counts what is held of them against that buyer's limits instead. What has
	// happened is never refused: where the two were different buyers, who used
	// a promotion once each, the counter's bound gives way. Once more it changes
	// nothing. FailedPrecondition outside a unit.
	Reassign(ctx context.Context, group ref.GroupID, buyer string) error
}

// UsageAuditor is an optional power of a [UsageStore]: to compare counters and
// redemptions where they lie.
type UsageAuditor interface {
	// Audit returns at most limit counters that do not follow from the held
	// redemptions, or exceed their limit, by (promotion, limit, buyer).
	Audit(ctx context.Context, limit int) ([]Mismatch, error)
}

// UsageLister is an optional power of a [UsageStore]: to walk through what is
// held.
type UsageLister interface {
	// Holding returns at most limit groups that hold redemptions, by id, those
	// behind a group; the first for none. One statement.
	Holding(ctx context.Context, after ref.GroupID, limit int) ([]ref.GroupID, error)
}

// Mismatch is a counter that does not follow from what it counts.
type Mismatch struct {
	Counter
	// Held is what the held redemptions add up to.
	Held int64
}
