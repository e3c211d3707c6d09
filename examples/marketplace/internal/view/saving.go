package view

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// Saving is what one promotion takes off.
type Saving struct {
	Name string
	// Merchant is whose offer it is; empty for the site's, and where that does
	// not matter.
	Merchant string
	// Coupon is set where a coupon brought it.
	Coupon bool
	// Off is more than zero.
	Off money.Money
}

// Hint says what is missing for an offer, calmly.
type Hint struct {
	Said
	// Name is the offer's, Merchant whose it is; empty for the site's.
	Name     string
	Merchant string
}

// Gain is what an order earns once it is paid: so many of "points", "coupon"
// or "chance".
type Gain struct {
	Kind  string
	Count int64
}

// Refusal is a coupon or a code that was asked for and does not apply.
type Refusal struct {
	Name string
	Why  Said
}

// CouponPanel is where a buyer chooses among coupons and types codes.
type CouponPanel struct {
	// Action takes the forms; Back is the step that is shown again.
	Action string
	Back   Step
	// Centre is where coupons are to be had.
	Centre string
	// Signed is false for a guest, who has no coupons.
	Signed bool
	// Chosen is set where the buyer insists on coupons; then Less is how much
	// less is taken off than by what is best for the buyer.
	Chosen bool
	Less   money.Money
	// None says that the buyer chose to use none; Without is what it comes to
	// then, nil where that is what is best.
	None    bool
	Without *CouponChoice
	// Best is what the engine takes off by its own choice.
	Best money.Money
	// Rough says that there were too many combinations to try all of them: there
	// may be a better one.
	Rough   bool
	Coupons []CouponChoice
	// Useless are the coupons that do nothing for this cart, with the reason.
	Useless []CouponChoice
	Codes   []TypedCode
	Form    Form
}

// Folded reports whether only a line of the panel is shown at first: at the
// end of the checkout, where all has been chosen.
func (p CouponPanel) Folded() bool { return p.Back == ReviewStep }

// Open reports whether a folded panel has something to tell all the same.
func (p CouponPanel) Open() bool { return p.Chosen || len(p.Codes) > 0 || p.Form.Failed() }

// CouponChoice is a coupon that might be used.
type CouponChoice struct {
	ID       string
	Name     string
	Merchant string // where it is good; empty for everywhere
	Until    time.Time
	// Used says that this quote uses it, Pinned that the buyer asked for it,
	// Best that it is part of what is certain to be best for the buyer.
	Used, Pinned, Best bool
	// Off is all that is taken off with it, Less how much less that is than by
	// the best choice; where Known.
	Known     bool
	Off, Less money.Money
	// Why says why it does not apply.
	Why Said
}

// TypedCode is a code that was typed, with what it brings or why it does not.
type TypedCode struct {
	Code string
	Name string // of the promotion; empty for one that only opens a condition
	Off  money.Money
	Used bool
	Why  Said
}

// RefundNote is a refund of pieces.
type RefundNote struct {
	At    time.Time
	Lines []RefundLine
	// Delivery is what went back for it; zero for nothing.
	Delivery money.Money
	// ClawBacks were kept back, GivenBack had been kept back before.
	ClawBacks []Saving
	GivenBack []Saving
	Amount    money.Money
	// Ahead says that nothing has been decided yet.
	Ahead bool
}

// RefundLine is so many pieces of a line: what they cost, their shares of the
// promotions, and what they are worth.
type RefundLine struct {
	Title    string
	Quantity int64
	List     money.Money
	Shares   []Saving
	Tax      money.Money // on top; zero where it is within
	Worth    money.Money
}
