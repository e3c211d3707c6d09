package indexing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/indexing"
	"github.com/soukhq/souk/storage/memory"
)

// peer is another node of a shop, with a search and a clock of its own.
type peer struct {
	*indexing.Service
	t      *testing.T
	search *search.Service
}

func (s *shop) peer(at clock.Clock, shared bool) peer {
	s.t.Helper()
	found, err := search.NewService(search.ServiceConfig{
		Channels: []search.Channel{{ID: "us", Locale: ref.English}}, Open: s.open, Shared: shared, Settings: s.stores.SearchSettings,
		Log: s.stores.SearchLog, Units: s.stores.Units, Events: s.stores.Events, Clock: at,
	})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, found.Close()) })
	feed, err := indexing.NewService(indexing.Config{
		Search: found, Channels: []pricing.Channel{{ID: "us", Currency: "USD", Locale: ref.English}}, Rows: s.stores.Listings,
		Products: s.stores.Products, Categories: s.stores.Categories, Brands: s.stores.Brands, Prices: s.Prices, Clock: at,
	})
	require.NoError(s.t, err)
	require.NoError(s.t, feed.Rebuild(s.t.Context()))
	return peer{feed, s.t, found}
}

// finds returns how many products have all words of a text.
func (p peer) finds(text string) int {
	p.t.Helper()
	found, err := p.search.Search(p.t.Context(), search.Request{Channel: "us", Query: search.Query{Text: text}})
	require.NoError(p.t, err)
	return found.Full
}

// news is the event that a product's rows were written.
func (s *shop) news(id ref.ProductID, at time.Time) event.Record {
	s.t.Helper()
	rows, err := s.stores.Listings.GetMany(s.t.Context(), "us", "USD", []ref.ProductID{id})
	require.NoError(s.t, err)
	r, err := event.New("e-1", listing.Topic, string(id), at, listing.Refreshed{
		Products: []listing.RefreshedProduct{{Product: id, Version: rows[0].Version}},
	})
	require.NoError(s.t, err)
	return r
}

// What a shared index does not take is no other node's to write: nobody but the
// log of events remembers it.
func TestASharedIndexIsToldAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	s.lamp("lamp", "Desk lamp", 5000)
	s.drain()
	node := s.peer(s.clock, true)
	require.Equal(t, 1, node.finds("desk lamp"))

	s.rename("lamp", "Reading light")
	s.drain()
	r := s.news("lamp", s.clock.Now())
	s.fail(nil, errDisk)
	require.ErrorIs(t, node.React(t.Context(), r), fault.Unavailable)
	s.fail(nil, nil)
	require.Zero(t, node.finds("reading light"))
	require.NoError(t, node.React(t.Context(), r))
	require.Equal(t, 1, node.finds("reading light"))
}

// A shared index that an older version has filled is used as it is, until a node
// has filled it anew.
func TestAnIndexOfAnOlderAnalysisIsRebuilt(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	s.lamp("lamp", "Desk lamp", 5000)
	s.drain()
	node := s.peer(s.clock, true)
	require.NoError(t, node.Mend(t.Context()))
	before, err := node.search.Check(t.Context(), "us")
	require.NoError(t, err)
	require.False(t, before.Outdated)

	s.mu.Lock()
	s.old = true
	s.mu.Unlock()
	s.clock.Advance(time.Minute)
	require.Equal(t, 1, node.finds("desk lamp"))
	for range 2 {
		require.NoError(t, node.Mend(t.Context()))
		after, err := node.search.Check(t.Context(), "us")
		require.NoError(t, err)
		require.False(t, after.Outdated)
		require.Equal(t, before.Rebuilt+1, after.Rebuilt, "once")
	}
}

// The clock of the node that tells of the beginning of a window may be ahead.
func TestAWindowBeginsByTheClockThatTellsOfIt(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	p, now := s.lamp("lamp", "Desk lamp", 5000), s.clock.Now()
	_, err := s.Catalog.Publish(t.Context(), staff(), catalog.PublishInput{
		Product: p.ID, Version: p.Version, Channel: "us", From: now.Add(time.Hour),
	})
	require.NoError(t, err)
	s.price(pricing.SetInput{SKU: "lamp-a", Channel: "us", Unit: money.New(4500, "USD"), From: now.Add(2 * time.Hour)})
	s.drain()
	behind := clock.NewManual(now)
	node := s.peer(behind, false)
	for _, step := range []struct {
		after time.Duration
		cents float64
	}{{time.Hour, 5000}, {2 * time.Hour, 4500}} {
		s.clock.Set(now.Add(step.after))
		behind.Set(now.Add(step.after - time.Second))
		s.drain()
		require.NoError(t, node.React(t.Context(), s.news("lamp", s.clock.Now())))
		found, err := node.search.Search(t.Context(), search.Request{Channel: "us", Query: search.Query{
			Filters: []search.Filter{{Field: search.FieldPrice, Min: &step.cents, Max: &step.cents}},
		}})
		require.NoError(t, err)
		require.Equal(t, 1, found.Total, "after %s", step.after)
	}
}

func TestASecondRebuildIsToldOfTheFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	s.lamp("lamp", "Desk lamp", 5000)
	s.drain()
	rows := &slowRows{}
	feed := s.another(rows)
	rows.after = func(int) {
		require.ErrorIs(t, feed.Rebuild(t.Context()), fault.Conflict)
		require.NoError(t, feed.Mend(t.Context()), "who mends in any case leaves it to the other")
	}
	require.NoError(t, feed.Rebuild(t.Context()))
	require.Positive(t, rows.calls)
}
