package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

const advised = 3 // products, and of each as many others

// advise lets a shop on the store learn from what was bought, the day after the
// last invoice, when everything is on the shelves again, and prints what it recommends beside the products that sell best.
func advise(ctx context.Context, s *store, f *file, w io.Writer) error {
	now := clock.NewManual(f.invoices[len(f.invoices)-1].at.Add(24 * time.Hour))
	shop, err := s.shop(now)
	if err != nil {
		return err
	}
	if err := restock(ctx, shop, f); err != nil {
		return err
	}
	began := clock.System{}.Now()
	for err = shop.Drain(ctx); fault.CodeOf(err) == "commerce.busy"; { // the work of months
		err = shop.Drain(ctx)
	}
	if err != nil {
		return err
	}
	models, err := shop.Recommend.Models(ctx, clerk())
	if err != nil {
		return err
	}
	for _, m := range models {
		fmt.Fprintf(w, "learned from %d purchases of %d products in %.1f s: %s\n",
			m.Interactions, m.Products, clock.System{}.Now().Sub(began).Seconds(), m.Model)
	}
	ask := func(of recommend.Shelf, products ...ref.ProductID) ([]ref.ProductID, error) {
		a := shop.Recommend.Shelf(ctx, shelf.Request{Slot: string(of), Query: recommend.Query{
			Shelf: of, Channel: channel, Products: products, Limit: advised,
			Visitor: shelf.VisitorOf(ref.Guest("replay")),
		}})
		if len(a.Items) == 0 {
			return nil, fmt.Errorf("nothing is recommended as %s: %s", of, a.Empty)
		}
		var out []ref.ProductID
		for _, item := range a.Items {
			out = append(out, item.Product)
		}
		return out, nil
	}
	hot, err := ask(recommend.Hot)
	if err != nil {
		return err
	}
	for _, p := range hot {
		others, err := ask(recommend.AlsoBought, p)
		if err != nil {
			return err
		}
		var names []string
		for _, o := range others {
			names = append(names, f.title(string(o)))
		}
		fmt.Fprintf(w, "with %s: %s\n", f.title(string(p)), strings.Join(names, "; "))
	}
	return nil
}

// restock receives a piece of everything: what is sold out is not recommended.
func restock(ctx context.Context, shop *commerce.Marketplace, f *file) error {
	one := map[sku]ref.Quantity{}
	for k := range f.skus {
		one[k] = 1
	}
	return receive(ctx, shop, one)
}
