package commerce

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// batch is how many objects a worker takes up at a time.
const batch = 100

// job is something that has to be done again and again. Any number of nodes
// may do it at once: each claims what it does in the store.
type job struct {
	name  string
	every time.Duration
	// do reports whether there may be more to do at once.
	do func(ctx context.Context) (more bool, err error)
}

// counted is the work of a job that does at most a batch of something.
func counted(fn func(context.Context, int) (int, error)) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		n, err := fn(ctx, batch)
		return n >= batch, err
	}
}

func (m *Marketplace) jobs() []job {
	system := ref.System()
	return append([]job{
		// A changed product is on the lists, and found, within a second.
		{"lists follow the catalogue", 250 * time.Millisecond, func(ctx context.Context) (bool, error) {
			_, err := m.Listing.Sweep(ctx)
			return false, err
		}},
		{"payments go on", time.Second, func(ctx context.Context) (bool, error) {
			s, err := m.Payments.Sweep(ctx, batch)
			return max(s.Notices, s.Intents, s.Refunds) >= batch, err
		}},
		{"cancellations end", time.Second, counted(m.Checkout.FinishDue)},
		{"reservations expire", 10 * time.Second, func(ctx context.Context) (bool, error) {
			owners, err := m.Stock.ReleaseExpired(ctx, batch)
			return len(owners) >= batch, err
		}},
		{"coupons expire", 10 * time.Second, counted(func(ctx context.Context, n int) (int, error) {
			if m.Coupons == nil {
				return 0, nil
			}
			return m.Coupons.ExpireDue(ctx, system, n)
		})},
		{"shipped orders complete", time.Minute, counted(func(ctx context.Context, n int) (int, error) {
			return m.Orders.CompleteDue(ctx, system, n)
		})},
		{"old carts go", time.Hour, counted(func(ctx context.Context, n int) (int, error) {
			return m.Carts.Purge(ctx, system, n)
		})},
		{"old attempts to guess go", time.Hour, counted(m.purgeAttempts)},
		{"answers to old calls go", time.Hour, counted(func(ctx context.Context, n int) (int, error) {
			return m.cfg.Stores.Idempotency.Purge(ctx, m.cfg.Clock.Now(), n)
		})},
		// A broker that sends a message again does so within days.
		{"notes of foreign messages go", time.Hour, counted(func(ctx context.Context, n int) (int, error) {
			return m.cfg.Stores.Inbox.Purge(ctx, m.cfg.Clock.Now().Add(-m.retention()), n)
		})},
	}, append(m.searchJobs(), m.advice.jobs()...)...)
}

// running is what Start started.
type running struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// over reports whether everything that was started has ended.
func (r *running) over() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Start runs the consumers and the workers in the background, until
// [Marketplace.Stop] or the end of ctx. Any number of nodes may run them over
// the same stores. FailedPrecondition where it runs already.
func (m *Marketplace) Start(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil && !m.run.over() {
		return fault.New(fault.FailedPrecondition, "commerce.running", "the marketplace runs already")
	}
	ctx, cancel := context.WithCancel(ctx)
	m.run = &running{cancel: cancel, done: make(chan struct{})}
	go func(done chan<- struct{}) {
		defer close(done)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := m.Events.Run(ctx); err != nil {
				m.cfg.Log.ErrorContext(ctx, "commerce: events are not delivered", "error", err)
			}
		})
		for _, j := range m.jobs() {
			wg.Go(func() { m.repeat(ctx, j) })
		}
		m.advice.run(ctx, &wg)
		wg.Wait()
		if err := m.closeSearch(ctx); err != nil {
			m.cfg.Log.WarnContext(ctx, "commerce: the search did not end well", "error", err)
		}
	}(m.run.done)
	return nil
}

// Stop ends what Start started and waits for it, at most until ctx ends:
// Canceled then, and what is left ends by itself. Where nothing runs it closes
// what the search has opened meanwhile, and else does nothing.
func (m *Marketplace) Stop(ctx context.Context) error {
	m.mu.Lock()
	run := m.run
	m.run = nil
	m.mu.Unlock()
	if run == nil {
		return m.closeSearch(ctx)
	}
	run.cancel()
	select {
	case <-run.done:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Canceled, "commerce.stopping", "the workers are still ending")
	}
}

func (m *Marketplace) repeat(ctx context.Context, j job) {
	tick := time.NewTicker(j.every)
	defer tick.Stop()
	for {
		more, err := m.once(ctx, j)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			m.cfg.Log.WarnContext(ctx, "commerce: a worker failed and will try again", "job", j.name, "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// once is the root of a worker: a defect in what it does fails this time, not
// the process, and is tried again like any other failure.
func (m *Marketplace) once(ctx context.Context, j job) (more bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return j.do(ctx)
}

// maxRounds bounds how often Drain goes round: an event may cause work, and
// work events.
const maxRounds = 10

// Drain does once, now and in this goroutine, what Start does all the time: it
// takes every consumer to the head of the event log and does what is due, round
// after round until nothing is. Exhausted, code "commerce.busy", where there is
// still more to do after so many rounds: what was done stays done, and another
// call goes on.
func (m *Marketplace) Drain(ctx context.Context) error {
	if err := m.advice.flush(ctx); err != nil { // what was shown comes before what came of it
		return err
	}
	for range maxRounds {
		if err := m.follow(ctx); err != nil {
			return err
		}
		busy := false
		var failed []error
		for _, j := range m.jobs() {
			more, err := j.do(ctx)
			busy = busy || more
			failed = append(failed, err)
		}
		if err := errors.Join(failed...); err != nil {
			return err
		}
		if !busy {
			return m.advice.settle(ctx)
		}
	}
	return fault.New(fault.Exhausted, "commerce.busy", "there is more to do than one call does").
		With("rounds", maxRounds)
}

// follow takes every consumer to the head of the event log, and the lists and
// whoever follows them with it.
func (m *Marketplace) follow(ctx context.Context) error {
	for range maxRounds {
		if err := m.Events.Drain(ctx); err != nil {
			return err
		}
		if n, err := m.Listing.Sweep(ctx); err != nil || n == 0 {
			return err
		}
	}
	return nil // what came meanwhile comes to the next call
}
