package catalog

import (
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Product returns a product as its owner sees it, drafts and archived SKUs
// included: a merchant's own one, any for staff and system. NotFound. What
// buyers see, [Service.View] returns.
func (s *Service) Product(ctx context.Context, scope ref.Scope, id ProductID) (Product, error) {
	return s.owned(ctx, scope, id)
}

// Products pages through a merchant's own products, through all for staff and
// system. Kinds: PermissionDenied for buyers, Invalid for a foreign cursor.
func (s *Service) Products(ctx context.Context, scope ref.Scope, q ProductQuery, p page.Request) (page.Page[Product], error) {
	if !scope.All() {
		own := scope.Merchant()
		switch {
		case own == "":
			return page.Page[Product]{}, denied()
		case q.Merchant != "" && q.Merchant != own:
			return page.Page[Product]{}, nil
		}
		q.Merchant = own
	}
	return s.cfg.Products.List(ctx, q, p)
}

// FindSKUs returns where SKUs belong, by id or by a merchant's codes: a
// merchant's own ones, any for staff and system. Those outside the scope are
// left out as if they did not exist. PermissionDenied for buyers, Invalid for
// more than [MaxBatch].
func (s *Service) FindSKUs(ctx context.Context, scope ref.Scope, q SKUQuery) ([]SKURef, error) {
	if !scope.All() && scope.Merchant() == "" {
		return nil, denied()
	}
	if err := checkBatch(max(len(q.IDs), len(q.Codes), len(q.Merchants))); err != nil {
		return nil, err
	}
	if own := scope.Merchant(); own != "" {
		if len(q.Merchants) > 0 && !slices.Contains(q.Merchants, own) {
			return nil, nil
		}
		q.Merchants = []ref.MerchantID{own}
	}
	ids := len(q.IDs)
	q.Merchants = valid(q.Merchants)
	if q.IDs, q.Codes = valid(q.IDs), valid(q.Codes); ids > 0 && len(q.IDs) == 0 {
		return nil, nil
	}
	return s.cfg.Products.FindSKUs(ctx, q)
}

// View returns a product as the buyers of a channel see it: published there
// now, without archived SKUs. Slug may be an earlier one; where the answer's
// Slug differs, send the buyer there for good. NotFound.
func (s *Service) View(ctx context.Context, channel ref.ChannelID, slug string) (Product, error) {
	if !plausible(slug) {
		return Product{}, noSlug("product")
	}
	found, err := s.cfg.Products.FindSlugs(ctx, []string{slug})
	if err != nil {
		return Product{}, err
	}
	id, ok := found[slug]
	if !ok {
		return Product{}, noSlug("product")
	}
	products, err := s.ViewMany(ctx, channel, []ProductID{id})
	if err != nil {
		return Product{}, err
	}
	if len(products) == 0 {
		return Product{}, noSlug("product")
	}
	return products[0], nil
}

// ViewMany returns the products that the buyers of a channel see now, in the
// order of ids and without archived SKUs. Invalid for more than [MaxBatch].
func (s *Service) ViewMany(ctx context.Context, channel ref.ChannelID, ids []ProductID) ([]Product, error) {
	if err := checkBatch(len(ids)); err != nil {
		return nil, err
	}
	found, err := s.cfg.Products.GetMany(ctx, valid(ids))
	if err != nil {
		return nil, err
	}
	now := s.cfg.Clock.Now()
	out := make([]Product, 0, len(found))
	for _, p := range found {
		if p.Shown(channel, now) {
			p.SKUs = p.Active()
			out = append(out, p)
		}
	}
	return out, nil
}

// Merchants returns whose SKUs they are; unknown ones are left out. One
// statement.
func (s *Service) Merchants(ctx context.Context, skus []SKUID) (map[SKUID]ref.MerchantID, error) {
	found, err := s.cfg.Products.FindSKUs(ctx, SKUQuery{IDs: valid(skus)})
	if err != nil {
		return nil, err
	}
	out := make(map[SKUID]ref.MerchantID, len(found))
	for _, r := range found {
		out[r.SKU] = r.Merchant
	}
	return out, nil
}

// valid leaves out what cannot be an id or a code: a store is not asked for
// broken text.
func valid[K ~string](ids []K) []K {
	return slices.DeleteFunc(slices.Clone(ids), func(id K) bool { return !ref.ValidID(string(id)) })
}
