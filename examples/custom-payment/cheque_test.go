package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/paymenttest"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// the payment of USD 25.00 is action_required: write CHQ-0001 on the cheque
	// the payment of USD 25.00 is captured
	// the order is confirmed
}

func noon() *clock.Manual { return clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)) }

func TestConformance(t *testing.T) {
	t.Parallel()
	paymenttest.Run(t, paymenttest.Harness{
		Open: func(rt paymenttest.T) paymenttest.Rig {
			c := noon()
			dir, err := os.MkdirTemp("", "cheques") //nolint:usetesting // the suite's T has no TempDir
			require.NoError(rt, err)
			rt.Cleanup(func() { require.NoError(rt, os.RemoveAll(dir)) })
			desk, err := OpenDesk(filepath.Join(dir, "books.json"), "here", c)
			require.NoError(rt, err)
			return paymenttest.Rig{
				Gateway: desk, Amount: money.New(1999, "USD"), Clock: c,
				Buyer: func(ctx context.Context, number string, pays bool) error {
					if pays {
						return desk.Cleared(ctx, number)
					}
					return desk.Bounced(ctx, number)
				},
				Books: func(number string) (taken, returned int64) { return desk.Taken(number), 0 },
			}
		},
		Lacks: []paymenttest.Lack{
			paymenttest.Instant, paymenttest.Decline, paymenttest.Capture, paymenttest.Refund, paymenttest.PartialRefund,
			paymenttest.Notify, paymenttest.Window, paymenttest.Trouble,
		},
	})
}

func TestTheBooksSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books.json")
	desk, err := OpenDesk(path, "here", noon())
	require.NoError(t, err)
	req := payment.PayRequest{Number: "PA1", Amount: money.New(1999, "USD"), ExpiresAt: noon().Now().Add(time.Hour)}
	first, err := desk.Pay(t.Context(), req)
	require.NoError(t, err)

	desk, err = OpenDesk(path, "here", noon())
	require.NoError(t, err)
	again, err := desk.Pay(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NoError(t, desk.Cleared(t.Context(), "PA1"))
	require.Error(t, desk.Bounced(t.Context(), "PA1"))

	desk, err = OpenDesk(path, "here", noon())
	require.NoError(t, err)
	require.EqualValues(t, 1999, desk.Taken("PA1"))

	require.NoError(t, os.WriteFile(path, []byte("junk"), 0o600))
	_, err = OpenDesk(path, "here", noon())
	require.ErrorContains(t, err, "damaged")
}
