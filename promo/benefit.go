package promo

import (
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Benefit is what a promotion gives. Exactly one field is set.
type Benefit struct {
	Percent  *Percent  `json:"percent,omitempty"`
	Fixed    *Fixed    `json:"fixed,omitempty"`
	Price    *Price    `json:"price,omitempty"`
	Tiers    *Tiers    `json:"tiers,omitempty"`
	Bundle   *Bundle   `json:"bundle,omitempty"`
	BuyGet   *BuyGet   `json:"buy_get,omitempty"`
	Nth      *Nth      `json:"nth,omitempty"`
	Shipping *Shipping `json:"shipping,omitempty"`
	Gift     *Gift     `json:"gift,omitempty"`
	Reward   *Reward   `json:"reward,omitempty"`
	Custom   *Custom   `json:"custom,omitempty"`
}

// Percent takes a percentage off, rounded half away from zero: the discount
// of a unit at LevelPrice, of a line at LevelLine, of the sum at LevelOrder.
type Percent struct {
	PPM int64       `json:"ppm"`          // 100,000 is 10 %
	Cap money.Money `json:"cap,omitzero"` // of the whole discount
}

// Per says how often a fixed amount is taken off.
type Per string

// The ways to take off a fixed amount.
const (
	PerUnit  Per = "unit"
	PerLine  Per = "line"
	PerOrder Per = "order" // once, prorated over the lines
)

// Fixed takes a fixed amount off, never more than there is.
type Fixed struct {
	Off money.Money `json:"off"`
	Per Per         `json:"per"` // required
}

// Price sets the price of a unit, where that is lower.
type Price struct {
	Unit money.Money `json:"unit"`
}

// Measure is what tiers are counted in.
type Measure string

// The measures.
const (
	ByAmount   Measure = "amount"
	ByQuantity Measure = "quantity"
)

// TierMode says how tiers work.
type TierMode string

// The modes of tiers.
const (
	// TierStep gives what the highest tier that is reached says.
	TierStep TierMode = "step"
	// TierGraduated gives the percentage of each tier on the part between it
	// and the next: of the running sum by amount, of the units of each line
	// by quantity.
	TierGraduated TierMode = "graduated"
	// TierEvery gives the amount of the one tier for every multiple of it.
	TierEvery TierMode = "every"
)

// Tiers gives more for more. The amounts that reach a tier are measured on
// Basis, by default as in [AmountCondition].
type Tiers struct {
	By    Measure  `json:"by"`
	Mode  TierMode `json:"mode"`
	Basis Basis    `json:"basis,omitempty"`
	// Tiers ascend, in what they ask and in what they give. All give an
	// amount, or all a percentage.
	Tiers []Tier `json:"tiers"`
	// Times bounds the multiples of TierEvery; zero for no bound.
	Times int64       `json:"times,omitempty"`
	Cap   money.Money `json:"cap,omitzero"` // of the whole discount
}

// Tier is one step: reached at Amount or at Quantity, it gives Off or PPM.
type Tier struct {
	Amount   money.Money `json:"amount,omitzero"`
	Quantity int64       `json:"quantity,omitempty"`
	Off      money.Money `json:"off,omitzero"`
	PPM      int64       `json:"ppm,omitempty"`
}

// Bundle sells its parts together for a price, as often as the cart holds
// them, the dearest units first, and as long as that is cheaper. Its units
// serve no other bundle, buy-get or nth promotion.
type Bundle struct {
	Parts []Part      `json:"parts"`
	Price money.Money `json:"price"`
	Times int64       `json:"times,omitempty"` // at most; zero for no bound
}

// Part is a number of units of some lines, among those of the promotion.
// Where a unit fits several parts, it fills the first that still lacks one.
type Part struct {
	Of       Selector `json:"of,omitzero"`
	Quantity int64    `json:"quantity"`
}

// Pick says which units are the reward.
type Pick string

// The ways to pick. They compare running amounts; of equal ones, lines with
// smaller ids come first.
const (
	PickCheapest Pick = ""
	PickDearest  Pick = "dearest"
)

// BuyGet discounts Get units for every Buy units, by a percentage that is
// rounded once on the sum of the rewards. No unit is both, and none
// serves a second promotion that counts units.
type BuyGet struct {
	Buy   int64     `json:"buy"`
	Get   int64     `json:"get"`
	Of    *Selector `json:"of,omitempty"`    // what is bought; nil: the lines of the promotion
	PPM   int64     `json:"ppm"`             // off the reward: 1,000,000 is free
	Times int64     `json:"times,omitempty"` // at most; zero for no bound
	Pick  Pick      `json:"pick,omitempty"`
}

// Nth discounts one unit of every N: "the second at half price".
type Nth struct {
	N     int64 `json:"n"`
	PPM   int64 `json:"ppm"`
	Times int64 `json:"times,omitempty"` // at most; zero for no bound
	Pick  Pick  `json:"pick,omitempty"`
}

// Shipping discounts shipments: a merchant's promotion its own, the site's
// those of every merchant of which the cart has a line that is selected. With
// PPM 1,000,000 shipping is free.
type Shipping struct {
	PPM     int64       `json:"ppm,omitempty"`
	Off     money.Money `json:"off,omitzero"`      // per shipment, instead of PPM
	Cap     money.Money `json:"cap,omitzero"`      // per shipment
	Methods []string    `json:"methods,omitempty"` // empty: every method
}

// Gift gives Choose of Items for free. What the buyer chose stands in
// Cart.Choices; without a choice it is the first that can be had.
type Gift struct {
	Items  []GiftItem `json:"items"`
	Choose int        `json:"choose,omitempty"` // zero counts as one
}

// GiftItem is a gift and what it costs who bears it. A shop that books gifts at
// their list prices, as package redemption does, goes by these instead of Value.
type GiftItem struct {
	SKU      ref.SKUID    `json:"sku"`
	Quantity ref.Quantity `json:"quantity"`
	Value    money.Money  `json:"value"` // of all its pieces
}

// RewardKind is what a reward consists of.
type RewardKind string

// The kinds of reward. The engine only counts them: who grants them reads
// Result.Rewards.
const (
	RewardPoints RewardKind = "points"
	RewardCoupon RewardKind = "coupon"
	RewardChance RewardKind = "chance" // to win in a lottery
)

// Reward gives something that is worth nothing in this order: Count pieces,
// or Count for Every full amount that was paid for the lines.
type Reward struct {
	Kind  RewardKind  `json:"kind"`
	Of    string      `json:"of,omitempty"` // which coupon template, which lottery
	Count int64       `json:"count"`
	Every money.Money `json:"every,omitzero"`
	Max   int64       `json:"max,omitempty"` // at most; zero for no bound
}
