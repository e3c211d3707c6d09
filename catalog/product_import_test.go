package catalog_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
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
