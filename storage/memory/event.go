package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
)

// events is the log. Records are put into it by commits, so that the order of
// insertion is the order of commit.
type events struct {
	db     *DB // its mu guards shards and ids
	shards map[event.ShardKey]*shardLog
	ids    map[eventID]struct{}
	signal event.Signal
}

type eventID struct{ topic, id string }

// shardLog is the records of one shard: those with a position, without gaps,
// and those that wait for theirs.
type shardLog struct {
	head    int64
	fence   int64
	records []event.Record
	pending []event.Record
}

var (
	_ event.Log     = (*events)(nil)
	_ event.Watcher = (*events)(nil)
	_ event.Cursors = cursors{}
	_ event.Letters = letters{}
)

func newEvents(db *DB) *events {
	return &events{db: db, shards: map[event.ShardKey]*shardLog{}, ids: map[eventID]struct{}{}}
}

// eventBuffer holds what a unit appends.
type eventBuffer struct {
	log     *events
	records []event.Record
}

func (l *events) Append(ctx context.Context, records ...event.Record) error {
	u, err := l.db.inside(ctx, "event.append")
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := r.Validate(); err != nil {
			return err
		}
	}
	b, ok := u.overlays["event"].(*eventBuffer)
	if !ok {
		b = &eventBuffer{log: l}
		u.overlays["event"] = b
		u.order = append(u.order, b)
	}
	for _, r := range records {
		r.Aggregate, r.Seq, r.Headers = r.Key(), 0, maps.Clone(r.Headers)
		b.records = append(b.records, r)
	}
	return nil
}

// apply puts the unit's records into the log; db.mu is held.
func (b *eventBuffer) apply() {
	for _, r := range b.records {
		id := eventID{r.Topic, r.ID}
		if _, dup := b.log.ids[id]; dup {
			continue
		}
		b.log.ids[id] = struct{}{}
		s := b.log.shard(event.ShardKey{Topic: r.Topic, Shard: event.Shard(r.Aggregate)})
		s.pending = append(s.pending, r)
	}
	b.log.signal.Send()
}

func (l *events) shard(k event.ShardKey) *shardLog {
	s := l.shards[k]
	if s == nil {
		s = &shardLog{}
		l.shards[k] = s
	}
	return s
}

func (l *events) Sequence(ctx context.Context, shard event.ShardKey, fence int64, limit int) (int, error) {
	if err := ctxFault(ctx); err != nil {
		return 0, err
	}
	l.db.mu.Lock()
	defer l.db.mu.Unlock()
	s := l.shard(shard)
	if s.fence > fence {
		return 0, fault.New(fault.Conflict, "event.fence", "a newer owner took the shard")
	}
	s.fence = fence
	n := min(limit, len(s.pending))
	for _, r := range s.pending[:n] {
		s.head++
		r.Seq = s.head
		s.records = append(s.records, r)
	}
	s.pending = slices.Delete(s.pending, 0, n)
	if n > 0 {
		l.signal.Send()
	}
	return n, nil
}

func (l *events) Pending(ctx context.Context, topics ...string) ([]event.ShardKey, error) {
	return l.keys(ctx, topics, func(s *shardLog) bool { return len(s.pending) > 0 })
}

func (l *events) Heads(ctx context.Context, topics ...string) (map[event.ShardKey]int64, error) {
	out := map[event.ShardKey]int64{}
	_, err := l.keys(ctx, topics, func(*shardLog) bool { return true }, func(k event.ShardKey, s *shardLog) {
		if s.head > 0 {
			out[k] = s.head
		}
	})
	return out, err
}

// keys returns the shards of topics that match, in order, and shows them.
func (l *events) keys(
	ctx context.Context, topics []string, match func(*shardLog) bool, show ...func(event.ShardKey, *shardLog),
) ([]event.ShardKey, error) {
	if err := ctxFault(ctx); err != nil {
		return nil, err
	}
	l.db.mu.RLock()
	defer l.db.mu.RUnlock()
	var out []event.ShardKey
	for k, s := range l.shards {
		if (len(topics) > 0 && !slices.Contains(topics, k.Topic)) || !match(s) {
			continue
		}
		out = append(out, k)
		for _, fn := range show {
			fn(k, s)
		}
	}
	slices.SortFunc(out, event.ShardKey.Compare)
	return out, nil
}

func (l *events) Read(ctx context.Context, shard event.ShardKey, after int64, limit int) ([]event.Record, error) {
	if err := ctxFault(ctx); err != nil {
		return nil, err
	}
	l.db.mu.RLock()
	defer l.db.mu.RUnlock()
	s := l.shards[shard]
	if s == nil {
		return nil, nil
	}
	i, _ := slices.BinarySearchFunc(s.records, after+1, func(r event.Record, seq int64) int { return cmp.Compare(r.Seq, seq) })
	rows := s.records[i:min(i+limit, len(s.records))]
	out := make([]event.Record, len(rows))
	for i, r := range rows {
		out[i] = cloneRecord(r)
	}
	return out, nil
}

func cloneRecord(r event.Record) event.Record {
	r.Payload, r.Headers = slices.Clone(r.Payload), maps.Clone(r.Headers)
	return r
}

func (l *events) Purge(ctx context.Context, shard event.ShardKey, upTo int64, before time.Time, limit int) (int, error) {
	if err := ctxFault(ctx); err != nil {
		return 0, err
	}
	l.db.mu.Lock()
	defer l.db.mu.Unlock()
	s := l.shards[shard]
	if s == nil {
		return 0, nil
	}
	n := 0
	for n < min(limit, len(s.records)) && s.records[n].Seq <= upTo && s.records[n].At.Before(before) {
		delete(l.ids, eventID{shard.Topic, s.records[n].ID})
		n++
	}
	s.records = slices.Delete(s.records, 0, n)
	return n, nil
}

func (l *events) Watch(wake func()) (stop func()) { return l.signal.Watch(wake) }

type cursors struct {
	rows    *table[string, event.Cursor]
	letters letters
	log     *events
}

func newCursors(db *DB, log *events, l letters) cursors {
	return cursors{letters: l, log: log, rows: newTable(db, spec[string, event.Cursor]{
		name:  "event_cursor",
		key:   func(c *event.Cursor) string { return cursorID(c.Consumer, c.Key()) },
		clone: func(c event.Cursor) event.Cursor { return c },
		ordered: map[string]func(*event.Cursor) string{
			"id": func(c *event.Cursor) string { return cursorID(c.Consumer, c.Key()) },
		},
	})}
}

func cursorID(consumer string, k event.ShardKey) string {
	return sortKey(consumer, k.Topic, int64(k.Shard))
}

func (s cursors) Open(ctx context.Context, consumer, topic string, fromHead bool) ([]event.Cursor, error) {
	var heads map[event.ShardKey]int64
	if fromHead {
		var err error
		if heads, err = s.log.Heads(ctx, topic); err != nil {
			return nil, err
		}
	}
	out := make([]event.Cursor, event.Shards)
	return out, s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for i := range out {
			k := event.ShardKey{Topic: topic, Shard: i}
			c, err := s.rows.get(ctx, cursorID(consumer, k))
			if fault.KindOf(err) == fault.NotFound {
				c = event.Cursor{Consumer: consumer, Topic: topic, Shard: i, Position: heads[k]}
				err = s.rows.upsert(ctx, cursorID(consumer, k), func(row *event.Cursor, exists bool) error {
					if !exists {
						*row = c
					}
					c = *row
					return nil
				})
			}
			if err != nil {
				return err
			}
			out[i] = c
		}
		return nil
	})
}

func (s cursors) Take(ctx context.Context, consumer string, shard event.ShardKey, fence int64) (event.Cursor, error) {
	var out event.Cursor
	return out, s.rows.mutate(ctx, cursorID(consumer, shard), func(c *event.Cursor) error {
		if c.Fence > fence {
			return fault.New(fault.Conflict, "event.fence", "a newer owner took the shard")
		}
		c.Fence = fence
		out = *c
		return nil
	})
}

func (s cursors) Advance(ctx context.Context, c event.Cursor, position int64) (bool, error) {
	moved := fault.New(fault.Conflict, "event.moved", "the cursor is elsewhere")
	err := s.rows.mutate(ctx, cursorID(c.Consumer, c.Key()), func(row *event.Cursor) error {
		if *row != c {
			return moved
		}
		row.Position = position
		return nil
	})
	if fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

func (s cursors) All(ctx context.Context, topics ...string) ([]event.Cursor, error) {
	return s.rows.scan(ctx, scan[event.Cursor]{index: "id", match: func(c *event.Cursor) bool {
		return len(topics) == 0 || slices.Contains(topics, c.Topic)
	}})
}

func (s cursors) Forget(ctx context.Context, consumer string) error {
	return s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		rows, err := s.rows.scan(ctx, scan[event.Cursor]{index: "id", prefix: sortKey(consumer)})
		if err != nil {
			return err
		}
		for _, c := range rows {
			if _, err := s.rows.remove(ctx, cursorID(consumer, c.Key())); err != nil {
				return err
			}
		}
		return s.letters.forget(ctx, consumer)
	})
}
