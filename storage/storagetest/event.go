package storagetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/storage"
)

func eventCases() []Case {
	return []Case{
		{Name: "appending needs a unit and a valid record", Run: eventRefused, Apart: true},
		{Name: "rows and events of a unit commit and roll back together", Run: eventAtomic, Apart: true},
		{Name: "a known id is dropped and leaves the unit usable", Run: eventDuplicate, Apart: true},
		{Name: "pending shards come in their order", Run: eventPending, Apart: true},
		{Name: "positions follow the order of insertion without gaps", Run: eventSequence, Apart: true},
		{Name: "a record comes back as it was appended", Run: eventRoundTrip, Apart: true},
		{Name: "an older fence gives no positions", Run: eventFence, Apart: true},
		{Name: "of N owners at once no position is given twice", Run: eventOwners, Apart: true},
		{Name: "events of one aggregate keep the order of its versions", Run: eventVersions, Apart: true},
		{Name: "purging stops at every bound and keeps the head", Run: eventPurge, Apart: true},
	}
}

// freshTopic returns a topic and one of its shards that nobody else uses.
func freshTopic() (topic, aggregate string, shard event.ShardKey) {
	topic = "topic-" + newID()
	return topic, topic, event.ShardKey{Topic: topic, Shard: event.Shard(topic)}
}

func newRecord(topic, aggregate string) event.Record {
	return event.Record{
		ID: newID(), Topic: topic, Name: "test.happened.v1", Aggregate: aggregate, Payload: []byte(`{"n":1}`), At: noon(),
	}
}

func appendEvents(t T, s storage.Stores, records ...event.Record) {
	t.Helper()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		return s.Events.Append(ctx, records...)
	}))
}

func readIDs(t T, s storage.Stores, shard event.ShardKey) []string {
	t.Helper()
	rows, err := s.Events.Read(t.Context(), shard, 0, 10_000)
	require.NoError(t, err)
	ids := make([]string, len(rows))
	for i, r := range rows {
		require.EqualValues(t, i+1, r.Seq, "positions have no gaps")
		ids[i] = r.ID
	}
	return ids
}

func sequenceAll(t T, s storage.Stores, shard event.ShardKey) {
	t.Helper()
	_, err := s.Events.Sequence(t.Context(), shard, 1, 10_000)
	require.NoError(t, err)
}

func eventRefused(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	require.ErrorIs(t, s.Events.Append(t.Context(), newRecord(topic, key)), fault.FailedPrecondition)

	bad := event.Record{ID: "", Topic: "\xff", Payload: make([]byte, event.MaxPayload+1)}
	good := newRecord(topic, key)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		err := s.Events.Append(ctx, newRecord(topic, key), bad)
		require.ErrorIs(t, err, fault.Invalid)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Len(t, f.Fields, 4, "every wrong field is named: id, topic, payload, at")
		return s.Events.Append(ctx, good)
	}))
	sequenceAll(t, s, shard)
	require.Equal(t, []string{good.ID}, readIDs(t, s, shard), "a refused call buffers nothing")
}

func eventAtomic(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	m := newMerchant()
	err := s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Merchants.Insert(ctx, &m))
		require.NoError(t, s.Events.Append(ctx, newRecord(topic, key)))
		return errBoom
	})
	require.ErrorIs(t, err, errBoom)
	_, err = s.Merchants.Get(t.Context(), m.ID)
	require.ErrorIs(t, err, fault.NotFound)
	pending, err := s.Events.Pending(t.Context(), topic)
	require.NoError(t, err)
	require.Empty(t, pending, "no event of a unit that was rolled back")

	r := newRecord(topic, key)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Events.Append(ctx, r))
		pending, err := s.Events.Pending(t.Context(), topic)
		require.NoError(t, err)
		require.Empty(t, pending, "nobody sees an event before the commit")
		return s.Merchants.Insert(ctx, &m)
	}))
	pending, err = s.Events.Pending(t.Context(), topic)
	require.NoError(t, err)
	require.Equal(t, []event.ShardKey{shard}, pending)
	all, err := s.Events.Pending(t.Context())
	require.NoError(t, err)
	require.Contains(t, all, shard)
	sequenceAll(t, s, shard)
	require.Equal(t, []string{r.ID}, readIDs(t, s, shard))
	pending, err = s.Events.Pending(t.Context(), topic)
	require.NoError(t, err)
	require.Empty(t, pending)
}

func eventPending(t T, s storage.Stores) {
	topics := []string{"topic-" + newID(), "topic-" + newID()}
	var want []event.ShardKey
	for _, topic := range topics {
		shards := map[int]bool{}
		for len(shards) < 3 {
			r := newRecord(topic, newID())
			appendEvents(t, s, r)
			shards[event.Shard(r.Aggregate)] = true
		}
		for _, n := range slices.Sorted(maps.Keys(shards)) {
			want = append(want, event.ShardKey{Topic: topic, Shard: n})
		}
	}
	slices.SortFunc(want, event.ShardKey.Compare)
	got, err := s.Events.Pending(t.Context(), topics[1], topics[0])
	require.NoError(t, err)
	require.Equal(t, want, got, "by topic and shard")
}

func eventDuplicate(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	first := newRecord(topic, key)
	appendEvents(t, s, first)
	again, other := first, newRecord(topic, key)
	again.Payload = []byte("other")
	elsewhere := first
	elsewhere.Topic += "-2"
	m := newMerchant()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Events.Append(ctx, again, other, other, elsewhere))
		return s.Merchants.Insert(ctx, &m)
	}))
	sequenceAll(t, s, shard)
	require.Equal(t, []string{first.ID, other.ID}, readIDs(t, s, shard))
	rows, err := s.Events.Read(t.Context(), shard, 0, 1)
	require.NoError(t, err)
	require.Equal(t, first.Payload, rows[0].Payload)
	shard.Topic = elsewhere.Topic
	sequenceAll(t, s, shard)
	require.Equal(t, []string{first.ID}, readIDs(t, s, shard), "an id is unique within its topic only")
	_, err = s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
}

func eventSequence(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	var want []string
	for range 3 {
		a, b := newRecord(topic, key), newRecord(topic, key)
		appendEvents(t, s, a, b)
		want = append(want, a.ID, b.ID)
	}
	for _, given := range []int{4, 2, 0} {
		n, err := s.Events.Sequence(t.Context(), shard, 5, 4)
		require.NoError(t, err)
		require.Equal(t, given, n)
	}
	require.Equal(t, want, readIDs(t, s, shard))
	rows, err := s.Events.Read(t.Context(), shard, 2, 3)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	require.Equal(t, want[2], rows[0].ID)
	heads, err := s.Events.Heads(t.Context(), topic)
	require.NoError(t, err)
	require.Equal(t, map[event.ShardKey]int64{shard: 6}, heads)
	all, err := s.Events.Heads(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 6, all[shard])
	rows, err = s.Events.Read(t.Context(), event.ShardKey{Topic: topic, Shard: (shard.Shard + 1) % event.Shards}, 0, 10)
	require.NoError(t, err)
	require.Empty(t, rows)
}

func eventRoundTrip(t T, s storage.Stores) {
	topic, _, shard := freshTopic()
	full := newRecord(topic, "Ström's \"50%\" 店 \\ $1 ?")
	full.Payload = []byte{0, 1, '\'', '\\', 0xff, '?'}
	full.Headers = map[string]string{"trace": "é'\"\\?", "": "empty name", "empty": ""}
	bare := event.Record{ID: newID(), Topic: topic, At: noon()}
	appendEvents(t, s, full, bare)
	full.Headers["late"] = "a change of the caller's map"

	at := event.ShardKey{Topic: topic, Shard: event.Shard(full.Aggregate)}
	sequenceAll(t, s, at)
	sequenceAll(t, s, shard)
	delete(full.Headers, "late")
	find := func(shard event.ShardKey, id string) event.Record {
		rows, err := s.Events.Read(t.Context(), shard, 0, 10)
		require.NoError(t, err)
		i := slices.IndexFunc(rows, func(r event.Record) bool { return r.ID == id })
		require.GreaterOrEqual(t, i, 0)
		r := rows[i]
		r.Seq = 0
		return r
	}
	require.Equal(t, full, find(at, full.ID))
	got := find(at, full.ID)
	got.Payload[0], got.Headers["trace"] = 9, "changed"
	require.Equal(t, full, find(at, full.ID), "what was read is a copy")

	stored := find(shard, bare.ID)
	require.Equal(t, topic, stored.Aggregate, "a record without an aggregate is about its topic")
	require.Empty(t, stored.Payload)
	require.Nil(t, stored.Headers)
	require.Equal(t, bare.At, stored.At)
}

func eventFence(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	appendEvents(t, s, newRecord(topic, key))
	_, err := s.Events.Sequence(t.Context(), shard, 7, 10)
	require.NoError(t, err)
	appendEvents(t, s, newRecord(topic, key))
	_, err = s.Events.Sequence(t.Context(), shard, 6, 10)
	require.ErrorIs(t, err, fault.Conflict)
	require.Len(t, readIDs(t, s, shard), 1)
	n, err := s.Events.Sequence(t.Context(), shard, 7, 10)
	require.NoError(t, err, "the owner goes on under the same fence")
	require.Equal(t, 1, n)
}

func eventOwners(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	const writers, each = 8, 10
	errs := together(t.Context(), 2*writers, func(ctx context.Context, i int) error {
		for range each {
			if i >= writers {
				if _, err := s.Events.Sequence(ctx, shard, 3, 4); err != nil {
					return err
				}
				continue
			}
			err := s.Units.Do(ctx, func(ctx context.Context) error { return s.Events.Append(ctx, newRecord(topic, key)) })
			if err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	_, err := s.Events.Sequence(t.Context(), shard, 3, writers*each)
	require.NoError(t, err)
	ids := readIDs(t, s, shard)
	require.Len(t, ids, writers*each)
	slices.Sort(ids)
	require.Len(t, slices.Compact(ids), writers*each)
}

func eventVersions(t T, s storage.Stores) {
	topic := "topic-" + newID()
	m := newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &m))
	shard := event.ShardKey{Topic: topic, Shard: event.Shard(string(m.ID))}
	const writers = 8
	errs := together(t.Context(), writers, func(ctx context.Context, _ int) error {
		for {
			err := s.Units.Do(ctx, func(ctx context.Context) error {
				mine, err := s.Merchants.Get(ctx, m.ID)
				if err != nil {
					return err
				}
				// Appended before the write that decides the race, on purpose.
				r := newRecord(topic, string(m.ID))
				r.Payload = []byte(strconv.FormatInt(mine.Version+1, 10))
				if err := s.Events.Append(ctx, r); err != nil {
					return err
				}
				return s.Merchants.Update(ctx, &mine)
			})
			if _, serr := s.Events.Sequence(ctx, shard, 1, 2); serr != nil {
				return serr
			}
			if !errors.Is(err, fault.Conflict) {
				return err
			}
		}
	})
	require.NoError(t, errors.Join(errs...))
	sequenceAll(t, s, shard)
	rows, err := s.Events.Read(t.Context(), shard, 0, 100)
	require.NoError(t, err)
	require.Len(t, rows, writers)
	for i, r := range rows {
		require.Equal(t, strconv.Itoa(i+2), string(r.Payload))
	}
}

func eventPurge(t T, s storage.Stores) {
	topic, key, shard := freshTopic()
	for i := range 6 {
		r := newRecord(topic, key)
		r.At = noon().Add(time.Duration(i) * time.Hour)
		appendEvents(t, s, r)
	}
	sequenceAll(t, s, shard)
	purge := func(upTo int64, hours float64, limit int) int {
		n, err := s.Events.Purge(t.Context(), shard, upTo, noon().Add(time.Duration(hours*float64(time.Hour))), limit)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, 2, purge(2, 99, 100), "upTo bounds")
	require.Equal(t, 1, purge(99, 2.5, 100), "the time bounds")
	require.Equal(t, 0, purge(99, 3, 100), "the time is exclusive")
	require.Equal(t, 1, purge(99, 99, 1), "the limit bounds")
	require.Equal(t, 2, purge(99, 99, 100))
	appendEvents(t, s, newRecord(topic, key))
	sequenceAll(t, s, shard)
	heads, err := s.Events.Heads(t.Context(), topic)
	require.NoError(t, err)
	require.EqualValues(t, 7, heads[shard], "numbers are never given again")
	rows, err := s.Events.Read(t.Context(), shard, 0, 10)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.EqualValues(t, 7, rows[0].Seq)

	appendEvents(t, s, newRecord(topic, key))
	require.Equal(t, 1, purge(99, 99, 100))
	pending, err := s.Events.Pending(t.Context(), topic)
	require.NoError(t, err)
	require.Len(t, pending, 1, "a record without a position is not purged")
}
