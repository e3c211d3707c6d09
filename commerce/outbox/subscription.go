package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
)

// subscription is a consumer reading one topic on this node: a goroutine per
// shard whose lease it holds. Leases are divided evenly among the
// subscriptions that the cluster has of the consumer and the topic.
type subscription struct {
	c     *consumer
	topic string
	owner string
	to    deliver

	member  uow.Lease // says that this subscription lives
	running map[int]*running
	heads   chan map[event.ShardKey]int64
}

// running is a worker with its goroutine.
type running struct {
	*worker
	lease  uow.Lease
	wake   chan struct{}
	cancel context.CancelFunc
	retire context.CancelFunc // ends after the delivery in hand
	done   chan struct{}
}

func newSubscription(c *consumer, topic string, to deliver) *subscription {
	return &subscription{
		c: c, topic: topic, to: to, owner: c.outbox.cfg.IDs.New(),
		running: map[int]*running{}, heads: make(chan map[event.ShardKey]int64, 1),
	}
}

// leasePrefix begins the names of a consumer's leases on a topic.
func leasePrefix(consumer, topic string) string {
	return "consumer/" + consumer + "/" + url.PathEscape(topic) + "/"
}

func shardLease(consumer, topic string, shard int) string {
	return fmt.Sprintf("%s%02d", leasePrefix(consumer, topic), shard)
}

// membership is the name of the lease by which a subscription shows that it
// lives.
func (s *subscription) membership() string { return leasePrefix(s.c.Name, s.topic) + member + s.owner }

const member = "member/"

// announce hands new heads over; of several that were not looked at the last
// one counts.
func (s *subscription) announce(heads map[event.ShardKey]int64) {
	select {
	case <-s.heads:
	default:
	}
	select {
	case s.heads <- heads:
	default:
	}
}

// run reads until ctx ends, then gives every lease back.
func (s *subscription) run(ctx context.Context) {
	o := s.c.outbox
	o.attach(ctx, s)
	defer o.detach(s)
	defer s.stop(ctx)
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case heads := <-s.heads:
			for shard, r := range s.running {
				r.see(heads[event.ShardKey{Topic: s.topic, Shard: shard}])
			}
		case <-tick.C:
			next := o.cfg.Poll
			satisfied, err := s.divide(ctx)
			if err == nil {
				err = s.letters(ctx)
			}
			if err != nil && ctx.Err() == nil {
				o.cfg.Log.WarnContext(ctx, "outbox: leases could not be kept", "consumer", s.c.Name, "topic", s.topic, "error", err)
			}
			if satisfied {
				next = min(4*o.cfg.Poll, o.cfg.LeaseTTL/4)
			}
			tick.Reset(next)
		}
	}
}

// divide takes and renews the leases of this subscription's share of the
// shards and lets go of what is above it; satisfied is true where the share is
// full.
func (s *subscription) divide(ctx context.Context) (satisfied bool, err error) {
	o := s.c.outbox
	now := o.cfg.Clock.Now()
	for shard, r := range s.running {
		select {
		case <-r.done: // retired or lost
			delete(s.running, shard)
			o.giveBack(ctx, s.c.place, []uow.Lease{r.lease})
		default:
			if !r.lease.ExpiresAt.After(now) {
				r.cancel()
			}
		}
	}
	held, err := s.c.place.leases.List(ctx, leasePrefix(s.c.Name, s.topic), now)
	if err != nil {
		return false, err
	}
	others, taken := 0, map[string]bool{}
	for _, l := range held {
		switch {
		case l.Owner == s.owner:
		case strings.HasPrefix(l.Name, leasePrefix(s.c.Name, s.topic)+member):
			others++
		default:
			taken[l.Name] = true
		}
	}
	share := (event.Shards + others) / (others + 1) // rounded up
	s.shrink(share)

	var names []string
	asked := map[string]int{} // shard by lease
	stale := func(l uow.Lease) bool { return l.ExpiresAt.Sub(now) < o.cfg.LeaseTTL*2/3 }
	if stale(s.member) {
		names = append(names, s.membership())
	}
	count := len(s.running)
	for i := range event.Shards {
		name := shardLease(s.c.Name, s.topic, i)
		if r, mine := s.running[i]; mine {
			if stale(r.lease) {
				asked[name] = i
			}
		} else if !taken[name] && count < share {
			asked[name] = i
			count++
		}
	}
	names = slices.AppendSeq(names, maps.Keys(asked))
	if len(names) > 0 {
		// What was taken when the end came has to be known, to be given back.
		sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.cfg.LeaseTTL)
		defer cancel()
		got, err := s.c.place.leases.Acquire(sure, s.owner, now, o.cfg.LeaseTTL, names...)
		if err != nil {
			return false, err
		}
		s.apply(ctx, asked, got)
	}
	return len(s.running) >= share, nil
}

// apply starts workers for new leases, keeps renewed ones and cancels the
// workers whose lease was lost.
func (s *subscription) apply(ctx context.Context, asked map[string]int, got []uow.Lease) {
	byName := map[string]uow.Lease{}
	for _, l := range got {
		byName[l.Name] = l
	}
	if l, ok := byName[s.membership()]; ok {
		s.member = l
	}
	for name, shard := range asked {
		l, ok := byName[name]
		r, mine := s.running[shard]
		switch {
		case mine && ok && r.lease.Fence == l.Fence:
			r.lease = l
		case mine:
			r.cancel()
			if ok { // ours again under a new fence: start anew at the next turn
				r.lease = l
			}
		case ok:
			s.start(ctx, shard, l)
		}
	}
}

// shrink retires workers above the share.
func (s *subscription) shrink(share int) {
	surplus := len(s.running) - share
	for i := event.Shards - 1; i >= 0 && surplus > 0; i-- {
		if r, ok := s.running[i]; ok {
			r.retire()
			surplus--
		}
	}
}

// letters wakes the workers that have letters due.
func (s *subscription) letters(ctx context.Context) error {
	if len(s.running) == 0 {
		return nil
	}
	shards := make([]int, 0, len(s.running))
	for i := range s.running {
		shards = append(shards, i)
	}
	due, err := s.c.place.letters.Due(ctx, s.c.Name, s.topic, shards, s.c.outbox.cfg.Clock.Now(), event.Shards*4)
	for i := range due {
		if r, ok := s.running[event.Shard(due[i].Record.Key())]; ok {
			r.letters.Store(true)
			r.poke()
		}
	}
	return err
}

// start runs a worker for a shard whose lease was just taken.
func (s *subscription) start(ctx context.Context, shard int, l uow.Lease) {
	hard, cancel := context.WithCancel(ctx)
	soft, retire := context.WithCancel(hard)
	r := &running{
		worker: &worker{c: s.c, retired: soft.Done()}, lease: l, wake: make(chan struct{}, 1),
		cancel: cancel, retire: retire, done: make(chan struct{}),
	}
	key := event.ShardKey{Topic: s.topic, Shard: shard}
	r.head.Store(s.c.outbox.head(key))
	s.running[shard] = r
	go func() {
		defer close(r.done)
		defer cancel()
		r.loop(hard, soft, key, l.Fence, s.to)
	}()
	s.c.outbox.kick()
}

// loop works until ctx ends, the shard is lost or retired.
func (r *running) loop(ctx, retired context.Context, key event.ShardKey, fence int64, to deliver) {
	cfg := &r.c.outbox.cfg
	opened := false
	for retired.Err() == nil {
		var err error
		var progress bool
		if !opened {
			err = r.open(ctx, key, fence)
			opened, progress = err == nil, err == nil
		} else {
			progress, err = r.step(ctx, to)
		}
		var pause <-chan time.Time
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			if !opened && errors.Is(err, fault.Conflict) {
				return // somebody newer has it
			}
			opened = false
			if fault.CodeOf(err) == codeMoved {
				continue
			}
			cfg.Log.WarnContext(ctx, "outbox: a step failed", "consumer", r.c.Name, "topic", key.Topic, "shard", key.Shard, "error", err)
			pause = time.After(cfg.Poll)
		} else if progress {
			continue
		}
		select {
		case <-retired.Done():
		case <-r.wake:
		case <-pause:
		}
	}
}

func (r *running) see(head int64) {
	if head > r.head.Load() {
		r.head.Store(head)
		r.poke()
	}
}

func (r *running) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// stop ends the workers and gives the leases back.
func (s *subscription) stop(ctx context.Context) {
	leases := []uow.Lease{}
	if s.member.Name != "" {
		leases = append(leases, s.member)
	}
	for _, r := range s.running {
		r.cancel()
	}
	for _, r := range s.running {
		<-r.done
		leases = append(leases, r.lease)
	}
	s.c.outbox.giveBack(ctx, s.c.place, leases)
}
