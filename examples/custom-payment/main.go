package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "cheques")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	desk, err := OpenDesk(filepath.Join(dir, "books.json"), "Tea House, 1 Main St, Los Angeles", clock.System{})
	if err != nil {
		return err
	}
	shop, err := commerce.New(commerce.Config{Gateways: []payment.Gateway{desk}}) // plugged in
	if err != nil {
		return err
	}
	if err := fill(ctx, shop); err != nil {
		return err
	}
	placed, err := buy(ctx, shop, ref.Guest("Bo"))
	if err != nil {
		return err
	}
	show(w, placed.Intent)

	// Days later the post comes.
	attempt, _ := placed.Intent.Last()
	if err := desk.Cleared(ctx, attempt.Number); err != nil {
		return err
	}
	paid, err := shop.Payments.Query(ctx, ref.Staff("ann"), placed.Intent.ID) // a started shop asks by itself
	if err != nil {
		return err
	}
	show(w, paid)
	group, err := shop.Orders.Get(ctx, ref.Guest("Bo"), placed.Group.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "the order is %s\n", group.Orders[0].State)
	return nil
}

func show(w io.Writer, in payment.Intent) {
	a, _ := in.Last()
	fmt.Fprintf(w, "the payment of %s is %s", in.Payable, a.State)
	if a.State == payment.AttemptActionRequired {
		fmt.Fprintf(w, ": write %s on the cheque", a.Action.Params["write_on_it"])
	}
	fmt.Fprintln(w)
}

// fill puts one product on the shelf.
func fill(ctx context.Context, shop *commerce.Marketplace) error {
	ann := ref.Staff("ann")
	_, err1 := shop.Merchants.Register(ctx, ann, merchant.RegisterInput{ID: "tea-house", Name: "Tea House"})
	_, err2 := shop.Catalog.CreateProduct(ctx, ann, catalog.CreateInput{
		Merchant: "tea-house", Publish: []ref.ChannelID{commerce.DefaultChannel},
		ProductInput: catalog.ProductInput{Title: catalog.Text{ref.English: "Green tea"}, SKUs: []catalog.SKUInput{{ID: "tea"}}},
	})
	prices, err3 := shop.Prices.Set(ctx, ann, []pricing.SetInput{
		{SKU: "tea", Channel: commerce.DefaultChannel, Unit: money.New(1250, "USD")},
	})
	return errors.Join(err1, err2, err3, pricing.Refused(prices), shop.Stock.Receive(ctx, ann, inventory.CountInput{
		Counts: []inventory.Count{{SKU: "tea", Location: "main", Quantity: 5}},
	}))
}

// buy places an order that is to be paid by cheque.
func buy(ctx context.Context, shop *commerce.Marketplace, buyer ref.Scope) (checkout.Placed, error) {
	basket, err := shop.Carts.Open(ctx, buyer, commerce.DefaultChannel)
	if err != nil {
		return checkout.Placed{}, err
	}
	_, err = shop.Carts.Add(ctx, buyer, cart.AddInput{
		Target: cart.Target{Cart: basket.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 2}},
	})
	if err != nil {
		return checkout.Placed{}, err
	}
	choice := checkout.Choice{Cart: basket.ID, Gateway: "cheque", ShipTo: address.Address{
		Name: "Bo Li", Phone: "+1 202 555 0143", Line1: "1 Main St", City: "Los Angeles", Region: "CA",
		PostalCode: "90001", Country: "US",
	}}
	quote, err := shop.Checkout.Quote(ctx, buyer, choice)
	if err != nil {
		return checkout.Placed{}, err
	}
	return shop.Checkout.Place(ctx, buyer, checkout.PlaceInput{Choice: choice, Quote: quote.ID, Key: "first click"})
}
