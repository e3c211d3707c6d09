package memory

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// What a defect of a store left behind is found, and put right where it can be.
func TestBrokenStockIsFoundAndRepaired(t *testing.T) {
	t.Parallel()
	db, now := New(), time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	s := newStock(db)
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context) error {
		if err := s.Apply(ctx, []inventory.Change{
			{SKU: "tea", Location: "main", Kind: inventory.KindReceive, Delta: 9, Ref: "delivery"},
		}, now); err != nil {
			return err
		}
		_, err := s.Reserve(ctx, []inventory.Reservation{
			{Owner: "a", SKU: "tea", Location: "main", Quantity: 2, State: inventory.Held, CreatedAt: now, UpdatedAt: now},
		}, now)
		return err
	}))
	repair := func() (changed []inventory.Mismatch, err error) {
		err = db.Do(t.Context(), func(ctx context.Context) error {
			changed, err = s.Repair(ctx, []ref.SKUID{"tea"}, now)
			return err
		})
		return changed, err
	}
	right := inventory.Level{SKU: "tea", Location: "main", OnHand: 9, Reserved: 2}
	for _, wrong := range []inventory.Level{
		{SKU: "tea", Location: "main", OnHand: 9},
		{SKU: "tea", Location: "main", OnHand: 8, Reserved: 2},
		{SKU: "tea", Location: "main", OnHand: 9, Reserved: 10},
	} {
		require.NoError(t, s.levels.upsert(t.Context(), levelKey("tea", "main"), func(l *inventory.Level, _ bool) error {
			*l = wrong
			return nil
		}))
		broken, err := s.Audit(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []inventory.Mismatch{{Level: wrong, HeldSum: 2, LedgerOnHand: 9, LedgerReserved: 2}}, broken)
		changed, err := repair()
		require.NoError(t, err)
		require.Equal(t, broken, changed)
		levels, err := s.Levels(t.Context(), []ref.SKUID{"tea"})
		require.NoError(t, err)
		require.Equal(t, []inventory.Level{right}, levels)
	}

	_, err := s.ledger.remove(t.Context(), 2)
	require.NoError(t, err)
	unfounded, err := s.AuditReservations(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []inventory.Unfounded{{Owner: "a", SKU: "tea", Location: "main", Quantity: 2, State: inventory.Held}}, unfounded)
	changed, err := repair()
	require.NoError(t, err)
	require.Len(t, changed, 1)
	broken, err := s.Audit(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, broken)

	_, err = s.ledger.remove(t.Context(), 1)
	require.NoError(t, err)
	_, err = repair()
	require.ErrorIs(t, err, fault.FailedPrecondition)
}
