package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

// Inputs are the fields of a submitted form, each as it was typed, without
// the spaces around it.
type Inputs map[string]string

// ReadForm reads the body of a POST. Kinds: Invalid for a body that is no
// form, repeats a field or holds broken UTF-8; the error of a body that is too
// large stays an *http.MaxBytesError.
func ReadForm(r *http.Request) (Inputs, error) {
	if err := r.ParseForm(); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "web.form", "the form cannot be read")
	}
	return inputsOf(r.PostForm)
}

// ReadQuery reads the query of an address. Kinds: Invalid, as [ReadForm].
func ReadQuery(r *http.Request) (Inputs, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "web.query", "the address cannot be read")
	}
	return inputsOf(values)
}

func inputsOf(values url.Values) (Inputs, error) {
	var wrong fault.Violations
	in := make(Inputs, len(values))
	for name, all := range values {
		switch {
		case !utf8.ValidString(name):
			wrong.Add("form", "text", nil)
		case len(all) > 1:
			wrong.Add(name, "too_many", nil)
		case !utf8.ValidString(all[0]):
			wrong.Add(name, "text", nil)
		default:
			in[name] = strings.TrimSpace(all[0])
		}
	}
	return in, wrong.Err("web.form", "the form cannot be read")
}

// Quantity reads a number of pieces; what is no number at all is noted under
// the field's name.
func (in Inputs) Quantity(name string, wrong *fault.Violations) ref.Quantity {
	n, err := strconv.ParseInt(in[name], 10, 64)
	if err != nil {
		wrong.Add(name, "out_of_range", fault.Params{"min": int64(1), "max": int64(ref.MaxQuantity)})
		return 0
	}
	return ref.Quantity(n)
}

// Form returns what was typed and what is wrong with it, ready to be shown
// again. It reports false for an error that is not about the input.
func (in Inputs) Form(err error) (view.Form, bool) {
	f := view.Form{Values: in}
	known, ok := asFault(err)
	if !ok {
		return f, false
	}
	switch known.Kind {
	case fault.Invalid:
		f.Faults = known.Fields
		if len(known.Fields) == 0 {
			f.Fault = known
		}
	case fault.AlreadyExists, fault.Conflict, fault.FailedPrecondition, fault.Unauthenticated, fault.Exhausted, fault.RateLimited:
		f.Fault = known
	case fault.NotFound, fault.PermissionDenied, fault.Unavailable, fault.Indeterminate, fault.Canceled, fault.Unimplemented, fault.Internal:
		return f, false
	}
	return f, true
}

// Redirect sends the browser on after something was done. What htmx asked for
// is not swapped in: the browser goes there itself.
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	if Wants(r) {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// LocalPath returns path where it is one of this site's own, else fallback: a
// link that somebody crafted must not lead elsewhere after signing in.
func LocalPath(path, fallback string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return fallback
	}
	return path
}

// Negotiate returns which of the locales a browser's Accept-Language likes
// best, the first one where it likes none.
func Negotiate(accept string, locales []ref.Locale) ref.Locale {
	tags := make([]language.Tag, len(locales))
	for i, l := range locales {
		tags[i] = language.Make(string(l))
	}
	_, i := language.MatchStrings(language.NewMatcher(tags), accept)
	return locales[i]
}
