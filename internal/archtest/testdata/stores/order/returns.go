package order

import "context"

// ReturnStore keeps what it is given.
type ReturnStore interface {
	Method0(ctx context.Context) error
	Method1(ctx context.Context) error
	Method2(ctx context.Context) error
	Method3(ctx context.Context) error
	Method4(ctx context.Context) error
}
