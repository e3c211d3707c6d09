package event

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
)

// Letter is a record that a consumer has set aside so that others can go on:
// it failed and is tried again at NextAt, or it waits behind an earlier letter
// of its aggregate, or it is dead: given up, until somebody replays or drops
// it.
type Letter struct {
	Consumer string
	Record   Record // as it stood in the log, Seq included
	Tries    int    // failed deliveries; 0 while it waits behind another
	Reason   string // of the last failure, for people to read
	// NextAt is when it may be tried, no earlier than its turn among the
	// letters of its aggregate. Meaningless for a dead one.
	NextAt time.Time
	Dead   bool
	// Blocks: later records of the aggregate wait behind it.
	Blocks bool
	// At is when it was set aside.
	At time.Time
}

// LetterQuery selects letters; empty fields select all.
type LetterQuery struct {
	Consumer  string
	Topic     string
	Aggregate string
	DeadOnly  bool
}

// Letters keeps what consumers have set aside. Its methods join the unit in
// ctx. A letter is named by consumer, topic and record id.
type Letters interface {
	// Put writes a letter, over the one with its name if there is one.
	Put(ctx context.Context, l Letter) error
	// Remove deletes a letter and reports whether it was there.
	Remove(ctx context.Context, consumer, topic, id string) (bool, error)
	// Revive makes a dead letter due at the given time with no tries, and
	// reports whether it was dead.
	Revive(ctx context.Context, consumer, topic, id string, at time.Time) (bool, error)
	// Due returns at most limit letters of the shards that may be tried now:
	// not dead, NextAt not after now, and no earlier letter of their
	// aggregate that blocks; by Seq.
	Due(ctx context.Context, consumer, topic string, shards []int, now time.Time, limit int) ([]Letter, error)
	// Blocked returns the aggregates of a shard that have a letter that
	// blocks, without order.
	Blocked(ctx context.Context, consumer string, shard ShardKey) ([]string, error)
	// List returns letters by consumer, topic, shard and Seq.
	List(ctx context.Context, q LetterQuery, p page.Request) (page.Page[Letter], error)
}
