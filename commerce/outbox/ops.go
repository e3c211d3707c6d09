package outbox

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
)

// Letters lists what cluster-wide consumers have set aside, by consumer,
// topic, shard and position.
func (o *Outbox) Letters(ctx context.Context, q event.LetterQuery, p page.Request) (page.Page[event.Letter], error) {
	return o.cfg.Letters.List(ctx, q, p)
}

// Replay gives a dead letter a new life: the owner of its shard delivers it
// again at once, with all its tries, and what waits behind it afterwards.
// NotFound where there is no such dead letter.
func (o *Outbox) Replay(ctx context.Context, consumer, topic, id string) error {
	ok, err := o.cfg.Letters.Revive(ctx, consumer, topic, id, o.cfg.Clock.Now())
	if err != nil {
		return err
	}
	if !ok {
		return errNoLetter(id)
	}
	return nil
}

// Drop deletes a letter unhandled, so that what waits behind it goes on.
// NotFound.
func (o *Outbox) Drop(ctx context.Context, consumer, topic, id string) error {
	ok, err := o.cfg.Letters.Remove(ctx, consumer, topic, id)
	if err != nil {
		return err
	}
	if !ok {
		return errNoLetter(id)
	}
	return nil
}

func errNoLetter(id string) error {
	return fault.New(fault.NotFound, "outbox.letter", "no such letter").With("id", id)
}

// Forget deletes the cursors and letters of a cluster-wide consumer that is
// no more; it would hold up purging for ever.
func (o *Outbox) Forget(ctx context.Context, consumer string) error {
	return o.cfg.Cursors.Forget(ctx, consumer)
}

// Lag is how far a consumer is behind the head of a topic.
type Lag struct {
	Consumer string
	Topic    string
	// Records are those that it has not come to yet.
	Records int64
	// Letters are those that it has set aside and not yet handled, Dead how
	// many of them it has given up: those wait for a person.
	Letters, Dead int64
}

// Lag reports every cluster-wide consumer and this node's own ones, by
// consumer and topic.
func (o *Outbox) Lag(ctx context.Context) ([]Lag, error) {
	heads, err := o.cfg.Events.Heads(ctx)
	if err != nil {
		return nil, err
	}
	var out []Lag
	for _, p := range []*place{o.shared, o.own} {
		cursors, err := p.cursors.All(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range cursors {
			if n := len(out); n == 0 || out[n-1].Consumer != c.Consumer || out[n-1].Topic != c.Topic {
				out = append(out, Lag{Consumer: c.Consumer, Topic: c.Topic})
			}
			out[len(out)-1].Records += max(0, heads[c.Key()]-c.Position)
		}
	}
	return out, o.countLetters(ctx, out)
}

// countLetters adds what consumers have set aside.
func (o *Outbox) countLetters(ctx context.Context, lags []Lag) error {
	for _, p := range []*place{o.shared, o.own} {
		for req := (page.Request{Limit: page.MaxLimit}); ; {
			letters, err := p.letters.List(ctx, event.LetterQuery{}, req)
			if err != nil {
				return err
			}
			for _, l := range letters.Items {
				i := slices.IndexFunc(lags, func(g Lag) bool { return g.Consumer == l.Consumer && g.Topic == l.Record.Topic })
				if i < 0 {
					continue
				}
				lags[i].Letters++
				if l.Dead {
					lags[i].Dead++
				}
			}
			if letters.Next == "" {
				break
			}
			req.After = letters.Next
		}
	}
	return nil
}

// purgeBatch is how many records one statement deletes.
const purgeBatch = 1000

// Purge deletes the records whose retention has ended and that every
// cluster-wide consumer has passed, and leases that nobody held for a day; it
// returns how many records. Per-node consumers that had not come so far make
// their state anew.
func (o *Outbox) Purge(ctx context.Context) (int, error) {
	defer o.releaseIfIdle(ctx)
	if _, err := o.sequencer.pass(ctx); err != nil { // also topics that nobody reads
		return 0, err
	}
	upTo, err := o.cfg.Events.Heads(ctx)
	if err != nil {
		return 0, err
	}
	cursors, err := o.cfg.Cursors.All(ctx)
	if err != nil {
		return 0, err
	}
	for _, c := range cursors {
		if _, ok := upTo[c.Key()]; ok {
			upTo[c.Key()] = min(upTo[c.Key()], c.Position)
		}
	}
	shards := make([]event.ShardKey, 0, len(upTo))
	for k := range upTo {
		shards = append(shards, k)
	}
	slices.SortFunc(shards, event.ShardKey.Compare)
	now := o.cfg.Clock.Now()
	total := 0
	for _, k := range shards {
		for n := math.MaxInt; n >= purgeBatch; {
			if n, err = o.cfg.Events.Purge(ctx, k, upTo[k], now.Add(-o.cfg.Retention), purgeBatch); err != nil {
				return total, err
			}
			total += n
		}
	}
	_, err = o.cfg.Leases.Sweep(ctx, now.Add(-24*time.Hour), purgeBatch)
	return total, err
}
