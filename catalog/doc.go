// Package catalog keeps what a marketplace offers: the tree of categories,
// the brands, and products with their options, attributes, pictures and SKUs.
//
//	cat, err := catalog.NewService(catalog.Config{
//		Products: stores.Products, Categories: stores.Categories, Brands: stores.Brands,
//		Units: stores.Units, Events: stores.Events,
//	})
//	shirt, err := cat.CreateProduct(ctx, ref.Merchant("tea-house"), catalog.CreateInput{
//		ProductInput: catalog.ProductInput{
//			Title:   catalog.Text{ref.English: "Linen shirt"},
//			Options: []catalog.Option{{Code: "size", Values: []catalog.OptionValue{{Code: "m"}, {Code: "l"}}}},
//		},
//	})
//	shirt, err = cat.GenerateSKUs(ctx, scope, shirt.ID, shirt.Version, catalog.GenerateInput{})
//	shirt, err = cat.Publish(ctx, scope, catalog.PublishInput{
//		Product: shirt.ID, Version: shirt.Version, Channel: "en",
//	})
//
// A product belongs to one merchant, who sees and edits the own ones only:
// another merchant's product is missing. Categories and brands belong to the
// site; its staff edits them and everybody reads them. A buyer reads products
// through [Service.View], per channel and only while published there.
//
// Slugs are unique per site and kept for ever: after a change the old slug
// still finds the product, so that links do not die. SKU codes are unique per
// merchant and frozen, for they stand on labels and in other systems.
// Nothing is deleted: what was sold is archived.
//
// Every write of a product appends an event of topic "product" in its unit;
// categories and brands have topics of their own. Reads are strong, straight
// from the stores; lists for shoppers come from catalog/listing, which
// follows the events. Bulk writes ([Service.ImportProducts]) answer per row
// and use a constant number of statements per batch.
//
// What it does not do: prices (catalog/pricing), stock (catalog/inventory),
// picture files (a picture here is a reference), search. The ports are
// [ProductStore], [CategoryStore] and [BrandStore]; storage/storagetest tests
// an adapter of them.
package catalog
