package memory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage/memory"
)

// What is sold while an audit looks is no violation.
func TestAnAuditLooksAtOneMoment(t *testing.T) {
	t.Parallel()
	stores, now := memory.New().Stores(), time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	audit, ok := uow.As[inventory.Auditor](stores.Inventory)
	require.True(t, ok)
	sell := func(n int) error {
		return stores.Units.Do(t.Context(), func(ctx context.Context) error {
			var in []inventory.Change
			var rs []inventory.Reservation
			for i := range 20 {
				sku := ref.SKUID(fmt.Sprint("tea-", i))
				in = append(in, inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindReceive, Delta: 1, Ref: "delivery"})
				rs = append(rs, inventory.Reservation{
					Owner: fmt.Sprint("order-", n), SKU: sku, Location: "main", Quantity: 1, State: inventory.Held, CreatedAt: now, UpdatedAt: now,
				})
			}
			if err := stores.Inventory.Apply(ctx, in, now); err != nil {
				return err
			}
			_, err := stores.Inventory.Reserve(ctx, rs, now)
			return err
		})
	}
	sold := make(chan error, 1)
	go func() {
		var err error
		for n := 0; n < 200 && err == nil; n++ {
			err = sell(n)
		}
		sold <- err
	}()
	for {
		levels, err := audit.Audit(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, levels)
		reservations, err := audit.AuditReservations(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, reservations)
		select {
		case err := <-sold:
			require.NoError(t, err)
			return
		default:
		}
	}
}
