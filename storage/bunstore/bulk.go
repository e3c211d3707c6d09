package bunstore

import (
	"context"

	"github.com/uptrace/bun"
)

// insertMany stores the rows that meet nothing, in one statement, and returns
// the keys of those stored. Rows come sorted by key, so that two inserts wait
// for each other in one order only.
func insertMany[K ~string, R any](ctx context.Context, c conn, rows []R, key string) ([]K, error) {
	if len(rows) == 0 {
		return nil, c.err
	}
	var stored []K
	_, err := c.scan(ctx, c.insert(&rows).On("CONFLICT DO NOTHING").Returning("?", bun.Ident(key)), &stored)
	return stored, err
}

// updateMany stores rows, whose versions are already counted up, where the
// stored version is the one before, in one statement that locks them in the
// order of their keys, and returns the keys of those stored. The model's
// columns need their types for PostgreSQL: `bun:"created_at,type:timestamptz"`.
func updateMany[K ~string, R any](ctx context.Context, c conn, db *DB, rows []R, columns ...string) ([]K, error) {
	if len(rows) == 0 {
		return nil, c.err
	}
	q := c.update((*R)(nil)).With("_new", c.bun.NewValues(&rows)).TableExpr("_new")
	for _, col := range append(columns, "version") {
		q.Set("?0 = _new.?0", bun.Ident(col))
	}
	q.Where("?TableAlias.id = _new.id AND ?TableAlias.version = _new.version - 1")
	key := "id" // SQLite knows no alias here
	if db.postgres {
		key = "?TableAlias.id"
		q.With("_locked", c.query((*R)(nil)).ColumnExpr("?TableAlias.id").
			Join("JOIN _new ON ?TableAlias.id = _new.id AND ?TableAlias.version = _new.version - 1").
			OrderExpr("?TableAlias.id").For("UPDATE OF ?TableAlias"))
		q.Where("?TableAlias.id IN (SELECT id FROM _locked)")
	}
	var stored []K
	_, err := c.scan(ctx, q.Returning(key), &stored)
	return stored, err
}
