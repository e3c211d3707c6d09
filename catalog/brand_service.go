package catalog

import (
	"context"
	"strconv"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// BrandInput is a brand's content.
type BrandInput struct {
	// ID is the host's own id; a change ignores it. Defaults to a minted one.
	ID BrandID
	// Slug is unique among brands. Defaults to one made of the name, or, in a
	// change, to the current one.
	Slug    string
	Name    Text // required
	Picture string
}

// CreateBrands adds brands, all or none. Staff only. Kinds: Invalid (paths
// begin with the row, "[2].name"), PermissionDenied, AlreadyExists.
func (s *Service) CreateBrands(ctx context.Context, scope ref.Scope, in []BrandInput) ([]Brand, error) {
	if !scope.All() {
		return nil, denied()
	}
	if err := checkBatch(len(in)); err != nil {
		return nil, err
	}
	now, ids := s.cfg.Clock.Now(), s.mint(2*len(in))
	var v fault.Violations
	rows := make([]Brand, len(in))
	for i, row := range in {
		b := Brand{ID: row.ID, Slug: row.Slug, Name: row.Name.clone(), Picture: row.Picture, CreatedAt: now, UpdatedAt: now}
		if b.ID == "" {
			b.ID = BrandID(ids[i])
		}
		if b.Slug == "" {
			b.Slug = s.slugOf(b.Name, string(b.ID))
		}
		if err := b.check(); err != nil && !v.Merge("["+strconv.Itoa(i)+"]", err) {
			return nil, err
		}
		rows[i] = b
	}
	if err := v.Err("brand.invalid", "the brands are not valid"); err != nil {
		return nil, err
	}
	var out []Brand
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		out = make([]Brand, len(rows))
		ptrs := make([]*Brand, len(rows))
		for i := range rows {
			out[i] = rows[i].Clone()
			ptrs[i] = &out[i]
		}
		errs, err := slugged[Brand]{
			insert: s.cfg.Brands.InsertMany,
			slug:   func(b *Brand) *string { return &b.Slug },
			id:     func(b *Brand) string { return string(b.ID) },
		}.insertAll(ctx, ptrs, func(i int) bool { return in[i].Slug == "" })
		if err != nil {
			return err
		}
		j := &journal{ids: ids[len(in):], at: now}
		for i, err := range errs {
			if err != nil {
				return err
			}
			if err := j.add(BrandTopic, string(out[i].ID), BrandChanged{Brand: out[i].ID, Version: out[i].Version}); err != nil {
				return err
			}
		}
		return s.append(ctx, j)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ChangeBrand replaces a brand's content. Staff only. Kinds: Invalid,
// PermissionDenied, NotFound, AlreadyExists where another brand has or had
// the slug, Conflict where version is not the newest.
func (s *Service) ChangeBrand(ctx context.Context, scope ref.Scope, id BrandID, version int64, in BrandInput) (Brand, error) {
	if !scope.All() {
		return Brand{}, denied()
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var b Brand
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if b, err = s.Brand(ctx, id); err != nil {
			return err
		}
		b.Name, b.Picture, b.UpdatedAt, b.Version = in.Name.clone(), in.Picture, now, version
		if in.Slug != "" {
			b.Slug = in.Slug
		}
		if err := b.check(); err != nil {
			return err
		}
		if err := s.cfg.Brands.Update(ctx, &b); err != nil {
			return err
		}
		rec, err := event.New(eventID, BrandTopic, string(id), now, BrandChanged{Brand: id, Version: b.Version})
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Brand{}, err
	}
	return b, nil
}

// Brand returns a brand. NotFound.
func (s *Service) Brand(ctx context.Context, id BrandID) (Brand, error) {
	if !ref.ValidID(string(id)) {
		return Brand{}, fault.New(fault.NotFound, "brand.not_found", "no such object")
	}
	return s.cfg.Brands.Get(ctx, id)
}

// BrandBySlug returns the brand that has or had a slug. NotFound.
func (s *Service) BrandBySlug(ctx context.Context, slug string) (Brand, error) {
	if !plausible(slug) {
		return Brand{}, noSlug("brand")
	}
	return s.cfg.Brands.FindSlug(ctx, slug)
}

// BrandsByID returns the brands that exist, in the order of ids.
func (s *Service) BrandsByID(ctx context.Context, ids []BrandID) ([]Brand, error) {
	return s.cfg.Brands.GetMany(ctx, valid(ids))
}

// Brands pages through all brands by slug. Invalid for a foreign cursor.
func (s *Service) Brands(ctx context.Context, p page.Request) (page.Page[Brand], error) {
	return s.cfg.Brands.List(ctx, p)
}

// slugOf makes a slug of a text in the site's words, of the id where the text
// gives none.
func (s *Service) slugOf(t Text, id string) string {
	if slug := Slugify(t.In(s.cfg.Locale)); slug != "" {
		return slug
	}
	return tail(id, 12)
}

func checkBatch(n int) error {
	if n > MaxBatch {
		return fault.New(fault.Invalid, "catalog.batch", "too many rows in one call").
			WithField("", "too_many", fault.Params{"max": MaxBatch})
	}
	return nil
}
