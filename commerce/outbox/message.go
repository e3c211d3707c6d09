package outbox

import (
	"bytes"
	"maps"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/soukhq/souk/commerce/event"
)

// The metadata of a message that stands for a field of its record.
const (
	// HeaderEvent is the versioned name of the payload ("order.placed.v1").
	HeaderEvent = "souk_event"
	// HeaderAggregate is what the message is about: messages of one aggregate
	// keep their order. A message without it is about its topic.
	HeaderAggregate = "souk_aggregate"
	// HeaderTime is when it happened, RFC 3339 with microseconds; set on
	// delivery.
	HeaderTime = "souk_time"
)

const headerTimeFormat = "2006-01-02T15:04:05.000000Z07:00"

func toRecord(topic, id string, msg *message.Message, at time.Time) event.Record {
	headers := map[string]string(maps.Clone(msg.Metadata))
	r := event.Record{
		ID: id, Topic: topic, Name: headers[HeaderEvent], Aggregate: headers[HeaderAggregate],
		Payload: bytes.Clone(msg.Payload), At: at,
	}
	delete(headers, HeaderEvent)
	delete(headers, HeaderAggregate)
	delete(headers, HeaderTime)
	if len(headers) > 0 {
		r.Headers = headers
	}
	return r
}

func toMessage(r event.Record) *message.Message {
	msg := message.NewMessage(r.ID, bytes.Clone(r.Payload))
	maps.Copy(msg.Metadata, r.Headers)
	if r.Name != "" {
		msg.Metadata[HeaderEvent] = r.Name
	}
	msg.Metadata[HeaderAggregate] = r.Key()
	msg.Metadata[HeaderTime] = r.At.UTC().Format(headerTimeFormat)
	return msg
}
