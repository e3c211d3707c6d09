package event

import (
	"context"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/uow"
)

// Log is the stored event log. A committed record has no position until the
// owner of its shard gives it one: positions follow the order of commit as
// far as anybody can have seen it, and an open transaction elsewhere delays
// nobody but its own records.
type Log interface {
	Appender
	// Sequence gives the next positions of (topic, shard) to at most limit
	// committed records that have none, in the order of insertion, and
	// returns how many. The lease must be the shard's, see [LeaseName]:
	// Conflict where its fence is not the newest.
	Sequence(ctx context.Context, topic string, shard int, lease uow.Lease, limit int) (int, error)
	// Read returns at most limit records of a shard with Seq > after, by Seq.
	Read(ctx context.Context, topic string, shard int, after int64, limit int) ([]Record, error)
	// Heads returns the highest position of every shard of a topic, 0 for an
	// empty one; its length is Shards.
	Heads(ctx context.Context, topic string) ([]int64, error)
	// Pending returns the shards of a topic that hold committed records
	// without a position, ascending.
	Pending(ctx context.Context, topic string) ([]int, error)
	// Topics returns the topics that have records, by name.
	Topics(ctx context.Context) ([]string, error)
	// Purge deletes at most limit records of (topic, shard) with
	// Seq <= upTo that happened before the given time, and returns how many.
	Purge(ctx context.Context, topic string, shard int, upTo int64, before time.Time, limit int) (int, error)
}

// LeaseName names the lease of a shard's owner.
func LeaseName(topic string, shard int) string {
	return "event/" + topic + "/" + strconv.Itoa(shard)
}

// Cursor is how far a consumer has come in one shard.
type Cursor struct {
	Consumer string
	Topic    string
	Shard    int
	Position int64 // the Seq of the last record that took effect
	Fence    int64 // of the consumer's lease on the shard
	Tries    int   // failed deliveries of the next record
	NextAt   time.Time
}

// DeadLetter is a record that a consumer gave up on.
type DeadLetter struct {
	Consumer string
	Record   Record
	Shard    int
	Tries    int
	Reason   string
	At       time.Time
}

// Cursors keeps the places of the consumers.
type Cursors interface {
	// Open returns the consumer's cursors on a topic, one per shard,
	// creating those that lack, at the beginning or, with fromHead, behind
	// the newest record.
	Open(ctx context.Context, consumer, topic string, fromHead bool) ([]Cursor, error)
	// Take writes the fence of a new owner to one cursor and returns it as
	// it stands. Conflict where a higher fence took it.
	Take(ctx context.Context, consumer, topic string, shard int, fence int64) (Cursor, error)
	// Advance moves a cursor from c.Position to position and clears its
	// tries. Ok is false, and nothing is written, where position or fence
	// have moved since; joins the unit in ctx.
	Advance(ctx context.Context, c Cursor, position int64) (ok bool, err error)
	// Fail notes a failed delivery: tries and nextAt of the next record. Ok
	// as for Advance.
	Fail(ctx context.Context, c Cursor, tries int, nextAt time.Time) (ok bool, err error)
	// All returns every cursor of a topic, for lag reports and purging.
	All(ctx context.Context, topic string) ([]Cursor, error)
	// Bury stores a dead letter; once per (consumer, topic, record).
	Bury(ctx context.Context, d DeadLetter) error
	// Buried returns a consumer's dead letters of a topic, oldest first; of
	// one aggregate where it is not empty.
	Buried(ctx context.Context, consumer, topic, aggregate string, limit int) ([]DeadLetter, error)
	// Exhume deletes a dead letter and reports whether it was there.
	Exhume(ctx context.Context, consumer, topic, record string) (bool, error)
	// Forget deletes a consumer's cursors and dead letters.
	Forget(ctx context.Context, consumer, topic string) error
}
