package inventory

import (
	"context"

	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps stock.
type Store interface {
	Get(ctx context.Context, scope ref.Scope, sku ref.SKUID) error
	Insert(ctx context.Context) error
	Update(ctx context.Context) error
}
