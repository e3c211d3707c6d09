package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/event"
)

// Run runs the Consumers until ctx ends and then returns nil. It returns early
// only where a consumer's cursors cannot be made. Any number of nodes may run
// the same consumers.
func (o *Outbox) Run(ctx context.Context) error {
	subs, err := o.subscriptions(ctx)
	if err != nil && ctx.Err() == nil {
		return err
	}
	var wg sync.WaitGroup
	for _, s := range subs {
		wg.Go(func() { s.run(ctx) })
	}
	wg.Go(func() { o.purgeEvery(ctx) })
	wg.Wait()
	return nil
}

// subscriptions opens every consumer on every one of its topics.
func (o *Outbox) subscriptions(ctx context.Context) ([]*subscription, error) {
	var subs []*subscription
	for _, c := range o.consumers {
		for _, topic := range c.Topics {
			if _, err := c.open(ctx, topic); err != nil {
				return nil, err
			}
			subs = append(subs, newSubscription(c, topic, c.call))
		}
	}
	return subs, nil
}

// purgeEvery purges now and every PurgeEvery; one node of the cluster at a
// time does.
func (o *Outbox) purgeEvery(ctx context.Context) {
	tick := time.NewTicker(o.cfg.PurgeEvery)
	defer tick.Stop()
	owner := o.cfg.IDs.New()
	for {
		got, err := o.cfg.Leases.Acquire(ctx, owner, o.cfg.Clock.Now(), o.cfg.LeaseTTL, "event/purge")
		if err == nil && len(got) == 1 {
			_, err = o.Purge(ctx)
			o.giveBack(ctx, o.shared, got)
		}
		if err != nil && ctx.Err() == nil {
			o.cfg.Log.WarnContext(ctx, "outbox: purging failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// call runs React for a delivery.
func (c *consumer) call(ctx context.Context, d *delivery) outcome {
	react := func(ctx context.Context, r event.Record) (err error) {
		defer func() { // the root of a consumer: a defect fails one record, not the process
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return c.React(ctx, r)
	}
	ctx = context.WithValue(ctx, deliveryKey{}, d)
	var err error
	if c.Outside || c.PerNode {
		err = react(ctx, d.record)
		d.note(err, false)
	} else {
		err = d.take(ctx, c.place.units, react)
	}
	if err != nil {
		return nacked
	}
	return acked
}

// Drain takes every consumer to the head of the log and returns: it gives
// positions, delivers what is there and what the reactions append meanwhile,
// and starts no goroutine. Shards that another node (or Run) holds are waited
// for. A record that fails is set aside under its consumer's policy, as
// always, and its error is part of what Drain returns.
func (o *Outbox) Drain(ctx context.Context) error {
	var failed []error
	var drains []*drain
	defer func() {
		for _, d := range drains {
			d.release(ctx)
		}
	}()
	for _, c := range o.consumers {
		for _, topic := range c.Topics {
			drains = append(drains, &drain{c: c, topic: topic, owner: o.cfg.IDs.New(), workers: map[int]*held{}})
		}
	}
	defer o.releaseIfIdle(ctx)
	for {
		left, err := o.sequencer.pass(ctx)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		heads, err := o.cfg.Events.Heads(ctx)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		progress := false
		for _, d := range drains {
			moved, elsewhere, err := d.pass(ctx, heads, &failed)
			if err != nil {
				return errors.Join(append(failed, err)...)
			}
			progress, left = progress || moved, left || elsewhere
		}
		switch {
		case progress:
		case !left:
			return errors.Join(failed...)
		default:
			select {
			case <-ctx.Done():
				return errors.Join(append(failed, ctx.Err())...)
			case <-time.After(o.cfg.Poll / 10):
			}
		}
	}
}

// releaseIfIdle gives the sequencer's leases back unless a watch uses them.
func (o *Outbox) releaseIfIdle(ctx context.Context) {
	o.mu.Lock()
	idle := o.cancel == nil
	o.mu.Unlock()
	if idle {
		o.sequencer.release(ctx)
	}
}
