package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type stock struct {
	db           *DB
	levels       *table[string, inventory.Level]
	reservations *table[string, inventory.Reservation]
	ledger       *table[int64, inventory.Movement]
	seq          *atomic.Int64
}

var (
	_ inventory.Store         = stock{}
	_ inventory.Auditor       = stock{}
	_ inventory.ReturnAuditor = stock{}
)

func newStock(db *DB) stock {
	return stock{
		db: db, seq: &atomic.Int64{},
		levels: newTable(db, spec[string, inventory.Level]{
			name:  "inventory_level",
			key:   func(l *inventory.Level) string { return levelKey(l.SKU, l.Location) },
			clone: func(l inventory.Level) inventory.Level { return l },
			ordered: map[string]func(*inventory.Level) string{
				"key": func(l *inventory.Level) string { return levelKey(l.SKU, l.Location) },
			},
		}),
		reservations: newTable(db, spec[string, inventory.Reservation]{
			name:  "inventory_reservation",
			key:   reservationKey,
			clone: func(r inventory.Reservation) inventory.Reservation { return r },
			ordered: map[string]func(*inventory.Reservation) string{
				"key": reservationKey,
				"expiry": func(r *inventory.Reservation) string {
					if r.State != inventory.Held || r.ExpiresAt.IsZero() {
						return ""
					}
					return sortKey(r.ExpiresAt) + reservationKey(r)
				},
			},
		}),
		ledger: newTable(db, spec[int64, inventory.Movement]{
			name:  "inventory_movement",
			key:   func(m *inventory.Movement) int64 { return m.Seq },
			clone: func(m inventory.Movement) inventory.Movement { return m },
			ordered: map[string]func(*inventory.Movement) string{
				"seq": func(m *inventory.Movement) string { return sortKey(m.Seq) },
				"sku": func(m *inventory.Movement) string { return sortKey(string(m.SKU), m.Seq) },
				"returns": func(m *inventory.Movement) string {
					if m.Kind != inventory.KindReturn {
						return ""
					}
					return sortKey(m.Ref, string(m.SKU), string(m.Location), m.Seq)
				},
			},
		}),
	}
}

func levelKey(sku ref.SKUID, loc ref.LocationID) string { return sortKey(string(sku), string(loc)) }

func reservationKey(r *inventory.Reservation) string {
	return sortKey(r.Owner, string(r.SKU), string(r.Location))
}

func (s stock) Levels(ctx context.Context, skus []ref.SKUID) ([]inventory.Level, error) {
	ctx, done := s.db.moment(ctx)
	defer done()
	var out []inventory.Level
	for _, sku := range slices.Compact(slices.Sorted(slices.Values(skus))) {
		rows, err := s.levels.scan(ctx, scan[inventory.Level]{index: "key", prefix: sortKey(string(sku))})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func (s stock) Reserve(ctx context.Context, rs []inventory.Reservation, at time.Time) ([]inventory.Shortage, error) {
	u, err := s.db.inside(ctx, "inventory.reserve")
	if err != nil {
		return nil, err
	}
	want := map[string]inventory.Level{}
	for _, r := range rs {
		k := levelKey(r.SKU, r.Location)
		l := want[k]
		l.SKU, l.Location, l.Reserved = r.SKU, r.Location, l.Reserved+r.Quantity
		want[k] = l
	}
	keys := sortedKeys(want)
	var short []inventory.Shortage
	for _, k := range keys {
		if err := u.lock(ctx, lockKey{s.levels.spec.name, k}); err != nil {
			return nil, err
		}
		cur, err := s.levels.get(ctx, k)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return nil, err
		}
		if w := want[k]; cur.Available() < w.Reserved {
			short = append(short, inventory.Shortage{SKU: w.SKU, Want: w.Reserved, Have: cur.Available()})
		}
	}
	if len(short) > 0 {
		return short, nil
	}
	for _, k := range keys {
		if err := s.levels.mutate(ctx, k, func(l *inventory.Level) error {
			l.Reserved += want[k].Reserved
			return nil
		}); err != nil {
			return nil, err
		}
	}
	for i := range rs {
		r := rs[i]
		if err := s.reservations.insert(ctx, &r); err != nil {
			u.doom(err)
			return nil, err
		}
		if err := s.enter(ctx, &r, inventory.KindReserve, 0, r.Quantity, at); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s stock) enter(ctx context.Context, r *inventory.Reservation, kind inventory.Kind, onHand, reserved ref.Quantity, at time.Time) error {
	return s.ledger.insert(ctx, &inventory.Movement{
		Seq: s.seq.Add(1), SKU: r.SKU, Location: r.Location, Kind: kind,
		OnHand: onHand, Reserved: reserved, Ref: r.Owner, At: at,
	})
}

func (s stock) Settle(ctx context.Context, owners []string, to inventory.State, at time.Time) ([]inventory.Reservation, error) {
	if _, err := s.db.inside(ctx, "inventory.settle"); err != nil {
		return nil, err
	}
	all, err := s.Reservations(ctx, owners)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b inventory.Reservation) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Location, b.Location), cmp.Compare(a.Owner, b.Owner))
	})
	var moved []inventory.Reservation
	for _, r := range all {
		if r.State != inventory.Held {
			continue
		}
		won := false
		if err := s.reservations.mutate(ctx, reservationKey(&r), func(cur *inventory.Reservation) error {
			won = cur.Settle(to, at)
			return nil
		}); err != nil {
			return nil, err
		}
		if won {
			r.State, r.UpdatedAt = to, at
			moved = append(moved, r)
		}
	}
	for i := range moved {
		r := &moved[i]
		kind, onHand := inventory.KindRelease, ref.Quantity(0)
		if to == inventory.Committed {
			kind, onHand = inventory.KindCommit, -r.Quantity
		}
		if err := s.levels.mutate(ctx, levelKey(r.SKU, r.Location), func(l *inventory.Level) error {
			l.OnHand += onHand
			l.Reserved -= r.Quantity
			return nil
		}); err != nil {
			return nil, err
		}
		if err := s.enter(ctx, r, kind, onHand, -r.Quantity, at); err != nil {
			return nil, err
		}
	}
	sortReservations(moved)
	return moved, nil
}

func (s stock) Extend(ctx context.Context, owners []string, until, at time.Time) (int, error) {
	n := 0
	err := s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		n = 0
		all, err := s.Reservations(ctx, owners)
		if err != nil {
			return err
		}
		for _, r := range all {
			if err := s.reservations.mutate(ctx, reservationKey(&r), func(cur *inventory.Reservation) error {
				if cur.State == inventory.Held {
					cur.ExpiresAt, cur.UpdatedAt = until, at
					n++
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

func (s stock) Apply(ctx context.Context, changes []inventory.Change, at time.Time) error {
	u, err := s.db.inside(ctx, "inventory.apply")
	if err != nil {
		return err
	}
	total := map[string]inventory.Level{}
	for _, c := range changes {
		k := levelKey(c.SKU, c.Location)
		l := total[k]
		l.SKU, l.Location, l.OnHand = c.SKU, c.Location, l.OnHand+c.Delta
		total[k] = l
	}
	keys := sortedKeys(total)
	var short []inventory.Shortage
	for _, k := range keys {
		if err := u.lock(ctx, lockKey{s.levels.spec.name, k}); err != nil {
			return err
		}
		cur, err := s.levels.get(ctx, k)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		if t := total[k]; cur.OnHand+t.OnHand < cur.Reserved {
			short = append(short, inventory.Shortage{SKU: t.SKU, Want: -t.OnHand, Have: cur.Available()})
		}
	}
	if len(short) > 0 {
		return inventory.ErrShort(short)
	}
	for _, k := range keys {
		if err := s.levels.upsert(ctx, k, func(l *inventory.Level, _ bool) error {
			l.SKU, l.Location = total[k].SKU, total[k].Location
			l.OnHand += total[k].OnHand
			return nil
		}); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if err := s.ledger.insert(ctx, &inventory.Movement{
			Seq: s.seq.Add(1), SKU: c.SKU, Location: c.Location, Kind: c.Kind, OnHand: c.Delta, Ref: c.Ref, At: at,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s stock) Expired(ctx context.Context, before time.Time, limit int) ([]string, error) {
	u := s.db.unit(ctx)
	var owners []string
	_, err := s.reservations.scan(ctx, scan[inventory.Reservation]{
		index: "expiry",
		limit: 1, // the match below collects; the first row it takes ends the scan
		match: func(r *inventory.Reservation) bool {
			if r.ExpiresAt.After(before) {
				return true
			}
			if !slices.Contains(owners, r.Owner) {
				owners = append(owners, r.Owner)
			}
			return len(owners) >= limit
		},
	})
	if err != nil || u == nil {
		return owners, err
	}
	return slices.DeleteFunc(owners, func(owner string) bool {
		return !u.tryLock(lockKey{"inventory_reservation/expiry", owner})
	}), nil
}

func (s stock) Reservations(ctx context.Context, owners []string) ([]inventory.Reservation, error) {
	ctx, done := s.db.moment(ctx)
	defer done()
	var out []inventory.Reservation
	for _, owner := range slices.Compact(slices.Sorted(slices.Values(owners))) {
		rows, err := s.reservations.scan(ctx, scan[inventory.Reservation]{index: "key", prefix: sortKey(owner)})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func (s stock) Ledger(ctx context.Context, q inventory.LedgerQuery, p page.Request) (page.Page[inventory.Movement], error) {
	sc := scan[inventory.Movement]{
		index: "seq",
		match: func(m *inventory.Movement) bool { return q.Kind == "" || m.Kind == q.Kind },
	}
	list := "inventory.ledger"
	if q.SKU != "" {
		sc.index, sc.prefix, list = "sku", sortKey(string(q.SKU)), "inventory.ledger.sku"
	}
	return s.ledger.page(ctx, list, p, sc)
}

func sortReservations(rs []inventory.Reservation) {
	slices.SortFunc(rs, func(a, b inventory.Reservation) int {
		return cmp.Compare(reservationKey(&a), reservationKey(&b))
	})
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
