package actor

import (
	"context"

	"github.com/soukhq/souk/commerce/ref"
)

// Actor is who caused a change: the scope of the caller and, where a request
// came from outside, the request's id.
type Actor struct {
	Scope   ref.Scope
	Request string
}

type key struct{}

// With returns a context in which a acts.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, key{}, a)
}

// From returns who acts; the zero Actor where nobody was named.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}
