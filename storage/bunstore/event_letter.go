package bunstore

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/page"
)

type letterRow struct {
	bun.BaseModel `bun:"table:event_letters,alias:l"`

	Consumer   string  `bun:"consumer,pk"`
	Topic      string  `bun:"topic,pk"`
	ID         string  `bun:"id,pk"`
	Shard      int     `bun:"shard"`
	Seq        int64   `bun:"seq"`
	Aggregate  string  `bun:"aggregate"`
	Name       string  `bun:"name"`
	Payload    []byte  `bun:"payload"`
	Headers    headers `bun:"headers"`
	HappenedAt instant `bun:"happened_at"`
	Tries      int     `bun:"tries"`
	Reason     string  `bun:"reason"`
	NextAt     instant `bun:"next_at"`
	Dead       bool    `bun:"dead"`
	Blocks     bool    `bun:"blocks"`
	At         instant `bun:"at"`
}

func (r letterRow) value() event.Letter {
	return event.Letter{
		Consumer: r.Consumer, Tries: r.Tries, Reason: r.Reason, NextAt: r.NextAt.Time, Dead: r.Dead, Blocks: r.Blocks, At: r.At.Time,
		Record: event.Record{
			ID: r.ID, Topic: r.Topic, Name: r.Name, Aggregate: r.Aggregate, Payload: r.Payload,
			Headers: r.Headers.decode(), At: r.HappenedAt.Time, Seq: r.Seq,
		},
	}
}

type letters struct{ db *DB }

func (s letters) Put(ctx context.Context, l event.Letter) error {
	r := l.Record
	row := letterRow{
		Consumer: l.Consumer, Topic: r.Topic, ID: r.ID, Shard: event.Shard(r.Key()), Seq: r.Seq, Aggregate: r.Key(),
		Name: r.Name, Payload: payload(r.Payload), Headers: encodeHeaders(r.Headers), HappenedAt: at(r.At),
		Tries: l.Tries, Reason: l.Reason, NextAt: at(l.NextAt), Dead: l.Dead, Blocks: l.Blocks, At: at(l.At),
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, c.insert(&row).On("CONFLICT (consumer, topic, id) DO UPDATE").
		Set("tries = excluded.tries, reason = excluded.reason, next_at = excluded.next_at").
		Set("dead = excluded.dead, blocks = excluded.blocks, at = excluded.at"))
	return err
}

func (s letters) Remove(ctx context.Context, consumer, topic, id string) (bool, error) {
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, c.delete(&letterRow{Consumer: consumer, Topic: topic, ID: id}).WherePK())
	return n == 1, err
}

func (s letters) Revive(ctx context.Context, consumer, topic, id string, now time.Time) (bool, error) {
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, c.update(&letterRow{Consumer: consumer, Topic: topic, ID: id}).
		Set("dead = ?, tries = 0, next_at = ?", false, at(now)).WherePK().Where("dead"))
	return n == 1, err
}

func (s letters) Due(ctx context.Context, consumer, topic string, shards []int, now time.Time, limit int) ([]event.Letter, error) {
	if len(shards) == 0 {
		return nil, nil
	}
	var rows []letterRow
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query(&rows).
		Where("consumer = ? AND topic = ? AND shard IN (?)", consumer, topic, bun.List(shards)).
		Where("NOT dead AND next_at <= ?", at(now)).
		Where(`NOT EXISTS (SELECT 1 FROM event_letters AS b WHERE b.consumer = l.consumer AND b.topic = l.topic
  AND b.shard = l.shard AND b.aggregate = l.aggregate AND b.blocks AND b.seq < l.seq)`).
		Order("seq", "shard").Limit(int64(limit)))
	return letterValues(rows), err
}

func letterValues(rows []letterRow) []event.Letter {
	out := make([]event.Letter, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out
}

func (s letters) Blocked(ctx context.Context, consumer string, shard event.ShardKey) ([]string, error) {
	var out []string
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query((*letterRow)(nil)).Distinct().Column("aggregate").
		Where("consumer = ? AND topic = ? AND shard = ? AND blocks", consumer, shard.Topic, shard.Shard), &out)
	return out, err
}

func (s letters) List(ctx context.Context, q event.LetterQuery, p page.Request) (page.Page[event.Letter], error) {
	order := keyset{list: "event.letter", columns: []string{"consumer", "topic", "shard", "seq"}}
	var rows []letterRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	for _, f := range []struct{ column, value string }{{"consumer", q.Consumer}, {"topic", q.Topic}, {"aggregate", q.Aggregate}} {
		if f.value != "" {
			sel.Where("? = ?", bun.Ident(f.column), f.value)
		}
	}
	if q.DeadOnly {
		sel.Where("dead")
	}
	size, err := order.apply(sel, p, func(key []string) ([]any, error) {
		shard, err := parseInt(key[2])
		seq, err2 := parseInt(key[3])
		return []any{key[0], key[1], shard, seq}, cmp.Or(err, err2)
	})
	if err != nil {
		return page.Page[event.Letter]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[event.Letter]{}, err
	}
	return pageOf(order, rows, size, letterRow.value, func(r letterRow) []string {
		return []string{r.Consumer, r.Topic, strconv.Itoa(r.Shard), strconv.FormatInt(r.Seq, 10)}
	}), nil
}
