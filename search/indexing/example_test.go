package indexing_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// A marketplace feeds its search by itself: what is published and has a price
// is found.
func Example() {
	ctx, ann := context.Background(), ref.Staff("ann")
	m, err := commerce.New(commerce.Config{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = m.Stop(ctx) }()
	if _, err := m.Merchants.Register(ctx, ann, merchant.RegisterInput{ID: "lumo", Name: "Lumo"}); err != nil {
		panic(err)
	}
	_, err = m.Catalog.CreateProduct(ctx, ann, catalog.CreateInput{
		ID: "lamp", Merchant: "lumo", Publish: []ref.ChannelID{commerce.DefaultChannel},
		ProductInput: catalog.ProductInput{
			Title: catalog.Text{ref.English: "Walnut desk lamp"}, SKUs: []catalog.SKUInput{{ID: "lamp-1", Code: "LAMP-1"}},
		},
	})
	if err != nil {
		panic(err)
	}
	for _, cents := range []int64{4900, 3900} {
		if _, err := m.Prices.Set(ctx, ann, []pricing.SetInput{
			{SKU: "lamp-1", Channel: commerce.DefaultChannel, Unit: money.New(cents, "USD")},
		}); err != nil {
			panic(err)
		}
		if err := m.Drain(ctx); err != nil { // Start does so all the time
			panic(err)
		}
		found, err := m.Search.Search(ctx, search.Request{Channel: commerce.DefaultChannel, Query: search.Query{
			Text: "desk lamps", Facets: []search.FacetRequest{{Field: search.FieldPrice}},
		}})
		fmt.Println(found.Hits[0].ID, "from", found.Facets[0].Stats.Min, err)
	}
	// Output:
	// lamp from 4900 <nil>
	// lamp from 3900 <nil>
}
