package search

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/ref"
)

// settled is what a node has read of the settings of a channel.
type settled struct {
	mu      sync.Mutex // one applies at a time
	read    bool
	version int64
	rules   atomic.Pointer[[]compiled]
}

func (s *settled) known() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read
}

// unsaved are the settings of a channel for which none were saved.
func unsaved(channel ref.ChannelID) Settings { return Settings{Channel: channel, Defaults: true} }

// apply takes settings into use, unless newer ones are.
func (a *aisle) apply(in Settings) error {
	s := &a.settings
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read && in.Version <= s.version {
		return nil
	}
	rules := compile(&a.setup.Analyzer, in.Rules)
	s.rules.Store(&rules)
	s.read, s.version = true, in.Version
	return a.setup.Thesaurus.Replace(&a.setup.Analyzer, a.synonyms(in))
}

// synonyms returns the shop's own and, where it wants them, the common ones.
func (a *aisle) synonyms(in Settings) []Synonym {
	if !in.Defaults {
		return in.Synonyms
	}
	return append(in.Clone().Synonyms, DefaultSynonyms(a.setup.Locale)...)
}

// steer returns what the rules in force want of a text, behind what the caller
// wants: never more than an index takes.
func (a *aisle) steer(own Steering, text string, now time.Time) Steering {
	rules := a.settings.rules.Load()
	if rules == nil {
		return own
	}
	return own.and(resolve(&a.setup.Analyzer, *rules, text, now)).clip()
}

// Reload reads the settings of all channels and takes newer ones into use. Kinds:
// those of [SettingsStore.GetMany].
func (s *Service) Reload(ctx context.Context) error { return s.reload(ctx, s.aisles...) }

func (s *Service) reload(ctx context.Context, aisles ...*aisle) error {
	ids := make([]ref.ChannelID, len(aisles))
	for i, a := range aisles {
		ids[i] = a.setup.Channel
	}
	found, err := s.cfg.Settings.GetMany(ctx, ids)
	if err != nil {
		return err
	}
	saved := map[ref.ChannelID]Settings{}
	for _, in := range found {
		saved[in.Channel] = in
	}
	var failed []error
	for _, a := range aisles {
		in, ok := saved[a.setup.Channel]
		if !ok {
			in = unsaved(a.setup.Channel)
		}
		failed = append(failed, a.apply(in))
	}
	return errors.Join(failed...)
}

// React takes saved settings into use: every node runs it for the events of
// [Topic]. What it does not know, it passes over.
func (s *Service) React(ctx context.Context, r event.Record) error {
	var e SettingsChanged
	if r.Name != e.EventName() {
		return nil
	}
	if err := event.Decode(r, &e); err != nil {
		return err
	}
	a, err := s.find(e.Channel)
	if err != nil {
		return nil //nolint:nilerr // a channel that this shop has no more
	}
	return s.reload(ctx, a)
}

// What makes a text a suggestion.
const (
	popularSince    = 30 * 24 * time.Hour
	popularVisitors = 3
	popularMost     = 10_000
)

// Refresh reads the settings, and fills the suggestions of every channel with
// what at least three visitors asked in the last 30 days and found. Run it
// every few minutes on every node. Kinds: those of the stores.
func (s *Service) Refresh(ctx context.Context) error {
	if err := s.Reload(ctx); err != nil {
		return err
	}
	since := s.cfg.Clock.Now().Add(-popularSince)
	for _, a := range s.aisles {
		popular, err := s.cfg.Log.Popular(ctx, PopularQuery{
			Channel: a.setup.Channel, Since: since, Visitors: popularVisitors, Limit: popularMost,
		})
		if err != nil {
			return err
		}
		public := popular[:0]
		for _, q := range popular {
			if !personal(q.Text) {
				public = append(public, q)
			}
		}
		a.setup.Queries.Replace(public)
	}
	return nil
}
