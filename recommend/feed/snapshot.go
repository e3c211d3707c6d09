package feed

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/order"
)

// Snapshots keeps the newest snapshot where every node finds it: a shared
// folder ([File]), an object store.
type Snapshots interface {
	// Put replaces the snapshot by what write writes, or leaves it as it was
	// where that fails. Readers see the one or the other.
	Put(ctx context.Context, write func(w io.Writer) error) error
	// Get opens the snapshot, which the caller closes. NotFound.
	Get(ctx context.Context) (io.ReadCloser, error)
}

// State is what snapshots are made of. A snapshot knows its form and whether it
// is whole.
type State interface {
	Save(w io.Writer, position string) error
	Load(ctx context.Context, r io.Reader) (position string, err error)
}

// position is what of the shop is in a snapshot.
type position struct {
	Topics map[string]map[int]int64 `json:"topics"`
	Signal int64                    `json:"signal"`
}

// Resume makes the recommender know what it needs to know, once, and returns up
// to where the records of a topic are part of that: Consumer.Resume of
// commerce/outbox.
func (f *Feed) Resume(ctx context.Context, topic string) (map[int]int64, error) {
	if err := f.start(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	at := map[int]int64{}
	for k, p := range f.shards {
		if k.Topic == topic {
			at[k.Shard] = p.at()
		}
	}
	return at, nil
}

// start loads the snapshot, or reads everything where there is none. It does so
// once; after an error the next caller tries again.
func (f *Feed) start(ctx context.Context) error {
	f.starting.Lock()
	defer f.starting.Unlock()
	f.mu.Lock()
	started := f.started
	f.mu.Unlock()
	if started {
		return nil
	}
	at, err := f.load(ctx)
	if err != nil && !errors.Is(err, fault.NotFound) {
		if ctx.Err() != nil {
			return err
		}
		f.cfg.Log.WarnContext(ctx, "feed: the snapshot cannot be used, everything is read", "error", err)
	}
	if err != nil {
		if at, err = f.read(ctx); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for topic, shards := range at.Topics {
		for shard, seq := range shards {
			f.shard(event.ShardKey{Topic: topic, Shard: shard}).last = seq
		}
	}
	f.started, f.signal, f.savedAt = true, at.Signal, f.cfg.Clock.Now()
	return nil
}

// read reads everything from the stores, but for the signals.
func (f *Feed) read(ctx context.Context) (position, error) {
	at := position{Topics: map[string]map[int]int64{}}
	heads, err := f.cfg.Events.Heads(ctx, Topics()...) // before, so that nothing falls between
	if err != nil {
		return at, err
	}
	for k, seq := range heads {
		if at.Topics[k.Topic] == nil {
			at.Topics[k.Topic] = map[int]int64{}
		}
		at.Topics[k.Topic][k.Shard] = seq
	}
	for _, topic := range []string{listing.Topic, order.Topic, member.Topic} { // categories first: hot lists are by them
		if err := f.Rebuild(ctx, topic); err != nil {
			return at, err
		}
	}
	return at, nil
}

func (f *Feed) load(ctx context.Context) (position, error) {
	var at position
	if f.cfg.Snapshots == nil {
		return at, fault.New(fault.NotFound, "feed.snapshot", "there are no snapshots")
	}
	r, err := f.cfg.Snapshots.Get(ctx)
	if err != nil {
		return at, err
	}
	text, err := f.cfg.State.Load(ctx, r)
	if err = errors.Join(err, r.Close()); err != nil {
		return at, err
	}
	if err := json.Unmarshal([]byte(text), &at); err != nil {
		return at, fault.Wrap(err, fault.Invalid, "feed.position", "the snapshot has no position")
	}
	return at, nil
}

// lease is that of the node that saves.
const lease = "recommend.snapshot"

// Save writes a snapshot if it is time and no other node does. Call it once a
// minute. Kinds: those of the stores, of the state and of the snapshots.
func (f *Feed) Save(ctx context.Context) error {
	if f.cfg.Snapshots == nil {
		return nil
	}
	now := f.cfg.Clock.Now()
	f.mu.Lock()
	due := f.started && now.Sub(f.savedAt) >= f.cfg.Every
	f.mu.Unlock()
	if !due {
		return nil
	}
	mine, err := f.cfg.Leases.Acquire(ctx, f.owner, now, f.cfg.Every+f.cfg.Every/2, lease)
	if err != nil || len(mine) == 0 {
		return err
	}
	at := f.position() // before, so that nothing falls between
	text, err := json.Marshal(at)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "feed.position", "the position has no form")
	}
	err = f.cfg.Snapshots.Put(ctx, func(w io.Writer) error { return f.cfg.State.Save(w, string(text)) })
	if err == nil {
		f.saved(now)
	}
	return err
}

func (f *Feed) saved(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.savedAt = at
}

func (f *Feed) position() position {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := position{Topics: map[string]map[int]int64{}, Signal: f.signal}
	for k, p := range f.shards {
		if at.Topics[k.Topic] == nil {
			at.Topics[k.Topic] = map[int]int64{}
		}
		at.Topics[k.Topic][k.Shard] = p.at()
	}
	return at
}
