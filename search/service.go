package search

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Channel is a storefront with a search of its own.
type Channel struct {
	ID ref.ChannelID
	// Locale is the language of its texts.
	Locale ref.Locale
	// Segmenter finds words of scripts without spaces. Defaults to none.
	Segmenter Segmenter
}

// Setup is what the index of a channel is opened with.
type Setup struct {
	Channel  ref.ChannelID
	Locale   ref.Locale
	Analyzer Analyzer
	// Thesaurus and Queries are kept up to date while the index is open.
	Thesaurus *Thesaurus
	Queries   *QueryBook
}

// ServiceConfig is what a [Service] is made of.
type ServiceConfig struct {
	// Channels are the storefronts that have a search. Required.
	Channels []Channel
	// Open opens the index of a channel; it is called at the first use, and
	// again after Close. Required.
	Open func(ctx context.Context, s Setup) (Index, error)
	// Shared says that Open gives all nodes the same index, whose Stats count
	// the rebuilds of all of them. Defaults to one index per node.
	Shared bool
	// Settings keeps rules and synonyms. Required.
	Settings SettingsStore
	// Log keeps what was searched for. Required.
	Log LogStore
	// Units runs the units of work of the stores' backend. Required.
	Units uow.Manager
	// Events is the log of that backend. Required.
	Events event.Appender
	// Retention is how long the log is kept. Defaults to 90 days.
	Retention time.Duration
	// Buffer bounds the searches and clicks that wait for [Service.Flush]; of
	// more the oldest are dropped. Defaults to 10,000.
	Buffer int
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

const (
	defaultRetention = 90 * 24 * time.Hour
	defaultBuffer    = 10_000
)

// Service is the search of a shop: one index per channel, with rules, synonyms
// and suggestions, and the log of what was asked. It is safe for concurrent
// use and starts no goroutine.
type Service struct {
	cfg     ServiceConfig
	aisles  []*aisle
	journal journal
}

// NewService returns a service, or an error that names every missing field. It
// opens nothing.
func NewService(cfg ServiceConfig) (*Service, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("search.ServiceConfig."+field+" is required"))
		}
	}
	need(len(cfg.Channels) > 0, "Channels")
	need(cfg.Open != nil, "Open")
	need(cfg.Settings != nil, "Settings")
	need(cfg.Log != nil, "Log")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	if cfg.Retention < 0 {
		wrong = append(wrong, errors.New("search.ServiceConfig.Retention is below zero"))
	}
	if cfg.Buffer < 0 {
		wrong = append(wrong, errors.New("search.ServiceConfig.Buffer is below zero"))
	}
	if cfg.Retention == 0 {
		cfg.Retention = defaultRetention
	}
	if cfg.Buffer == 0 {
		cfg.Buffer = defaultBuffer
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	s := &Service{cfg: cfg, journal: journal{most: cfg.Buffer}}
	seen := map[ref.ChannelID]bool{}
	for _, c := range cfg.Channels {
		if !ref.ValidID(string(c.ID)) || seen[c.ID] {
			wrong = append(wrong, fmt.Errorf("search.ServiceConfig.Channels: %q is no channel id, or there twice", c.ID))
		}
		seen[c.ID] = true
		s.aisles = append(s.aisles, &aisle{
			setup: Setup{
				Channel: c.ID, Locale: c.Locale, Analyzer: Analyzer{Locale: c.Locale, Segmenter: c.Segmenter},
				Thesaurus: &Thesaurus{}, Queries: &QueryBook{},
			},
			turn: make(chan struct{}, 1),
		})
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return s, nil
}

// Channels returns the channels that have a search.
func (s *Service) Channels() []Channel { return append([]Channel(nil), s.cfg.Channels...) }

// Shared reports whether all nodes have the same indexes.
func (s *Service) Shared() bool { return s.cfg.Shared }

// aisle is the search of one channel.
type aisle struct {
	setup Setup
	turn  chan struct{} // held by who opens the index

	mu         sync.Mutex
	index      Index // nil while closed
	filled     bool
	rebuilding int
	failure    error // of the last opening
	failedAt   time.Time

	settings settled
}

// retryOpening is how long a failed opening is not tried again.
const retryOpening = time.Second

func (s *Service) find(channel ref.ChannelID) (*aisle, error) {
	for _, a := range s.aisles {
		if a.setup.Channel == channel {
			return a, nil
		}
	}
	return nil, fault.New(fault.NotFound, "search.channel", "no such channel").With("id", string(channel))
}

// open returns the index of a channel, opening it where it is closed.
func (s *Service) open(ctx context.Context, a *aisle) (Index, error) {
	if index := a.current(); index != nil {
		return index, nil
	}
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, Failure(ctx.Err())
	}
	if index := a.current(); index != nil {
		return index, nil
	}
	a.mu.Lock()
	failure, pause := a.failure, a.failedAt.Add(retryOpening)
	a.mu.Unlock()
	if failure != nil && s.cfg.Clock.Now().Before(pause) {
		return nil, failure
	}
	index, filled, err := s.unlock(ctx, a)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		err = away(err)
		if ctx.Err() == nil { // else somebody else may be more patient
			a.failure, a.failedAt = err, s.cfg.Clock.Now()
		}
		return nil, err
	}
	a.index, a.filled, a.failure = index, filled, nil
	return index, nil
}

// unlock opens an index and looks what is in it.
func (s *Service) unlock(ctx context.Context, a *aisle) (Index, bool, error) {
	if !a.settings.known() {
		if err := s.reload(ctx, a); err != nil {
			return nil, false, err
		}
	}
	index, err := s.cfg.Open(ctx, a.setup)
	if err != nil {
		return nil, false, err
	}
	stats, err := index.Stats(ctx)
	if err != nil {
		return nil, false, errors.Join(err, index.Close())
	}
	return index, s.full(stats), nil
}

// full reports whether an index can be searched as it is. One that is shared
// may hold the few products that were written before it was ever filled.
func (s *Service) full(stats Stats) bool {
	if s.cfg.Shared {
		return stats.Rebuilt > 0
	}
	return stats.Documents > 0
}

func (a *aisle) current() Index {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.index
}

// ready returns the index of a channel where it can be searched.
func (s *Service) ready(ctx context.Context, a *aisle) (Index, error) {
	index, err := s.open(ctx, a)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.filled {
		return nil, fault.New(fault.Unavailable, "search.away", "the search is being set up")
	}
	return index, nil
}

// away makes Unavailable of whatever an index says that is neither about the
// question nor about the caller's patience.
func away(err error) error {
	if err == nil {
		return nil
	}
	err = Failure(err)
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Canceled, fault.Conflict:
		return err
	default:
		return fault.Wrap(err, fault.Unavailable, "search.away", "the search does not answer")
	}
}

// Close closes the indexes. What waits for [Service.Flush] stays; whoever uses
// the search afterwards opens them again.
func (s *Service) Close() error {
	var failed []error
	for _, a := range s.aisles {
		failed = append(failed, a.close())
	}
	return errors.Join(failed...)
}

func (a *aisle) close() error {
	a.turn <- struct{}{} // whoever opens it now is done first
	defer func() { <-a.turn }()
	a.mu.Lock()
	index := a.index
	a.index, a.filled, a.failure = nil, false, nil
	a.mu.Unlock()
	if index == nil {
		return nil
	}
	return index.Close()
}
