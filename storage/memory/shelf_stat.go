package memory

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend/shelf"
)

type shelfStats struct {
	db        *DB
	rows      *table[string, shelf.Stat]
	exposures *table[string, shelf.Exposure]
}

var _ shelf.StatStore = shelfStats{}

func newShelfStats(db *DB) shelfStats {
	return shelfStats{
		db: db,
		rows: newTable(db, spec[string, shelf.Stat]{
			name:    "shelf_stat",
			key:     statKey,
			clone:   func(s shelf.Stat) shelf.Stat { return s },
			ordered: map[string]func(*shelf.Stat) string{"key": statKey},
		}),
		exposures: newTable(db, spec[string, shelf.Exposure]{
			name:    "shelf_exposure",
			key:     exposureKey,
			clone:   func(e shelf.Exposure) shelf.Exposure { return e },
			ordered: map[string]func(*shelf.Exposure) string{"key": exposureKey},
		}),
	}
}

func statKey(s *shelf.Stat) string {
	return sortKey(s.Day, s.Slot, s.Strategy, string(s.Segment), string(s.Currency))
}

func exposureKey(e *shelf.Exposure) string {
	return sortKey(e.Day, e.Slot, e.Strategy, string(e.Product))
}

func (s shelfStats) Add(ctx context.Context, stats []shelf.Stat, exposures []shelf.Exposure) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, more := range slices.SortedFunc(slices.Values(stats), shelf.Stat.Compare) {
			err := s.rows.upsert(ctx, statKey(&more), func(row *shelf.Stat, exists bool) error {
				if exists {
					row.Add(more)
				} else {
					*row = more
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		for _, more := range slices.SortedFunc(slices.Values(exposures), shelf.Exposure.Compare) {
			err := s.exposures.upsert(ctx, exposureKey(&more), func(row *shelf.Exposure, _ bool) error {
				more.Shown += row.Shown
				*row = more
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s shelfStats) List(ctx context.Context, q shelf.StatQuery) ([]shelf.Stat, error) {
	return s.rows.scan(ctx, scan[shelf.Stat]{index: "key", match: func(r *shelf.Stat) bool {
		return r.Day >= q.From && r.Day <= q.Until && (q.Slot == "" || r.Slot == q.Slot)
	}})
}

func (s shelfStats) Reach(ctx context.Context, q shelf.StatQuery) ([]shelf.Reach, error) {
	rows, err := s.exposures.scan(ctx, scan[shelf.Exposure]{index: "key", match: func(r *shelf.Exposure) bool {
		return r.Day >= q.From && r.Day <= q.Until && (q.Slot == "" || r.Slot == q.Slot)
	}})
	if err != nil {
		return nil, err
	}
	all := showings{}
	for _, r := range rows {
		all.add(shelf.Reach{Slot: r.Slot, Strategy: r.Strategy}, r.Product, r.Shown)
	}
	return all.reach(), nil
}

// showings are how often products were shown, by what is told apart.
type showings map[shelf.Reach]map[ref.ProductID]int64

func (s showings) add(by shelf.Reach, product ref.ProductID, n int64) {
	if s[by] == nil {
		s[by] = map[ref.ProductID]int64{}
	}
	s[by][product] += n
}

// reach sums up showings: a product's share is that of its slot.
func (s showings) reach() []shelf.Reach {
	slots := map[string]map[ref.ProductID]int64{}
	total := map[string]int64{}
	for by, products := range s {
		if slots[by.Slot] == nil {
			slots[by.Slot] = map[ref.ProductID]int64{}
		}
		for p, n := range products {
			slots[by.Slot][p] += n
			total[by.Slot] += n
		}
	}
	var out []shelf.Reach
	for x, products := range s {
		x.Products = int64(len(products))
		for p, n := range products {
			x.Shown += n
			x.Bits += float64(n) * math.Log2(float64(total[x.Slot])/float64(slots[x.Slot][p]))
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b shelf.Reach) int {
		return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Strategy, b.Strategy), cmp.Compare(a.Segment, b.Segment))
	})
	return out
}

func (s shelfStats) Purge(ctx context.Context, before string, limit int) (int, error) {
	return purge(ctx, s.exposures, "key", limit, func(e *shelf.Exposure) bool { return e.Day < before })
}
