package event_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
)

type placed struct {
	Order string `json:"order"`
	Total int64  `json:"total"`
}

func (placed) EventName() string { return "order.placed.v1" }

type endless struct {
	Next *endless
}

func (endless) EventName() string { return "test.endless.v1" }

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

func TestNewAndDecode(t *testing.T) {
	t.Parallel()
	r, err := event.New("e-1", "order", "o-1", noon(), placed{Order: "o-1", Total: 250})
	require.NoError(t, err)
	require.NoError(t, r.Validate())
	require.JSONEq(t, `{"order":"o-1","total":250}`, string(r.Payload))
	var got placed
	require.NoError(t, event.Decode(r, &got))
	require.Equal(t, placed{Order: "o-1", Total: 250}, got)

	other := r
	other.Name = "order.placed.v2"
	require.ErrorIs(t, event.Decode(other, &got), fault.FailedPrecondition)
	r.Payload = []byte("{")
	require.ErrorIs(t, event.Decode(r, &got), fault.Internal)
	loop := &endless{}
	loop.Next = loop
	_, err = event.New("e-1", "test", "x", noon(), loop)
	require.ErrorIs(t, err, fault.Internal)
}

func TestValidateNamesEveryField(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", event.MaxName+1)
	err := event.Record{
		Topic: "a\x00b", Name: long, Aggregate: "\xff", Payload: make([]byte, event.MaxPayload+1),
		Headers: map[string]string{"bad": "\xff", "big": strings.Repeat("x", event.MaxPayload)},
	}.Validate()
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.True(t, errors.As(err, &f))
	got := map[string]string{}
	for _, field := range f.Fields {
		got[field.Path] = field.Code
	}
	require.Equal(t, map[string]string{
		"id": "required", "topic": "malformed", "name": "too_long", "aggregate": "malformed", "payload": "too_long",
		`headers."bad"`: "malformed", "headers": "too_long", "at": "required",
	}, got)
	require.NoError(t, event.Record{
		ID: strings.Repeat("x", event.MaxName), Topic: "t", Payload: make([]byte, event.MaxPayload), At: noon(),
	}.Validate())
}

// The shard of an aggregate is part of the stored form.
func TestShardNeverChanges(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]int{"": 5, "order": 7, "0192f0c1-0000-7000-8000-000000000001": 15, "店": 11} {
		require.Equal(t, want, event.Shard(key), key)
	}
	used := map[int]bool{}
	for i := range 1000 {
		used[event.Shard(fmt.Sprint(i))] = true
	}
	require.Len(t, used, event.Shards)
}

func TestShardKey(t *testing.T) {
	t.Parallel()
	a, b := event.ShardKey{Topic: "order", Shard: 2}, event.ShardKey{Topic: "order", Shard: 11}
	require.Negative(t, a.Compare(b))
	require.Positive(t, event.ShardKey{Topic: "stock"}.Compare(b))
	require.Zero(t, a.Compare(a))
	require.Equal(t, "event/order/11", b.Lease())
	require.Equal(t, "order", event.Record{Topic: "order"}.Key())
	require.Equal(t, b, event.Cursor{Topic: "order", Shard: 11, Position: 3}.Key())
}

func TestSignal(t *testing.T) {
	t.Parallel()
	var s event.Signal
	s.Send()
	one, two := 0, 0
	stop := s.Watch(func() { one++ })
	s.Watch(func() { two++ })
	s.Send()
	stop()
	stop()
	s.Send()
	require.Equal(t, []int{1, 2}, []int{one, two})
}

// A record carries a versioned name, and only what was written under that name
// is read back.
func ExampleNew() {
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	r, err := event.New("evt-1", "order", "A-1001", at, placed{Order: "A-1001", Total: 4250})
	fmt.Println(r.Topic, r.Aggregate, r.Name, string(r.Payload), err)
	var p placed
	fmt.Println(event.Decode(r, &p), p.Total)
	// Output:
	// order A-1001 order.placed.v1 {"order":"A-1001","total":4250} <nil>
	// <nil> 4250
}
