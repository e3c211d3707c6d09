package faultpoint

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

// Effect is what happens at an armed point.
type Effect string

// The effects.
const (
	// Error: this one call fails. Behind an effect the answer is lost.
	Error Effect = "error"
	// Crash: the process ends here.
	Crash Effect = "crash"
	// Delay: Set.OnDelay runs and the call goes on.
	Delay Effect = "delay"
)

// ErrCrashed is what everything returns after a crash.
var ErrCrashed = errors.New("faultpoint: the process has crashed") //nolint:gochecknoglobals // a sentinel

// The two sides of a call.
const (
	before = "/before"
	after  = "/after"
)

// commit is the point around a commit, react the one around a consumer's
// reaction to an event.
const (
	commit = "commit"
	react  = "event/react"
)

// Points returns the names of all points: two for every method of every store,
// for every commit, for every call of a gateway, and for every reaction of a
// consumer. Publishing, sequencing, taking and acknowledging an event are
// methods of stores: Events.Append, Events.Sequence, Cursors.Take,
// Cursors.Advance.
func Points() []string {
	calls := []string{commit, react}
	for f := range reflect.TypeFor[storage.Stores]().Fields() {
		for m := range f.Type.Methods() {
			if f.Name != "Units" {
				calls = append(calls, f.Name+"."+m.Name)
			}
		}
	}
	for _, t := range gatewayTypes() {
		for m := range t.Methods() {
			if m.Name != "Caps" { // constant
				calls = append(calls, gatewayCall(m.Name))
			}
		}
	}
	all := make([]string, 0, 2*len(calls))
	for _, c := range calls {
		all = append(all, c+before, c+after)
	}
	slices.Sort(all)
	return all
}

func gatewayCall(method string) string { return "gateway." + method }

// Set is the state of all points of one process. It is safe for concurrent
// use.
type Set struct {
	// OnDelay is run by the effect Delay: a test advances its clock.
	OnDelay func()

	mu    sync.Mutex
	known map[string]bool
	hits  map[string]int
	armed map[string]map[int]Effect
	dead  bool
	fired []string
}

// New returns a set of points of which none is armed.
func New() *Set {
	s := &Set{known: map[string]bool{}, hits: map[string]int{}, armed: map[string]map[int]Effect{}}
	for _, p := range Points() {
		s.known[p] = true
	}
	return s
}

// Arm lets the n-th hit of a point, from 1, have an effect. A point that does
// not exist is an error.
func (s *Set) Arm(point string, n int, e Effect) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known[point] {
		return errors.New("faultpoint: no point " + point)
	}
	if s.armed[point] == nil {
		s.armed[point] = map[int]Effect{}
	}
	s.armed[point][n] = e
	return nil
}

// Hits returns how often each point was passed.
func (s *Set) Hits() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.hits))
	for p, n := range s.hits {
		out[p] = n
	}
	return out
}

// Fired returns the armed points that had their effect.
func (s *Set) Fired() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.fired)
}

// Crashed reports whether the process is over.
func (s *Set) Crashed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

// hit passes a point. The error is nil, ErrCrashed or lost.
func (s *Set) hit(point string, lost error) error {
	s.mu.Lock()
	if s.dead {
		s.mu.Unlock()
		return ErrCrashed
	}
	s.hits[point]++
	e := s.armed[point][s.hits[point]]
	if e != "" {
		s.fired = append(s.fired, point)
	}
	s.dead = e == Crash
	s.mu.Unlock()
	switch e {
	case Error:
		return lost
	case Crash:
		return ErrCrashed
	case Delay:
		if s.OnDelay != nil {
			s.OnDelay()
		}
	}
	return nil
}

func unavailable(point string) error {
	return fault.New(fault.Unavailable, "faultpoint.error", "the connection is lost").With("point", point)
}

// around passes both points of a call.
func (s *Set) around(name string, call func() error) error {
	if err := s.hit(name+before, unavailable(name+before)); err != nil {
		return err
	}
	if err := call(); err != nil {
		return err
	}
	return s.hit(name+after, unavailable(name+after))
}

// nestedKey marks the contexts of units.
type nestedKey struct{}

// Stores returns stores whose calls pass the points.
func (s *Set) Stores(base storage.Stores) storage.Stores {
	return storage.Intercept(base, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if fn, ok := unitOf(c); ok {
			if ctx.Value(nestedKey{}) != nil {
				return next(ctx)
			}
			return s.unit(ctx, base, fn)
		}
		return s.around(c.Name(), func() error { return next(ctx) })
	})
}

func unitOf(c storage.Call) (func(context.Context) error, bool) {
	if !strings.HasPrefix(c.Name(), "Units.") {
		return nil, false
	}
	fn, ok := c.Args[0].(func(context.Context) error)
	return fn, ok
}

// unit passes the points around the commit. A process that is over commits
// nothing.
func (s *Set) unit(ctx context.Context, base storage.Stores, fn func(context.Context) error) error {
	if s.Crashed() {
		return ErrCrashed
	}
	err := base.Units.Do(ctx, func(ctx context.Context) error {
		if err := fn(context.WithValue(ctx, nestedKey{}, true)); err != nil {
			return err
		}
		return s.hit(commit+before, unavailable(commit+before))
	})
	if err != nil {
		return err
	}
	return s.hit(commit+after, fault.New(fault.Indeterminate, "faultpoint.lost", "the answer to the commit is lost"))
}

// Reaction returns a reaction whose runs pass the points.
func (s *Set) Reaction(fn event.Reaction) event.Reaction {
	return func(ctx context.Context, r event.Record) error {
		return s.around(react, func() error { return fn(ctx, r) })
	}
}

// lost is a call whose request or answer never arrived.
func lost(code string) error { return payment.Fail(payment.Unknown, code, nil) }
