package promo

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Input is all that an evaluation depends on.
type Input struct {
	Cart       Cart
	Candidates []Candidate
	// Groups are the shop's exclusion groups, beside the standard ones.
	Groups []Group
	// Now is the time, in the time zone of the channel.
	Now time.Time
}

// Cart is what is to be priced, in one currency. The order of its lines is of
// no consequence: ties are settled by ids.
type Cart struct {
	Channel  ref.ChannelID  `json:"channel"`
	Currency money.Currency `json:"currency"`
	Buyer    Buyer          `json:"buyer"`
	Payment  string         `json:"payment,omitempty"` // the method chosen, if any
	Lines    []Line         `json:"lines"`
	// Shipments hold the rates, which were computed on list amounts.
	Shipments []Shipment `json:"shipments,omitempty"`
	Codes     []string   `json:"codes,omitempty"` // what the buyer typed
	// Choices are the gifts the buyer chose, by promotion; SoldOut are those
	// that cannot be given.
	Choices map[ref.PromotionID][]ref.SKUID `json:"choices,omitempty"`
	SoldOut []ref.SKUID                     `json:"sold_out,omitempty"`
}

// Buyer is what promotions may ask about who buys.
type Buyer struct {
	ID         ref.MemberID      `json:"id,omitempty"` // empty for a guest
	Segments   []string          `json:"segments,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Orders     int64             `json:"orders"` // placed before this one
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Line is a number of units of one SKU.
type Line struct {
	ID       ref.LineID     `json:"id"`
	SKU      ref.SKUID      `json:"sku"`
	Product  ref.ProductID  `json:"product"`
	Merchant ref.MerchantID `json:"merchant"`
	Brand    ref.BrandID    `json:"brand,omitempty"`
	// Categories are those of the product with all above them, so that a
	// selector of a category finds what is below it.
	Categories []ref.CategoryID `json:"categories,omitempty"`
	Tags       []string         `json:"tags,omitempty"`
	// Attributes holds values by name: "material": "linen", "cotton".
	Attributes map[string][]string `json:"attributes,omitempty"`
	Quantity   ref.Quantity        `json:"quantity"`
	Unit       money.Money         `json:"unit"` // the list price of one
	// Floor is what one unit may not fall below, whatever applies; zero for
	// none.
	Floor money.Money `json:"floor,omitzero"`
}

// Shipment is what one merchant sends, and its rate.
type Shipment struct {
	ID       string         `json:"id"`
	Merchant ref.MerchantID `json:"merchant"`
	Method   string         `json:"method"`
	Rate     money.Money    `json:"rate"`
}

// Candidate is a promotion that might apply, and what the caller knows of the
// buyer's right to it. A promotion applies once in an order: of several
// coupons for it the pinned one is taken, else the one that expires first.
type Candidate struct {
	Promotion Promotion
	Coupon    *Coupon
	// Pinned has the search apply it, if that is possible at all, even where
	// another choice would be cheaper.
	Pinned bool
	// Declined keeps it from applying: the buyer has a right to it and does not
	// want it.
	Declined bool
	// Left is what the limits leave, nil for what is not limited.
	Left Left
}

// Coupon is a claimed right to a promotion.
type Coupon struct {
	ID      ref.CouponID
	Expires time.Time // zero: never
}

// Left is what the counters say of a promotion's limits.
type Left struct {
	Uses   *int64 // orders in all
	Member *int64 // orders of this buyer
	// Budget is of amount: what the promotion takes off in the end counts, and
	// where that is more it does not apply at all.
	Budget *money.Money
}
