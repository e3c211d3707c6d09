package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage/bunstore"
)

// Roster keeps merchants in a table of the company's own, beside the shop's
// tables in its database: a [merchant.Store] that joins units of work. What is
// written in a unit is there with everything else of it, or not at all.
type Roster struct{ db *bunstore.DB }

var (
	_ merchant.Store = (*Roster)(nil)
	_ uow.Manager    = (*Roster)(nil)
)

// OpenRoster makes the table where it is missing.
func OpenRoster(ctx context.Context, db *bunstore.DB) (*Roster, error) {
	_, err := db.SQL().ExecContext(ctx, `CREATE TABLE IF NOT EXISTS roster (
		id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL,
		created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, version INTEGER NOT NULL)`)
	return &Roster{db}, err
}

// txKey is where the context of a unit has its transaction.
type txKey struct{ *Roster }

// Do implements [uow.Manager]: it begins the transaction, so that the roster
// knows it, and lets the shop's stores join. SQLite lets one unit write at a
// time, so none is refused by another and has to run again.
func (r *Roster) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(txKey{r}) != nil {
		return r.db.Do(ctx, fn) // one more inside of the same unit
	}
	tx, err := r.db.SQL().BeginTx(ctx, nil)
	if err != nil {
		return failed(ctx, err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing behind a commit
	if err := r.db.Do(r.db.Join(context.WithValue(ctx, txKey{r}, tx), tx), fn); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return failed(ctx, ctx.Err())
	}
	if err := tx.Commit(); err != nil {
		return fault.Wrap(err, fault.Indeterminate, "roster.commit", "nobody knows whether the unit took effect")
	}
	return nil
}

// executor is a transaction, or the database where there is none.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (r *Roster) executor(ctx context.Context) executor {
	if tx, ok := ctx.Value(txKey{r}).(*sql.Tx); ok {
		return tx
	}
	return r.db.SQL()
}

const columns = "SELECT id, name, state, created_at, updated_at, version FROM roster "

// read returns the merchants that a query finds.
func (r *Roster) read(ctx context.Context, query string, args ...any) (all []merchant.Merchant, err error) {
	rows, err := r.executor(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, failed(ctx, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m merchant.Merchant
		var created, updated int64
		if err := rows.Scan(&m.ID, &m.Name, &m.State, &created, &updated, &m.Version); err != nil {
			return nil, failed(ctx, err)
		}
		m.CreatedAt, m.UpdatedAt = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
		all = append(all, m)
	}
	if rows.Err() != nil {
		return nil, failed(ctx, rows.Err())
	}
	return all, nil
}

// write makes one statement, and reports whether a row was written.
func (r *Roster) write(ctx context.Context, query string, args ...any) (bool, error) {
	done, err := r.executor(ctx).ExecContext(ctx, query, args...)
	if err != nil {
		return false, failed(ctx, err)
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// Get implements [merchant.Store].
func (r *Roster) Get(ctx context.Context, id merchant.ID) (merchant.Merchant, error) {
	found, err := r.read(ctx, columns+"WHERE id = ?", id)
	switch {
	case err != nil:
		return merchant.Merchant{}, err
	case len(found) == 0:
		return merchant.Merchant{}, missing(id)
	}
	return found[0], nil
}

// GetMany implements [merchant.Store].
func (r *Roster) GetMany(ctx context.Context, ids []merchant.ID) ([]merchant.Merchant, error) {
	var found []merchant.Merchant
	for _, id := range ids {
		one, err := r.read(ctx, columns+"WHERE id = ?", id)
		if err != nil {
			return nil, err
		}
		found = append(found, one...)
	}
	return found, nil
}

// Insert implements [merchant.Store]. A statement that finds nothing to do
// leaves the unit usable; one that fails might not.
func (r *Roster) Insert(ctx context.Context, m *merchant.Merchant) error {
	fresh, err := r.write(ctx, "INSERT INTO roster VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING",
		m.ID, m.Name, m.State, m.CreatedAt.UnixMicro(), m.UpdatedAt.UnixMicro())
	switch {
	case err != nil:
		return err
	case !fresh:
		return known()
	}
	m.Version = 1
	return nil
}

// Update implements [merchant.Store]. The version decides in the statement.
func (r *Roster) Update(ctx context.Context, m *merchant.Merchant) error {
	written, err := r.write(ctx, "UPDATE roster SET name = ?, state = ?, updated_at = ?, version = version + 1 WHERE id = ? AND version = ?",
		m.Name, m.State, m.UpdatedAt.UnixMicro(), m.ID, m.Version)
	if err != nil {
		return err
	}
	if !written {
		if _, err := r.Get(ctx, m.ID); err != nil {
			return err
		}
		return stale(m.ID)
	}
	m.Version++
	return nil
}

// List implements [merchant.Store].
func (r *Roster) List(ctx context.Context, q merchant.Query, p page.Request) (page.Page[merchant.Merchant], error) {
	var out page.Page[merchant.Merchant]
	size, after, err := start(p)
	if err != nil {
		return out, err
	}
	out.Items, err = r.read(ctx, columns+"WHERE id > ? AND (? = '' OR state = ?) ORDER BY id LIMIT ?", after, q.State, q.State, size+1)
	if err != nil {
		return page.Page[merchant.Merchant]{}, err
	}
	return cut(out, size), nil
}

// failed tells a caller who gave up from a database that is out of order.
func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.Wrap(err, fault.Canceled, "roster.canceled", "the caller gave up")
	}
	return fault.Wrap(err, fault.Unavailable, "roster.failed", "the roster cannot be reached")
}
