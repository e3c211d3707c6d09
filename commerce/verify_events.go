package commerce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

const (
	// readBatch is how many records are read at a time.
	readBatch = 500
	// maxGroups is how many groups are compared at a time: with more, the log
	// is read again for each part of them.
	maxGroups = 50_000
)

// verifyEvents compares the event log with the orders:
//
//   - I19: a group that was placed is announced, once, and no other is.
//   - I20: the events of an order stand in the log in the order of its history.
//
// What retention has purged, and shards with records that have no position
// yet, are left out: [Marketplace.Drain] gives them theirs. It keeps at most
// the given number of groups in memory.
func (m *Marketplace) verifyEvents(ctx context.Context, most int) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		e := &eventVerifier{m: m, most: most, to: m.cfg.Clock.Now().Add(time.Microsecond), yield: yield}
		e.from = e.to.Add(-m.retention() / 10 * 9) // what is older may go while this runs
		for from := uint64(0); !e.stopped; {
			p := &part{from: from, to: math.MaxUint64, groups: map[ref.GroupID]*announced{}}
			if err := e.compare(ctx, p); err != nil {
				yield(Violation{}, err)
				return
			}
			if p.to == math.MaxUint64 {
				return
			}
			from = p.to + 1
		}
	}
}

// eventVerifier looks at the groups placed in a stretch of time.
type eventVerifier struct {
	m        *Marketplace
	most     int
	from, to time.Time
	yield    func(Violation, error) bool
	stopped  bool
}

// part is the groups whose hashes lie in a range.
type part struct {
	from, to uint64 // both inside
	only     map[ref.GroupID]bool
	open     [event.Shards]bool // shards with records without a position
	groups   map[ref.GroupID]*announced
	broken   []disorder
}

// disorder is an event of a group that stands behind a later one.
type disorder struct {
	group ref.GroupID
	Violation
}

// announced is what the log says of a group.
type announced struct {
	times int
	steps map[order.ID]int64
}

func (p *part) holds(id ref.GroupID) bool {
	if p.only != nil {
		return p.only[id]
	}
	h := hashed(id)
	return h >= p.from && h <= p.to
}

func hashed(id ref.GroupID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return h.Sum64()
}

// group returns what is known of a group; where that gets too much, the part
// becomes smaller.
func (p *part) group(id ref.GroupID, most int) *announced {
	a := p.groups[id]
	if a == nil {
		a = &announced{steps: map[order.ID]int64{}}
		p.groups[id] = a
	}
	for len(p.groups) > most && p.only == nil && p.from < p.to {
		p.to = p.from + (p.to-p.from)/2
		maps.DeleteFunc(p.groups, func(id ref.GroupID, _ *announced) bool { return !p.holds(id) })
	}
	return a
}

func (e *eventVerifier) report(v Violation) {
	if !e.stopped {
		e.stopped = !e.yield(v, nil)
	}
}

// compare reads the log, then the orders. A group that was placed between the
// two is looked at once more.
func (e *eventVerifier) compare(ctx context.Context, p *part) error {
	if err := e.readLog(ctx, p); err != nil {
		return err
	}
	for _, d := range p.broken {
		if p.holds(d.group) {
			e.report(d.Violation)
		}
	}
	doubtful := &part{only: map[ref.GroupID]bool{}, groups: map[ref.GroupID]*announced{}}
	if err := e.readOrders(ctx, p, doubtful); err != nil || e.stopped {
		return err
	}
	for id, a := range p.groups {
		if a.times > 0 { // no order in the stretch of time claims it
			doubtful.only[id] = true
		}
	}
	if len(doubtful.only) == 0 {
		return nil
	}
	if err := e.readLog(ctx, doubtful); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(doubtful.only)) {
		if err := e.judge(ctx, doubtful, id); err != nil || e.stopped {
			return err
		}
	}
	return nil
}

// judge says whether a group that seemed to break I19 does.
func (e *eventVerifier) judge(ctx context.Context, p *part, id ref.GroupID) error {
	times := 0
	if a := p.groups[id]; a != nil {
		times = a.times
	}
	_, err := e.m.Orders.Get(ctx, ref.System(), id)
	exists := err == nil
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	switch {
	case p.open[event.Shard(string(id))]:
	case !exists && times > 0:
		e.report(Violation{Invariant: "I19", Object: string(id), Detail: fmt.Sprintf("announced %d times without a group", times)})
	case exists && times != 1:
		e.report(Violation{Invariant: "I19", Object: string(id), Detail: fmt.Sprintf("announced %d times", times)})
	}
	return nil
}

func (e *eventVerifier) readLog(ctx context.Context, p *part) error {
	log := e.m.cfg.Stores.Events
	pending, err := log.Pending(ctx, order.Topic)
	if err != nil {
		return err
	}
	for _, s := range pending {
		p.open[s.Shard] = true
	}
	for shard := range event.Shards {
		for after := int64(0); ; {
			records, err := log.Read(ctx, event.ShardKey{Topic: order.Topic, Shard: shard}, after, readBatch)
			if err != nil {
				return err
			}
			for i := range records {
				if err := e.read(p, &records[i]); err != nil {
					return err
				}
				after = records[i].Seq
			}
			if len(records) < readBatch {
				break
			}
		}
	}
	return nil
}

func (e *eventVerifier) read(p *part, r *event.Record) error {
	id := ref.GroupID(r.Aggregate)
	if !p.holds(id) {
		return nil
	}
	if r.Name == (order.Placed{}).EventName() {
		if !r.At.Before(e.from) && r.At.Before(e.to) {
			p.group(id, e.most).times++
		}
		return nil
	}
	if r.Name == (order.Adopted{}).EventName() {
		return nil // about the group, no step of an order
	}
	var s order.Subject
	if err := json.Unmarshal(r.Payload, &s); err != nil {
		return fmt.Errorf("commerce: event %s: %w", r.ID, err)
	}
	a := p.group(id, e.most)
	if last := a.steps[s.Order]; s.Seq < last && len(p.broken) < maxMismatches {
		p.broken = append(p.broken, disorder{id, Violation{
			Invariant: "I20", Object: string(s.Order),
			Detail: fmt.Sprintf("%s of step %d stands behind step %d", r.Name, s.Seq, last),
		}})
	}
	a.steps[s.Order] = s.Seq
	return nil
}

func (e *eventVerifier) readOrders(ctx context.Context, p, doubtful *part) error {
	q := order.Query{PlacedFrom: e.from, PlacedTo: e.to}
	for req := (page.Request{Limit: page.MaxLimit}); !e.stopped; {
		got, err := e.m.Orders.List(ctx, ref.System(), q, req)
		if err != nil {
			return err
		}
		for i := range got.Items {
			o := &got.Items[i]
			if o.Place != 0 || !p.holds(o.Group) {
				continue // every group is seen once
			}
			if a := p.groups[o.Group]; a != nil && a.times == 1 {
				a.times = 0
				continue
			}
			doubtful.only[o.Group] = true
			if len(doubtful.only) >= e.most {
				return nil // the rest is for the run after this was put right
			}
		}
		if got.Next == "" {
			break
		}
		req.After = got.Next
	}
	return nil
}

// retention is how long the log surely keeps an event.
func (m *Marketplace) retention() time.Duration {
	if m.cfg.Events.Retention > 0 {
		return m.cfg.Events.Retention
	}
	return 30 * 24 * time.Hour
}
