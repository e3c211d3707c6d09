package shop

import (
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/order/shipping"
)

// MaxPieces is how many pieces of one SKU a cart may hold.
const MaxPieces ref.Quantity = 99

// Channels returns the marketplace's storefronts. American prices come without
// the tax, Chinese ones contain it.
func Channels() []pricing.Channel {
	var all []pricing.Channel
	for _, s := range demo.Shops() {
		all = append(all, pricing.Channel{
			ID: s.Channel, Name: s.Name.In(s.Locale), Currency: s.Currency, Locale: s.Locale, Country: s.Country,
			TaxInclusive: s.Country == "CN",
		})
	}
	return all
}

// Taxes returns the rates of the countries that are delivered to. They are
// examples and no tax advice.
func Taxes() (*pricing.TaxTable, error) {
	return pricing.NewTaxTable(pricing.TaxTableConfig{Rates: []pricing.TaxRate{
		{Country: "CN", RatePPM: 130_000},
		{Country: "US", RatePPM: 0},
		{Country: "US", Region: "CA", RatePPM: 72_500},
		{Country: "US", Region: "IL", RatePPM: 62_500},
		{Country: "US", Region: "NY", RatePPM: 40_000},
		{Country: "US", Region: "TX", RatePPM: 62_500},
		{Country: "US", Region: "WA", RatePPM: 65_000},
	}})
}

// Delivery returns the ways to send a parcel: a flat rate that ends at a list
// amount, and one by weight, in each country.
func Delivery() (*shipping.Table, error) {
	us, cn := shipping.Zone{Countries: []string{"US"}}, shipping.Zone{Countries: []string{"CN"}}
	dollars, yuan := money.New(demo.FreeDeliveryUSD, "USD"), money.New(demo.FreeDeliveryCNY, "CNY")
	return shipping.NewTable(
		shipping.Method{Code: "standard", Label: "rate.standard", Rates: []shipping.Rate{
			{Zone: us, Base: money.New(495, "USD"), FreeFrom: &dollars},
			{Zone: cn, Base: money.New(1000, "CNY"), FreeFrom: &yuan},
		}},
		shipping.Method{Code: "express", Label: "rate.express", Rates: []shipping.Rate{
			{
				Zone: us, Base: money.New(995, "USD"), Tiers: []shipping.Tier{{UpTo: 1000, Price: money.New(500, "USD")}},
				Step: &shipping.Step{Every: 500, Price: money.New(150, "USD")},
			},
			{
				Zone: cn, Base: money.New(1200, "CNY"), Tiers: []shipping.Tier{{UpTo: 1000, Price: money.New(600, "CNY")}},
				Step: &shipping.Step{Every: 500, Price: money.New(300, "CNY")},
			},
		}},
	)
}
