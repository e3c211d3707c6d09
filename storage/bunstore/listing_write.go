package bunstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/ref"
)

// listedRows returns rows of new products, sorted; where they exist, the
// statement counts up their stamps instead.
func listedRows(products []ref.ProductID, due time.Time) []listedRow {
	ids := slices.Compact(slices.Sorted(slices.Values(products)))
	rows := make([]listedRow, len(ids))
	for i, id := range ids {
		rows[i] = listedRow{Product: id, Stamp: 1, DueAt: at(due)}
	}
	return rows
}

const (
	nextStamp = "stamp = ?TableAlias.stamp + 1"
	moreSold  = "sold = ?TableAlias.sold + EXCLUDED.sold"
	dueSooner = `due_at = CASE WHEN ?TableAlias.due_at IS NULL OR ?TableAlias.due_at > EXCLUDED.due_at
		THEN EXCLUDED.due_at ELSE ?TableAlias.due_at END`
)

func (s listings) bump(c conn, rows *[]listedRow, set ...string) *bun.InsertQuery {
	q := c.insert(rows).On("CONFLICT (product) DO UPDATE").Set(nextStamp)
	for _, more := range set {
		q.Set(more)
	}
	return q
}

func (s listings) Stamp(ctx context.Context, products []ref.ProductID) (map[ref.ProductID]listing.Stamp, error) {
	out := make(map[ref.ProductID]listing.Stamp, len(products))
	rows := listedRows(products, time.Time{})
	if len(rows) == 0 {
		return out, nil
	}
	c := s.db.conn(ctx)
	var stamped []listedRow
	if _, err := c.scan(ctx, s.bump(c, &rows).Returning("product, stamp, sold"), &stamped); err != nil {
		return nil, err
	}
	for _, r := range stamped {
		out[r.Product] = listing.Stamp{Version: r.Stamp, Sold: r.Sold}
	}
	return out, nil
}

func (s listings) Mark(ctx context.Context, products []ref.ProductID, at time.Time) error {
	rows := listedRows(products, at)
	if len(rows) == 0 {
		return nil
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, s.bump(c, &rows, dueSooner))
	return err
}

func (s listings) Sell(ctx context.Context, sales []listing.Sale, at time.Time) error {
	if _, err := s.db.inside(ctx, "listing.sell"); err != nil {
		return err
	}
	pieces := make(map[ref.ProductID]int64, len(sales))
	products := make([]ref.ProductID, len(sales))
	for i, sale := range sales {
		pieces[sale.Product] += sale.Pieces
		products[i] = sale.Product
	}
	rows := listedRows(products, at)
	if len(rows) == 0 {
		return nil
	}
	for i := range rows {
		rows[i].Sold = pieces[rows[i].Product]
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, s.bump(c, &rows, dueSooner, moreSold))
	return err
}

func (s listings) Write(ctx context.Context, entries []listing.Entry) ([]ref.ProductID, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	entries = slices.Clone(entries)
	slices.SortFunc(entries, listing.Entry.Compare)
	var won []ref.ProductID
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		var err error
		if won, err = s.win(ctx, c, entries); err != nil || len(won) == 0 {
			return err
		}
		var rows []listingRow
		var shelves []shelfRow
		for _, e := range entries {
			if _, ok := slices.BinarySearch(won, e.Product); !ok {
				continue
			}
			for _, r := range e.Rows {
				rows = append(rows, listingRowOf(r))
				shelves = append(shelves, shelfRowsOf(r)...)
			}
		}
		if err := s.putRows(ctx, c, won, rows); err != nil {
			return err
		}
		return s.putShelves(ctx, c, won, shelves)
	})
	return won, err
}

// win takes the right to write from every earlier stamp, and returns the
// products for which no later one was written, sorted.
func (s listings) win(ctx context.Context, c conn, entries []listing.Entry) ([]ref.ProductID, error) {
	rows := make([]listedRow, len(entries))
	for i, e := range entries {
		rows[i] = listedRow{Product: e.Product, Stamp: e.Version, DueAt: at(e.DueAt)}
	}
	const wins = "?TableAlias.product = _new.product AND ?TableAlias.written < _new.stamp"
	q := c.update((*listedRow)(nil)).With("_new", c.bun.NewValues(&rows)).TableExpr("_new").
		Set("written = _new.stamp").
		Set("due_at = CASE WHEN ?TableAlias.stamp = _new.stamp THEN _new.due_at ELSE ?TableAlias.due_at END").
		Where(wins)
	key := "product"
	if s.db.postgres {
		key = "?TableAlias.product"
		q.With("_locked", c.query((*listedRow)(nil)).ColumnExpr("?TableAlias.product").
			Join("JOIN _new ON "+wins).OrderExpr("?TableAlias.product").For("UPDATE OF ?TableAlias"))
		q.Where("?TableAlias.product IN (SELECT product FROM _locked)")
	}
	var won []ref.ProductID
	_, err := c.scan(ctx, q.Returning(key), &won)
	slices.Sort(won)
	return won, err
}

// putRows stores the rows and removes those that the products had elsewhere.
func (s listings) putRows(ctx context.Context, c conn, products []ref.ProductID, rows []listingRow) error {
	if len(rows) > 0 {
		if _, err := c.exec(ctx, c.insert(&rows).On("CONFLICT (channel, currency, product) DO UPDATE")); err != nil {
			return err
		}
	}
	_, err := c.exec(ctx, c.delete((*listingRow)(nil)).Where("product IN (?)", bun.List(products)).
		Where("version <> (SELECT written FROM listing_products AS p WHERE p.product = ?TableAlias.product)"))
	return err
}

// putShelves writes the difference to what stands on the shelves: most
// refreshes change nothing there, and every change moves index entries.
func (s listings) putShelves(ctx context.Context, c conn, products []ref.ProductID, want []shelfRow) error {
	var have []shelfRow
	if _, err := c.scan(ctx, c.query(&have).Where("product IN (?)", bun.List(products))); err != nil {
		return err
	}
	stands := make(map[string]shelfRow, len(have))
	for _, r := range have {
		stands[r.key()] = r
	}
	var put []shelfRow
	for _, r := range want {
		if old, ok := stands[r.key()]; !ok || old != r {
			put = append(put, r)
		}
		delete(stands, r.key())
	}
	if len(stands) > 0 {
		gone := make([]shelfRow, 0, len(stands))
		for _, r := range stands {
			gone = append(gone, r)
		}
		if err := s.clear(ctx, c, gone); err != nil {
			return err
		}
	}
	if len(put) == 0 {
		return nil
	}
	_, err := c.exec(ctx, c.insert(&put).On("CONFLICT (product, channel, currency, shelf) DO UPDATE"))
	return err
}

func (r shelfRow) key() string {
	return strings.Join([]string{string(r.Product), string(r.Channel), string(r.Currency), string(r.Shelf)}, "\x00")
}

// clear takes rows off shelves.
func (s listings) clear(ctx context.Context, c conn, rows []shelfRow) error {
	_, err := c.exec(ctx, c.delete((*shelfRow)(nil)).
		With("_gone", c.bun.NewValues(&rows).Column("product", "channel", "currency", "shelf")).
		Where("(product, channel, currency, shelf) IN (SELECT product, channel, currency, shelf FROM _gone)"))
	return err
}
