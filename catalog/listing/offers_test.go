package listing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	p := s.add("tea", catalog.ProductInput{
		TaxClass: "reduced", WeightGrams: 50, Pictures: []catalog.Picture{{Ref: "tea.png"}},
	}, 100, 200, 300)
	s.stock["tea-a"] = 7
	s.stock["tea-b"] = -1
	delete(s.prices["en"], "tea-c")
	ask := func(q cart.OfferQuery, skus ...ref.SKUID) map[ref.SKUID]cart.Offer {
		t.Helper()
		got, err := s.Offers(ctx, q, skus)
		require.NoError(t, err)
		return got
	}
	en := cart.OfferQuery{Channel: "en"}
	got := ask(cart.OfferQuery{Channel: "en", Locale: "zh-CN"}, "tea-a", "tea-b", "tea-c", "unknown", "tea-a", "\xff")
	require.Len(t, got, 3, "what nobody knows is left out")
	require.Equal(t, cart.Offer{
		SKU: "tea-a", Product: "tea", Merchant: teaHouse, Code: "tea-a", Title: "茶 tea",
		Options: []cart.Option{{Name: "size", Value: "a"}}, Picture: "tea.png",
		UnitPrice: money.New(100, "USD"), PriceVersion: 1, TaxClass: "reduced", WeightGrams: 50,
		Attributes: map[string][]string{"size": {"a"}}, Available: 7, Sellable: true,
	}, got["tea-a"])
	require.True(t, got["tea-b"].Sellable)
	require.Zero(t, got["tea-b"].Available)
	require.False(t, got["tea-c"].Sellable)
	require.Equal(t, cart.UnsoldUnpriced, got["tea-c"].Unsold)
	require.Equal(t, money.Zero("USD"), got["tea-c"].UnitPrice)

	s.prices["zh"]["tea-a"] = pricing.Resolved{Unit: money.New(700, "CNY")}
	unsold := func(q cart.OfferQuery, want cart.Unsold) {
		t.Helper()
		tea := ask(q, "tea-a")["tea-a"]
		require.False(t, tea.Sellable)
		require.Equal(t, want, tea.Unsold)
	}
	unsold(cart.OfferQuery{Channel: "zh"}, cart.UnsoldUnpublished)

	m, err := s.merchants.Suspend(ctx, staff(), teaHouse, 1)
	require.NoError(t, err)
	unsold(en, cart.UnsoldMerchant)
	_, err = s.merchants.Resume(ctx, staff(), teaHouse, m.Version)
	require.NoError(t, err)
	in := catalog.ProductInput{Title: p.Title, Options: p.Options, SKUs: []catalog.SKUInput{{Code: "tea-b", Choices: []string{"b"}}}}
	p, err = s.catalog.ChangeProduct(ctx, staff(), p.ID, p.Version, in)
	require.NoError(t, err)
	unsold(en, cart.UnsoldArchived)
	_, err = s.catalog.Archive(ctx, staff(), p.ID, p.Version)
	require.NoError(t, err)
	require.Equal(t, "tea", ask(en, "tea-a")["tea-a"].Title, "its title can still be shown")

	require.Empty(t, ask(en))
	require.Empty(t, ask(en, "unknown"))
	_, err = s.Offers(ctx, cart.OfferQuery{Channel: "none"}, nil)
	require.ErrorIs(t, err, fault.NotFound)
}
