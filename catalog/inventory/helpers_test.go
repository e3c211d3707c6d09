package inventory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// bundle is a service over a backend, with the clock in hand.
type bundle struct {
	*inventory.Service
	stores storage.Stores
	clock  *clock.Manual
}

func setup(t *testing.T) bundle {
	t.Helper()
	return setupOn(t, memory.New().Stores())
}

func setupOn(t *testing.T, stores storage.Stores) bundle {
	t.Helper()
	b := bundle{stores: stores, clock: clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))}
	var err error
	b.Service, err = inventory.NewService(inventory.Config{
		Store: stores.Inventory, Units: stores.Units, Events: stores.Events, Clock: b.clock, Owners: owners{},
	})
	require.NoError(t, err)
	return b
}

// owners says that a SKU belongs to the merchant named by its first letter.
type owners struct{}

func (owners) Merchants(_ context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.MerchantID, error) {
	out := map[ref.SKUID]ref.MerchantID{}
	for _, s := range skus {
		out[s] = ref.MerchantID(s[:1])
	}
	return out, nil
}

func (b bundle) receive(t *testing.T, sku ref.SKUID, loc ref.LocationID, n ref.Quantity) {
	t.Helper()
	require.NoError(t, b.Receive(t.Context(), ref.System(), inventory.CountInput{
		Counts: []inventory.Count{{SKU: sku, Location: loc, Quantity: n}}, Ref: "delivery",
	}))
}

func (b bundle) reserve(ctx context.Context, expires time.Time, demands ...inventory.Demand) error {
	return b.stores.Units.Do(ctx, func(ctx context.Context) error {
		return b.Reserve(ctx, inventory.ReserveInput{Demands: demands, ExpiresAt: expires})
	})
}

func (b bundle) commit(ctx context.Context, owner string) (n int, err error) {
	err = b.stores.Units.Do(ctx, func(ctx context.Context) error {
		moved, err := b.Commit(ctx, owner)
		n = len(moved)
		return err
	})
	return n, err
}

func (b bundle) release(ctx context.Context, owner string) (n int, err error) {
	err = b.stores.Units.Do(ctx, func(ctx context.Context) error {
		moved, err := b.Release(ctx, owner)
		n = len(moved)
		return err
	})
	return n, err
}

func (b bundle) available(t require.TestingT, sku ref.SKUID) ref.Quantity {
	got, err := b.Available(context.Background(), []ref.SKUID{sku})
	require.NoError(t, err)
	return got[sku]
}

// sound checks I21 and I22: levels and states follow from what they count.
func (b bundle) sound(t require.TestingT) {
	require.NoError(t, b.books(context.Background()))
}

// everything proves all books of the shop that has these stores.
func (b bundle) everything(ctx context.Context) error {
	m, err := commerce.New(commerce.Config{Stores: b.stores, Clock: b.clock, Gateways: []payment.Gateway{fakepay.NewAt(b.clock).Gateway()}})
	if err != nil {
		return err
	}
	for v, err := range m.Verify(ctx) {
		if err != nil {
			return err
		}
		return fmt.Errorf("violation: %+v", v)
	}
	return nil
}

// books makes every check of the books of the stock.
func (b bundle) books(ctx context.Context) error {
	levels, err := b.Verify(ctx, 10)
	if err == nil && len(levels) > 0 {
		err = fmt.Errorf("levels: %+v", levels)
	}
	if err != nil {
		return err
	}
	rs, err := b.VerifyReservations(ctx, 10)
	if err == nil && len(rs) > 0 {
		err = fmt.Errorf("reservations: %+v", rs)
	}
	return err
}
