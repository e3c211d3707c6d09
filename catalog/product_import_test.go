package catalog_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
)

func row(code, title string) catalog.CreateInput {
	return catalog.CreateInput{
		ProductInput: catalog.ProductInput{
			Title: catalog.Text{ref.English: title}, SKUs: []catalog.SKUInput{{Code: code}},
		},
		Publish: []ref.ChannelID{"en"},
	}
}

func TestImportAddsAndChanges(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	bad := row("C", "")
	first, err := s.ImportProducts(ctx, seller(), []catalog.CreateInput{row("A", "Tea"), row("B", "Tea"), bad})
	require.NoError(t, err)
	for _, r := range first[:2] {
		require.NoError(t, r.Err)
		require.True(t, r.Created)
		require.Len(t, r.SKUs, 1)
	}
	require.ErrorIs(t, first[2].Err, fault.Invalid)
	require.Equal(t, []string{
		"product.created.v1", "product.published.v1", "product.created.v1", "product.published.v1",
	}, s.log.take())

	again, err := s.ImportProducts(ctx, seller(), []catalog.CreateInput{
		row("A", "Tea"), row("B", "Green tea"), row("C", "Cup"), row("A", "Twice"),
	})
	require.NoError(t, err)
	require.Equal(t, catalog.ImportResult{Product: first[0].Product, SKUs: first[0].SKUs}, again[0], "nothing to change")
	require.Equal(t, catalog.ImportResult{Product: first[1].Product, SKUs: first[1].SKUs, Changed: true}, again[1])
	require.True(t, again[2].Created)
	require.ErrorIs(t, again[3].Err, fault.Conflict, "a second row of the same product")
	require.Equal(t, []string{"product.changed.v1", "product.created.v1", "product.published.v1"}, s.log.take())
	p, err := s.Product(ctx, seller(), first[1].Product)
	require.NoError(t, err)
	require.Equal(t, "Green tea", p.Title[ref.English])
	require.NotEqual(t, "green-tea", p.Slug, "a slug does not change by itself")
	require.True(t, p.Shown("en", s.clock.Now()))

	other, err := s.ImportProducts(ctx, ref.Merchant(rival), []catalog.CreateInput{row("A", "Tea")})
	require.NoError(t, err)
	require.True(t, other[0].Created, "another merchant's code is another SKU")

	_, err = s.ImportProducts(ctx, seller(), make([]catalog.CreateInput, catalog.MaxBatch+1))
	require.ErrorIs(t, err, fault.Invalid)
}

func TestPublishMany(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	rows := []catalog.CreateInput{row("A", "Tea"), row("B", "Cup")}
	rows[1].SKUs = nil
	rows[0].Publish, rows[1].Publish = nil, nil
	made, err := s.ImportProducts(ctx, seller(), rows)
	require.NoError(t, err)
	errs, err := s.PublishMany(ctx, seller(), []catalog.ProductID{made[0].Product, "none", made[1].Product}, "zh", time.Time{}, time.Time{})
	require.NoError(t, err)
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], fault.NotFound)
	require.Equal(t, "product.no_sku", fault.CodeOf(errs[2]))
	seen, err := s.ViewMany(ctx, "zh", []catalog.ProductID{made[0].Product, made[1].Product})
	require.NoError(t, err)
	require.Len(t, seen, 1)
}

// The demo seeds 3,500 products this way, the replay 4,000 SKUs.
func BenchmarkImport(b *testing.B) {
	s := setup(b)
	for n := 0; b.Loop(); n++ {
		rows := make([]catalog.CreateInput, catalog.MaxBatch)
		for i := range rows {
			rows[i] = row(fmt.Sprintf("S-%d-%d", n, i), fmt.Sprintf("Product %d of %d", i, n))
		}
		results, err := s.ImportProducts(b.Context(), seller(), rows)
		require.NoError(b, err)
		require.NoError(b, results[0].Err)
	}
}

// registry are the merchants that are registered, and counts how often it is
// asked.
type registry struct {
	ids   map[ref.MerchantID]bool
	asked int
}

func (r *registry) Registered(_ context.Context, ids []ref.MerchantID) (map[ref.MerchantID]bool, error) {
	r.asked++
	out := map[ref.MerchantID]bool{}
	for _, id := range ids {
		if r.ids[id] {
			out[id] = true
		}
	}
	return out, nil
}

// Only who is registered gets new products; what is there already can be
// changed, and a folder of rows asks once.
func TestProductsOfNobodyAreRefused(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	first, err := s.ImportProducts(ctx, staff(), []catalog.CreateInput{of(rival, row("OLD", "Jug"))})
	require.NoError(t, err)
	require.NoError(t, first[0].Err)
	known := &registry{ids: map[ref.MerchantID]bool{teaHouse: true}}
	s.Service, err = catalog.NewService(catalog.Config{
		Products: s.stores.Products, Categories: s.stores.Categories, Brands: s.stores.Brands, Merchants: known,
		Units: s.stores.Units, Events: s.log, Clock: s.clock, IDs: uid.NewSequence("more"),
	})
	require.NoError(t, err)
	results, err := s.ImportProducts(ctx, staff(), []catalog.CreateInput{
		of(teaHouse, row("A", "Tea")), of(rival, row("B", "Pot")), of(teaHouse, row("C", "Cup")), of(rival, row("OLD", "Big jug")),
	})
	require.NoError(t, err)
	require.Equal(t, 1, known.asked)
	require.NoError(t, results[0].Err)
	require.True(t, results[2].Created)
	require.True(t, results[3].Changed)
	require.ErrorIs(t, results[1].Err, fault.Invalid)
	require.Equal(t, []string{"merchant:unknown"}, paths(t, results[1].Err))
	_, err = s.CreateProduct(ctx, staff(), of(rival, row("D", "Cup")))
	require.Equal(t, []string{"merchant:unknown"}, paths(t, err))
	_, err = s.CreateProduct(ctx, ref.Merchant(rival), of(rival, row("D", "Cup")))
	require.Equal(t, []string{"merchant:unknown"}, paths(t, err))
}

func of(m ref.MerchantID, in catalog.CreateInput) catalog.CreateInput {
	in.Merchant = m
	return in
}
