package outbox

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
)

// Publisher appends messages to the log. Get one by [Outbox.Publisher].
type Publisher struct {
	outbox *Outbox
	closed atomic.Bool
}

var _ message.Publisher = (*Publisher)(nil)

// Publisher returns a publisher to the log.
func (o *Outbox) Publisher() *Publisher { return &Publisher{outbox: o} }

// Publish appends messages to a topic. They join the unit in their context
// and are published if it commits; without one they are published when
// Publish returns, all that share a context or none of them. A message id that
// the topic knows is dropped; a message without an id is given one. Kinds:
// Invalid as by event.Record.Validate; FailedPrecondition after Close; and
// those of the unit.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if p.closed.Load() {
		return fault.New(fault.FailedPrecondition, "outbox.closed", "the publisher is closed")
	}
	o := p.outbox
	now := o.cfg.Clock.Now()
	for len(messages) > 0 {
		ctx := messages[0].Context()
		var records []event.Record
		for first := true; len(messages) > 0 && (first || same(messages[0].Context(), ctx)); first = false {
			id := messages[0].UUID
			if id == "" {
				id = o.cfg.IDs.New()
			}
			records = append(records, toRecord(topic, id, messages[0], now))
			messages = messages[1:]
		}
		err := o.cfg.Units.Do(ctx, func(ctx context.Context) error {
			return o.cfg.Events.Append(ctx, records...)
		})
		if err != nil {
			return err
		}
	}
	o.kick()
	return nil
}

// same compares contexts, of which a host may have types that cannot be.
func same(a, b context.Context) bool {
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// Close makes further calls of Publish fail.
func (p *Publisher) Close() error {
	p.closed.Store(true)
	return nil
}
