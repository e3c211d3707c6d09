package catalog

import "context"

// FatStore keeps what it is given.
type FatStore interface {
	Method0(ctx context.Context) error
	Method1(ctx context.Context) error
	Method2(ctx context.Context) error
	Method3(ctx context.Context) error
	Method4(ctx context.Context) error
	Method5(ctx context.Context) error
	Method6(ctx context.Context) error
	Method7(ctx context.Context) error
	Method8(ctx context.Context) error
}
