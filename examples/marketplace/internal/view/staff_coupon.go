package view

import "time"

// StaffCoupons is the list of kinds of coupons.
type StaffCoupons struct {
	Chrome
	Tabs  []Link // by state
	Rows  []StaffCouponKind
	New   string
	Next  string
	Start string
}

// Template implements [Page].
func (StaffCoupons) Template() string { return "staff_coupons" }

// StaffCouponKind is a kind of coupons in the list, and at the head of its own
// page.
type StaffCouponKind struct {
	ID        string
	Href      string
	Name      string
	Note      string
	Owner     string // the merchant's name, empty for the site
	Front     string // where it is offered, empty for everywhere
	State     string
	Way       string
	Promotion Link
	Opens     time.Time
	Closes    time.Time
	From      time.Time
	Until     time.Time
	Days      int64
	// Issued is counted where Total bounds it.
	Issued    int64
	Total     int64
	PerMember int64
	Reusable  bool
}

// StaffCoupon is the page of one kind of coupons.
type StaffCoupon struct {
	Chrome
	StaffCouponKind
	// Act, Issue and Codes are where it is moved to another state, given out by
	// hand, and codes are made; empty where the employee may not, or it cannot.
	Act   string
	Row   int64
	Moves []string
	Issue string
	Codes string
	// Key makes a second submit of the page give the same coupon.
	Key     string
	Form    Form
	Batches []StaffBatch
	Given   []StaffCouponGiven
	Next    string
	Start   string
}

// Template implements [Page].
func (StaffCoupon) Template() string { return "staff_coupon" }

// StaffBatch is a number of codes that were made at once.
type StaffBatch struct {
	ID       string
	Size     int64
	Redeemed int64
	MadeAt   time.Time
	VoidedAt time.Time
	// Void takes the form that makes what is left void, empty where it cannot.
	Void string
}

// StaffCouponGiven is a coupon that a member was given.
type StaffCouponGiven struct {
	ID    string
	Buyer string
	State string
	Way   string
	At    time.Time
	Until time.Time
	// Revoke takes the form that takes it back, empty where it cannot.
	Revoke string
}

// StaffCouponForm makes a kind of coupons.
type StaffCouponForm struct {
	Chrome
	Form       Form
	Promotions []Choice // those that want a coupon
	Ways       []Choice
	Channels   []Choice
}

// Template implements [Page].
func (StaffCouponForm) Template() string { return "staff_coupon_form" }
