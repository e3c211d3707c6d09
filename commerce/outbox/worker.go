package outbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
)

// consumer is a Consumer as the outbox runs it.
type consumer struct {
	Consumer
	outbox *Outbox
	place  *place
	retry  Retry

	mu      sync.Mutex
	rebuilt map[event.ShardKey]int64 // positions that the newest rebuild covers
}

// open makes the consumer's cursors on a topic; what a node keeps for itself
// is resumed or made first.
func (c *consumer) open(ctx context.Context, topic string) ([]event.Cursor, error) {
	l, ok := c.place.cursors.(*local)
	if !ok {
		return c.place.cursors.Open(ctx, c.Name, topic, c.FromHead)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !l.knows(c.Name, topic) {
		switch {
		case c.Resume != nil:
			at, err := c.Resume(ctx, topic)
			if err != nil {
				return nil, err
			}
			l.start(c.Name, topic, at)
		case c.Rebuild != nil:
			if err := c.remake(ctx, topic); err != nil {
				return nil, err
			}
			at := map[int]int64{}
			for k, seq := range c.rebuilt {
				if k.Topic == topic {
					at[k.Shard] = seq
				}
			}
			l.start(c.Name, topic, at)
		}
	}
	return l.Open(ctx, c.Name, topic, c.FromHead)
}

// remake runs Rebuild and notes what it covers; mu is held.
func (c *consumer) remake(ctx context.Context, topic string) error {
	heads, err := c.outbox.cfg.Events.Heads(ctx, topic) // before, so that nothing falls between
	if err != nil {
		return err
	}
	if err := c.Rebuild(ctx, topic); err != nil {
		return err
	}
	for k, h := range heads {
		c.rebuilt[k] = h
	}
	return nil
}

func (o *Outbox) consumer(c Consumer) *consumer {
	out := &consumer{Consumer: c, outbox: o, place: o.shared, retry: DefaultRetry(), rebuilt: map[event.ShardKey]int64{}}
	if c.PerNode {
		out.place = o.own
	}
	if c.Retry != nil {
		out.retry = *c.Retry
	}
	return out
}

// outcome is what a consumer says to a delivery.
type outcome int

const (
	abandoned outcome = iota // the context ended first
	acked
	nacked
)

// deliver hands a delivery to the consumer and waits for what it says.
type deliver func(ctx context.Context, d *delivery) outcome

// maxAside is how many aggregates of a shard may be between two tries before
// the shard waits for one of them. A consumer whose effect fails for
// everybody would otherwise set the whole log aside.
const maxAside = 64

// worker takes one shard of a topic to its consumer, a step at a time. It
// belongs to the owner of the consumer's lease on the shard and is used by
// one goroutine.
type worker struct {
	c      *consumer
	cursor event.Cursor
	head   atomic.Int64
	batch  []event.Record
	tries  int // failed deliveries of the record behind the cursor, in place

	// retired is closed when the shard is wanted elsewhere: what is not in
	// the consumer's hands yet stays here. Nil for never.
	retired <-chan struct{}

	letters atomic.Bool // look for letters that are due
	aside   map[string]bool
	waiting map[string]bool // aggregates between two tries
}

// open makes the worker the owner of its shard. Conflict where somebody newer
// is.
func (w *worker) open(ctx context.Context, shard event.ShardKey, fence int64) error {
	c, err := w.c.place.cursors.Take(ctx, w.c.Name, shard, fence)
	if err != nil {
		return err
	}
	w.cursor, w.batch, w.tries, w.waiting = c, nil, 0, map[string]bool{}
	w.letters.Store(true)
	return w.blocked(ctx)
}

// blocked reads which aggregates have letters before later records.
func (w *worker) blocked(ctx context.Context) error {
	keys, err := w.c.place.letters.Blocked(ctx, w.c.Name, w.cursor.Key())
	if err != nil {
		return err
	}
	w.aside = map[string]bool{}
	for _, k := range keys {
		w.aside[k] = true
	}
	for k := range w.waiting {
		if !w.aside[k] {
			delete(w.waiting, k)
		}
	}
	return nil
}

// step handles one letter or one record and reports whether there was one to
// handle. After an error the worker must be opened again.
func (w *worker) step(ctx context.Context, to deliver) (bool, error) {
	if w.letters.Load() {
		done, err := w.letter(ctx, to)
		if done || err != nil {
			return done, err
		}
	}
	if len(w.waiting) >= maxAside {
		return false, nil
	}
	r, ok, err := w.next(ctx)
	if err != nil || !ok {
		return false, err
	}
	if w.aside[r.Key()] {
		return true, w.setAside(ctx, event.Letter{
			Consumer: w.c.Name, Record: r, Blocks: true,
			NextAt: w.c.outbox.cfg.Clock.Now(), At: w.c.outbox.cfg.Clock.Now(),
		})
	}
	d := w.delivery(r, w.tries+1)
	switch settled, out := w.hand(ctx, d, to); {
	case out == abandoned:
		return false, nil
	case settled:
		return true, w.moved(r.Seq)
	case out == acked:
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if err := d.settle(ctx); err != nil {
			return true, err
		}
		return true, w.moved(r.Seq)
	}
	return true, w.failed(ctx, d)
}

// next returns the record behind the cursor.
func (w *worker) next(ctx context.Context) (event.Record, bool, error) {
	if len(w.batch) == 0 {
		if w.cursor.Position >= w.head.Load() {
			return event.Record{}, false, nil
		}
		var err error
		w.batch, err = w.c.outbox.cfg.Events.Read(ctx, w.cursor.Key(), w.cursor.Position, w.c.outbox.cfg.Batch)
		if err != nil {
			return event.Record{}, false, err
		}
	}
	behind := len(w.batch) == 0 || w.batch[0].Seq != w.cursor.Position+1
	if behind && w.c.PerNode && w.c.Rebuild != nil {
		return event.Record{}, false, w.rebuild(ctx)
	}
	if len(w.batch) == 0 { // everything up to the head was purged
		head := w.head.Load()
		ok, err := w.c.place.cursors.Advance(ctx, w.cursor, head)
		if err == nil && !ok {
			err = errMoved(w.delivery(event.Record{Seq: head}, 0).Delivery)
		}
		if err != nil {
			return event.Record{}, false, err
		}
		return event.Record{}, false, w.moved(head)
	}
	return w.batch[0], true, nil
}

// rebuild makes the consumer's state of the topic anew and moves on to the
// head from before. One worker does it for all shards of the topic.
func (w *worker) rebuild(ctx context.Context) error {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	shard := w.cursor.Key()
	if w.c.rebuilt[shard] <= w.cursor.Position {
		if err := w.c.remake(ctx, shard.Topic); err != nil {
			return err
		}
	}
	to := w.c.rebuilt[shard]
	ok, err := w.c.place.cursors.Advance(ctx, w.cursor, to)
	if err == nil && !ok {
		err = errMoved(w.delivery(event.Record{Seq: to}, 0).Delivery)
	}
	if err != nil {
		return err
	}
	w.batch = nil
	return w.moved(to)
}

// moved notes that the cursor stands at position.
func (w *worker) moved(position int64) error {
	w.cursor.Position, w.tries = position, 0
	i := slices.IndexFunc(w.batch, func(r event.Record) bool { return r.Seq > position })
	if i < 0 {
		i = len(w.batch)
	}
	w.batch = w.batch[i:]
	return nil
}

func (w *worker) delivery(r event.Record, try int) *delivery {
	return &delivery{
		Delivery: Delivery{
			Consumer: w.c.Name, Topic: w.cursor.Topic, Shard: w.cursor.Shard,
			Position: r.Seq, Fence: w.cursor.Fence, Try: try,
		},
		record: r, place: w.c.place, cursor: w.cursor, retired: w.retired,
	}
}

// hand delivers; settled is true where the effect and the cursor are
// committed already, whatever the consumer said afterwards.
func (w *worker) hand(ctx context.Context, d *delivery, to deliver) (settled bool, out outcome) {
	out = to(ctx, d)
	settled, _ = d.state()
	if out == nacked && !settled && ctx.Err() != nil {
		out = abandoned // failed because it was told to stop
	}
	return settled, out
}

// failed is what follows a Nack of the record behind the cursor.
func (w *worker) failed(ctx context.Context, d *delivery) error {
	_, reason := d.state()
	if errors.Is(reason, fault.Conflict) || errors.Is(reason, fault.Indeterminate) {
		// The cursor may have moved without us: look before counting.
		c, err := w.c.place.cursors.Take(ctx, w.c.Name, w.cursor.Key(), w.cursor.Fence)
		if err != nil {
			return err
		}
		if c.Position != w.cursor.Position {
			return w.moved(c.Position)
		}
	}
	w.tries++
	l := w.judge(d, w.tries)
	if !l.Dead && !l.NextAt.After(l.At) {
		return nil // at once, in place
	}
	if err := w.setAside(ctx, l); err != nil {
		return err
	}
	w.report(ctx, l)
	return nil
}

// judge makes the letter of a record that failed for the given time.
func (w *worker) judge(d *delivery, tries int) event.Letter {
	_, reason := d.state()
	now := w.c.outbox.cfg.Clock.Now()
	wait, dead := w.c.retry.wait(tries)
	l := event.Letter{
		Consumer: w.c.Name, Record: d.record, Tries: tries, Reason: "refused",
		NextAt: now.Add(wait), Dead: dead, At: now,
		Blocks: !dead || !slices.Contains(w.c.Skippable, d.Topic),
	}
	if reason != nil {
		l.Reason = reason.Error()[:min(len(reason.Error()), maxReason)]
	}
	return l
}

// maxReason bounds what a letter keeps of an error's text.
const maxReason = 1000

// setAside writes a letter for the record behind the cursor and moves on.
func (w *worker) setAside(ctx context.Context, l event.Letter) error {
	err := w.c.place.do(ctx, func(ctx context.Context) error {
		ok, err := w.c.place.cursors.Advance(ctx, w.cursor, l.Record.Seq)
		if err != nil {
			return err
		}
		if !ok {
			return errMoved(w.delivery(l.Record, l.Tries).Delivery)
		}
		return w.c.place.letters.Put(ctx, l)
	})
	if err != nil {
		return err
	}
	if l.Blocks {
		w.aside[l.Record.Key()] = true
	}
	if !l.Dead && l.Tries > 0 {
		w.waiting[l.Record.Key()] = true
	}
	return w.moved(l.Record.Seq)
}

// letter delivers one letter that is due.
func (w *worker) letter(ctx context.Context, to deliver) (bool, error) {
	cfg := &w.c.outbox.cfg
	w.letters.Store(false)
	due, err := w.c.place.letters.Due(ctx, w.c.Name, w.cursor.Topic, []int{w.cursor.Shard}, cfg.Clock.Now(), 1)
	if err != nil {
		return false, err
	}
	if len(due) == 0 {
		return false, w.blocked(ctx)
	}
	l := due[0]
	d := w.delivery(l.Record, l.Tries+1)
	d.letter = true
	settled, out := w.hand(ctx, d, to)
	if out == abandoned {
		return false, nil
	}
	w.letters.Store(true) // there may be more
	key := l.Record.Key()
	switch {
	case settled:
	case out == acked:
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if err := w.c.place.do(ctx, d.settle); err != nil {
			return true, err
		}
	default:
		next := w.judge(d, l.Tries+1)
		next.At = l.At
		err := w.c.place.do(ctx, func(ctx context.Context) error {
			// Settling it first refuses where a lost commit had removed it.
			if err := d.settle(ctx); err != nil {
				return err
			}
			return w.c.place.letters.Put(ctx, next)
		})
		if err != nil {
			return true, err
		}
		if w.waiting[key] = true; next.Dead {
			delete(w.waiting, key)
		}
		w.report(ctx, next)
		return true, nil
	}
	delete(w.waiting, key)
	return true, nil
}

func (w *worker) report(ctx context.Context, l event.Letter) {
	if l.Dead {
		w.c.outbox.cfg.Alert(ctx, l)
		return
	}
	w.c.outbox.cfg.Log.WarnContext(ctx, "outbox: a record failed and is tried again", "consumer", l.Consumer,
		"topic", l.Record.Topic, "id", l.Record.ID, "tries", l.Tries, "next", l.NextAt.Format(time.RFC3339), "reason", l.Reason)
}
