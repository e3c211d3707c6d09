package storagetest

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

func catalogProductCases() []Case {
	return []Case{
		{Name: "insert and get return the same product", Run: productRoundTrip},
		{Name: "a product without anything optional comes back as it was", Run: productBare},
		{Name: "a refused row leaves nothing and does not disturb the others", Run: productInsertRefused},
		{Name: "rows of one insert may meet each other", Run: productInsertRepeated},
		{Name: "SKU codes are unique per merchant", Run: productCodes},
		{Name: "a slug stays with its product for ever", Run: productSlugs},
		{Name: "a stale update is refused and leaves nothing", Run: productStale},
		{Name: "an update adds SKUs, keeps codes and moves none away", Run: productUpdateSKUs},
		{Name: "of N concurrent updates of one version one wins", Run: productLostUpdate, Apart: true},
		{Name: "of N concurrent inserts of one slug one wins", Run: productSlugRace, Apart: true},
		{Name: "what a unit wrote is gone with it", Run: productRollback, Apart: true},
		{Name: "what is handed out is a copy", Run: productCopies},
		{Name: "SKUs are found by id and by code", Run: productFindSKUs},
		{Name: "pages are stable under inserts and keep their filter", Run: productPages},
		{Name: "N reads beside updates find a product as one of them left it", Run: productWhole, Apart: true},
	}
}

// newProduct returns a product with all its fields set, texts in several
// scripts and two SKUs.
func newProduct() catalog.Product {
	id := newID()
	return catalog.Product{
		ID: catalog.ProductID(id), Merchant: ref.MerchantID(newID()), Slug: "tea-" + id,
		Title:       catalog.Text{ref.English: `O'Neil "tea" \ ?`, ref.Chinese: "茶叶 \U0001F375"},
		Description: catalog.Text{ref.English: "<b>fine</b> & more\nlines"},
		Brand:       catalog.BrandID(newID()), Category: catalog.CategoryID(newID()),
		Options: []catalog.Option{{
			Code: "size", Name: catalog.Text{ref.Chinese: "规格"},
			Values: []catalog.OptionValue{{Code: "50g"}, {Code: "100g", Name: catalog.Text{ref.English: "100 g"}}},
		}},
		Attributes:  []catalog.Attribute{{Code: "origin", Name: catalog.Text{ref.Chinese: "产地"}, Values: []catalog.Text{{ref.English: "Fujian"}, {ref.Chinese: "福建"}}}},
		Pictures:    []catalog.Picture{{Ref: "pictures/tea.png", Alt: catalog.Text{ref.English: "a tin"}}},
		TaxClass:    "reduced",
		WeightGrams: math.MaxInt64,
		SKUs: []catalog.SKU{
			{ID: catalog.SKUID(newID()), Code: "TEA-50", Choices: []string{"50g"}, Picture: "pictures/tea.png", WeightGrams: 60},
			{ID: catalog.SKUID(newID()), Code: "TEA-100", Choices: []string{"100g"}, Archived: true},
		},
		Publications: []catalog.Publication{
			{Channel: "en", State: catalog.Published, From: noon(), Until: noon().Add(time.Microsecond), FirstAt: noon()},
			{Channel: "zh", State: catalog.Unpublished},
		},
		ArchivedAt: noon(), CreatedAt: noon(), UpdatedAt: noon().Add(time.Hour),
	}
}

func insertProducts(t T, s storage.Stores, all ...*catalog.Product) {
	errs, err := s.Products.InsertMany(t.Context(), all)
	require.NoError(t, err)
	require.Len(t, errs, len(all))
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func updateProduct(ctx context.Context, s storage.Stores, p *catalog.Product) error {
	errs, err := s.Products.UpdateMany(ctx, []*catalog.Product{p})
	if err != nil {
		return err
	}
	return errs[0]
}

func requireProduct(t T, s storage.Stores, want catalog.Product) {
	got, err := s.Products.Get(t.Context(), want.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func productRoundTrip(t T, s storage.Stores) {
	p, other := newProduct(), newProduct()
	insertProducts(t, s, &p, &other)
	require.EqualValues(t, 1, p.Version)
	requireProduct(t, s, p)

	p.Slug += "-new"
	p.Title[ref.English] = strings.Repeat("é", catalog.MaxTitle)
	p.Options, p.Attributes, p.Pictures = nil, nil, nil
	p.Publications, p.ArchivedAt = nil, time.Time{}
	p.SKUs[0], p.SKUs[1] = p.SKUs[1], p.SKUs[0]
	p.UpdatedAt = noon().Add(2 * time.Hour)
	require.NoError(t, updateProduct(t.Context(), s, &p))
	require.EqualValues(t, 2, p.Version)
	requireProduct(t, s, p)
	requireProduct(t, s, other)

	got, err := s.Products.GetMany(t.Context(), []catalog.ProductID{other.ID, catalog.ProductID(newID()), p.ID})
	require.NoError(t, err)
	require.Equal(t, []catalog.Product{other, p}, got)
	got, err = s.Products.GetMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = s.Products.Get(t.Context(), catalog.ProductID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func productBare(t T, s storage.Stores) {
	p := catalog.Product{
		ID: catalog.ProductID(newID()), Merchant: "m", Slug: "bare-" + newID(),
		Title: catalog.Text{ref.English: "x"}, CreatedAt: noon(), UpdatedAt: noon(),
	}
	insertProducts(t, s, &p)
	requireProduct(t, s, p)
	p.SKUs = []catalog.SKU{{ID: catalog.SKUID(newID()), Code: newID()}}
	require.NoError(t, updateProduct(t.Context(), s, &p))
	requireProduct(t, s, p)
}

func productInsertRefused(t T, s storage.Stores) {
	old := newProduct()
	insertProducts(t, s, &old)
	sameID, sameSlug, sameSKU, sameCode, fine := newProduct(), newProduct(), newProduct(), newProduct(), newProduct()
	sameID.ID = old.ID
	sameSlug.Slug = old.Slug
	sameSKU.SKUs[1].ID = old.SKUs[0].ID
	sameCode.Merchant = old.Merchant
	sameCode.SKUs[0].Code = "FRESH-" + newID()

	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		all := []*catalog.Product{&sameID, &sameSlug, &sameSKU, &fine, &sameCode}
		errs, err := s.Products.InsertMany(ctx, all)
		require.NoError(t, err)
		for i, by := range []string{"id", "slug", "sku", "", "code"} {
			if by == "" {
				require.NoError(t, errs[i])
				continue
			}
			require.ErrorIs(t, errs[i], fault.AlreadyExists)
			require.Equal(t, "product.exists", fault.CodeOf(errs[i]))
			var f *fault.Fault
			require.ErrorAs(t, errs[i], &f)
			require.Equal(t, by, f.Params["by"])
			require.EqualValues(t, 0, all[i].Version, "the argument is unchanged on error")
		}
		return nil
	}))
	requireProduct(t, s, old)
	requireProduct(t, s, fine)
	for _, p := range []catalog.Product{sameSlug, sameSKU, sameCode} {
		_, err := s.Products.Get(t.Context(), p.ID)
		require.ErrorIs(t, err, fault.NotFound)
	}
	slugs, err := s.Products.FindSlugs(t.Context(), []string{sameID.Slug, sameSKU.Slug, sameCode.Slug, old.Slug})
	require.NoError(t, err)
	require.Equal(t, map[string]catalog.ProductID{old.Slug: old.ID}, slugs, "a refused row leaves no slug")
	left, err := s.Products.FindSKUs(t.Context(), catalog.SKUQuery{IDs: []catalog.SKUID{
		sameID.SKUs[0].ID, sameSlug.SKUs[0].ID, sameSKU.SKUs[0].ID, sameCode.SKUs[0].ID, sameCode.SKUs[1].ID,
	}})
	require.NoError(t, err)
	require.Empty(t, left, "a refused row leaves no SKU")

	sameCode.SKUs[1].Code = "FRESH-" + newID()
	insertProducts(t, s, &sameCode)
	requireProduct(t, s, sameCode)
}

func productInsertRepeated(t T, s storage.Stores) {
	a, sameID, sameSlug, sameCode := newProduct(), newProduct(), newProduct(), newProduct()
	sameID.ID, sameSlug.Slug, sameCode.Merchant = a.ID, a.Slug, a.Merchant
	errs, err := s.Products.InsertMany(t.Context(), []*catalog.Product{&a, &sameID, &sameSlug, &sameCode})
	require.NoError(t, err)
	refused := 0
	for _, err := range errs {
		if err != nil {
			require.ErrorIs(t, err, fault.AlreadyExists)
			refused++
		}
	}
	require.Positive(t, refused)
	for i, p := range []catalog.Product{a, sameID, sameSlug, sameCode} {
		if errs[i] == nil {
			requireProduct(t, s, p)
		}
	}
}

func productCodes(t T, s storage.Stores) {
	a, b := newProduct(), newProduct()
	insertProducts(t, s, &a, &b) // the same codes, two merchants
	c := newProduct()
	c.Merchant, c.SKUs = a.Merchant, c.SKUs[:1]
	c.SKUs[0].Code = strings.ToLower(a.SKUs[0].Code)
	insertProducts(t, s, &c) // another case is another code
	requireProduct(t, s, c)
}

func productSlugs(t T, s storage.Stores) {
	p, other := newProduct(), newProduct()
	insertProducts(t, s, &p, &other)
	first := p.Slug
	p.Slug = first + "-second"
	require.NoError(t, updateProduct(t.Context(), s, &p))

	found, err := s.Products.FindSlugs(t.Context(), []string{first, p.Slug, "nobody-" + newID()})
	require.NoError(t, err)
	require.Equal(t, map[string]catalog.ProductID{first: p.ID, p.Slug: p.ID}, found)

	kept := other.Slug
	other.Slug = first
	require.ErrorIs(t, updateProduct(t.Context(), s, &other), fault.AlreadyExists)
	require.EqualValues(t, 1, other.Version, "the argument is unchanged on error")
	other.Slug = kept
	requireProduct(t, s, other)

	p.Slug = first
	require.NoError(t, updateProduct(t.Context(), s, &p), "a product may return to its old slug")
	requireProduct(t, s, p)
	found, err = s.Products.FindSlugs(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, found)
}

func productStale(t T, s storage.Stores) {
	p := newProduct()
	insertProducts(t, s, &p)
	old := p.Clone()
	p.TaxClass = "second"
	require.NoError(t, updateProduct(t.Context(), s, &p))

	old.Slug += "-lost"
	old.SKUs = append(old.SKUs, catalog.SKU{ID: catalog.SKUID(newID()), Code: "LOST"})
	before := old.Clone()
	fresh, fine := newProduct(), newProduct()
	insertProducts(t, s, &fine)
	fine.TaxClass = "changed"
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		errs, err := s.Products.UpdateMany(ctx, []*catalog.Product{&old, &fresh, &fine})
		require.NoError(t, err)
		require.ErrorIs(t, errs[0], fault.Conflict)
		require.ErrorIs(t, errs[1], fault.NotFound)
		require.NoError(t, errs[2])
		return nil
	}))
	require.Equal(t, before, old, "the argument is unchanged on error")
	requireProduct(t, s, p)
	requireProduct(t, s, fine)
	slugs, err := s.Products.FindSlugs(t.Context(), []string{old.Slug, fresh.Slug})
	require.NoError(t, err)
	require.Empty(t, slugs)
	skus, err := s.Products.FindSKUs(t.Context(), catalog.SKUQuery{IDs: []catalog.SKUID{old.SKUs[2].ID, fresh.SKUs[0].ID}})
	require.NoError(t, err)
	require.Empty(t, skus)
}

func productUpdateSKUs(t T, s storage.Stores) {
	p, other := newProduct(), newProduct()
	insertProducts(t, s, &p, &other)
	p.SKUs = append(p.SKUs, catalog.SKU{ID: catalog.SKUID(newID()), Code: "TEA-200", Choices: []string{"200g"}})
	p.SKUs[0].WeightGrams, p.SKUs[0].Archived = 70, true
	require.NoError(t, updateProduct(t.Context(), s, &p))
	requireProduct(t, s, p)

	thief := p.Clone()
	thief.SKUs = append(thief.SKUs, catalog.SKU{ID: other.SKUs[0].ID, Code: "STOLEN"})
	require.ErrorIs(t, updateProduct(t.Context(), s, &thief), fault.AlreadyExists)
	double := p.Clone()
	double.SKUs = append(double.SKUs, catalog.SKU{ID: catalog.SKUID(newID()), Code: "TEA-50"})
	require.ErrorIs(t, updateProduct(t.Context(), s, &double), fault.AlreadyExists)
	requireProduct(t, s, p)
	requireProduct(t, s, other)
}

func productLostUpdate(t T, s storage.Stores) {
	p := newProduct()
	insertProducts(t, s, &p)
	errs := together(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := p.Clone()
		mine.TaxClass = strconv.Itoa(i)
		mine.SKUs = append(mine.SKUs, catalog.SKU{ID: catalog.SKUID(newID()), Code: "N-" + strconv.Itoa(i)})
		return updateProduct(ctx, s, &mine)
	})
	won := -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, won, "two won")
			won = i
			continue
		}
		require.ErrorIs(t, err, fault.Conflict)
	}
	require.NotEqual(t, -1, won)
	got, err := s.Products.Get(t.Context(), p.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Version)
	require.Equal(t, strconv.Itoa(won), got.TaxClass)
	require.Len(t, got.SKUs, 3, "the losers' SKUs are gone")
}

func productSlugRace(t T, s storage.Stores) {
	slug := "race-" + newID()
	ids := make([]catalog.ProductID, 8)
	errs := together(t.Context(), len(ids), func(ctx context.Context, i int) error {
		p := newProduct()
		p.Slug, ids[i] = slug, p.ID
		errs, err := s.Products.InsertMany(ctx, []*catalog.Product{&p})
		if err != nil {
			return err
		}
		return errs[0]
	})
	var winner catalog.ProductID
	for i, err := range errs {
		if err == nil {
			require.Empty(t, winner, "two won")
			winner = ids[i]
			continue
		}
		require.ErrorIs(t, err, fault.AlreadyExists)
	}
	held, err := s.Products.FindSlugs(t.Context(), []string{slug})
	require.NoError(t, err)
	require.Equal(t, map[string]catalog.ProductID{slug: winner}, held)
	all, err := s.Products.GetMany(t.Context(), ids)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func productRollback(t T, s storage.Stores) {
	p, q := newProduct(), newProduct()
	insertProducts(t, s, &q)
	before := q.Clone()
	err := s.Units.Do(t.Context(), func(ctx context.Context) error {
		errs, err := s.Products.InsertMany(ctx, []*catalog.Product{&p})
		require.NoError(t, err)
		require.NoError(t, errs[0])
		q.Slug, q.TaxClass = q.Slug+"-x", "x"
		require.NoError(t, updateProduct(ctx, s, &q))
		_, err = s.Products.Get(ctx, p.ID)
		require.NoError(t, err, "the unit sees its own rows")
		return errBoom
	})
	require.ErrorIs(t, err, errBoom)
	requireProduct(t, s, before)
	found, err := s.Products.FindSlugs(t.Context(), []string{p.Slug, q.Slug})
	require.NoError(t, err)
	require.Empty(t, found)
	skus, err := s.Products.FindSKUs(t.Context(), catalog.SKUQuery{Merchants: []ref.MerchantID{p.Merchant}, Codes: []string{"TEA-50"}})
	require.NoError(t, err)
	require.Empty(t, skus)
}

func productCopies(t T, s storage.Stores) {
	p := newProduct()
	insertProducts(t, s, &p)
	want := p.Clone()
	spoil := func(p *catalog.Product) {
		p.Title[ref.English] = "spoilt"
		p.Options[0].Values[0].Code = "spoilt"
		p.Attributes[0].Values[0][ref.English] = "spoilt"
		p.Pictures[0].Alt[ref.English] = "spoilt"
		p.SKUs[0].Choices[0] = "spoilt"
		p.Publications[0].Channel = "spoilt"
	}
	spoil(&p)
	requireProduct(t, s, want)
	got, err := s.Products.Get(t.Context(), want.ID)
	require.NoError(t, err)
	spoil(&got)
	many, err := s.Products.GetMany(t.Context(), []catalog.ProductID{want.ID})
	require.NoError(t, err)
	spoil(&many[0])
	requireProduct(t, s, want)
}

func productFindSKUs(t T, s storage.Stores) {
	a, b := newProduct(), newProduct()
	root := newCategory(nil)
	leaf := newCategory(&root)
	insertCategories(t, s, &root, &leaf)
	b.Category = leaf.ID
	insertProducts(t, s, &a, &b)
	refOf := func(p catalog.Product, i int) catalog.SKURef {
		return catalog.SKURef{SKU: p.SKUs[i].ID, Code: p.SKUs[i].Code, Product: p.ID, Merchant: p.Merchant}
	}
	find := func(q catalog.SKUQuery) []catalog.SKURef {
		got, err := s.Products.FindSKUs(t.Context(), q)
		require.NoError(t, err)
		return got
	}
	ids := []catalog.SKUID{b.SKUs[0].ID, a.SKUs[1].ID, catalog.SKUID(newID()), a.SKUs[1].ID}
	require.Equal(t, bySKU(refOf(a, 1), refOf(b, 0)), find(catalog.SKUQuery{IDs: ids}))
	require.Equal(t, []catalog.SKURef{refOf(a, 1)}, find(catalog.SKUQuery{IDs: ids, Merchants: []ref.MerchantID{a.Merchant}}))
	holding, err := s.Products.Holding(t.Context(), ids)
	require.NoError(t, err)
	b.Within = []catalog.CategoryID{root.ID, leaf.ID}
	both := []catalog.Product{a, b}
	slices.SortFunc(both, func(a, b catalog.Product) int { return strings.Compare(string(a.ID), string(b.ID)) })
	require.Equal(t, both, holding)
	holding, err = s.Products.Holding(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, holding)
	codes := []string{"TEA-100", "TEA-50", "NONE"}
	mine := []ref.MerchantID{a.Merchant}
	require.Equal(t, bySKU(refOf(a, 0), refOf(a, 1)), find(catalog.SKUQuery{Merchants: mine, Codes: codes}))
	owners := []ref.MerchantID{a.Merchant, b.Merchant, ref.MerchantID(newID())}
	require.Equal(t, bySKU(refOf(a, 0), refOf(b, 0)), find(catalog.SKUQuery{Merchants: owners, Codes: codes[1:]}))
	require.Empty(t, find(catalog.SKUQuery{Codes: codes}))
	require.Empty(t, find(catalog.SKUQuery{}))
}

func bySKU(refs ...catalog.SKURef) []catalog.SKURef {
	slices.SortFunc(refs, func(a, b catalog.SKURef) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return refs
}

func productPages(t T, s storage.Stores) {
	merchant := ref.MerchantID(newID())
	category, brand := catalog.CategoryID(newID()), catalog.BrandID(newID())
	var want []catalog.ProductID
	add := func(archived bool) catalog.ProductID {
		p := newProduct()
		p.Merchant, p.Category, p.Brand, p.SKUs = merchant, category, brand, p.SKUs[:1]
		p.SKUs[0].Code = newID()
		if !archived {
			p.ArchivedAt = time.Time{}
		}
		insertProducts(t, s, &p)
		return p.ID
	}
	for i := range 9 {
		if id := add(i%3 == 2); i%3 != 2 {
			want = append(want, id)
		}
	}
	for _, q := range []catalog.ProductQuery{{Merchant: merchant}, {Category: category}, {Brand: brand, Merchant: merchant}} {
		var seen []catalog.ProductID
		req := page.Request{Limit: 2}
		for {
			p, err := s.Products.List(t.Context(), q, req)
			require.NoError(t, err)
			for _, item := range p.Items {
				require.False(t, item.Archived())
				require.Len(t, item.SKUs, 1)
				seen = append(seen, item.ID)
			}
			if len(seen) == 2 {
				add(false) // an insert between two pages
			}
			if p.Next == "" {
				break
			}
			req.After = p.Next
		}
		require.True(t, slices.IsSorted(seen))
		require.Len(t, slices.Compact(slices.Clone(seen)), len(seen), "a row repeats")
		require.Subset(t, seen, want, "a row was skipped")
	}
	archived, err := s.Products.List(t.Context(), catalog.ProductQuery{Merchant: merchant, Archived: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, archived.Items, 3)
	_, err = s.Products.List(t.Context(), catalog.ProductQuery{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}
