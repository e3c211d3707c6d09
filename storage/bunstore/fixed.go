package bunstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/clock"
)

// PostgreSQL parses and plans a statement each time its text differs, which
// costs more than running it. What every purchase does is therefore written as
// statements whose text never changes, with their arguments beside them.

// find runs a query into dest, a pointer to a slice of rows. Its text, which
// name names, is written once, with placeholders $1 and so on for args.
func (c conn) find(ctx context.Context, name string, dest any, build func(q *bun.SelectQuery), args ...any) error {
	text := c.db.text(name, func() string {
		q := c.bun.NewSelect().Model(dest)
		build(q)
		return q.String()
	})
	return c.rows(ctx, text, dest, args...)
}

// rows runs a query of unchanging text into dest, a pointer to a slice.
func (c conn) rows(ctx context.Context, text string, dest any, args ...any) error {
	if c.err != nil {
		return c.err
	}
	rows, err := c.on.QueryContext(ctx, text, c.db.planned(args)...)
	if err == nil {
		defer func() { _ = rows.Close() }()
		err = errors.Join(c.bun.ScanRows(ctx, rows, dest), rows.Err())
	}
	c.db.report(ctx, text, err)
	if err != nil {
		return c.failed(ctx, err)
	}
	return nil
}

// among is the condition that a column is one of the texts in argument n,
// which is what list makes of them.
func (db *DB) among(column string, n int) string {
	if db.postgres { // "= ANY($1)" would be planned anew each time
		return fmt.Sprintf("%s IN (SELECT x FROM unnest($%d::text[]) AS x WHERE %s)", column, n, rare("x"))
	}
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, n)
}

func list[K ~string](db *DB, in []K) any {
	out := make([]string, len(in))
	for i, k := range in {
		out[i] = string(k)
	}
	if db.postgres {
		return out
	}
	text, _ := json.Marshal(out) // texts always have a JSON form
	return string(text)
}

// instant is a time as an argument.
func (db *DB) instant(t time.Time) any {
	if db.postgres {
		return clock.Normalize(t)
	}
	return t.UnixMicro()
}

// fixed runs a query of unchanging text with its arguments beside it and scans
// the one row of its answer into dest.
func (c conn) fixed(ctx context.Context, text string, args []any, dest ...any) error {
	if c.err != nil {
		return c.err
	}
	err := c.on.QueryRowContext(ctx, text, c.db.planned(args)...).Scan(dest...)
	c.db.report(ctx, text, err)
	if err != nil {
		return c.failed(ctx, err)
	}
	return nil
}

// fixedExec runs a statement of unchanging text and returns the rows it
// affected.
func (c conn) fixedExec(ctx context.Context, text string, args ...any) (int64, error) {
	if c.err != nil {
		return 0, c.err
	}
	res, err := c.on.ExecContext(ctx, text, c.db.planned(args)...)
	c.db.report(ctx, text, err)
	if err != nil {
		return 0, c.failed(ctx, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, c.failed(ctx, err)
	}
	return n, nil
}

// planned asks the driver to keep the statement's plan, unless the URL says
// that what stands between us and the server keeps none.
func (db *DB) planned(args []any) []any {
	if !db.postgres || db.pgx.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		return args
	}
	return append([]any{pgx.QueryExecModeCacheStatement}, args...)
}

func (db *DB) report(ctx context.Context, text string, err error) {
	if db.opts.OnStatement != nil {
		db.opts.OnStatement(ctx, text, err)
	}
}

// text returns the statement of a name, written once.
func (db *DB) text(name string, write func() string) string {
	t, _ := db.texts.Load(name)
	text, ok := t.(string)
	if !ok {
		text = write()
		db.texts.Store(name, text)
	}
	return text
}
