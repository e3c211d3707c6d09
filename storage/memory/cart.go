package memory

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/order/cart"
)

type carts struct{ rows *table[cart.ID, cart.Cart] }

var _ cart.Store = carts{}

func newCarts(db *DB) carts {
	return carts{newTable(db, spec[cart.ID, cart.Cart]{
		name:    "cart",
		key:     func(c *cart.Cart) cart.ID { return c.ID },
		clone:   cart.Cart.Clone,
		version: func(c *cart.Cart) *int64 { return &c.Version },
		unique: map[string]func(*cart.Cart) string{
			"open": func(c *cart.Cart) string {
				if c.State != cart.Open {
					return ""
				}
				return sortKey(string(c.Member), c.Guest, string(c.Channel))
			},
		},
		ordered: map[string]func(*cart.Cart) string{
			"id":      func(c *cart.Cart) string { return sortKey(string(c.ID)) },
			"owner":   func(c *cart.Cart) string { return sortKey(string(c.Member), c.Guest, string(c.ID)) },
			"expires": func(c *cart.Cart) string { return sortKey(c.ExpiresAt, string(c.ID)) },
		},
	})}
}

func (s carts) Insert(ctx context.Context, c *cart.Cart) error { return s.rows.insert(ctx, c) }

func (s carts) Update(ctx context.Context, c *cart.Cart) error { return s.rows.update(ctx, c) }

func (s carts) Get(ctx context.Context, id cart.ID) (cart.Cart, error) { return s.rows.get(ctx, id) }

func (s carts) List(ctx context.Context, q cart.Query, p page.Request) (page.Page[cart.Cart], error) {
	sc := scan[cart.Cart]{index: "id", match: q.Matches}
	switch {
	case q.Member != "":
		sc.index, sc.prefix = "owner", sortKey(string(q.Member), "")
	case q.Guest != "":
		sc.index, sc.prefix = "owner", sortKey("", q.Guest)
	}
	return s.rows.page(ctx, "cart."+sc.index, p, sc)
}

func (s carts) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	return purge(ctx, s.rows, "expires", limit, func(c *cart.Cart) bool { return !c.ExpiresAt.After(before) })
}
