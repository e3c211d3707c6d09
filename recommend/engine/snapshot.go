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
	FittedAt int64
	Past     *past
	IDs      []string
	Facts    map[ref.ProductID]recommend.Product
	Hot      map[string]*HotList
}

// Save writes a snapshot. Position is the host's: what it was handed last of
// its event log, which [Engine.Load] gives back. Kinds: Unavailable where w
// fails.
func (e *Engine) Save(w io.Writer, position string) error {
	var body bytes.Buffer
	err := e.encode(&body, position)
	if err != nil {
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

func (e *Engine) encode(w io.Writer, position string) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	g := e.model.Load()
	return gob.NewEncoder(w).Encode(content{
		Version: g.version, Position: position, Chosen: g.chosen, FittedAt: g.at,
		Past: e.past, IDs: e.past.seen.list(), Facts: e.facts, Hot: e.hot,
	})
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
	fresh := &Engine{c: e.c, wake: make(chan struct{}, 1)}
	fresh.reset(c.Past, c.Facts, c.Hot)
	for _, id := range c.IDs {
		fresh.past.seen.add(id)
	}
	if c.Chosen.Kind != "" {
		if err := fresh.refit(ctx, &c.Chosen); err != nil {
			return "", err
		}
	}
	e.fits.Lock()
	defer e.fits.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	g := *fresh.model.Load()
	g.version = max(c.Version, e.model.Load().version+1)
	e.past, e.facts, e.hot, e.dirty = fresh.past, fresh.facts, fresh.hot, fresh.dirty
	e.stale, e.removed = true, false
	e.model.Store(&g)
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
		for _, t := range list {
			if !valid(t.Item) {
				return fmt.Errorf("visitor %q: item %d of %d", key, t.Item, items)
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
		h.dirty = true
		for item := range h.Items {
			if !valid(item) {
				return fmt.Errorf("hot list %q: item %d of %d", group, item, items)
			}
		}
	}
	fill(&p.Visitors)
	fill(&p.Baskets)
	fill(&c.Facts)
	fill(&c.Hot)
	p.index()
	p.seen = newRecent()
	for id := range c.Facts {
		p.item(id)
	}
	return nil
}

// fill makes a map where an empty one was left out.
func fill[K comparable, V any](m *map[K]V) {
	if *m == nil {
		*m = map[K]V{}
	}
}

// list returns the ids, the oldest first.
func (r *recent) list() []string {
	return append(append([]string(nil), r.ring[r.next:]...), r.ring[:r.next]...)
}
