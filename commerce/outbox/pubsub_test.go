package outbox_test

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/storage"
)

// TestPubSub is watermill's own suite. Every publisher and subscriber in it is
// a node of its own, over one store.
func TestPubSub(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		group := func(t *testing.T, name string) (message.Publisher, message.Subscriber) {
			t.Helper()
			return pubSub(t, s, outbox.Consumer{Name: name})
		}
		tests.TestPubSub(t, tests.Features{
			ConsumerGroups:                      true,
			ExactlyOnceDelivery:                 false,
			GuaranteedOrder:                     true,
			GuaranteedOrderWithSingleSubscriber: false,
			Persistent:                          true,
			RequireSingleInstance:               false,
			ForceShort:                          false,
		}, func(t *testing.T) (message.Publisher, message.Subscriber) {
			t.Helper()
			return group(t, "all")
		}, group)
	})
}

func TestPubSubPerNode(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		tests.TestPubSub(t, tests.Features{
			ConsumerGroups:                   false,
			GuaranteedOrder:                  false,
			Persistent:                       true,
			NewSubscriberReceivesOldMessages: true,
		}, func(t *testing.T) (message.Publisher, message.Subscriber) {
			t.Helper()
			return pubSub(t, s, outbox.Consumer{Name: "node", PerNode: true})
		}, nil)
	})
}

// pubSub delivers again at once and for ever, as the suite expects.
func pubSub(t *testing.T, s storage.Stores, c outbox.Consumer) (message.Publisher, message.Subscriber) {
	t.Helper()
	o := newNode(t, s)
	c.Retry = &outbox.Retry{}
	sub, err := o.Subscriber(c)
	require.NoError(t, err)
	return o.Publisher(), sub
}
