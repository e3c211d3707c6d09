package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// listed is what is known of a product beside its rows.
type listed struct {
	Product ref.ProductID
	Stamp   int64
	Written int64
	Sold    int64
	Due     time.Time
}

// shelved is a row on one of its shelves.
type shelved struct {
	Shelf listing.Shelf
	Row   listing.Row
}

func shelfKey(channel ref.ChannelID, currency money.Currency, shelf listing.Shelf, more ...any) string {
	return sortKey(append([]any{string(channel), string(currency), string(shelf)}, more...)...)
}

func (s *shelved) key(more ...any) string {
	return shelfKey(s.Row.Channel, s.Row.Currency, s.Shelf, append(more, string(s.Row.Product))...)
}

type listings struct {
	products *table[ref.ProductID, listed]
	shelves  *table[string, shelved]
}

var _ listing.Store = listings{}

func newListings(db *DB) listings {
	return listings{
		products: newTable(db, spec[ref.ProductID, listed]{
			name:  "listing",
			key:   func(l *listed) ref.ProductID { return l.Product },
			clone: func(l listed) listed { return l },
			ordered: map[string]func(*listed) string{
				"due": func(l *listed) string {
					if l.Due.IsZero() {
						return ""
					}
					return sortKey(l.Due, string(l.Product))
				},
			},
		}),
		shelves: newTable(db, spec[string, shelved]{
			name: "listing_shelf",
			key:  func(s *shelved) string { return s.key() },
			clone: func(s shelved) shelved {
				s.Row = s.Row.Clone()
				return s
			},
			ordered: map[string]func(*shelved) string{
				"product": func(s *shelved) string { return sortKey(string(s.Row.Product)) + s.key() },
				"newest":  func(s *shelved) string { return s.key(s.Row.Newest) },
				"lowest":  func(s *shelved) string { return s.key(s.Row.SortPrice().Minor()) },
				"sold":    func(s *shelved) string { return s.key(s.Row.Sold) },
				"title":   func(s *shelved) string { return s.key(s.Row.TitleKey()) },
			},
		}),
	}
}

// bump counts up the stamp of a product and applies more to it.
func (s listings) bump(ctx context.Context, id ref.ProductID, more func(*listed)) (listed, error) {
	var out listed
	err := s.products.upsert(ctx, id, func(l *listed, _ bool) error {
		l.Product = id
		l.Stamp++
		more(l)
		out = *l
		return nil
	})
	return out, err
}

func (l *listed) due(at time.Time) {
	if l.Due.IsZero() || at.Before(l.Due) {
		l.Due = at
	}
}

func (s listings) Stamp(ctx context.Context, products []ref.ProductID) (map[ref.ProductID]listing.Stamp, error) {
	out := make(map[ref.ProductID]listing.Stamp, len(products))
	err := s.products.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, id := range slices.Sorted(slices.Values(distinct(products))) {
			l, err := s.bump(ctx, id, func(*listed) {})
			if err != nil {
				return err
			}
			out[id] = listing.Stamp{Version: l.Stamp, Sold: l.Sold}
		}
		return nil
	})
	return out, err
}

func (s listings) Mark(ctx context.Context, products []ref.ProductID, at time.Time) error {
	return s.products.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, id := range slices.Sorted(slices.Values(distinct(products))) {
			if _, err := s.bump(ctx, id, func(l *listed) { l.due(at) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s listings) Sell(ctx context.Context, sales []listing.Sale, at time.Time) error {
	if _, err := s.products.db.inside(ctx, "listing.sell"); err != nil {
		return err
	}
	for _, sale := range sales {
		_, err := s.bump(ctx, sale.Product, func(l *listed) {
			l.Sold += sale.Pieces
			l.due(at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s listings) Due(ctx context.Context, now time.Time, limit int) ([]ref.ProductID, error) {
	rows, err := s.products.scan(ctx, scan[listed]{index: "due", limit: limit, match: func(l *listed) bool { return !l.Due.After(now) }})
	if err != nil {
		return nil, err
	}
	out := make([]ref.ProductID, len(rows))
	for i, l := range rows {
		out[i] = l.Product
	}
	return out, nil
}

func (s listings) Write(ctx context.Context, entries []listing.Entry) ([]ref.ProductID, error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, listing.Entry.Compare)
	var out []ref.ProductID
	err := s.products.db.write(ctx, func(ctx context.Context, _ *unit) error {
		out = nil
		for _, e := range entries {
			written := false
			err := s.products.mutate(ctx, e.Product, func(l *listed) error {
				if l.Written >= e.Version {
					return nil
				}
				if l.Written, written = e.Version, true; l.Stamp == e.Version {
					l.Due = e.DueAt
				}
				return nil
			})
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
			if !written {
				continue
			}
			out = append(out, e.Product)
			if err := s.replace(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// replace puts the rows of an entry on their shelves and takes others off.
func (s listings) replace(ctx context.Context, e listing.Entry) error {
	old, err := s.shelves.scan(ctx, scan[shelved]{index: "product", prefix: sortKey(string(e.Product))})
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, r := range e.Rows {
		for _, shelf := range r.Shelves() {
			next := shelved{Shelf: shelf, Row: r.Clone()}
			kept[next.key()] = true
			err := s.shelves.upsert(ctx, next.key(), func(row *shelved, _ bool) error {
				*row = next
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	for _, o := range old {
		if kept[o.key()] {
			continue
		}
		if _, err := s.shelves.remove(ctx, o.key()); err != nil {
			return err
		}
	}
	return nil
}

func (s listings) GetMany(ctx context.Context, channel ref.ChannelID, currency money.Currency, products []ref.ProductID) ([]listing.Row, error) {
	keys := make([]string, len(products))
	for i, id := range products {
		keys[i] = shelfKey(channel, currency, listing.AllShelf, string(id))
	}
	found, err := s.shelves.getMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]listing.Row, len(found))
	for i, f := range found {
		out[i] = f.Row
	}
	return out, nil
}

func (s listings) List(ctx context.Context, q listing.Query, p page.Request) (page.Page[listing.Row], error) {
	index := map[listing.Sort]string{
		listing.Newest: "newest", listing.Cheapest: "lowest", listing.Dearest: "lowest",
		listing.BestSelling: "sold", listing.ByTitle: "title",
	}[q.Sort]
	found, err := s.shelves.page(ctx, "listing."+string(q.Sort), p, scan[shelved]{
		index: index, prefix: shelfKey(q.Channel, q.Currency, q.Shelves()[0]), desc: q.Sort.Descending(),
		match: func(s *shelved) bool { return q.Matches(&s.Row) },
	})
	return page.Map(found, func(s shelved) listing.Row { return s.Row }), err
}
