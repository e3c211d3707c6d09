package pgsearch

import (
	"context"
	"errors"
	"hash/fnv"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

// Config configures an index.
type Config struct {
	// Pool reaches the database. It stays the host's, who closes it after the
	// index, and has two connections or more: a rebuild keeps one. Required.
	Pool *pgxpool.Pool

	// Schema is where Migrate has made the tables. Defaults to DefaultSchema.
	Schema string

	// Name is that of the index, such as the sales channel: nodes that open the
	// same name share one index. Required.
	Name string

	// Analyzer turns text into terms. It has to be the same on every node;
	// changing it means rebuilding the index. Defaults to the analyser's zero
	// value.
	Analyzer search.Analyzer

	// Thesaurus holds the synonyms. Defaults to none.
	Thesaurus *search.Thesaurus

	// Queries holds what shoppers ask most, for suggestions. Defaults to none.
	Queries *search.QueryBook

	// Ranking weighs the features of products. Defaults to
	// search.DefaultRanking.
	Ranking search.Ranking
}

// Index is a search index in PostgreSQL.
type Index struct {
	config   Config
	schema   string // quoted
	trigrams string // the quoted schema of pg_trgm, "" without it
	lexicon  *search.Lexicon
	closed   atomic.Bool
}

var _ search.Index = (*Index)(nil)

// Open opens an index and creates it, empty, where nobody has. Kinds: Invalid
// (a field of the config), FailedPrecondition (Migrate was not run),
// Unavailable.
func Open(ctx context.Context, config Config) (*Index, error) {
	var v fault.Violations
	if config.Pool == nil {
		v.Add("Pool", "required", nil)
	} else if config.Pool.Config().MaxConns < 2 {
		v.Add("Pool", "out_of_range", fault.Params{"min": 2})
	}
	if config.Name == "" || config.Name != clean(config.Name) || len(config.Name) > 200 {
		v.Add("Name", "malformed", nil)
	}
	if err := v.Err("search.config", "the index is not configured"); err != nil {
		return nil, err
	}
	if config.Schema == "" {
		config.Schema = DefaultSchema
	}
	if config.Ranking == (search.Ranking{}) {
		config.Ranking = search.DefaultRanking()
	}
	x := &Index{config: config, schema: quoted(config.Schema), lexicon: &search.Lexicon{}}
	if err := x.open(ctx); err != nil {
		return nil, search.Failure(err)
	}
	return x, nil
}

func (x *Index) open(ctx context.Context) error {
	mine, err := steps(x.config.Schema)
	if err != nil {
		return err
	}
	at, err := version(ctx, x.config.Pool, x.config.Schema)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && (refused.Code == undefinedTable || refused.Code == invalidSchema):
		return fault.Wrap(err, fault.FailedPrecondition, "search.schema", "the tables of the search are not there: run Migrate")
	case err != nil:
		return err
	case at != len(mine):
		return outdated(at, len(mine))
	}
	where, err := extension(ctx, x.config.Pool)
	if err != nil {
		return err
	}
	if where != "" {
		x.trigrams = quoted(where)
	}
	return pgx.BeginFunc(ctx, x.config.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockOf("open", x.schema, x.config.Name)); err != nil {
			return err
		}
		there := false
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+x.schema+`.indexes WHERE name = $1)`, x.config.Name).Scan(&there)
		if err != nil || there {
			return err
		}
		_, err = tx.Exec(ctx, `WITH shard AS (INSERT INTO `+x.schema+`.shards (name, analysis) VALUES ($1, $2) RETURNING id)
			INSERT INTO `+x.schema+`.indexes (name, live) SELECT $1, id FROM shard`, x.config.Name, search.AnalysisVersion)
		return err
	})
}

// The SQLSTATEs of tables that are not there.
const (
	undefinedTable = "42P01"
	invalidSchema  = "3F000"
)

// lockOf returns the number of an advisory lock.
func lockOf(parts ...string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("souk.pgsearch")) // never fails
	for _, p := range parts {
		_, _ = h.Write([]byte("\x00" + p))
	}
	return int64(h.Sum64()) //nolint:gosec // any number will do
}

// usable fails after Close.
func (x *Index) usable() error {
	if x.closed.Load() {
		return fault.New(fault.FailedPrecondition, "search.closed", "the search index is closed")
	}
	return nil
}

// state is what an index is at one moment.
type state struct {
	shard     int64
	changes   int64
	rebuilt   int64
	documents int64
	mostSales int64
	analysis  int
}

// state reads the state, and sets a transaction of one query up: what follows
// is never worth compiling, reads a part of its tables by their indexes and
// keeps what it found in memory; words this much alike may be meant.
func (x *Index) state(ctx context.Context, on rowQuerier) (state, error) {
	var s state
	err := on.QueryRow(ctx, `SELECT i.live, i.changes, i.rebuilt, s.documents, s.most_sales, s.analysis,
			set_config('jit', 'off', true) || set_config('enable_seqscan', 'off', true) || set_config('work_mem', '32MB', true) ||
				set_config('pg_trgm.similarity_threshold', '0.2', true)
		FROM `+x.schema+`.indexes i JOIN `+x.schema+`.shards s ON s.id = i.live WHERE i.name = $1`,
		pgx.QueryExecModeExec, x.config.Name).
		Scan(&s.shard, &s.changes, &s.rebuilt, &s.documents, &s.mostSales, &s.analysis, nil)
	return s, err
}

// generation changes with every write, every rebuild and every change of the
// synonyms.
func (x *Index) generation(s state) uint64 {
	return uint64(s.shard)<<40 | uint64(s.changes)<<8 | x.config.Thesaurus.Version()&0xff //nolint:gosec // above 0
}

// Stats implements [search.Index].
func (x *Index) Stats(ctx context.Context) (search.Stats, error) {
	if err := x.usable(); err != nil {
		return search.Stats{}, err
	}
	s, err := x.state(ctx, x.config.Pool)
	if err != nil {
		return search.Stats{}, search.Failure(err)
	}
	out := search.Stats{
		Documents: int(s.documents), Generation: x.generation(s), Rebuilt: s.rebuilt, Outdated: s.analysis < search.AnalysisVersion,
	}
	err = x.config.Pool.QueryRow(ctx, `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`,
		pgx.QueryExecModeExec, x.config.Schema).Scan(&out.Bytes)
	return out, search.Failure(err)
}

// Close implements [search.Index]. The pool stays open.
func (x *Index) Close() error {
	x.closed.Store(true)
	return nil
}
