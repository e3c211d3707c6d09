package catalog

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// CreateInput is a new product.
type CreateInput struct {
	// ID is the host's own id. Defaults to a minted one.
	ID ProductID
	// Merchant owns the product, and is registered where Config.Merchants tells.
	// Required of staff; a merchant may leave it empty and name nobody else.
	Merchant ref.MerchantID
	ProductInput
	// Publish names the channels in which it is shown at once; none leaves a
	// draft.
	Publish []ref.ChannelID
}

// CreateProduct adds a product. Kinds: Invalid with every wrong field,
// PermissionDenied, FailedPrecondition where it is to be published without a
// SKU, AlreadyExists, code "product.exists", where id, slug or a SKU's code
// is taken.
func (s *Service) CreateProduct(ctx context.Context, scope ref.Scope, in CreateInput) (Product, error) {
	results, err := s.create(ctx, scope, []CreateInput{in}, false)
	if err != nil {
		return Product{}, err
	}
	return results[0].product, results[0].err
}

// ChangeProduct replaces a product's content. Kinds: Invalid with every wrong
// field, NotFound, FailedPrecondition where the product is archived,
// AlreadyExists where a new slug or SKU code is taken, Conflict where version
// is not the newest.
func (s *Service) ChangeProduct(ctx context.Context, scope ref.Scope, id ProductID, version int64, in ProductInput) (Product, error) {
	mint := s.mintSKUs(len(in.SKUs))
	return s.edit(ctx, scope, id, version, func(p *Product, now time.Time) ([]note, error) {
		if p.Archived() {
			return nil, archived(id)
		}
		if err := p.apply(in, mint); err != nil {
			return nil, err
		}
		p.UpdatedAt = now
		return []note{productChanged}, nil
	})
}

// GenerateInput says how SKUs are generated.
type GenerateInput struct {
	// Base begins every new code, followed by the choices. Defaults to the
	// slug, or to the end of the product's id where the slug is long.
	Base string
}

// GenerateSKUs adds a SKU for every combination of the options that has none
// yet, archived ones counted, and keeps those that exist. Kinds: Invalid,
// NotFound, FailedPrecondition where the product is archived, Exhausted, code
// "product.sku_cap", where there would be more than [MaxSKUs], AlreadyExists
// where the merchant uses a code elsewhere, Conflict where version is not the
// newest.
func (s *Service) GenerateSKUs(ctx context.Context, scope ref.Scope, id ProductID, version int64, in GenerateInput) (Product, error) {
	var v fault.Violations
	checkBytes(&v, "base", in.Base, false, MaxCode)
	if err := v.Err("product.invalid", "the product is not valid"); err != nil {
		return Product{}, err
	}
	mint := s.mintSKUs(MaxSKUs)
	return s.edit(ctx, scope, id, version, func(p *Product, now time.Time) ([]note, error) {
		if p.Archived() {
			return nil, archived(id)
		}
		base := in.Base
		if base == "" {
			base = p.codeBase()
		}
		added, err := p.generate(base, mint)
		if err != nil || added == 0 {
			return nil, err
		}
		p.UpdatedAt = now
		return []note{productChanged}, nil
	})
}

// PublishInput says where and when a product is shown.
type PublishInput struct {
	Product ProductID
	Version int64
	Channel ref.ChannelID
	// From and Until bound the half-open window in which it is shown; a zero
	// time leaves that side open.
	From  time.Time
	Until time.Time
}

// Publish shows a product in a channel, from now or in a window, or replaces
// the window. Kinds: Invalid, NotFound, FailedPrecondition where the product
// is archived or has no SKU, Conflict where the version is not the newest.
func (s *Service) Publish(ctx context.Context, scope ref.Scope, in PublishInput) (Product, error) {
	if err := checkWindow(in.Channel, in.From, in.Until); err != nil {
		return Product{}, err
	}
	return s.edit(ctx, scope, in.Product, in.Version, func(p *Product, now time.Time) ([]note, error) {
		if err := p.publish(in.Channel, in.From, in.Until, now); err != nil {
			return nil, err
		}
		return []note{published(in.Channel)}, nil
	})
}

// Unpublish takes a product off a channel. Kinds: NotFound,
// FailedPrecondition where it is not published there, Conflict where version
// is not the newest.
func (s *Service) Unpublish(ctx context.Context, scope ref.Scope, id ProductID, version int64, channel ref.ChannelID) (Product, error) {
	return s.edit(ctx, scope, id, version, func(p *Product, now time.Time) ([]note, error) {
		if err := p.unpublish(channel, now); err != nil {
			return nil, err
		}
		return []note{published(channel)}, nil
	})
}

// Archive takes a product out of the catalogue and off every channel; its
// slugs and SKU codes stay taken, and orders that name it are unchanged.
// Kinds: NotFound, FailedPrecondition where it is archived, Conflict where
// version is not the newest.
func (s *Service) Archive(ctx context.Context, scope ref.Scope, id ProductID, version int64) (Product, error) {
	return s.edit(ctx, scope, id, version, func(p *Product, now time.Time) ([]note, error) {
		if p.Archived() {
			return nil, archived(id)
		}
		p.ArchivedAt, p.UpdatedAt = now, now
		return []note{func(p Product) event.Payload {
			return ProductArchived{Product: p.ID, Merchant: p.Merchant, Version: p.Version}
		}}, nil
	})
}

// Restore takes a product back from the archive; where it was published
// before, it is shown again. Kinds: NotFound, FailedPrecondition where it is
// not archived, Conflict where version is not the newest.
func (s *Service) Restore(ctx context.Context, scope ref.Scope, id ProductID, version int64) (Product, error) {
	return s.edit(ctx, scope, id, version, func(p *Product, now time.Time) ([]note, error) {
		if !p.Archived() {
			return nil, fault.New(fault.FailedPrecondition, "product.not_archived", "the product is not archived").
				With("product", string(id))
		}
		p.ArchivedAt, p.UpdatedAt = time.Time{}, now
		return []note{productChanged}, nil
	})
}

// note makes an event of a product as it was stored.
type note func(Product) event.Payload

func productChanged(p Product) event.Payload {
	return ProductChanged{Product: p.ID, Merchant: p.Merchant, SKUs: p.skuIDs(), Version: p.Version}
}

func published(channel ref.ChannelID) note {
	return func(p Product) event.Payload {
		pub := p.In(channel)
		return ProductPublished{
			Product: p.ID, Merchant: p.Merchant, Channel: channel,
			State: pub.State, From: pub.From, Until: pub.Until, Version: p.Version,
		}
	}
}

func (p Product) skuIDs() []SKUID {
	ids := make([]SKUID, len(p.SKUs))
	for i, s := range p.SKUs {
		ids[i] = s.ID
	}
	return ids
}

// write is one product of a bulk write.
type write struct {
	product  Product
	insert   bool
	madeSlug bool
	notes    []note
	err      error // decided before the store was asked, or by it
}

// store writes what has no error yet and appends the events, in the unit of
// ctx. Errors of single rows are left in them.
func (s *Service) store(ctx context.Context, rows []*write, j *journal) error {
	if err := s.checkRefs(ctx, rows); err != nil {
		return err
	}
	var inserts, updates []*write
	for _, w := range rows {
		switch {
		case w.err != nil || len(w.notes) == 0:
		case w.insert:
			inserts = append(inserts, w)
		default:
			updates = append(updates, w)
		}
	}
	products := func(ws []*write) []*Product {
		out := make([]*Product, len(ws))
		for i, w := range ws {
			out[i] = &w.product
		}
		return out
	}
	if len(inserts) > 0 {
		errs, err := slugged[Product]{
			insert: s.cfg.Products.InsertMany,
			slug:   func(p *Product) *string { return &p.Slug },
			id:     func(p *Product) string { return string(p.ID) },
		}.insertAll(ctx, products(inserts), func(i int) bool { return inserts[i].madeSlug })
		if err != nil {
			return err
		}
		for i, err := range errs {
			inserts[i].err = err
		}
	}
	if len(updates) > 0 {
		errs, err := s.cfg.Products.UpdateMany(ctx, products(updates))
		if err != nil {
			return err
		}
		for i, err := range errs {
			updates[i].err = err
		}
	}
	for _, w := range rows {
		if w.err != nil {
			continue
		}
		for _, n := range w.notes {
			if err := j.add(Topic, string(w.product.ID), n(w.product)); err != nil {
				return err
			}
		}
	}
	return s.append(ctx, j)
}

// checkRefs notes products that name a brand or category that does not exist.
func (s *Service) checkRefs(ctx context.Context, rows []*write) error {
	var brandIDs []BrandID
	var categoryIDs []CategoryID
	for _, w := range rows {
		if w.err == nil {
			brandIDs, categoryIDs = append(brandIDs, w.product.Brand), append(categoryIDs, w.product.Category)
		}
	}
	brands, categories := map[BrandID]bool{"": true}, map[CategoryID]bool{"": true}
	if ids := distinct(brandIDs); len(ids) > 0 {
		found, err := s.cfg.Brands.GetMany(ctx, valid(ids))
		if err != nil {
			return err
		}
		for _, b := range found {
			brands[b.ID] = true
		}
	}
	if ids := distinct(categoryIDs); len(ids) > 0 {
		found, err := s.cfg.Categories.GetMany(ctx, valid(ids))
		if err != nil {
			return err
		}
		for _, c := range found {
			categories[c.ID] = true
		}
	}
	for _, w := range rows {
		if w.err != nil {
			continue
		}
		var v fault.Violations
		if !brands[w.product.Brand] {
			v.Add("brand", "unknown", nil)
		}
		if !categories[w.product.Category] {
			v.Add("category", "unknown", nil)
		}
		w.err = v.Err("product.invalid", "the product is not valid")
	}
	return nil
}

// edit changes one product of the scope in a unit. No note means that fn
// found nothing to change.
func (s *Service) edit(ctx context.Context, scope ref.Scope, id ProductID, version int64,
	fn func(p *Product, now time.Time) ([]note, error),
) (Product, error) {
	now, ids := s.cfg.Clock.Now(), s.mint(1)
	var out Product
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		p, err := s.owned(ctx, scope, id)
		if err != nil {
			return err
		}
		if p.Version != version {
			return fault.New(fault.Conflict, "product.stale", "the object changed meanwhile")
		}
		w := &write{product: p}
		if w.notes, err = fn(&w.product, now); err != nil {
			return err
		}
		if err := s.store(ctx, []*write{w}, &journal{ids: ids, at: now}); err != nil {
			return err
		}
		out = w.product
		return w.err
	})
	if err != nil {
		return Product{}, err
	}
	return out, nil
}

// owned returns a product that the scope may edit. NotFound.
func (s *Service) owned(ctx context.Context, scope ref.Scope, id ProductID) (Product, error) {
	if !scope.All() && scope.Merchant() == "" || !ref.ValidID(string(id)) {
		return Product{}, missing(id)
	}
	p, err := s.cfg.Products.Get(ctx, id)
	if err != nil {
		return Product{}, err
	}
	if !owns(scope, p.Merchant) {
		return Product{}, missing(id)
	}
	return p, nil
}

func owns(scope ref.Scope, merchant ref.MerchantID) bool {
	return scope.All() || merchant != "" && scope.Merchant() == merchant
}

func (s *Service) mintSKUs(n int) []SKUID {
	ids := make([]SKUID, n)
	for i, id := range s.mint(n) {
		ids[i] = SKUID(id)
	}
	return ids
}

func checkWindow(channel ref.ChannelID, from, until time.Time) error {
	var v fault.Violations
	if channel == "" {
		v.Add("channel", "required", nil)
	}
	checkID(&v, "channel", string(channel))
	if !until.IsZero() && !from.Before(until) {
		v.Add("until", "not_after", fault.Params{"field": "from"})
	}
	return v.Err("product.window", "the publication is not valid")
}

func missing(id ProductID) *fault.Fault {
	return fault.New(fault.NotFound, "product.not_found", "no such object").With("id", id)
}
