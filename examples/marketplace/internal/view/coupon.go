package view

import "time"

// Coupons is the coupon centre: what can be claimed, and what a member has.
type Coupons struct {
	Chrome
	Offers []CouponOffer
	// Tabs are the states of one's own coupons, Tab the one that is shown; a
	// guest has none.
	Tabs []Link
	Tab  string
	Mine []CouponTicket
	// Codes shows where to type a code, with what is wrong with it.
	Codes bool
	Form  Form
	Next  string
	Start string
}

// Template implements [Page].
func (Coupons) Template() string { return "coupons" }

// CouponOffer is a kind of coupon that members may claim.
type CouponOffer struct {
	ID string
	// Key makes a second submit of the page claim the same coupon.
	Key  string
	Name string
	Note string
	// Merchant is where it is good; empty for everywhere.
	Merchant string
	// Days or Until say how long it is good; neither for ever.
	Days  int64
	Until time.Time
	// Opens is when it can be claimed, while that is yet to come.
	Opens time.Time
	// Left is how many there are, where Limited says that they are counted.
	Left    int64
	Limited bool
	// Blocked says why it cannot be claimed, empty where it can.
	Blocked string
}

// CouponTicket is a coupon of a member.
type CouponTicket struct {
	Name     string
	Merchant string
	// State is "usable", "soon", "held", "used", "expired" or "revoked".
	State string
	From  time.Time // while that is yet to come
	Until time.Time
	Used  time.Time
	// Order is the address of the order that holds or used it.
	Order string
}
