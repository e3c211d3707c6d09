package shelf

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/recommend"
)

// Config is what a [Service] is made of.
type Config struct {
	// Recommender answers. Each of its shelves is a strategy of that name.
	// Required.
	Recommender recommend.Recommender
	// Strategies are further ones that policies can name. Defaults to none.
	Strategies []Strategy

	// Signals, Impressions, Stats and Policies keep what visitors do, what they
	// were shown, the counts of it, and how slots are served. Required.
	Signals     recommend.SignalStore
	Impressions ImpressionStore
	Stats       StatStore
	Policies    PolicyStore
	// Units runs the units of work of the backend that the stores belong to.
	// Required.
	Units uow.Manager
	// Orders tells what is in an order. Required by [Service.React].
	Orders Orders

	// Window is how long after an impression anything speaks for it: that it
	// was seen, a click, a cart, an order. Defaults to 24 hours.
	Window time.Duration
	// Floor is the least share of the visitors that a bandit gives a strategy.
	// Defaults to .05; negative none.
	Floor float64
	// Learn is how far back a bandit looks; what is half as old counts more.
	// Defaults to 14 days.
	Learn time.Duration
	// Patience is when the context ends that a strategy is given, so that another
	// one is asked. A strategy that does not heed its context is waited for.
	// Defaults to 200 ms.
	Patience time.Duration
	// Buffer is how many notes wait to be written; beyond, the oldest are
	// dropped. Defaults to 20,000.
	Buffer int
	// Keep is how long signals, impressions and exposures are kept. Defaults to
	// 30 days. What a member hid is kept until the member is forgotten.
	Keep time.Duration
	// History is how long purchases are kept that are among the signals: those
	// of the shop before. Defaults to a year.
	History time.Duration
	// Catalog tells how many products could be shown, for the coverage.
	// Defaults to those that were shown.
	Catalog func() int

	// Location is where the days of reports begin. Defaults to UTC.
	Location *time.Location
	// Log receives what goes wrong, since no page does. Defaults to silence.
	Log *slog.Logger
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Orders is what a service reads of orders; order.Store is one.
type Orders interface {
	GetMany(ctx context.Context, ids []ref.GroupID) ([]order.Group, error)
}

// Strategy is a way to fill a shelf.
type Strategy struct {
	// Name is what policies and reports call it.
	Name string
	// Recommender is asked. Defaults to that of the Config.
	Recommender recommend.Recommender
	// Shelf is what it is asked for. Defaults to what the slot asks for.
	Shelf recommend.Shelf
}

const day = 24 * time.Hour

// Service serves shelves and measures them. It is safe for concurrent use.
type Service struct {
	cfg        Config
	strategies map[string]Strategy
	names      []string

	plans      atomic.Pointer[plans]
	refreshing sync.Mutex

	mu       sync.Mutex
	buffer   buffer
	taken    buffer // what a flush under way writes
	erasures []erasure
	flushing sync.Mutex
}

// NewService returns a service, or an error that names everything that is
// wrong with cfg. It reads and starts nothing.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("shelf.Config."+field+" is required"))
		}
	}
	need(cfg.Recommender != nil, "Recommender")
	need(cfg.Signals != nil, "Signals")
	need(cfg.Impressions != nil, "Impressions")
	need(cfg.Stats != nil, "Stats")
	need(cfg.Policies != nil, "Policies")
	need(cfg.Units != nil, "Units")
	cfg.setDefaults()
	if cfg.Floor > 1 {
		wrong = append(wrong, errors.New("shelf.Config.Floor is out of range"))
	}
	if min(cfg.Window, cfg.Learn, cfg.Patience, cfg.Keep, cfg.History) < 0 || cfg.Buffer < 0 {
		wrong = append(wrong, errors.New("shelf.Config: a bound is negative"))
	}
	s := &Service{cfg: cfg, strategies: map[string]Strategy{}}
	for _, kind := range recommend.Shelves() {
		s.strategies[string(kind)] = Strategy{Name: string(kind), Recommender: cfg.Recommender, Shelf: kind}
		s.names = append(s.names, string(kind))
	}
	for i, x := range cfg.Strategies {
		at := "shelf.Config.Strategies[" + strconv.Itoa(i) + "]"
		if _, taken := s.strategies[x.Name]; taken || !validName(x.Name) {
			wrong = append(wrong, errors.New(at+".Name is taken or malformed"))
		}
		if x.Shelf != "" && !slices.Contains(recommend.Shelves(), x.Shelf) {
			wrong = append(wrong, errors.New(at+".Shelf is unknown"))
		}
		if x.Recommender == nil {
			x.Recommender = cfg.Recommender
		}
		s.strategies[x.Name] = x
		s.names = append(s.names, x.Name)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return s, nil
}

func (c *Config) setDefaults() {
	for d, standard := range map[*time.Duration]time.Duration{
		&c.Window: day, &c.Learn: 14 * day, &c.Patience: 200 * time.Millisecond, &c.Keep: 30 * day, &c.History: 365 * day,
	} {
		if *d == 0 {
			*d = standard
		}
	}
	if c.Floor == 0 {
		c.Floor = .05
	}
	if c.Buffer == 0 {
		c.Buffer = 20_000
	}
	if c.Location == nil {
		c.Location = time.UTC
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
}

// Strategies returns the names that policies can use.
func (s *Service) Strategies() []string { return slices.Clone(s.names) }

// dayOf is the day of a time, as reports name it.
func (s *Service) dayOf(t time.Time) string { return t.In(s.cfg.Location).Format(time.DateOnly) }

// VisitorOf returns who the scopes of a member and of a guest stand for. The
// session is the guest's key, by which carts and orders know a guest too.
func VisitorOf(scopes ...ref.Scope) recommend.Visitor {
	var v recommend.Visitor
	for _, scope := range scopes {
		if m := scope.Member(); m != "" {
			v.Member = m
		}
		if g := scope.Guest(); g != "" {
			v.Session = g
		}
	}
	return v
}
