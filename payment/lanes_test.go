package payment_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// dead is a provider that answers nothing until its callers give up.
type dead struct {
	payment.Gateway
	calls atomic.Int64
}

func (g *dead) Caps() payment.Caps {
	return payment.Caps{Code: "dead", CallTimeout: 30 * time.Second}
}

func (g *dead) hang(ctx context.Context) (payment.Outcome, error) {
	g.calls.Add(1)
	<-ctx.Done()
	return payment.Outcome{}, ctx.Err()
}

func (g *dead) Pay(ctx context.Context, _ payment.PayRequest) (payment.Outcome, error) {
	return g.hang(ctx)
}

func (g *dead) Query(ctx context.Context, _ payment.AttemptRef) (payment.Outcome, error) {
	return g.hang(ctx)
}

func (g *dead) Cancel(ctx context.Context, _ payment.AttemptRef) (payment.Outcome, error) {
	return g.hang(ctx)
}

// withDead is a shop of two providers, of which one is dead, in a bubble whose
// time passes as soon as everybody waits.
func withDead(t *testing.T) (*shop, *dead) {
	t.Helper()
	g := &dead{}
	s := newShop(t, func(b *fakepay.Config, c *payment.Config) { b.Clock, c.Clock = clock.System{}, clock.System{} })
	s.cfg.Gateways, s.cfg.ClaimFor = []payment.Gateway{g, s.bank.Gateway()}, 100*time.Second
	var err error
	s.svc, err = payment.NewService(s.cfg)
	require.NoError(t, err)
	return s, g
}

// left opens an intent whose call nobody made: the process that was to has
// died.
func (s *shop) left(gateway string, group ref.GroupID) payment.Intent {
	s.t.Helper()
	in := s.input()
	in.Gateway, in.Group = gateway, group
	in.PayBy = time.Now().Add(time.Hour)
	return s.open(in)
}

// lost pays an intent and loses the answer: the sweeper asks for it.
func (s *shop) lost(group ref.GroupID) payment.Intent {
	s.t.Helper()
	s.bank.Trouble(fakepay.CallPay, fakepay.LostAfter)
	in := s.send(s.left("fakepay", group))
	require.Equal(s.t, payment.AttemptUnknown, s.last(in).State)
	return in
}

func TestADeadProviderDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, g := withDead(t)
		for i := range 10 {
			s.left("dead", ref.GroupID("dead-"+string(rune('a'+i))))
		}
		first := s.lost("first")
		<-time.After(2 * time.Minute) // the calls count as lost
		begun := time.Now()
		var swept payment.Swept
		done := make(chan error, 1)
		go func() {
			var err error
			swept, err = s.svc.Sweep(t.Context(), 100)
			done <- err
		}()
		synctest.Wait()
		require.Zero(t, time.Since(begun))
		require.EqualValues(t, 4, g.calls.Load(), "no more than so many calls of one gateway at a time")
		require.Equal(t, payment.IntentCaptured, s.get(first.ID).State)

		// What falls due while the provider hangs does not wait either.
		second := s.lost("second")
		<-time.After(4 * time.Second)
		synctest.Wait()
		require.Equal(t, payment.IntentCaptured, s.get(second.ID).State)
		require.EqualValues(t, 4, g.calls.Load())

		require.NoError(t, <-done)
		require.Equal(t, time.Minute, time.Since(begun), "two rounds of calls, of which none begins after half a claim")
		require.EqualValues(t, 8, g.calls.Load())
		require.GreaterOrEqual(t, swept.Intents, 12)
		s.check()
	})
}

func TestASweepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, g := withDead(t)
		for i := range 10 {
			s.left("dead", ref.GroupID("dead-"+string(rune('a'+i))))
		}
		<-time.After(2 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		_, err := s.svc.Sweep(ctx, 100)
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(begun))
		require.EqualValues(t, 4, g.calls.Load(), "none is begun any more")
		s.check()
	}) // which fails where a goroutine is left
}

// The time to claim again and the end of the context may come at once.
func TestLanesEndWithTheirContextWhileTheyClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		claims := 0
		err := payment.Lanes{Width: 1, Budget: time.Minute}.Run(ctx, func(ctx context.Context) ([]payment.Task, error) {
			if claims++; claims == 2 {
				cancel()
				return nil, ctx.Err()
			}
			return []payment.Task{{Gateway: "dead", Do: func(ctx context.Context) error {
				<-ctx.Done()
				return nil
			}}}, nil
		})
		require.NoError(t, err)
		require.Equal(t, 2, claims)
		err = payment.Lanes{Width: 1, Budget: time.Minute}.Run(ctx, func(ctx context.Context) ([]payment.Task, error) {
			return nil, ctx.Err()
		})
		require.ErrorIs(t, err, context.Canceled, "nothing was claimed at all")
	})
}

func TestLanesSurviveAPanic(t *testing.T) {
	t.Parallel()
	var failed []string
	lanes := payment.Lanes{Width: 1, Budget: time.Minute, Failed: func(_ context.Context, task payment.Task, err error) {
		failed = append(failed, task.Name+": "+err.Error())
	}}
	done := 0
	err := lanes.Run(t.Context(), func(context.Context) ([]payment.Task, error) {
		return []payment.Task{
			{Gateway: "a", Name: "bad", Do: func(context.Context) error { panic("a defect") }},
			{Gateway: "a", Name: "good", Do: func(context.Context) error { done++; return nil }},
		}, errDown
	})
	require.ErrorIs(t, err, errDown, "and what was claimed is done all the same")
	require.Equal(t, 1, done)
	require.Len(t, failed, 1)
	require.Contains(t, failed[0], "bad: panic: a defect")
	require.Contains(t, failed[0], "lanes_test.go", "and where it is")
}

func TestTasksOfOneKeyAreDoneInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		busy := map[string]bool{}
		begun := time.Now()
		var all []payment.Task
		for _, key := range []string{"x", "x", "x", "y", ""} {
			all = append(all, payment.Task{Gateway: "a", Key: key, Name: key, Do: func(context.Context) error {
				mu.Lock()
				twice := key != "" && busy[key]
				busy[key] = true
				mu.Unlock()
				<-time.After(time.Second)
				mu.Lock()
				busy[key] = false
				mu.Unlock()
				if twice {
					return errDown
				}
				return nil
			}})
		}
		lanes := payment.Lanes{Width: 3, Budget: time.Minute, Failed: func(context.Context, payment.Task, error) {
			t.Error("two at a time")
		}}
		claimed := false
		require.NoError(t, lanes.Run(t.Context(), func(context.Context) ([]payment.Task, error) {
			if claimed {
				return nil, nil
			}
			claimed = true
			return all, nil
		}))
		require.Equal(t, 3*time.Second, time.Since(begun), "the others go beside")
	})
}

func TestLanesWithoutWork(t *testing.T) {
	t.Parallel()
	require.NoError(t, payment.Lanes{Width: 1, Budget: time.Minute}.Run(t.Context(), func(context.Context) ([]payment.Task, error) {
		return nil, nil
	}))
	require.ErrorIs(t, payment.Lanes{Width: 1, Budget: time.Minute}.Run(t.Context(), func(context.Context) ([]payment.Task, error) {
		return nil, errors.Join(errDown)
	}), errDown)
}
