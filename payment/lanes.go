package payment

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Task is one piece of a worker's work.
type Task struct {
	// Gateway that the work may have to call; empty for none.
	Gateway string
	// Key names what tasks would fight for: those of one gateway and key are
	// done one after the other. Empty for nothing.
	Key string
	// Name says what it is about, for logs.
	Name string
	Do   func(ctx context.Context) error
}

// Lanes do the work about each gateway apart from that about the others, so
// that a provider that hangs delays nothing but its own.
type Lanes struct {
	// Width is how many tasks of one gateway are under way at a time.
	Width int
	// Budget is how long tasks are begun; those that were not stay claimed
	// until their claim ends.
	Budget time.Duration
	// Failed is told of tasks that failed, of one at a time.
	Failed func(ctx context.Context, t Task, err error)
}

// claimAgain is how long a gateway may get nothing done before more work is
// claimed for the others.
const claimAgain = time.Second

// Run does what claim returns and waits for it: none of its goroutines is left
// when it returns. While one gateway hangs, claim is called again and again,
// from the caller's goroutine, so that the others do not wait for its end. A
// task that panics has failed. Run returns the error of claim; then, and when
// ctx ends, what is under way is still waited for. That ctx ends behind the first
// claim is no error.
func (l Lanes) Run(ctx context.Context, claim func(context.Context) ([]Task, error)) error {
	budget, cancel := context.WithTimeout(ctx, l.Budget)
	defer cancel()
	r := lanesRun{Lanes: l, budget: budget, lanes: map[string]*lane{}, dry: make(chan struct{}, 1)}
	defer r.wg.Wait()
	tick := time.NewTicker(claimAgain)
	defer tick.Stop()
	for again := false; ; again = true {
		tasks, err := claim(ctx)
		r.put(ctx, tasks)
		switch {
		case again && ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		for hangs := false; !hangs; {
			select {
			case <-budget.Done():
				return nil
			case <-r.dry:
			case <-tick.C:
				hangs = r.hangs()
			}
			if !r.busy() {
				return nil
			}
		}
	}
}

// lane is the work about one gateway.
type lane struct {
	queue   []Task
	keys    map[string]bool // of what is under way
	working int
	done    int // since hangs was asked last
}

type lanesRun struct {
	Lanes
	budget context.Context //nolint:containedctx // bounds the beginning of tasks, never their doing
	wg     sync.WaitGroup
	dry    chan struct{} // a worker has ended

	mu    sync.Mutex
	lanes map[string]*lane
}

// put hands tasks to their lanes.
func (r *lanesRun) put(ctx context.Context, tasks []Task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range tasks {
		l := r.lanes[t.Gateway]
		if l == nil {
			l = &lane{keys: map[string]bool{}}
			r.lanes[t.Gateway] = l
		}
		l.queue = append(l.queue, t)
		if l.working < r.Width {
			l.working++
			r.wg.Go(func() { r.work(ctx, l) })
		}
	}
	r.wake() // also where there was nothing to hand out
}

func (r *lanesRun) wake() {
	select {
	case r.dry <- struct{}{}:
	default: // it has been told already
	}
}

// work does the tasks of a lane until there are none that it may begin, or the
// budget is spent. Whoever is busy with a key goes on with what waits for it.
func (r *lanesRun) work(ctx context.Context, l *lane) {
	defer r.wake()
	for {
		t, ok := r.next(l)
		if !ok {
			return
		}
		err := t.once(ctx)
		r.mu.Lock()
		l.done++
		delete(l.keys, t.Key)
		if err != nil {
			r.Failed(ctx, t, err)
		}
		r.mu.Unlock()
	}
}

func (r *lanesRun) next(l *lane) (Task, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(l.queue, func(t Task) bool { return !l.keys[t.Key] })
	if i < 0 || r.budget.Err() != nil {
		l.working--
		return Task{}, false
	}
	t := l.queue[i]
	l.queue = slices.Delete(l.queue, i, i+1)
	if t.Key != "" {
		l.keys[t.Key] = true
	}
	return t, true
}

func (r *lanesRun) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lanes {
		if l.working > 0 {
			return true
		}
	}
	return false
}

// hangs reports whether a lane at work has got nothing done since it was asked
// last.
func (r *lanesRun) hangs() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	hangs := false
	for _, l := range r.lanes {
		hangs = hangs || l.working > 0 && l.done == 0
		l.done = 0
	}
	return hangs
}

// once is the root of a goroutine: a defect in a task fails it, not the
// process.
func (t Task) once(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return t.Do(ctx)
}
