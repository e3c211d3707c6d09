package outbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
)

// sequenceBatch is how many records get their positions in one unit.
const sequenceBatch = 500

// sequencer gives positions to the records of the shards that this node owns.
// A shard is owned from its first new record on until the lease is lost or
// given back.
type sequencer struct {
	outbox *Outbox
	owner  string

	mu   sync.Mutex // one pass at a time
	held map[event.ShardKey]uow.Lease
}

func newSequencer(o *Outbox) *sequencer {
	return &sequencer{outbox: o, owner: o.cfg.IDs.New(), held: map[event.ShardKey]uow.Lease{}}
}

// pass sequences what is pending in the topics, or in all, and reports
// whether something is left to another owner.
func (s *sequencer) pass(ctx context.Context, topics ...string) (left bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.outbox.cfg.Events
	pending, err := log.Pending(ctx, topics...)
	if err != nil || len(pending) == 0 {
		return false, err
	}
	if err := s.acquire(ctx, pending); err != nil {
		return false, err
	}
	defer s.notify(ctx)
	for _, shard := range pending {
		lease, ok := s.held[shard]
		if !ok {
			left = true
			continue
		}
		for {
			n, err := log.Sequence(ctx, shard, lease.Fence, sequenceBatch)
			if errors.Is(err, fault.Conflict) { // somebody newer owns it
				delete(s.held, shard)
				left = true
				break
			}
			if err != nil {
				return left, err
			}
			if n < sequenceBatch {
				break
			}
		}
	}
	return left, nil
}

// notify tells the other nodes that there are positions to read, or records
// that one of them has to give positions to.
func (s *sequencer) notify(ctx context.Context) {
	n, ok := uow.As[event.Notifier](s.outbox.cfg.Events)
	if !ok {
		return
	}
	if err := n.Notify(ctx); err != nil && ctx.Err() == nil {
		s.outbox.cfg.Log.DebugContext(ctx, "outbox: other nodes were not told and will poll", "error", err)
	}
}

// acquire takes or renews the leases of shards where less than half of their
// time is left.
func (s *sequencer) acquire(ctx context.Context, shards []event.ShardKey) error {
	cfg := &s.outbox.cfg
	now := cfg.Clock.Now()
	var names []string
	byName := map[string]event.ShardKey{}
	for _, shard := range shards {
		if l, ok := s.held[shard]; ok && l.ExpiresAt.Sub(now) > cfg.LeaseTTL/2 {
			continue
		}
		delete(s.held, shard)
		names = append(names, shard.Lease())
		byName[shard.Lease()] = shard
	}
	if len(names) == 0 {
		return nil
	}
	got, err := cfg.Leases.Acquire(ctx, s.owner, now, cfg.LeaseTTL, names...)
	for _, l := range got {
		s.held[byName[l.Name]] = l
	}
	return err
}

// release gives every lease back, also where ctx has ended.
func (s *sequencer) release(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	leases := make([]uow.Lease, 0, len(s.held))
	for _, l := range s.held {
		leases = append(leases, l)
	}
	clear(s.held)
	s.outbox.giveBack(ctx, s.outbox.shared, leases)
}

// closing bounds what is done after a context has ended.
const closing = 5 * time.Second

// giveBack releases leases; what cannot be released expires.
func (o *Outbox) giveBack(ctx context.Context, p *place, leases []uow.Lease) {
	if len(leases) == 0 {
		return
	}
	slices.SortFunc(leases, func(a, b uow.Lease) int { return cmp.Compare(a.Name, b.Name) })
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if err := p.leases.Release(ctx, leases...); err != nil {
		o.cfg.Log.WarnContext(ctx, "outbox: leases could not be given back", "error", err)
	}
}
