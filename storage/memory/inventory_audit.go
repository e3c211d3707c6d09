package memory

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/ref"
)

func (s stock) Audit(ctx context.Context, limit int) ([]inventory.Mismatch, error) {
	all, err := s.compare(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, inventory.Mismatch.Sound)
	return all[:min(limit, len(all))], nil
}

// all returns all levels, reservations and movements as they are at one moment:
// what is sold between two scans would look unfounded.
func (s stock) all(ctx context.Context) (ls []inventory.Level, rs []inventory.Reservation, ms []inventory.Movement, err error) {
	ctx, done := s.db.moment(ctx)
	defer done()
	if ls, err = s.levels.scan(ctx, scan[inventory.Level]{index: "key"}); err != nil {
		return nil, nil, nil, err
	}
	if rs, err = s.reservations.scan(ctx, scan[inventory.Reservation]{index: "key"}); err != nil {
		return nil, nil, nil, err
	}
	ms, err = s.ledger.scan(ctx, scan[inventory.Movement]{index: "seq"})
	return ls, rs, ms, err
}

// compare sums up what every level should be.
func (s stock) compare(ctx context.Context) ([]inventory.Mismatch, error) {
	sums := map[string]*inventory.Mismatch{}
	of := func(sku ref.SKUID, loc ref.LocationID) *inventory.Mismatch {
		k := levelKey(sku, loc)
		if sums[k] == nil {
			sums[k] = &inventory.Mismatch{Level: inventory.Level{SKU: sku, Location: loc}}
		}
		return sums[k]
	}
	levels, rs, moves, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range levels {
		of(l.SKU, l.Location).Level = l
	}
	for _, r := range rs {
		if r.State == inventory.Held {
			of(r.SKU, r.Location).HeldSum += r.Quantity
		}
	}
	for _, m := range moves {
		sum := of(m.SKU, m.Location)
		sum.LedgerOnHand += m.OnHand
		sum.LedgerReserved += m.Reserved
	}
	out := make([]inventory.Mismatch, 0, len(sums))
	for _, k := range sortedKeys(sums) {
		out = append(out, *sums[k])
	}
	return out, nil
}

func (s stock) AuditReservations(ctx context.Context, limit int) ([]inventory.Unfounded, error) {
	sums := map[string]*inventory.Unfounded{}
	of := func(owner string, sku ref.SKUID, loc ref.LocationID) *inventory.Unfounded {
		k := reservationKey(&inventory.Reservation{Owner: owner, SKU: sku, Location: loc})
		if sums[k] == nil {
			sums[k] = &inventory.Unfounded{Owner: owner, SKU: sku, Location: loc}
		}
		return sums[k]
	}
	_, rs, moves, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rs {
		u := of(r.Owner, r.SKU, r.Location)
		u.Quantity, u.State = r.Quantity, r.State
	}
	for _, m := range moves {
		switch m.Kind {
		case inventory.KindReserve:
			of(m.Ref, m.SKU, m.Location).Reserved += m.Reserved
		case inventory.KindCommit:
			of(m.Ref, m.SKU, m.Location).Sold -= m.OnHand
		case inventory.KindRelease:
			of(m.Ref, m.SKU, m.Location).Freed -= m.Reserved
		case inventory.KindReturn:
			of(m.Ref, m.SKU, m.Location).Returned += m.OnHand
			continue
		case inventory.KindReceive, inventory.KindAdjust:
			continue
		}
		of(m.Ref, m.SKU, m.Location).Entries++
	}
	var out []inventory.Unfounded
	for _, k := range sortedKeys(sums) {
		if u := *sums[k]; !u.Founded() && len(out) < limit {
			out = append(out, u)
		}
	}
	return out, nil
}

func (s stock) Returned(ctx context.Context, owners []string) ([]inventory.Returned, error) {
	ctx, done := s.db.moment(ctx)
	defer done()
	var out []inventory.Returned
	for _, owner := range slices.Compact(slices.Sorted(slices.Values(owners))) {
		moves, err := s.ledger.scan(ctx, scan[inventory.Movement]{index: "returns", prefix: sortKey(owner)})
		if err != nil {
			return nil, err
		}
		for _, m := range moves {
			if n := len(out); n > 0 && out[n-1].Owner == m.Ref && out[n-1].SKU == m.SKU && out[n-1].Location == m.Location {
				out[n-1].Quantity += m.OnHand
				continue
			}
			out = append(out, inventory.Returned{Owner: m.Ref, SKU: m.SKU, Location: m.Location, Quantity: m.OnHand})
		}
	}
	return out, nil
}

func (s stock) Repair(ctx context.Context, skus []ref.SKUID, at time.Time) ([]inventory.Mismatch, error) {
	u, err := s.db.inside(ctx, "inventory.repair")
	if err != nil {
		return nil, err
	}
	ours := func(all []inventory.Mismatch) []inventory.Mismatch {
		return slices.DeleteFunc(all, func(m inventory.Mismatch) bool { return !slices.Contains(skus, m.SKU) })
	}
	all, err := s.compare(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range ours(all) {
		if err := u.lock(ctx, lockKey{s.levels.spec.name, levelKey(m.SKU, m.Location)}); err != nil {
			return nil, err
		}
	}
	if all, err = s.compare(ctx); err != nil { // anew, now that nobody moves them
		return nil, err
	}
	broken := slices.DeleteFunc(ours(all), inventory.Mismatch.Sound)
	moves, err := inventory.Corrections(broken)
	if err != nil {
		return nil, err
	}
	for _, m := range broken {
		if err := s.levels.upsert(ctx, levelKey(m.SKU, m.Location), func(l *inventory.Level, _ bool) error {
			*l = inventory.Level{SKU: m.SKU, Location: m.Location, OnHand: m.LedgerOnHand, Reserved: m.HeldSum}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	for _, mv := range moves {
		mv.Seq, mv.At = s.seq.Add(1), at
		if err := s.ledger.insert(ctx, &mv); err != nil {
			return nil, err
		}
	}
	return broken, nil
}
