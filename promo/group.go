package promo

import "github.com/soukhq/souk/commerce/ref"

// GroupID names an exclusion group.
type GroupID string

// The groups that always exist. They hold the promotions that name no groups of
// their own, except GroupPrice, which holds every price promotion in any case. A
// shipping promotion is in none of them, be it by coupon or not: it is shared
// with all. A shop's group with the id of one takes its place, to pick by priority
// or to let more than one apply.
const (
	// GroupPrice: one price promotion per line, the lowest price, unless the
	// shop has it pick by priority.
	GroupPrice GroupID = "souk.price"
	// GroupReduction: one reduction of a merchant's order per merchant.
	GroupReduction GroupID = "souk.reduction"
	// GroupMerchantCoupon: one coupon or code of a merchant per merchant,
	// whatever it gives but shipping.
	GroupMerchantCoupon GroupID = "souk.merchant_coupon"
	// GroupSiteCoupon: one coupon or code of the site per order, whatever it
	// gives but shipping.
	GroupSiteCoupon GroupID = "souk.site_coupon"
)

// Granularity is what the members of a group compete for.
type Granularity string

// The granularities.
const (
	// OneLine: two members may apply, not on the same line. It is for
	// members that discount each line by itself, and only one wins a line.
	OneLine Granularity = "line"
	// OneMerchant: two members may apply, not to lines of one merchant.
	OneMerchant Granularity = "merchant"
	// OneOrder: the members compete in the whole order.
	OneOrder Granularity = "order"
)

// Choice says how a group picks among its members.
type Choice string

// The choices.
const (
	// ChooseBest: what is best for the buyer. Among members of a line group
	// that is the larger discount on each line; else, the search decides.
	ChooseBest Choice = ""
	// ChoosePriority: the highest priority, by rule. A member of lower
	// priority is out as soon as enough others could apply on list amounts, of a
	// line group on each line for itself.
	ChoosePriority Choice = "priority"
)

// Group says which promotions exclude one another (互斥).
type Group struct {
	ID   GroupID     `json:"id"`
	Name string      `json:"name,omitempty"`
	Per  Granularity `json:"per"`
	Max  int         `json:"max,omitempty"` // members that may apply; zero counts as one
	Pick Choice      `json:"pick,omitempty"`
}

// Class is what a promotion is to those that share with it.
type Class string

// The classes.
const (
	ClassPrice     Class = "price"     // price promotions
	ClassLine      Class = "line"      // line promotions without coupon or code
	ClassReduction Class = "reduction" // order level without coupon or code
	ClassCoupon    Class = "coupon"    // line and order level by coupon or code
	ClassShipping  Class = "shipping"
	ClassAfter     Class = "after" // gifts and rewards
)

// Class returns the class, which follows from phase and Redeem.
func (p *Promotion) Class() Class {
	switch p.Phase() {
	case PhasePrice:
		return ClassPrice
	case PhaseShipping:
		return ClassShipping
	case PhaseAfter:
		return ClassAfter
	case PhaseLine:
		if p.Redeem == RedeemNothing {
			return ClassLine
		}
	case PhaseMerchant, PhaseSite:
		if p.Redeem == RedeemNothing {
			return ClassReduction
		}
	}
	return ClassCoupon
}

// ShareMode is how much a promotion shares.
type ShareMode string

// The modes.
const (
	ShareAll  ShareMode = ""
	ShareNone ShareMode = "none" // exclusive: it applies alone
	ShareWith ShareMode = "with" // with what Sharing names
)

// Sharing says what may apply beside a promotion (共享). Two promotions share
// only if each permits the other.
type Sharing struct {
	Mode ShareMode `json:"mode,omitempty"`
	// In ShareWith, one that is of any of the classes, of any of the owners
	// or in any of the groups is permitted.
	Classes []Class          `json:"classes,omitempty"`
	Owners  []ref.MerchantID `json:"owners,omitempty"` // "" is the site
	Groups  []GroupID        `json:"groups,omitempty"`
}

// GroupIDs returns the groups that the promotion is in: those it names, or the
// standard ones of what it is, and GroupPrice for every price promotion.
func (p *Promotion) GroupIDs() []GroupID {
	if p.Groups != nil && p.Phase() != PhasePrice {
		return p.Groups
	}
	return p.appendGroupIDs(nil)
}

// appendGroupIDs appends what GroupIDs returns.
func (p *Promotion) appendGroupIDs(to []GroupID) []GroupID {
	phase := p.Phase()
	if phase == PhasePrice {
		to = append(to, GroupPrice)
	}
	if p.Groups != nil {
		return append(to, p.Groups...)
	}
	switch {
	case phase == PhaseShipping:
	case p.Redeem != RedeemNothing && p.Merchant != "":
		to = append(to, GroupMerchantCoupon)
	case p.Redeem != RedeemNothing:
		to = append(to, GroupSiteCoupon)
	case phase == PhaseMerchant:
		to = append(to, GroupReduction)
	}
	return to
}

// standardGroup returns the standard group of an id, or nil.
func standardGroup(id GroupID) *Group {
	all := StandardGroups()
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}

// StandardGroups returns the groups that always exist, ordered by id.
func StandardGroups() []Group {
	return []Group{
		{ID: GroupMerchantCoupon, Per: OneMerchant},
		{ID: GroupPrice, Per: OneLine},
		{ID: GroupReduction, Per: OneMerchant},
		{ID: GroupSiteCoupon, Per: OneOrder},
	}
}
