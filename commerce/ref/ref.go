package ref

// Ids are opaque strings: UUIDv7 where Souk mints them, any text of 1 to 64
// bytes where a host brings its own. The empty id means "none".
type (
	// MemberID names a registered buyer.
	MemberID string
	// MerchantID names a seller.
	MerchantID string
	// StaffID names an employee of the site.
	StaffID string
	// ChannelID names a sales channel; each sells in one currency.
	ChannelID string
	// CategoryID names a node of the category tree.
	CategoryID string
	// BrandID names a brand.
	BrandID string
	// ProductID names a product (SPU).
	ProductID string
	// SKUID names a stock keeping unit, the thing that is priced and counted.
	SKUID string
	// LocationID names a place where stock lies.
	LocationID string
	// CartID names a cart.
	CartID string
	// GroupID names an order group: what one buyer placed at once.
	GroupID string
	// OrderID names one merchant's order within a group.
	OrderID string
	// LineID names one line of an order.
	LineID string
	// IntentID names a payment intent.
	IntentID string
	// PromotionID names a promotion.
	PromotionID string
	// CouponID names one claimed coupon.
	CouponID string
	// CompanyID names a business customer; empty for consumers.
	CompanyID string
)

// MaxQuantity bounds the pieces of one line; a larger demand is Invalid.
const MaxQuantity Quantity = 1_000_000

// Quantity counts pieces of a SKU.
type Quantity int64

// Valid reports whether q can be ordered: 1 to [MaxQuantity].
func (q Quantity) Valid() bool { return q >= 1 && q <= MaxQuantity }

// Locale is a BCP 47 tag such as "en-US" or "zh-CN".
type Locale string

// The locales Souk ships texts for.
const (
	English Locale = "en-US"
	Chinese Locale = "zh-CN"
)
