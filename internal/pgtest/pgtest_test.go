package pgtest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/pgtest"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func value[T any](t *testing.T, conn *pgx.Conn, query string) T {
	t.Helper()
	var v T
	require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&v))
	return v
}

func exec1(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), statement)
	require.NoError(t, err)
}

func TestEveryTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	a, b := connect(t, pgtest.URL(t)), connect(t, pgtest.URL(t))

	exec1(t, a, "CREATE TABLE only_here (id int)")

	require.Equal(t, int64(1), value[int64](t, a, "SELECT count(*) FROM pg_class WHERE relname = 'only_here'"))
	require.Zero(t, value[int64](t, b, "SELECT count(*) FROM pg_class WHERE relname = 'only_here'"))
}

func TestTheSharedServerKeepsItsPromises(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.URL(t))

	for name, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "timezone": "UTC", "server_encoding": "UTF8",
	} {
		require.Equal(t, want, value[string](t, conn, "SHOW "+name), name)
	}
}

func TestADatabaseIsDroppedWithItsTest(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.URL(t))
	var name string
	t.Cleanup(func() { // runs after the database of the subtest is gone
		require.Zero(t, count(t, conn, name))
	})
	t.Run("user", func(t *testing.T) {
		t.Parallel()
		name = value[string](t, connect(t, pgtest.URL(t)), "SELECT current_database()::text")
		require.Equal(t, 1, count(t, conn, name))
	})
}

// count returns how many databases have the name.
func count(t *testing.T, conn *pgx.Conn, name string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // t.Context() is done in a cleanup
	defer cancel()
	var n int
	require.NoError(t, conn.QueryRow(ctx, "SELECT count(*) FROM pg_database WHERE datname = $1", name).Scan(&n))
	return n
}

func TestATemplateIsPreparedOnce(t *testing.T) {
	t.Parallel()
	var prepared atomic.Int32
	prepare := func(ctx context.Context, url string) error {
		prepared.Add(1)
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(ctx) }()
		_, err = conn.Exec(ctx, "CREATE TABLE made (id int); INSERT INTO made VALUES (1)")
		return err
	}

	first := connect(t, pgtest.Template(t, "made", prepare))
	exec1(t, first, "INSERT INTO made VALUES (2)")
	second := connect(t, pgtest.Template(t, "made", prepare))

	require.Equal(t, int64(2), value[int64](t, first, "SELECT count(*) FROM made"))
	require.Equal(t, int64(1), value[int64](t, second, "SELECT count(*) FROM made"))
	require.Equal(t, int32(1), prepared.Load())
}

func TestAServerOfItsOwnSurvivesACrash(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t, &pgtest.Options{Settings: map[string]string{"application_name": "it's quoted"}})
	url := server.URL(t)
	conn := connect(t, url)
	require.Equal(t, "it's quoted", value[string](t, conn, "SHOW application_name"))
	exec1(t, conn, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")

	server.Crash(t)
	require.Error(t, conn.Ping(t.Context()))
	server.Restart(t)

	require.Equal(t, int64(1), value[int64](t, connect(t, url), "SELECT count(*) FROM kept"))
}

func TestSyncCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.Quick(t).URL(t))

	require.Equal(t, "off", value[string](t, conn, "SHOW fsync"))
}

// A process that is killed runs no cleanup; its server must end all the same.
func TestTheServerEndsWithAKilledProcess(t *testing.T) {
	t.Parallel()
	note := filepath.Join(t.TempDir(), "note")
	pgtest.Shared(t) // skips where there is no PostgreSQL
	exe, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), exe, "-test.run=^TestHelperThatIsKilled$")
	child.Env = append(os.Environ(), helperEnv+"="+note)
	require.NoError(t, child.Start())

	var folder string
	require.Eventually(t, func() bool {
		b, err := os.ReadFile(note)
		folder = string(b)
		return err == nil && folder != ""
	}, time.Minute, 20*time.Millisecond)
	pid, err := os.ReadFile(filepath.Join(folder, "postmaster.pid"))
	require.NoError(t, err)
	require.NotEmpty(t, pid)
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()

	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Dir(folder))
		return os.IsNotExist(err)
	}, time.Minute, 20*time.Millisecond)
}

const helperEnv = "SOUK_PGTEST_HELPER"

// TestHelperThatIsKilled is the child of the test above: it notes where its
// server keeps its data and waits for its end.
func TestHelperThatIsKilled(t *testing.T) { //nolint:paralleltest // it blocks
	note := os.Getenv(helperEnv)
	if note == "" {
		t.SkipNow()
	}
	conn := connect(t, pgtest.URL(t))
	dir := value[string](t, conn, "SHOW data_directory")
	require.NoError(t, os.WriteFile(note+".new", []byte(dir), 0o600))
	require.NoError(t, os.Rename(note+".new", note))
	select {}
}

func TestPortIsThatOfTheURL(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)

	require.Contains(t, server.URL(t), ":"+strconv.Itoa(server.Port())+"/")
}
