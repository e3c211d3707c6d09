package catalog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

func TestAProductsLife(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	p, err := s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: shirt()})
	require.NoError(t, err)
	require.Equal(t, teaHouse, p.Merchant)
	require.Equal(t, "linen-shirt", p.Slug)
	require.Equal(t, "colour", p.Options[0].Code, "a code is made of the name")
	require.Equal(t, catalog.Draft, p.In("en").State)

	_, err = s.Publish(ctx, seller(), catalog.PublishInput{Product: p.ID, Version: p.Version, Channel: "en"})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, "product.no_sku", fault.CodeOf(err))

	p, err = s.GenerateSKUs(ctx, seller(), p.ID, p.Version, catalog.GenerateInput{})
	require.NoError(t, err)
	var codes []string
	for _, sku := range p.SKUs {
		codes = append(codes, sku.Code)
		require.EqualValues(t, 200, p.Weight(sku))
		require.Equal(t, "shirt.png", p.PictureOf(sku))
	}
	require.Equal(t, []string{"LINEN-SHIRT-RED-M", "LINEN-SHIRT-RED-L", "LINEN-SHIRT-BLUE-M", "LINEN-SHIRT-BLUE-L"}, codes)
	require.Equal(t, []catalog.Choice{{Option: "Colour", Value: "red"}, {Option: "size", Value: "m"}}, p.Describe(p.SKUs[0], ref.English))

	p, err = s.Publish(ctx, seller(), catalog.PublishInput{Product: p.ID, Version: p.Version, Channel: "en"})
	require.NoError(t, err)
	seen, err := s.View(ctx, "en", "linen-shirt")
	require.NoError(t, err)
	require.Len(t, seen.SKUs, 4)
	_, err = s.View(ctx, "zh", "linen-shirt")
	require.ErrorIs(t, err, fault.NotFound)

	in := shirt()
	in.Slug = "shirt-of-linen"
	in.SKUs = []catalog.SKUInput{{Code: p.SKUs[3].Code, Choices: []string{"blue", "l"}, WeightGrams: 210}, {Choices: []string{"red", "m"}}}
	p, err = s.ChangeProduct(ctx, seller(), p.ID, p.Version, in)
	require.NoError(t, err)
	require.Len(t, p.SKUs, 4, "SKUs that are not named any more are archived, not removed")
	require.Len(t, p.Active(), 2)
	require.Equal(t, "LINEN-SHIRT-BLUE-L", p.SKUs[0].Code)
	require.EqualValues(t, 210, p.Weight(p.SKUs[0]))
	require.Equal(t, "LINEN-SHIRT-RED-M", p.SKUs[1].Code)
	seen, err = s.View(ctx, "en", "linen-shirt")
	require.NoError(t, err, "the old slug still finds the product")
	require.Equal(t, "shirt-of-linen", seen.Slug)
	require.Len(t, seen.SKUs, 2)

	again, err := s.GenerateSKUs(ctx, seller(), p.ID, p.Version, catalog.GenerateInput{})
	require.NoError(t, err)
	require.Equal(t, p, again, "archived combinations do not come back, and nothing is written")

	p, err = s.Archive(ctx, seller(), p.ID, p.Version)
	require.NoError(t, err)
	_, err = s.View(ctx, "en", p.Slug)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.ChangeProduct(ctx, seller(), p.ID, p.Version, in)
	require.Equal(t, "product.archived", fault.CodeOf(err))
	_, err = s.Publish(ctx, seller(), catalog.PublishInput{Product: p.ID, Version: p.Version, Channel: "zh"})
	require.Equal(t, "product.archived", fault.CodeOf(err))
	_, err = s.Archive(ctx, seller(), p.ID, p.Version)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	p, err = s.Restore(ctx, seller(), p.ID, p.Version)
	require.NoError(t, err)
	_, err = s.Restore(ctx, seller(), p.ID, p.Version)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = s.View(ctx, "en", p.Slug)
	require.NoError(t, err)
	p, err = s.Unpublish(ctx, seller(), p.ID, p.Version, "en")
	require.NoError(t, err)
	_, err = s.Unpublish(ctx, seller(), p.ID, p.Version, "en")
	require.Equal(t, "product.publication", fault.CodeOf(err))
	_, err = s.View(ctx, "en", p.Slug)
	require.ErrorIs(t, err, fault.NotFound)

	require.Equal(t, []string{
		"product.created.v1", "product.changed.v1", "product.published.v1", "product.changed.v1",
		"product.archived.v1", "product.changed.v1", "product.published.v1",
	}, s.log.take())
}

func TestAWindowOpensAndClosesByItself(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	now := s.clock.Now()
	p, err := s.CreateProduct(ctx, staff(), catalog.CreateInput{Merchant: teaHouse, ProductInput: catalog.ProductInput{
		Title: catalog.Text{ref.English: "Tea"}, SKUs: []catalog.SKUInput{{}},
	}})
	require.NoError(t, err)
	in := catalog.PublishInput{Product: p.ID, Version: p.Version, Channel: "en", From: now.Add(time.Hour), Until: now.Add(2 * time.Hour)}
	p, err = s.Publish(ctx, staff(), in)
	require.NoError(t, err)
	shown := func() bool {
		_, err := s.View(ctx, "en", "tea")
		return err == nil
	}
	require.False(t, shown())
	s.clock.Set(in.From.Add(-time.Microsecond))
	require.False(t, shown())
	s.clock.Set(in.From)
	require.True(t, shown(), "the beginning is inside")
	s.clock.Set(in.Until.Add(-time.Microsecond))
	require.True(t, shown())
	s.clock.Set(in.Until)
	require.False(t, shown(), "the end is outside")
	require.Equal(t, in.From, p.In("en").Since())

	in.Version, in.From, in.Until = p.Version, in.Until, in.From
	_, err = s.Publish(ctx, staff(), in)
	require.Equal(t, []string{"until:not_after"}, paths(t, err))
}

func TestEveryWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	_, err := s.CreateProduct(ctx, staff(), catalog.CreateInput{
		ID: "a/b", Publish: []ref.ChannelID{"a/b"},
		ProductInput: catalog.ProductInput{
			Slug: "Not A Slug", Title: catalog.Text{"x": "y", ref.English: " "},
			Description: catalog.Text{ref.English: "\xff"},
			TaxClass:    "a b", WeightGrams: -1,
			Options: []catalog.Option{
				{Code: "size", Values: []catalog.OptionValue{{Code: "m"}, {Code: "m"}, {}}},
				{Code: "size"},
			},
			Attributes: []catalog.Attribute{{Code: "", Values: []catalog.Text{{}}}},
			Pictures:   []catalog.Picture{{Ref: " "}},
			SKUs: []catalog.SKUInput{
				{Code: "A", Choices: []string{"xl"}, Picture: "none.png"},
				{Code: "A", Choices: []string{"m", "m"}, WeightGrams: -5},
			},
		},
	})
	require.ElementsMatch(t, []string{
		"merchant:required", "publish[0]:malformed", "id:malformed", "slug:malformed",
		"title:locale", "title.en-US:required", "description.en-US:text", "tax_class:malformed", "weight_grams:out_of_range",
		"options[0].values[1].code:duplicate", "options[0].values[2].code:required", "options[1].code:duplicate",
		"options[1].values:required", "attributes[0].code:required", "attributes[0].values[0]:required",
		"pictures[0].ref:required", "skus[0].picture:unknown", "skus[0].choices:mismatch", "skus[1].code:duplicate",
		"skus[1].weight_grams:out_of_range", "skus[1].choices[1]:unknown",
	}, paths(t, err))
	require.Empty(t, s.log.take())

	_, err = s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: catalog.ProductInput{
		Title: catalog.Text{ref.English: strings.Repeat("x", catalog.MaxTitle+1)}, Brand: "none", Category: "none",
	}})
	require.Equal(t, []string{"title.en-US:too_long"}, paths(t, err))
	_, err = s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: catalog.ProductInput{
		Title: catalog.Text{ref.English: "x"}, Brand: "none", Category: "none",
	}})
	require.Equal(t, []string{"brand:unknown", "category:unknown"}, paths(t, err))
}

// Every operation as somebody else: a foreign product is a missing one.
func TestAForeignProductIsMissing(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	p, err := s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: shirt()})
	require.NoError(t, err)
	s.log.take()
	calls := map[string]func(scope ref.Scope, id catalog.ProductID) error{
		"product": func(scope ref.Scope, id catalog.ProductID) error {
			_, err := s.Product(ctx, scope, id)
			return err
		},
		"change": func(scope ref.Scope, id catalog.ProductID) error {
			_, err := s.ChangeProduct(ctx, scope, id, 1, shirt())
			return err
		},
		"generate": func(scope ref.Scope, id catalog.ProductID) error {
			_, err := s.GenerateSKUs(ctx, scope, id, 1, catalog.GenerateInput{})
			return err
		},
		"publish": func(scope ref.Scope, id catalog.ProductID) error {
			_, err := s.Publish(ctx, scope, catalog.PublishInput{Product: id, Version: 1, Channel: "en"})
			return err
		},
		"publish many": func(scope ref.Scope, id catalog.ProductID) error {
			errs, err := s.PublishMany(ctx, scope, []catalog.ProductID{id}, "en", time.Time{}, time.Time{})
			require.NoError(t, err)
			return errs[0]
		},
		"unpublish": func(scope ref.Scope, id catalog.ProductID) error {
			_, err := s.Unpublish(ctx, scope, id, 1, "en")
			return err
		},
		"archive": func(scope ref.Scope, id catalog.ProductID) error {
			_, err := s.Archive(ctx, scope, id, 1)
			return err
		},
		"restore": func(scope ref.Scope, id catalog.ProductID) error {
			_, err := s.Restore(ctx, scope, id, 1)
			return err
		},
	}
	for name, call := range calls {
		for _, scope := range []ref.Scope{ref.Merchant(rival), ref.Member("bob"), {}} {
			foreign, none := call(scope, p.ID), call(scope, "none")
			require.ErrorIs(t, foreign, fault.NotFound, name)
			require.Equal(t, strings.ReplaceAll(none.Error(), "none", string(p.ID)), foreign.Error(), name)
		}
	}
	results, err := s.ImportProducts(ctx, ref.Merchant(rival), []catalog.CreateInput{{ID: p.ID, ProductInput: shirt()}})
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, fault.NotFound)
	_, err = s.CreateProduct(ctx, ref.Merchant(rival), catalog.CreateInput{Merchant: teaHouse, ProductInput: shirt()})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.CreateProduct(ctx, ref.Member("bob"), catalog.CreateInput{Merchant: teaHouse, ProductInput: shirt()})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.Products(ctx, ref.Member("bob"), catalog.ProductQuery{}, page.Request{})
	require.ErrorIs(t, err, fault.PermissionDenied)
	list, err := s.Products(ctx, ref.Merchant(rival), catalog.ProductQuery{Merchant: teaHouse}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
	found, err := s.FindSKUs(ctx, ref.Merchant(rival), catalog.SKUQuery{Merchants: []ref.MerchantID{teaHouse}, Codes: []string{"A"}})
	require.NoError(t, err)
	require.Empty(t, found)
	require.Empty(t, s.log.take(), "nothing was written")

	list, err = s.Products(ctx, seller(), catalog.ProductQuery{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	_, err = s.Archive(ctx, staff(), p.ID, 2)
	require.ErrorIs(t, err, fault.Conflict)
}

func TestWhatIsTakenIsRefused(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	in := shirt()
	in.SKUs = []catalog.SKUInput{{Code: "S-1", Choices: []string{"red", "m"}}}
	first, err := s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: in})
	require.NoError(t, err)

	in.SKUs[0].Code = "S-2"
	second, err := s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: in})
	require.NoError(t, err, "a slug that was made up gives way")
	require.True(t, strings.HasPrefix(second.Slug, "linen-shirt-"), second.Slug)

	in.Slug, in.SKUs[0].Code = "linen-shirt", "S-3"
	_, err = s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: in})
	require.ErrorIs(t, err, fault.AlreadyExists, "one that was asked for does not")
	in.Slug, in.SKUs[0].Code = "", "S-1"
	_, err = s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: in})
	require.ErrorIs(t, err, fault.AlreadyExists)
	_, err = s.CreateProduct(ctx, ref.Merchant(rival), catalog.CreateInput{ProductInput: in})
	require.NoError(t, err, "codes are unique per merchant")

	in.SKUs[0] = catalog.SKUInput{ID: first.SKUs[0].ID, Code: "S-9", Choices: []string{"red", "m"}}
	_, err = s.ChangeProduct(ctx, seller(), first.ID, first.Version, in)
	require.Equal(t, []string{"skus[0].code:immutable"}, paths(t, err))

	in = shirt()
	in.Options[1].Values = in.Options[1].Values[:1]
	in.Options = in.Options[1:]
	_, err = s.ChangeProduct(ctx, seller(), first.ID, first.Version, in)
	require.Equal(t, []string{"skus[0].choices:mismatch"}, paths(t, err), "SKUs that stay must fit the options")

	big := shirt()
	big.Options = options(20, 20, 20)
	p, err := s.CreateProduct(ctx, seller(), catalog.CreateInput{ProductInput: big})
	require.NoError(t, err)
	_, err = s.GenerateSKUs(ctx, seller(), p.ID, p.Version, catalog.GenerateInput{})
	require.ErrorIs(t, err, fault.Exhausted)
}
