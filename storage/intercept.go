package storage

import "context"

//go:generate go run ../internal/intercept intercept_gen.go

// Call is one call of a port, on its way through a [Hook].
type Call struct {
	// Port is the field of [Stores], Method the method: "Merchants", "Insert".
	Port   string
	Method string
	// Args are the arguments behind the context.
	Args []any
	// Results point at what the caller will get beside the error; they are
	// filled in when next has returned.
	Results []any
}

// Name returns "Merchants.Insert".
func (c Call) Name() string { return c.Port + "." + c.Method }

// Hook stands between a caller and a store: for tracing, metrics, quotas, or
// faults in a test. It calls next, once, with ctx or one made of it, and
// returns what the caller shall get. The hook of Units.Do sees the whole unit:
// an error that it returns instead of nil after next comes after the commit.
type Hook func(ctx context.Context, call Call, next func(ctx context.Context) error) error
