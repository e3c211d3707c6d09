package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// sum is what one part of the shop says was sold.
type sum struct {
	money  money.Money
	pieces int64 // -1 where it does not know
	count  int
}

func (s sum) String() string {
	text := fmt.Sprintf("%d, %s", s.count, s.money)
	if s.pieces >= 0 {
		text += fmt.Sprintf(", %d pieces", s.pieces)
	}
	return text
}

func (s *sum) add(m money.Money) (err error) {
	s.count++
	s.money, err = s.money.Add(m)
	return err
}

// prove adds up what the shop sold, three ways, and returns an error where one
// of them is not what the file says.
func prove(ctx context.Context, shop *commerce.Marketplace, f *file, w io.Writer) error {
	var wrong []error
	check := func(what, unit string, s sum, count int) {
		is, want := s.String(), (sum{f.money, f.pieces, count}).String()
		if s.pieces < 0 {
			want = (sum{f.money, s.pieces, count}).String()
		}
		fmt.Fprintf(w, "%s %s: %s\n", what, unit, is)
		if is != want {
			wrong = append(wrong, fmt.Errorf("%s %s are not what the file says: %s instead of %s", what, unit, is, want))
		}
	}
	orders, err := sumOrders(ctx, shop)
	if err != nil {
		return err
	}
	check("orders", "completed", orders, len(f.invoices))
	payments, err := sumPayments(ctx, shop)
	if err != nil {
		return err
	}
	check("payments", "captured", payments, len(f.invoices))
	stock, err := sumStock(ctx, shop)
	if err != nil {
		return err
	}
	entries := 0
	for _, inv := range f.invoices {
		entries += len(inv.items)
	}
	check("stock movements", "sold", stock, entries)
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	fmt.Fprintf(w, "total=%s\npieces=%d\n", orders.money.Decimal(), orders.pieces)
	return nil
}

func sumOrders(ctx context.Context, shop *commerce.Marketplace) (sum, error) {
	s := sum{money: money.Zero(currency)}
	for o, err := range all(func(p page.Request) (page.Page[order.Order], error) {
		return shop.Orders.List(ctx, clerk(), order.Query{State: order.StateCompleted}, p)
	}) {
		if err != nil {
			return s, err
		}
		if err := s.add(o.Total); err != nil {
			return s, err
		}
		for _, l := range o.Lines {
			s.pieces += int64(l.Quantity)
		}
	}
	return s, nil
}

func sumPayments(ctx context.Context, shop *commerce.Marketplace) (sum, error) {
	s := sum{money: money.Zero(currency), pieces: -1}
	for in, err := range all(func(p page.Request) (page.Page[payment.Intent], error) {
		return shop.Payments.List(ctx, clerk(), payment.Query{State: payment.IntentCaptured}, p)
	}) {
		if err != nil {
			return s, err
		}
		captured, ok := in.Counted()
		if !ok {
			return s, fmt.Errorf("payment %s is captured and has no capture", in.Number)
		}
		if err := s.add(money.New(captured.Captured(), captured.Amount.Currency())); err != nil {
			return s, err
		}
	}
	return s, nil
}

// sumStock reads what left the stock and what a piece of it cost.
func sumStock(ctx context.Context, shop *commerce.Marketplace) (sum, error) {
	s := sum{money: money.Zero(currency)}
	prices := map[ref.SKUID]money.Money{}
	for p, err := range all(func(p page.Request) (page.Page[pricing.Price], error) {
		return shop.Prices.List(ctx, clerk(), pricing.Query{Channel: channel}, p)
	}) {
		if err != nil {
			return s, err
		}
		prices[p.SKU] = p.Unit
	}
	for m, err := range all(func(p page.Request) (page.Page[inventory.Movement], error) {
		return shop.Stock.Ledger(ctx, clerk(), inventory.LedgerQuery{Kind: inventory.KindCommit}, p)
	}) {
		if err != nil {
			return s, err
		}
		amount, err := prices[m.SKU].Mul(int64(-m.OnHand))
		if err != nil {
			return s, fmt.Errorf("price of %s: %w", m.SKU, err)
		}
		if err := s.add(amount); err != nil {
			return s, err
		}
		s.pieces -= int64(m.OnHand)
	}
	return s, nil
}

// all yields every item of a list, page by page.
func all[T any](list func(page.Request) (page.Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for req := (page.Request{Limit: page.MaxLimit}); ; {
			p, err := list(req)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, it := range p.Items {
				if !yield(it, nil) {
					return
				}
			}
			if p.Next == "" {
				return
			}
			req.After = p.Next
		}
	}
}

// verify checks the invariants of the shop and names those that are broken.
func verify(ctx context.Context, shop *commerce.Marketplace, w io.Writer) error {
	broken := map[string]int{}
	for v, err := range shop.Verify(ctx) {
		if err != nil {
			return err
		}
		if broken[v.Invariant]++; broken[v.Invariant] == 1 {
			fmt.Fprintf(w, "broken: %s, %s: %s\n", v.Invariant, v.Object, v.Detail)
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("invariants broken: %v", slices.Sorted(maps.Keys(broken)))
	}
	fmt.Fprintln(w, "verified: every invariant of orders, payments and stock holds")
	return nil
}
