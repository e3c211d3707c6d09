package event

import (
	"cmp"
	"context"
	"strconv"
	"time"
)

// ShardKey names one shard of a topic.
type ShardKey struct {
	Topic string
	Shard int
}

// Lease returns the name of the lease of the shard's owner, who gives
// positions to its records.
func (k ShardKey) Lease() string { return "event/" + k.Topic + "/" + strconv.Itoa(k.Shard) }

// Compare orders shards by topic and number.
func (k ShardKey) Compare(o ShardKey) int {
	return cmp.Or(cmp.Compare(k.Topic, o.Topic), cmp.Compare(k.Shard, o.Shard))
}

// Log is the stored event log. A committed record has no position until the
// owner of its shard gives it one: positions follow the order of commit as
// far as anybody can have seen it, and an open transaction elsewhere delays
// nobody but its own records.
type Log interface {
	Appender
	// Sequence gives the next positions of a shard to at most limit committed
	// records that have none, in the order of insertion, and returns how
	// many. Fence is that of the shard's lease, see [ShardKey.Lease]:
	// Conflict where a higher one has been seen. It runs in a unit of its own
	// and is atomic: a caller that dies leaves all positions given or none.
	Sequence(ctx context.Context, shard ShardKey, fence int64, limit int) (int, error)
	// Pending returns the shards that hold committed records without a
	// position, by topic and shard: of the named topics, or of all.
	Pending(ctx context.Context, topics ...string) ([]ShardKey, error)
	// Heads returns the highest position ever given in each shard: of the
	// named topics, or of all. A shard that never held a record is left out;
	// purging changes nothing.
	Heads(ctx context.Context, topics ...string) (map[ShardKey]int64, error)
	// Read returns at most limit records with Seq > after, by Seq.
	Read(ctx context.Context, shard ShardKey, after int64, limit int) ([]Record, error)
	// Purge deletes at most limit records, oldest first, with Seq <= upTo
	// that happened before the given time, and returns how many. It is called
	// outside of units.
	Purge(ctx context.Context, shard ShardKey, upTo int64, before time.Time, limit int) (int, error)
}

// Watcher is an optional power of a [Log]: a hint that there may be something
// new, sooner than the next poll.
type Watcher interface {
	// Watch has wake called after a commit that appended records, and after
	// positions were given, as far as the backend learns of it; stop ends
	// that. Calls may be missing, superfluous and concurrent; wake never
	// blocks.
	Watch(wake func()) (stop func())
}

// Notifier is an optional power of a [Log]: it wakes those who [Watcher.Watch]
// on other nodes.
type Notifier interface {
	// Notify is called after positions were given, and where records wait
	// for an owner elsewhere; never inside a unit. Losing it is harmless.
	Notify(ctx context.Context) error
}

// Cursor is how far a consumer has come in one shard.
type Cursor struct {
	Consumer string
	Topic    string
	Shard    int
	Position int64 // the Seq of the last record that took effect or was set aside
	Fence    int64 // of the consumer's lease on the shard
}

// Key returns the shard that c moves in.
func (c Cursor) Key() ShardKey { return ShardKey{Topic: c.Topic, Shard: c.Shard} }

// Cursors keeps the places of the consumers.
type Cursors interface {
	// Open returns the consumer's cursors on a topic, one per shard in the
	// order of the shards, creating those that lack: at the beginning or,
	// with fromHead, behind the newest record.
	Open(ctx context.Context, consumer, topic string, fromHead bool) ([]Cursor, error)
	// Take writes the fence of a new owner to one cursor and returns it as it
	// stands; it waits for a unit that is moving it. Kinds: Conflict where a
	// higher fence took it; NotFound before Open.
	Take(ctx context.Context, consumer string, shard ShardKey, fence int64) (Cursor, error)
	// Advance moves a cursor from c.Position to position, which may be the
	// same. Ok is false, and nothing is written, where position or fence are
	// no longer c's. It joins the unit in ctx.
	Advance(ctx context.Context, c Cursor, position int64) (ok bool, err error)
	// All returns every cursor by consumer, topic and shard: of the named
	// topics, or of all.
	All(ctx context.Context, topics ...string) ([]Cursor, error)
	// Forget deletes a consumer's cursors and letters.
	Forget(ctx context.Context, consumer string) error
}
