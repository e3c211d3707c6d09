package bunstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage/bunstore"
)

// What somebody wrote past the stores is found, and put right where it can be.
func TestBrokenStockIsFoundAndRepaired(t *testing.T) {
	t.Parallel()
	each(t, breakStock)
}

func breakStock(t *testing.T, db *bunstore.DB) {
	t.Helper()
	s, now := db.Stores(), time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	a, ok := uow.As[inventory.Auditor](s.Inventory)
	require.True(t, ok)
	skus := []ref.SKUID{"jade", "silk", "tea"}
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		for _, sku := range skus {
			if err := s.Inventory.Apply(ctx, []inventory.Change{
				{SKU: sku, Location: "main", Kind: inventory.KindReceive, Delta: 9, Ref: "delivery"},
			}, now); err != nil {
				return err
			}
			for _, owner := range []string{"held", "sold"} {
				if _, err := s.Inventory.Reserve(ctx, []inventory.Reservation{
					{Owner: owner + "-" + string(sku), SKU: sku, Location: "main", Quantity: 2, State: inventory.Held, CreatedAt: now, UpdatedAt: now},
				}, now); err != nil {
					return err
				}
			}
			if _, err := s.Inventory.Settle(ctx, []string{"sold-" + string(sku)}, inventory.Committed, now); err != nil {
				return err
			}
		}
		return nil
	}))
	exec := func(query string) {
		t.Helper()
		_, err := db.SQL().ExecContext(t.Context(), query)
		require.NoError(t, err)
	}
	repair := func() (changed []inventory.Mismatch, err error) {
		err = s.Units.Do(t.Context(), func(ctx context.Context) error {
			changed, err = a.Repair(ctx, skus, now)
			return err
		})
		return changed, err
	}
	sound := func() {
		t.Helper()
		broken, err := a.Audit(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, broken)
		levels, err := s.Inventory.Levels(t.Context(), skus)
		require.NoError(t, err)
		require.Len(t, levels, 3)
		for _, l := range levels {
			require.Equal(t, inventory.Level{SKU: l.SKU, Location: "main", OnHand: 7, Reserved: 2}, l)
		}
	}
	sound()

	exec("UPDATE stock SET reserved = 0 WHERE sku = 'tea'")
	exec("UPDATE stock SET on_hand = 12 WHERE sku = 'silk'")
	exec("DELETE FROM stock WHERE sku = 'jade'")
	want := []inventory.Mismatch{
		{Level: inventory.Level{SKU: "jade", Location: "main"}, HeldSum: 2, LedgerOnHand: 7, LedgerReserved: 2},
		{Level: inventory.Level{SKU: "silk", Location: "main", OnHand: 12, Reserved: 2}, HeldSum: 2, LedgerOnHand: 7, LedgerReserved: 2},
		{Level: inventory.Level{SKU: "tea", Location: "main", OnHand: 7}, HeldSum: 2, LedgerOnHand: 7, LedgerReserved: 2},
	}
	broken, err := a.Audit(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, want, broken)
	broken, err = a.Audit(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, want[:1], broken)
	changed, err := repair()
	require.NoError(t, err)
	require.Equal(t, want, changed)
	sound()

	exec("DELETE FROM stock_log WHERE sku = 'tea' AND kind = 'reserve' AND ref = 'held-tea'")
	unfounded, err := a.AuditReservations(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []inventory.Unfounded{
		{Owner: "held-tea", SKU: "tea", Location: "main", Quantity: 2, State: inventory.Held},
	}, unfounded)
	changed, err = repair()
	require.NoError(t, err)
	require.Len(t, changed, 1, "the ledger lacks an entry")
	sound()

	// Sold, and freed as well: I22.
	exec("INSERT INTO stock_log (sku, location, kind, on_hand, reserved, ref, at) " +
		"SELECT sku, location, 'release', 0, -2, ref, at FROM stock_log WHERE kind = 'commit' AND sku = 'silk'")
	unfounded, err = a.AuditReservations(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, unfounded, 2)
	require.Equal(t, inventory.Unfounded{
		Owner: "sold-silk", SKU: "silk", Location: "main", Quantity: 2, State: inventory.Committed, Reserved: 2, Sold: 2, Freed: 2, Entries: 3,
	}, unfounded[1])

	exec("DELETE FROM stock_log WHERE kind = 'receive' AND sku = 'jade'")
	_, err = repair()
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, "inventory.irreparable", fault.CodeOf(err))
}
