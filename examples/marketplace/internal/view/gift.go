package view

import "github.com/soukhq/souk/commerce/money"

// GiftPanel is where a buyer chooses among gifts.
type GiftPanel struct {
	// Action takes the forms; Back is the step that is shown again.
	Action  string
	Back    Step
	Choices []GiftChoice
}

// GiftChoice is a promotion of which the buyer gets Most of the options.
type GiftChoice struct {
	Promotion string
	Name      string
	Merchant  string // whose offer it is; empty for the site's
	Most      int
	Options   []GiftOption
	Form      Form
}

// GiftOption is one that can be had; Given says that the order gets it.
type GiftOption struct {
	SKU      string
	Picture  string
	Title    string
	Options  []Pair
	Quantity int64
	Worth    money.Money // of all its pieces
	Given    bool
}
