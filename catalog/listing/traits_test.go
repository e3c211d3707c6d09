package listing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/promo"
)

// A card and a product's page strike the price that the checkout will: tags,
// attributes and the price that nothing may fall below count there too.
func TestStrikesHeedTagsAttributesAndFloors(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.add("book", catalog.ProductInput{Attributes: []catalog.Attribute{
		{Code: catalog.TagAttribute, Values: []catalog.Text{{ref.English: "price-fixed"}}},
	}}, 1000)
	s.add("shirt", catalog.ProductInput{Attributes: []catalog.Attribute{
		{Code: "material", Values: []catalog.Text{{ref.English: "linen"}, {ref.English: "cotton"}}},
	}}, 1000)
	s.add("lamp", catalog.ProductInput{}, 1000)
	s.prices["en"]["lamp-a"] = pricing.Resolved{Unit: usd(1000), Floor: usd(800), Version: 1}
	half, most := percentOff("half", 50), percentOff("most", 90)
	half.Lines.Except = []promo.Selector{{Tags: []string{"price-fixed"}}}
	most.Lines.Attributes = map[string][]string{"material": {"cotton", "silk"}}
	s.offer(half, most)
	s.catchUp()

	skus := []ref.SKUID{"book-a", "lamp-a", "shirt-a"}
	offers, err := s.Offers(t.Context(), cart.OfferQuery{Channel: "en"}, skus)
	require.NoError(t, err)
	require.Equal(t, []string{"price-fixed"}, offers["book-a"].Tags)
	require.Equal(t, map[string][]string{"material": {"cotton", "linen"}, "size": {"a"}}, offers["shirt-a"].Attributes)
	require.Equal(t, usd(800), offers["lamp-a"].Floor)
	struck, err := s.Struck(t.Context(), "en", offers)
	require.NoError(t, err)
	for sku, want := range map[ref.SKUID]int64{"book-a": 1000, "lamp-a": 800, "shirt-a": 100} {
		row, ok := s.card(ref.ProductID(sku[:len(sku)-2]))
		require.True(t, ok)
		require.Equal(t, usd(want), row.PriceAt(s.clock.Now()).Lowest, sku)
		if price, ok := struck[sku]; ok {
			require.Equal(t, usd(want), price, sku)
		} else {
			require.Equal(t, int64(1000), want, sku)
		}
	}
	require.Equal(t, []string{"shirt", "lamp", "book"}, s.ids(listing.Query{Sort: listing.Cheapest}))
}
