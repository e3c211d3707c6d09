package outbox

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Config is what an [Outbox] is made of.
type Config struct {
	// Units runs the units of work that reactions and publishers join.
	// Required.
	Units uow.Manager
	// Events is the log. Required.
	Events event.Log
	// Cursors keeps how far the consumers have come. Required.
	Cursors event.Cursors
	// Letters keeps what consumers have set aside. Required.
	Letters event.Letters
	// Leases divides shards among nodes. Required.
	Leases uow.Leases

	// Consumers are what Run and Drain run. Further ones may read by
	// Subscriber.
	Consumers []Consumer

	// Poll is the longest wait for a record that nobody announced.
	// Defaults to 250 ms.
	Poll time.Duration
	// LeaseTTL is how long the shards of a node that died stay without an
	// owner. Defaults to 15 s.
	LeaseTTL time.Duration
	// Batch is how many records are read at once per shard. Defaults to 64.
	Batch int
	// Retention is how long a record is kept after it happened. A record that
	// a cluster-wide consumer has not passed is kept for as long as it takes.
	// Defaults to 30 days.
	Retention time.Duration
	// PurgeEvery is how often Run deletes what Retention ended. Defaults to
	// one hour.
	PurgeEvery time.Duration

	// Alert is told of every letter that died: somebody should look at it.
	// Defaults to an error in Log.
	Alert func(ctx context.Context, l event.Letter)
	// Log receives what goes wrong in the background. Defaults to silence.
	Log *slog.Logger
	// Clock tells the time of leases, retries and published messages.
	// Defaults to the system's.
	Clock clock.Clock
	// IDs mints the names of owners and the ids of messages that have none.
	// Defaults to UUIDv7.
	IDs uid.Generator
}

// Consumer is one reader of the log, with its own place in each shard of its
// topics.
type Consumer struct {
	// Name is the consumer's name for ever: its cursors are kept under it.
	// Required.
	Name string
	// Topics are what Run and Drain read; Subscriber is given them one by one.
	Topics []string
	// React takes one record to its effect. Run and Drain require it. It is
	// run in a unit that moves the cursor too, so that an effect in the
	// stores happens exactly once.
	React event.Reaction
	// Outside runs React outside a unit, for an effect that is elsewhere (a
	// mail, a broker): it happens at least once, and the record's id is the
	// same each time. Defaults to false.
	Outside bool
	// PerNode has every node read everything, for what each node keeps for
	// itself: an index, a cache. Its cursors live in the Outbox and end with
	// it; its reactions run outside a unit. Defaults to one reading for the
	// whole cluster.
	PerNode bool
	// Rebuild makes the state of a per-node consumer anew from the stores, for
	// one topic. It is called where the consumer starts without Resume, and
	// where it has fallen behind what the log retains; reactions of other
	// shards may run beside it. Defaults to starting with, and going on at,
	// the oldest record there is.
	Rebuild func(ctx context.Context, topic string) error
	// Resume returns, by shard, the Seq of the last record of a topic that is
	// in the state of a per-node consumer, for state that outlives the
	// process. Defaults to a start by Rebuild.
	Resume func(ctx context.Context, topic string) (map[int]int64, error)
	// FromHead starts a new consumer behind the newest record. Defaults to
	// the oldest record there is.
	FromHead bool
	// Retry says what happens after a failure. Defaults to DefaultRetry.
	Retry *Retry
	// Skippable lists the topics in which a dead letter does not stop its
	// aggregate. Defaults to none.
	Skippable []string
}

// Retry is a consumer's policy after failures. A record that fails is set
// aside, so that other aggregates of its shard go on, and tried again after
// Min, doubled with every failure up to Max. Later records of its aggregate
// wait behind it. After Tries failures it is a dead letter.
type Retry struct {
	// Min is the first wait; 0 delivers again at once, in place.
	Min time.Duration
	// Max bounds the waits; 0 does not.
	Max time.Duration
	// Tries is how often a record is delivered at most; 0 is without end.
	Tries int
}

// DefaultRetry waits 1 s to 10 min and gives up after 12 tries.
func DefaultRetry() Retry { return Retry{Min: time.Second, Max: 10 * time.Minute, Tries: 12} }

// wait returns how long to wait after the given number of failures, and
// whether to give up instead.
func (r Retry) wait(tries int) (time.Duration, bool) {
	if r.Tries > 0 && tries >= r.Tries {
		return 0, true
	}
	d := r.Min
	for range tries - 1 {
		if r.Max > 0 && d >= r.Max || d > 24*time.Hour {
			break
		}
		d *= 2
	}
	if r.Max > 0 {
		d = min(d, r.Max)
	}
	return d, false
}

func (c *Config) setDefaults() {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&c.Poll, 250*time.Millisecond)
	def(&c.LeaseTTL, 15*time.Second)
	def(&c.Retention, 30*24*time.Hour)
	def(&c.PurgeEvery, time.Hour)
	if c.Batch == 0 {
		c.Batch = 64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = uid.NewV7(c.Clock)
	}
	if c.Alert == nil {
		log := c.Log
		c.Alert = func(ctx context.Context, l event.Letter) {
			log.ErrorContext(ctx, "outbox: a record was given up", "consumer", l.Consumer, "topic", l.Record.Topic,
				"id", l.Record.ID, "aggregate", l.Record.Key(), "tries", l.Tries, "reason", l.Reason)
		}
	}
}

func (c *Config) validate() error {
	var v fault.Violations
	for name, missing := range map[string]bool{
		"units": c.Units == nil, "events": c.Events == nil, "cursors": c.Cursors == nil,
		"letters": c.Letters == nil, "leases": c.Leases == nil,
	} {
		if missing {
			v.Add(name, "required", nil)
		}
	}
	for name, d := range map[string]time.Duration{
		"poll": c.Poll, "lease_ttl": c.LeaseTTL, "retention": c.Retention, "purge_every": c.PurgeEvery,
	} {
		if d < 0 {
			v.Add(name, "out_of_range", fault.Params{"min": 0})
		}
	}
	if c.Batch < 0 || c.Batch > maxBatch {
		v.Add("batch", "out_of_range", fault.Params{"min": 1, "max": maxBatch})
	}
	names := map[string]bool{}
	for i := range c.Consumers {
		at := "consumers[" + strconv.Itoa(i) + "]"
		con := &c.Consumers[i]
		v.Merge(at, con.validate())
		if names[con.Name] {
			v.Add(at+".name", "duplicate", nil)
		}
		names[con.Name] = true
		if con.React == nil {
			v.Add(at+".react", "required", nil)
		}
		if len(con.Topics) == 0 {
			v.Add(at+".topics", "required", nil)
		}
	}
	return v.Err("outbox.config", "the outbox cannot be made of this")
}

// maxBatch bounds what one shard reads into memory at once.
const maxBatch = 1000

func (c *Consumer) validate() error {
	var v fault.Violations
	switch {
	case c.Name == "":
		v.Add("name", "required", nil)
	case len(c.Name) > event.MaxName:
		v.Add("name", "too_long", fault.Params{"max": event.MaxName})
	case strings.ContainsAny(c.Name, "/\x00"):
		v.Add("name", "malformed", nil)
	}
	for i, topic := range c.Topics {
		at := "topics[" + strconv.Itoa(i) + "]"
		switch {
		case topic == "":
			v.Add(at, "required", nil)
		case slices.Index(c.Topics, topic) < i:
			v.Add(at, "duplicate", nil)
		}
	}
	if r := c.Retry; r != nil {
		for name, bad := range map[string]bool{"min": r.Min < 0, "max": r.Max < 0, "tries": r.Tries < 0} {
			if bad {
				v.Add("retry."+name, "out_of_range", fault.Params{"min": 0})
			}
		}
	}
	return v.Err("outbox.consumer", "no such consumer can be made")
}
