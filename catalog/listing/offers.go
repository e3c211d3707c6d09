package listing

import (
	"context"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
)

var (
	_ cart.Offers        = (*Service)(nil)
	_ cart.PriceVersions = (*Service)(nil)
)

// Offers implements [cart.Offers] from the catalogue, the prices, the stock
// and the merchants themselves, in a number of statements that does not depend
// on the SKUs: what is put into a cart or charged is never a moment old.
// Unknown SKUs are left out. Kinds: NotFound for an unknown channel.
func (s *Service) Offers(ctx context.Context, q cart.OfferQuery, skus []ref.SKUID) (map[ref.SKUID]cart.Offer, error) {
	c, err := s.channels.Find(q.Channel)
	if err != nil {
		return nil, err
	}
	if q.Locale != "" {
		c.Locale = q.Locale
	}
	skus = distinct(valid(skus))
	out := make(map[ref.SKUID]cart.Offer, len(skus))
	if len(skus) == 0 {
		return out, nil
	}
	products, err := s.cfg.Products.Holding(ctx, skus)
	if err != nil || len(products) == 0 {
		return out, err
	}
	merchants := make([]ref.MerchantID, len(products))
	for i, p := range products {
		merchants[i] = p.Merchant
	}
	now := s.cfg.Clock.Now()
	var f facts
	if f.sells, err = s.sellers(ctx, merchants); err != nil {
		return nil, err
	}
	prices, err := s.prices(ctx, pricing.Request{Channel: c.ID, Member: q.Member, Company: q.Company, At: now}, skus)
	if err != nil {
		return nil, err
	}
	if f.stock, err = s.cfg.Stock.Available(ctx, skus); err != nil {
		return nil, err
	}
	wanted := make(map[ref.SKUID]bool, len(skus))
	for _, sku := range skus {
		wanted[sku] = true
	}
	for _, p := range products {
		var unsold cart.Unsold
		switch {
		case !f.open(p.Merchant):
			unsold = cart.UnsoldMerchant
		case !p.Shown(c.ID, now):
			unsold = cart.UnsoldUnpublished
		}
		for _, sku := range p.SKUs {
			if wanted[sku.ID] {
				out[sku.ID] = offer(c, p, sku, prices[sku.ID], f.stock[sku.ID], unsold)
			}
		}
	}
	return out, nil
}

// PriceVersions implements [cart.PriceVersions]: in one statement, where the
// shop's resolver takes one. Kinds: NotFound for an unknown channel.
func (s *Service) PriceVersions(ctx context.Context, q cart.OfferQuery, skus []ref.SKUID) (map[ref.SKUID]int64, error) {
	c, err := s.channels.Find(q.Channel)
	if err != nil {
		return nil, err
	}
	r := pricing.Request{Channel: c.ID, Member: q.Member, Company: q.Company, At: s.cfg.Clock.Now()}
	prices, err := s.prices(ctx, r, distinct(valid(skus)))
	if err != nil {
		return nil, err
	}
	out := make(map[ref.SKUID]int64, len(prices))
	for sku, p := range prices {
		if p.Found() {
			out[sku] = p.Version
		}
	}
	return out, nil
}

func offer(c pricing.Channel, p catalog.Product, sku catalog.SKU, price pricing.Resolved, available ref.Quantity, unsold cart.Unsold) cart.Offer {
	o := cart.Offer{
		SKU: sku.ID, Product: p.ID, Merchant: p.Merchant,
		Code: sku.Code, Title: p.Title.In(c.Locale), Picture: p.PictureOf(sku),
		UnitPrice: money.Zero(c.Currency), TaxClass: p.TaxClass, WeightGrams: p.Weight(sku),
		Brand: p.Brand, Categories: p.Within,
		Available: max(available, 0),
	}
	traits := p.Traits(sku)
	o.Tags, o.Attributes = traits.Tags, traits.Attributes
	for _, choice := range p.Describe(sku, c.Locale) {
		o.Options = append(o.Options, cart.Option{Name: choice.Option, Value: choice.Value})
	}
	if price.Found() {
		o.UnitPrice, o.PriceVersion, o.Floor = price.Unit, price.Version, price.Floor
	}
	switch {
	case unsold != "":
		o.Unsold = unsold
	case sku.Archived:
		o.Unsold = cart.UnsoldArchived
	case !price.Found():
		o.Unsold = cart.UnsoldUnpriced
	default:
		o.Sellable = true
	}
	return o
}
