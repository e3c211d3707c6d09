package order

import (
	"context"
	"net/http"
)

type units struct{}

func (units) Do(ctx context.Context, fn func(ctx context.Context) error) error { return fn(ctx) }

type once struct{}

func (once) Do(name string, fn func(n int)) { fn(len(name)) }

func place(ctx context.Context, u units, o once, c *http.Client) error {
	if err := u.Do(ctx, func(ctx context.Context) error { return ctx.Err() }); err != nil {
		return err
	}
	if err := u.Do(ctx, func(context.Context) error { return nil }); err != nil {
		return err
	}
	if err := u.Do(ctx, func(_ context.Context) error { return nil }); err != nil {
		return err
	}
	o.Do("x", func(n int) {})
	_, _ = c.Do(nil)
	return u.Do(ctx, func(tx context.Context) error { return tx.Err() })
}
