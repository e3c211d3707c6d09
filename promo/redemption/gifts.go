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
		if err := a.limit(ctx); err != nil { // of what is given in its place
			return err
		}
	}
	for i := range a.result.Gifts {
		g := &a.result.Gifts[i]
		line, err := a.gift(g, offers[g.SKU])
		if err != nil {
			return err
		}
		a.gifts = append(a.gifts, line)
	}
	a.open = a.choices(offers)
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
	want := a.wanted()
	var gone []ref.SKUID
	for _, g := range a.result.Gifts {
		want[g.SKU] += g.Quantity
		if !a.canGive(offers[g.SKU], want[g.SKU]) && !slices.Contains(a.cart.SoldOut, g.SKU) && !slices.Contains(gone, g.SKU) {
			gone = append(gone, g.SKU)
		}
	}
	return gone
}

// wanted returns how many the buyer wants of each SKU.
func (a *attempt) wanted() map[ref.SKUID]ref.Quantity {
	want := map[ref.SKUID]ref.Quantity{}
	for i := range a.cart.Lines {
		want[a.cart.Lines[i].SKU] += a.cart.Lines[i].Quantity
	}
	return want
}

// canGive reports whether there are n pieces of an offer, and somebody who
// sends them; there are none of the zero one.
func (a *attempt) canGive(o cart.Offer, n ref.Quantity) bool {
	return o.Sellable && o.UnitPrice.Currency() == a.basket.Currency && o.Available >= n &&
		slices.ContainsFunc(a.basket.Parts, func(p checkout.BasketPart) bool { return p.Merchant == o.Merchant })
}

// choices returns what the buyer may choose among in place of what is given.
func (a *attempt) choices(offers map[ref.SKUID]cart.Offer) []checkout.GiftChoice {
	want, given := a.wanted(), map[ref.PromotionID]map[ref.SKUID]bool{}
	for _, g := range a.result.Gifts {
		want[g.SKU] += g.Quantity
		if given[g.Promotion] == nil {
			given[g.Promotion] = map[ref.SKUID]bool{}
		}
		given[g.Promotion][g.SKU] = true
	}
	var out []checkout.GiftChoice
	for i := range a.candidates {
		p := &a.candidates[i].Promotion
		mine := given[p.ID]
		delete(given, p.ID) // two coupons for it are one choice
		if len(mine) == 0 {
			continue
		}
		c := checkout.GiftChoice{Promotion: p.ID, Most: max(1, p.Benefit.Gift.Choose)}
		for _, item := range p.Benefit.Gift.Items {
			need := want[item.SKU]
			if !mine[item.SKU] {
				need += item.Quantity
			}
			if a.canGive(offers[item.SKU], need) {
				c.Options = append(c.Options, checkout.GiftOption{Offer: offers[item.SKU], Quantity: item.Quantity, Given: mine[item.SKU]})
			}
		}
		if len(c.Options) > c.Most {
			out = append(out, c)
		}
	}
	return out
}

// gift makes a line of a gift. What it is worth is its list price, here and
// wherever it is charged: the value that the promotion names, and who bears
// what of it, gives way to that.
func (a *attempt) gift(g *promo.GiftGrant, o cart.Offer) (checkout.GiftLine, error) {
	line := checkout.GiftLine{Offer: o, Quantity: g.Quantity}
	line.Adjustment = order.Adjustment{
		Promotion: g.Promotion, Version: g.Version, Coupon: g.Coupon, Label: a.label(g.Promotion),
	}
	worth, err := o.UnitPrice.Mul(int64(g.Quantity))
	if err != nil {
		return line, err
	}
	if g.Bearers, err = split(worth, g.Bearers); err != nil {
		return line, err
	}
	g.Bearers = slices.DeleteFunc(g.Bearers, func(b promo.Bearer) bool { return b.Amount.IsZero() })
	g.Value, line.Adjustment.Amount = worth, worth
	line.Adjustment.Bearers = bearers(g.Bearers, o.Merchant)
	return line, nil
}
