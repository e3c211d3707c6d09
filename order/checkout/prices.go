package checkout

import (
	"context"
	"errors"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order/cart"
)

// errRepriced rolls a unit back whose quote is not what the goods cost any
// more.
var errRepriced = errors.New("checkout: a price changed after the quote")

// samePrices compares, inside the unit that places it, the versions of the
// prices of a quote with those that hold now: errRepriced where one moved.
// Delivery rates and taxes are the shop's configuration and have no versions.
func (s *Service) samePrices(ctx context.Context, c cart.Cart, q Quote, company ref.CompanyID) error {
	query := cart.OfferQuery{Channel: q.Channel, Locale: q.Locale, Member: c.Member, Company: company}
	quoted := map[ref.SKUID]int64{}
	var skus []ref.SKUID
	for _, p := range q.Parts {
		for _, l := range p.Lines {
			if l.Gift != "" {
				continue // given at its list price, whatever that is
			}
			if _, twice := quoted[l.SKU]; !twice {
				skus = append(skus, l.SKU)
			}
			quoted[l.SKU] = l.PriceVersion
		}
	}
	now, err := s.priceVersions(ctx, query, skus)
	if err != nil {
		return err
	}
	for sku, version := range quoted {
		if have, priced := now[sku]; !priced || have != version {
			return errRepriced
		}
	}
	return nil
}

func (s *Service) priceVersions(ctx context.Context, q cart.OfferQuery, skus []ref.SKUID) (map[ref.SKUID]int64, error) {
	if p, ok := uow.As[cart.PriceVersions](s.cfg.Offers); ok {
		return p.PriceVersions(ctx, q, skus)
	}
	offers, err := s.cfg.Offers.Offers(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	out := make(map[ref.SKUID]int64, len(offers))
	for sku, o := range offers {
		out[sku] = o.PriceVersion
	}
	return out, nil
}
