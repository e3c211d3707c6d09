package view

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// Step is a part of the checkout.
type Step string

// The steps of the checkout in their order.
const (
	AddressStep  Step = "address"
	DeliveryStep Step = "delivery"
	PaymentStep  Step = "payment"
	ReviewStep   Step = "review"
)

// Steps lists the steps in their order.
func Steps() []Step { return []Step{AddressStep, DeliveryStep, PaymentStep, ReviewStep} }

// Checkout is one page for all four steps: those behind show what was chosen,
// the current one its form, those ahead only their names.
type Checkout struct {
	Chrome
	Step Step
	Form Form
	// Email is asked of guests.
	Guest bool

	Saved   []Address
	Address AddressForm
	Chosen  *Address

	Packages []Package
	Methods  []Method
	// Coupons is where coupons are chosen, in the last two steps.
	Coupons *CouponPanel
	// Gifts is where gifts are chosen, nil where there is nothing to choose.
	Gifts *GiftPanel
	// Purchase is the buyer's own reference.
	Purchase string

	Summary Summary
	// Hash binds the order to the quote that was shown; Key makes a second
	// submit of the same form the same order.
	Hash, Key string
	// GoodUntil is when the quote ends.
	GoodUntil time.Time
	// Changed is set where the quote is no longer the one that was shown.
	Changed *QuoteChange
}

// Template implements [Page].
func (Checkout) Template() string { return "checkout" }

// Done reports whether a step lies behind the current one.
func (c Checkout) Done(s Step) bool {
	for _, step := range Steps() {
		if step == c.Step {
			return false
		}
		if step == s {
			return true
		}
	}
	return false
}

// Package is what one merchant sends, with the ways to send it.
type Package struct {
	Merchant   string
	MerchantID string
	Lines      []SummaryLine
	Rates      []Rate
}

// Chosen returns the rate that is selected, the zero one where none is.
func (p Package) Chosen() Rate {
	for _, r := range p.Rates {
		if r.Selected {
			return r
		}
	}
	return Rate{}
}

// Rate is a way to send a package.
type Rate struct {
	Code string
	// Key names the text, as "rate.standard".
	Key   string
	Price money.Money
	// Before is Price before the promotions, zero where that is the same.
	Before   money.Money
	Selected bool
}

// Method is a way to pay. Key names its text and, with ".hint", its hint.
type Method struct {
	Code     string
	Key      string
	Selected bool
}

// Summary adds an order up.
type Summary struct {
	Lines  []SummaryLine
	Pieces int64
	Items  money.Money
	// Savings are taken off the items, by promotion.
	Savings []Saving
	// Shipping is what is paid for it; ShippingBefore what it would cost without
	// ShippingSavings, zero where that is the same.
	Shipping        money.Money
	ShippingBefore  money.Money
	ShippingSavings []Saving
	// ShippingKnown is false until a way of sending has been chosen.
	ShippingKnown bool
	// Unserved is set where nobody delivers to the address.
	Unserved bool
	Tax      money.Money
	// TaxIncluded is set where the prices above contain the tax.
	TaxIncluded bool
	Total       money.Money
	// Saved is all that promotions take off.
	Saved money.Money
	// Gains are earned by paying.
	Gains []Gain
}

// SummaryLine is a line of what is bought.
type SummaryLine struct {
	Href     string
	Picture  string
	Title    string
	Options  []Pair
	Quantity int64
	Unit     money.Money
	Total    money.Money
	// Before is Total before the promotions, zero where that is the same.
	Before money.Money
	// Gift says that a promotion gives it, From what that is called.
	Gift bool
	From string
	// Open says that another gift may be chosen in its place at the checkout.
	Open bool
	// Returned is how many of the pieces were refunded.
	Returned int64
}

// QuoteChange says what differs between the quote that was shown and the one
// that holds now.
type QuoteChange struct {
	Before, Now money.Money
	Lines       []LineChange
	// Gone are the offers that do not apply any more, Come those that do now.
	Gone, Come []string
	// Expired is set where nothing differs and only the time had run out.
	Expired bool
}

// LineChange is a line whose unit price changed.
type LineChange struct {
	Title       string
	Before, Now money.Money
}

// Pay is the page of the fake payment provider.
type Pay struct {
	Chrome
	Number string
	Amount money.Money
	// Action is where the decision is posted to; Back leads to the order.
	Action, Back string
	// Open is false once the payment has been decided.
	Open bool
	// Tries counts the attempts that were declined before.
	Tries int
}

// Template implements [Page].
func (Pay) Template() string { return "pay" }
