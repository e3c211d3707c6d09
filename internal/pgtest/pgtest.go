package pgtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/soukhq/souk/internal/skiptest"
)

// Engine is the name of PostgreSQL in SOUK_REQUIRE.
const Engine = "postgres"

// Options are what a server of its own may differ in.
type Options struct {
	// NoSync is for tests that do not ask what a power cut leaves: it turns
	// fsync, synchronous_commit and full_page_writes off and keeps the files in
	// memory, where the machine has such a place.
	NoSync bool
	// Settings are further lines of postgresql.conf.
	Settings map[string]string
}

// URL returns the address of a fresh, empty database on the server that the
// tests of this process share. The database is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	return Shared(t).URL(t)
}

// Template returns the address of a fresh copy, on the shared server, of a
// database that prepare has filled: once per process and name, in whichever
// test comes first. Prepare must close its connections, because a database in
// use cannot be copied.
func Template(t testing.TB, name string, prepare func(ctx context.Context, url string) error) string {
	t.Helper()
	return Shared(t).Template(t, name, prepare)
}

var shared = sync.OnceValues(func() (*Server, error) { //nolint:gochecknoglobals // one server per process is the point
	return start(Options{})
})

// Shared returns the server that the tests of this process share. It is never
// stopped by a test: it ends with the process.
func Shared(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	check(t, err)
	return s
}

var quick = sync.OnceValues(func() (*Server, error) { //nolint:gochecknoglobals // one server per process is the point
	return start(Options{NoSync: true})
})

// Quick is as [Shared], of a server with [Options.NoSync]: the cheap one, for
// all but the tests of durability and the benchmarks.
func Quick(t testing.TB) *Server {
	t.Helper()
	s, err := quick()
	check(t, err)
	return s
}

// Start runs a server for this test alone and stops it when the test ends.
// Nil options are allowed.
func Start(t testing.TB, opts *Options) *Server {
	t.Helper()
	if opts == nil {
		opts = &Options{}
	}
	s, err := start(*opts)
	check(t, err)
	t.Cleanup(s.stop)
	return s
}

// check ends the test where the server did not come up.
func check(t testing.TB, err error) {
	t.Helper()
	var missing missingError
	switch {
	case errors.As(err, &missing):
		skiptest.Missing(t, Engine, missing.Error())
	case err != nil:
		t.Fatalf("start PostgreSQL: %v", err)
	}
}

// missingError says why no server can run on this machine.
type missingError string

func (e missingError) Error() string { return string(e) }

// Server is a running PostgreSQL.
type Server struct {
	port     int
	password string
	super    *supervisor

	// copyFiles has databases copied as files, past the log, between two
	// checkpoints: that is the cheap way where a checkpoint does not sync.
	copyFiles bool

	databases atomic.Int64

	mu        sync.Mutex
	templates map[string]*template
}

type template struct {
	once     sync.Once
	database string
	err      error
}

// Port returns the port on 127.0.0.1, for a test that puts a proxy before it.
func (s *Server) Port() int { return s.port }

// URL returns the address of a fresh, empty database, dropped when the test
// ends.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	return s.create(t, "")
}

// Template is as [Template], on this server.
func (s *Server) Template(t testing.TB, name string, prepare func(ctx context.Context, url string) error) string {
	t.Helper()
	s.mu.Lock()
	if s.templates == nil {
		s.templates = map[string]*template{}
	}
	tmpl := s.templates[name]
	if tmpl == nil {
		tmpl = &template{database: s.name("template")}
		s.templates[name] = tmpl
	}
	s.mu.Unlock()

	tmpl.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if tmpl.err = s.copy(ctx, tmpl.database, ""); tmpl.err != nil {
			return
		}
		if err := prepare(ctx, s.address(tmpl.database)); err != nil {
			tmpl.err = fmt.Errorf("prepare the template %q: %w", name, err)
		}
	})
	if tmpl.err != nil {
		t.Fatalf("PostgreSQL: %v", tmpl.err)
	}
	return s.create(t, tmpl.database)
}

func (s *Server) name(kind string) string {
	return kind + "_" + strconv.FormatInt(s.databases.Add(1), 10)
}

// create makes a database, of a template where one is named.
func (s *Server) create(t testing.TB, from string) string {
	t.Helper()
	name := s.name("test")
	if err := s.copy(t.Context(), name, from); err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.admin(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Logf("PostgreSQL: %v", err) // a crashed server takes its databases along
		}
	})
	return s.address(name)
}

// copy makes a database, a copy of another one where that is named.
func (s *Server) copy(ctx context.Context, name, from string) error {
	statement := "CREATE DATABASE " + name
	if from != "" {
		statement += " TEMPLATE " + from
	}
	if s.copyFiles {
		statement += " STRATEGY FILE_COPY"
	}
	return s.admin(ctx, statement)
}

// admin runs one statement outside the databases of the tests.
func (s *Server) admin(ctx context.Context, statement string) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (s *Server) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

func (s *Server) address(database string) string {
	u := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(role, s.password),
		Host:   "127.0.0.1:" + strconv.Itoa(s.port),
		Path:   "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// role is the superuser that initdb makes.
const role = "souk"

// settings returns the lines that are added to postgresql.conf.
func settings(port int, opts Options) string {
	lines := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(port),
		"unix_socket_directories": "", // a temporary path may be longer than a socket's name can be
		"max_connections":         "200",
		"shared_buffers":          "64MB",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"lc_messages":             "C",
		"autovacuum_naptime":      "10s",
	}
	if opts.NoSync {
		lines["fsync"], lines["synchronous_commit"], lines["full_page_writes"] = "off", "off", "off"
		lines["min_wal_size"], lines["max_wal_size"] = "32MB", "64MB" // memory is dear
	}
	maps.Copy(lines, opts.Settings)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(lines[name], "'", "''"))
	}
	return b.String()
}
