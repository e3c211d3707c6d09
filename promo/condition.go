package promo

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Condition is a tree of what must hold. Exactly one field is set; the zero
// condition always holds.
type Condition struct {
	All []Condition `json:"all,omitempty"`
	Any []Condition `json:"any,omitempty"`
	Not *Condition  `json:"not,omitempty"`

	Amount   *AmountCondition   `json:"amount,omitempty"`
	Quantity *QuantityCondition `json:"quantity,omitempty"`
	Distinct *QuantityCondition `json:"distinct,omitempty"` // different SKUs
	Buyer    *BuyerCondition    `json:"buyer,omitempty"`
	Orders   *OrdersCondition   `json:"orders,omitempty"`
	Time     *TimeCondition     `json:"time,omitempty"`
	Channels []ref.ChannelID    `json:"channels,omitempty"`
	Payment  []string           `json:"payment,omitempty"` // any of these methods
	Code     string             `json:"code,omitempty"`    // typed by the buyer
	Custom   *Custom            `json:"custom,omitempty"`
}

// Basis is the amount of a line that a threshold is measured on. Shipping
// never counts.
type Basis string

// The bases, in the order in which they are settled.
const (
	BasisList        Basis = "list"         // before any promotion
	BasisItemNet     Basis = "item_net"     // after price and line promotions
	BasisMerchantNet Basis = "merchant_net" // after the merchants' order level
	BasisPaid        Basis = "paid"         // after the site's order level
)

// AmountCondition holds where the lines of Over sum to at least Min and at
// most Max. A threshold is tested once, before the promotion applies, never
// after it.
type AmountCondition struct {
	Over *Selector   `json:"over,omitempty"` // nil: the lines of the promotion
	Min  money.Money `json:"min,omitzero"`
	Max  money.Money `json:"max,omitzero"` // needs BasisList
	// Basis is, by default, what the phase before the promotion's own left:
	// list for price and line promotions, item_net for a merchant's order
	// level, merchant_net for the site's and for shipping, paid afterwards.
	Basis Basis `json:"basis,omitempty"`
}

// QuantityCondition holds where the lines of Over count at least Min.
type QuantityCondition struct {
	Over *Selector `json:"over,omitempty"` // nil: the lines of the promotion
	Min  int64     `json:"min"`
}

// BuyerCondition holds for a buyer who is in any of the segments, if some are
// named, and has any of the tags, if some are named.
type BuyerCondition struct {
	Segments []string `json:"segments,omitempty"`
	Tags     []string `json:"tags,omitempty"`
}

// OrdersCondition holds where this is the n-th order of the buyer, From <= n
// <= To; 1 to 1 is a newcomer's. A zero To is open. Guests have no count: it
// never holds for them. Two orders that are placed at the same moment may both
// be the n-th: where that must not be, Limits.PerMember counts with the order.
type OrdersCondition struct {
	From int64 `json:"from"`
	To   int64 `json:"to,omitempty"`
}

// TimeCondition holds on the weekdays named (0 is Sunday; none means all),
// from minute From until before minute Until of the day, in the time zone of
// the time that is handed to the engine. A zero Until is midnight; an Until
// before From spans it.
type TimeCondition struct {
	Weekdays []time.Weekday `json:"weekdays,omitempty"`
	From     int            `json:"from,omitempty"`
	Until    int            `json:"until,omitempty"`
}
