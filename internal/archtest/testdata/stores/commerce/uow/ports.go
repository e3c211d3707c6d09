package uow

import "context"

// Claims keeps what it is given.
type Claims interface {
	Method0(ctx context.Context) error
	Method1(ctx context.Context) error
}
