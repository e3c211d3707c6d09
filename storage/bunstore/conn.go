package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
)

// conn is where a statement runs: the transaction of the unit in the context,
// or a pool.
type conn struct {
	db   *DB
	bun  *bun.DB
	on   bun.IConn
	unit *unit
	err  error // the unit is not usable, or the caller gave up
}

// conn returns the unit's transaction, or the pool that writes.
func (db *DB) conn(ctx context.Context) conn { return db.connTo(ctx, db.writer) }

// readConn returns the unit's transaction, or the pool that reads.
func (db *DB) readConn(ctx context.Context) conn { return db.connTo(ctx, db.reader) }

func (db *DB) connTo(ctx context.Context, pool *bun.DB) conn {
	c := conn{db: db, bun: pool, on: pool.DB, err: ctxFault(ctx)}
	if u := db.unit(ctx); u != nil {
		c.unit, c.on = u, u.tx
		if c.err == nil {
			c.err = u.usable()
		}
	}
	return c
}

// snapshot calls fn with a connection for several reads that have to fit
// together. On SQLite they all see the state of the first one. On PostgreSQL every
// statement sees what is committed by then, in a unit too: what has to fit together
// is read in one statement there.
func (db *DB) snapshot(ctx context.Context, fn func(c conn) error) error {
	c := db.readConn(ctx)
	if db.postgres || c.unit != nil || c.err != nil {
		return fn(c)
	}
	tx, err := db.reader.DB.BeginTx(ctx, nil)
	if err != nil {
		return c.failed(ctx, err)
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to commit
	c.on = tx
	return fn(c)
}

func (c conn) insert(model any) *bun.InsertQuery { return c.bun.NewInsert().Conn(c.on).Model(model) }

func (c conn) update(model any) *bun.UpdateQuery { return c.bun.NewUpdate().Conn(c.on).Model(model) }

func (c conn) delete(model any) *bun.DeleteQuery { return c.bun.NewDelete().Conn(c.on).Model(model) }

func (c conn) query(model any) *bun.SelectQuery { return c.bun.NewSelect().Conn(c.on).Model(model) }

func (c conn) raw(query string, args ...any) *bun.RawQuery {
	return c.bun.NewRaw(query, args...).Conn(c.on)
}

// exec runs a statement and returns the rows it affected.
func (c conn) exec(ctx context.Context, q interface {
	Exec(ctx context.Context, dest ...any) (sql.Result, error)
},
) (int64, error) {
	if c.err != nil {
		return 0, c.err
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return 0, c.failed(ctx, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, c.failed(ctx, err)
	}
	return n, nil
}

// scan runs a query into dest, or into the query's model where dest is empty;
// found is false where a single row was asked for and there is none.
func (c conn) scan(ctx context.Context, q interface {
	Scan(ctx context.Context, dest ...any) error
}, dest ...any,
) (found bool, err error) {
	if c.err != nil {
		return false, c.err
	}
	switch err := q.Scan(ctx, dest...); {
	case err == nil:
		return true, nil
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	default:
		return false, c.failed(ctx, err)
	}
}

// failed turns a driver's error into a fault and dooms the unit: PostgreSQL
// refuses whatever follows a failed statement, and so do we everywhere.
func (c conn) failed(ctx context.Context, err error) error {
	over := errors.Is(err, sql.ErrTxDone)
	err = statementFault(ctx, err)
	if c.unit != nil {
		c.unit.done = c.unit.done || over // by the host
		c.unit.doom(err)
	}
	return err
}

// contention is a serialization failure or a deadlock: the unit may be run
// again.
type contention struct{ cause error }

func (e *contention) Error() string { return "contention: " + e.cause.Error() }
func (e *contention) Unwrap() error { return e.cause }

// Retryable reports whether err is a race that was lost to another
// transaction: a serialization failure, a deadlock, or SQLite's busy. A host
// that joined ([DB.Join]) rolls back and runs its transaction again; outside
// of Join, Do has tried several times already.
func Retryable(err error) bool { return retryable(err) || busy(err) }

func busy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code()&0xff == sqlite3.SQLITE_BUSY || lite.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

func retryable(err error) bool {
	var c *contention
	return errors.As(err, &c) || contended(err)
}

func contended(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	return false
}

// refused reports whether the database itself answered no to a commit, so
// that nothing of it took effect.
func refused(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Severity == "ERROR"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CONSTRAINT:
			return true
		}
	}
	return false
}

func statementFault(ctx context.Context, err error) error {
	if contended(err) {
		return &contention{cause: err}
	}
	if cerr := ctxFault(ctx); cerr != nil {
		return fault.Wrap(err, fault.Canceled, "storage.canceled", "the caller gave up")
	}
	if errors.Is(err, sql.ErrTxDone) {
		return errFinished(err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "23505":
			return fault.Wrap(err, fault.AlreadyExists, "storage.exists", "an object with this value exists").With("by", pg.ConstraintName)
		case pg.Code == "22021", pg.Code == "22P05": // PostgreSQL keeps no NUL and no broken UTF-8
			return fault.Wrap(err, fault.Invalid, "storage.text", "the text cannot be stored")
		case pg.Code == "57014":
			return fault.Wrap(err, fault.Canceled, "storage.canceled", "the statement was canceled")
		case strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "53"), strings.HasPrefix(pg.Code, "08"):
			return fault.Wrap(err, fault.Unavailable, "bunstore.unavailable", "the database does not answer")
		}
		return fault.Wrap(err, fault.Internal, "bunstore.statement", "the database refused the statement")
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch {
		case lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE, lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fault.Wrap(err, fault.AlreadyExists, "storage.exists", "an object with this value exists")
		case busy(err), lite.Code() == sqlite3.SQLITE_FULL:
			return fault.Wrap(err, fault.Unavailable, "bunstore.unavailable", "the database does not answer")
		}
		return fault.Wrap(err, fault.Internal, "bunstore.statement", "the database refused the statement")
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) {
		return fault.Wrap(err, fault.Unavailable, "bunstore.unavailable", "the database does not answer")
	}
	return fault.Wrap(err, fault.Internal, "bunstore.statement", "the statement failed")
}

// instant is a stored time: timestamptz in PostgreSQL, microseconds since
// 1970 in SQLite. The zero time is NULL.
type instant struct{ time.Time }

func at(t time.Time) instant { return instant{t} }

var (
	_ schema.QueryAppender = instant{}
	_ sql.Scanner          = (*instant)(nil)
)

// AppendQuery writes the time as a literal of the dialect.
func (i instant) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	switch {
	case i.IsZero():
		return append(b, "NULL"...), nil
	case gen.Dialect().Name() == dialect.PG:
		b = append(b, '\'')
		b = clock.Normalize(i.Time).AppendFormat(b, "2006-01-02 15:04:05.999999-07:00")
		return append(b, "'::timestamptz"...), nil
	}
	return fmt.Appendf(b, "%d", i.UnixMicro()), nil
}

// Scan reads what AppendQuery wrote.
func (i *instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		i.Time = time.Time{}
	case time.Time:
		i.Time = clock.Normalize(v)
	case int64:
		i.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("bunstore: a time of type %T", src)
	}
	return nil
}
