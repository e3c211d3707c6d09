package commerce

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// readBatch is how many records are read at a time.
const readBatch = 500

// verifyEvents compares the event log with the orders:
//
//   - I19: a group that was placed is announced, once, and no other is.
//   - I20: the events of an order stand in the log in the order of its history.
//
// What retention has purged, and shards with records that have no position
// yet, are left out: [Marketplace.Drain] gives them theirs.
func (m *Marketplace) verifyEvents(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		e := &eventVerifier{m: m, begun: m.cfg.Clock.Now(), announced: map[ref.GroupID]int{}, steps: map[order.ID]int64{}, yield: yield}
		if err := e.readLog(ctx); err != nil {
			yield(Violation{}, err)
			return
		}
		if err := e.readOrders(ctx); err != nil {
			yield(Violation{}, err)
		}
	}
}

type eventVerifier struct {
	m         *Marketplace
	begun     time.Time
	open      [event.Shards]bool // shards with records without a position
	announced map[ref.GroupID]int
	steps     map[order.ID]int64
	yield     func(Violation, error) bool
	stopped   bool
}

func (e *eventVerifier) report(ok bool, invariant, object, format string, args ...any) {
	if !ok && !e.stopped {
		e.stopped = !e.yield(Violation{Invariant: invariant, Object: object, Detail: fmt.Sprintf(format, args...)}, nil)
	}
}

func (e *eventVerifier) readLog(ctx context.Context) error {
	log := e.m.cfg.Stores.Events
	pending, err := log.Pending(ctx, order.Topic)
	if err != nil {
		return err
	}
	for _, p := range pending {
		e.open[p.Shard] = true
	}
	for shard := range event.Shards {
		for after := int64(0); !e.stopped; {
			records, err := log.Read(ctx, event.ShardKey{Topic: order.Topic, Shard: shard}, after, readBatch)
			if err != nil {
				return err
			}
			for i := range records {
				if err := e.read(records[i]); err != nil {
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

func (e *eventVerifier) read(r event.Record) error {
	if r.Name == (order.Placed{}).EventName() {
		e.announced[ref.GroupID(r.Aggregate)]++
		return nil
	}
	var s struct {
		Order order.ID `json:"order"`
		Seq   int64    `json:"seq"`
	}
	if err := json.Unmarshal(r.Payload, &s); err != nil {
		return fmt.Errorf("commerce: event %s: %w", r.ID, err)
	}
	e.report(s.Seq >= e.steps[s.Order], "I20", string(s.Order), "%s of step %d stands behind step %d", r.Name, s.Seq, e.steps[s.Order])
	e.steps[s.Order] = s.Seq
	return nil
}

func (e *eventVerifier) readOrders(ctx context.Context) error {
	q := order.Query{PlacedTo: e.begun}
	for req := (page.Request{Limit: page.MaxLimit}); !e.stopped; {
		p, err := e.m.Orders.List(ctx, ref.System(), q, req)
		if err != nil {
			return err
		}
		for i := range p.Items {
			e.readGroup(&p.Items[i])
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	for group, n := range e.announced {
		e.report(n == 0, "I19", string(group), "announced %d times without a group", n)
	}
	return nil
}

// readGroup takes a group's announcement out of the account, at the first of
// its orders.
func (e *eventVerifier) readGroup(o *order.Order) {
	n, known := e.announced[o.Group]
	kept := o.PlacedAt.After(e.begun.Add(-e.m.retention())) && !e.open[event.Shard(string(o.Group))]
	e.report(n == 1 || known && n == 0 || !known && !kept, "I19", string(o.Group), "announced %d times", n)
	e.announced[o.Group] = 0
}

// retention is how long the log surely keeps an event.
func (m *Marketplace) retention() time.Duration {
	if m.cfg.Events.Retention > 0 {
		return m.cfg.Events.Retention
	}
	return 30 * 24 * time.Hour
}
