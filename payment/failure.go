package payment

import "errors"

// Class is the closed set of ways in which a provider's call can end other
// than with an [Outcome]. It is an error itself, so that
// errors.Is(err, payment.Unknown) works.
type Class string

// The classes.
const (
	// Declined: the provider refused for good; Code and Advice say more. Of a
	// call that asks about a payment or closes it, it counts as Unknown.
	Declined Class = "declined"
	// NotExecuted: proved to have had no effect (refused before a byte was
	// written, rate limited, circuit open). The same number may be sent again.
	NotExecuted Class = "not_executed"
	// Unknown: no answer, or one that cannot be trusted (timeout, reset, 5xx,
	// unparsable, bad signature). Only Query or a verified notice helps.
	Unknown Class = "unknown"
	// Invalid: the provider calls our request malformed; our fault.
	Invalid Class = "invalid"
	// Conflict: the number was used before with another body.
	Conflict Class = "conflict"
	// NotFound: the provider has no such number.
	NotFound Class = "not_found"
	// Unsupported: this gateway cannot do this at all.
	Unsupported Class = "unsupported"
	// Auth: credentials or a signature were refused.
	Auth Class = "auth"
)

// Classes lists the closed set, for tables that must cover it.
func Classes() []Class {
	return []Class{Declined, NotExecuted, Unknown, Invalid, Conflict, NotFound, Unsupported, Auth}
}

// Error returns the class's wire name.
func (c Class) Error() string { return string(c) }

// Advice says what a buyer whose payment was declined can do.
type Advice string

// The advice a provider gives.
const (
	AdviceOtherMethod Advice = "other_method"
	AdviceLater       Advice = "later"
	AdviceNever       Advice = "never"
)

// Failure is the error of a gateway. Code is the provider's own word
// ("insufficient_funds") and holds no personal data: it is stored and logged.
type Failure struct {
	Class  Class
	Code   string
	Advice Advice // of Declined
	cause  error
}

// Fail returns a failure of a class; cause may be nil and is kept for logs.
func Fail(class Class, code string, cause error) *Failure {
	return &Failure{Class: class, Code: code, cause: cause}
}

// Decline returns the failure of a refused payment.
func Decline(code string, advice Advice) *Failure {
	return &Failure{Class: Declined, Code: code, Advice: advice}
}

// Error returns class, code and cause.
func (f *Failure) Error() string {
	s := "payment " + string(f.Class)
	if f.Code != "" {
		s += " (" + f.Code + ")"
	}
	if f.cause != nil {
		s += ": " + f.cause.Error()
	}
	return s
}

// Unwrap returns the cause, nil where there is none.
func (f *Failure) Unwrap() error { return f.cause }

// Is reports whether target is the failure's class.
func (f *Failure) Is(target error) bool {
	c, ok := target.(Class)
	return ok && c == f.Class
}

// FailureOf returns the failure in err's chain. Everything else, an ended
// context included, is Unknown: a byte may have gone out. It returns nil for
// nil.
func FailureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	var c Class
	if errors.As(err, &c) {
		return &Failure{Class: c, cause: err}
	}
	return &Failure{Class: Unknown, cause: err}
}

// ClassOf returns the class of err, Unknown for an error of another make and
// "" for nil.
func ClassOf(err error) Class {
	if f := FailureOf(err); f != nil {
		return f.Class
	}
	return ""
}
