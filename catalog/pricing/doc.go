// Package pricing says what a SKU costs in a sales channel, and what tax is
// in it.
//
//	ch := pricing.Channel{ID: "en", Name: "Shop", Currency: "USD", Locale: "en-US", Country: "US"}
//	prices, err := pricing.NewService(pricing.Config{
//		Store: stores.Prices, Units: stores.Units, Events: stores.Events,
//		Channels: []pricing.Channel{ch},
//	})
//	results, err := prices.Set(ctx, ref.Staff("ann"), []pricing.SetInput{
//		{SKU: "tea-100g", Channel: "en", Unit: money.New(1299, "USD")},
//		{SKU: "tea-100g", Channel: "en", Unit: money.New(999, "USD"), From: monday, Until: friday},
//	})
//	found, err := prices.Resolve(ctx, pricing.Request{Channel: "en"}, []pricing.Item{{SKU: "tea-100g"}})
//
// A [Price] is a list price per SKU, channel and currency: one without a
// beginning, which holds whenever nothing else does, and any number with a
// window of time, half-open, of which the one that began last holds. Windows
// are compared when a price is read, so that no job has to run at their ends.
// Every change is announced as a [Changed] event; the beginning of a window is
// not, a reader that keeps prices looks at [Resolved].Until.
//
// Two decisions are a shop's own: which price holds for whom, the [Resolver],
// whose default is the list price; and the tax, the [TaxCalculator], whose
// default is a [TaxTable] of rates.
//
// Reads are strong. What it does not do: discounts are promotions, not prices,
// and no currency is converted into another.
package pricing
