package engine

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
)

// Engine is a recommender in the process. It is safe for concurrent use.
type Engine struct {
	c     Config
	model atomic.Pointer[generation]
	wake  chan struct{}
	fits  sync.Mutex // held by whoever publishes a generation
	pool  sync.Pool  // of *cf.Scores

	running atomic.Bool // Run is

	mu      sync.RWMutex
	past    *past
	facts   map[ref.ProductID]recommend.Product
	newest  []ref.ProductID // sellable, newest first
	stale   bool            // newest is
	hot     map[string]*HotList
	dirty   map[int32]struct{}
	removed bool // somebody was forgotten since the last fit
}

var _ recommend.Recommender = (*Engine)(nil)

// generation is what was fitted at one time. It is never changed.
type generation struct {
	version  uint64
	chosen   cf.Trial
	trials   []cf.Trial
	main     cf.Model
	also     *cf.Items // visitors' purchases
	together *cf.Items // baskets
	degrees  [3][]float32
	at       int64 // weights are those of this moment
	seen     int   // events it was fitted to
}

// New returns an empty engine.
func New(c Config) (*Engine, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{c: c, wake: make(chan struct{}, 1)}
	e.reset(newPast(), map[ref.ProductID]recommend.Product{}, map[string]*HotList{})
	return e, nil
}

func (e *Engine) reset(p *past, facts map[ref.ProductID]recommend.Product, hot map[string]*HotList) {
	e.past, e.facts, e.hot, e.stale = p, facts, hot, true
	e.dirty = map[int32]struct{}{}
	e.model.Store(&generation{})
}

// Version returns the version of the model that answers.
func (e *Engine) Version() uint64 { return e.model.Load().version }

// Chosen returns the model that answers, as the last fit chose it.
func (e *Engine) Chosen() cf.Trial { return e.model.Load().chosen }

// Sellable returns how many products are described that can be sold.
func (e *Engine) Sellable() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n := 0
	for _, p := range e.facts {
		if p.Sellable {
			n++
		}
	}
	return n
}

// Record implements [recommend.Recommender].
func (e *Engine) Record(ctx context.Context, events ...recommend.Event) error {
	if err := recommend.Validate(events...); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return ended(err)
	}
	now := e.c.Clock.Now().Unix()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range events {
		at := min(ev.At.Unix(), now)
		item, fresh := e.past.record(ev, at)
		if !fresh {
			continue
		}
		e.touch(ev, item)
		if w := float64(weightOf(ev.Kind)); w > 0 {
			for _, group := range e.groups(ev) {
				if e.hot[group] == nil {
					e.hot[group] = &HotList{}
				}
				e.hot[group].add(item, w, at, e.c.HotHalfLife)
			}
		}
	}
	e.rouse()
	return nil
}

// rouse tells Run that there is something to do.
func (e *Engine) rouse() {
	select {
	case e.wake <- struct{}{}:
	default: // it knows
	}
}

// touched is how many of a visitor's newest products an event makes dirty.
const touched = 20

// touch marks the rows that an event changes.
func (e *Engine) touch(ev recommend.Event, item int32) {
	e.dirty[item] = struct{}{}
	list := e.past.Visitors[keyOf(ev.Visitor)]
	for _, t := range list[max(0, len(list)-touched):] {
		e.dirty[t.Item] = struct{}{}
	}
}

// Names of the groups that are not segments.
const (
	everybody   = "all"
	channelSet  = "channel "
	categorySet = "category "
	segmentSet  = "segment "
)

// groups are the hot lists in which an event counts.
func (e *Engine) groups(ev recommend.Event) []string {
	all := []string{everybody}
	p := e.facts[ev.Product]
	for _, c := range p.Channels {
		all = append(all, channelSet+string(c))
	}
	if p.Category != "" {
		all = append(all, categorySet+string(p.Category))
	}
	for _, c := range p.Above {
		if c != p.Category {
			all = append(all, categorySet+string(c))
		}
	}
	for _, s := range ev.Visitor.Segments {
		for ; s != ""; s = s.Parent() {
			all = append(all, segmentSet+string(s))
		}
	}
	return all
}

// Describe implements [recommend.Recommender].
func (e *Engine) Describe(ctx context.Context, products ...recommend.Product) error {
	if err := recommend.ValidateProducts(products...); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return ended(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range products {
		p.Above, p.Channels = slices.Clone(p.Above), slices.Clone(p.Channels)
		e.facts[p.ID] = p
		e.past.item(p.ID)
	}
	e.stale = true
	return nil
}

// Forget implements [recommend.Recommender].
func (e *Engine) Forget(ctx context.Context, members ...ref.MemberID) error {
	var v fault.Violations
	for _, m := range members {
		if !ref.ValidID(string(m)) {
			v.Add("members", "malformed", nil)
			break
		}
	}
	if err := v.Err("recommend.forget", "the members cannot be forgotten"); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return ended(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, m := range members {
		for _, item := range e.past.forget(memberKey(m)) {
			e.dirty[item], e.removed = struct{}{}, true
		}
	}
	e.rouse()
	return nil
}

func ended(err error) error {
	return fault.Wrap(err, fault.Canceled, "recommend.canceled", "the caller gave up")
}

// profile is what is known of a visitor, newest first. The lock is held.
func (e *Engine) profile(v recommend.Visitor, at int64) (cf.Profile, []Trace) {
	var list []Trace
	if v.Session != "" {
		list = append(list, e.past.Visitors["s "+v.Session]...)
	}
	if v.Member != "" {
		list = append(list, e.past.Visitors[memberKey(v.Member)]...)
	}
	if v.Session != "" && v.Member != "" {
		list = mergeTraces(list)
	}
	p := make(cf.Profile, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		if w := list[i].weight(at, e.c.HalfLife); w > 0 {
			p = append(p, cf.Entry{Item: list[i].Item, Weight: w})
		}
	}
	return p, list
}

func (e *Engine) rebuyable(t Trace, now int64) bool {
	return t.Bought == 0 || e.c.RebuyAfter > 0 && now-t.Bought >= int64(e.c.RebuyAfter/time.Second)
}
