package actor_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/ref"
)

func TestActor(t *testing.T) {
	t.Parallel()
	require.Zero(t, actor.From(t.Context()))
	require.Equal(t, "nobody", actor.From(t.Context()).Scope.String())

	ann := actor.Actor{Scope: ref.Staff("ann"), Request: "r-1"}
	ctx := actor.With(t.Context(), ann)
	require.Equal(t, ann, actor.From(ctx))
	bob := actor.Actor{Scope: ref.Staff("bob")}
	require.Equal(t, bob, actor.From(actor.With(ctx, bob)), "the innermost acts")
	require.Equal(t, ann, actor.From(ctx))
}

func Example() {
	ctx := actor.With(context.Background(), actor.Actor{Scope: ref.Staff("ann"), Request: "req-42"})

	who := actor.From(ctx)
	fmt.Println(who.Scope, who.Request)
	// Output: staff:ann req-42
}
