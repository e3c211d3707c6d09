package faultpoint

import (
	"context"
	"errors"
	"maps"
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
var ErrCrashed = errors.New("faultpoint: the process has crashed")

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

// Steps returns the calls that take an event from a service to a consumer, in
// order: published, given its position, delivered, taken to its effect, passed
// by the cursor, or set aside as a letter and tried again from there.
func Steps() []string {
	return []string{
		"Events.Append", "Events.Sequence", "Events.Read", react, "Cursors.Advance", "Letters.Put", "Letters.Due", "Letters.Remove",
	}
}

// Set is the plan of what fails, and the record of what did. It outlives the
// processes that it is for. It is safe for concurrent use.
type Set struct {
	// OnDelay is run by the effect Delay: a test advances its clock.
	OnDelay func()

	mu    sync.Mutex
	known map[string]bool
	hits  map[string]int
	armed map[string]map[int]Effect
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

// Arm lets the n-th hit of a point, from 1 and over all processes, have an
// effect. A point that does not exist is an error.
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
	return maps.Clone(s.hits)
}

// Fired returns the armed points that had their effect, in that order.
func (s *Set) Fired() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.fired)
}

// Start begins a process.
func (s *Set) Start() *Process { return &Process{set: s} }

// Process is one run of a program, from its start to its end or its crash:
// after that nothing that goes through it reaches anything any more.
type Process struct {
	set  *Set
	dead bool // guarded by set.mu
}

// Crashed reports whether the process is over.
func (p *Process) Crashed() bool {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	return p.dead
}

// hit passes a point. The error is nil, ErrCrashed or what lost makes of the
// point.
func (p *Process) hit(point string, lost func(point string) error) error {
	s := p.set
	s.mu.Lock()
	if p.dead {
		s.mu.Unlock()
		return ErrCrashed
	}
	s.hits[point]++
	e := s.armed[point][s.hits[point]]
	if e != "" {
		s.fired = append(s.fired, point)
	}
	p.dead = e == Crash
	s.mu.Unlock()
	switch e {
	case Error:
		return lost(point)
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

func indeterminate(point string) error {
	return fault.New(fault.Indeterminate, "faultpoint.lost", "the answer to the commit is lost").With("point", point)
}

// around passes both points of a call.
func (p *Process) around(name string, call func() error) error {
	if err := p.hit(name+before, unavailable); err != nil {
		return err
	}
	if err := call(); err != nil {
		return err
	}
	return p.hit(name+after, unavailable)
}

// nestedKey marks the contexts of units.
type nestedKey struct{}

// Stores returns stores whose calls pass the points.
func (p *Process) Stores(base storage.Stores) storage.Stores {
	return storage.Intercept(base, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if fn, ok := unitOf(c); ok {
			if ctx.Value(nestedKey{}) != nil {
				return next(ctx)
			}
			return p.unit(ctx, base, fn)
		}
		return p.around(c.Name(), func() error { return next(ctx) })
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
func (p *Process) unit(ctx context.Context, base storage.Stores, fn func(context.Context) error) error {
	if p.Crashed() {
		return ErrCrashed
	}
	err := base.Units.Do(ctx, func(ctx context.Context) error {
		if err := fn(context.WithValue(ctx, nestedKey{}, true)); err != nil {
			return err
		}
		return p.hit(commit+before, unavailable)
	})
	if err != nil {
		return err
	}
	return p.hit(commit+after, indeterminate)
}

// Reaction returns a reaction whose runs pass the points.
func (p *Process) Reaction(fn event.Reaction) event.Reaction {
	return func(ctx context.Context, r event.Record) error {
		return p.around(react, func() error { return fn(ctx, r) })
	}
}

// unknown is a call whose request or answer never arrived.
func unknown(point string) error { return payment.Fail(payment.Unknown, "lost", errors.New(point)) }
