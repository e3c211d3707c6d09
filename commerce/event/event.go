package event

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"time"

	"github.com/soukhq/souk/commerce/fault"
)

// Shards is the number of shards of a topic. It is part of the stored form
// and never changes.
const Shards = 16

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
	// Aggregate is the object the event is about; it decides the shard.
	Aggregate string
	// Payload is at most 1 MiB.
	Payload []byte
	// Headers travel with the message; nil is allowed.
	Headers map[string]string
	// At is when it happened, by the clock of the service.
	At time.Time

	// Seq is the position in the shard, from 1, set by the log.
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
	// (topic, id) exists is dropped. Kinds: FailedPrecondition outside a
	// unit; Invalid for an empty id or topic or a payload over 1 MiB.
	Append(ctx context.Context, records ...Record) error
}
