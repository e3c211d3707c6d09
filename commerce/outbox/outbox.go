package outbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/uow"
)

// Outbox is one node's access to the event log. It is safe for concurrent
// use and needs no closing: its goroutines live as long as its subscriptions
// and [Outbox.Run] do.
type Outbox struct {
	cfg       Config
	shared    *place // of cluster-wide consumers
	own       *place // of per-node consumers
	consumers []*consumer
	sequencer *sequencer

	mu     sync.Mutex
	subs   map[*subscription]struct{}
	heads  map[event.ShardKey]int64 // as last seen by the watch
	wake   chan struct{}
	cancel context.CancelFunc // of the watch; nil while nobody subscribes
	done   chan struct{}
}

// place is where the progress of some consumers is kept.
type place struct {
	cursors event.Cursors
	letters event.Letters
	leases  uow.Leases
	units   uow.Manager
	local   bool // takes no part in units
}

// do runs fn in a unit, as far as the place knows units.
func (p *place) do(ctx context.Context, fn func(ctx context.Context) error) error {
	if p.local {
		return fn(ctx)
	}
	return p.units.Do(ctx, fn)
}

// New returns an outbox; Invalid with every wrong field of cfg.
func New(cfg Config) (*Outbox, error) {
	cfg.Consumers = slices.Clone(cfg.Consumers)
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	l := newLocal(cfg.Events)
	o := &Outbox{
		cfg:    cfg,
		shared: &place{cursors: cfg.Cursors, letters: cfg.Letters, leases: cfg.Leases, units: cfg.Units},
		own:    &place{cursors: l, letters: localLetters{l}, leases: localLeases{l}, local: true},
		subs:   map[*subscription]struct{}{},
		heads:  map[event.ShardKey]int64{},
		wake:   make(chan struct{}, 1),
	}
	o.sequencer = newSequencer(o)
	for _, c := range cfg.Consumers {
		o.consumers = append(o.consumers, o.consumer(c))
	}
	return o, nil
}

// kick has the watch look at once.
func (o *Outbox) kick() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// attach has the watch serve a subscription; the first one starts it, and it
// outlives that one's context.
func (o *Outbox) attach(ctx context.Context, s *subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.subs[s] = struct{}{}
	if o.cancel == nil {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		o.cancel, o.done = cancel, make(chan struct{})
		go o.watch(ctx, o.done)
	}
	o.kick()
}

// detach ends that; with the last one the watch ends.
func (o *Outbox) detach(s *subscription) {
	o.mu.Lock()
	delete(o.subs, s)
	cancel, done := o.cancel, o.done
	last := len(o.subs) == 0 && cancel != nil
	if last {
		o.cancel = nil
	}
	o.mu.Unlock()
	if last {
		cancel()
		<-done
	}
}

// watch gives positions to new records and tells the subscriptions of them,
// whenever it is woken and every Poll.
func (o *Outbox) watch(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	defer o.sequencer.release(ctx)
	if w, ok := uow.As[event.Watcher](o.cfg.Events); ok {
		defer w.Watch(o.kick)()
	}
	tick := time.NewTicker(o.cfg.Poll)
	defer tick.Stop()
	for {
		if err := o.look(ctx); err != nil && ctx.Err() == nil {
			o.cfg.Log.WarnContext(ctx, "outbox: the log could not be read", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		case <-tick.C:
		}
	}
}

func (o *Outbox) look(ctx context.Context) error {
	o.mu.Lock()
	subs := make([]*subscription, 0, len(o.subs))
	var topics []string
	for s := range o.subs {
		subs = append(subs, s)
		if !slices.Contains(topics, s.topic) {
			topics = append(topics, s.topic)
		}
	}
	o.mu.Unlock()
	if len(topics) == 0 {
		return nil
	}
	if _, err := o.sequencer.pass(ctx, topics...); err != nil {
		return err
	}
	heads, err := o.cfg.Events.Heads(ctx, topics...)
	if err != nil {
		return err
	}
	o.mu.Lock()
	for k, h := range heads {
		o.heads[k] = max(o.heads[k], h)
	}
	o.mu.Unlock()
	for _, s := range subs {
		s.announce(heads)
	}
	return nil
}

func (o *Outbox) head(k event.ShardKey) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.heads[k]
}
