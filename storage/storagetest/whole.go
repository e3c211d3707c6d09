package storagetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

// The cases here read an object that many adapters keep in the rows of several
// tables, while it is written: the head of one write beside the parts of another
// is an object that never was. An intent whose attempt is over already, but which
// counts as being paid, can neither be canceled nor paid.

// beside calls write with 1, 2, ... n, each time when another of reads has just
// begun, and all of reads once more at the end.
func beside(t T, n int, write func(ctx context.Context, n int) error, reads ...func(ctx context.Context) error) {
	t.Helper()
	ctx, failed := context.WithCancelCause(t.Context())
	defer failed(nil)
	var wg sync.WaitGroup
	begun := make([]chan struct{}, len(reads))
	for i, read := range reads {
		begun[i] = make(chan struct{})
		wg.Go(func() {
			for more := true; more && ctx.Err() == nil; {
				_, more = <-begun[i]
				if err := read(ctx); err != nil {
					failed(err)
				}
			}
		})
	}
	for i := 1; i <= n && ctx.Err() == nil; i++ {
		select {
		case begun[i%len(reads)] <- struct{}{}:
			if err := write(ctx, i); err != nil {
				failed(err)
			}
		case <-ctx.Done():
		}
	}
	for i := range begun {
		close(begun[i])
	}
	wg.Wait()
	require.NoError(t, context.Cause(ctx))
}

func intentWhole(t T, s storage.Stores) {
	in := newIntent(newAttempt(1, payment.AttemptSent))
	in.Attempts[0].Asks = 0
	in = insertIntent(t, s, in)
	seen := func(in payment.Intent, err error) error {
		if err == nil && (len(in.Attempts) != 1 || !in.UpdatedAt.Equal(later(in.Attempts[0].Asks))) {
			err = fmt.Errorf("an intent of %v beside attempts %+v", in.UpdatedAt, in.Attempts)
		}
		return err
	}
	written := in.Clone()
	beside(t, 60, func(ctx context.Context, n int) error {
		written.UpdatedAt, written.Attempts[0].Asks = later(n), n
		return s.Payments.Update(ctx, &written)
	}, func(ctx context.Context) error {
		return seen(s.Payments.Get(ctx, in.ID))
	}, func(ctx context.Context) error {
		return seen(s.Payments.ByAttempt(ctx, in.Attempts[0].Number))
	}, func(ctx context.Context) error {
		p, err := s.Payments.List(ctx, payment.Query{Group: in.Group}, page.Request{})
		if err != nil || len(p.Items) != 1 {
			return fmt.Errorf("%d intents: %w", len(p.Items), err)
		}
		return seen(p.Items[0], nil)
	})
}

func orderWhole(t T, s storage.Stores) {
	guest, member := "guest "+newID(), ref.MemberID(newID())
	ids := make([]order.GroupID, 40)
	for i := range ids {
		ids[i] = guestOrders(t, s, guest).ID
	}
	seen := func(all []order.Group, err error) error {
		for _, g := range all {
			for _, o := range g.Orders {
				if o.Member != g.Member || o.Guest != g.Guest {
					return fmt.Errorf("a group of %q, %q with an order of %q, %q", g.Member, g.Guest, o.Member, o.Guest)
				}
			}
		}
		return err
	}
	var next atomic.Int64
	beside(t, len(ids), func(ctx context.Context, n int) error {
		_, err := s.Orders.Adopt(ctx, ids[n-1:n], guest, member)
		next.Store(int64(n % len(ids)))
		return err
	}, func(ctx context.Context) error {
		return seen(s.Orders.GetMany(ctx, ids))
	}, func(ctx context.Context) error {
		g, err := s.Orders.Get(ctx, ids[next.Load()])
		return seen([]order.Group{g}, err)
	})
}

func productWhole(t T, s storage.Stores) {
	p := newProduct()
	p.WeightGrams, p.SKUs[0].WeightGrams = 1, 1
	insertProducts(t, s, &p)
	seen := func(all []catalog.Product, err error) error {
		if err != nil || len(all) != 1 {
			return fmt.Errorf("%d products: %w", len(all), err)
		}
		if p := all[0]; p.WeightGrams != p.SKUs[0].WeightGrams {
			return fmt.Errorf("a product of %d g with an SKU of %d g", p.WeightGrams, p.SKUs[0].WeightGrams)
		}
		return nil
	}
	written := p.Clone()
	beside(t, 60, func(ctx context.Context, n int) error {
		written.WeightGrams, written.SKUs[0].WeightGrams = int64(n), int64(n)
		return updateProduct(ctx, s, &written)
	}, func(ctx context.Context) error {
		got, err := s.Products.Get(ctx, p.ID)
		return seen([]catalog.Product{got}, err)
	}, func(ctx context.Context) error {
		return seen(s.Products.GetMany(ctx, []catalog.ProductID{p.ID}))
	}, func(ctx context.Context) error {
		return seen(s.Products.Holding(ctx, []catalog.SKUID{p.SKUs[0].ID}))
	}, func(ctx context.Context) error {
		got, err := s.Products.List(ctx, catalog.ProductQuery{Merchant: p.Merchant, Archived: true}, page.Request{})
		return seen(got.Items, err)
	})
}
