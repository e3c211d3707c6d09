package outbox

import (
	"context"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/soukhq/souk/commerce/fault"
)

// Subscriber delivers the log to one consumer through watermill. Get one by
// [Outbox.Subscriber].
//
// A shard has one message on its way at a time; shards are independent. An
// Ack moves the cursor, so that a bare reader of the channel sees a message at
// least once; [Handler] makes that exactly once. A Nack is a failure under the
// consumer's retry policy.
type Subscriber struct {
	c *consumer

	mu     sync.Mutex
	closed bool
	stop   []context.CancelFunc
	wg     sync.WaitGroup
}

var (
	_ message.Subscriber           = (*Subscriber)(nil)
	_ message.SubscribeInitializer = (*Subscriber)(nil)
)

// Subscriber returns a subscriber that reads as the given consumer; its
// Topics and React have no meaning here. Invalid where c cannot be.
func (o *Outbox) Subscriber(c Consumer) (*Subscriber, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return &Subscriber{c: o.consumer(c)}, nil
}

// Subscribe reads a topic until ctx ends or the subscriber is closed; then the
// channel is closed. The messages' contexts descend from ctx, end with the
// delivery and carry a [Delivery].
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if _, err := s.c.open(ctx, topic); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fault.New(fault.FailedPrecondition, "outbox.closed", "the subscriber is closed")
	}
	ctx, cancel := context.WithCancel(ctx)
	s.stop = append(s.stop, cancel)
	out := make(chan *message.Message)
	sub := newSubscription(s.c, topic, toChannel(out))
	s.wg.Go(func() {
		defer close(out)
		defer cancel()
		sub.run(ctx)
	})
	return out, nil
}

// SubscribeInitialize makes the consumer's cursors on a topic, so that it
// counts as a reader of what is published from now on.
func (s *Subscriber) SubscribeInitialize(topic string) error {
	_, err := s.c.open(context.Background(), topic)
	return err
}

// Close ends every subscription, gives their leases back and closes their
// channels. What is being handled may still commit; if it does not, the next
// owner of the shard delivers it again.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, stop := range s.stop {
		stop()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return nil
}

// toChannel delivers to readers of a channel.
func toChannel(out chan<- *message.Message) deliver {
	return func(ctx context.Context, d *delivery) outcome {
		ctx, cancel := context.WithCancel(context.WithValue(ctx, deliveryKey{}, d))
		defer cancel()
		msg := toMessage(d.record)
		msg.SetContext(ctx)
		select {
		case out <- msg:
		case <-d.retired:
			return abandoned
		case <-ctx.Done():
			return abandoned
		}
		select {
		case <-msg.Acked():
			return acked
		case <-msg.Nacked():
			return nacked
		case <-ctx.Done():
		}
		select { // an Ack that came with the end counts
		case <-msg.Acked():
			return acked
		default:
			return abandoned
		}
	}
}
