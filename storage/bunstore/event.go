package bunstore

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
)

type eventRow struct {
	bun.BaseModel `bun:"table:events,alias:e"`

	N         int64   `bun:"n,pk,autoincrement"`
	Topic     string  `bun:"topic"`
	ID        string  `bun:"id"`
	Shard     int     `bun:"shard"`
	Seq       *int64  `bun:"seq"`
	Aggregate string  `bun:"aggregate"`
	Name      string  `bun:"name"`
	Payload   []byte  `bun:"payload"`
	Headers   headers `bun:"headers"`
	At        instant `bun:"at"`
}

func (r eventRow) value() event.Record {
	out := event.Record{
		ID: r.ID, Topic: r.Topic, Name: r.Name, Aggregate: r.Aggregate,
		Payload: r.Payload, Headers: r.Headers.decode(), At: r.At.Time,
	}
	if r.Seq != nil {
		out.Seq = *r.Seq
	}
	return out
}

// headers are the headers of a record as JSON text, empty where it has none.
type headers string

func encodeHeaders(h map[string]string) headers {
	if len(h) == 0 {
		return ""
	}
	text, _ := json.Marshal(h) // strings always have a JSON form
	return headers(text)
}

func (h headers) decode() map[string]string {
	var out map[string]string
	if h != "" {
		_ = json.Unmarshal([]byte(h), &out) // written by encodeHeaders
	}
	return out
}

// insertEvents writes the events of a unit in one statement.
func insertEvents(ctx context.Context, c conn, records []event.Record) error {
	rows := make([]eventRow, len(records))
	for i, r := range records {
		rows[i] = eventRow{
			Topic: r.Topic, ID: r.ID, Shard: event.Shard(r.Key()), Aggregate: r.Key(), Name: r.Name,
			Payload: payload(r.Payload), Headers: encodeHeaders(r.Headers), At: at(r.At),
		}
	}
	if c.db.postgres {
		_, err := c.insertRows(ctx, rows, " ON CONFLICT (topic, id) DO NOTHING")
		return err
	}
	_, err := c.exec(ctx, c.insert(&rows).ExcludeColumn("n").On("CONFLICT (topic, id) DO NOTHING").Returning("NULL"))
	return err
}

// payload keeps an empty payload from being NULL.
func payload(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

type events struct{ db *DB }

var (
	_ event.Log     = events{}
	_ event.Watcher = events{}
	_ event.Cursors = cursors{}
	_ event.Letters = letters{}
)

func (s events) Append(ctx context.Context, records ...event.Record) error {
	u, err := s.db.inside(ctx, "event.append")
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := r.Validate(); err != nil {
			return err
		}
	}
	for _, r := range records {
		r.Headers = maps.Clone(r.Headers)
		u.events = append(u.events, r)
	}
	return nil
}

func (s events) Sequence(ctx context.Context, shard event.ShardKey, fence int64, limit int) (int, error) {
	var given int64
	err := s.db.Do(ctx, func(ctx context.Context) error {
		c := s.db.conn(ctx)
		var head int64
		// The row is locked: whoever comes second sees what this unit gave.
		found, err := c.scan(ctx, c.raw(`INSERT INTO event_heads AS h (topic, shard, seq, fence) VALUES (?, ?, 0, ?)
ON CONFLICT (topic, shard) DO UPDATE SET fence = excluded.fence WHERE h.fence <= excluded.fence
RETURNING seq`, shard.Topic, shard.Shard, fence), &head)
		if err != nil {
			return err
		}
		if !found {
			return errFence()
		}
		given, err = c.exec(ctx, c.raw(`UPDATE events SET seq = ? + t.k FROM (
  SELECT n, row_number() OVER (ORDER BY n) AS k FROM (
    SELECT n FROM events WHERE topic = ? AND shard = ? AND seq IS NULL ORDER BY n LIMIT ?
  ) AS p
) AS t WHERE events.n = t.n`, head, shard.Topic, shard.Shard, limit))
		if err != nil || given == 0 {
			return err
		}
		_, err = c.exec(ctx, c.raw(`UPDATE event_heads SET seq = ? WHERE topic = ? AND shard = ?`,
			head+given, shard.Topic, shard.Shard))
		return err
	})
	if err != nil {
		return 0, err
	}
	if given > 0 {
		s.db.signal.Send()
	}
	return int(given), nil
}

func errFence() error {
	return fault.New(fault.Conflict, "event.fence", "a newer owner took the shard")
}

type headRow struct {
	bun.BaseModel `bun:"table:event_heads,alias:h"`

	Topic string `bun:"topic,pk"`
	Shard int    `bun:"shard,pk"`
	Seq   int64  `bun:"seq"`
}

func (r headRow) key() event.ShardKey { return event.ShardKey{Topic: r.Topic, Shard: r.Shard} }

func ofTopics(q *bun.SelectQuery, topics []string) *bun.SelectQuery {
	if len(topics) > 0 {
		q.Where("topic IN (?)", bun.List(topics))
	}
	return q
}

func (s events) Pending(ctx context.Context, topics ...string) ([]event.ShardKey, error) {
	var rows []headRow
	c := s.db.readConn(ctx)
	q := c.query((*eventRow)(nil)).Distinct().Column("topic", "shard").Where("seq IS NULL").Order("topic", "shard")
	if _, err := c.scan(ctx, ofTopics(q, topics), &rows); err != nil {
		return nil, err
	}
	out := make([]event.ShardKey, len(rows))
	for i, r := range rows {
		out[i] = r.key()
	}
	return out, nil
}

func (s events) Heads(ctx context.Context, topics ...string) (map[event.ShardKey]int64, error) {
	var rows []headRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, ofTopics(c.query(&rows).Column("topic", "shard", "seq").Where("seq > 0"), topics)); err != nil {
		return nil, err
	}
	out := make(map[event.ShardKey]int64, len(rows))
	for _, r := range rows {
		out[r.key()] = r.Seq
	}
	return out, nil
}

func (s events) Read(ctx context.Context, shard event.ShardKey, after int64, limit int) ([]event.Record, error) {
	var rows []eventRow
	c := s.db.readConn(ctx)
	q := c.query(&rows).Where("topic = ? AND shard = ? AND seq > ?", shard.Topic, shard.Shard, after).Order("seq").Limit(int64(limit))
	if _, err := c.scan(ctx, q); err != nil {
		return nil, err
	}
	out := make([]event.Record, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

func (s events) Purge(ctx context.Context, shard event.ShardKey, upTo int64, before time.Time, limit int) (int, error) {
	var rows []eventRow
	c := s.db.conn(ctx)
	q := c.query(&rows).Column("seq", "at").Where("topic = ? AND shard = ? AND seq > 0 AND seq <= ?", shard.Topic, shard.Shard, upTo).
		Order("seq").Limit(int64(limit))
	if _, err := c.scan(ctx, q); err != nil {
		return 0, err
	}
	old := 0
	for old < len(rows) && rows[old].At.Before(before) {
		old++
	}
	if old == 0 {
		return 0, nil
	}
	n, err := c.exec(ctx, c.delete((*eventRow)(nil)).
		Where("topic = ? AND shard = ? AND seq > 0 AND seq <= ?", shard.Topic, shard.Shard, *rows[old-1].Seq))
	return int(n), err
}

type cursorRow struct {
	bun.BaseModel `bun:"table:event_cursors,alias:c"`

	Consumer string `bun:"consumer,pk"`
	Topic    string `bun:"topic,pk"`
	Shard    int    `bun:"shard,pk"`
	Position int64  `bun:"position"`
	Fence    int64  `bun:"fence"`
}

func (r cursorRow) value() event.Cursor {
	return event.Cursor{Consumer: r.Consumer, Topic: r.Topic, Shard: r.Shard, Position: r.Position, Fence: r.Fence}
}

type cursors struct{ db *DB }

func (s cursors) Open(ctx context.Context, consumer, topic string, fromHead bool) ([]event.Cursor, error) {
	out, err := s.find(ctx, consumer, topic)
	if err != nil || len(out) == event.Shards {
		return out, err
	}
	var heads map[event.ShardKey]int64
	if fromHead {
		if heads, err = events(s).Heads(ctx, topic); err != nil {
			return nil, err
		}
	}
	rows := make([]cursorRow, event.Shards)
	for i := range rows {
		rows[i] = cursorRow{Consumer: consumer, Topic: topic, Shard: i, Position: heads[event.ShardKey{Topic: topic, Shard: i}]}
	}
	c := s.db.conn(ctx)
	if _, err := c.exec(ctx, c.insert(&rows).On("CONFLICT DO NOTHING").Returning("NULL")); err != nil {
		return nil, err
	}
	return s.find(ctx, consumer, topic)
}

func (s cursors) find(ctx context.Context, consumer, topic string) ([]event.Cursor, error) {
	var rows []cursorRow
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query(&rows).Where("consumer = ? AND topic = ?", consumer, topic).Order("shard"))
	return cursorValues(rows), err
}

func cursorValues(rows []cursorRow) []event.Cursor {
	out := make([]event.Cursor, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out
}

func (s cursors) Take(ctx context.Context, consumer string, shard event.ShardKey, fence int64) (event.Cursor, error) {
	row := cursorRow{Consumer: consumer, Topic: shard.Topic, Shard: shard.Shard, Fence: fence}
	c := s.db.conn(ctx)
	found, err := c.scan(ctx, c.raw(`UPDATE event_cursors SET fence = ?
WHERE consumer = ? AND topic = ? AND shard = ? AND fence <= ? RETURNING position`,
		fence, consumer, shard.Topic, shard.Shard, fence), &row.Position)
	if err != nil || found {
		return row.value(), err
	}
	known, err := c.exists(ctx, c.query(&row).WherePK())
	switch {
	case err != nil:
		return event.Cursor{}, err
	case !known:
		return event.Cursor{}, missing("event_cursor")
	}
	return event.Cursor{}, errFence()
}

func (s cursors) Advance(ctx context.Context, cur event.Cursor, position int64) (bool, error) {
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, c.raw(`UPDATE event_cursors SET position = ?
WHERE consumer = ? AND topic = ? AND shard = ? AND position = ? AND fence = ?`,
		position, cur.Consumer, cur.Topic, cur.Shard, cur.Position, cur.Fence))
	return n == 1, err
}

func (s cursors) All(ctx context.Context, topics ...string) ([]event.Cursor, error) {
	var rows []cursorRow
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, ofTopics(c.query(&rows).Order("consumer", "topic", "shard"), topics))
	return cursorValues(rows), err
}

func (s cursors) Forget(ctx context.Context, consumer string) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		c := s.db.conn(ctx)
		if _, err := c.exec(ctx, c.delete((*cursorRow)(nil)).Where("consumer = ?", consumer)); err != nil {
			return err
		}
		_, err := c.exec(ctx, c.delete((*letterRow)(nil)).Where("consumer = ?", consumer))
		return err
	})
}
