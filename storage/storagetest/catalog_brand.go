package storagetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

func catalogBrandCases() []Case {
	return []Case{
		{Name: "insert and get return the same brand", Run: brandRoundTrip},
		{Name: "a refused row leaves nothing and does not disturb the others", Run: brandRefused},
		{Name: "a stale update is refused and changes nothing", Run: brandStale},
		{Name: "a slug stays with its brand for ever", Run: brandSlugs},
		{Name: "pages go by slug", Run: brandPages},
	}
}

func newBrand() catalog.Brand {
	id := newID()
	return catalog.Brand{
		ID: catalog.BrandID(id), Slug: "b-" + id, Picture: "logos/tea.png",
		Name:      catalog.Text{ref.English: "Tea & Co", ref.Chinese: "茶"},
		CreatedAt: noon(), UpdatedAt: noon(),
	}
}

func insertBrands(t T, s storage.Stores, all ...*catalog.Brand) {
	errs, err := s.Brands.InsertMany(t.Context(), all)
	require.NoError(t, err)
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func brandRoundTrip(t T, s storage.Stores) {
	b, other := newBrand(), newBrand()
	insertBrands(t, s, &b, &other)
	require.EqualValues(t, 1, b.Version)
	b.Name[ref.English] = "renamed"
	b.Picture = ""
	require.NoError(t, s.Brands.Update(t.Context(), &b))
	require.EqualValues(t, 2, b.Version)
	got, err := s.Brands.GetMany(t.Context(), []catalog.BrandID{other.ID, catalog.BrandID(newID()), b.ID})
	require.NoError(t, err)
	require.Equal(t, []catalog.Brand{other, b}, got)
	got[1].Name[ref.English] = "spoilt"
	again, err := s.Brands.Get(t.Context(), b.ID)
	require.NoError(t, err)
	require.Equal(t, b, again)
	_, err = s.Brands.Get(t.Context(), catalog.BrandID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func brandRefused(t T, s storage.Stores) {
	old := newBrand()
	insertBrands(t, s, &old)
	sameID, sameSlug, fine := newBrand(), newBrand(), newBrand()
	sameID.ID, sameSlug.Slug = old.ID, old.Slug
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		errs, err := s.Brands.InsertMany(ctx, []*catalog.Brand{&sameID, &sameSlug, &fine})
		require.NoError(t, err)
		require.ErrorIs(t, errs[0], fault.AlreadyExists)
		require.ErrorIs(t, errs[1], fault.AlreadyExists)
		require.NoError(t, errs[2])
		require.EqualValues(t, 0, sameSlug.Version, "the argument is unchanged on error")
		return nil
	}))
	_, err := s.Brands.FindSlug(t.Context(), sameID.Slug)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Brands.Get(t.Context(), sameSlug.ID)
	require.ErrorIs(t, err, fault.NotFound)
	got, err := s.Brands.Get(t.Context(), fine.ID)
	require.NoError(t, err)
	require.Equal(t, fine, got)
}

func brandStale(t T, s storage.Stores) {
	b := newBrand()
	insertBrands(t, s, &b)
	old := b.Clone()
	b.Picture = "second"
	require.NoError(t, s.Brands.Update(t.Context(), &b))
	old.Slug += "-lost"
	require.ErrorIs(t, s.Brands.Update(t.Context(), &old), fault.Conflict)
	require.EqualValues(t, 1, old.Version)
	_, err := s.Brands.FindSlug(t.Context(), old.Slug)
	require.ErrorIs(t, err, fault.NotFound)
	none := newBrand()
	require.ErrorIs(t, s.Brands.Update(t.Context(), &none), fault.NotFound)
}

func brandSlugs(t T, s storage.Stores) {
	b, other := newBrand(), newBrand()
	insertBrands(t, s, &b, &other)
	first := b.Slug
	b.Slug = first + "-second"
	require.NoError(t, s.Brands.Update(t.Context(), &b))
	for _, slug := range []string{first, b.Slug} {
		got, err := s.Brands.FindSlug(t.Context(), slug)
		require.NoError(t, err)
		require.Equal(t, b, got)
	}
	other.Slug = first
	require.ErrorIs(t, s.Brands.Update(t.Context(), &other), fault.AlreadyExists)
	b.Slug = first
	require.NoError(t, s.Brands.Update(t.Context(), &b))

	p := newProduct() // slugs of products are another set
	p.Slug = b.Slug
	insertProducts(t, s, &p)
}

func brandPages(t T, s storage.Stores) {
	prefix := "page-" + newID() + "-"
	for _, end := range []string{"c", "a", "d", "b"} {
		b := newBrand()
		b.Slug = prefix + end
		insertBrands(t, s, &b)
	}
	var seen []string
	req := page.Request{Limit: 3}
	for {
		p, err := s.Brands.List(t.Context(), req)
		require.NoError(t, err)
		for _, b := range p.Items {
			if len(b.Slug) == len(prefix)+1 && b.Slug[:len(prefix)] == prefix {
				seen = append(seen, b.Slug[len(prefix):])
			}
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Equal(t, []string{"a", "b", "c", "d"}, seen)
	_, err := s.Brands.List(t.Context(), page.Request{After: page.Encode("brand.other", "x", "y")})
	require.ErrorIs(t, err, fault.Invalid)
}
