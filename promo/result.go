package promo

import (
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Result is what the promotions give on a cart, and why.
type Result struct {
	Currency money.Currency `json:"currency"`
	// Allocations are the only thing that carries a discount; every total is
	// summed from them. They are ordered as they were applied, then by line.
	Allocations []Allocation    `json:"allocations,omitempty"`
	Lines       []LineTotal     `json:"lines"`               // ordered by id
	Shipments   []ShipmentTotal `json:"shipments,omitempty"` // ordered by id
	Totals      Totals          `json:"totals"`
	Gifts       []GiftGrant     `json:"gifts,omitempty"`
	Rewards     []RewardGrant   `json:"rewards,omitempty"`
	// Decisions holds one for every candidate, ordered by promotion and
	// coupon, then one for every code that belongs to none.
	Decisions []Decision `json:"decisions,omitempty"`
	Search    Search     `json:"search"`
}

// Allocation is an amount that a promotion takes off a line or a shipment.
type Allocation struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	Coupon    ref.CouponID    `json:"coupon,omitempty"`
	Line      ref.LineID      `json:"line,omitempty"`
	Shipment  string          `json:"shipment,omitempty"`
	Merchant  ref.MerchantID  `json:"merchant"` // of the line or shipment
	Amount    money.Money     `json:"amount"`
	Bearers   []Bearer        `json:"bearers"` // sum to Amount
}

// Bearer is what one party pays of an allocation or a gift.
type Bearer struct {
	Party  Party       `json:"party"`
	Amount money.Money `json:"amount"`
}

// LineTotal is a line's list amount, what was taken off and what is left.
type LineTotal struct {
	Line     ref.LineID  `json:"line"`
	List     money.Money `json:"list"`
	Discount money.Money `json:"discount"`
	Net      money.Money `json:"net"`
}

// ShipmentTotal is a shipment's rate, what was taken off and what is left.
type ShipmentTotal struct {
	Shipment string      `json:"shipment"`
	Rate     money.Money `json:"rate"`
	Discount money.Money `json:"discount"`
	Net      money.Money `json:"net"`
}

// Totals are sums over lines and shipments.
type Totals struct {
	List             money.Money `json:"list"`
	Discount         money.Money `json:"discount"` // of the lines
	Shipping         money.Money `json:"shipping"`
	ShippingDiscount money.Money `json:"shipping_discount"`
	Payable          money.Money `json:"payable"`
}

// GiftGrant is a gift that goes with the order, and who pays for it.
type GiftGrant struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	Coupon    ref.CouponID    `json:"coupon,omitempty"`
	SKU       ref.SKUID       `json:"sku"`
	Quantity  ref.Quantity    `json:"quantity"`
	Value     money.Money     `json:"value"`
	Bearers   []Bearer        `json:"bearers"`
	// Open reports that the buyer may still choose another.
	Open bool `json:"open,omitempty"`
}

// RewardGrant is what the buyer earns once the order is paid.
type RewardGrant struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	Coupon    ref.CouponID    `json:"coupon,omitempty"`
	Kind      RewardKind      `json:"kind"`
	Of        string          `json:"of,omitempty"`
	Count     int64           `json:"count"`
}

// Search tells how the combination was found.
type Search struct {
	// Optimal reports that no combination is cheaper for the buyer. Where it
	// is false, the node budget ended a search, and the best combination is
	// cheaper by at most Gap, which is zero where the only doubt is whether all
	// that was pinned has a place. Where it is in doubt what was insisted on in
	// vain, Gap holds what the rest of it costs.
	Optimal bool        `json:"optimal"`
	Gap     money.Money `json:"gap"`
	// Nodes are those that all searches visited, Config.MaxNodes at most.
	Nodes int `json:"nodes"`
	// PinCost is what the pinned candidates cost the buyer against the best
	// combination without pins that was found: zero or more. It is exact where
	// Optimal is set and PinGap is zero. Else it may be too much by Gap, and too
	// little by PinGap, the gap of the search without pins.
	PinCost money.Money `json:"pin_cost"`
	PinGap  money.Money `json:"pin_gap"`
}
