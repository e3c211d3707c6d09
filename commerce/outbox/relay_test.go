package outbox_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const (
	stream  = "SHOP"
	durable = "erp"
)

// startNATS runs a server with JetStream; port -1 takes a free one.
func startNATS(t *testing.T, dir string, port int) *server.Server {
	t.Helper()
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true,
	})
	require.NoError(t, err)
	go srv.Start()
	require.True(t, srv.ReadyForConnections(10*time.Second))
	t.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	return srv
}

// provision makes the stream and the durable consumer by name: what a library
// makes by itself, it may also delete.
func provision(t *testing.T, url string) {
	t.Helper()
	conn, err := natsgo.Connect(url)
	require.NoError(t, err)
	defer conn.Close()
	js, err := conn.JetStream()
	require.NoError(t, err)
	_, err = js.AddStream(&natsgo.StreamConfig{
		Name: stream, Subjects: []string{"shop.>"}, Storage: natsgo.FileStorage, Replicas: 1,
		Retention: natsgo.LimitsPolicy, MaxAge: 24 * time.Hour, Duplicates: time.Minute,
	})
	require.NoError(t, err)
	_, err = js.AddConsumer(stream, &natsgo.ConsumerConfig{
		Durable: durable, DeliverSubject: "deliver." + durable, DeliverGroup: durable, FilterSubject: "shop.order",
		DeliverPolicy: natsgo.DeliverAllPolicy, AckPolicy: natsgo.AckExplicitPolicy, AckWait: 2 * time.Second, MaxAckPending: 1,
	})
	require.NoError(t, err)
}

func natsPublisher(t *testing.T, url string) *nats.Publisher {
	t.Helper()
	pub, err := nats.NewPublisher(nats.PublisherConfig{
		URL:         url,
		NatsOptions: []natsgo.Option{natsgo.MaxReconnects(-1), natsgo.ReconnectWait(20 * time.Millisecond), natsgo.ReconnectBufSize(-1)},
		JetStream: nats.JetStreamConfig{
			TrackMsgId: true, ConnectOptions: []natsgo.JSOpt{natsgo.MaxWait(time.Second)},
		},
	}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pub.Close()) })
	return pub
}

func natsSubscriber(t *testing.T, url string) *nats.Subscriber {
	t.Helper()
	sub, err := nats.NewSubscriber(nats.SubscriberConfig{
		URL: url, QueueGroupPrefix: durable, CloseTimeout: 5 * time.Second,
		JetStream: nats.JetStreamConfig{DurablePrefix: durable, SubscribeOptions: []natsgo.SubOpt{natsgo.Bind(stream, durable)}},
	}, nil)
	require.NoError(t, err)
	return sub
}

func bridge(pub message.Publisher) outbox.Consumer {
	return outbox.Consumer{
		Name: "bridge", Topics: []string{"order"}, Outside: true,
		React: outbox.Relay(pub, func(topic string) string { return "shop." + topic }),
		Retry: &outbox.Retry{Min: time.Second, Max: time.Minute}, // for as long as the broker is away
	}
}

// A bridge relays to JetStream what was committed, holds it back while the
// broker is away, and the other side has each effect once although messages
// come again.
func TestRelayToJetStream(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := startNATS(t, dir, -1)
	url := srv.ClientURL()
	addr, ok := srv.Addr().(*net.TCPAddr)
	require.True(t, ok)
	provision(t, url)
	s := memory.New().Stores()
	now := clock.NewManual(start())
	pub := natsPublisher(t, url)
	box := newNode(t, s, with(now, bridge(pub)))

	const aggregates, each = 5, 8
	publish := func(from, to int) {
		for n := from; n < to; n++ {
			for a := range aggregates {
				r := record("order", fmt.Sprintf("o-%d", a), fmt.Sprintf("o-%d/%d", a, n))
				r.Name, r.Headers = "order.moved.v1", map[string]string{"trace": "t"}
				appendAll(t, s, r)
			}
		}
	}
	publish(0, each/2)
	require.NoError(t, box.Drain(t.Context()))

	other := newEffects(aggregates * each)
	first := natsSubscriber(t, url)
	messages, err := first.Subscribe(t.Context(), "shop.order")
	require.NoError(t, err)
	var readers sync.WaitGroup
	read := func(messages <-chan *message.Message) {
		readers.Go(func() {
			for msg := range messages {
				if other.handle(msg) != nil {
					msg.Nack()
				} else {
					msg.Ack()
				}
			}
		})
	}
	read(messages)
	other.wait(t, aggregates*each/2)

	require.NoError(t, first.Close())
	srv.Shutdown()
	srv.WaitForShutdown()
	publish(each/2, each)
	require.Error(t, box.Drain(t.Context()), "without a confirmation nothing is marked")
	startNATS(t, dir, addr.Port)
	eventually(t, func() bool { // once the publisher is connected again
		now.Advance(time.Minute)
		if err := box.Drain(t.Context()); err != nil {
			return false
		}
		letters, err := box.Letters(t.Context(), event.LetterQuery{}, page.Request{})
		require.NoError(t, err)
		return len(letters.Items) == 0
	}, "what was set aside is relayed")

	second := natsSubscriber(t, url)
	messages, err = second.Subscribe(t.Context(), "shop.order")
	require.NoError(t, err)
	read(messages)
	other.wait(t, aggregates*each)

	// Relayed once more from the start, outside JetStream's own deduplication.
	again := bridge(prefixed{pub})
	again.Name = "bridge-2"
	require.NoError(t, newNode(t, s, with(now, again)).Drain(t.Context()))
	probe := record("order", "o-0", "probe")
	appendAll(t, s, probe)
	require.NoError(t, box.Drain(t.Context()))
	other.wait(t, aggregates*each+1)
	require.NoError(t, second.Close())
	readers.Wait()

	other.mu.Lock()
	defer other.mu.Unlock()
	next := map[string]int{}
	for _, text := range other.order {
		if text == "probe" {
			continue
		}
		aggregate, _, _ := strings.Cut(text, "/")
		require.Equal(t, fmt.Sprintf("%s/%d", aggregate, next[aggregate]), text, "each aggregate keeps its order")
		next[aggregate]++
	}
	require.Positive(t, other.repeated)
}

// prefixed publishes under another broker id, so that the broker takes a
// message for new.
type prefixed struct{ message.Publisher }

func (p prefixed) Publish(topic string, messages ...*message.Message) error {
	for _, msg := range messages {
		msg.Metadata["original"] = msg.UUID
		msg.UUID = "again-" + msg.UUID
	}
	return p.Publisher.Publish(topic, messages...)
}

// effects is the other system: stores of its own, and an inbox. What it lists has
// been committed: closing a subscriber ends the units of its messages.
type effects struct {
	storage.Stores
	apply    message.NoPublishHandlerFunc
	mu       sync.Mutex
	order    []string
	repeated int
	changed  chan struct{}
}

func newEffects(size int) *effects {
	e := &effects{Stores: memory.New().Stores(), changed: make(chan struct{}, 4*size)}
	e.apply = outbox.Deduplicated(e.Units, e.Inbox, clock.NewManual(start()), "erp", func(_ context.Context, msg *message.Message) error {
		if msg.Metadata[outbox.HeaderEvent] != "order.moved.v1" && string(msg.Payload) != "probe" {
			return errRefused
		}
		msg.Metadata["fresh"] = "yes"
		return nil
	})
	return e
}

func (e *effects) handle(msg *message.Message) error {
	if id := msg.Metadata["original"]; id != "" {
		msg.UUID = id
		e.mu.Lock()
		e.repeated++
		e.mu.Unlock()
	}
	if err := e.apply(msg); err != nil || msg.Metadata["fresh"] == "" {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.order = append(e.order, string(msg.Payload))
	e.changed <- struct{}{}
	return nil
}

// wait returns once exactly n effects took place.
func (e *effects) wait(t *testing.T, n int) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for {
		e.mu.Lock()
		have := len(e.order)
		e.mu.Unlock()
		require.LessOrEqual(t, have, n)
		if have == n {
			return
		}
		select {
		case <-e.changed:
		case <-deadline.C:
			t.Fatalf("%d of %d effects within half a minute", have, n)
		}
	}
}
