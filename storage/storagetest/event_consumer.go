package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/storage"
)

func consumerCases() []Case {
	return []Case{
		{Name: "cursors are opened once, at the start or at the head", Run: cursorOpen, Apart: true},
		{Name: "a cursor obeys its newest owner only", Run: cursorFence},
		{Name: "a cursor moves with its unit", Run: cursorUnit, Apart: true},
		{Name: "of N owners of one fence one moves the cursor", Run: cursorRace, Apart: true},
		{Name: "a letter comes back as it was put", Run: letterRoundTrip},
		{Name: "letters are due in the order of their aggregate", Run: letterDue, Apart: true},
		{Name: "a letter is put and removed with its unit", Run: letterUnit, Apart: true},
		{Name: "letters are listed in order and by page", Run: letterPages},
		{Name: "a forgotten consumer leaves nothing", Run: consumerForgotten},
	}
}

func cursorOpen(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	appendEvents(t, s, newRecord(topic, key), newRecord(topic, key))
	sequenceAll(t, s, shard)
	consumer := "c-" + newID()
	cursors, err := s.Cursors.Open(t.Context(), consumer, topic, false)
	require.NoError(t, err)
	require.Len(t, cursors, event.Shards)
	for i, c := range cursors {
		require.Equal(t, event.Cursor{Consumer: consumer, Topic: topic, Shard: i}, c)
	}
	ok, err := s.Cursors.Advance(t.Context(), cursors[shard.Shard], 1)
	require.NoError(t, err)
	require.True(t, ok)
	cursors, err = s.Cursors.Open(t.Context(), consumer, topic, true)
	require.NoError(t, err)
	require.EqualValues(t, 1, cursors[shard.Shard].Position, "opening again moves nothing")

	late, err := s.Cursors.Open(t.Context(), consumer+"-late", topic, true)
	require.NoError(t, err)
	require.EqualValues(t, 2, late[shard.Shard].Position)
	all, err := s.Cursors.All(t.Context(), topic)
	require.NoError(t, err)
	require.Equal(t, append(cursors, late...), all)
	every, err := s.Cursors.All(t.Context())
	require.NoError(t, err)
	require.Subset(t, every, all)

	errs := together(t.Context(), 8, func(ctx context.Context, _ int) error {
		got, err := s.Cursors.Open(ctx, consumer+"-race", topic, false)
		if err == nil && len(got) != event.Shards {
			err = fmt.Errorf("%d cursors", len(got))
		}
		return err
	})
	require.NoError(t, errors.Join(errs...))
}

func cursorFence(t T, s storage.Stores) {
	topic, _, shard := freshTopic()
	consumer := "c-" + newID()
	_, err := s.Cursors.Take(t.Context(), consumer, shard, 1)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Cursors.Open(t.Context(), consumer, topic, false)
	require.NoError(t, err)

	old, err := s.Cursors.Take(t.Context(), consumer, shard, 4)
	require.NoError(t, err)
	require.EqualValues(t, 4, old.Fence)
	advance := func(c event.Cursor, to int64) bool {
		ok, err := s.Cursors.Advance(t.Context(), c, to)
		require.NoError(t, err)
		return ok
	}
	require.True(t, advance(old, 3))
	require.False(t, advance(old, 4), "the position has moved since")
	old.Position = 3
	require.True(t, advance(old, 3), "staying is a way to ask whether one still owns it")

	cur, err := s.Cursors.Take(t.Context(), consumer, shard, 9)
	require.NoError(t, err)
	require.EqualValues(t, 3, cur.Position)
	require.False(t, advance(old, 4), "the old owner is refused")
	_, err = s.Cursors.Take(t.Context(), consumer, shard, 8)
	require.ErrorIs(t, err, fault.Conflict)
	again, err := s.Cursors.Take(t.Context(), consumer, shard, 9)
	require.NoError(t, err)
	require.Equal(t, cur, again)
	require.False(t, advance(event.Cursor{Consumer: "nobody", Topic: topic, Shard: shard.Shard}, 1))
}

func cursorUnit(t T, s storage.Stores) {
	topic, _, shard := freshTopic()
	consumer := "c-" + newID()
	cursors, err := s.Cursors.Open(t.Context(), consumer, topic, false)
	require.NoError(t, err)
	c := cursors[shard.Shard]
	m := newMerchant()
	err = s.Units.Do(t.Context(), func(ctx context.Context) error {
		ok, err := s.Cursors.Advance(ctx, c, 1)
		require.NoError(t, err)
		require.True(t, ok)
		return errBoom
	})
	require.ErrorIs(t, err, errBoom)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		stale := c
		stale.Position = 5
		ok, err := s.Cursors.Advance(ctx, stale, 6)
		require.NoError(t, err)
		require.False(t, ok)
		ok, err = s.Cursors.Advance(ctx, c, 2)
		require.NoError(t, err)
		require.True(t, ok, "neither a rollback nor a refusal moved it")
		return s.Merchants.Insert(ctx, &m)
	}))
	_, err = s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
}

func cursorRace(t T, s storage.Stores) {
	topic, _, shard := freshTopic()
	cursors, err := s.Cursors.Open(t.Context(), "c-"+newID(), topic, false)
	require.NoError(t, err)
	var mu sync.Mutex
	won := 0
	errs := together(t.Context(), 16, func(ctx context.Context, _ int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			ok, err := s.Cursors.Advance(ctx, cursors[shard.Shard], 1)
			mu.Lock()
			defer mu.Unlock()
			if ok {
				won++
			}
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 1, won)
}

func newLetter(consumer, topic, aggregate string, seq int64) event.Letter {
	r := newRecord(topic, aggregate)
	r.Seq = seq
	return event.Letter{
		Consumer: consumer, Record: r, Tries: 2, Reason: "it's \"broken\" 坏", NextAt: noon(), Blocks: true, At: noon(),
	}
}

func letterRoundTrip(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	l := newLetter("c-"+newID(), topic, key, 1)
	l.Record.Headers = map[string]string{"a": "b"}
	require.NoError(t, s.Letters.Put(t.Context(), l))
	one := func() event.Letter {
		p, err := s.Letters.List(t.Context(), event.LetterQuery{Consumer: l.Consumer}, page.Request{})
		require.NoError(t, err)
		require.Len(t, p.Items, 1)
		return p.Items[0]
	}
	require.Equal(t, l, one())
	l.Tries, l.Dead, l.Reason, l.Blocks, l.NextAt = 12, true, "", false, noon().Add(time.Minute)
	require.NoError(t, s.Letters.Put(t.Context(), l))
	require.Equal(t, l, one())

	blocked, err := s.Letters.Blocked(t.Context(), l.Consumer, shard)
	require.NoError(t, err)
	require.Empty(t, blocked)
	ok, err := s.Letters.Revive(t.Context(), l.Consumer, topic, l.Record.ID, noon().Add(time.Hour))
	require.NoError(t, err)
	require.True(t, ok)
	l.Dead, l.Tries, l.NextAt = false, 0, noon().Add(time.Hour)
	require.Equal(t, l, one())
	ok, err = s.Letters.Revive(t.Context(), l.Consumer, topic, l.Record.ID, noon())
	require.NoError(t, err)
	require.False(t, ok, "only the dead are revived")
	for _, want := range []bool{true, false} {
		ok, err = s.Letters.Remove(t.Context(), l.Consumer, topic, l.Record.ID)
		require.NoError(t, err)
		require.Equal(t, want, ok)
	}
	ok, err = s.Letters.Revive(t.Context(), l.Consumer, topic, l.Record.ID, noon())
	require.NoError(t, err)
	require.False(t, ok)
}

// sameShard returns n aggregates of one shard.
func sameShard(n int) (keys []string, shard int) {
	first := newID()
	keys = []string{first}
	for len(keys) < n {
		if k := newID(); event.Shard(k) == event.Shard(first) {
			keys = append(keys, k)
		}
	}
	return keys, event.Shard(first)
}

func letterDue(t T, s storage.Stores) {
	topic, consumer := "topic-"+newID(), "c-"+newID()
	keys, shard := sameShard(4)
	put := func(key string, seq int64, change func(*event.Letter)) event.Letter {
		l := newLetter(consumer, topic, key, seq)
		if change != nil {
			change(&l)
		}
		require.NoError(t, s.Letters.Put(t.Context(), l))
		return l
	}
	dead := put(keys[0], 1, func(l *event.Letter) { l.Dead = true })
	behind := put(keys[0], 2, func(l *event.Letter) { l.Tries = 0 })
	later := put(keys[1], 3, func(l *event.Letter) { l.NextAt = noon().Add(time.Minute) })
	put(keys[2], 4, func(l *event.Letter) { l.Dead, l.Blocks = true, false })
	free := put(keys[2], 5, nil)
	now := put(keys[3], 6, nil)
	due := func(at time.Time, shards []int, limit int) []string {
		rows, err := s.Letters.Due(t.Context(), consumer, topic, shards, at, limit)
		require.NoError(t, err)
		ids := make([]string, len(rows))
		for i, l := range rows {
			ids[i] = l.Record.ID
		}
		return ids
	}
	ids := func(letters ...event.Letter) []string {
		out := make([]string, len(letters))
		for i, l := range letters {
			out[i] = l.Record.ID
		}
		return out
	}
	require.Equal(t, ids(free, now), due(noon(), []int{shard}, 10))
	require.Equal(t, ids(free), due(noon(), []int{shard}, 1))
	require.Empty(t, due(noon(), []int{(shard + 1) % event.Shards}, 10))
	require.Empty(t, due(noon(), nil, 10))
	require.Empty(t, due(noon().Add(-time.Microsecond), []int{shard}, 10))
	require.Equal(t, ids(later, free, now), due(noon().Add(time.Minute), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 10))

	blocked, err := s.Letters.Blocked(t.Context(), consumer, event.ShardKey{Topic: topic, Shard: shard})
	require.NoError(t, err)
	require.ElementsMatch(t, keys, blocked)

	_, err = s.Letters.Revive(t.Context(), consumer, topic, dead.Record.ID, noon())
	require.NoError(t, err)
	require.Equal(t, ids(dead, free, now), due(noon(), []int{shard}, 10))
	_, err = s.Letters.Remove(t.Context(), consumer, topic, dead.Record.ID)
	require.NoError(t, err)
	require.Equal(t, ids(behind, free, now), due(noon(), []int{shard}, 10), "it was its turn")
}

func letterUnit(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	l := newLetter("c-"+newID(), topic, key, 1)
	blocked := func() []string {
		keys, err := s.Letters.Blocked(t.Context(), l.Consumer, shard)
		require.NoError(t, err)
		return keys
	}
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Letters.Put(ctx, l))
		return errBoom
	}), errBoom)
	require.Empty(t, blocked())
	require.NoError(t, s.Letters.Put(t.Context(), l))
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		ok, err := s.Letters.Remove(ctx, l.Consumer, topic, l.Record.ID)
		require.NoError(t, err)
		require.True(t, ok)
		return errBoom
	}), errBoom)
	require.Equal(t, []string{key}, blocked())
}

func letterPages(t T, s storage.Stores) {
	topic, consumer := "topic-"+newID(), "c-"+newID()
	want := map[string]bool{}
	for i := range 7 {
		l := newLetter(consumer, topic, newID(), int64(i+1))
		l.Dead = i%2 == 0
		require.NoError(t, s.Letters.Put(t.Context(), l))
		want[l.Record.ID] = true
	}
	var all []event.Letter
	req := page.Request{Limit: 3}
	for {
		p, err := s.Letters.List(t.Context(), event.LetterQuery{Consumer: consumer, Topic: topic}, req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Items), 3)
		all = append(all, p.Items...)
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Len(t, all, 7)
	require.True(t, slices.IsSortedFunc(all, func(a, b event.Letter) int {
		if d := event.Shard(a.Record.Aggregate) - event.Shard(b.Record.Aggregate); d != 0 {
			return d
		}
		return int(a.Record.Seq - b.Record.Seq)
	}))
	for _, l := range all {
		require.True(t, want[l.Record.ID])
		delete(want, l.Record.ID)
	}
	p, err := s.Letters.List(t.Context(), event.LetterQuery{Topic: topic, DeadOnly: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 4)
	p, err = s.Letters.List(t.Context(), event.LetterQuery{Topic: topic, Aggregate: all[0].Record.Aggregate}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, all[:1], p.Items)
	_, err = s.Letters.List(t.Context(), event.LetterQuery{}, page.Request{After: page.Cursor(strings.Repeat("x", 9))})
	require.ErrorIs(t, err, fault.Invalid)
}

func consumerForgotten(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	gone, stays := "c-"+newID(), "c-"+newID()
	for _, c := range []string{gone, stays} {
		_, err := s.Cursors.Open(t.Context(), c, topic, false)
		require.NoError(t, err)
		require.NoError(t, s.Letters.Put(t.Context(), newLetter(c, topic, key, 1)))
	}
	require.NoError(t, s.Cursors.Forget(t.Context(), gone))
	all, err := s.Cursors.All(t.Context(), topic)
	require.NoError(t, err)
	require.Len(t, all, event.Shards)
	require.Equal(t, stays, all[0].Consumer)
	for consumer, want := range map[string]int{gone: 0, stays: 1} {
		blocked, err := s.Letters.Blocked(t.Context(), consumer, shard)
		require.NoError(t, err)
		require.Len(t, blocked, want)
	}
}
