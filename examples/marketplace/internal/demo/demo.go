package demo

import (
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

// Text is a name in both languages of the demo.
type Text struct{ EN, ZH string }

// In returns the text in a locale: Chinese for Chinese ones, else English.
func (t Text) In(locale ref.Locale) string {
	if len(locale) >= 2 && locale[:2] == "zh" {
		return t.ZH
	}
	return t.EN
}

// Data is the whole demo: merchants and the shops they sell in.
type Data struct {
	Merchants []Merchant
	Shops     []Shop
}

// Merchant is an invented seller.
type Merchant struct {
	Code  string
	Name  Text
	About Text
}

// Shop is one sales channel with its categories and products.
type Shop struct {
	Channel  ref.ChannelID
	Name     Text
	Locale   ref.Locale
	Currency money.Currency
	Country  string
	// Departments are the roots of the category tree.
	Departments []Category
	Products    []Product
}

// Category is a node of the tree. Products hang on those without children.
type Category struct {
	Code     string
	Name     Text
	Picture  picture.Spec
	Children []Category
}

// Product is one thing for sale, with at least one variant.
type Product struct {
	// Code is stable: the same line of the catalogue has the same code.
	Code string
	// Slug is unique in its shop and safe in a URL.
	Slug        string
	Name        string
	Brand       string
	Description string
	Category    string
	Merchant    string
	// Popularity orders products, highest first; it comes from the source.
	Popularity int64
	Picture    picture.Spec
	// Options are what a buyer chooses; none for a product of one variant.
	Options  []Option
	Variants []Variant
}

// Option is one choice, such as the colour.
type Option struct {
	Code   string
	Name   Text
	Values []Value
}

// Value is one answer to a choice.
type Value struct {
	Code string
	Name Text
	// Colour is set where the value is a colour.
	Colour picture.Colour
}

// Variant is a product with every choice made.
type Variant struct {
	// Code is the SKU code: the product's code and the values' codes.
	Code string
	// Values holds one value code per option, in the order of the options.
	Values []string
	Price  money.Money
	// ListPrice is what the thing cost before; zero where there was no other price.
	ListPrice   money.Money
	Stock       int64
	WeightGrams int64
	Picture     picture.Spec
}
