package commerce_test

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// lines is a log that many goroutines write.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// A defect in what a worker does is logged, and the worker goes on.
func TestAWorkerSurvivesAPanic(t *testing.T) {
	t.Parallel()
	var log lines
	var claims atomic.Int64
	stores := storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == "Payments.Claim" && claims.Add(1) == 1 {
			panic("a defect")
		}
		return next(ctx)
	})
	m, err := commerce.New(commerce.Config{
		Stores: stores, Gateways: []payment.Gateway{fakepay.New().Gateway()}, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	require.NoError(t, err)
	require.NoError(t, m.Start(t.Context()))
	require.Eventually(t, func() bool { return claims.Load() >= 2 }, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, m.Stop(t.Context()))
	require.Contains(t, log.String(), "a defect")
	require.Contains(t, log.String(), "payments go on")
	require.Contains(t, log.String(), "work_test.go", "and where it is")
}

func atNoon(stores storage.Stores) (commerce.Config, *clock.Manual) {
	now := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	return commerce.Config{Clock: now, Stores: stores, Gateways: []payment.Gateway{fakepay.NewAt(now).Gateway()}}, now
}

func TestOldNotesOfForeignMessagesGo(t *testing.T) {
	t.Parallel()
	cfg, now := atNoon(memory.New().Stores())
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	accept := func() (fresh bool) {
		require.NoError(t, cfg.Stores.Units.Do(t.Context(), func(ctx context.Context) (err error) {
			fresh, err = cfg.Stores.Inbox.Accept(ctx, "erp", "m1", now.Now())
			return err
		}))
		return fresh
	}
	require.True(t, accept())
	now.Advance(29 * 24 * time.Hour)
	require.NoError(t, m.Drain(t.Context()))
	require.False(t, accept(), "within the retention it is known")
	now.Advance(2 * 24 * time.Hour)
	require.NoError(t, m.Drain(t.Context()))
	require.True(t, accept())
}

// A backlog of refunds alone is worked off at once, as one of payments is.
func TestABacklogOfRefundsDoesNotWait(t *testing.T) {
	t.Parallel()
	cfg, _ := atNoon(memory.New().Stores())
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	stock(t, m)
	p := buy(t, m, ref.Guest("g"), 1)
	const n = 250
	for i := range n {
		_, err := m.Payments.Refund(t.Context(), staff(), payment.RefundInput{
			Intent: p.Intent.ID, Key: strconv.Itoa(i), Reason: payment.ReasonGoodwill, Amount: money.New(1, "USD"),
		})
		require.NoError(t, err)
	}
	require.NoError(t, m.Drain(t.Context()))
	in, err := m.Payments.Get(t.Context(), staff(), p.Intent.ID)
	require.NoError(t, err)
	require.EqualValues(t, n, in.Refunded.Minor())
}

// endless always has a batch more to purge.
type endless struct {
	uow.Inbox
	batches *int
}

func (e endless) Purge(_ context.Context, _ time.Time, limit int) (int, error) {
	*e.batches++
	return limit, nil
}

// A marketplace that is still busy does not look like one at rest.
func TestDrainSaysThatThereIsMoreToDo(t *testing.T) {
	t.Parallel()
	cfg, _ := atNoon(memory.New().Stores())
	batches := 0
	cfg.Stores.Inbox = endless{cfg.Stores.Inbox, &batches}
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	err = m.Drain(t.Context())
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, "commerce.busy", fault.CodeOf(err))
	require.Equal(t, 10, batches, "it is done all the same")
}
