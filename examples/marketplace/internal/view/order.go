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
	PayBy   time.Time
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
	Number     string
	Merchant   string
	State      string
	Payment    string
	Lines      []SummaryLine
	Shipping   money.Money
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
