package uow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage/memory"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, uow.ErrOutside("event.append"), fault.FailedPrecondition)
	require.Equal(t, "uow.outside", fault.CodeOf(uow.ErrOutside("x")))
	require.ErrorIs(t, uow.ErrDoomed(io.EOF), fault.FailedPrecondition)
	require.ErrorIs(t, uow.ErrDoomed(io.EOF), io.EOF)
	require.ErrorIs(t, uow.ErrContended(io.EOF), fault.Unavailable)
	require.Equal(t, fault.Canceled, fault.KindOf(uow.ErrContended(context.Canceled)))
}

func Example() {
	stores := memory.New().Stores()
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	ctx := context.Background()

	// Both merchants are stored, or neither.
	err := stores.Units.Do(ctx, func(ctx context.Context) error {
		for _, name := range []string{"Tea House", "Book Nook"} {
			m := merchant.Merchant{ID: merchant.ID(name), Name: name, State: merchant.Active, CreatedAt: now, UpdatedAt: now}
			if err := stores.Merchants.Insert(ctx, &m); err != nil {
				return err
			}
		}
		return errors.New("changed my mind")
	})
	fmt.Println(err)
	_, err = stores.Merchants.Get(ctx, "Tea House")
	fmt.Println(fault.KindOf(err))
	// Output:
	// changed my mind
	// not_found
}

func ExampleErrOutside() {
	err := uow.ErrOutside("inventory.reserve")
	fmt.Println(fault.KindOf(err), fault.CodeOf(err))
	// Output: failed_precondition uow.outside
}
