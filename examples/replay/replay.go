package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
)

// replay sells the invoices. Each worker is a node with a clock of its own,
// which it sets to the time of the invoice. All invoices of a customer go to
// one worker: a member has one cart.
func replay(ctx context.Context, s *store, f *file, workers int, progress io.Writer) error {
	b := bar(progress, "selling", len(f.invoices))
	defer func() { _ = b.Finish() }()
	group, ctx := errgroup.WithContext(ctx)
	queues := make([]chan *invoice, workers)
	for i := range queues {
		queues[i] = make(chan *invoice, 16)
		now := clock.NewManual(f.invoices[0].at)
		shop, err := s.shop(now)
		if err != nil {
			return err
		}
		group.Go(func() error {
			for inv := range queues[i] {
				now.Set(inv.at)
				if err := sell(ctx, shop, inv); err != nil {
					return fmt.Errorf("invoice %s: %w", inv.number, err)
				}
				_ = b.Add(1)
			}
			return nil
		})
	}
	group.Go(func() error {
		defer func() {
			for _, q := range queues {
				close(q)
			}
		}()
		for _, inv := range f.invoices {
			select {
			case queues[inv.worker(workers)] <- inv:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	return group.Wait()
}

func (inv *invoice) worker(of int) int {
	h := fnv.New32a()
	_, _ = io.WriteString(h, inv.buyer().String())
	return int(h.Sum32() % uint32(of)) //nolint:gosec // a few workers
}

// buyer is the member, or a guest who comes for this invoice only.
func (inv *invoice) buyer() ref.Scope {
	if inv.customer == "" {
		return ref.Guest("invoice " + inv.number)
	}
	return ref.Member(ref.MemberID(inv.customer))
}

// sell is one purchase from the empty cart to the parcel on its way.
func sell(ctx context.Context, shop *commerce.Marketplace, inv *invoice) error {
	buyer := inv.buyer()
	c, err := shop.Carts.Open(ctx, buyer, channel)
	if err != nil {
		return err
	}
	items := make([]cart.Item, 0, len(inv.items))
	for k, n := range inv.items {
		items = append(items, cart.Item{SKU: k.id(), Quantity: n})
	}
	if _, err = shop.Carts.Add(ctx, buyer, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: items}); err != nil {
		return err
	}
	to, known := addressIn(inv.country)
	choice := checkout.Choice{Cart: c.ID, ShipTo: to, Gateway: "fakepay", PurchaseRef: inv.number, Source: "import"}
	if !known {
		choice.Remark = "country: " + inv.country
	}
	q, err := shop.Checkout.Quote(ctx, buyer, choice)
	if err != nil {
		return err
	}
	if !q.Ready {
		return fmt.Errorf("cannot be bought: %+v", q.Problems)
	}
	placed, err := shop.Checkout.Place(ctx, buyer, checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: inv.number})
	if err != nil {
		return err
	}
	if placed.Intent.State != payment.IntentCaptured {
		return fmt.Errorf("the payment is %s", placed.Intent.State)
	}
	for _, o := range placed.Group.Orders {
		target := order.Target{Group: o.Group, Order: o.ID}
		if _, err = shop.Orders.Ship(ctx, clerk(), order.ShipInput{Target: target}); err != nil {
			return err
		}
		if _, err = shop.Orders.Complete(ctx, clerk(), target); err != nil {
			return err
		}
	}
	return nil
}
