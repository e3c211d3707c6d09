package shipping_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/order/shipping"
)

// Flat to everywhere, by weight at home and free from 50.00 on.
func Example() {
	free := money.New(5000, "USD")
	table, err := shipping.NewTable(
		shipping.Method{Code: "standard", Rates: []shipping.Rate{
			{
				Zone: shipping.Zone{Countries: []string{"US"}}, Base: money.New(295, "USD"), FreeFrom: &free,
				Tiers: []shipping.Tier{{UpTo: 1000, Price: money.New(200, "USD")}},
				Step:  &shipping.Step{Every: 500, Price: money.New(100, "USD")},
			},
			{Base: money.New(1995, "USD")},
		}},
		shipping.Method{Code: "express", Rates: []shipping.Rate{
			{Zone: shipping.Zone{Countries: []string{"US"}}, Base: money.New(2495, "USD")},
		}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"US", "FR"} {
		options, err := table.Rates(context.Background(), shipping.Shipment{
			Merchant: "tea-house", Currency: "USD", To: shipping.Destination{Country: to},
			Items: []shipping.Item{{SKU: "tea", Quantity: 3, WeightGrams: 600, List: money.New(3750, "USD")}},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, o := range options {
			fmt.Println(to, o.Method, o.Amount.Format("en-US"))
		}
	}
	// Output:
	// US standard $6.95
	// US express $24.95
	// FR standard $19.95
}
