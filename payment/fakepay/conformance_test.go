package fakepay_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/paymenttest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	paymenttest.Run(t, paymenttest.Harness{Open: rig(fakepay.Config{})})
}

func TestConformanceWithoutRefund(t *testing.T) {
	t.Parallel()
	paymenttest.Run(t, paymenttest.Harness{
		Open:  rig(fakepay.Config{NoRefund: true}),
		Lacks: []paymenttest.Lack{paymenttest.Refund, paymenttest.PartialRefund},
	})
}

func rig(cfg fakepay.Config) func(t paymenttest.T) paymenttest.Rig {
	return func(t paymenttest.T) paymenttest.Rig {
		cfg := cfg
		c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
		cfg.Clock = c
		bank, err := fakepay.Open(t.Context(), cfg)
		require.NoError(t, err)
		cfg.Secrets = [][]byte{[]byte("of another merchant")}
		other, err := fakepay.Open(t.Context(), cfg)
		require.NoError(t, err)
		return paymenttest.Rig{
			Gateway: bank.Gateway(), Amount: usd(1999), Clock: c,
			Way: func(way paymenttest.Way) {
				bank.Plan(map[paymenttest.Way]fakepay.Plan{
					paymenttest.Approve: fakepay.Approve, paymenttest.Refuse: fakepay.Refuse, paymenttest.Ask: fakepay.Ask,
				}[way])
			},
			Buyer: func(ctx context.Context, number string, pays bool) error {
				if pays {
					return bank.Approve(ctx, number)
				}
				return bank.Decline(ctx, number)
			},
			Mishap: func(call paymenttest.Call, what paymenttest.Mishap) {
				bank.Trouble(fakepay.Call(call), map[paymenttest.Mishap]fakepay.Trouble{
					paymenttest.TurnedAway: fakepay.Refused, paymenttest.LostThere: fakepay.LostBefore,
					paymenttest.LostBack: fakepay.LostAfter, paymenttest.NoAnswer: fakepay.Silent,
				}[what])
			},
			Notice: bank.Notice,
			Foreign: func(number string) (payment.RawRequest, error) {
				p, err := bank.Find(number)
				return other.Forge("k", number, p.State, p.Amount), err
			},
			Books: func(number string) (taken, returned int64) {
				all := bank.Payments()
				i := slices.IndexFunc(all, func(p fakepay.Payment) bool { return p.Number == number })
				if i < 0 {
					return 0, 0
				}
				return all[i].Taken, all[i].Returned
			},
		}
	}
}
