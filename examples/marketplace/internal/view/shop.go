package view

import "github.com/soukhq/souk/commerce/money"

// Home is the front page of a shop.
type Home struct {
	Chrome
	// Hero are a few pictures for the head of the page.
	Hero        []string
	Departments []Tile
	// Shelves are recommended, the first one before all else.
	Shelves   []Shelf
	Popular   []Card
	Offers    []Card
	Merchants []Merchant
	Products  int64
}

// Template implements [Page].
func (Home) Template() string { return "home" }

// Tile leads to a department.
type Tile struct {
	Name    string
	Href    string
	Picture string
}

// Merchant is a seller in one line.
type Merchant struct{ Name, About string }

// Card is a product in a list.
type Card struct {
	Href     string
	Name     string
	Brand    string
	Merchant string
	Picture  string
	Price    money.Money
	// From is set where variants differ in price and Price is the lowest.
	From bool
	// ListPrice is what it cost before; zero for no other price.
	ListPrice money.Money
	InStock   bool
	// Options counts the choices that the product page offers.
	Options int
	// Why says why it is recommended; it has no key elsewhere.
	Why Said
	// Tagged is set where the address says on which shelf it stood: robots
	// shall take another one.
	Tagged bool
}

// Category is the list of a category's products.
type Category struct {
	Chrome
	Crumbs []Link
	Name   string
	// Siblings are the categories beside or below this one.
	Siblings []Link
	Shelves  []Shelf
	Filter   Filter
	Products []Card
	// Next leads on, empty at the end; Start leads back to the beginning.
	Next, Start string
}

// Template implements [Page].
func (Category) Template() string { return "category" }

// Filter is what a list of products is narrowed by. Min and Max are as typed.
type Filter struct {
	Form
	Action   string
	Currency money.Currency
	InStock  bool
	Min, Max string
	Sorts    []Choice
	// Clear leads to the list without filters, empty where there are none.
	Clear string
}

// Product is the page of one product.
type Product struct {
	Chrome
	Crumbs      []Link
	Href        string
	Name        string
	Brand       string
	Merchant    Merchant
	Description string
	Picture     string
	Options     []Option
	Facts       []Pair
	// Code is the chosen SKU's; ID what goes into the cart.
	ID, Code  string
	Price     money.Money
	ListPrice money.Money
	// Tax tells whether the price includes it.
	TaxIncluded bool
	// Available is what is left; Max what one line may hold.
	Available, Max int64
	// Form holds what was wrong with the last try to put it into the cart.
	Form    Form
	Related []Card
	Shelves []Shelf
	Product string // its id
}

// Template implements [Page].
func (Product) Template() string { return "product" }

// Buyable reports whether the chosen SKU can be put into the cart.
func (p Product) Buyable() bool { return p.ID != "" && p.Available > 0 }

// Option is one choice on the product page.
type Option struct {
	Code   string
	Name   string
	Values []Value
}

// Chosen returns the label of the value that is selected.
func (o Option) Chosen() string {
	for _, v := range o.Values {
		if v.Selected {
			return v.Label
		}
	}
	return ""
}

// Value is one answer to a choice; its link selects it and keeps the others.
type Value struct {
	Label    string
	Href     string
	Picture  string // of the variant, where the choice changes what it looks like
	Selected bool
	// SoldOut values can be looked at but not bought.
	SoldOut bool
}

// Cart is the cart's page, its lines grouped by seller.
type Cart struct {
	Chrome
	Groups   []CartGroup
	Subtotal money.Money
	// Savings are taken off the Subtotal, Total is what is left.
	Savings []Saving
	Total   money.Money
	Saved   money.Money
	// Hints say what more to buy for an offer; Refused what was asked for and
	// does not apply.
	Hints   []Hint
	Refused []Refusal
	Gains   []Gain
	// Version goes back with every change, so that a stale page is noticed.
	Version int64
	// Ready is set where nothing in the cart stands against buying it.
	Ready   bool
	Form    Form
	Shelves []Shelf
}

// Template implements [Page].
func (Cart) Template() string { return "cart" }

// Empty reports whether there is nothing in the cart.
func (c Cart) Empty() bool { return len(c.Groups) == 0 }

// CartGroup is what one seller will send.
type CartGroup struct {
	Merchant string
	Lines    []CartLine
	// Gifts go with it for nothing.
	Gifts []SummaryLine
	// Subtotal is what the lines cost, SubtotalBefore without promotions, zero
	// where that is the same. Savings are the merchant's own offers.
	Subtotal       money.Money
	SubtotalBefore money.Money
	Savings        []Saving
}

// Trouble says what stands against buying a line.
type Trouble string

// The troubles of a cart line.
const (
	NoTrouble Trouble = ""
	SoldOut   Trouble = "sold_out"
	TooMany   Trouble = "too_many"
	Gone      Trouble = "gone"
)

// CartLine is one line of the cart.
type CartLine struct {
	ID       string
	Href     string
	Picture  string
	Title    string
	Options  []Pair
	Code     string
	Quantity int64
	Max      int64
	Unit     money.Money
	Total    money.Money
	// List is Total before the promotions, zero where that is the same.
	List money.Money
	// Before is the unit price the buyer saw last, zero where it is the same.
	Before  money.Money
	Trouble Trouble
	// Left is what can be had, where the trouble is TooMany.
	Left int64
}

// About says what the shop is and whose work it shows.
type About struct {
	Chrome
	Sources []Source
}

// Template implements [Page].
func (About) Template() string { return "about" }

// Source is somebody's work with its licence.
type Source struct{ Title, Licence, Text string }
