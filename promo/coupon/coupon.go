package coupon

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// ID names a coupon.
type ID = ref.CouponID

// State is what became of a coupon.
type State string

// The states of a coupon. Expired and revoked are final.
const (
	Claimed State = "claimed" // its member may use it
	Held    State = "held"    // an order holds it that is not paid yet
	Used    State = "used"    // for an order that was paid, or refused at the door
	Expired State = "expired" // its time was over before it was used
	Revoked State = "revoked" // taken back before it was used
)

var transitions = map[State][]State{
	Claimed: {Held, Expired, Revoked},
	Held:    {Claimed, Used},
	Used:    {Claimed},
	Expired: {},
	Revoked: {},
}

// Coupon is a member's right to a promotion. What its template said when it
// was given out is frozen in it.
type Coupon struct {
	ID        ID
	Template  TemplateID
	Promotion ref.PromotionID
	Merchant  ref.MerchantID // the template's owner; empty for the site
	Member    ref.MemberID
	Name      string
	Channel   ref.ChannelID // empty for everywhere
	State     State
	// Way is how the member came by it, Origin whence: the batch of a code,
	// the group that a reward is for.
	Way    Way
	Origin string
	// Reusable is the template's.
	Reusable bool
	// ValidFrom and ExpiresAt are when it can be used; a zero end is never.
	ValidFrom time.Time
	ExpiresAt time.Time
	// Group holds or has used it.
	Group     ref.GroupID
	ClaimedAt time.Time
	UsedAt    time.Time
	UpdatedAt time.Time
}

// Over reports whether the coupon's time is over.
func (c *Coupon) Over(at time.Time) bool { return !c.ExpiresAt.IsZero() && !at.Before(c.ExpiresAt) }

// Usable reports whether an order of its member can hold the coupon.
func (c *Coupon) Usable(at time.Time) bool {
	return c.State == Claimed && !at.Before(c.ValidFrom) && !c.Over(at)
}

// Unusable says why an order cannot hold the coupon, "" where it can.
func (c *Coupon) Unusable(at time.Time) Reason {
	switch {
	case c.State == Held:
		return ReasonHeld
	case c.State == Used:
		return ReasonUsed
	case c.State == Revoked:
		return ReasonRevoked
	case c.State == Expired, c.Over(at):
		return ReasonOver
	case at.Before(c.ValidFrom):
		return ReasonNotYet
	}
	return ""
}

// Outcome is what became of the order that holds a coupon.
type Outcome string

// The outcomes.
const (
	Paid     Outcome = "paid"     // a held coupon is used
	Unpaid   Outcome = "unpaid"   // the order closed without payment: a held coupon is its member's again
	Canceled Outcome = "canceled" // as a whole, after payment or at the door: a reusable coupon is its member's again, another is used
)

// Hold ties the coupon to an order, and reports whether it can: that it is
// usable, or tied to that order already.
func (c *Coupon) Hold(group ref.GroupID, at time.Time) bool {
	if c.Group == group && (c.State == Held || c.State == Used) {
		return true
	}
	if !c.Usable(at) || !c.move(Held, at) {
		return false
	}
	c.Group = group
	return true
}

// Settle does with the coupon of an order what follows from its outcome, and
// reports whether that changed it.
func (c *Coupon) Settle(o Outcome, at time.Time) bool {
	to := Used
	if o == Unpaid || o == Canceled && c.Reusable {
		to = Claimed
	}
	if o == Unpaid && c.State != Held || !c.move(to, at) {
		return false
	}
	if to == Used {
		c.UsedAt = at
	} else {
		c.Group, c.UsedAt = "", time.Time{}
	}
	return true
}

// Expire ends a coupon that was not used in time, and reports whether it was
// one.
func (c *Coupon) Expire(at time.Time) bool { return c.Over(at) && c.move(Expired, at) }

// Revoke takes a coupon back, and reports whether its member still had it.
func (c *Coupon) Revoke(at time.Time) bool { return c.move(Revoked, at) }

func (c *Coupon) move(to State, at time.Time) bool {
	if !slices.Contains(transitions[c.State], to) {
		return false
	}
	c.State, c.UpdatedAt = to, at
	return true
}
