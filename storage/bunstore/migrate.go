package bunstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
)

//go:embed migrations
var migrationFiles embed.FS

// migration is one step of the schema: a folder NNNN_name of SQL files, which
// run in the order of their names and in one transaction.
//
// A binary of schema version V runs on every newer schema whose steps all
// say "-- souk:requires N" with N <= V in one of their files; a step that does
// not say so requires itself. Expand first, contract a release later.
type migration struct {
	version  int
	name     string
	requires int
	sql      string
}

// migrationLock is the advisory lock of the one runner: "souk" in ASCII.
const migrationLock = 0x736f756b

// loadMigrations returns a dialect's steps in order.
func loadMigrations(files fs.FS, dialect string) ([]migration, error) {
	root := path.Join("migrations", dialect)
	dirs, err := fs.ReadDir(files, root)
	if err != nil {
		return nil, err
	}
	var out []migration
	for _, d := range dirs {
		number, name, _ := strings.Cut(d.Name(), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != len(out)+1 {
			return nil, fmt.Errorf("bunstore: migration folder %q is out of order", d.Name())
		}
		m := migration{version: version, name: name, requires: version}
		parts, err := fs.Glob(files, path.Join(root, d.Name(), "*.sql"))
		if err != nil {
			return nil, err
		}
		slices.Sort(parts)
		for _, part := range parts {
			text, err := fs.ReadFile(files, part)
			if err != nil {
				return nil, err
			}
			m.sql += string(text) + "\n"
		}
		if _, after, ok := strings.Cut(m.sql, "-- souk:requires "); ok {
			line, _, _ := strings.Cut(after, "\n")
			if m.requires, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
				return nil, fmt.Errorf("bunstore: migration %d: %w", version, err)
			}
		}
		out = append(out, m)
	}
	return out, nil
}

func (db *DB) migrations() ([]migration, error) {
	if db.postgres {
		return loadMigrations(migrationFiles, "postgres")
	}
	return loadMigrations(migrationFiles, "sqlite")
}

// Migrate brings the schema to this binary's version. Any number of processes
// may call it at once: one runs the steps, each in a transaction of its own,
// the others wait. A schema that is newer, and allows this binary, is left
// alone. FailedPrecondition, code "bunstore.schema_newer", where it does not.
func (db *DB) Migrate(ctx context.Context) error {
	steps, err := db.migrations()
	if err != nil {
		return err
	}
	return db.migrateTo(ctx, steps)
}

func (db *DB) migrateTo(ctx context.Context, steps []migration) error {
	conn, err := db.writer.DB.Conn(ctx)
	if err != nil {
		return beginFault(ctx, err)
	}
	defer func() { _ = conn.Close() }()
	if db.postgres {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_lock(%d)", migrationLock)); err != nil {
			return statementFault(ctx, err)
		}
		defer func() {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", migrationLock))
		}()
		if db.opts.Schema != "" {
			if _, err := conn.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+quote(db.opts.Schema)); err != nil {
				return statementFault(ctx, err)
			}
		}
	}
	if _, err := conn.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS souk_schema (
  version    bigint NOT NULL PRIMARY KEY,
  name       text NOT NULL,
  requires   bigint NOT NULL,
  applied_at text NOT NULL
)`); err != nil {
		return statementFault(ctx, err)
	}
	for _, m := range steps {
		if err := applyMigration(ctx, conn, m); err != nil {
			return err
		}
	}
	return checkSchema(ctx, conn, len(steps))
}

func applyMigration(ctx context.Context, conn *sql.Conn, m migration) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return beginFault(ctx, err)
	}
	defer func() { _ = tx.Rollback() }()
	// SQLite's transactions are immediate: a second runner waits here.
	var done int
	err = tx.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM souk_schema WHERE version = %d", m.version)).Scan(&done)
	if err != nil || done > 0 {
		return statementFaultOrNil(ctx, err)
	}
	if _, err := tx.ExecContext(ctx, m.sql); err != nil {
		return fault.Wrap(err, fault.Internal, "bunstore.migration", "a step of the schema failed").With("version", m.version)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(
		"INSERT INTO souk_schema (version, name, requires, applied_at) VALUES (%d, '%s', %d, '%s')",
		m.version, m.name, m.requires, clock.System{}.Now().Format("2006-01-02T15:04:05Z"))); err != nil {
		return statementFault(ctx, err)
	}
	return commitFault(tx.Commit())
}

// CheckSchema reports whether this binary may run on the schema it finds.
// FailedPrecondition, code "bunstore.schema_missing" or "bunstore.schema_old"
// where Migrate must run first, "bunstore.schema_newer" where a newer binary
// is needed.
func (db *DB) CheckSchema(ctx context.Context) error {
	steps, err := db.migrations()
	if err != nil {
		return err
	}
	conn, err := db.writer.DB.Conn(ctx)
	if err != nil {
		return beginFault(ctx, err)
	}
	defer func() { _ = conn.Close() }()
	return checkSchema(ctx, conn, len(steps))
}

func checkSchema(ctx context.Context, conn *sql.Conn, mine int) error {
	var version, requires int
	err := conn.QueryRowContext(ctx, "SELECT coalesce(max(version), 0), coalesce(max(requires), 0) FROM souk_schema").
		Scan(&version, &requires)
	if err != nil {
		if cerr := ctxFault(ctx); cerr != nil {
			return cerr
		}
		return fault.Wrap(err, fault.FailedPrecondition, "bunstore.schema_missing", "the database has no schema yet: run Migrate")
	}
	switch {
	case version < mine:
		return fault.New(fault.FailedPrecondition, "bunstore.schema_old", "the database's schema is older than this binary: run Migrate").
			With("have", version).With("want", mine)
	case requires > mine:
		return fault.New(fault.FailedPrecondition, "bunstore.schema_newer", "the database's schema is newer than this binary").
			With("have", version).With("requires", requires).With("binary", mine)
	}
	return nil
}

func statementFaultOrNil(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return statementFault(ctx, err)
}

func quote(identifier string) string { return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"` }
