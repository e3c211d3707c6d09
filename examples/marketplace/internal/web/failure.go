package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

// Failures turns errors into pages. All fields are required.
type Failures struct {
	Renderer *Renderer
	Log      *slog.Logger
	// Chrome returns what stands around an error page. It must not fail: where
	// it cannot ask who is signed in, it shows a guest's page.
	Chrome func(*http.Request) view.Chrome
}

// Handler answers a request or returns why it could not; in that case it has
// written nothing.
type Handler func(http.ResponseWriter, *http.Request) error

// Handle makes an http.Handler out of h that shows its errors as pages.
func (f Failures) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			f.Fail(w, r, err)
		}
	})
}

// Fail writes the page for err. What only the log may know stays out of it.
func (f Failures) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if hungUp := (*sendError)(nil); errors.As(err, &hungUp) || errors.Is(r.Context().Err(), context.Canceled) {
		f.Log.DebugContext(r.Context(), "visitor hung up", "request", RequestID(r.Context()), "error", err)
		return
	}
	status, key := classify(err)
	RetryAfter(w.Header(), err)
	if status >= http.StatusInternalServerError {
		f.Log.ErrorContext(r.Context(), "request failed", "request", RequestID(r.Context()), "error", err)
	}
	page := view.Failure{
		Chrome: f.Chrome(r), Status: status, Key: "failure." + key, Code: fault.CodeOf(err), Request: RequestID(r.Context()),
	}
	if known, ok := asFault(err); ok {
		page.Form.Faults = known.Fields
	}
	if r.Method == http.MethodGet && status != http.StatusNotFound && status != http.StatusForbidden {
		page.Retry = r.URL.RequestURI()
	}
	if err := f.Renderer.Page(w, status, page); err != nil {
		f.Log.ErrorContext(r.Context(), "error page failed", "request", RequestID(r.Context()), "error", err)
		if sent := (*sendError)(nil); !errors.As(err, &sent) {
			http.Error(w, http.StatusText(status), status)
		}
	}
}

// NotFound answers every address that the shop does not have.
func NotFound(http.ResponseWriter, *http.Request) error {
	return fault.New(fault.NotFound, "web.no_page", "no such page")
}

// classify returns the status and the texts' key for an error.
func classify(err error) (status int, key string) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, "too_large"
	}
	switch fault.CodeOf(err) {
	case "web.cross_site":
		return http.StatusForbidden, "cross_site"
	case "web.method":
		return http.StatusMethodNotAllowed, "method"
	case "checkout.quote_changed":
		return http.StatusConflict, "price_changed"
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return http.StatusNotFound, "not_found"
	case fault.AlreadyExists, fault.Conflict:
		return http.StatusConflict, "conflict"
	case fault.Invalid:
		return http.StatusUnprocessableEntity, "invalid"
	case fault.FailedPrecondition:
		return http.StatusConflict, "state"
	case fault.Unauthenticated:
		return http.StatusUnauthorized, "denied"
	case fault.PermissionDenied:
		return http.StatusForbidden, "denied"
	case fault.Exhausted:
		return http.StatusConflict, "sold_out"
	case fault.RateLimited:
		return http.StatusTooManyRequests, "limited"
	case fault.Unavailable, fault.Canceled:
		return http.StatusServiceUnavailable, "unavailable"
	case fault.Indeterminate:
		return http.StatusServiceUnavailable, "unknown"
	case fault.Unimplemented:
		return http.StatusNotImplemented, "state"
	case fault.Internal:
	}
	return http.StatusInternalServerError, "internal"
}

// RetryAfter tells, in the header of a page about err, when to come again, where
// err is that of too many calls.
func RetryAfter(h http.Header, err error) {
	known, ok := asFault(err)
	if !ok || known.Kind != fault.RateLimited {
		return
	}
	if seconds, ok := known.Params["retry_after"].(int64); ok && seconds > 0 {
		h.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
}

// StatusOf returns the status that a page about err is sent with.
func StatusOf(err error) int {
	status, _ := classify(err)
	return status
}

func asFault(err error) (*fault.Fault, bool) {
	var f *fault.Fault
	return f, errors.As(err, &f)
}
