package event

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
)

// Shards is the number of shards of a topic. It is part of the stored form
// and never changes.
const Shards = 16

// What a record may hold at most, in bytes.
const (
	MaxName    = 255     // of an id, a topic, a name, an aggregate
	MaxPayload = 1 << 20 // of the payload, and of the headers together
)

// Payload is the content of an event: a struct with a JSON form.
type Payload interface {
	// EventName returns the versioned wire name, such as "order.placed.v1".
	EventName() string
}

// Record is one event in the log.
type Record struct {
	// ID is unique within the topic; the outbox publishes it as the message id.
	ID string
	// Topic is the stream of an aggregate type: "order".
	Topic string
	// Name is the versioned name of the payload; empty for an opaque message.
	Name string
	// Aggregate is the object the event is about; it decides the shard, and
	// records of one aggregate keep their order. Defaults to the topic.
	Aggregate string
	// Payload is at most MaxPayload bytes.
	Payload []byte
	// Headers travel with the message; nil is allowed.
	Headers map[string]string
	// At is when it happened, by the clock of the service.
	At time.Time

	// Seq is the position in the shard, from 1 and without gaps, set by the
	// log; 0 for a record that has none yet.
	Seq int64
}

// New returns a record of payload about an aggregate.
func New(id, topic, aggregate string, at time.Time, payload Payload) (Record, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return Record{}, fault.Wrap(err, fault.Internal, "event.payload", "the event has no JSON form").
			With("name", payload.EventName())
	}
	return Record{
		ID: id, Topic: topic, Name: payload.EventName(), Aggregate: aggregate, Payload: body, At: at,
	}, nil
}

// Decode reads the payload of r into out. FailedPrecondition where r carries
// another name, Internal where the stored payload does not fit.
func Decode(r Record, out Payload) error {
	if r.Name != out.EventName() {
		return fault.New(fault.FailedPrecondition, "event.name", "the record is another event").
			With("want", out.EventName()).With("have", r.Name)
	}
	if err := json.Unmarshal(r.Payload, out); err != nil {
		return fault.Wrap(err, fault.Internal, "event.payload", "the stored payload does not fit").With("name", r.Name)
	}
	return nil
}

// Validate reports, as one Invalid fault, everything that keeps r out of a
// log: every [Appender] calls it.
func (r Record) Validate() error {
	var v fault.Violations
	text := func(path, s string, required bool) {
		switch {
		case s == "" && required:
			v.Add(path, "required", nil)
		case len(s) > MaxName:
			v.Add(path, "too_long", fault.Params{"max": MaxName})
		case !storable(s):
			v.Add(path, "malformed", nil)
		}
	}
	text("id", r.ID, true)
	text("topic", r.Topic, true)
	text("name", r.Name, false)
	text("aggregate", r.Aggregate, false)
	if len(r.Payload) > MaxPayload {
		v.Add("payload", "too_long", fault.Params{"max": MaxPayload})
	}
	size := 0
	for name, value := range r.Headers {
		size += len(name) + len(value)
		if !storable(name) || !storable(value) {
			v.Add("headers."+strconv.Quote(name), "malformed", nil)
		}
	}
	if size > MaxPayload {
		v.Add("headers", "too_long", fault.Params{"max": MaxPayload})
	}
	if r.At.IsZero() {
		v.Add("at", "required", nil)
	}
	return v.Err("event.record", "the record does not fit the log")
}

// storable reports whether every backend keeps s as it is: PostgreSQL takes
// neither broken UTF-8 nor NUL in a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Key returns the aggregate of r, or its topic where it has none.
func (r Record) Key() string {
	if r.Aggregate == "" {
		return r.Topic
	}
	return r.Aggregate
}

// Shard returns the shard of an aggregate, 0 to [Shards]-1.
func Shard(aggregate string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(aggregate)) // a hash never fails
	return int(h.Sum32() % Shards)
}

// Appender appends to the log.
type Appender interface {
	// Append buffers records in the unit in ctx; they are written in one
	// statement before the commit, in the order of the calls. A record whose
	// (topic, id) exists is dropped. The payload is not copied: it belongs to
	// the log from the call on. Kinds: FailedPrecondition outside a unit;
	// Invalid as by [Record.Validate], with nothing buffered.
	Append(ctx context.Context, records ...Record) error
}

// Reaction takes one record to its effect. It is run again after an error,
// and may be run again after a success that a crash hid, unless the effect is
// written to the stores through ctx: that part happens exactly once. It keeps
// to the rules of the unit of work: no gateway, mail or broker call, no
// goroutine.
type Reaction func(ctx context.Context, r Record) error
