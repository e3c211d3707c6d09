package inventory

import (
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
)

// Verify compares levels, reservations and ledger and returns at most limit
// levels that do not agree: none in a sound shop. Unimplemented where the
// store cannot.
func (s *Service) Verify(ctx context.Context, limit int) ([]Mismatch, error) {
	a, err := s.auditor()
	if err != nil {
		return nil, err
	}
	return a.Audit(ctx, limit)
}

// VerifyReservations returns at most limit reservations whose state does not
// follow from the ledger: each must have been reserved once, and then sold or
// freed once, never both, and no more of it can have come back than was sold.
// None in a sound shop. Unimplemented where the store cannot.
func (s *Service) VerifyReservations(ctx context.Context, limit int) ([]Unfounded, error) {
	a, err := s.auditor()
	if err != nil {
		return nil, err
	}
	return a.AuditReservations(ctx, limit)
}

// Returned returns how many pieces of the owners' reservations came back, as
// the ledger has it, by (owner, SKU, location). Unimplemented where the store
// cannot tell.
func (s *Service) Returned(ctx context.Context, owners ...string) ([]Returned, error) {
	a, ok := uow.As[ReturnAuditor](s.cfg.Store)
	if !ok {
		return nil, fault.New(fault.Unimplemented, "inventory.returned", "the store cannot tell what came back")
	}
	return a.Returned(ctx, plain(owners))
}

// Rebuild makes the levels of SKUs follow from the ledger and the held
// reservations again, as after a restore or a write past this package, and
// returns those it changed, as they were. It may run while the shop sells.
// Staff and system only. Kinds: PermissionDenied; Unimplemented;
// FailedPrecondition, code "inventory.irreparable", where more pieces are held
// than the ledger knows.
func (s *Service) Rebuild(ctx context.Context, scope ref.Scope, skus []ref.SKUID) ([]Mismatch, error) {
	if !scope.All() {
		return nil, denied()
	}
	a, err := s.auditor()
	if err != nil {
		return nil, err
	}
	skus = slices.Compact(slices.Sorted(slices.Values(skus)))
	now := s.cfg.Clock.Now()
	var changed []Mismatch
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if changed, err = a.Repair(ctx, skus, now); err != nil || len(changed) == 0 {
			return err
		}
		touched := make([]ref.SKUID, len(changed))
		for i, m := range changed {
			touched[i] = m.SKU
		}
		return s.announce(ctx, slices.Compact(slices.Sorted(slices.Values(touched))), KindAdjust, rebuildRef, now)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// rebuildRef is what the ledger names as the document of a repair.
const rebuildRef = "rebuild"

// Corrections returns the movements that make the ledger's reserved sums those
// of the held reservations, for a store that repairs; FailedPrecondition where
// a level cannot be put right.
func Corrections(broken []Mismatch) ([]Movement, error) {
	var out []Movement
	for _, m := range broken {
		if m.LedgerOnHand < m.HeldSum {
			return nil, fault.New(fault.FailedPrecondition, "inventory.irreparable", "more pieces are held than the ledger knows").
				With("sku", string(m.SKU)).With("location", string(m.Location)).
				With("held", m.HeldSum).With("on_hand", m.LedgerOnHand)
		}
		if d := m.HeldSum - m.LedgerReserved; d != 0 {
			out = append(out, Movement{SKU: m.SKU, Location: m.Location, Kind: KindAdjust, Reserved: d, Ref: rebuildRef})
		}
	}
	return out, nil
}

func (s *Service) auditor() (Auditor, error) {
	a, ok := uow.As[Auditor](s.cfg.Store)
	if !ok {
		return nil, fault.New(fault.Unimplemented, "inventory.audit", "the store cannot compare levels, reservations and ledger")
	}
	return a, nil
}
