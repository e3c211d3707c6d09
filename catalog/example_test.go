package catalog_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

// nolog is for an example that has no consumers.
type nolog struct{}

func (nolog) Append(context.Context, ...event.Record) error { return nil }

func Example() {
	ctx := context.Background()
	stores := memory.New().Stores()
	cat, err := catalog.NewService(catalog.Config{
		Products: stores.Products, Categories: stores.Categories, Brands: stores.Brands,
		Units: stores.Units, Events: nolog{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	scope := ref.Merchant("tailor")
	shirt, err := cat.CreateProduct(ctx, scope, catalog.CreateInput{ProductInput: catalog.ProductInput{
		Title: catalog.Text{ref.English: "Linen shirt", ref.Chinese: "亚麻衬衫"},
		Options: []catalog.Option{
			{Code: "colour", Values: []catalog.OptionValue{{Code: "red"}, {Code: "blue"}}},
			{Code: "size", Values: []catalog.OptionValue{{Code: "m"}, {Code: "l"}}},
		},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	shirt, err = cat.GenerateSKUs(ctx, scope, shirt.ID, shirt.Version, catalog.GenerateInput{Base: "LS"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, sku := range shirt.SKUs {
		fmt.Println(sku.Code)
	}
	if _, err = cat.Publish(ctx, scope, catalog.PublishInput{Product: shirt.ID, Version: shirt.Version, Channel: "zh"}); err != nil {
		fmt.Println(err)
		return
	}
	seen, err := cat.View(ctx, "zh", "linen-shirt")
	fmt.Println(seen.Title.In("zh-CN"), err)
	// Output:
	// LS-RED-M
	// LS-RED-L
	// LS-BLUE-M
	// LS-BLUE-L
	// 亚麻衬衫 <nil>
}
