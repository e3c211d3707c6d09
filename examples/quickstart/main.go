package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer) error {
	ann, bo := ref.Staff("ann"), ref.Guest("a token from Bo's cookie")
	shop, err := commerce.New(commerce.Config{}) // in memory, with a bank to play with
	if err != nil {
		return err
	}
	_, err1 := shop.Merchants.Register(ctx, ann, merchant.RegisterInput{ID: "tea-house", Name: "Tea House"})
	_, err2 := shop.Catalog.CreateProduct(ctx, ann, catalog.CreateInput{
		Merchant: "tea-house", Publish: []ref.ChannelID{commerce.DefaultChannel},
		ProductInput: catalog.ProductInput{Title: catalog.Text{ref.English: "Green tea"}, SKUs: []catalog.SKUInput{{ID: "tea"}}},
	})
	prices, err3 := shop.Prices.Set(ctx, ann, []pricing.SetInput{{SKU: "tea", Channel: commerce.DefaultChannel, Unit: money.New(1250, "USD")}})
	err4 := shop.Stock.Receive(ctx, ann, inventory.CountInput{Counts: []inventory.Count{{SKU: "tea", Location: "main", Quantity: 5}}})
	if err := cmp.Or(err1, err2, err3, err4, pricing.Refused(prices)); err != nil {
		return err
	}
	basket, err5 := shop.Carts.Open(ctx, bo, commerce.DefaultChannel)
	_, err6 := shop.Carts.Add(ctx, bo, cart.AddInput{Target: cart.Target{Cart: basket.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 2}}})
	home := address.Address{Name: "Bo Li", Phone: "+1 202 555 0143", Line1: "1 Main St", City: "Los Angeles", Region: "CA", PostalCode: "90001", Country: "US"}
	choice := checkout.Choice{Cart: basket.ID, ShipTo: home, Gateway: "fakepay"}
	quote, err7 := shop.Checkout.Quote(ctx, bo, choice)
	placed, err8 := shop.Checkout.Place(ctx, bo, checkout.PlaceInput{Choice: choice, Quote: quote.ID, Key: "Bo's first click"})
	if err := cmp.Or(err5, err6, err7, err8); err != nil {
		return err
	}
	first := placed.Group.Orders[0]
	left, err := shop.Stock.Available(ctx, []ref.SKUID{"tea"})
	fmt.Fprintf(w, "%d x %s, %s to pay\n", first.Lines[0].Quantity, first.Lines[0].Title, quote.Payable)
	fmt.Fprintf(w, "payment %s, order %s, %d left\n", placed.Intent.State, first.State, left["tea"])
	return err
}
