package fault

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
)

// Params are the values a message is made of: strings, integers, booleans or
// values with a JSON form, such as money. They may be shown to the caller.
type Params map[string]any

// Field names one wrong input: its path from the root of the input
// ("lines[2].quantity"), a code ("required", "out_of_range") and parameters.
type Field struct {
	Path   string `json:"path"`
	Code   string `json:"code"`
	Params Params `json:"params,omitempty"`
}

// Fault is an error with a kind, a code and what is needed to explain it.
// It is immutable: the With methods return a changed copy.
type Fault struct {
	Kind    Kind
	Code    string
	Message string
	Params  Params
	Fields  []Field
	cause   error
}

// New returns a fault. Code is stable API ("cart.line_cap"); message is the
// English fallback, a lower-case sentence without a full stop.
func New(kind Kind, code, message string) *Fault {
	return &Fault{Kind: kind, Code: code, Message: message}
}

// Wrap returns a fault that hides cause from the caller and keeps it for the
// log. A cause whose kind is Canceled or Indeterminate keeps that kind: what
// happened below must not be blurred on its way up.
func Wrap(cause error, kind Kind, code, message string) *Fault {
	if k := KindOf(cause); k == Canceled || k == Indeterminate {
		kind = k
	}
	return &Fault{Kind: kind, Code: code, Message: message, cause: cause}
}

// With returns a copy that carries one more parameter.
func (f *Fault) With(name string, value any) *Fault {
	c := *f
	c.Params = maps.Clone(f.Params)
	if c.Params == nil {
		c.Params = Params{}
	}
	c.Params[name] = value
	return &c
}

// WithField returns a copy that names one more wrong field.
func (f *Fault) WithField(path, code string, params Params) *Fault {
	c := *f
	c.Fields = append(slices.Clone(f.Fields), Field{Path: path, Code: code, Params: params})
	return &c
}

// Error returns the message, the fields, each with its parameter "reason" where
// that is a code and no text, and, last, the cause: text for a log.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Code)
	b.WriteString(": ")
	b.WriteString(f.Message)
	for i, fd := range f.Fields {
		if i == 0 {
			b.WriteString(" (")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(fd.Path + ": " + fd.Code)
		if why, ok := fd.Params["reason"].(string); ok && isCode(why) {
			b.WriteString(", " + why)
		}
	}
	if len(f.Fields) > 0 {
		b.WriteString(")")
	}
	if f.cause != nil {
		b.WriteString(": " + f.cause.Error())
	}
	return b.String()
}

// isCode reports whether s is a code rather than a text, which may be somebody's
// own and have several lines.
func isCode(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// Unwrap returns the cause, nil where there is none.
func (f *Fault) Unwrap() error { return f.cause }

// Is reports whether target is the fault's kind.
func (f *Fault) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k == f.Kind
}

// KindOf returns the kind of err: that of the outermost fault in its chain,
// Canceled for an ended context, "" for nil and Internal for all else.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var f *Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	var k Kind
	if errors.As(err, &k) {
		return k
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Canceled
	}
	return Internal
}

// CodeOf returns the code of the outermost fault in err's chain, or "".
func CodeOf(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

// Violations gathers every wrong field of one input, so that a caller learns
// all of them at once. The zero value is ready to use.
type Violations struct{ fields []Field }

// Add notes that the value at path is wrong.
func (v *Violations) Add(path, code string, params Params) {
	v.fields = append(v.fields, Field{Path: path, Code: code, Params: params})
}

// Merge takes over the fields of err, each below prefix, where err is an
// Invalid fault with fields, and reports whether it was.
func (v *Violations) Merge(prefix string, err error) bool {
	var f *Fault
	if !errors.As(err, &f) || f.Kind != Invalid || len(f.Fields) == 0 {
		return false
	}
	for _, fd := range f.Fields {
		path := fd.Path
		switch {
		case prefix == "":
		case path == "": // of the whole
			path = prefix
		case strings.HasPrefix(path, "["):
			path = prefix + path
		default:
			path = prefix + "." + path
		}
		v.Add(path, fd.Code, fd.Params)
	}
	return true
}

// Err returns an Invalid fault with all the fields, or nil if there are none.
func (v *Violations) Err(code, message string) error {
	if len(v.fields) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Code: code, Message: message, Fields: slices.Clone(v.fields)}
}
