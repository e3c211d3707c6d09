package promo

import (
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Decision tells what became of one candidate, and why.
type Decision struct {
	Promotion ref.PromotionID `json:"promotion,omitempty"`
	Version   int64           `json:"version,omitempty"`
	Coupon    ref.CouponID    `json:"coupon,omitempty"`
	// Name and Merchant are the promotion's name and owner, for texts.
	Name     string         `json:"name,omitempty"`
	Merchant ref.MerchantID `json:"merchant,omitempty"`
	// Typed is the code that the buyer typed for it.
	Typed  string `json:"typed,omitempty"`
	Code   Code   `json:"code"`
	Params Params `json:"params,omitzero"`
	// Unpinned says that the buyer insists on the candidate and that it does not
	// apply all the same: what applies was chosen without it.
	Unpinned bool `json:"unpinned,omitempty"`
	// NearMiss is what is missing for the promotion, or for its next tier.
	NearMiss *NearMiss `json:"near_miss,omitempty"`
	// Working lets a reader recompute an applied discount.
	Working *Working `json:"working,omitempty"`
}

// Applied reports whether the candidate gives something.
func (d Decision) Applied() bool { return d.Code == CodeApplied }

// Code is the reason of a decision: stable, to be translated by clients.
type Code string

// The codes; [Codes] lists them.
const (
	CodeApplied Code = "applied"

	CodeInvalid    Code = "invalid"     // not valid, Params.Rule names the first wrong field
	CodeNotStarted Code = "not_started" // its window has not begun
	CodeEnded      Code = "ended"       // its window is over
	CodeExpired    Code = "expired"     // the coupon is
	CodeChannel    Code = "channel"     // not in this channel or currency
	CodeSegment    Code = "segment"     // not for this buyer

	CodeMissing     Code = "code_missing"   // its code was not typed, or no coupon is held
	CodeUnknown     Code = "code_unknown"   // Params.Code belongs to no candidate
	CodeLimitGlobal Code = "limit_global"   // used up
	CodeLimitUser   Code = "limit_user"     // used up by this buyer
	CodeBudget      Code = "budget"         // Params.Have is left, Params.Need is needed
	CodeNoLine      Code = "no_line"        // no line is selected
	CodeNoShipment  Code = "no_shipment"    // no shipment is
	CodeAllExcluded Code = "all_excluded"   // every line is discounted already
	CodeBelowAmount Code = "below_amount"   // Have, Need, Basis
	CodeAboveAmount Code = "above_amount"   // Have, Need, Basis
	CodeBelowCount  Code = "below_quantity" // HaveCount, NeedCount
	CodeUnmet       Code = "condition"      // another condition does not hold; Rule names it
	CodeNoEffect    Code = "no_effect"      // nothing is left to take off
	CodeUnitsUsed   Code = "units_consumed" // With used the units
	CodeGiftSoldOut Code = "gift_sold_out"
	CodeDominated   Code = "dominated"     // With does the same or more
	CodeLostInGroup Code = "lost_in_group" // With won Rule; Mine, Theirs
	CodeConflict    Code = "conflict"      // does not share with With
	CodeNotOptimal  Code = "not_optimal"   // PayableWith, PayableBest
	CodeSearchCut   Code = "search_cut"    // the node budget ended before it was tried
	CodeNotPinnable Code = "not_pinnable"  // the pinned candidates cannot all apply; as for the loss to With
	CodeGuest       Code = "guest"         // only a member can be given it
	CodeDeclined    Code = "declined"      // the buyer does not want it
)

// Codes returns every code, for clients to check that they have a text for
// each.
func Codes() []Code {
	return []Code{
		CodeApplied, CodeInvalid, CodeNotStarted, CodeEnded, CodeExpired, CodeChannel, CodeSegment,
		CodeMissing, CodeUnknown, CodeLimitGlobal, CodeLimitUser, CodeBudget, CodeNoLine, CodeNoShipment,
		CodeAllExcluded, CodeBelowAmount, CodeAboveAmount, CodeBelowCount, CodeUnmet, CodeNoEffect, CodeUnitsUsed,
		CodeGiftSoldOut, CodeDominated, CodeLostInGroup, CodeConflict, CodeNotOptimal, CodeSearchCut,
		CodeNotPinnable, CodeGuest, CodeDeclined,
	}
}

// Params are the values of a decision's text. Which are set, the code says.
type Params struct {
	Rule        string          `json:"rule,omitempty"`
	Code        string          `json:"code,omitempty"`
	With        ref.PromotionID `json:"with,omitempty"`
	Basis       Basis           `json:"basis,omitempty"`
	Have        money.Money     `json:"have,omitzero"`
	Need        money.Money     `json:"need,omitzero"`
	HaveCount   int64           `json:"have_count,omitempty"`
	NeedCount   int64           `json:"need_count,omitempty"`
	Mine        money.Money     `json:"mine,omitzero"`
	Theirs      money.Money     `json:"theirs,omitzero"`
	PayableWith money.Money     `json:"payable_with,omitzero"`
	PayableBest money.Money     `json:"payable_best,omitzero"`
}

// NearMiss is what is missing, in money or in units: "12.00 more for 30 off".
type NearMiss struct {
	Amount   money.Money `json:"amount,omitzero"`
	Quantity int64       `json:"quantity,omitempty"`
	Off      money.Money `json:"off,omitzero"`  // the amount it would give
	PPM      int64       `json:"ppm,omitempty"` // the percentage it would give
}
