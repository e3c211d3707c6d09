package web_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := web.Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	return ln
}

func TestListenSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	ln := listen(t)
	defer ln.Close()
	_, err := web.Listen(t.Context(), ln.Addr().String())
	require.ErrorContains(t, err, "another program is using "+ln.Addr().String())
	_, err = web.Listen(t.Context(), "no such place")
	require.ErrorContains(t, err, "no address to listen on")
}

func TestRequestsUnderWayAreFinished(t *testing.T) {
	t.Parallel()
	ln := listen(t)
	ctx, end := context.WithCancel(t.Context())
	started, leaving := make(chan struct{}), make(chan struct{})
	health := web.NewHealth(nil, nil)
	done := make(chan error, 1)
	go func() {
		done <- web.Serve(ctx, ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(started)
			<-leaving
			_, _ = io.WriteString(w, "finished")
		}), web.ServeConfig{Health: health})
	}()
	answer := make(chan string, 1)
	go func() {
		req, _ := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, "http://"+ln.Addr().String(), nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-started
	end()
	require.Eventually(t, func() bool { return ready(health).Code == http.StatusServiceUnavailable }, 5*time.Second, time.Millisecond)
	require.Equal(t, "leaving\n", ready(health).Body.String())
	close(leaving)
	require.NoError(t, <-done)
	require.Equal(t, "finished", <-answer)
}

func TestRequestsThatNeverEndAreCut(t *testing.T) {
	t.Parallel()
	ln := listen(t)
	ctx, end := context.WithCancel(t.Context())
	started := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- web.Serve(ctx, ln, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(started)
			<-r.Context().Done()
		}), web.ServeConfig{Grace: 10 * time.Millisecond})
	}()
	go func() {
		req, _ := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, "http://"+ln.Addr().String(), nil)
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
		}
	}()
	<-started
	end()
	require.ErrorContains(t, <-done, "requests were still running after 10ms")
}

func TestAListenerThatBreaksEndsTheServer(t *testing.T) {
	t.Parallel()
	ln := listen(t)
	require.NoError(t, ln.Close())
	require.ErrorContains(t, web.Serve(t.Context(), ln, http.NotFoundHandler(), web.ServeConfig{}), "serve")
}

func ready(h *web.Health) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.Ready(rec, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/readyz", nil))
	return rec
}

func TestHealth(t *testing.T) {
	t.Parallel()
	broken := errors.New("dial tcp: the address of the database")
	var err error
	h := web.NewHealth(nil, map[string]func(context.Context) error{
		"database": func(context.Context) error { return err },
		"events":   func(context.Context) error { return nil },
	})
	rec := httptest.NewRecorder()
	h.Alive(rec, nil)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, http.StatusOK, ready(h).Code)
	err = broken
	require.Equal(t, http.StatusServiceUnavailable, ready(h).Code)
	require.Equal(t, "not ready: database\n", ready(h).Body.String())
}
