package order

import "context"

// Store keeps what it is given.
type Store interface {
	Method0(ctx context.Context) error
	Method1(ctx context.Context) error
	Method2(ctx context.Context) error
	Method3(ctx context.Context) error
	Method4(ctx context.Context) error
}

// Watcher is an optional
// power of a [Store].
type Watcher interface{ Watch() }

type private interface{ Look() }
