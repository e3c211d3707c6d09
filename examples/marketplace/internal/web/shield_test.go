package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// shielded returns h behind the shield, with real error pages and a log.
func shielded(t *testing.T, h web.Handler) (http.Handler, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	failures := web.Failures{Renderer: newRenderer(t), Log: logger, Chrome: func(*http.Request) view.Chrome {
		return view.Chrome{Locale: ref.English, Base: "/en", Shop: "Souk"}
	}}
	return web.Shield(failures.Handle(h), web.ShieldConfig{Log: logger, Fail: failures.Fail, Secure: true}), &log
}

func do(t *testing.T, h http.Handler, method, path string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, body)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

func TestEveryAnswerCarriesTheGuards(t *testing.T) {
	t.Parallel()
	var request, acting string
	h, log := shielded(t, func(w http.ResponseWriter, r *http.Request) error {
		request, acting = web.RequestID(r.Context()), actor.From(r.Context()).Request
		_, err := io.WriteString(w, "ok")
		return err
	})
	rec := do(t, h, http.MethodGet, "/en/?email=ada@example.com", nil)
	require.Equal(t, http.StatusOK, rec.Code)
	for name, part := range map[string]string{
		"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "same-origin", "Strict-Transport-Security": "max-age", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		require.Contains(t, rec.Header().Get(name), part)
	}
	require.NotContains(t, rec.Header().Get("Content-Security-Policy"), "unsafe")
	require.NotEmpty(t, request)
	require.Equal(t, request, acting)
	require.Equal(t, request, rec.Header().Get("X-Request-ID"))
	require.Contains(t, log.String(), `"path":"/en/"`)
	require.Contains(t, log.String(), request)
	require.NotContains(t, log.String(), "ada@example.com", "what stands in a query may be about a person")
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	reached := 0
	h, _ := shielded(t, func(http.ResponseWriter, *http.Request) error { reached++; return nil })
	form := func(header ...string) int {
		return do(t, h, http.MethodPost, "/en/cart/lines", strings.NewReader("a=b"), header...).Code
	}
	require.Equal(t, http.StatusForbidden, form("Sec-Fetch-Site", "cross-site"))
	require.Equal(t, http.StatusForbidden, form("Sec-Fetch-Site", "same-site"))
	require.Equal(t, http.StatusForbidden, form("Origin", "https://evil.example"))
	require.Zero(t, reached)
	require.Equal(t, http.StatusOK, form("Sec-Fetch-Site", "same-origin"))
	require.Equal(t, http.StatusOK, form("Origin", "http://example.com"))
	require.Equal(t, 2, reached)
	rec := do(t, h, http.MethodPost, "/", nil, "Sec-Fetch-Site", "cross-site")
	require.Contains(t, rec.Body.String(), "This came from another site")
	require.Equal(t, http.StatusOK, do(t, h, http.MethodGet, "/", nil, "Sec-Fetch-Site", "cross-site").Code, "links from elsewhere are welcome")
}

func TestAPanicBecomesAPage(t *testing.T) {
	t.Parallel()
	h, log := shielded(t, func(http.ResponseWriter, *http.Request) error { panic("the secret of the vault") })
	rec := do(t, h, http.MethodGet, "/en/", nil)
	require.Equal(t, http.StatusInternalServerError, rec.Code)
	require.Contains(t, rec.Body.String(), "Something broke on our side")
	require.NotContains(t, rec.Body.String(), "vault")
	require.Contains(t, log.String(), "vault")
	require.Contains(t, log.String(), "shield_test.go", "the stack is in the log")

	late, _ := shielded(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusAccepted)
		panic("too late for a page")
	})
	rec = do(t, late, http.MethodGet, "/", nil)
	require.Equal(t, http.StatusAccepted, rec.Code)
	require.Zero(t, rec.Body.Len())

	abort, _ := shielded(t, func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) })
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { do(t, abort, http.MethodGet, "/", nil) })
}

func TestErrorsBecomePages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		words  string
		wait   string
	}{
		{fault.New(fault.NotFound, "x.y", "m"), 404, "This page is not here", ""},
		{fault.New(fault.AlreadyExists, "x.y", "m"), 409, "Something changed meanwhile", ""},
		{fault.New(fault.Conflict, "x.y", "m"), 409, "Something changed meanwhile", ""},
		{fault.New(fault.Conflict, "checkout.quote_changed", "m"), 409, "The price has changed", ""},
		{fault.New(fault.Invalid, "x.y", "m").WithField("quantity", "required", nil), 422, "Please fill this in.", ""},
		{fault.New(fault.FailedPrecondition, "x.y", "m"), 409, "not possible any more", ""},
		{fault.New(fault.Unauthenticated, "x.y", "m"), 401, "This is not for you", ""},
		{fault.New(fault.PermissionDenied, "x.y", "m"), 403, "This is not for you", ""},
		{fault.New(fault.Exhausted, "x.y", "m"), 409, "sold out", ""},
		{fault.New(fault.RateLimited, "x.y", "m"), 429, "Slowly, please", ""},
		{fault.New(fault.RateLimited, "x.y", "m").With("retry_after", int64(90)), 429, "Slowly, please", "90"},
		{fault.New(fault.Unavailable, "x.y", "m").With("retry_after", int64(90)), 503, "The shop is busy", ""},
		{fault.New(fault.Unavailable, "x.y", "m"), 503, "The shop is busy", ""},
		{fault.New(fault.Indeterminate, "x.y", "m"), 503, "not sure whether that worked", ""},
		{fault.New(fault.Canceled, "x.y", "m"), 503, "The shop is busy", ""},
		{fault.New(fault.Unimplemented, "x.y", "m"), 501, "not possible", ""},
		{fault.Wrap(errors.New("pq: password of the database"), fault.Internal, "x.y", "m"), 500, "Something broke", ""},
		{errors.New("plain"), 500, "Something broke", ""},
	} {
		h, log := shielded(t, func(http.ResponseWriter, *http.Request) error { return c.err })
		rec := do(t, h, http.MethodGet, "/en/", nil)
		require.Equal(t, c.status, rec.Code, c.err)
		require.Equal(t, c.status, web.StatusOf(c.err))
		require.Equal(t, c.wait, rec.Header().Get("Retry-After"))
		require.Contains(t, rec.Body.String(), c.words)
		require.NotContains(t, rec.Body.String(), "password", "causes stay in the log")
		if c.status >= 500 {
			require.Contains(t, log.String(), "request failed")
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			require.Equal(t, c.status != 503, strings.Contains(lines[len(lines)-1], "ERROR"), "what is away is told once")
		}
	}
	covered := map[int]bool{}
	for _, kind := range fault.Kinds() {
		covered[web.StatusOf(fault.New(kind, "a.b", "m"))] = true
	}
	require.GreaterOrEqual(t, len(covered), 8)
}

func TestABodyIsBounded(t *testing.T) {
	t.Parallel()
	h, _ := shielded(t, func(_ http.ResponseWriter, r *http.Request) error {
		_, err := web.ReadForm(r)
		return err
	})
	post := func(body string) *httptest.ResponseRecorder {
		return do(t, h, http.MethodPost, "/en/sign-in", strings.NewReader(body), "Content-Type", "application/x-www-form-urlencoded")
	}
	require.Equal(t, http.StatusOK, post("name="+strings.Repeat("a", 1000)).Code)
	rec := post("name=" + strings.Repeat("a", 10<<20))
	require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
	require.Contains(t, rec.Body.String(), "That was too much")
	require.Equal(t, http.StatusUnprocessableEntity, post("name=%zz").Code)
	require.Equal(t, http.StatusUnprocessableEntity, post("name=%ff%fe").Code, "broken UTF-8")
	require.Equal(t, http.StatusUnprocessableEntity, post("name=a&name=b").Code)
}

func TestNobodyIsToldWhoHungUp(t *testing.T) {
	t.Parallel()
	h, log := shielded(t, func(http.ResponseWriter, *http.Request) error { return context.Canceled })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	require.Zero(t, rec.Body.Len())
	require.Contains(t, log.String(), "visitor hung up")
	require.NotContains(t, log.String(), `"level":"ERROR"`)
}
