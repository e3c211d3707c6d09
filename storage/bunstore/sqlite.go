package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite" // registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/soukhq/souk/commerce/fault"
)

const defaultSQLiteReaders = 4

// sqlitePragmas are what a shop's money needs of SQLite: WAL, so that readers
// do not stop the writer; FULL, so that a commit survives a power cut; a busy
// timeout for other processes (a backup, a shell).
func sqlitePragmas() map[string]string {
	return map[string]string{
		"journal_mode": "wal", "synchronous": "full", "busy_timeout": "5000", "foreign_keys": "1",
	}
}

// parseSQLite returns the path of the file and the driver's parameters, with
// the settings filled in.
func parseSQLite(file string) (path string, params url.Values, err error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(file, "//"), "?")
	path = strings.TrimPrefix(path, "file:")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return "", nil, badURL("SQLite needs a file; use storage/memory for a shop in memory", nil)
	}
	if params, err = url.ParseQuery(query); err != nil {
		return "", nil, badURL("the SQLite parameters cannot be read", err)
	}
	return path, params, safeParams(params)
}

func openSQLite(ctx context.Context, file string, opts Options) (*DB, error) {
	path, params, err := parseSQLite(file)
	if err != nil {
		return nil, err
	}
	if opts.Schema != "" {
		return nil, badURL("SQLite has no schemas; use a file per shop", nil)
	}
	if opts.MaxConns == 0 {
		opts.MaxConns = defaultSQLiteReaders
	}
	db := &DB{opts: opts}
	if db.writer, err = db.openSQLitePool(path, params, "immediate", 1); err != nil {
		return nil, err
	}
	if err := assertSQLite(ctx, db.writer.DB, path); err != nil {
		_ = db.writer.Close()
		return nil, err
	}
	params.Add("_pragma", "query_only(1)")
	if db.reader, err = db.openSQLitePool(path, params, "deferred", opts.MaxConns); err != nil {
		_ = db.writer.Close()
		return nil, err
	}
	return db, nil
}

// safeParams fills in the settings and refuses a URL that asks for others.
func safeParams(params url.Values) error {
	if lock := params.Get("_txlock"); lock != "" && lock != "immediate" {
		return badURL("_txlock must be immediate: a deferred transaction cannot wait for the writer", nil)
	}
	for name, want := range sqlitePragmas() {
		given := slices.ContainsFunc(params["_pragma"], func(p string) bool {
			return strings.HasPrefix(strings.ToLower(p), name)
		})
		if !given {
			params.Add("_pragma", name+"("+want+")")
		}
	}
	return nil
}

func (db *DB) openSQLitePool(path string, params url.Values, lock string, conns int) (*bun.DB, error) {
	params.Set("_txlock", lock)
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+params.Encode())
	if err != nil {
		return nil, badURL("the SQLite file cannot be opened", err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return db.hook(bun.NewDB(pool, sqlitedialect.New())), nil
}

// assertSQLite asks the connection what it really runs with.
func assertSQLite(ctx context.Context, pool *sql.DB, path string) error {
	for pragma, ok := range map[string]func(string) bool{
		"journal_mode": func(v string) bool { return v == "wal" },
		"synchronous":  func(v string) bool { return v == "2" || v == "3" }, // FULL or EXTRA
		"busy_timeout": func(v string) bool { return v != "0" },
	} {
		var v string
		if err := pool.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&v); err != nil {
			return sqliteFault(err, path)
		}
		if !ok(v) {
			return badURL("SQLite must run with journal_mode=wal, synchronous=full and a busy_timeout", nil)
		}
	}
	if err := assertWritable(ctx, pool); err != nil && !busy(err) { // somebody else writes just now
		return sqliteFault(err, path)
	}
	return nil
}

// assertWritable writes something and takes it back: what may not be written,
// SQLite opens for reading without a word.
func assertWritable(ctx context.Context, pool *sql.DB) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "PRAGMA user_version = 1")
	return errors.Join(err, tx.Rollback())
}

func sqliteFault(err error, path string) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_READONLY {
		return fault.New(fault.Unavailable, "bunstore.read_only", "the SQLite file cannot be written: "+path)
	}
	return fault.Wrap(err, fault.Unavailable, "bunstore.unavailable", "the SQLite file cannot be opened: "+path)
}
