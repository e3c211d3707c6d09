package shipping

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Bounds of a shipment.
const (
	MaxItems       = 10_000
	MaxWeightGrams = 100_000_000 // of one piece
)

// RateCalculator decides by which methods a shipment can be delivered and
// what each costs. [Table] is the default; a carrier's own rates are another.
type RateCalculator interface {
	// Rates returns the methods that deliver the shipment, in the order in
	// which the buyer shall see them; none where nothing delivers there. It
	// sees list amounts: what depends on discounts is a promotion. Amounts
	// are in the shipment's currency and not negative. Kinds: Invalid for a
	// shipment that fails [Shipment.Validate]; Unavailable.
	Rates(ctx context.Context, s Shipment) ([]Option, error)
}

// Shipment is what one merchant sends to one place.
type Shipment struct {
	Merchant ref.MerchantID
	Channel  ref.ChannelID
	Currency money.Currency
	To       Destination
	Items    []Item
}

// Destination is where it goes, as far as rates depend on it.
type Destination struct {
	Country    string // ISO 3166-1 alpha-2: "CN"
	Region     string // as address.Address holds it once normalised; may be empty
	PostalCode string // may be empty
}

// To returns the destination of a normalised address.
func To(a address.Address) Destination {
	return Destination{Country: a.Country, Region: a.Region, PostalCode: a.PostalCode}
}

// Item is one line of a shipment.
type Item struct {
	SKU      ref.SKUID
	Quantity ref.Quantity
	// WeightGrams is the weight of one piece; 0 where it has none.
	WeightGrams int64
	// List is the list amount of the line.
	List money.Money
}

// Option is one way of delivery.
type Option struct {
	// Method is the code by which the buyer's choice is remembered.
	Method string
	// Label is the key of its name; translations live outside.
	Label    string
	TaxClass string
	Amount   money.Money
}

// Find returns the option of a method. NotFound, code "shipping.method".
func Find(options []Option, method string) (Option, error) {
	for _, o := range options {
		if o.Method == method {
			return o, nil
		}
	}
	return Option{}, fault.New(fault.NotFound, "shipping.method", "the shipment is not delivered that way").
		With("method", method)
}

// Validate reports everything that is wrong with a shipment as one Invalid
// fault.
func (s *Shipment) Validate() error {
	var v fault.Violations
	if !address.KnownCountry(s.To.Country) {
		v.Add("to.country", "unknown", nil)
	}
	switch n := len(s.Items); {
	case n == 0:
		v.Add("items", "required", nil)
	case n > MaxItems:
		v.Add("items", "too_many", fault.Params{"max": MaxItems})
		return v.Err("shipping.shipment", "the shipment is not valid")
	}
	for i, it := range s.Items {
		path := fmt.Sprintf("items[%d].", i)
		if !it.Quantity.Valid() {
			v.Add(path+"quantity", "out_of_range", fault.Params{"min": 1, "max": ref.MaxQuantity})
		}
		if it.WeightGrams < 0 || it.WeightGrams > MaxWeightGrams {
			v.Add(path+"weight_grams", "out_of_range", fault.Params{"min": 0, "max": MaxWeightGrams})
		}
		if it.List.Currency() != s.Currency {
			v.Add(path+"list", "currency", fault.Params{"want": string(s.Currency)})
		} else if it.List.Sign() < 0 {
			v.Add(path+"list", "out_of_range", fault.Params{"min": 0})
		}
	}
	return v.Err("shipping.shipment", "the shipment is not valid")
}

// Grams returns the weight of a valid shipment.
func (s *Shipment) Grams() int64 {
	var n int64
	for _, it := range s.Items {
		n += it.WeightGrams * int64(it.Quantity)
	}
	return n
}

// Pieces returns the number of pieces of a valid shipment.
func (s *Shipment) Pieces() int64 {
	var n int64
	for _, it := range s.Items {
		n += int64(it.Quantity)
	}
	return n
}

// List returns the list amount of the goods. Invalid where it overflows.
func (s *Shipment) List() (money.Money, error) {
	all := make([]money.Money, len(s.Items))
	for i, it := range s.Items {
		all[i] = it.List
	}
	return money.Sum(s.Currency, all...)
}
