package commerce_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func violations(t *testing.T, m *commerce.Marketplace) []string {
	t.Helper()
	var out []string
	for v, err := range m.Verify(t.Context()) {
		require.NoError(t, err)
		out = append(out, v.Invariant)
	}
	return out
}

// planted opens a shop over stores that are broken by a hook.
func planted(t *testing.T, hook storage.Hook) *commerce.Marketplace {
	t.Helper()
	m, err := commerce.New(commerce.Config{
		Stores: storage.Intercept(memory.New().Stores(), hook), Gateways: []payment.Gateway{fakepay.New().Gateway()},
	})
	require.NoError(t, err)
	stock(t, m)
	return m
}

// audited is a stock whose reservations do not follow from its ledger.
type audited struct {
	inventory.Store
	inventory.Auditor
}

func (audited) AuditReservations(context.Context, int) ([]inventory.Unfounded, error) {
	return []inventory.Unfounded{{Owner: "o", SKU: "tea-100g", Quantity: 1, State: inventory.Released, Sold: 1, Freed: 1}}, nil
}

func TestVerifyFindsAReservationBothSoldAndFreed(t *testing.T) {
	t.Parallel()
	stores := memory.New().Stores()
	auditor, ok := uow.As[inventory.Auditor](stores.Inventory)
	require.True(t, ok)
	stores.Inventory = audited{stores.Inventory, auditor}
	m, err := commerce.New(commerce.Config{Stores: stores, Gateways: []payment.Gateway{fakepay.New().Gateway()}})
	require.NoError(t, err)
	require.Equal(t, []string{"I22"}, violations(t, m))
}

func TestVerifyFindsALostAnnouncement(t *testing.T) {
	t.Parallel()
	m := planted(t, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == "Events.Append" {
			records, ok := c.Args[0].([]event.Record)
			require.True(t, ok)
			for _, r := range records {
				if strings.HasPrefix(r.Name, "order.placed") {
					return nil
				}
			}
		}
		return next(ctx)
	})
	buy(t, m, ref.Guest("g"), 1)
	require.NoError(t, m.Drain(t.Context()))
	require.Equal(t, []string{"I19"}, violations(t, m))
}

func TestVerifyFindsAnEventWithoutAnOrder(t *testing.T) {
	t.Parallel()
	stores := memory.New().Stores()
	m, err := commerce.New(commerce.Config{Stores: stores, Gateways: []payment.Gateway{fakepay.New().Gateway()}})
	require.NoError(t, err)
	stock(t, m)
	p := buy(t, m, ref.Guest("g"), 1)
	require.NoError(t, m.Drain(t.Context()))
	require.Empty(t, violations(t, m))
	msg := strings.ReplaceAll(`{"group":"ghost","order":"ORDER","seq":1}`, "ORDER", string(p.Group.Orders[0].ID))
	require.NoError(t, stores.Units.Do(t.Context(), func(ctx context.Context) error {
		return stores.Events.Append(ctx,
			event.Record{ID: "x1", Topic: "order", Name: "order.placed.v1", Aggregate: "ghost", Payload: []byte("{}"), At: p.Group.PlacedAt},
			event.Record{ID: "x2", Topic: "order", Name: "order.shipped.v1", Aggregate: string(p.Group.ID), Payload: []byte(msg), At: p.Group.PlacedAt})
	}))
	_ = m.Events.Drain(t.Context()) // the list does not know the ghost
	require.ElementsMatch(t, []string{"I19", "I20"}, violations(t, m))
}
