package pricing_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	stores, ctx := memory.New().Stores(), context.Background()
	now := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	prices, err := pricing.NewService(pricing.Config{
		Store: stores.Prices, Units: stores.Units, Events: stores.Events, Clock: now,
		Channels: []pricing.Channel{{ID: "en", Currency: "USD", Locale: "en-US", Country: "US"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	monday := time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)
	_, err = prices.Set(ctx, ref.Staff("ann"), []pricing.SetInput{
		{SKU: "tea-100g", Channel: "en", Unit: money.New(1299, "USD")},
		{SKU: "tea-100g", Channel: "en", Unit: money.New(999, "USD"), Was: money.New(1299, "USD"), From: monday, Until: monday.AddDate(0, 0, 5)},
	})
	fmt.Println(err)
	for range 3 {
		found, _ := prices.Resolve(ctx, pricing.Request{Channel: "en"}, []pricing.Item{{SKU: "tea-100g"}})
		fmt.Println(now.Now().Weekday(), found[0].Unit.Format("en-US"))
		now.Advance(4 * 24 * time.Hour)
	}
	// Output:
	// <nil>
	// Saturday $12.99
	// Wednesday $9.99
	// Sunday $12.99
}

func ExampleTaxTable() {
	table, err := pricing.NewTaxTable(pricing.TaxTableConfig{Rates: []pricing.TaxRate{
		{Country: "CN", RatePPM: 130_000},
		{Country: "CN", Class: "books", RatePPM: 90_000},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	taxed, err := table.Taxes(context.Background(), pricing.TaxQuery{
		Channel: pricing.Channel{ID: "zh", Currency: "CNY", Country: "CN", TaxInclusive: true},
		At:      time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC),
		Lines: []pricing.TaxLine{
			{Amount: money.New(11300, "CNY")},
			{Class: "books", Amount: money.New(10900, "CNY")},
		},
	})
	for _, t := range taxed {
		fmt.Println(t.Net, "+", t.Tax, "=", t.Gross)
	}
	fmt.Println(err)
	// Output:
	// CNY 100.00 + CNY 13.00 = CNY 113.00
	// CNY 100.00 + CNY 9.00 = CNY 109.00
	// <nil>
}
