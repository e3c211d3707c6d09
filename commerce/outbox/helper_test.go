package outbox_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage"
)

func start() time.Time { return time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC) }

// record makes a record about an aggregate; its payload is text.
func record(topic, aggregate, text string) event.Record {
	return event.Record{ID: uid.NewV7(nil).New(), Topic: topic, Aggregate: aggregate, Payload: []byte(text), At: start()}
}

func appendAll(t *testing.T, s storage.Stores, records ...event.Record) {
	t.Helper()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		return s.Events.Append(ctx, records...)
	}))
}

// sameShard returns n aggregates of one shard.
func sameShard(n int) []string {
	keys := []string{"a-0"}
	for i := 1; len(keys) < n; i++ {
		if k := fmt.Sprintf("a-%d", i); event.Shard(k) == event.Shard(keys[0]) {
			keys = append(keys, k)
		}
	}
	return keys
}

// journal notes what a consumer saw, in order.
type journal struct {
	mu   sync.Mutex
	seen []string
	fail map[string]error // by payload
}

func (j *journal) react(_ context.Context, r event.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.fail[string(r.Payload)]; err != nil {
		return err
	}
	j.seen = append(j.seen, string(r.Payload))
	return nil
}

// take returns what was seen since the last call.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.seen
	j.seen = nil
	return out
}

func (j *journal) refuse(payload string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail == nil {
		j.fail = map[string]error{}
	}
	j.fail[payload] = err
}

func with(c clock.Clock, consumers ...outbox.Consumer) func(*outbox.Config) {
	return func(cfg *outbox.Config) {
		cfg.Clock, cfg.Consumers, cfg.Poll = c, consumers, 10*time.Millisecond
	}
}

// effect writes, once per record, who had the effect. A second effect of a
// record is an error that no retry cures.
func effect(s storage.Stores, runs *atomic.Int64) event.Reaction {
	return func(ctx context.Context, r event.Record) error {
		run := fmt.Sprint(runs.Add(1))
		_, won, err := s.Claims.Claim(ctx, "effect", r.ID, run)
		if err == nil && !won {
			err = fmt.Errorf("a second effect of %s", r.ID)
		}
		return err
	}
}

func requireEffects(t *testing.T, s storage.Stores, records []event.Record) {
	t.Helper()
	for _, r := range records {
		_, err := s.Claims.Holder(t.Context(), "effect", r.ID)
		require.NoError(t, err)
	}
}

// mortal is a node's stores up to the moment of its death: whatever it does
// afterwards fails and changes nothing, so that its leases stay.
type mortal struct {
	dead atomic.Bool
	// at is the step that kills: "advanced", "committed", "sequenced".
	at string
}

var errDead = fault.New(fault.Unavailable, "test.dead", "the node is dead")

func (m *mortal) step(name string) error {
	if name == m.at {
		m.dead.Store(true)
	}
	if m.dead.Load() {
		return errDead
	}
	return nil
}

func (m *mortal) stores(s storage.Stores) storage.Stores {
	s.Units = mortalUnits{s.Units, m}
	s.Cursors = mortalCursors{s.Cursors, m}
	s.Events = mortalEvents{s.Events, m}
	s.Leases = mortalLeases{s.Leases, m}
	return s
}

type mortalUnits struct {
	uow.Manager
	m *mortal
}

func (u mortalUnits) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := u.m.step("begin"); err != nil {
		return err
	}
	if err := u.Manager.Do(ctx, fn); err != nil {
		return err
	}
	return u.m.step("committed")
}

type mortalCursors struct {
	event.Cursors
	m *mortal
}

func (c mortalCursors) Advance(ctx context.Context, cur event.Cursor, position int64) (bool, error) {
	if err := c.m.step("advance"); err != nil {
		return false, err
	}
	ok, err := c.Cursors.Advance(ctx, cur, position)
	if err == nil {
		err = c.m.step("advanced")
	}
	return ok, err
}

type mortalEvents struct {
	event.Log
	m *mortal
}

func (e mortalEvents) Sequence(ctx context.Context, shard event.ShardKey, fence int64, limit int) (int, error) {
	if err := e.m.step("sequence"); err != nil {
		return 0, err
	}
	n, err := e.Log.Sequence(ctx, shard, fence, limit)
	if err == nil {
		err = e.m.step("sequenced")
	}
	return n, err
}

type mortalLeases struct {
	uow.Leases
	m *mortal
}

func (l mortalLeases) Acquire(ctx context.Context, owner string, now time.Time, ttl time.Duration, names ...string) ([]uow.Lease, error) {
	if err := l.m.step("acquire"); err != nil {
		return nil, err
	}
	return l.Leases.Acquire(ctx, owner, now, ttl, names...)
}

func (l mortalLeases) Release(ctx context.Context, leases ...uow.Lease) error {
	if err := l.m.step("release"); err != nil {
		return err
	}
	return l.Leases.Release(ctx, leases...)
}
