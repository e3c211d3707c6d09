package pgsearch

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

//go:embed migrations/*.sql
var migrations embed.FS

// DefaultSchema is where the tables are, unless a [Config] says otherwise.
const DefaultSchema = "souk_search"

// Schema is what [Migrate] makes.
type Schema struct {
	// Name is that of the PostgreSQL schema, which is created. Defaults to
	// DefaultSchema.
	Name string

	// WithoutTrigrams does without the extension pg_trgm, where the database
	// has none and nobody may create it. Misspelt words are then looked for
	// among all that begin alike, which is slower the more words there are.
	// Defaults to false: without it Migrate fails.
	WithoutTrigrams bool
}

// Migrate creates the tables or brings them to the present version, however
// many nodes call it at once. One set of tables serves any number of indexes.
// Kinds: FailedPrecondition (pg_trgm is not there and cannot be created; the
// tables are of a newer version), Unavailable.
func Migrate(ctx context.Context, pool *pgxpool.Pool, s Schema) error {
	if s.Name == "" {
		s.Name = DefaultSchema
	}
	steps, err := steps(s.Name)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return migrate(ctx, tx, s, steps) })
	return search.Failure(err)
}

// steps returns the statements of each version, the first at 0.
func steps(schema string) ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	out := make([]string, len(names))
	for i, name := range names {
		raw, err := migrations.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		out[i] = strings.ReplaceAll(string(raw), "{schema}", quoted(schema))
	}
	return out, nil
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

func migrate(ctx context.Context, tx pgx.Tx, s Schema, steps []string) error {
	schema := quoted(s.Name)
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockOf("migrate", s.Name))
	missing := false
	if err == nil { // to create one that is there would still take the right to create it
		err = tx.QueryRow(ctx, `SELECT to_regnamespace($1) IS NULL`, schema).Scan(&missing)
	}
	if err == nil && missing {
		_, err = tx.Exec(ctx, `CREATE SCHEMA `+schema)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS `+schema+`.versions (version int PRIMARY KEY)`)
	}
	if err != nil {
		return err
	}
	at, err := version(ctx, tx, s.Name)
	if err != nil {
		return err
	}
	if at > len(steps) {
		return outdated(at, len(steps))
	}
	for i := at; i < len(steps); i++ {
		if _, err := tx.Exec(ctx, steps[i]); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO `+schema+`.versions (version) VALUES ($1)`, i+1); err != nil {
			return err
		}
	}
	if s.WithoutTrigrams {
		return nil
	}
	return trigrams(ctx, tx, schema)
}

// trigrams makes the index of the words by their trigrams.
func trigrams(ctx context.Context, tx pgx.Tx, schema string) error {
	where, err := extension(ctx, tx)
	if err == nil && where == "" {
		_, err = tx.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_trgm`)
		var refused *pgconn.PgError
		if errors.As(err, &refused) {
			return fault.Wrap(err, fault.FailedPrecondition, "search.no_trigrams",
				"the extension pg_trgm is not in the database and cannot be created: have it created by CREATE EXTENSION pg_trgm, or do without it")
		}
		if err == nil {
			where, err = extension(ctx, tx)
		}
	}
	if err == nil {
		_, err = tx.Exec(ctx, `CREATE INDEX IF NOT EXISTS words_trigrams ON `+schema+`.words USING gin (word `+quoted(where)+`.gin_trgm_ops)`)
	}
	return err
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// extension returns the schema of pg_trgm, "" where it is not there.
func extension(ctx context.Context, on rowQuerier) (string, error) {
	var where string
	err := on.QueryRow(ctx, `SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'`).
		Scan(&where)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return where, err
}

// version returns that of the tables.
func version(ctx context.Context, on rowQuerier, schema string) (int, error) {
	var at int
	err := on.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM `+quoted(schema)+`.versions`).Scan(&at)
	return at, err
}

func outdated(at, mine int) error {
	return fault.New(fault.FailedPrecondition, "search.schema", "the tables of the search are of another version").
		WithField("version", "mismatch", fault.Params{"found": at, "wanted": mine})
}
