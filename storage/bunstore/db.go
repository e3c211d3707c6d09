package bunstore

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
)

// Options tunes [Open]. The zero value and nil are the defaults.
type Options struct {
	// Schema is the PostgreSQL schema of the shop. Defaults to the first of
	// the connection's search path. SQLite has a file per shop instead.
	Schema string
	// MaxConns bounds the connections: PostgreSQL's pool, SQLite's readers.
	// Defaults to 16 and 4.
	MaxConns int
	// Log receives slow and failed work. Defaults to silence.
	Log *slog.Logger
	// OnStatement is called after every statement but BEGIN, COMMIT and
	// ROLLBACK, for counting and tracing. Defaults to nothing.
	OnStatement func(ctx context.Context, query string, err error)
}

// DB is one shop's database. It is safe for concurrent use.
type DB struct {
	writer   *bun.DB // PostgreSQL: the pool; SQLite: the one writer
	reader   *bun.DB // PostgreSQL: the pool; SQLite: the readers
	postgres bool
	opts     Options
	pgx      *pgx.ConnConfig // of PostgreSQL
	id       string          // tells this DB from others on the same database
	signal   event.Signal    // of commits that appended, and of positions given
	listener listener
	texts    sync.Map // of statements, by name; see fixed.go
}

// Open connects to the database that url names: "postgres://..." or
// "postgresql://...", or "sqlite:FILE", where FILE may carry parameters of the
// driver. Kinds: Invalid for a bad URL or one that asks for unsafe settings;
// Unavailable where the database does not answer, code "bunstore.read_only" for a
// file that cannot be written.
func Open(ctx context.Context, url string, opts *Options) (*DB, error) {
	if opts == nil {
		opts = &Options{}
	}
	o := *opts
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "postgres", "postgresql":
		return openPostgres(ctx, url, o)
	case "sqlite":
		return openSQLite(ctx, rest, o)
	}
	return nil, badScheme()
}

// CheckURL reports whether [Open] can read url, without opening anything. Kinds:
// Invalid, as for Open.
func CheckURL(url string) error {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "postgres", "postgresql":
		_, err := parsePostgres(url)
		return err
	case "sqlite":
		_, _, err := parseSQLite(rest)
		return err
	}
	return badScheme()
}

// Close closes every connection. Units that still run fail.
func (db *DB) Close() error {
	err := db.writer.Close()
	if db.reader != db.writer {
		if rerr := db.reader.Close(); err == nil {
			err = rerr
		}
	}
	return err
}

// SQL returns the pool that writes, for a host's own tables.
func (db *DB) SQL() *sql.DB { return db.writer.DB }

func badScheme() error { return badURL("the scheme must be postgres: or sqlite:", nil) }

func badURL(why string, cause error) error {
	return fault.Wrap(cause, fault.Invalid, "bunstore.url", why).WithField("url", "invalid", nil)
}

// statementHook reports statements to Options.OnStatement.
type statementHook struct {
	report func(ctx context.Context, query string, err error)
}

func (statementHook) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (h statementHook) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	h.report(ctx, e.Query, e.Err)
}
