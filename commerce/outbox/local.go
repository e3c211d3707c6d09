package outbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/uow"
)

// local keeps the cursors, letters and leases of the per-node consumers. It
// takes no part in units: what it keeps ends with the process, like the state
// that the consumers build.
type local struct {
	log event.Log

	mu      sync.Mutex
	cursors map[cursorKey]event.Cursor
	letters map[letterKey]event.Letter
	leases  map[string]uow.Lease
}

type cursorKey struct {
	consumer string
	shard    event.ShardKey
}

type letterKey struct{ consumer, topic, id string }

var (
	_ event.Cursors = (*local)(nil)
	_ event.Letters = (*localLetters)(nil)
	_ uow.Leases    = (*localLeases)(nil)
)

func newLocal(log event.Log) *local {
	return &local{
		log: log, cursors: map[cursorKey]event.Cursor{}, letters: map[letterKey]event.Letter{}, leases: map[string]uow.Lease{},
	}
}

// knows reports whether a consumer has cursors on a topic.
func (l *local) knows(consumer, topic string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.cursors[cursorKey{consumer, event.ShardKey{Topic: topic}}]
	return ok
}

// start makes the cursors of a consumer at the given positions.
func (l *local) start(consumer, topic string, at map[int]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range event.Shards {
		k := cursorKey{consumer, event.ShardKey{Topic: topic, Shard: i}}
		l.cursors[k] = event.Cursor{Consumer: consumer, Topic: topic, Shard: i, Position: at[i]}
	}
}

func (l *local) Open(ctx context.Context, consumer, topic string, fromHead bool) ([]event.Cursor, error) {
	var heads map[event.ShardKey]int64
	if fromHead {
		var err error
		if heads, err = l.log.Heads(ctx, topic); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]event.Cursor, event.Shards)
	for i := range out {
		k := cursorKey{consumer, event.ShardKey{Topic: topic, Shard: i}}
		c, ok := l.cursors[k]
		if !ok {
			c = event.Cursor{Consumer: consumer, Topic: topic, Shard: i, Position: heads[k.shard]}
			l.cursors[k] = c
		}
		out[i] = c
	}
	return out, nil
}

func (l *local) Take(_ context.Context, consumer string, shard event.ShardKey, fence int64) (event.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := cursorKey{consumer, shard}
	c, ok := l.cursors[k]
	if !ok {
		return event.Cursor{}, fault.New(fault.NotFound, "event.cursor", "the consumer has no cursor here")
	}
	if c.Fence > fence {
		return event.Cursor{}, fault.New(fault.Conflict, "event.fence", "a newer owner took the shard")
	}
	c.Fence = fence
	l.cursors[k] = c
	return c, nil
}

func (l *local) Advance(_ context.Context, c event.Cursor, position int64) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := cursorKey{c.Consumer, c.Key()}
	if cur, ok := l.cursors[k]; !ok || cur != c {
		return false, nil
	}
	c.Position = position
	l.cursors[k] = c
	return true, nil
}

func (l *local) All(_ context.Context, topics ...string) ([]event.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []event.Cursor
	for _, c := range l.cursors {
		if len(topics) == 0 || slices.Contains(topics, c.Topic) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b event.Cursor) int {
		return cmp.Or(cmp.Compare(a.Consumer, b.Consumer), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Shard, b.Shard))
	})
	return out, nil
}

func (l *local) Forget(_ context.Context, consumer string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range l.cursors {
		if k.consumer == consumer {
			delete(l.cursors, k)
		}
	}
	for k := range l.letters {
		if k.consumer == consumer {
			delete(l.letters, k)
		}
	}
	return nil
}

// localLetters is local as event.Letters.
type localLetters struct{ *local }

func (l localLetters) Put(_ context.Context, n event.Letter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.letters[letterKey{n.Consumer, n.Record.Topic, n.Record.ID}] = n
	return nil
}

func (l localLetters) Remove(_ context.Context, consumer, topic, id string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := letterKey{consumer, topic, id}
	_, ok := l.letters[k]
	delete(l.letters, k)
	return ok, nil
}

func (l localLetters) Revive(_ context.Context, consumer, topic, id string, at time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := letterKey{consumer, topic, id}
	n, ok := l.letters[k]
	if !ok || !n.Dead {
		return false, nil
	}
	n.Dead, n.Tries, n.NextAt = false, 0, at
	l.letters[k] = n
	return true, nil
}

func (l localLetters) Due(_ context.Context, consumer, topic string, shards []int, now time.Time, limit int) ([]event.Letter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.sorted(event.LetterQuery{Consumer: consumer, Topic: topic})
	slices.SortStableFunc(all, func(a, b event.Letter) int { return cmp.Compare(a.Record.Seq, b.Record.Seq) })
	blocked := map[string]bool{}
	var out []event.Letter
	for _, n := range all {
		behind := blocked[n.Record.Key()]
		blocked[n.Record.Key()] = behind || n.Blocks
		if n.Dead || behind || n.NextAt.After(now) || !slices.Contains(shards, event.Shard(n.Record.Key())) {
			continue
		}
		if out = append(out, n); len(out) == limit {
			break
		}
	}
	return out, nil
}

func (l localLetters) Blocked(_ context.Context, consumer string, shard event.ShardKey) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[string]bool{}
	var out []string
	for _, n := range l.letters {
		key := n.Record.Key()
		if n.Consumer == consumer && n.Record.Topic == shard.Topic && event.Shard(key) == shard.Shard && n.Blocks && !found[key] {
			found[key] = true
			out = append(out, key)
		}
	}
	return out, nil
}

func (l localLetters) List(_ context.Context, q event.LetterQuery, p page.Request) (page.Page[event.Letter], error) {
	const list = "event.letter"
	var out page.Page[event.Letter]
	size, err := p.Size()
	if err != nil {
		return out, err
	}
	after, err := page.Decode(list, p.After, 4)
	if err != nil {
		return out, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.sorted(q) {
		if after != nil && slices.Compare(letterOrder(n), after) <= 0 {
			continue
		}
		if len(out.Items) == size {
			out.Next = page.Encode(list, letterOrder(out.Items[size-1])...)
			break
		}
		out.Items = append(out.Items, n)
	}
	return out, nil
}

func letterOrder(n event.Letter) []string {
	shard := event.Shard(n.Record.Key())
	return []string{n.Consumer, n.Record.Topic, fmt.Sprintf("%02d", shard), fmt.Sprintf("%020d", n.Record.Seq)}
}

// sorted returns the letters of a query; mu is held.
func (l localLetters) sorted(q event.LetterQuery) []event.Letter {
	var out []event.Letter
	for _, n := range l.letters {
		if (q.Consumer == "" || q.Consumer == n.Consumer) && (q.Topic == "" || q.Topic == n.Record.Topic) &&
			(q.Aggregate == "" || q.Aggregate == n.Record.Key()) && (!q.DeadOnly || n.Dead) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b event.Letter) int { return slices.Compare(letterOrder(a), letterOrder(b)) })
	return out
}

// localLeases is local as uow.Leases.
type localLeases struct{ *local }

func (l localLeases) Acquire(_ context.Context, owner string, now time.Time, ttl time.Duration, names ...string) ([]uow.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []uow.Lease
	for _, name := range names {
		cur := l.leases[name]
		switch {
		case cur.Owner == owner:
		case cur.Owner == "" || !cur.ExpiresAt.After(now):
			cur.Fence = max(cur.Fence+1, now.UnixMicro())
		default:
			continue
		}
		cur.Name, cur.Owner, cur.ExpiresAt = name, owner, now.Add(ttl)
		l.leases[name] = cur
		out = append(out, cur)
	}
	return out, nil
}

func (l localLeases) Release(_ context.Context, leases ...uow.Lease) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, lease := range leases {
		if cur := l.leases[lease.Name]; cur.Owner == lease.Owner && cur.Fence == lease.Fence {
			cur.Owner = ""
			l.leases[lease.Name] = cur
		}
	}
	return nil
}

func (l localLeases) List(_ context.Context, prefix string, now time.Time) ([]uow.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []uow.Lease
	for name, lease := range l.leases {
		if strings.HasPrefix(name, prefix) && lease.Owner != "" && lease.ExpiresAt.After(now) {
			out = append(out, lease)
		}
	}
	slices.SortFunc(out, func(a, b uow.Lease) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func (l localLeases) Sweep(context.Context, time.Time, int) (int, error) { return 0, nil }
