package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
)

type letters struct{ rows *table[string, event.Letter] }

func newLetters(db *DB) letters {
	return letters{newTable(db, spec[string, event.Letter]{
		name: "event_letter",
		key:  func(l *event.Letter) string { return letterID(l.Consumer, l.Record.Topic, l.Record.ID) },
		clone: func(l event.Letter) event.Letter {
			l.Record = cloneRecord(l.Record)
			return l
		},
		ordered: map[string]func(*event.Letter) string{
			"order": func(l *event.Letter) string {
				shard := int64(event.Shard(l.Record.Key()))
				return sortKey(l.Consumer, l.Record.Topic, shard, l.Record.Seq, l.Record.ID)
			},
		},
	})}
}

func letterID(consumer, topic, id string) string {
	return strconv.Itoa(len(consumer)) + "," + strconv.Itoa(len(topic)) + "," + consumer + topic + id
}

func (s letters) Put(ctx context.Context, l event.Letter) error {
	l.Record = cloneRecord(l.Record)
	l.Record.Aggregate = l.Record.Key()
	return s.rows.upsert(ctx, letterID(l.Consumer, l.Record.Topic, l.Record.ID), func(row *event.Letter, _ bool) error {
		*row = l
		return nil
	})
}

func (s letters) Remove(ctx context.Context, consumer, topic, id string) (bool, error) {
	return s.rows.remove(ctx, letterID(consumer, topic, id))
}

func (s letters) Revive(ctx context.Context, consumer, topic, id string, at time.Time) (bool, error) {
	alive := fault.New(fault.FailedPrecondition, "event.letter", "the letter is not dead")
	err := s.rows.mutate(ctx, letterID(consumer, topic, id), func(l *event.Letter) error {
		if !l.Dead {
			return alive
		}
		l.Dead, l.Tries, l.NextAt = false, 0, at
		return nil
	})
	if kind := fault.KindOf(err); kind == fault.FailedPrecondition || kind == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

func (s letters) Due(ctx context.Context, consumer, topic string, shards []int, now time.Time, limit int) ([]event.Letter, error) {
	var out []event.Letter
	for _, shard := range shards {
		blocked := map[string]bool{}
		due, err := s.rows.scan(ctx, scan[event.Letter]{
			index: "order", prefix: sortKey(consumer, topic, int64(shard)), limit: limit,
			match: func(l *event.Letter) bool {
				behind := blocked[l.Record.Aggregate]
				blocked[l.Record.Aggregate] = behind || l.Blocks
				return !behind && !l.Dead && !l.NextAt.After(now)
			},
		})
		if err != nil {
			return nil, err
		}
		out = append(out, due...)
	}
	slices.SortStableFunc(out, func(a, b event.Letter) int { return cmp.Compare(a.Record.Seq, b.Record.Seq) })
	return out[:min(limit, len(out))], nil
}

func (s letters) Blocked(ctx context.Context, consumer string, shard event.ShardKey) ([]string, error) {
	found := map[string]bool{}
	_, err := s.rows.scan(ctx, scan[event.Letter]{
		index: "order", prefix: sortKey(consumer, shard.Topic, int64(shard.Shard)),
		match: func(l *event.Letter) bool {
			if l.Blocks {
				found[l.Record.Aggregate] = true
			}
			return false
		},
	})
	return slices.Collect(maps.Keys(found)), err
}

func (s letters) List(ctx context.Context, q event.LetterQuery, p page.Request) (page.Page[event.Letter], error) {
	return s.rows.page(ctx, "event.letter", p, scan[event.Letter]{index: "order", match: func(l *event.Letter) bool {
		return (q.Consumer == "" || q.Consumer == l.Consumer) && (q.Topic == "" || q.Topic == l.Record.Topic) &&
			(q.Aggregate == "" || q.Aggregate == l.Record.Aggregate) && (!q.DeadOnly || l.Dead)
	}})
}

func (s letters) forget(ctx context.Context, consumer string) error {
	rows, err := s.rows.scan(ctx, scan[event.Letter]{index: "order", prefix: sortKey(consumer)})
	if err != nil {
		return err
	}
	for _, l := range rows {
		if _, err := s.rows.remove(ctx, letterID(consumer, l.Record.Topic, l.Record.ID)); err != nil {
			return err
		}
	}
	return nil
}
