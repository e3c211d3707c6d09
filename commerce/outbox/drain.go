package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
)

// drain is one consumer's reading of one topic during Drain.
type drain struct {
	c       *consumer
	topic   string
	owner   string
	workers map[int]*held

	// rested is set where the pass before found nothing to handle below these
	// heads: while they stand, there is nothing to look for.
	rested bool
	heads  [event.Shards]int64
}

// held is a worker with the lease that it has during Drain.
type held struct {
	worker
	lease   uow.Lease
	stopped bool // its record fails in place: leave it for later
}

// pass takes the shards as far as they go. Moved is true where there was
// something to handle; elsewhere is true where another owner holds a shard
// that is not at its head.
func (d *drain) pass(ctx context.Context, heads map[event.ShardKey]int64, failed *[]error) (moved, elsewhere bool, err error) {
	var now [event.Shards]int64
	for i := range now {
		now[i] = heads[event.ShardKey{Topic: d.topic, Shard: i}]
	}
	if d.rested && now == d.heads || d.blank(now) {
		return false, false, nil
	}
	moved, elsewhere, err = d.look(ctx, now, failed)
	d.rested, d.heads = err == nil && !moved && !elsewhere, now
	return moved, elsewhere, err
}

// blank reports whether nothing was ever written to the topic, and nothing
// depends on when the consumer looked first.
func (d *drain) blank(heads [event.Shards]int64) bool {
	return heads == [event.Shards]int64{} && !d.c.FromHead && !d.c.PerNode
}

// look is a pass that asks the stores where the shards stand.
func (d *drain) look(ctx context.Context, heads [event.Shards]int64, failed *[]error) (moved, elsewhere bool, err error) {
	cursors, err := d.c.open(ctx, d.topic)
	if err != nil {
		return false, false, err
	}
	todo := map[int]bool{}
	all := make([]int, event.Shards)
	for i := range all {
		all[i] = i
		todo[i] = cursors[i].Position < heads[i]
	}
	due, err := d.c.place.letters.Due(ctx, d.c.Name, d.topic, all, d.c.outbox.cfg.Clock.Now(), event.Shards*4)
	if err != nil {
		return false, false, err
	}
	for i := range due {
		shard := event.Shard(due[i].Record.Key())
		todo[shard] = true
		if w := d.workers[shard]; w != nil {
			w.letters.Store(true)
		}
	}
	for shard := range event.Shards {
		if !todo[shard] || d.workers[shard] != nil && d.workers[shard].stopped {
			continue
		}
		key := event.ShardKey{Topic: d.topic, Shard: shard}
		ok, err := d.hold(ctx, key)
		if err != nil {
			return moved, elsewhere, err
		}
		if !ok {
			elsewhere = true
			continue
		}
		w := d.workers[shard]
		w.head.Store(heads[shard])
		progress, err := d.work(ctx, key, failed)
		moved = moved || progress
		if err != nil {
			return moved, elsewhere, err
		}
	}
	return moved, elsewhere, nil
}

// hold takes or renews the lease of a shard and opens its worker.
func (d *drain) hold(ctx context.Context, key event.ShardKey) (bool, error) {
	cfg := &d.c.outbox.cfg
	now := cfg.Clock.Now()
	w := d.workers[key.Shard]
	if w != nil && w.lease.ExpiresAt.Sub(now) > cfg.LeaseTTL/2 {
		return true, nil
	}
	name := shardLease(d.c.Name, d.topic, key.Shard)
	got, err := d.c.place.leases.Acquire(ctx, d.owner, now, cfg.LeaseTTL, name)
	if err != nil {
		return false, err
	}
	if len(got) == 0 {
		delete(d.workers, key.Shard)
		return false, nil
	}
	if w != nil && w.lease.Fence == got[0].Fence {
		w.lease = got[0]
		return true, nil
	}
	w = &held{worker: worker{c: d.c}, lease: got[0]}
	if err := w.open(ctx, key, w.lease.Fence); err != nil {
		d.c.outbox.giveBack(ctx, d.c.place, got) // nobody else could go on until it expires
		if errors.Is(err, fault.Conflict) {
			return false, nil
		}
		return false, err
	}
	d.workers[key.Shard] = w
	return true, nil
}

// work steps one shard until nothing is left or its record fails in place.
func (d *drain) work(ctx context.Context, key event.ShardKey, failed *[]error) (moved bool, err error) {
	w := d.workers[key.Shard]
	to := func(ctx context.Context, dl *delivery) outcome {
		out := d.c.call(ctx, dl)
		if _, reason := dl.state(); out == nacked && ctx.Err() == nil {
			*failed = append(*failed, fmt.Errorf("%s: %s %s: %w", d.c.Name, dl.Topic, dl.record.ID, reason))
		}
		return out
	}
	for {
		if err := ctx.Err(); err != nil {
			return moved, err
		}
		if ok, err := d.hold(ctx, key); err != nil || !ok {
			return moved, err
		}
		if w != d.workers[key.Shard] {
			return true, nil // taken anew: begin again
		}
		before := w.tries
		progress, err := w.step(ctx, to)
		if fault.CodeOf(err) == codeMoved {
			return true, w.open(ctx, key, w.lease.Fence)
		}
		if err != nil || !progress {
			return moved, err
		}
		moved = true
		if w.stopped = w.tries > before; w.stopped {
			return moved, nil
		}
	}
}

func (d *drain) release(ctx context.Context) {
	var leases []uow.Lease
	for _, w := range d.workers {
		leases = append(leases, w.lease)
	}
	d.c.outbox.giveBack(ctx, d.c.place, leases)
}
