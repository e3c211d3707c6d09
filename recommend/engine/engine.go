package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
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
	first sync.Mutex // held by whoever ranks hot lists that never were
	pool  sync.Pool  // of *cf.Scores

	running atomic.Bool // Run is

	mu  sync.RWMutex
	mem *memory
}

// memory is all that was recorded and described. The numbers of items are its
// own, so that whoever uses some goes on with the same one; another one takes
// its place when a snapshot is loaded. The engine's lock guards it.
type memory struct {
	past    *past
	facts   []*recommend.Product // by item, nil for those that nobody described
	unknown recommend.Product    // what is known of those
	bare    []int32              // those
	listed  listed
	young   listed         // those of them that hardly anybody touched, and some that are no more
	stale   map[string]int // how many of a list of young are no more
	hot     map[string]*HotList
	changed map[string]struct{} // hot lists that are to be ranked
	fresh   int                 // of them never ranked yet

	segments int // hot lists of segments
	dirty    map[int32]struct{}
	removed  bool // somebody was forgotten since the last fit
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
	return empty(c, newMemory(newPast(), nil, nil)), nil
}

// empty returns an engine that has learned nothing of what it remembers.
func empty(c Config, m *memory) *Engine {
	e := &Engine{c: c, wake: make(chan struct{}, 1), mem: m}
	e.model.Store(&generation{})
	return e
}

func newMemory(p *past, facts map[ref.ProductID]recommend.Product, hot map[string]*HotList) *memory {
	m := &memory{past: p, hot: map[string]*HotList{}, changed: map[string]struct{}{}, dirty: map[int32]struct{}{}, listed: listed{}, young: listed{}, stale: map[string]int{}}
	m.number(0)
	m.describe(slices.Collect(maps.Values(facts))...)
	for group, h := range hot {
		m.hot[group] = h
		m.touch(group, h)
		if strings.HasPrefix(group, segmentSet) {
			m.segments++
		}
	}
	return m
}

// number notes the items from a number on as those that nobody described.
func (m *memory) number(from int) {
	for item := from; item < len(m.past.Names); item++ {
		m.bare = append(m.bare, int32(item))
	}
}

// touch notes that a hot list is to be ranked.
func (m *memory) touch(group string, h *HotList) {
	if h.ranked == nil && !h.fresh {
		h.fresh = true
		m.fresh++
	}
	m.changed[group] = struct{}{}
}

// fact is what is known of an item, which is nothing for what nobody described.
func (m *memory) fact(item int32) (p *recommend.Product, described bool) {
	if int(item) >= len(m.facts) || m.facts[item] == nil {
		return &m.unknown, false
	}
	return m.facts[item], true
}

// Version returns the version of the model that answers.
func (e *Engine) Version() uint64 { return e.model.Load().version }

// Chosen returns the model that answers, as the last fit chose it.
func (e *Engine) Chosen() cf.Trial { return e.model.Load().chosen }

// Sellable returns how many products are described that can be sold.
func (e *Engine) Sellable() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.mem.listed[everybody])
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
	for some := range slices.Chunk(events, batch) {
		e.record(some, now)
	}
	e.rouse()
	return nil
}

func (e *Engine) record(events []recommend.Event, now int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.mem.number(len(e.mem.past.Names))
	for _, ev := range events {
		if d, fresh := e.mem.past.record(ev, min(ev.At.Unix(), now)); fresh {
			e.mem.soil(ev, d.item)
			e.mem.grow(d.item)
			e.mem.count(ev, d, e.c.HotHalfLife)
		}
	}
}

// maxSegments is how many segments have a hot list at most: anybody can name
// some. One without a list leans on its parent. Categories and storefronts are
// as many as the shop has.
const maxSegments = 10_000

// count adds an event to the hot lists, or takes it back.
func (m *memory) count(ev recommend.Event, d deed, halfLife time.Duration) {
	if d.weight == 0 {
		return
	}
	for _, group := range m.groups(ev, d.item) {
		h := m.hot[group]
		if h == nil {
			if d.weight < 0 {
				continue
			}
			if strings.HasPrefix(group, segmentSet) {
				m.segments++
			}
			h = &HotList{}
			m.hot[group] = h
		}
		if d.weight > 0 {
			h.add(d.item, d.weight, d.at, halfLife)
		} else {
			h.take(d.item, -d.weight, d.at, halfLife)
		}
		m.touch(group, h)
	}
	if m.segments > maxSegments {
		m.thin(d.at, halfLife)
	}
}

// thin drops the tenth of the segments that weigh the least at a time.
func (m *memory) thin(at int64, halfLife time.Duration) {
	var all []weighed
	for group, h := range m.hot {
		if strings.HasPrefix(group, segmentSet) {
			all = append(all, weighed{group, h.Total.now(at, halfLife)})
		}
	}
	slices.SortFunc(all, func(a, b weighed) int { // of a parent and a child alike the child goes, whose name is longer
		return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(len(b.group), len(a.group)), cmp.Compare(a.group, b.group))
	})
	for _, x := range all[:len(all)-maxSegments*9/10] {
		m.drop(x.group, m.hot[x.group])
	}
}

// weighed is a hot list and what its events weigh.
type weighed struct {
	group  string
	weight float64
}

// drop drops a hot list.
func (m *memory) drop(group string, h *HotList) {
	m.settle(h)
	delete(m.changed, group)
	delete(m.hot, group)
	if strings.HasPrefix(group, segmentSet) {
		m.segments--
	}
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

// soil marks the rows that an event changes.
func (m *memory) soil(ev recommend.Event, item int32) {
	m.dirty[item] = struct{}{}
	list := m.past.Visitors[keyOf(ev.Visitor)]
	for _, t := range list[max(0, len(list)-touched):] {
		m.dirty[t.Item] = struct{}{}
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
func (m *memory) groups(ev recommend.Event, item int32) []string {
	p, _ := m.fact(item)
	all := groupsOf(p)
	for _, s := range ev.Visitor.Segments {
		for ; s != ""; s = s.Parent() {
			if group := segmentSet + string(s); !slices.Contains(all, group) { // two may have one parent
				all = append(all, group)
			}
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
	e.mem.describe(products...)
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
	now := e.c.Clock.Now().Unix()
	for _, m := range members {
		for _, item := range e.mem.past.forgetMember(memberKey(m), now) {
			e.mem.dirty[item], e.mem.removed = struct{}{}, true
		}
	}
	e.rouse()
	return nil
}

func ended(err error) error {
	return fault.Wrap(err, fault.Canceled, "recommend.canceled", "the caller gave up")
}

// profile is what is known of a visitor, newest first.
func (m *memory) profile(v recommend.Visitor, at int64, halfLife time.Duration) (cf.Profile, []Trace) {
	var list []Trace
	if v.Session != "" {
		list = append(list, m.past.Visitors[sessionKey(v.Session)]...)
	}
	if v.Member != "" {
		list = append(list, m.past.Visitors[memberKey(v.Member)]...)
	}
	if v.Session != "" && v.Member != "" {
		list = mergeTraces(list)
	}
	p := make(cf.Profile, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		if w := list[i].weight(at, halfLife); w > 0 {
			p = append(p, cf.Entry{Item: list[i].Item, Weight: w})
		}
	}
	return p, list
}

// bars reports whether a trace says that its item may not be recommended.
func (e *Engine) bars(t Trace, now int64) bool {
	return t.Hidden || t.Bought != 0 && (e.c.RebuyAfter <= 0 || now-t.Bought < int64(e.c.RebuyAfter/time.Second))
}
