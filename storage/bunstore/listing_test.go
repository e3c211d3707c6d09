package bunstore_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/storage/bunstore"
)

// Imports, offers and refreshes ask the same number of statements, however many
// products of however many merchants they are about.
func TestTheCatalogueAsksAConstantNumberOfStatements(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *bunstore.DB, asked *statements) {
		t.Helper()
		ctx, stores := t.Context(), db.Stores()
		staff := ref.Staff("ann")
		channels := []pricing.Channel{{ID: "en", Name: "World", Currency: "USD", Locale: ref.English, Country: "US"}}
		merchants, err := merchant.NewService(merchant.Config{Store: stores.Merchants, Units: stores.Units, Events: stores.Events})
		require.NoError(t, err)
		cat, err := catalog.NewService(catalog.Config{
			Products: stores.Products, Categories: stores.Categories, Brands: stores.Brands,
			Units: stores.Units, Events: stores.Events,
		})
		require.NoError(t, err)
		stock, err := inventory.NewService(inventory.Config{
			Store: stores.Inventory, Units: stores.Units, Events: stores.Events, Owners: cat,
		})
		require.NoError(t, err)
		prices, err := pricing.NewService(pricing.Config{
			Store: stores.Prices, Units: stores.Units, Events: stores.Events, Channels: channels, Owners: cat,
		})
		require.NoError(t, err)
		lists, err := listing.NewService(listing.Config{
			Store: stores.Listings, Channels: channels, Products: stores.Products, Categories: stores.Categories,
			Brands: stores.Brands, Merchants: stores.Merchants, Prices: prices, Stock: stock, Orders: stores.Orders,
		})
		require.NoError(t, err)

		_, err = cat.CreateCategories(ctx, staff, []catalog.CategoryInput{{ID: "tea", Name: catalog.Text{ref.English: "Tea"}}})
		require.NoError(t, err)
		var rows []catalog.CreateInput
		var unit []pricing.SetInput
		var counts []inventory.Count
		var skus []ref.SKUID
		for i := range 120 {
			owner := ref.MerchantID(fmt.Sprint("m", i%6))
			if i < 6 {
				_, err := merchants.Register(ctx, staff, merchant.RegisterInput{ID: owner, Name: "Tea House"})
				require.NoError(t, err)
			}
			sku := ref.SKUID(fmt.Sprint("s", i))
			skus = append(skus, sku)
			rows = append(rows, catalog.CreateInput{
				Merchant: owner, Publish: []ref.ChannelID{"en"}, ProductInput: catalog.ProductInput{
					Title: catalog.Text{ref.English: fmt.Sprint("Tea ", i)}, Category: "tea",
					SKUs: []catalog.SKUInput{{ID: sku, Code: string(sku)}},
				},
			})
			unit = append(unit, pricing.SetInput{SKU: sku, Channel: "en", Unit: money.New(int64(100+i), "USD")})
			counts = append(counts, inventory.Count{SKU: sku, Location: "here", Quantity: 5})
		}
		asked.take()
		made, err := cat.ImportProducts(ctx, staff, rows[:1])
		require.NoError(t, err)
		few := len(asked.take())
		more, err := cat.ImportProducts(ctx, staff, rows[1:])
		require.NoError(t, err)
		require.Len(t, asked.take(), few)
		made = append(made, more...)
		products := make([]ref.ProductID, len(made))
		for i, m := range made {
			require.NoError(t, m.Err)
			products[i] = m.Product
		}
		_, err = prices.Set(ctx, staff, unit)
		require.NoError(t, err)
		require.NoError(t, stock.Receive(ctx, staff, inventory.CountInput{Counts: counts, Ref: "delivery"}))

		asked.take()
		one, err := lists.Offers(ctx, cart.OfferQuery{Channel: "en"}, skus[:1])
		require.NoError(t, err)
		require.True(t, one["s0"].Sellable)
		require.EqualValues(t, 5, one["s0"].Available)
		few = len(asked.take())
		all, err := lists.Offers(ctx, cart.OfferQuery{Channel: "en"}, skus)
		require.NoError(t, err)
		require.Len(t, all, len(skus))
		require.Len(t, asked.take(), few)
		require.LessOrEqual(t, few, 5)

		require.NoError(t, lists.Refresh(ctx, products[:1]))
		few = len(asked.take())
		require.NoError(t, lists.Refresh(ctx, products[1:]))
		require.Len(t, asked.take(), few)
		p, err := lists.List(ctx, listing.Query{Channel: "en", Category: "tea", InStock: true, Sort: listing.Cheapest}, page.Request{Limit: 3})
		require.NoError(t, err)
		require.Len(t, p.Items, 3)
		require.Len(t, asked.take(), 1, "a page is one statement")
		require.Equal(t, money.New(102, "USD"), p.Items[2].Lowest)
	})
}
