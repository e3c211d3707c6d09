package view

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// Orders is a member's list of orders.
type Orders struct {
	Chrome
	Orders []OrderCard
	// Next leads on, Start back to the beginning; empty where there is no way.
	Next, Start string
}

// Template implements [Page].
func (Orders) Template() string { return "orders" }

// OrderCard is an order in a list. State and Payment are words of the order's
// own state tables; the templates translate them.
type OrderCard struct {
	Number   string
	Href     string
	PlacedAt time.Time
	Pieces   int64
	Total    money.Money
	// Saved is what promotions took off.
	Saved    money.Money
	State    string
	Payment  string
	Pictures []string
}

// Order is the page of one order group: what was placed at once.
type Order struct {
	Chrome
	Number   string
	Href     string
	PlacedAt time.Time
	State    string
	Payment  string
	Method   string // key of the way it is paid
	Parts    []OrderPart
	Address  *Address
	Purchase string
	Summary  Summary
	Refunded money.Money
	// PayHref takes the form that leads to the payment, empty where there is nothing to pay now.
	PayHref string
	// Declined says that the last try to pay was refused.
	Declined bool
	PayBy    time.Time
	// Transfer is what a bank transfer has to say, nothing for other ways to pay.
	Transfer []Pair
	// Waiting is set while the provider has not answered: the page asks again.
	Waiting bool
	// Thanks is set right after the order was placed.
	Thanks bool
	// CancelHref takes the whole group back, empty where that is too late.
	CancelHref string
	Form       Form
}

// Template implements [Page].
func (Order) Template() string { return "order" }

// OrderPart is one merchant's order within the group.
type OrderPart struct {
	Number   string
	Merchant string
	State    string
	Payment  string
	Lines    []SummaryLine
	// Savings are the shares of promotions in this part.
	Savings []Saving
	// Shipping is what was paid for it, ShippingBefore what it would have cost.
	Shipping       money.Money
	ShippingBefore money.Money
	// Tax is what stands beside the prices, zero where they contain it.
	Tax        money.Money
	Refunds    []RefundNote
	Total      money.Money
	Delivery   string // key of the way it is sent
	Timeline   []Moment
	CancelHref string
}

// Moment is a point of an order's life, past, present or still to come.
type Moment struct {
	// Key names the text, as "moment.placed".
	Key string
	// At is zero for what has not happened yet.
	At time.Time
	// Now marks the last thing that happened; Bad one that ends the order.
	Now, Bad bool
}

// StaffSignIn is where employees sign in.
type StaffSignIn struct {
	Chrome
	Form Form
	Try  *Credentials
}

// Template implements [Page].
func (StaffSignIn) Template() string { return "staff_sign_in" }

// StaffOrders is the list of all orders with their payment.
type StaffOrders struct {
	Chrome
	Staff    string
	Channels []Choice
	States   []Choice
	Payments []Choice
	Number   string
	Rows     []StaffRow
	Next     string
	Start    string
	Clear    string
}

// Template implements [Page].
func (StaffOrders) Template() string { return "staff_orders" }

// StaffRow is one merchant's order in the staff's list.
type StaffRow struct {
	Number   string
	Group    string
	PlacedAt time.Time
	Channel  string
	Merchant string
	Buyer    string // a member's name, empty for a guest
	Pieces   int64
	Total    money.Money
	State    string
	Payment  string
	Method   string
	// Attempts counts the tries to pay.
	Attempts int
	// Href leads to the group; Confirm says that its money waits for a word of
	// an employee.
	Href    string
	Confirm bool
}

// StaffPart is one merchant's order on the page of its group.
type StaffPart struct {
	StaffRow
	Lines    []SummaryLine
	Delivery string // key of the way it is sent
	// Carrier and Tracking say how it travels.
	Carrier, Tracking string
	Refunds           []RefundNote
	// Order and Version are what the forms name.
	Order   string
	Version int64
	// Ship, Complete, TakeBack and Cancel take the forms that do so, Refund leads
	// to one; empty where it is too early or too late, or the employee may not.
	Ship, Complete, TakeBack, Cancel, Refund string
	// Idle says that every piece was paid back before it was sent: a
	// cancellation ends what is left.
	Idle bool
}

// StaffOrder is the page of one order group for employees.
type StaffOrder struct {
	Chrome
	// Form is that of the part whose order, or of the refund whose id, is among
	// its values.
	Form     Form
	Number   string
	PlacedAt time.Time
	Channel  string
	Buyer    string // a member's name, empty for a guest
	State    string
	Payment  string
	Summary  Summary
	PayBy    time.Time // zero for no end
	// Payments says that the employee may see how it is paid.
	Payments bool
	Refunded money.Money
	Tries    []StaffTry
	Refunds  []StaffTry
	Parts    []StaffPart
	// Address is where it goes, nil where nobody knows (any more).
	Address *Address
	// Receipt is the form that says what became of the money, nil where nothing
	// waits for that or the employee may not. Unexpected are those of the other
	// tries whose money may come all the same.
	Receipt    *Receipt
	Unexpected []Receipt
	// Waits is set where somebody else may fill it in.
	Waits bool
}

// Template implements [Page].
func (StaffOrder) Template() string { return "staff_order" }

// StaffTry is one attempt to pay, or to pay back.
type StaffTry struct {
	Number string
	Method string
	// State is a word of the attempt's own state table.
	State  string
	Amount money.Money
	At     time.Time
	// Reference is where the money can be looked up.
	Reference string
	// Manual is set where a person has to pay it back. PaidBack takes the form
	// that says so of the refund whose id is Refund; empty where nothing has to
	// be said, or the employee may not.
	Manual           bool
	PaidBack, Refund string
	// Late money came when nobody waited for it any more, and goes back; Conflict
	// is the amount that was said to have come and is not ours.
	Late     bool
	Conflict string
}

// Receipt is the form for money that moves outside any provider.
type Receipt struct {
	Form   Form
	Action string
	// Own tells the ids of its fields from those of other receipts; empty for the
	// one that is waited for.
	Own string
	// Attempt is what it is about, Number what the buyer quotes.
	Attempt, Number string
	Method          string
	Amount          money.Money
	At              time.Time
	// Cash is paid at the door, where it can be refused while it is waited for.
	Cash, Refusable bool
	// Over says that it pays the order no more: the money goes back.
	Over bool
}

// StaffRefund is the form that pays pieces of a merchant's order back.
type StaffRefund struct {
	Chrome
	Form         Form
	Number       string
	Back, Action string
	// Key makes a second submit of the same form the same refund.
	Key     string
	Lines   []RefundChoice
	Reasons []Choice
	// Delivery says that the delivery can be paid back too.
	Delivery, DeliveryChosen bool
	// Unsent pieces go back into stock.
	Unsent bool
	// Preview is what would go back, nil before it was asked for; Seen names it
	// when it is confirmed.
	Preview *RefundNote
	Seen    string
}

// Template implements [Page].
func (StaffRefund) Template() string { return "staff_refund" }

// RefundChoice is a line of which pieces can be paid back.
type RefundChoice struct {
	Field string // of how many
	Line  SummaryLine
	Left  int64
}

// Failure is a page that says why there is no other.
type Failure struct {
	Chrome
	Status int
	// Code is the fault's, for whoever answers the telephone; Request the
	// request's id in the log.
	Code, Request string
	// Key names the texts: Key + ".title" and Key + ".text".
	Key string
	// Fields are the wrong inputs of a 422.
	Form Form
	// Retry leads back to where it can be tried again.
	Retry string
}

// Template implements [Page].
func (Failure) Template() string { return "failure" }
