package search_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const web ref.ChannelID = "web"

func ann() ref.Scope { return ref.Staff("ann") }

// node is one process of a shop.
type node struct {
	*search.Service

	t     *testing.T
	clock *clock.Manual
	mu    sync.Mutex
	opens int
	fail  error // of the next openings
	wrap  func(search.Index) search.Index
}

// bleve opens an index in memory with a setup.
func bleve(s search.Setup) (search.Index, error) {
	return blevesearch.Open(blevesearch.Config{Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries})
}

func (n *node) open(_ context.Context, s search.Setup) (search.Index, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opens++
	if n.fail != nil {
		return nil, n.fail
	}
	index, err := bleve(s)
	if err == nil && n.wrap != nil {
		index = n.wrap(index)
	}
	return index, err
}

func (n *node) opened() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.opens
}

// newNode starts a process over stores; edit changes its configuration.
func newNode(t *testing.T, stores storage.Stores, at *clock.Manual, edit func(*search.ServiceConfig)) *node {
	t.Helper()
	n := &node{t: t, clock: at}
	cfg := search.ServiceConfig{
		Channels: []search.Channel{{ID: web, Locale: ref.English}, {ID: "zh", Locale: ref.Chinese}},
		Open:     n.open, Settings: stores.SearchSettings, Log: stores.SearchLog, Units: stores.Units, Events: stores.Events,
		Clock: at,
	}
	if edit != nil {
		edit(&cfg)
	}
	var err error
	n.Service, err = search.NewService(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	return n
}

func morning() *clock.Manual { return clock.NewManual(time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)) }

// newShop is a node over memory with four lamps in its index.
func newShop(t *testing.T) *node {
	t.Helper()
	n := newNode(t, memory.New().Stores(), morning(), nil)
	n.refill(lamps()...)
	return n
}

func lamps() []search.Document {
	return []search.Document{
		{ID: "p-1", Version: 1, Title: "Walnut desk lamp", Sales: 9, InStock: true},
		{ID: "p-2", Version: 1, Title: "Brass desk lamp", Sales: 5, InStock: true},
		{ID: "p-3", Version: 1, Title: "Floor lamp, oak", Sales: 3, InStock: true},
		{ID: "p-4", Version: 1, Title: "Leather couch", Sales: 1, InStock: true},
	}
}

// refill rebuilds the index of the shop.
func (n *node) refill(documents ...search.Document) {
	n.t.Helper()
	require.NoError(n.t, n.Rebuild(n.t.Context(), web, func(ctx context.Context, w search.Writer) error {
		return w.Index(ctx, documents)
	}))
}

// ask searches and returns the answer with the ids found.
func (n *node) ask(text, visitor string) (search.Answer, []ref.ProductID) {
	n.t.Helper()
	found, err := n.Search(n.t.Context(), search.Request{Channel: web, Visitor: visitor, Query: search.Query{Text: text}})
	require.NoError(n.t, err)
	var ids []ref.ProductID
	for _, h := range found.Hits {
		ids = append(ids, h.ID)
	}
	return found, ids
}

// found returns what a text finds, and not what is merely popular.
func (n *node) found(text string) []ref.ProductID {
	n.t.Helper()
	got, ids := n.ask(text, "")
	if got.Step == search.StepPopular && text != "" {
		return nil
	}
	return ids
}

func visitor(i int) string { return search.Visitor(ref.Member(ref.MemberID("m-" + strconv.Itoa(i)))) }
