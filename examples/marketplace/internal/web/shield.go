package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uid"
)

// MaxBody is what a request may carry: far more than any form of the shop.
const MaxBody = 64 << 10

// ShieldConfig holds what stands around every handler.
type ShieldConfig struct {
	// Log takes one line per request and the stack of a panic. Defaults to none.
	Log *slog.Logger
	// IDs mints the requests' ids. Defaults to UUIDv7.
	IDs uid.Generator
	// Clock measures how long an answer takes. Defaults to the system's.
	Clock clock.Clock
	// Fail answers a request that is refused or that panicked. Required.
	Fail func(http.ResponseWriter, *http.Request, error)
	// Secure is set where the shop is reached by HTTPS only: browsers are told
	// to stay there.
	Secure bool
}

// errCrossSite refuses a form that another site sent.
func errCrossSite(cause error) error {
	return fault.Wrap(cause, fault.PermissionDenied, "web.cross_site", "the request comes from another site")
}

// Shield puts around next what every request goes through: an id, a line in
// the log, headers that keep browsers on guard, a bound on the body, refusal
// of what other sites send, and an error page for a panic.
func Shield(next http.Handler, c ShieldConfig) http.Handler {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = uid.NewV7(c.Clock)
	}
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := c.Clock.Now()
		id := c.IDs.New()
		ctx := context.WithValue(r.Context(), requestKey{}, id)
		r = r.WithContext(actor.With(ctx, actor.Actor{Request: id}))
		seen := &watched{ResponseWriter: w}
		guardHeaders(seen.Header(), c.Secure)
		seen.Header().Set("X-Request-ID", id)
		defer func() {
			if v := recover(); v != nil {
				c.afterPanic(seen, r, v)
			}
			c.logRequest(seen, r, c.Clock.Now().Sub(start))
		}()
		if err := cross.Check(r); err != nil {
			c.Fail(seen, r, errCrossSite(err))
			return
		}
		r.Body = http.MaxBytesReader(seen, r.Body, MaxBody)
		next.ServeHTTP(seen, r)
	})
}

func (c ShieldConfig) afterPanic(w *watched, r *http.Request, v any) {
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v) // the server's own word for "hang up"
	}
	c.Log.ErrorContext(r.Context(), "panic", "request", RequestID(r.Context()), "panic", v, "stack", string(debug.Stack()))
	if !w.wrote() {
		c.Fail(w, r, fault.New(fault.Internal, "web.panic", "a handler panicked"))
	}
}

func (c ShieldConfig) logRequest(w *watched, r *http.Request, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case w.status >= 500 && w.status != http.StatusServiceUnavailable: // of which the reason is logged where it is known
		level = slog.LevelError
	case strings.HasPrefix(r.URL.Path, "/static/"), strings.HasPrefix(r.URL.Path, "/pictures/"), strings.HasSuffix(r.URL.Path, "z"):
		level = slog.LevelDebug
	}
	// No query and no address of the visitor: both may be about a person.
	c.Log.LogAttrs(r.Context(), level, "request", slog.String("request", RequestID(r.Context())), slog.String("method", r.Method),
		slog.String("path", r.URL.Path), slog.Int("status", w.status), slog.Int64("bytes", w.bytes), slog.Duration("took", took))
}

// guardHeaders tells browsers what pages of the shop never do.
func guardHeaders(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

type requestKey struct{}

// RequestID returns the id of the request that ctx belongs to, "" outside one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// watched notes what was answered.
type watched struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *watched) wrote() bool { return w.status != 0 }

func (w *watched) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
