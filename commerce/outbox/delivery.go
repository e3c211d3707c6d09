package outbox

import (
	"context"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
)

// Delivery says where in the log a message stands and who reads it.
type Delivery struct {
	Consumer string
	Topic    string
	Shard    int
	Position int64
	// Fence is that of the reader's lease on the shard.
	Fence int64
	// Try counts the deliveries of the record to the consumer, from 1, as far
	// as this owner of the shard knows.
	Try int
}

type deliveryKey struct{}

// DeliveryOf returns the delivery that a message's context carries.
func DeliveryOf(ctx context.Context) (Delivery, bool) {
	d, ok := ctx.Value(deliveryKey{}).(*delivery)
	if !ok {
		return Delivery{}, false
	}
	return d.Delivery, true
}

// Handler returns a watermill handler that runs fn in a unit and moves the
// consumer's cursor in the same unit: what fn writes to the stores happens
// exactly once, however often the message is delivered. The Ack that follows
// only releases the next message. It takes messages of a [Subscriber] of this
// package; for those of a broker see [Deduplicated].
func Handler(units uow.Manager, fn event.Reaction) message.NoPublishHandlerFunc {
	return func(msg *message.Message) error {
		ctx := msg.Context()
		d, ok := ctx.Value(deliveryKey{}).(*delivery)
		if !ok {
			return fault.New(fault.FailedPrecondition, "outbox.foreign", "the message carries no delivery of the log").
				With("message", msg.UUID)
		}
		return d.take(ctx, units, fn)
	}
}

// delivery is one message on its way to a consumer and back.
type delivery struct {
	Delivery
	record event.Record
	place  *place
	cursor event.Cursor
	letter bool // the record had been set aside

	retired <-chan struct{} // see worker

	mu      sync.Mutex
	settled bool  // its effect and the cursor are committed
	reason  error // of the last failure of Handler
}

const codeMoved = "outbox.moved"

// errMoved means that the cursor is not where the delivery left it: another
// owner took the shard, or a commit without answer had taken place.
func errMoved(d Delivery) error {
	return fault.New(fault.Conflict, codeMoved, "the delivery has been taken over or was settled before").
		With("consumer", d.Consumer).With("topic", d.Topic).With("shard", d.Shard).With("position", d.Position)
}

// take runs fn in a unit that settles the delivery too.
func (d *delivery) take(ctx context.Context, units uow.Manager, fn event.Reaction) error {
	err := units.Do(ctx, func(ctx context.Context) error {
		if err := fn(ctx, d.record); err != nil {
			return err
		}
		if d.place.local {
			return nil // moved by the Ack: it has no part in the unit
		}
		return d.settle(ctx)
	})
	d.note(err, err == nil && !d.place.local)
	return err
}

// settle takes the record off the consumer's list, if nobody else has.
func (d *delivery) settle(ctx context.Context) error {
	to := d.Position
	if d.letter {
		there, err := d.place.letters.Remove(ctx, d.Consumer, d.Topic, d.record.ID)
		if err != nil {
			return err
		}
		if !there {
			return errMoved(d.Delivery)
		}
		to = d.cursor.Position // stays; the fence is what counts
	}
	ok, err := d.place.cursors.Advance(ctx, d.cursor, to)
	if err != nil {
		return err
	}
	if !ok {
		return errMoved(d.Delivery)
	}
	return nil
}

func (d *delivery) note(err error, settled bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settled, d.reason = d.settled || settled, err
}

func (d *delivery) state() (settled bool, reason error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.settled, d.reason
}
