package commerce_test

import (
	"context"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/search/pgsearch"
	"github.com/soukhq/souk/storage/memory"
)

// finds reports whether a text finds the tea.
func finds(ctx context.Context, m *commerce.Marketplace, text string) bool {
	found, err := m.Search.Search(ctx, search.Request{Channel: commerce.DefaultChannel, Query: search.Query{Text: text}})
	return err == nil && found.Full == 1 && found.Hits[0].ID == "tea"
}

// soon is how soon a changed product is to be found, and patience what a busy
// machine is given on top.
const (
	soon     = time.Second
	patience = 20 * time.Second
)

func TestAChangedProductIsFoundWithinASecond(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, cfg commerce.Config) {
		t.Helper()
		m, err := commerce.New(cfg)
		require.NoError(t, err)
		require.NoError(t, m.Start(t.Context()))
		stock(t, m)
		require.Eventually(t, func() bool { return finds(t.Context(), m, "green tea") }, patience, 5*time.Millisecond)
		best := patience
		for _, title := range []string{"Jasmine blend", "Oolong blend", "Sencha blend"} {
			p, err := m.Catalog.Product(t.Context(), staff(), "tea")
			require.NoError(t, err)
			_, err = m.Catalog.ChangeProduct(t.Context(), staff(), p.ID, p.Version, catalog.ProductInput{
				Title: catalog.Text{ref.English: title}, SKUs: []catalog.SKUInput{{ID: "tea-100g", Code: "TEA-100"}},
			})
			require.NoError(t, err)
			committed := clock.System{}.Now()
			require.Eventually(t, func() bool { return finds(t.Context(), m, title) }, patience, 5*time.Millisecond)
			took := clock.System{}.Now().Sub(committed)
			t.Logf("found after %v", took.Round(time.Millisecond))
			best = min(best, took)
		}
		require.Less(t, best, soon)
		require.NoError(t, m.Stop(t.Context()))
	})
}

// Whoever is started, drained or searched leaves nothing behind after Stop.
func TestStopLeavesNoGoroutine(t *testing.T) {
	t.Parallel()
	running := func() string {
		var b strings.Builder
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
		var mine []string
		for _, stack := range strings.Split(b.String(), "\n\n") {
			if strings.Contains(stack, "souk.test-of-stop") && !strings.Contains(stack, "TestStopLeavesNoGoroutine") {
				mine = append(mine, stack)
			}
		}
		return strings.Join(mine, "\n\n")
	}
	// Goroutines inherit the labels of who starts them.
	pprof.Do(t.Context(), pprof.Labels("souk.test-of-stop", "1"), func(ctx context.Context) {
		m, err := commerce.New(commerce.Config{})
		require.NoError(t, err)
		require.Empty(t, running(), "New starts nothing")
		require.NoError(t, m.Stop(ctx), "and there is nothing to stop")
		stock(t, m)
		require.NoError(t, m.Drain(ctx))
		require.True(t, finds(ctx, m, "green tea"))
		require.NoError(t, m.Stop(ctx))
		require.Eventually(t, func() bool { return running() == "" }, patience, time.Millisecond, "after Drain")

		require.NoError(t, m.Start(ctx))
		require.Eventually(t, func() bool { return finds(ctx, m, "green tea") }, patience, time.Millisecond, "it is filled again")
		require.NotEmpty(t, running())
		require.NoError(t, m.Stop(ctx))
		require.Eventually(t, func() bool { return running() == "" }, patience, time.Millisecond, "after Start")
	})
}

func TestStopWritesTheLogOfTheSearch(t *testing.T) {
	t.Parallel()
	m, err := commerce.New(commerce.Config{})
	require.NoError(t, err)
	stock(t, m)
	require.NoError(t, m.Drain(t.Context()))
	require.NoError(t, m.Start(t.Context()))
	require.True(t, finds(t.Context(), m, "green tea"))
	require.NoError(t, m.Stop(t.Context()))
	require.Eventually(t, func() bool {
		p, err := m.Search.Queries(t.Context(), staff(), search.ReportQuery{Channel: commerce.DefaultChannel}, page.Request{})
		return err == nil && len(p.Items) == 1
	}, patience, time.Millisecond)
}

func TestAShopWithoutASearch(t *testing.T) {
	t.Parallel()
	off, err := commerce.New(commerce.Config{Search: commerce.SearchConfig{Off: true}})
	require.NoError(t, err)
	require.Nil(t, off.Search)
	stock(t, off)
	require.NoError(t, off.Drain(t.Context()))
	require.NoError(t, off.Stop(t.Context()))

	cfg := commerce.Config{Stores: memory.New().Stores(), Gateways: []payment.Gateway{fakepay.New().Gateway()}}
	cfg.Stores.SearchLog = nil
	_, err = commerce.New(cfg)
	require.ErrorContains(t, err, "commerce.Config.Stores.SearchLog is missing")
	cfg.Stores.SearchSettings = nil
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	require.Nil(t, m.Search)
}

// Two nodes over the same stores have an index each, and both follow.
func TestEveryNodeHasItsIndex(t *testing.T) {
	t.Parallel()
	cfg := open(t, backendtest.Memory())
	var nodes [2]*commerce.Marketplace
	for i := range nodes {
		var err error
		nodes[i], err = commerce.New(cfg)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, nodes[i].Stop(context.WithoutCancel(t.Context()))) })
	}
	stock(t, nodes[0])
	for _, m := range nodes {
		require.NoError(t, m.Drain(t.Context()))
		require.True(t, finds(t.Context(), m, "green tea"))
	}
	_, err := nodes[0].Search.SaveRule(t.Context(), staff(), search.RuleInput{Channel: commerce.DefaultChannel, Rule: search.Rule{
		When: search.WhenIs, Query: "green tea", Hide: []ref.ProductID{"tea"},
	}})
	require.NoError(t, err)
	require.True(t, finds(t.Context(), nodes[1], "green tea"), "not yet")
	require.NoError(t, nodes[1].Drain(t.Context()))
	require.False(t, finds(t.Context(), nodes[1], "green tea"))
}

// sharedIndex is one index that several nodes open: closing it is none of
// theirs.
type sharedIndex struct{ inner }

type inner = search.Index

func (sharedIndex) Close() error { return nil }

// A node that begins later finds the index that the others have filled, and
// rebuilds nothing.
func TestNodesShareAnIndexInPostgreSQL(t *testing.T) {
	t.Parallel()
	url := pgtest.Quick(t).Template(t, "pgsearch", func(ctx context.Context, url string) error {
		pool, err := pgxpool.New(ctx, url)
		if err != nil {
			return err
		}
		defer pool.Close()
		return pgsearch.Migrate(ctx, pool, pgsearch.Schema{})
	})
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	cfg := open(t, backendtest.Memory())
	cfg.Search = commerce.SearchConfig{Shared: true, Open: func(ctx context.Context, s search.Setup) (search.Index, error) {
		return pgsearch.Open(ctx, pgsearch.Config{
			Pool: pool, Name: string(s.Channel), Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries,
		})
	}}
	first, err := commerce.New(cfg)
	require.NoError(t, err)
	stock(t, first)
	_, err = first.Search.Search(t.Context(), search.Request{Channel: commerce.DefaultChannel})
	require.ErrorIs(t, err, fault.Unavailable, "nobody has filled it")
	require.NoError(t, first.Drain(t.Context()))
	require.True(t, finds(t.Context(), first, "green tea"))

	second, err := commerce.New(cfg)
	require.NoError(t, err)
	require.True(t, finds(t.Context(), second, "green tea"), "it is full")
	require.NoError(t, second.Drain(t.Context()))
	stats, err := second.Search.Check(t.Context(), commerce.DefaultChannel)
	require.NoError(t, err)
	require.EqualValues(t, 1, stats.Rebuilt)
	for _, m := range []*commerce.Marketplace{first, second} {
		require.NoError(t, m.Stop(t.Context()))
	}
}

func TestNodesThatShareAnIndexFeedItOnce(t *testing.T) {
	t.Parallel()
	cfg := open(t, backendtest.Memory())
	first, err := commerce.New(cfg)
	require.NoError(t, err)
	one, err := blevesearch.Open(blevesearch.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, one.Close()) })
	cfg.Search = commerce.SearchConfig{Shared: true, Open: func(context.Context, search.Setup) (search.Index, error) {
		return sharedIndex{one}, nil
	}}
	stock(t, first)
	var nodes [2]*commerce.Marketplace
	for i := range nodes {
		nodes[i], err = commerce.New(cfg)
		require.NoError(t, err)
	}
	_, err = nodes[1].Search.Search(t.Context(), search.Request{Channel: commerce.DefaultChannel})
	require.ErrorIs(t, err, fault.Unavailable)
	require.NoError(t, nodes[0].Drain(t.Context()))
	require.True(t, finds(t.Context(), nodes[0], "green tea"))
	require.NoError(t, nodes[1].Drain(t.Context()))
	require.True(t, finds(t.Context(), nodes[1], "green tea"), "what the other node filled")
	stats, err := one.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, stats.Rebuilt)
	require.NoError(t, first.Stop(t.Context()))
}
