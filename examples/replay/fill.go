package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// fill brings goods, prices, stock and members into an empty shop, on the day
// before its first sale.
func fill(ctx context.Context, s *store, f *file, progress io.Writer) error {
	if len(f.invoices) == 0 {
		return errors.New("the file holds no sale of a product")
	}
	shop, err := s.shop(clock.NewManual(f.invoices[0].at.AddDate(0, 0, -1)))
	if err != nil {
		return err
	}
	orders, err := shop.Orders.List(ctx, clerk(), order.Query{}, page.Request{Limit: 1})
	switch {
	case err != nil:
		return err
	case len(orders.Items) > 0:
		return errors.New("the store holds orders already: take another, or --check this one")
	}
	_, err = shop.Merchants.Register(ctx, clerk(), merchant.RegisterInput{ID: seller, Name: "A shop for gifts"})
	if err != nil {
		return err
	}
	b := bar(progress, "filling", len(f.products)+len(f.skus)+len(f.customers))
	defer func() { _ = b.Finish() }()
	return errors.Join(fillCatalog(ctx, shop, f, b), fillStock(ctx, shop, f), fillMembers(ctx, shop, f, b))
}

func fillCatalog(ctx context.Context, shop *commerce.Marketplace, f *file, b *progressbar.ProgressBar) error {
	var prices []pricing.SetInput
	taken := map[string]int{} // slugs: some stock codes differ in capitals only
	for products := range slices.Chunk(f.products, catalog.MaxBatch) {
		rows := make([]catalog.CreateInput, len(products))
		for i, p := range products {
			rows[i] = f.row(p)
			slug := catalog.Slugify(p.code)
			if taken[slug]++; taken[slug] > 1 {
				slug += fmt.Sprintf("-%d", taken[slug])
			}
			rows[i].Slug = slug
			for _, price := range p.prices {
				prices = append(prices, pricing.SetInput{SKU: sku{p.code, price}.id(), Channel: channel, Unit: price})
			}
		}
		results, err := shop.Catalog.ImportProducts(ctx, clerk(), rows)
		if err != nil {
			return err
		}
		for i, r := range results {
			if r.Err != nil {
				return fmt.Errorf("product %s: %w", products[i].code, r.Err)
			}
		}
		_ = b.Add(len(products))
	}
	for rows := range slices.Chunk(prices, pricing.MaxBatch) {
		results, err := shop.Prices.Set(ctx, clerk(), rows)
		if err != nil {
			return err
		}
		for i, r := range results {
			if r.Err != nil {
				return fmt.Errorf("price of %s: %w", rows[i].SKU, r.Err)
			}
		}
		_ = b.Add(len(rows))
	}
	return nil
}

// title is what a stock code is called in the shop.
func (f *file) title(code string) string { return cmp.Or(f.titles[code], code) }

// row is a product whose only option is what it was sold for.
func (f *file) row(p product) catalog.CreateInput {
	in := catalog.ProductInput{Title: catalog.Text{ref.English: f.title(p.code)}}
	sold := catalog.Option{Code: "price", Name: catalog.Text{ref.English: "Price"}}
	for _, price := range p.prices {
		sold.Values = append(sold.Values, catalog.OptionValue{Code: price.Decimal()})
		id := sku{p.code, price}.id()
		in.SKUs = append(in.SKUs, catalog.SKUInput{ID: id, Code: string(id), Choices: []string{price.Decimal()}})
	}
	in.Options = []catalog.Option{sold}
	return catalog.CreateInput{
		ID: ref.ProductID(p.code), Merchant: seller, ProductInput: in, Publish: []ref.ChannelID{channel},
	}
}

// fillStock receives exactly what is going to be sold.
func fillStock(ctx context.Context, shop *commerce.Marketplace, f *file) error {
	return receive(ctx, shop, f.skus)
}

func receive(ctx context.Context, shop *commerce.Marketplace, pieces map[sku]ref.Quantity) error {
	var counts []inventory.Count
	for k, n := range pieces {
		counts = append(counts, inventory.Count{SKU: k.id(), Location: "main", Quantity: n})
	}
	for some := range slices.Chunk(counts, inventory.MaxCounts) {
		if err := shop.Stock.Receive(ctx, clerk(), inventory.CountInput{Counts: some, Ref: "replay"}); err != nil {
			return err
		}
	}
	return nil
}

// fillMembers takes the customers over, without passwords, as a shop does that
// moves from another system; a hundred to a commit.
func fillMembers(ctx context.Context, shop *commerce.Marketplace, f *file, b *progressbar.ProgressBar) error {
	for some := range slices.Chunk(f.customers, 100) {
		err := shop.Units.Do(ctx, func(ctx context.Context) error {
			for _, c := range some {
				_, err := shop.Members.Register(ctx, clerk(), member.RegisterInput{
					ID: ref.MemberID(c), Email: "customer-" + c + "@example.com", Locale: ref.English,
				})
				if err != nil {
					return fmt.Errorf("customer %s: %w", c, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		_ = b.Add(len(some))
	}
	return nil
}

func bar(w io.Writer, what string, n int) *progressbar.ProgressBar {
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionFullWidth(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionOnCompletion(func() { _, _ = fmt.Fprintln(w) }))
}
