package commerce

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/event"
)

const (
	// readBatch is how many records are read at a time.
	readBatch = 500
	// maxGroups is how many groups are compared at a time: with more, the log
	// is read again for each part of them.
	maxGroups = 50_000
)

// verifyEvents compares the event log with the histories of orders and
// payments:
//
//   - I19: what a history says was announced is in the log, once, and nothing
//     else is.
//   - I20: the events of an order stand in the log in the order of its history.
//
// What retention has purged, and shards with records that have no position
// yet, are left out: [Marketplace.Drain] gives them theirs. It keeps at most
// the given number of groups in memory, each as a sum over what is said of it.
func (m *Marketplace) verifyEvents(ctx context.Context, most int) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		to := m.cfg.Clock.Now().Add(time.Microsecond)
		from := to.Add(-m.retention() / 10 * 9) // what is older may go while this runs
		for _, s := range []stream{m.orderStream(), m.paymentStream()} {
			e := &eventVerifier{stream: s, log: m.cfg.Stores.Events, most: most, from: from, to: to, yield: yield}
			for from := uint64(0); !e.stopped; {
				p := &part{from: from, to: math.MaxUint64, groups: map[string]*announced{}}
				if err := e.compare(ctx, p); err != nil {
					yield(Violation{}, err)
					return
				}
				if p.to == math.MaxUint64 {
					break
				}
				from = p.to + 1
			}
			if e.stopped {
				return
			}
		}
	}
}

// stream is a topic, and what the stores say should stand in it.
type stream struct {
	topic     string
	announces func(name string) bool // others may use the topic too
	// walk hands out, a page at a time, the ids of every aggregate that has
	// changed since; one may come twice.
	walk func(ctx context.Context, since time.Time, fn func(ids []string) error) error
	// announced returns the records of those aggregates that exist.
	announced func(ctx context.Context, ids []string) (map[string][]event.Record, error)
}

// eventVerifier looks at what happened in a stretch of time.
type eventVerifier struct {
	stream
	log      event.Log
	most     int
	from, to time.Time
	yield    func(Violation, error) bool
	stopped  bool
}

// part is the groups whose hashes lie in a range, or those few in only.
type part struct {
	from, to uint64 // both inside
	only     map[string]bool
	open     [event.Shards]bool // shards with records without a position
	groups   map[string]*announced
	broken   []disorder
}

// disorder is an event of a group that stands behind a later one.
type disorder struct {
	group string
	Violation
}

// announced is what the log says of a group.
type announced struct {
	sum   uint64         // over the digests of what is said
	seen  bool           // and the stores agree
	facts map[string]int // in a part of few groups
	steps map[string]int64
}

func (p *part) holds(id string) bool {
	if p.only != nil {
		return p.only[id]
	}
	h := hashed(id)
	return h >= p.from && h <= p.to
}

func hashed(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// group returns what is known of a group; where that gets too much, the part
// becomes smaller.
func (p *part) group(id string, most int) *announced {
	a := p.groups[id]
	if a == nil {
		a = &announced{steps: map[string]int64{}}
		if p.only != nil {
			a.facts = map[string]int{}
		}
		p.groups[id] = a
	}
	for len(p.groups) > most && p.only == nil && p.from < p.to {
		p.to = p.from + (p.to-p.from)/2
		maps.DeleteFunc(p.groups, func(id string, _ *announced) bool { return !p.holds(id) })
	}
	return a
}

// said is what tells one event of a group from the others.
type said struct {
	Order   string `json:"order"`
	Seq     int64  `json:"seq"`
	Attempt string `json:"attempt"`
	Refund  string `json:"refund"`
	State   string `json:"state"`
}

func read(r *event.Record) (s said, fact string, err error) {
	if err := json.Unmarshal(r.Payload, &s); err != nil {
		return said{}, "", fmt.Errorf("commerce: event %s: %w", r.ID, err)
	}
	parts := []string{r.Name, s.Order, s.Attempt, s.Refund, s.State}
	if s.Seq != 0 {
		parts = append(parts, strconv.FormatInt(s.Seq, 10))
	}
	return s, strings.Join(slices.DeleteFunc(parts, func(t string) bool { return t == "" }), " "), nil
}

func (e *eventVerifier) within(t time.Time) bool { return !t.Before(e.from) && t.Before(e.to) }

func (e *eventVerifier) report(v Violation) {
	if !e.stopped {
		e.stopped = !e.yield(v, nil)
	}
}

// compare reads the log, then the stores. What changed between the two is
// looked at once more.
func (e *eventVerifier) compare(ctx context.Context, p *part) error {
	if err := e.readLog(ctx, p); err != nil {
		return err
	}
	for _, d := range p.broken {
		if p.holds(d.group) {
			e.report(d.Violation)
		}
	}
	doubtful, err := e.doubt(ctx, p)
	if err != nil || len(doubtful.only) == 0 || e.stopped {
		return err
	}
	// What was there before the log is read is in it, and what is in it is
	// there afterwards.
	ids := slices.Sorted(maps.Keys(doubtful.only))
	before, err := e.facts(ctx, ids)
	if err != nil {
		return err
	}
	if err := e.readLog(ctx, doubtful); err != nil {
		return err
	}
	after, err := e.facts(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !doubtful.open[event.Shard(id)] {
			e.judge(id, doubtful.groups[id], before[id], after[id])
		}
	}
	return nil
}

// doubt returns the groups of a part of which log and stores say different
// things.
func (e *eventVerifier) doubt(ctx context.Context, p *part) (*part, error) {
	doubtful := &part{only: map[string]bool{}, groups: map[string]*announced{}}
	err := e.walk(ctx, e.from, func(ids []string) error {
		ids = slices.DeleteFunc(ids, func(id string) bool { return !p.holds(id) })
		records, err := e.stream.announced(ctx, ids)
		if err != nil {
			return err
		}
		for id, all := range records {
			sum := uint64(0)
			for i := range all {
				_, fact, err := read(&all[i])
				if err != nil {
					return err
				}
				if e.within(all[i].At) {
					sum += hashed(fact)
				}
			}
			a := p.groups[id]
			if a != nil {
				a.seen = true
			}
			// More than there is room for is for the run after this was put right.
			if (a == nil && sum != 0 || a != nil && sum != a.sum) && len(doubtful.only) < e.most {
				doubtful.only[id] = true
			}
		}
		return nil
	})
	for id, a := range p.groups {
		if !a.seen && a.sum != 0 && len(doubtful.only) < e.most { // nothing that has changed claims it
			doubtful.only[id] = true
		}
	}
	return doubtful, err
}

// facts returns what the stores say was announced of some groups; none for one
// that does not exist.
func (e *eventVerifier) facts(ctx context.Context, ids []string) (map[string]map[string]int, error) {
	out := map[string]map[string]int{}
	for chunk := range slices.Chunk(ids, readBatch) {
		records, err := e.stream.announced(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for id, all := range records {
			out[id] = map[string]int{}
			for i := range all {
				_, fact, err := read(&all[i])
				if err != nil {
					return nil, err
				}
				if e.within(all[i].At) {
					out[id][fact]++
				}
			}
		}
	}
	return out, nil
}

// judge says what of a group that seemed to break I19 does.
func (e *eventVerifier) judge(id string, a *announced, before, after map[string]int) {
	log := map[string]int{}
	if a != nil {
		log = a.facts
	}
	wrong := func(format string, args ...any) {
		e.report(Violation{Invariant: "I19", Object: id, Detail: fmt.Sprintf(format, args...)})
	}
	if after == nil {
		if len(log) > 0 {
			wrong("%d kinds of events in topic %s of what is not there", len(log), e.topic)
		}
		return
	}
	for _, fact := range slices.Sorted(maps.Keys(before)) {
		if log[fact] < before[fact] {
			wrong("%q happened %d times and was announced %d times", fact, before[fact], log[fact])
		}
	}
	for _, fact := range slices.Sorted(maps.Keys(log)) {
		if log[fact] > after[fact] {
			wrong("%q was announced %d times and happened %d times", fact, log[fact], after[fact])
		}
	}
}

func (e *eventVerifier) readLog(ctx context.Context, p *part) error {
	pending, err := e.log.Pending(ctx, e.topic)
	if err != nil {
		return err
	}
	for _, s := range pending {
		p.open[s.Shard] = true
	}
	for shard := range event.Shards {
		for after := int64(0); ; {
			records, err := e.log.Read(ctx, event.ShardKey{Topic: e.topic, Shard: shard}, after, readBatch)
			if err != nil {
				return err
			}
			for i := range records {
				if err := e.hear(p, &records[i]); err != nil {
					return err
				}
				after = records[i].Seq
			}
			if len(records) < readBatch {
				break
			}
		}
	}
	return nil
}

func (e *eventVerifier) hear(p *part, r *event.Record) error {
	id := r.Key()
	if !e.announces(r.Name) || !p.holds(id) {
		return nil
	}
	s, fact, err := read(r)
	if err != nil {
		return err
	}
	a := p.group(id, e.most)
	if e.within(r.At) {
		a.sum += hashed(fact)
		if a.facts != nil {
			a.facts[fact]++
		}
	}
	if s.Seq == 0 {
		return nil
	}
	if last := a.steps[s.Order]; s.Seq < last && len(p.broken) < maxMismatches {
		p.broken = append(p.broken, disorder{id, Violation{
			Invariant: "I20", Object: s.Order,
			Detail: fmt.Sprintf("%s of step %d stands behind step %d", r.Name, s.Seq, last),
		}})
	}
	a.steps[s.Order] = s.Seq
	return nil
}

// retention is how long the log surely keeps an event.
func (m *Marketplace) retention() time.Duration {
	if m.cfg.Events.Retention > 0 {
		return m.cfg.Events.Retention
	}
	return 30 * 24 * time.Hour
}
