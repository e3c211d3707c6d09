package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Listen opens the address and says in plain words what is in the way.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program is using %s: stop it, or choose another address: %w", addr, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be used without special rights: choose a port above 1023: %w", addr, err)
	}
	return nil, fmt.Errorf("%s is no address to listen on: %w", addr, err)
}

// ServeConfig says how a server runs and ends.
type ServeConfig struct {
	// Log takes the server's own complaints. Defaults to none.
	Log *slog.Logger
	// Grace is how long requests may go on after the end was asked for.
	// Defaults to 10 seconds.
	Grace time.Duration
	// Health learns that the end has come, so that a balancer sends no more.
	Health *Health
}

// Serve answers requests until ctx ends, lets those under way finish, and
// returns nil where all did.
func Serve(ctx context.Context, ln net.Listener, h http.Handler, c ServeConfig) error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	c.Health.leave()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Grace)
	defer cancel()
	err := srv.Shutdown(end)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were still running after %s: %w", c.Grace, err), srv.Close())
	}
	if closed := <-served; !errors.Is(closed, http.ErrServerClosed) {
		err = errors.Join(err, closed)
	}
	return err
}

// Health answers /healthz and /readyz. A nil Health is one that nobody asks.
type Health struct {
	checks  map[string]func(context.Context) error
	leaving atomic.Bool
	log     *slog.Logger
}

// NewHealth returns the health of a shop that is ready while all checks pass.
func NewHealth(log *slog.Logger, checks map[string]func(context.Context) error) *Health {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Health{checks: checks, log: log}
}

func (h *Health) leave() {
	if h != nil {
		h.leaving.Store(true)
	}
}

// Alive answers that the process runs.
func (h *Health) Alive(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "alive\n") }

// Ready answers whether requests should come here: every check passes within
// two seconds and the end has not been asked for. Why a check fails goes to
// the log, its name to the answer.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	if h.leaving.Load() {
		plain(w, http.StatusServiceUnavailable, "leaving\n")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	var failed []string
	for name, check := range h.checks {
		if err := check(ctx); err != nil {
			h.log.WarnContext(ctx, "not ready", "check", name, "error", err)
			failed = append(failed, name)
		}
	}
	if len(failed) > 0 {
		slices.Sort(failed)
		plain(w, http.StatusServiceUnavailable, "not ready: "+strings.Join(failed, ", ")+"\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever hung up will ask again
}
