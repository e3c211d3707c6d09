package listing_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx := context.Background()
	stores := memory.New().Stores()
	cat, err := catalog.NewService(catalog.Config{
		Products: stores.Products, Categories: stores.Categories, Brands: stores.Brands,
		Units: stores.Units, Events: stores.Events,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	made, err := cat.ImportProducts(ctx, ref.Merchant("tea-house"), []catalog.CreateInput{
		{
			ProductInput: catalog.ProductInput{
				Title: catalog.Text{ref.English: "Green tea"}, SKUs: []catalog.SKUInput{{ID: "green", Code: "G"}},
			}, Publish: []ref.ChannelID{"en"},
		},
		{
			ProductInput: catalog.ProductInput{
				Title: catalog.Text{ref.English: "Black tea"}, SKUs: []catalog.SKUInput{{ID: "black", Code: "B"}},
			}, Publish: []ref.ChannelID{"en"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	lists, err := listing.NewService(listing.Config{
		Store:    stores.Listings,
		Channels: []pricing.Channel{{ID: "en", Currency: "USD", Locale: ref.English, Country: "US"}},
		Products: stores.Products, Categories: stores.Categories, Brands: stores.Brands,
		Prices: prices{"en": {
			"green": {Unit: money.New(1250, "USD")}, "black": {Unit: money.New(990, "USD")},
		}},
		Stock: stock{"green": 3},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lists.Refresh(ctx, []ref.ProductID{made[0].Product, made[1].Product}); err != nil {
		fmt.Println(err)
		return
	}
	cheapest, err := lists.List(ctx, listing.Query{Channel: "en", Sort: listing.Cheapest}, page.Request{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range cheapest.Items {
		fmt.Println(r.Title, r.Lowest.Format(ref.English), r.InStock)
	}
	// Output:
	// Black tea $9.90 false
	// Green tea $12.50 true
}
