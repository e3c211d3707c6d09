package redemption

import (
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
)

// give makes lines of the gifts. What the catalogue has not is sold out, and
// then something else may be given: each round rules one more out.
func (a *attempt) give(ctx context.Context) error {
	if len(a.result.Gifts) == 0 {
		return nil
	}
	offers, err := a.cfg.Offers.Offers(ctx, cart.OfferQuery{
		Channel: a.basket.Channel, Locale: a.basket.Locale, Member: a.basket.Member, Company: a.basket.Company,
	}, a.giftSKUs())
	if err != nil {
		return err
	}
	for {
		gone := a.soldOut(offers)
		if len(gone) == 0 {
			break
		}
		a.cart.SoldOut = append(a.cart.SoldOut, gone...)
		if err := a.evaluate(); err != nil {
			return err
		}
	}
	for _, g := range a.result.Gifts {
		line, err := a.gift(&g, offers[g.SKU])
		if err != nil {
			return err
		}
		a.gifts = append(a.gifts, line)
	}
	return nil
}

// giftSKUs returns everything that a candidate might give, each once.
func (a *attempt) giftSKUs() []ref.SKUID {
	var out []ref.SKUID
	for i := range a.candidates {
		if g := a.candidates[i].Promotion.Benefit.Gift; g != nil {
			for _, item := range g.Items {
				out = append(out, item.SKU)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// soldOut returns what is to be given and cannot be.
func (a *attempt) soldOut(offers map[ref.SKUID]cart.Offer) []ref.SKUID {
	want := map[ref.SKUID]ref.Quantity{}
	for i := range a.cart.Lines {
		want[a.cart.Lines[i].SKU] += a.cart.Lines[i].Quantity
	}
	var gone []ref.SKUID
	for _, g := range a.result.Gifts {
		o, ok := offers[g.SKU]
		want[g.SKU] += g.Quantity
		sends := slices.ContainsFunc(a.basket.Parts, func(p checkout.BasketPart) bool { return p.Merchant == o.Merchant })
		if !ok || !o.Sellable || !sends || o.UnitPrice.Currency() != a.basket.Currency || o.Available < want[g.SKU] {
			if !slices.Contains(a.cart.SoldOut, g.SKU) && !slices.Contains(gone, g.SKU) {
				gone = append(gone, g.SKU)
			}
		}
	}
	return gone
}

func (a *attempt) gift(g *promo.GiftGrant, o cart.Offer) (checkout.GiftLine, error) {
	line := checkout.GiftLine{Offer: o, Quantity: g.Quantity}
	line.Adjustment = order.Adjustment{
		Promotion: g.Promotion, Version: g.Version, Coupon: g.Coupon, Label: a.label(g.Promotion),
	}
	var err error
	if line.Adjustment.Amount, err = o.UnitPrice.Mul(int64(g.Quantity)); err != nil || line.Adjustment.Amount.IsZero() {
		return line, err
	}
	by, err := split(line.Adjustment.Amount, g.Bearers)
	line.Adjustment.Bearers = bearers(by, o.Merchant)
	return line, err
}
