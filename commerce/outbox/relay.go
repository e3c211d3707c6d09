package outbox

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/uow"
)

// Relay returns the reaction of a bridge: it publishes every record to
// another system. The cursor moves after the broker has confirmed, so that a
// message is relayed at least once, in the order of its aggregate, under the
// id it has here. Use it in a Consumer with Outside. Topic maps a topic to the
// broker's; nil keeps it.
func Relay(broker message.Publisher, topic func(string) string) event.Reaction {
	return func(ctx context.Context, r event.Record) error {
		to := r.Topic
		if topic != nil {
			to = topic(to)
		}
		msg := toMessage(r)
		msg.SetContext(ctx)
		return broker.Publish(to, msg)
	}
}

// Deduplicated returns a watermill handler for messages of a foreign broker:
// fn runs in a unit that notes the message's id for the consumer, and a
// message that was noted before is skipped. The message is acknowledged after
// the commit.
func Deduplicated(
	units uow.Manager, inbox uow.Inbox, c clock.Clock, consumer string,
	fn func(ctx context.Context, msg *message.Message) error,
) message.NoPublishHandlerFunc {
	return func(msg *message.Message) error {
		now := c.Now()
		return units.Do(msg.Context(), func(ctx context.Context) error {
			fresh, err := inbox.Accept(ctx, consumer, msg.UUID, now)
			if err != nil || !fresh {
				return err
			}
			return fn(ctx, msg)
		})
	}
}
