package bench_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/uid"
)

const shipTo = `{"city":"Los Angeles","name":"Bo Li","line1":"1 Main St","phone":"+12025550143","region":"CA","country":"US","postal_code":"90001"}`

// bought is the purchase of a prepared buyer, to be made by hand.
func (h handwritten) bought(b buyer) *purchase {
	return &purchase{
		handwritten: h, cart: string(b.input.Cart), member: string(b.scope.Member()), key: b.input.Key,
		quote: b.input.Quote, email: b.input.Email, shipTo: shipTo,
	}
}

// onPostgres buys with pgx: a pool, every statement prepared once per
// connection, one after the other or, batched, all of a unit in one message.
func onPostgres(tb testing.TB, dsn string, conns int32, batched bool) func(ctx context.Context, b buyer) error {
	tb.Helper()
	cfg, err := pgxpool.ParseConfig(dsn)
	require.NoError(tb, err)
	cfg.MaxConns = conns
	pool, err := pgxpool.NewWithConfig(tb.Context(), cfg)
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	h := handwritten{ids: uid.NewV7(nil)}
	run := inTurn
	if batched {
		run = inOne
	}
	return func(ctx context.Context, b buyer) error {
		p := h.bought(b)
		var version int64
		var lines []byte
		if err := pool.QueryRow(ctx, readCart, p.cart, p.member).Scan(&version, &lines); err != nil {
			return err
		}
		skus, err := p.take(version, lines)
		if err != nil {
			return err
		}
		rows, err := pool.Query(ctx, readArticles, skus[0], skus[1])
		if err != nil {
			return err
		}
		if err := p.read(rows.Next, rows.Scan); err != nil {
			return err
		}
		rows.Close()
		if err := run(ctx, pool, p.place(time.Now().UTC())); err != nil {
			return err
		}
		return run(ctx, pool, p.pay(time.Now().UTC()))
	}
}

func inTurn(ctx context.Context, pool *pgxpool.Pool, unit []statement) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		for _, s := range unit {
			tag, err := tx.Exec(ctx, s.sql, s.args...)
			if err != nil {
				return fmt.Errorf("%s: %w", s.sql, err)
			}
			if err := s.check(tag.RowsAffected()); err != nil {
				return err
			}
		}
		return nil
	})
}

func inOne(ctx context.Context, pool *pgxpool.Pool, unit []statement) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var batch pgx.Batch
		for _, s := range unit {
			batch.Queue(s.sql, s.args...)
		}
		results := tx.SendBatch(ctx, &batch)
		for _, s := range unit {
			tag, err := results.Exec()
			if err == nil {
				err = s.check(tag.RowsAffected())
			}
			if err != nil {
				_ = results.Close()
				return err
			}
		}
		return results.Close()
	})
}

// onSQLite buys with database/sql and modernc's driver: one writer whose
// statements are prepared once, and four readers, as Souk has them.
func onSQLite(tb testing.TB, file string) func(ctx context.Context, b buyer) error {
	tb.Helper()
	pragmas := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"journal_mode(wal)", "synchronous(full)", "busy_timeout(5000)", "foreign_keys(1)",
	}}
	connect := func(conns int) *sql.DB {
		pool, err := sql.Open("sqlite", "file:"+file+"?"+pragmas.Encode())
		require.NoError(tb, err)
		pool.SetMaxOpenConns(conns)
		pool.SetMaxIdleConns(conns)
		tb.Cleanup(func() { require.NoError(tb, pool.Close()) })
		return pool
	}
	w := &writer{pool: connect(1), stmts: map[string]*sql.Stmt{}}
	reader := connect(4)
	h := handwritten{sqlite: true, ids: uid.NewV7(nil)}
	cart, err := reader.PrepareContext(tb.Context(), h.text(readCart))
	require.NoError(tb, err)
	articles, err := reader.PrepareContext(tb.Context(), h.text(readArticles))
	require.NoError(tb, err)
	return func(ctx context.Context, b buyer) error {
		p := h.bought(b)
		var version int64
		var lines []byte
		if err := cart.QueryRowContext(ctx, p.cart, p.member).Scan(&version, &lines); err != nil {
			return err
		}
		skus, err := p.take(version, lines)
		if err != nil {
			return err
		}
		if err := p.readSQL(ctx, articles, skus); err != nil {
			return err
		}
		if err := w.run(ctx, p.place(time.Now().UTC())); err != nil {
			return err
		}
		return w.run(ctx, p.pay(time.Now().UTC()))
	}
}

func (p *purchase) readSQL(ctx context.Context, articles *sql.Stmt, skus [2]string) error {
	rows, err := articles.QueryContext(ctx, skus[0], skus[1])
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if err := p.read(rows.Next, rows.Scan); err != nil {
		return err
	}
	return rows.Err()
}

// read takes the two articles.
func (p *purchase) read(next func() bool, scan func(dest ...any) error) error {
	for i := range p.articles {
		if !next() {
			return errors.New("an article is missing")
		}
		a, title := &p.articles[i], []byte{}
		if err := scan(&a.sku, &a.product, &a.code, &title, &a.merchant, &a.weight, &a.unit, &a.free); err != nil {
			return err
		}
		var names map[string]string
		if err := json.Unmarshal(title, &names); err != nil {
			return err
		}
		a.title = names["en-US"]
	}
	return nil
}

// writer is SQLite's only writer. Statements are prepared on the first use.
type writer struct {
	pool  *sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func (w *writer) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.stmts[text]; s != nil {
		return s, nil
	}
	s, err := w.pool.PrepareContext(ctx, text) //nolint:sqlclosecheck // kept for the next purchase
	if err == nil {
		w.stmts[text] = s
	}
	return s, err
}

func (w *writer) run(ctx context.Context, unit []statement) error {
	stmts := make([]*sql.Stmt, len(unit))
	for i, s := range unit {
		var err error
		if stmts[i], err = w.stmt(ctx, s.sql); err != nil { //nolint:sqlclosecheck // kept for the next purchase
			return err
		}
	}
	tx, err := w.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for i, s := range unit {
		res, err := tx.StmtContext(ctx, stmts[i]).ExecContext(ctx, s.args...) //nolint:sqlclosecheck // it ends with its transaction
		if err != nil {
			return fmt.Errorf("%s: %w", s.sql, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if err := s.check(n); err != nil {
			return err
		}
	}
	return tx.Commit()
}
