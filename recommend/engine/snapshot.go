package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
)

// magic starts every snapshot; its last byte is the version of the form.
const magic = "SOUKREC\x01"

// maxSnapshot is how many bytes the content of a snapshot has at most.
const maxSnapshot = 4 << 30

// header stands before the content.
type header struct {
	Magic [len(magic)]byte
	Size  uint64
	Sum   [sha256.Size]byte
}

// content is what a snapshot holds: the history, and which model was chosen.
// The model itself follows from both.
type content struct {
	Version  uint64
	Position string
	Chosen   cf.Trial
	Past     *past
	IDs      []string // of events, the oldest first
	Returned []string
	Facts    map[ref.ProductID]recommend.Product
	Hot      map[string]*HotList
}

// Save writes a snapshot. Position is the host's: what it was handed last of
// its event log, which [Engine.Load] gives back. Kinds: Unavailable where w
// fails.
func (e *Engine) Save(w io.Writer, position string) error {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(e.copy(position)()); err != nil {
		return fault.Wrap(err, fault.Internal, "recommend.snapshot", "the snapshot cannot be encoded")
	}
	h := header{Size: uint64(body.Len()), Sum: sha256.Sum256(body.Bytes())}
	copy(h.Magic[:], magic)
	if err := binary.Write(w, binary.BigEndian, h); err != nil {
		return fault.Wrap(err, fault.Unavailable, "recommend.snapshot", "the snapshot cannot be written")
	}
	if _, err := body.WriteTo(w); err != nil {
		return fault.Wrap(err, fault.Unavailable, "recommend.snapshot", "the snapshot cannot be written")
	}
	return nil
}

// copy copies what a snapshot holds, as it is at one moment. It holds the lock
// for as long as it takes to copy lists from memory to memory; the function that
// it returns puts them together and needs no lock, and encoding takes longer
// still.
func (e *Engine) copy(position string) func() *content {
	e.mu.RLock()
	defer e.mu.RUnlock()
	g, m := e.model.Load(), e.mem
	c := &content{
		Version: g.version, Position: position, Chosen: g.chosen, IDs: m.past.seen.list(), Returned: m.past.returned.list(),
		Past: &past{
			Names: slices.Clone(m.past.Names), Touched: slices.Clone(m.past.Touched),
			Sessions: maps.Clone(m.past.Sessions), Gone: maps.Clone(m.past.Gone), // lists are never changed in place
		},
		Hot: make(map[string]*HotList, len(m.hot)),
	}
	facts := slices.Clone(m.facts) // descriptions neither
	for group, h := range m.hot {
		c.Hot[group] = &HotList{Items: maps.Clone(h.Items), Slow: maps.Clone(h.Slow), Total: h.Total}
	}
	visitors := flatten(m.past.Visitors, func(list []Trace) []Trace { return list })
	kept := flatten(m.past.Kept, func(list []Trace) []Trace { return list })
	baskets := flatten(m.past.Baskets, func(b *Basket) []int32 { return b.Items })
	bought := make([]Basket, len(baskets.keys))
	for i, id := range baskets.keys {
		bought[i] = *m.past.Baskets[id]
	}
	return func() *content {
		c.Past.Visitors, c.Past.Baskets = make(map[string][]Trace, len(visitors.keys)), make(map[string]*Basket, len(bought))
		visitors.each(func(_ int, key string, list []Trace) { c.Past.Visitors[key] = list })
		c.Past.Kept = make(map[string][]Trace, len(kept.keys))
		kept.each(func(_ int, key string, list []Trace) { c.Past.Kept[key] = list })
		baskets.each(func(i int, id string, items []int32) {
			bought[i].Items = items
			c.Past.Baskets[id] = &bought[i]
		})
		c.Facts = make(map[ref.ProductID]recommend.Product, len(facts))
		for _, p := range facts {
			if p != nil {
				c.Facts[p.ID] = *p
			}
		}
		return c
	}
}

// flat is a map of lists in three slices, which are copied faster.
type flat[T any] struct {
	keys []string
	ends []int
	all  []T
}

func flatten[V, T any](of map[string]V, list func(V) []T) flat[T] {
	total := 0
	for _, v := range of {
		total += len(list(v))
	}
	f := flat[T]{make([]string, 0, len(of)), make([]int, 0, len(of)), make([]T, 0, total)}
	for key, v := range of {
		f.all = append(f.all, list(v)...)
		f.keys, f.ends = append(f.keys, key), append(f.ends, len(f.all))
	}
	return f
}

func (f flat[T]) each(do func(i int, key string, list []T)) {
	from := 0
	for i, key := range f.keys {
		do(i, key, f.all[from:f.ends[i]:f.ends[i]])
		from = f.ends[i]
	}
}

// Load replaces everything by a snapshot, fits the model that it names and
// returns its position. Answers go on meanwhile with what was there; an error
// leaves the engine as it was. Kinds: Invalid where the snapshot is broken or
// of another form, Unavailable where r fails, Canceled.
func (e *Engine) Load(ctx context.Context, r io.Reader) (position string, err error) {
	c, err := decode(r)
	if err != nil {
		return "", err
	}
	fresh := empty(e.c, newMemory(c.Past, c.Facts, c.Hot))
	if c.Chosen.Kind != "" {
		if err := fresh.refit(ctx, e.c.Model, &c.Chosen); err != nil {
			return "", err
		}
	}
	e.fits.Lock()
	defer e.fits.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	g := *fresh.model.Load()
	g.version = max(c.Version, e.model.Load().version+1)
	e.mem = fresh.mem
	e.model.Store(&g)
	e.rouse()
	return c.Position, nil
}

func decode(r io.Reader) (*content, error) {
	var h header
	if err := binary.Read(r, binary.BigEndian, &h); err != nil {
		return nil, unreadable(err)
	}
	if string(h.Magic[:]) != magic || h.Size > maxSnapshot {
		return nil, broken(errors.New("another form"))
	}
	var body bytes.Buffer
	n, err := io.Copy(&body, io.LimitReader(r, int64(h.Size)))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case uint64(n) != h.Size:
		return nil, broken(io.ErrUnexpectedEOF)
	case sha256.Sum256(body.Bytes()) != h.Sum:
		return nil, broken(errors.New("the checksum differs"))
	}
	var c content
	if err := gob.NewDecoder(&body).Decode(&c); err != nil {
		return nil, broken(err)
	}
	if err := c.check(); err != nil {
		return nil, broken(err)
	}
	return &c, nil
}

func unreadable(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return broken(err)
	}
	return fault.Wrap(err, fault.Unavailable, "recommend.snapshot", "the snapshot cannot be read")
}

func broken(err error) error {
	return fault.Wrap(err, fault.Invalid, "recommend.snapshot_broken", "the snapshot is broken")
}

// check brings what was decoded into a form that can be used, and refuses
// numbers that lead nowhere.
func (c *content) check() error {
	if c.Past == nil {
		c.Past = newPast()
	}
	p := c.Past
	items := len(p.Names)
	if len(p.Touched) != items {
		return fmt.Errorf("%d items, %d counts", items, len(p.Touched))
	}
	valid := func(item int32) bool { return item >= 0 && int(item) < items }
	for key, list := range p.Visitors {
		if key == "" || len(list) == 0 {
			return fmt.Errorf("visitor %q did nothing", key)
		}
		for i, t := range list {
			if !valid(t.Item) {
				return fmt.Errorf("visitor %q: item %d of %d", key, t.Item, items)
			}
			if t.Bought > 0 { // snapshots did not count them once
				list[i].Orders = max(1, t.Orders)
			}
		}
	}
	for key, list := range p.Kept {
		for _, t := range list {
			if !valid(t.Item) || len(p.Visitors[key]) == 0 {
				return fmt.Errorf("visitor %q: item %d of %d, kept", key, t.Item, items)
			}
		}
	}
	for id, b := range p.Baskets {
		for _, item := range b.Items {
			if !valid(item) {
				return fmt.Errorf("basket %q: item %d of %d", id, item, items)
			}
		}
	}
	for group, h := range c.Hot {
		for item := range h.Items {
			if !valid(item) {
				return fmt.Errorf("hot list %q: item %d of %d", group, item, items)
			}
		}
	}
	fill(&p.Visitors)
	fill(&p.Kept)
	fill(&p.Baskets)
	fill(&p.Sessions)
	fill(&p.Gone)
	p.index()
	p.seen, p.returned = newRecent(), newRecent()
	for _, id := range c.IDs {
		p.seen.add(id)
	}
	for _, key := range c.Returned {
		p.returned.add(key)
	}
	return nil
}

// fill makes a map where an empty one was left out.
func fill[K comparable, V any](m *map[K]V) {
	if *m == nil {
		*m = map[K]V{}
	}
}
