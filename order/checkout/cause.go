package checkout

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// cause says that the scope acts; an actor in the context is named instead.
func (s *Service) cause(ctx context.Context, scope ref.Scope, now time.Time, reason string) order.Cause {
	return order.Cause{At: now, By: acting(ctx, scope), Reason: reason}
}

func acting(ctx context.Context, scope ref.Scope) string {
	if a := actor.From(ctx); a.Scope.Kind() != ref.NoScope {
		scope = a.Scope
	}
	return scope.String()
}

// ownersOf names the reservations of orders.
func ownersOf(orders []order.Order) []string {
	out := make([]string, len(orders))
	for i := range orders {
		out[i] = string(orders[i].ID)
	}
	return out
}
