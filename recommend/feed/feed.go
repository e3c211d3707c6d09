package feed

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/recommend"
)

// Config is what a [Feed] is made of.
type Config struct {
	// Recommender is told. Required.
	Recommender recommend.Recommender
	// Signals is what visitors did. Required.
	Signals recommend.SignalStore
	// Orders, Members, Listings and Products are the stores of that name, of
	// which the feed only reads. Required.
	Orders   Orders
	Members  Members
	Listings Listings
	Products Products
	// Personals tells where orders are sent, by which purchases count for a
	// region. Defaults to none: they count for no region.
	Personals Personals
	// Segments says in which segments a purchase counts. Defaults to
	// [SegmentsOf]; a shop whose members state more, such as their age, adds
	// that, and names the same segments when it asks for a shelf.
	Segments func(o *order.Order, shipTo address.Address) []recommend.Segment
	// Events tells how far the event log has come. Required.
	Events Heads
	// Channels have lists. A product can be recommended where one of them
	// shows it. Required.
	Channels []pricing.Channel
	// History is how old the orders are that a node reads when it starts.
	// Defaults to a year, after which recommend/engine may recommend again what
	// was bought: less, and it does so earlier on such a node.
	History time.Duration

	// Snapshots keeps what a node would have to read. Defaults to reading.
	Snapshots Snapshots
	// State is what snapshots are made of, recommend/engine for example.
	// Required with Snapshots.
	State State
	// Leases choose the node that saves. Required with Snapshots.
	Leases uow.Leases
	// Every is how often it does. Defaults to an hour.
	Every time.Duration

	// Log receives what goes wrong. Defaults to silence.
	Log *slog.Logger
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints the name under which a node holds leases. Defaults to UUIDv7 on
	// Clock.
	IDs uid.Generator
}

// Orders is what a feed reads of orders.
type Orders interface {
	GetMany(ctx context.Context, ids []order.GroupID) ([]order.Group, error)
	List(ctx context.Context, q order.Query, p page.Request) (page.Page[order.Order], error)
}

// Members is what a feed reads of members: who is to be forgotten.
type Members interface {
	GetMany(ctx context.Context, ids []member.ID) ([]member.Account, error)
	List(ctx context.Context, q member.Query, p page.Request) (page.Page[member.Account], error)
}

// Personals is what a feed reads of buyers: where orders are sent.
type Personals interface {
	GetMany(ctx context.Context, ids []order.GroupID) ([]order.Personal, error)
}

// Listings is what a feed reads of lists.
type Listings interface {
	GetMany(ctx context.Context, channel ref.ChannelID, currency money.Currency, products []ref.ProductID) ([]listing.Row, error)
}

// Products is what a feed reads of the catalogue.
type Products interface {
	List(ctx context.Context, q catalog.ProductQuery, p page.Request) (page.Page[catalog.Product], error)
}

// Heads is what a feed reads of the event log.
type Heads interface {
	Heads(ctx context.Context, topics ...string) (map[event.ShardKey]int64, error)
}

// Feed tells one recommender. It is safe for concurrent use.
type Feed struct {
	cfg   Config
	owner string // of the lease on saving

	starting sync.Mutex
	polling  sync.Mutex
	ready    chan struct{}
	once     sync.Once

	mu      sync.Mutex // guards what follows
	started bool
	shards  map[event.ShardKey]*progress
	signal  int64 // position of the last one that was told
	savedAt time.Time
}

// progress is how far the records of a shard have been told.
type progress struct {
	last   int64
	failed map[int64]bool // that are tried again
}

// at is the place up to which everything was told.
func (p *progress) at() int64 {
	at := p.last
	for seq := range p.failed {
		at = min(at, seq-1)
	}
	return at
}

// New returns a feed, or an error that names everything that is wrong with
// cfg. It reads nothing yet.
func New(cfg Config) (*Feed, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("feed.Config."+field+" is required"))
		}
	}
	need(cfg.Recommender != nil, "Recommender")
	need(cfg.Signals != nil, "Signals")
	need(cfg.Orders != nil, "Orders")
	need(cfg.Members != nil, "Members")
	need(cfg.Listings != nil, "Listings")
	need(cfg.Products != nil, "Products")
	need(cfg.Events != nil, "Events")
	need(len(cfg.Channels) > 0, "Channels")
	need(cfg.Snapshots == nil || cfg.State != nil, "State")
	need(cfg.Snapshots == nil || cfg.Leases != nil, "Leases")
	if min(cfg.History, cfg.Every) < 0 {
		wrong = append(wrong, errors.New("feed.Config: a time is negative"))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.History == 0 {
		cfg.History = 365 * 24 * time.Hour
	}
	if cfg.Every == 0 {
		cfg.Every = time.Hour
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	if cfg.Segments == nil {
		cfg.Segments = SegmentsOf
	}
	cfg.Channels = slices.Clone(cfg.Channels)
	return &Feed{
		cfg: cfg, owner: "recommend feed " + cfg.IDs.New(), shards: map[event.ShardKey]*progress{}, ready: make(chan struct{}),
	}, nil
}

// Ready is closed once the recommender knows what there was when the feed
// started, signals included: before, it would be fitted to a part of it.
func (f *Feed) Ready() <-chan struct{} { return f.ready }

// Topics returns the streams that [Feed.React] follows.
func Topics() []string { return []string{order.Topic, listing.Topic, member.Topic} }

// shard returns the progress of a shard; the lock is held.
func (f *Feed) shard(k event.ShardKey) *progress {
	p := f.shards[k]
	if p == nil {
		p = &progress{failed: map[int64]bool{}}
		f.shards[k] = p
	}
	return p
}

// React tells of an event of [Topics]; what it does not know, it passes over.
// A repeated record changes nothing.
func (f *Feed) React(ctx context.Context, r event.Record) error {
	err := f.react(ctx, r)
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.shard(event.ShardKey{Topic: r.Topic, Shard: event.Shard(r.Key())})
	p.last = max(p.last, r.Seq)
	if err != nil {
		p.failed[r.Seq] = true
	} else {
		delete(p.failed, r.Seq)
	}
	return err
}

func (f *Feed) react(ctx context.Context, r event.Record) error {
	switch r.Name {
	case order.Paid{}.EventName():
		var e order.Paid
		return f.follow(ctx, event.Decode(r, &e), &e.Subject)
	case order.UnitsRefunded{}.EventName():
		var e order.UnitsRefunded
		return f.follow(ctx, event.Decode(r, &e), &e.Subject)
	case order.Refunded{}.EventName():
		var e order.Refunded
		return f.follow(ctx, event.Decode(r, &e), &e.Subject)
	case listing.Refreshed{}.EventName():
		var e listing.Refreshed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		ids := make([]ref.ProductID, len(e.Products))
		for i, p := range e.Products {
			ids[i] = p.Product
		}
		return f.describe(ctx, ids)
	case member.Forgotten{}.EventName():
		var e member.Forgotten
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return f.cfg.Recommender.Forget(ctx, e.Member)
	}
	return nil
}

// follow tells what an order is like after an event about it, unless the event
// could not be read.
func (f *Feed) follow(ctx context.Context, unread error, s *order.Subject) error {
	if unread != nil {
		return unread
	}
	groups, err := f.cfg.Orders.GetMany(ctx, []ref.GroupID{s.Group})
	if err != nil || len(groups) == 0 {
		return err
	}
	o, err := groups[0].Order(s.Order)
	if err != nil {
		return err
	}
	return f.tell(ctx, []order.Order{*o}, true)
}

// Poll tells of at most some thousand signals that are new, and reports whether
// there may be more. Kinds: those of the stores and of the recommender.
func (f *Feed) Poll(ctx context.Context) (more bool, err error) {
	if err := f.start(ctx); err != nil {
		return false, err
	}
	f.polling.Lock()
	defer f.polling.Unlock()
	f.mu.Lock()
	after := f.signal
	f.mu.Unlock()
	const limit = 2_000
	got, err := f.cfg.Signals.Read(ctx, after, limit)
	if err != nil {
		return false, err
	}
	events := make([]recommend.Event, 0, len(got))
	for _, s := range got {
		if recommend.Validate(s.Event) == nil { // as whoever stored it saw it
			events = append(events, s.Event)
		}
	}
	if len(got) > 0 {
		if err := f.cfg.Recommender.Record(ctx, events...); err != nil {
			return false, err
		}
		f.mu.Lock()
		f.signal = got[len(got)-1].Position
		f.mu.Unlock()
	}
	if len(got) < limit {
		f.once.Do(func() { close(f.ready) })
	}
	return len(got) == limit, nil
}
