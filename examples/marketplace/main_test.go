package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/storage/bunstore"
)

// output is what the program writes, safe to read meanwhile.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start runs the program until it is open and returns its address and what
// stops it.
func start(t *testing.T, environ map[string]string, args ...string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var out output
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append(args, "--addr", "127.0.0.1:0"), environ, strings.NewReader(""), &out, io.Discard)
	}()
	open := regexp.MustCompile(`open: (http://\S+)`)
	require.Eventually(t, func() bool {
		select {
		case err := <-ended:
			ended <- err
			return true
		default:
			return open.MatchString(out.String())
		}
	}, 80*time.Second, 20*time.Millisecond)
	m := open.FindStringSubmatch(out.String())
	if m == nil {
		cancel()
		require.NoError(t, <-ended)
		t.Fatal("it ended by itself")
	}
	return m[1], func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(body)
}

func TestInMemory(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder) // which the data's folder is in by default
	url, stop := start(t, nil, "--memory")
	for path, text := range map[string]string{
		"/en/": "3,291 products", "/zh/": "239", "/en/c/cases": "Cases", "/healthz": "alive", "/readyz": "ready", "/staff/sign-in": "keys to the counter",
	} {
		status, body := get(t, url+path)
		require.Equal(t, 200, status, path)
		require.Contains(t, body, text, path)
	}
	_, home := get(t, url+"/en/")
	picture := regexp.MustCompile(`/pictures/[^"]+\.svg`).FindString(home)
	status, _ := get(t, url+picture)
	require.Equal(t, 200, status, picture)
	stop()
	kept, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, kept)
}

func TestTheFlagsOfAProxyThatEndsTLS(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{true, false} {
		folder := t.TempDir()
		args := []string{"--data", folder}
		if secure {
			args = append(args, "--secure")
		}
		environ := map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(folder, "shop.db"), "BANK_HOLDER": "Souk", "BANK_ACCOUNT": "1"}
		url, stop := start(t, environ, args...)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/en/", nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, secure, res.Header.Get("Strict-Transport-Security") != "")
		stop()
	}
	want, err := web.ParseProxies("2")
	require.NoError(t, err)
	p, err := choose(options{Memory: true, Proxies: "2"}, environment{})
	require.NoError(t, err)
	require.Equal(t, want, p.proxies)
}

func TestASecondStartFindsTheShopFilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the demo is filled in memory too")
	}
	folder := t.TempDir()
	_, stop := start(t, nil, "--data", folder)
	stop()
	begun := time.Now()
	url, stop := start(t, nil, "--data", folder)
	status, _ := get(t, url+"/en/")
	t.Logf("first page after %s", time.Since(begun))
	require.Equal(t, 200, status)
	stop()
}

func TestWhatKeepsItFromStarting(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	fails := func(text string, environ map[string]string, args ...string) {
		t.Helper()
		err := run(t.Context(), args, environ, strings.NewReader(""), io.Discard, io.Discard)
		require.Error(t, err)
		require.Contains(t, explain(err), text)
		require.NotContains(t, explain(err), "\n")
	}
	fails("another program is using", nil, "--memory", "--addr", taken.Addr().String())
	fails("no way to be paid", map[string]string{"DATABASE_URL": "sqlite:x.db"})
	for _, bad := range []string{"foo", "mysql://shop", "postgres://x:port/shop", "postgres:", "sqlite:", "sqlite:x.db?%zz"} {
		fails("DATABASE_URL is bad", map[string]string{"DATABASE_URL": bad})
	}
	fails("leave one of them out", map[string]string{"DATABASE_URL": "sqlite:x.db"}, "--memory")
	fails("--trusted-proxy", nil, "--memory", "--trusted-proxy", "nginx")
	fails("is no address", nil, "--memory", "--addr", "nowhere")
	fails("unknown flag", nil, "--nonsense")
	free := []string{"--demo", "--addr", "127.0.0.1:0", "--data", t.TempDir()}
	fails("postgres://", map[string]string{"DATABASE_URL": "mysql://shop"}, free...)
	fails("does not answer", map[string]string{"DATABASE_URL": "postgres://127.0.0.1:1/none?connect_timeout=2"}, free...)
	require.NoError(t, run(t.Context(), []string{"--help"}, nil, strings.NewReader(""), io.Discard, io.Discard))

	file := "sqlite:" + filepath.Join(t.TempDir(), "newer.db")
	db, err := bunstore.Open(t.Context(), file, nil)
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context()))
	_, err = db.SQL().ExecContext(t.Context(),
		"INSERT INTO souk_schema (version, name, requires, applied_at) VALUES (9999, 'later', 9999, '2026-01-01')")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	fails("newer version", map[string]string{"DATABASE_URL": file}, free...)
}

func TestOnPostgreSQL(t *testing.T) {
	t.Parallel()
	database, data := pgtest.Quick(t).URL(t), t.TempDir()
	url, stop := start(t, map[string]string{"DATABASE_URL": database, "BANK_HOLDER": "Souk", "BANK_ACCOUNT": "1"}, "--data", data)
	status, body := get(t, url+"/en/")
	require.Equal(t, 200, status)
	require.Contains(t, body, "still empty")
	stop()
	if testing.Short() {
		return
	}

	// With --demo the same database is filled, and needs no bank.
	url, stop = start(t, map[string]string{"DATABASE_URL": database}, "--data", data, "--demo")
	status, body = get(t, url+"/en/")
	require.Equal(t, 200, status)
	require.Contains(t, body, "3,291 products")
	stop()
}
