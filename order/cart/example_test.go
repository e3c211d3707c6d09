package cart_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/storage/memory"
)

// priceList sells what it lists, as much as anybody wants.
type priceList map[ref.SKUID]int64

func (p priceList) Offers(_ context.Context, _ cart.OfferQuery, skus []ref.SKUID) (map[ref.SKUID]cart.Offer, error) {
	out := map[ref.SKUID]cart.Offer{}
	for _, sku := range skus {
		if price, ok := p[sku]; ok {
			out[sku] = cart.Offer{SKU: sku, UnitPrice: money.New(price, "USD"), Available: 100, Sellable: true}
		}
	}
	return out, nil
}

// A guest fills a cart, signs in and finds it again.
func Example() {
	ctx := context.Background()
	stores := memory.New().Stores()
	prices := priceList{"tea": 1250}
	carts, err := cart.NewService(cart.Config{
		Store: stores.Carts, Units: stores.Units, Offers: prices,
		Currencies: map[ref.ChannelID]money.Currency{"en": "USD"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	guest, ann := ref.Guest("a secret token"), ref.Member("ann")
	c, err := carts.Open(ctx, guest, "en")
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err = carts.Add(ctx, guest, cart.AddInput{
		Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 2}},
	}); err != nil {
		fmt.Println(err)
		return
	}
	merged, err := carts.SignIn(ctx, ann, guest)
	if err != nil {
		fmt.Println(err)
		return
	}
	prices["tea"] = 1100
	view, err := carts.View(ctx, ann, cart.ViewInput{Cart: merged[0].Cart.ID})
	if err != nil {
		fmt.Println(err)
		return
	}
	line := view.Lines[0]
	fmt.Println(line.Quantity, line.SKU, line.Before.Format("en-US"), "now", line.Offer.UnitPrice.Format("en-US"))
	fmt.Println(view.Subtotal.Format("en-US"), view.Ready)
	// Output:
	// 2 tea $12.50 now $11.00
	// $22.00 true
}
