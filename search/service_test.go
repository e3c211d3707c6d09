package search_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func TestNewServiceNamesWhatLacks(t *testing.T) {
	t.Parallel()
	_, err := search.NewService(search.ServiceConfig{Retention: -1, Buffer: -1})
	for _, field := range []string{"Channels", "Open", "Settings", "Log", "Units", "Events", "Retention", "Buffer"} {
		require.ErrorContains(t, err, "search.ServiceConfig."+field)
	}
	s := memory.New().Stores()
	_, err = search.NewService(search.ServiceConfig{
		Channels: []search.Channel{{ID: "a"}, {ID: "a"}, {}}, Settings: s.SearchSettings, Log: s.SearchLog, Units: s.Units, Events: s.Events,
		Open: func(context.Context, search.Setup) (search.Index, error) { return nil, errors.ErrUnsupported },
	})
	require.ErrorContains(t, err, `"a"`)
	require.ErrorContains(t, err, `""`)
}

func TestAnIndexIsOpenedOnceAtItsFirstUse(t *testing.T) {
	t.Parallel()
	n := newNode(t, memory.New().Stores(), morning(), nil)
	require.Zero(t, n.opened())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := n.Search(t.Context(), search.Request{Channel: web, Query: search.Query{Text: "lamp"}})
			if !errors.Is(err, fault.Unavailable) {
				t.Errorf("an empty index answers %v", err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, n.opened(), "the other channel stays closed")
	require.False(t, n.Filled(web))

	n.refill(lamps()...)
	require.True(t, n.Filled(web))
	require.Equal(t, []ref.ProductID{"p-1", "p-2"}, n.found("desk lamp")[:2])
	require.NoError(t, n.Close())
	require.False(t, n.Filled(web))
	_, err := n.Search(t.Context(), search.Request{Channel: web})
	require.ErrorIs(t, err, fault.Unavailable, "it is in memory, and has to be filled again")
	require.Equal(t, 2, n.opened())
}

func TestAFailedOpeningIsTriedAgainAfterASecond(t *testing.T) {
	t.Parallel()
	n := newNode(t, memory.New().Stores(), morning(), nil)
	n.fail = errors.New("no such folder")
	ask := func() error {
		_, err := n.Search(t.Context(), search.Request{Channel: web})
		require.ErrorIs(t, err, fault.Unavailable)
		require.Equal(t, "search.away", fault.CodeOf(err))
		return err
	}
	require.ErrorContains(t, ask(), "no such folder")
	require.ErrorContains(t, ask(), "no such folder")
	require.Equal(t, 1, n.opened())
	all, err := n.Status(t.Context(), ann())
	require.NoError(t, err)
	require.Contains(t, all[0].Problem, "no such folder")
	n.clock.Advance(time.Second)
	require.Error(t, ask())
	require.Equal(t, 2, n.opened())

	n.fail = nil
	n.clock.Advance(time.Second)
	n.refill(lamps()...)
	require.NotEmpty(t, n.found("lamp"))

	gone, end := context.WithCancel(t.Context())
	end()
	n.fail = context.Canceled
	_, err = n.Suggest(gone, "zh", search.SuggestQuery{Text: "l"})
	require.ErrorIs(t, err, fault.Canceled)
	n.fail = nil
	_, err = n.Suggest(t.Context(), "zh", search.SuggestQuery{Text: "l"})
	require.NotContains(t, err.Error(), "canceled", "one caller's impatience is nobody else's")
}

type engine = search.Index

// broken is an index that fails.
type broken struct {
	engine
	err error
}

func (b *broken) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if b.err != nil {
		return search.Result{}, b.err
	}
	return b.engine.Search(ctx, q)
}

func TestAnIndexThatFailsIsAwayAndComesBack(t *testing.T) {
	t.Parallel()
	n := newNode(t, memory.New().Stores(), morning(), nil)
	var last *broken
	n.wrap = func(i search.Index) search.Index {
		last = &broken{engine: i}
		return last
	}
	n.refill(lamps()...)
	for _, err := range []error{
		errors.New("disk"), fault.New(fault.FailedPrecondition, "search.closed", "closed"), fault.New(fault.Internal, "x", "x"),
	} {
		last.err = err
		_, got := n.Search(t.Context(), search.Request{Channel: web})
		require.ErrorIs(t, got, fault.Unavailable)
		require.ErrorIs(t, got, err)
	}
	last.err = fault.New(fault.Invalid, "page.cursor", "foreign")
	_, err := n.Search(t.Context(), search.Request{Channel: web})
	require.ErrorIs(t, err, fault.Invalid)

	last.err = errors.New("lost")
	_, err = n.Check(t.Context(), web)
	require.ErrorIs(t, err, fault.Unavailable)
	require.False(t, n.Filled(web), "it was given up")
	stats, err := n.Check(t.Context(), web)
	require.NoError(t, err)
	require.Zero(t, stats.Documents)
	require.Equal(t, 2, n.opened())
	n.refill(lamps()...)
	stats, err = n.Check(t.Context(), web)
	require.NoError(t, err)
	require.Equal(t, 4, stats.Documents)
}

func TestWhatIsWrittenIsNeverOlderThanWhatIsThere(t *testing.T) {
	t.Parallel()
	n := newNode(t, memory.New().Stores(), morning(), nil)
	doc := func(version int64, title string) []search.Document {
		return []search.Document{{ID: "p-9", Version: version, Title: title}}
	}
	require.NoError(t, n.Write(t.Context(), web, doc(1, "early"), nil))
	n.refill()
	require.Empty(t, n.found("early"), "it came before the first rebuild, which reads everything")
	require.NoError(t, n.Write(t.Context(), web, doc(3, "third"), nil))
	require.NoError(t, n.Write(t.Context(), web, doc(2, "second"), nil))
	require.Equal(t, []ref.ProductID{"p-9"}, n.found("third"))

	require.NoError(t, n.Rebuild(t.Context(), web, func(ctx context.Context, w search.Writer) error {
		require.NoError(t, n.Write(ctx, web, doc(6, "sixth"), []search.Removal{{ID: "p-8", Version: 6}}))
		return w.Index(ctx, append(doc(5, "fifth"), search.Document{ID: "p-8", Version: 5, Title: "gone"}))
	}))
	require.Equal(t, []ref.ProductID{"p-9"}, n.found("sixth"))
	require.NotContains(t, n.found("gone"), ref.ProductID("p-8"))

	failed := errors.New("the stores are away")
	require.ErrorIs(t, n.Rebuild(t.Context(), web, func(context.Context, search.Writer) error { return failed }), failed)
	require.NotErrorIs(t, n.Rebuild(t.Context(), web, func(context.Context, search.Writer) error { return failed }), fault.Unavailable)
	require.Equal(t, []ref.ProductID{"p-9"}, n.found("sixth"), "the live one stays")
	require.ErrorIs(t, n.Write(t.Context(), web, []search.Document{{}}, nil), fault.Invalid)
	require.ErrorIs(t, n.Write(t.Context(), "nowhere", nil, nil), fault.NotFound)
	require.ErrorIs(t, n.Rebuild(t.Context(), "nowhere", nil), fault.NotFound)
}

// An index that all nodes share takes writes before this node knows that it is
// filled: another node may be filling it.
func TestASharedIndexTakesEveryWrite(t *testing.T) {
	t.Parallel()
	n := newNode(t, memory.New().Stores(), morning(), func(c *search.ServiceConfig) { c.Shared = true })
	require.NoError(t, n.Write(t.Context(), web, lamps(), nil))
	stats, err := n.Check(t.Context(), web)
	require.NoError(t, err)
	require.Equal(t, 4, stats.Documents)
}

func TestSearchBadInput(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	_, err := n.Search(t.Context(), search.Request{
		Channel: web, Visitor: strings.Repeat("x", 81),
		Query: search.Query{Text: strings.Repeat("lamp ", 2000), Sort: "best", Filters: []search.Filter{{Field: "nope", Any: []string{"x"}}}},
	})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	var paths []string
	for _, field := range f.Fields {
		paths = append(paths, field.Path)
	}
	require.ElementsMatch(t, []string{"visitor", "query.text", "query.sort", "query.filters[0].field"}, paths)

	for _, text := range []string{"\xff\xfe lamp", "lamp\x00"} {
		_, err = n.Search(t.Context(), search.Request{Channel: web, Query: search.Query{Text: text}})
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
		}
	}
	_, err = n.Search(t.Context(), search.Request{Channel: web, Visitor: "a\nb"})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = n.Search(t.Context(), search.Request{Channel: web, Query: search.Query{After: "foreign"}})
	require.ErrorIs(t, err, fault.Invalid)
	for _, text := range []string{"!!! ??? ...", `+title:"x" -y~2 /.*/ && (`, strings.Repeat("a", 1000)} {
		_, err = n.Search(t.Context(), search.Request{Channel: web, Query: search.Query{Text: text}})
		require.NoError(t, err, text)
	}
	_, err = n.Search(t.Context(), search.Request{Channel: "nowhere"})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = n.Suggest(t.Context(), "nowhere", search.SuggestQuery{})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = n.Suggest(t.Context(), web, search.SuggestQuery{Limit: 1000})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = n.Facets(t.Context(), "nowhere", search.Query{}, search.FacetRequest{})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = n.Facets(t.Context(), web, search.Query{Limit: -1}, search.FacetRequest{Field: "nope"})
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 2)
}

func TestFacetsAreThoseOfTheSearch(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	got, err := n.Facets(t.Context(), web, search.Query{Text: "desk lamp"}, search.FacetRequest{Field: search.FieldStock})
	require.NoError(t, err)
	require.NotEmpty(t, got.Values)
	_, err = n.Facets(t.Context(), "zh", search.Query{}, search.FacetRequest{Field: search.FieldStock})
	require.ErrorIs(t, err, fault.Unavailable)
}

func TestEverythingKeepsToItsContext(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	gone, end := context.WithCancel(t.Context())
	end()
	_, err := n.Search(gone, search.Request{Channel: web})
	require.ErrorIs(t, err, fault.Canceled)
	_, err = n.Check(gone, web)
	require.ErrorIs(t, err, fault.Canceled)
	require.True(t, n.Filled(web), "nothing was given up")
	n.ask("lamp", visitor(1))
	require.ErrorIs(t, n.Flush(gone), fault.Canceled)
	require.NoError(t, n.Flush(t.Context()))
	n.clock.Advance(time.Microsecond)
	got, err := n.Queries(t.Context(), ann(), search.ReportQuery{Channel: web}, page.Request{})
	require.NoError(t, err)
	require.Len(t, got.Items, 1)
}

// counting counts the calls of a store's methods.
func counting(s storage.Stores, calls map[string]int, mu *sync.Mutex) storage.Stores {
	return storage.Intercept(s, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		mu.Lock()
		calls[c.Name()]++
		mu.Unlock()
		return next(ctx)
	})
}

func TestASearchAsksNoStore(t *testing.T) {
	t.Parallel()
	calls := map[string]int{}
	var mu sync.Mutex
	n := newNode(t, counting(memory.New().Stores(), calls, &mu), morning(), nil)
	n.refill(lamps()...)
	clear(calls)
	for range 10 {
		n.ask("lamp", visitor(1))
		_, err := n.Suggest(t.Context(), web, search.SuggestQuery{Text: "la"})
		require.NoError(t, err)
	}
	require.Empty(t, calls)
	require.NoError(t, n.Flush(t.Context()))
	require.Equal(t, map[string]int{"SearchLog.Record": 1}, calls)
	require.NoError(t, n.Flush(t.Context()))
	require.Equal(t, map[string]int{"SearchLog.Record": 1}, calls, "nothing to write")
}
