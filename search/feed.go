package search

import (
	"context"
	"errors"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Write writes documents of a channel and takes removed products out. What
// comes before the first [Service.Rebuild] is left out unless one is under way:
// it will read the newest of everything. Kinds: NotFound for an unknown
// channel, Invalid, Unavailable, Canceled.
func (s *Service) Write(ctx context.Context, channel ref.ChannelID, documents []Document, removed []Removal) error {
	a, err := s.find(channel)
	if err != nil {
		return err
	}
	index, err := s.open(ctx, a)
	if err != nil {
		return err
	}
	if s.early(a) {
		return nil
	}
	if len(documents) > 0 {
		if err := index.Index(ctx, documents); err != nil {
			return away(err)
		}
	}
	if len(removed) > 0 {
		if err := index.Delete(ctx, removed); err != nil {
			return away(err)
		}
	}
	return nil
}

// Early reports whether [Service.Write] would leave a document of a channel
// out, because the index waits for its first rebuild or is closed.
func (s *Service) Early(channel ref.ChannelID) bool {
	a, err := s.find(channel)
	return err == nil && s.early(a)
}

func (s *Service) early(a *aisle) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !s.cfg.Shared && !a.filled && a.rebuilding == 0
}

// Rebuild fills the index of a channel anew beside the live one, see
// [Index.Rebuild]; from then on it is searched. Kinds: NotFound for an unknown
// channel, Conflict where one is under way, Unavailable, Canceled, and those of
// fill.
func (s *Service) Rebuild(ctx context.Context, channel ref.ChannelID, fill func(ctx context.Context, w Writer) error) error {
	a, err := s.find(channel)
	if err != nil {
		return err
	}
	index, err := s.open(ctx, a)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.rebuilding++
	a.mu.Unlock()
	var own error
	err = index.Rebuild(ctx, func(ctx context.Context, w Writer) error {
		own = fill(ctx, w)
		return own
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rebuilding--
	switch {
	case own != nil && errors.Is(err, own):
		return err
	case err != nil:
		return away(err)
	}
	if a.index == index {
		a.filled = true
	}
	return nil
}

// Filled reports whether the index of a channel is open and can be searched:
// after its first rebuild, or where it was not empty when it was opened.
func (s *Service) Filled(channel ref.ChannelID) bool {
	a, err := s.find(channel)
	if err != nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.index != nil && a.filled
}

// Check opens the index of a channel if need be, asks it for one product and
// tells what it holds. One that does not answer is closed, so that the next use
// opens it anew. Kinds: NotFound for an unknown channel, Unavailable, Canceled.
func (s *Service) Check(ctx context.Context, channel ref.ChannelID) (Stats, error) {
	a, err := s.find(channel)
	if err != nil {
		return Stats{}, err
	}
	index, err := s.open(ctx, a)
	if err != nil {
		return Stats{}, err
	}
	_, err = index.Search(ctx, Query{Limit: 1})
	var stats Stats
	if err == nil {
		stats, err = index.Stats(ctx)
	}
	if err = away(err); err == nil || errors.Is(err, fault.Canceled) {
		if a.mu.Lock(); err == nil && s.cfg.Shared && s.full(stats) && a.index == index {
			a.filled = true // by another node
		}
		a.mu.Unlock()
		return stats, err
	}
	return Stats{}, errors.Join(err, a.close())
}
