package event_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
)

type placed struct {
	Order string `json:"order"`
	Total int64  `json:"total"`
}

func (placed) EventName() string { return "order.placed.v1" }

type endless struct{ Value float64 }

func (endless) EventName() string { return "test.endless.v1" }

func at() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

func TestNewAndDecode(t *testing.T) {
	t.Parallel()
	r, err := event.New("e-1", "order", "o-1", at(), placed{Order: "o-1", Total: 1299})
	require.NoError(t, err)
	require.Equal(t, event.Record{
		ID: "e-1", Topic: "order", Name: "order.placed.v1", Aggregate: "o-1",
		Payload: []byte(`{"order":"o-1","total":1299}`), At: at(),
	}, r)
	require.NoError(t, r.Validate())

	var back placed
	require.NoError(t, event.Decode(r, &back))
	require.Equal(t, placed{Order: "o-1", Total: 1299}, back)

	err = event.Decode(r, &endless{})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	r.Payload = []byte(`{"order":7}`)
	require.ErrorIs(t, event.Decode(r, &back), fault.Internal)
	_, err = event.New("e-1", "order", "o-1", at(), endless{Value: math.Inf(1)})
	require.ErrorIs(t, err, fault.Internal)
}

// A newer payload with more members is still read by an older program.
func TestDecodeReadsLaterForms(t *testing.T) {
	t.Parallel()
	r := event.Record{Name: "order.placed.v1", Payload: []byte(`{"order":"o-1","total":1,"later":true}`)}
	var back placed
	require.NoError(t, event.Decode(r, &back))
	require.Equal(t, "o-1", back.Order)
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := event.Record{ID: "e", Topic: "order", At: at()}
	require.NoError(t, good.Validate(), "an opaque message needs no name and no aggregate")
	for _, c := range []struct {
		change func(r *event.Record)
		want   string
	}{
		{func(r *event.Record) { r.ID = "" }, "id: required"},
		{func(r *event.Record) { r.Topic = "" }, "topic: required"},
		{func(r *event.Record) { r.ID = "a\x00" }, "id: malformed"},
		{func(r *event.Record) { r.Name = "\xff" }, "name: malformed"},
		{func(r *event.Record) { r.Aggregate = strings.Repeat("x", event.MaxName+1) }, "aggregate: too_long"},
		{func(r *event.Record) { r.Payload = make([]byte, event.MaxPayload+1) }, "payload: too_long"},
		{func(r *event.Record) { r.Headers = map[string]string{"a": "\xff"} }, `headers."a": malformed`},
		{func(r *event.Record) { r.Headers = map[string]string{"a": strings.Repeat("x", event.MaxPayload)} }, "headers: too_long"},
		{func(r *event.Record) { r.At = time.Time{} }, "at: required"},
	} {
		r := good
		c.change(&r)
		err := r.Validate()
		require.ErrorIs(t, err, fault.Invalid)
		require.Equal(t, "event.record: the record does not fit the log ("+c.want+")", err.Error())
	}
	require.ErrorContains(t, event.Record{}.Validate(), "id: required, topic: required, at: required")
}

// The shards of stored records must never move.
func TestShardIsForEver(t *testing.T) {
	t.Parallel()
	require.Equal(t, 16, event.Shards)
	for aggregate, want := range map[string]int{"": 5, "o-1": 8, "order": 7, "订单": 0} {
		require.Equal(t, want, event.Shard(aggregate), aggregate)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := event.Shard(rapid.String().Draw(t, "aggregate"))
		require.True(t, s >= 0 && s < event.Shards)
	})
	counts := make([]int, event.Shards)
	for i := range 16_000 {
		counts[event.Shard(fmt.Sprintf("0190f5d2-7000-%08d", i))]++
	}
	for shard, n := range counts {
		require.InDelta(t, 1000, n, 400, "shard %d is not fed evenly", shard)
	}
}

func TestKeyAndLease(t *testing.T) {
	t.Parallel()
	require.Equal(t, "o-1", event.Record{Topic: "order", Aggregate: "o-1"}.Key())
	require.Equal(t, "order", event.Record{Topic: "order"}.Key())
	require.Equal(t, "event/order/7", event.ShardKey{Topic: "order", Shard: 7}.Lease())
	require.Equal(t, event.ShardKey{Topic: "order", Shard: 7}, event.Cursor{Topic: "order", Shard: 7}.Key())
}

// appender shows what a service hands to the log.
type appender struct{}

func (appender) Append(_ context.Context, records ...event.Record) error {
	for _, r := range records {
		if err := r.Validate(); err != nil {
			return err
		}
		fmt.Println(r.Topic, r.Name, r.Aggregate, string(r.Payload))
	}
	return nil
}

func Example() {
	var log event.Appender = appender{}
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

	// In a service this stands inside uow.Manager.Do, beside the write that
	// makes the event true; id and time were minted before it.
	rec, err := event.New("e-1", "order", "o-1", now, placed{Order: "o-1", Total: 1299})
	if err == nil {
		err = log.Append(context.Background(), rec)
	}
	var back placed
	fmt.Println(err, event.Decode(rec, &back), back.Total)
	// Output:
	// order order.placed.v1 o-1 {"order":"o-1","total":1299}
	// <nil> <nil> 1299
}
