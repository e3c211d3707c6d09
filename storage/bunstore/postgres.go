package bunstore

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uid"
)

const defaultPostgresConns = 16

func parsePostgres(url string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, badURL("the PostgreSQL URL cannot be read", err)
	}
	switch cfg.DefaultQueryExecMode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
	default:
		if strings.Contains(url, "default_query_exec_mode") {
			return nil, badURL("default_query_exec_mode must be exec or simple_protocol: statements carry their arguments", nil)
		}
		cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	return cfg, nil
}

func openPostgres(ctx context.Context, url string, opts Options) (*DB, error) {
	cfg, err := parsePostgres(url)
	if err != nil {
		return nil, err
	}
	if opts.Schema != "" {
		cfg.RuntimeParams["search_path"] = pgx.Identifier{opts.Schema}.Sanitize()
	}
	pool := stdlib.OpenDB(*cfg)
	if opts.MaxConns == 0 {
		opts.MaxConns = defaultPostgresConns
	}
	pool.SetMaxOpenConns(opts.MaxConns)
	pool.SetMaxIdleConns(opts.MaxConns)

	db := &DB{postgres: true, opts: opts, pgx: cfg, id: uid.NewV7(nil).New()}
	db.writer = db.hook(bun.NewDB(pool, pgdialect.New()))
	db.reader = db.writer

	// Arguments are quoted into the statement for these two settings only.
	var conforming, encoding string
	err = pool.QueryRowContext(ctx, `SELECT current_setting('standard_conforming_strings'), current_setting('client_encoding')`).
		Scan(&conforming, &encoding)
	if err != nil {
		_ = pool.Close()
		return nil, fault.Wrap(err, fault.Unavailable, "bunstore.unavailable", "the database does not answer")
	}
	if conforming != "on" || encoding != "UTF8" {
		_ = pool.Close()
		return nil, badURL("the database must run with standard_conforming_strings=on and client_encoding=UTF8", nil)
	}
	return db, nil
}

func (db *DB) hook(bdb *bun.DB) *bun.DB {
	if db.opts.OnStatement == nil {
		return bdb
	}
	return bdb.WithQueryHook(statementHook{db.opts.OnStatement})
}
