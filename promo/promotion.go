package promo

import (
	"encoding/json"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Promotion is an offer to buyers, as data: who makes it, to whom and when,
// on which lines, what it gives, what it may be combined with and who pays
// for it. A version of a promotion never changes; a quote and an order name
// the versions that they used.
//
// Its JSON form is stable, see [Decode] and [Schema]. [Engine.Validate] says
// everything that is wrong with one.
type Promotion struct {
	ID       ref.PromotionID `json:"id"`
	Version  int64           `json:"version"` // from 1
	Name     string          `json:"name"`
	Merchant ref.MerchantID  `json:"merchant,omitempty"` // the owner; empty for the site
	Template string          `json:"template,omitempty"` // id of the Template it was stamped from

	// From and Until are a half-open window; the zero time is open.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Channels and Segments narrow who is offered it; empty means everybody.
	// A buyer of any of the segments qualifies.
	Channels []ref.ChannelID `json:"channels,omitempty"`
	Segments []string        `json:"segments,omitempty"`

	// Redeem says what the buyer must present; the zero value is nothing.
	Redeem Redeem `json:"redeem,omitempty"`
	// Code is what the buyer types, where Redeem is [RedeemCode].
	Code string `json:"code,omitempty"`

	// Lines says which lines are discounted, and nothing else ever is. Those
	// of other merchants are never part of a merchant's promotion.
	Lines Selector `json:"lines,omitzero"`
	// When is the condition; the zero condition always holds.
	When Condition `json:"when,omitzero"`
	// Benefit is what it gives: exactly one kind.
	Benefit Benefit `json:"benefit"`
	// Level is where the discount is taken off, for the kinds that leave a
	// choice; empty for the usual one of the kind, see [Promotion.Phase].
	Level Level `json:"level,omitempty"`
	// OnList takes percentages of the list amounts instead of what earlier
	// promotions left.
	OnList bool `json:"on_list,omitempty"`
	// Priority orders the promotions of a phase, the highest first, and
	// decides in groups that pick by priority.
	Priority int `json:"priority,omitempty"`

	// Groups names the exclusion groups it is in. Nil stands for those of its
	// class, see [Promotion.GroupIDs]; empty and not nil for none.
	Groups []GroupID `json:"groups,omitzero"`
	// Sharing says what else may apply beside it; the zero value: everything.
	Sharing Sharing `json:"sharing,omitzero"`

	// Funding says who bears the cost. Empty: the owner alone.
	Funding []Funding `json:"funding,omitempty"`
	// Limits bounds how often and for how much it is used; counting is the
	// business of the caller, see Candidate.
	Limits Limits `json:"limits,omitzero"`
	// OnPartialRefund says what becomes of it when the buyer returns a part.
	OnPartialRefund RefundPolicy `json:"on_partial_refund,omitempty"`
}

// Redeem says what a buyer must present to get a promotion.
type Redeem string

// The ways to redeem a promotion.
const (
	RedeemNothing Redeem = ""       // it applies by itself
	RedeemCode    Redeem = "code"   // Cart.Codes must hold Promotion.Code
	RedeemCoupon  Redeem = "coupon" // Candidate.Coupon must be one the buyer holds
)

// Level is where a discount is taken off.
type Level string

// The levels.
const (
	LevelPrice Level = "price" // changes the price of a unit; one promotion per line
	LevelLine  Level = "line"  // discounts lines, each rounded by itself
	LevelOrder Level = "order" // discounts a sum, rounded once and prorated over its lines
)

// Phase is the step of an evaluation at which a promotion applies. Each phase
// sees the amounts that the earlier ones left.
type Phase uint8

// The phases, in order.
const (
	PhasePrice    Phase = 1 + iota // price promotions
	PhaseLine                      // line promotions, the merchants' before the site's
	PhaseMerchant                  // a merchant's order level
	PhaseSite                      // the site's order level, across merchants
	PhaseShipping                  // shipping
	PhaseAfter                     // gifts, points, coupons: nothing that changes an amount
)

// Phase returns when the promotion applies, which follows from its benefit,
// its level and its owner.
func (p *Promotion) Phase() Phase {
	switch b := &p.Benefit; {
	case b.Shipping != nil:
		return PhaseShipping
	case b.Gift != nil, b.Reward != nil:
		return PhaseAfter
	}
	switch p.level() {
	case LevelPrice:
		return PhasePrice
	case LevelOrder:
		if p.Merchant != "" {
			return PhaseMerchant
		}
		return PhaseSite
	case LevelLine:
	}
	return PhaseLine
}

// level returns the level with the default of the benefit's kind.
func (p *Promotion) level() Level {
	if p.Level != "" {
		return p.Level
	}
	switch b := &p.Benefit; {
	case b.Price != nil:
		return LevelPrice
	case b.Tiers != nil, b.Custom != nil, b.Fixed != nil && b.Fixed.Per == PerOrder:
		return LevelOrder
	}
	return LevelLine
}

// Party is one who bears a cost.
type Party string

// The parties. Each merchant bears the merchant's share on its own lines.
const (
	PartySite     Party = "site"
	PartyMerchant Party = "merchant"
	PartySupplier Party = "supplier"
)

// Funding is one party's share of the cost of a promotion. The shares sum to
// [money.Million]. What exceeds the cap of a party falls to the parties after
// it and, at last, to the last one.
type Funding struct {
	Party Party       `json:"party"`
	PPM   int64       `json:"ppm"`
	Cap   money.Money `json:"cap,omitzero"` // per order; zero for none
}

// Funders returns who bears the cost: Funding, or else the owner alone.
func (p *Promotion) Funders() []Funding {
	switch {
	case len(p.Funding) > 0:
		return p.Funding
	case p.Merchant != "":
		return []Funding{{Party: PartyMerchant, PPM: money.Million}}
	}
	return []Funding{{Party: PartySite, PPM: money.Million}}
}

// Limits bounds the use of a promotion; zero means without limit.
type Limits struct {
	Uses      int64       `json:"uses,omitempty"`       // orders in all
	PerMember int64       `json:"per_member,omitempty"` // orders of one member
	Budget    money.Money `json:"budget,omitzero"`      // amount in all
}

// RefundPolicy says what becomes of a promotion at a partial refund.
type RefundPolicy string

// The policies.
const (
	// RefundKeep leaves the kept lines their shares.
	RefundKeep RefundPolicy = ""
	// RefundClawBack takes back what the kept lines alone would not have
	// earned, see [Engine.ClawBack].
	RefundClawBack RefundPolicy = "claw_back"
	// RefundReturnGift wants the gift back, or charges its value until it comes
	// back, when the kept lines alone would not have earned it.
	RefundReturnGift RefundPolicy = "return_gift"
)

// Selector picks lines. A line is picked if it matches every field that is
// set, each by any of its values, and nothing of Except. The zero selector
// picks every line.
type Selector struct {
	SKUs       []ref.SKUID         `json:"skus,omitempty"`
	Products   []ref.ProductID     `json:"products,omitempty"`
	Categories []ref.CategoryID    `json:"categories,omitempty"` // with all below them
	Brands     []ref.BrandID       `json:"brands,omitempty"`
	Merchants  []ref.MerchantID    `json:"merchants,omitempty"`
	Tags       []string            `json:"tags,omitempty"`
	Attributes map[string][]string `json:"attributes,omitempty"`
	MinPrice   money.Money         `json:"min_price,omitzero"` // list price of one, inclusive
	MaxPrice   money.Money         `json:"max_price,omitzero"` // list price of one, inclusive
	// NotDiscounted leaves out lines that an earlier phase has discounted. It
	// is for Promotion.Lines only.
	NotDiscounted bool       `json:"not_discounted,omitempty"`
	Except        []Selector `json:"except,omitempty"`
}

// Custom names an implementation of Config.Conditions or Config.Benefits, and
// hands it its parameters.
type Custom struct {
	Kind   string          `json:"kind"`
	Params json.RawMessage `json:"params,omitempty"`
}
