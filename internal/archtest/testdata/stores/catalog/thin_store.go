package catalog

import "context"

// ThinStore keeps what it is given.
type ThinStore interface {
	Method0(ctx context.Context) error
	Method1(ctx context.Context) error
}
