package paymenttest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// recorder is a T that notes a failure instead of failing the test.
type recorder struct {
	ctx context.Context //nolint:containedctx // T hands it out

	mu      sync.Mutex
	failed  string
	cleanup []func()
}

func (*recorder) Helper()                    {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Cleanup(fn func())        { r.cleanup = append(r.cleanup, fn) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == "" {
		r.failed = fmt.Sprintf(format, args...)
	}
}

func (r *recorder) FailNow() {
	r.Errorf("failed")
	runtime.Goexit()
}

// try runs a case and returns how it failed, "" if it passed.
func try(ctx context.Context, c Case, h Harness) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
			for _, fn := range slices.Backward(r.cleanup) {
				fn()
			}
		}()
		c.Run(r, open(r, h, false))
	}()
	<-done
	return r.failed
}

// harness opens rigs over a gateway that make derives from a sound bank's.
func harness(derive func(bank *fakepay.Bank) payment.Gateway) Harness {
	return Harness{Open: func(t T) Rig {
		c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
		bank, err := fakepay.Open(t.Context(), fakepay.Config{Clock: c})
		require.NoError(t, err)
		other, err := fakepay.Open(t.Context(), fakepay.Config{Clock: c, Secrets: [][]byte{[]byte("another merchant's")}})
		require.NoError(t, err)
		return Rig{
			Gateway: derive(bank), Amount: money.New(1999, "USD"), Clock: c,
			Way: func(way Way) {
				bank.Plan(map[Way]fakepay.Plan{Approve: fakepay.Approve, Refuse: fakepay.Refuse, Ask: fakepay.Ask}[way])
			},
			Buyer: func(ctx context.Context, number string, pays bool) error {
				if pays {
					return bank.Approve(ctx, number)
				}
				return bank.Decline(ctx, number)
			},
			Mishap: func(call Call, what Mishap) {
				bank.Trouble(fakepay.Call(call), map[Mishap]fakepay.Trouble{
					TurnedAway: fakepay.Refused, LostThere: fakepay.LostBefore, LostBack: fakepay.LostAfter, NoAnswer: fakepay.Silent,
				}[what])
			},
			Notice: bank.Notice,
			Foreign: func(number string) (payment.RawRequest, error) {
				p, err := bank.Find(number)
				return other.Forge("k", number, p.State, p.Amount), err
			},
			Books: func(number string) (taken, returned int64) {
				// A payment that the gateway sent on under longer numbers counts too.
				for _, p := range bank.Payments() {
					if len(p.Number) >= len(number) && p.Number[:len(number)] == number && number != "" {
						taken, returned = taken+p.Taken, returned+p.Returned
					}
				}
				return taken, returned
			},
		}
	}}
}

func sound(bank *fakepay.Bank) payment.Gateway { return bank.Gateway() }

func TestTheSuiteIsLargeEnough(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, c := range Cases() {
		require.False(t, names[c.Name], "two cases are called %q", c.Name)
		names[c.Name] = true
	}
	require.GreaterOrEqual(t, len(names), 45)
}

func TestEveryCasePassesOnASoundGateway(t *testing.T) {
	t.Parallel()
	for _, c := range Cases() {
		require.Empty(t, try(t.Context(), c, harness(sound)), c.Name)
	}
}

// TestEveryCaseCanFail runs every case on every broken gateway: each case
// fails on one of them at least, and each of them fails a case.
func TestEveryCaseCanFail(t *testing.T) {
	t.Parallel()
	broken := map[string]func(bank *fakepay.Bank) payment.Gateway{
		"powers without the power": func(bank *fakepay.Bank) payment.Gateway { return bare{bank.Gateway()} },
	}
	for name := range mutants() {
		broken[name] = func(bank *fakepay.Bank) payment.Gateway {
			m := mutants()[name]
			m.bank = bank
			m.fakeGateway, _ = bank.Gateway().(fakeGateway) // a bank can do it all
			return m
		}
	}
	killers := map[string][]string{}
	var mu sync.Mutex
	t.Run("mutants", func(t *testing.T) {
		t.Parallel()
		for name, derive := range broken {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				killed := 0
				for _, c := range Cases() {
					if try(t.Context(), c, harness(derive)) != "" {
						killed++
						mu.Lock()
						killers[c.Name] = append(killers[c.Name], name)
						mu.Unlock()
					}
				}
				require.Positive(t, killed, "the suite lets it pass")
			})
		}
	})
	t.Cleanup(func() {
		for _, c := range Cases() {
			if len(killers[c.Name]) == 0 {
				t.Errorf("no broken gateway fails %q", c.Name)
			}
		}
	})
}

// A gateway that takes every payment at once has a suite of its own to pass:
// what needs a payment that waits is left out, and nothing else.
func TestNothingNeedsToWait(t *testing.T) {
	t.Parallel()
	h := harness(sound)
	instant := Harness{Lacks: []Lack{Wait}, Open: func(t T) Rig {
		r := h.Open(t)
		plan := r.Way
		r.Way = func(way Way) {
			if way == Ask {
				t.Errorf("a payment is to wait")
			}
			plan(way)
		}
		r.Buyer = nil
		return r
	}}
	ran := 0
	for _, c := range Cases() {
		if c.skip(instant) == "" {
			ran++
			require.Empty(t, try(t.Context(), c, instant), c.Name)
		} else {
			require.True(t, slices.Contains(c.Needs, Wait) || slices.Contains(c.Needs, Action), c.Name)
		}
	}
	require.GreaterOrEqual(t, ran, 50)
}

// What is missing is told all at once, before any case.
func TestAllMissingHandlesAreNamed(t *testing.T) {
	t.Parallel()
	r := &recorder{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		open(r, Harness{Open: func(T) Rig { return Rig{} }}, false)
	}()
	<-done
	for _, field := range []string{"Gateway", "Clock", "Amount", "Buyer", "Mishap", "Notice", "Foreign", "Books"} {
		require.Contains(t, r.failed, "Rig."+field)
	}
}

func TestAMissingHandleIsAnError(t *testing.T) {
	t.Parallel()
	h := harness(sound)
	for field, strip := range map[string]func(r *Rig){
		"Buyer": func(r *Rig) { r.Buyer = nil }, "Mishap": func(r *Rig) { r.Mishap = nil },
		"Clock": func(r *Rig) { r.Clock = nil }, "Notice": func(r *Rig) { r.Notice = nil },
		"Foreign": func(r *Rig) { r.Foreign = nil }, "Books": func(r *Rig) { r.Books = nil },
		"Gateway": func(r *Rig) { r.Gateway = nil }, "Amount": func(r *Rig) { r.Amount = money.Money{} },
	} {
		stripped := Harness{Open: func(t T) Rig {
			r := h.Open(t)
			strip(&r)
			return r
		}}
		require.Contains(t, try(t.Context(), Cases()[0], stripped), field)
	}
}
