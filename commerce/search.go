package commerce

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/search/indexing"
)

func (b *builder) search() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	if !c.searches() {
		return
	}
	channels := make([]search.Channel, len(c.Channels))
	for i, ch := range c.Channels {
		channels[i] = search.Channel{ID: ch.ID, Locale: ch.Locale, Segmenter: c.Search.Segmenter}
	}
	open := c.Search.Open
	if open == nil {
		open = inMemory
	}
	m.Search = build(b, search.NewService, search.ServiceConfig{
		Channels: channels, Open: open, Shared: c.Search.Shared, Settings: s.SearchSettings, Log: s.SearchLog,
		Units: s.Units, Events: s.Events, Retention: c.Search.Retention, Clock: c.Clock, IDs: c.IDs,
	})
	m.Indexing = build(b, indexing.NewService, indexing.Config{
		Search: m.Search, Channels: c.Channels, Rows: s.Listings, Products: s.Products, Categories: s.Categories,
		Brands: s.Brands, Prices: m.Prices, Orders: s.Orders, Clock: c.Clock,
	})
}

// inMemory opens the index of a channel in this process.
func inMemory(_ context.Context, s search.Setup) (search.Index, error) {
	return blevesearch.Open(blevesearch.Config{Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries})
}

// mostSearchWait bounds the wait for stores that did not answer: nobody gives
// up what only concerns this node.
const mostSearchWait = time.Minute

func (m *Marketplace) searchConsumers() []outbox.Consumer {
	feed := outbox.Consumer{
		Name: "souk.search", Topics: indexing.Topics(), React: m.Indexing.React,
		Retry: &outbox.Retry{Min: time.Second, Max: mostSearchWait},
	}
	if m.cfg.Search.Shared {
		feed.Outside = true
	} else {
		feed.PerNode, feed.Rebuild = true, m.Indexing.Restart
	}
	settings := outbox.Consumer{
		Name: "souk.search.settings", Topics: []string{search.Topic}, React: m.Search.React, PerNode: true,
		Rebuild: func(ctx context.Context, _ string) error { return m.Search.Reload(ctx) },
		Retry:   &outbox.Retry{Min: time.Second, Max: mostSearchWait},
	}
	return []outbox.Consumer{
		feed, settings,
		{Name: "souk.search.log", Topics: indexing.LogTopics(), React: m.Indexing.Follow},
		{Name: "souk.search.forget", Topics: []string{member.Topic}, React: m.Indexing.Follow, PerNode: true, FromHead: true},
	}
}

func (m *Marketplace) searchJobs() []job {
	if m.Search == nil {
		return nil
	}
	alone := func(fn func(context.Context) error) func(context.Context) (bool, error) {
		return func(ctx context.Context) (bool, error) { return false, fn(ctx) }
	}
	return []job{
		{"the search is whole", time.Second, alone(m.Indexing.Mend)},
		{"searches are logged", time.Second, alone(m.Search.Flush)},
		{"suggestions follow the log", 5 * time.Minute, alone(m.Search.Refresh)},
		{"old searches go", time.Hour, counted(m.Search.Purge)},
	}
}

// closing is how long the end waits for what is still to be written.
const closing = 5 * time.Second

// closeSearch writes what waits for the log and closes the indexes; whoever
// searches afterwards opens them again.
func (m *Marketplace) closeSearch(ctx context.Context) error {
	if m.Search == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return errors.Join(m.Search.Flush(ctx), m.Search.Close())
}
