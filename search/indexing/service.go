package indexing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/search"
)

// Config is what a [Service] is made of.
type Config struct {
	// Search is what is fed. Required.
	Search *search.Service
	// Channels are the storefronts; those that Search lacks are not fed.
	// Required.
	Channels []pricing.Channel
	// Rows are the lists. Required.
	Rows Rows
	// Products is the catalogue's store of products. Required.
	Products Products
	// Categories is the catalogue's store of categories. Required.
	Categories Categories
	// Brands is the catalogue's store of brands. Required.
	Brands Brands
	// Prices tells what SKUs cost, for the same channels. Required.
	Prices Prices
	// Orders tells what was in a confirmed order. Defaults to joining no
	// purchases.
	Orders Orders
	// Batch bounds the products that are read at once, 500 at most. Defaults
	// to 200.
	Batch int
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
}

const (
	defaultBatch = 200
	maxMissed    = 10_000           // products that wait for an index to come back
	inspectEvery = time.Minute      // how often an index that seems well is asked
	mostPause    = 30 * time.Second // between two tries to mend an index
)

// Service feeds the indexes. It is safe for concurrent use.
type Service struct {
	cfg   Config
	lines []*line
}

// line is what is known of the index of a channel.
type line struct {
	channel pricing.Channel

	mending sync.Mutex // one mends at a time

	mu        sync.Mutex
	stale     bool                    // has to be rebuilt
	missed    map[ref.ProductID]int64 // what it did not take, by version
	held      bool                    // held documents when it was last looked at
	inspected time.Time
	failures  int
	next      time.Time // no try before
}

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("indexing.Config."+field+" is required"))
		}
	}
	need(cfg.Search != nil, "Search")
	need(len(cfg.Channels) > 0, "Channels")
	need(cfg.Rows != nil, "Rows")
	need(cfg.Products != nil, "Products")
	need(cfg.Categories != nil, "Categories")
	need(cfg.Brands != nil, "Brands")
	need(cfg.Prices != nil, "Prices")
	if cfg.Batch < 0 || cfg.Batch > page.MaxLimit {
		wrong = append(wrong, errors.New("indexing.Config.Batch is out of range"))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.Batch == 0 {
		cfg.Batch = defaultBatch
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	s := &Service{cfg: cfg}
	for _, c := range cfg.Channels {
		if slices.ContainsFunc(cfg.Search.Channels(), func(have search.Channel) bool { return have.ID == c.ID }) {
			s.lines = append(s.lines, &line{channel: c, missed: map[ref.ProductID]int64{}})
		}
	}
	if len(s.lines) == 0 {
		return nil, errors.New("indexing.Config.Channels has no channel of Search")
	}
	return s, nil
}

// Topics returns the stream that [Service.React] follows.
func Topics() []string { return []string{listing.Topic} }

// React brings the products of a [listing.Refreshed] up to date in the index of
// every channel; what it does not know, it passes over. It runs outside of
// units, on every node that has indexes of its own. What an index of its own does
// not take is left to [Service.Mend] and is no error; what a shared one does not
// take is one, because nobody else would know: the event has to come again. Kinds:
// those of the stores, and Unavailable.
func (s *Service) React(ctx context.Context, r event.Record) error {
	var e listing.Refreshed
	if r.Name != e.EventName() {
		return nil
	}
	if err := event.Decode(r, &e); err != nil {
		return err
	}
	versions := make(map[ref.ProductID]int64, len(e.Products))
	for _, p := range e.Products {
		versions[p.Product] = p.Version
	}
	now := s.cfg.Clock.Now()
	if r.At.After(now) { // a window has begun by the clock of another node
		now = r.At
	}
	return s.feed(ctx, versions, s.awake(), now)
}

// awake returns the lines that are not going to read everything anyway.
func (s *Service) awake() []*line {
	return slices.DeleteFunc(slices.Clone(s.lines), func(l *line) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.stale && s.cfg.Search.Early(l.channel.ID)
	})
}

// feed writes what products are at a time to the indexes of lines.
func (s *Service) feed(ctx context.Context, versions map[ref.ProductID]int64, lines []*line, now time.Time) error {
	if len(lines) == 0 {
		return nil
	}
	ids := make([]ref.ProductID, 0, len(versions))
	for id := range versions {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var refused []error
	for batch := range slices.Chunk(ids, s.cfg.Batch) {
		facts, err := s.read(ctx, batch, lines)
		if err != nil {
			return err
		}
		for _, l := range lines {
			documents, removed := s.documents(l, facts, batch, versions, now)
			switch err := s.cfg.Search.Write(ctx, l.channel.ID, documents, removed); {
			case errors.Is(err, fault.Canceled):
				return err
			case err == nil:
			case s.cfg.Search.Shared() && fault.KindOf(err) != fault.Invalid: // which it would be for ever
				refused = append(refused, err)
			default:
				l.miss(batch, versions)
			}
		}
	}
	return errors.Join(refused...)
}

// miss notes what an index did not take; of too much the whole is rebuilt.
func (l *line) miss(ids []ref.ProductID, versions map[ref.ProductID]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.missed[id] = max(l.missed[id], versions[id])
	}
	if len(l.missed) > maxMissed {
		l.stale = true
		clear(l.missed)
	}
}

// Restart has every index rebuilt by the next [Service.Mend]: an
// outbox.Consumer that begins, or has fallen behind the log, rebuilds by it.
func (s *Service) Restart(context.Context, string) error {
	for _, l := range s.lines {
		l.mu.Lock()
		l.stale, l.next, l.failures = true, time.Time{}, 0
		clear(l.missed)
		l.mu.Unlock()
	}
	return nil
}

// Rebuild fills the indexes of all channels anew beside the live ones. Kinds:
// Unavailable, Conflict where one is being rebuilt, Canceled, and those of the
// stores.
func (s *Service) Rebuild(ctx context.Context) error {
	if err := s.Restart(ctx, ""); err != nil {
		return err
	}
	return s.each(ctx, true)
}

// Mend rebuilds the indexes that are empty, lost, out of date or
// [search.Stats.Outdated], and writes what others did not take; where all is well
// it costs nothing, and once a minute a look at each index. After a failure it
// waits longer and longer, up to half a minute. Run it every second or so. Kinds
// as for [Service.Rebuild].
func (s *Service) Mend(ctx context.Context) error { return s.each(ctx, false) }

// each mends the lines. One that somebody mends already is left to him; whoever
// wants it mended from now on is told.
func (s *Service) each(ctx context.Context, anew bool) error {
	var failed []error
	for _, l := range s.lines {
		if !l.mending.TryLock() {
			if anew {
				failed = append(failed, fault.New(fault.Conflict, "search.rebuilding", "the index is being rebuilt already").
					With("channel", string(l.channel.ID)))
			}
			continue
		}
		if err := s.mend(ctx, l); err != nil {
			failed = append(failed, fmt.Errorf("search of channel %s: %w", l.channel.ID, err))
		}
		l.mending.Unlock()
	}
	return errors.Join(failed...)
}

func (s *Service) mend(ctx context.Context, l *line) error {
	now := s.cfg.Clock.Now()
	l.mu.Lock()
	filled := s.cfg.Search.Filled(l.channel.ID)
	well := filled && !l.stale && len(l.missed) == 0 && now.Before(l.inspected.Add(inspectEvery))
	early := now.Before(l.next)
	l.mu.Unlock()
	if well || early {
		return nil
	}
	err := s.repair(ctx, l, now)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.failures, l.next = 0, time.Time{}
		return nil
	}
	if ctx.Err() == nil {
		l.next = now.Add(min(time.Second<<min(l.failures, 10), mostPause))
		l.failures++
	}
	return err
}

// repair opens an index, sees what is in it, and brings it up to date.
func (s *Service) repair(ctx context.Context, l *line, now time.Time) error {
	stats, err := s.cfg.Search.Check(ctx, l.channel.ID)
	l.mu.Lock()
	switch {
	case errors.Is(err, fault.Canceled):
	case err != nil, !s.cfg.Search.Filled(l.channel.ID):
		l.stale = true
	case stats.Outdated, stats.Documents == 0 && l.held: // it was emptied behind our back, or is rightly empty
		l.stale = true
	default:
		l.held = stats.Documents > 0
	}
	l.inspected = now
	stale, missed := l.stale, l.missed
	if err == nil {
		l.stale, l.missed = false, map[ref.ProductID]int64{}
	}
	l.mu.Unlock()
	switch {
	case err != nil:
		return err
	case stale:
		err := s.refill(ctx, l)
		if err != nil && !(s.cfg.Search.Shared() && errors.Is(err, fault.Conflict)) { // else another node fills it
			l.mu.Lock()
			l.stale = true
			l.mu.Unlock()
		}
		return err
	case len(missed) == 0:
		return nil
	}
	if err := s.feed(ctx, missed, []*line{l}, now); err != nil {
		l.mu.Lock()
		l.stale = true // part of it may be lost
		l.mu.Unlock()
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.missed) > 0 {
		return fault.New(fault.Unavailable, "search.away", "the index does not take what it missed")
	}
	return nil
}

// refill rebuilds an index from the rows of its channel.
func (s *Service) refill(ctx context.Context, l *line) error {
	count := 0
	err := s.cfg.Search.Rebuild(ctx, l.channel.ID, func(ctx context.Context, w search.Writer) error {
		count = 0
		q := listing.Query{Channel: l.channel.ID, Currency: l.channel.Currency, Sort: listing.Newest, Now: s.cfg.Clock.Now()}
		req := page.Request{Limit: s.cfg.Batch}
		for {
			p, err := s.cfg.Rows.List(ctx, q, req)
			if err != nil {
				return err
			}
			if len(p.Items) > 0 {
				documents, err := s.rebuilt(ctx, l, p.Items)
				if err == nil {
					err = w.Index(ctx, documents)
				}
				if err != nil {
					return err
				}
				count += len(documents)
			}
			if p.Next == "" {
				return nil
			}
			req.After = p.Next
		}
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = count > 0
	return nil
}

// rebuilt returns the documents of rows.
func (s *Service) rebuilt(ctx context.Context, l *line, rows []listing.Row) ([]search.Document, error) {
	ids := make([]ref.ProductID, len(rows))
	for i := range rows {
		ids[i] = rows[i].Product
	}
	f, err := s.around(ctx, ids, map[ref.ChannelID][]listing.Row{l.channel.ID: rows}, []*line{l})
	if err != nil {
		return nil, err
	}
	documents, _ := s.documents(l, f, ids, nil, s.cfg.Clock.Now())
	return documents, nil
}

// LogTopics returns the streams that [Service.Follow] follows.
func LogTopics() []string { return []string{order.Topic, member.Topic} }

// Follow notes in the log of the search what was bought of what it found, and
// has a member forgotten there; what it does not know, it passes over. Run it
// in the unit of outbox.Handler, on one node of all, and for member.Topic on every
// node besides: each drops what it has noted and not written. A guest who signs in
// to buy is somebody else to the log.
func (s *Service) Follow(ctx context.Context, r event.Record) error {
	switch r.Name {
	case order.Confirmed{}.EventName():
		var e order.Confirmed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.bought(ctx, e.Group, e.Order, r.At)
	case member.Forgotten{}.EventName():
		var e member.Forgotten
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.cfg.Search.Forget(ctx, search.VisitorOf(e.Member, ""))
	}
	return nil
}

func (s *Service) bought(ctx context.Context, group ref.GroupID, id ref.OrderID, at time.Time) error {
	if s.cfg.Orders == nil {
		return nil
	}
	groups, err := s.cfg.Orders.GetMany(ctx, []ref.GroupID{group})
	if err != nil || len(groups) == 0 {
		return err
	}
	o, err := groups[0].Order(id)
	if err != nil {
		return err
	}
	products := make([]ref.ProductID, 0, len(o.Lines))
	for _, l := range o.Lines {
		products = append(products, l.Product)
	}
	slices.Sort(products)
	return s.cfg.Search.Converted(ctx, search.VisitorOf(groups[0].Member, groups[0].Guest), slices.Compact(products), at)
}
