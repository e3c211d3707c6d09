package pgsearch_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/pgsearch"
	"github.com/soukhq/souk/search/searchtest"
)

const (
	testTimeout = 10 * time.Second
	testTick    = 20 * time.Millisecond
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	url := pgtest.Quick(t).URL(t)
	pool := pooled(t, url)
	_, err := pgsearch.Open(t.Context(), pgsearch.Config{Pool: pool, Name: "en"})
	require.ErrorIs(t, err, fault.FailedPrecondition, "not migrated")

	var group sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		group.Go(func() { errs[i] = pgsearch.Migrate(t.Context(), pool, pgsearch.Schema{}) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.NoError(t, pgsearch.Migrate(t.Context(), pool, pgsearch.Schema{Name: `odd "name"`}))
	for _, schema := range []string{"", `odd "name"`} {
		index := opened(t, pgsearch.Config{Pool: pool, Schema: schema})
		require.NoError(t, index.Index(t.Context(), teapots(2)))
		require.Equal(t, 2, total(t, index, "teapot"))
	}

	_, err = pool.Exec(t.Context(), `INSERT INTO souk_search.versions (version) VALUES (1000)`)
	require.NoError(t, err)
	require.ErrorIs(t, pgsearch.Migrate(t.Context(), pool, pgsearch.Schema{}), fault.FailedPrecondition)
	_, err = pgsearch.Open(t.Context(), pgsearch.Config{Pool: pool, Name: "en"})
	require.ErrorIs(t, err, fault.FailedPrecondition, "of a newer version")
}

// A role that may not create the extension is told what to do, and may do
// without it.
func TestWithoutTrigrams(t *testing.T) {
	t.Parallel()
	url := pgtest.Quick(t).Template(t, "pgsearch plain", func(ctx context.Context, url string) error {
		pool, err := pgxpool.New(ctx, url)
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = pool.Exec(ctx, `CREATE ROLE pgsearch_modest; CREATE SCHEMA souk_search AUTHORIZATION pgsearch_modest`)
		return err
	})
	modest := func(t *testing.T, url string) *pgxpool.Pool {
		t.Helper()
		config, err := pgxpool.ParseConfig(url)
		require.NoError(t, err)
		config.ConnConfig.RuntimeParams["role"] = "pgsearch_modest"
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		return pool
	}
	pool := modest(t, url)
	err := pgsearch.Migrate(t.Context(), pool, pgsearch.Schema{})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, "search.no_trigrams", fault.CodeOf(err))
	require.NoError(t, pgsearch.Migrate(t.Context(), pool, pgsearch.Schema{WithoutTrigrams: true}))
	for _, c := range searchtest.Cases() {
		if c.Name == "query/misspelt" {
			c.Run(t, opened(t, pgsearch.Config{Pool: pool}))
		}
	}
	spelling(t, opened(t, pgsearch.Config{Pool: pool, Name: "spelling"}))
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	spelling(t, opened(t, pgsearch.Config{Pool: database(t)}))
}

// spelling: mistakes at every place of short and of long words.
func spelling(t *testing.T, index search.Index) {
	t.Helper()
	require.NoError(t, index.Index(t.Context(), []search.Document{
		{ID: "kettle", Title: "Kettle"}, {ID: "lamp", Title: "Lamp"}, {ID: "cartridge", Title: "Cartridge"}, {ID: "under", Title: "Snow_boots"},
	}))
	for text, id := range map[string]ref.ProductID{
		"ketle": "kettle", "ketttle": "kettle", "kettel": "kettle", "jettle": "kettle", "ekttle": "kettle", "lmap": "lamp", "lanp": "lamp",
		"catridge": "cartridge", "carttridg": "cartridge", "acrtridge": "cartridge",
	} {
		found, err := index.Search(t.Context(), search.Query{Text: text})
		require.NoError(t, err)
		require.Equal(t, search.StepCorrected, found.Step, text)
		require.Equal(t, id, found.Hits[0].ID, text)
	}
	found, err := index.Search(t.Context(), search.Query{Text: "quettles_"})
	require.NoError(t, err)
	require.NotEqual(t, search.StepCorrected, found.Step, "two mistakes, one of them in the first letter")
}

// counter counts statements.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return ctx
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestStatementsOfAQueryDoNotGrow(t *testing.T) {
	t.Parallel()
	counted := &counter{}
	config := database(t).Config()
	config.ConnConfig.Tracer = counted
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	index := opened(t, pgsearch.Config{Pool: pool})
	require.NoError(t, index.Index(t.Context(), teapots(300)))
	count := func(q search.Query) int {
		counted.n = 0
		_, err := index.Search(t.Context(), q)
		require.NoError(t, err)
		return counted.n
	}
	const frame = 3 // begin, the state, commit
	require.Equal(t, frame+1, count(search.Query{}))
	require.Equal(t, frame+2, count(search.Query{Text: "teapot"}))
	many := search.Query{
		Text:    "teapot " + strings.Repeat("no1 no2 no3 no4 ", 6),
		Facets:  []search.FacetRequest{{Field: search.FieldBrand}, {Field: search.FieldCategory}, {Field: search.FieldPrice, Bounds: []float64{1}}},
		Filters: []search.Filter{{Field: search.FieldBrand, Any: []string{"Kiln", "Oven"}}, {Field: search.FieldStock, Any: []string{"out"}}},
		Limit:   100,
	}
	require.Equal(t, frame+2, count(many))
	require.Equal(t, count(search.Query{Text: "teapto"}), count(search.Query{Text: "teapto taepot tepot teapott reapot"}), "misspelt")
	require.Equal(t, count(search.Query{Text: "xyzzyq", Typing: true}), count(search.Query{Text: "xyzzyq plughh frobozz quuxxy garply", Typing: true}), "nothing found")
	require.LessOrEqual(t, count(search.Query{Text: "xyzzyq plughh frobozz", Typing: true}), frame+9)

	counted.n = 0
	require.NoError(t, index.Index(t.Context(), teapots(1)))
	few := counted.n
	counted.n = 0
	require.NoError(t, index.Index(t.Context(), teapots(300)))
	require.Equal(t, few, counted.n)
}

func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	pool := another(t, database(t))
	index := opened(t, pgsearch.Config{Pool: pool})
	require.NoError(t, index.Index(t.Context(), teapots(2)))
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, err := index.Suggest(late, search.SuggestQuery{Text: "tea"})
	require.ErrorIs(t, err, fault.Canceled)

	pool.Close()
	_, err = index.Search(t.Context(), search.Query{Text: "teapot"})
	require.ErrorIs(t, err, fault.Unavailable)
	_, err = index.Suggest(t.Context(), search.SuggestQuery{Text: "teapot"})
	require.ErrorIs(t, err, fault.Unavailable)
	_, err = index.Stats(t.Context())
	require.ErrorIs(t, err, fault.Unavailable)
	require.ErrorIs(t, index.Index(t.Context(), teapots(1)), fault.Unavailable)
	require.ErrorIs(t, index.Delete(t.Context(), []search.Removal{{ID: "p-0000"}}), fault.Unavailable)
	require.ErrorIs(t, index.Rebuild(t.Context(), func(context.Context, search.Writer) error { return nil }), fault.Unavailable)
	require.ErrorIs(t, pgsearch.Migrate(t.Context(), pool, pgsearch.Schema{}), fault.Unavailable)

	nobody, err := pgxpool.New(t.Context(), fmt.Sprintf("postgres://nobody@127.0.0.1:1/none?connect_timeout=%d", 2))
	require.NoError(t, err)
	t.Cleanup(nobody.Close)
	_, err = pgsearch.Open(t.Context(), pgsearch.Config{Pool: nobody, Name: "en"})
	require.ErrorIs(t, err, fault.Unavailable)
}

// Texts that PostgreSQL has no place for are stored without what it refuses.
func TestOddTexts(t *testing.T) {
	t.Parallel()
	index := opened(t, pgsearch.Config{Pool: database(t)})
	odd := "it's \\ \"x\" & ('y' | !z):* <-> \x00\x1e\u202e"
	require.NoError(t, index.Index(t.Context(), []search.Document{{
		ID: "odd", Title: odd, Brand: odd, Summary: odd, Keywords: []string{odd}, Categories: [][]string{{odd}}, Codes: []string{odd},
		Attributes: []search.Attribute{{Name: odd, Value: odd}},
	}}))
	for _, q := range []search.Query{
		{Text: odd},
		{Filters: []search.Filter{{Field: search.FieldBrand, Any: []string{odd}}}},
		{Filters: []search.Filter{{Field: search.AttributeField(odd), Any: []string{odd}}}},
	} {
		q.Facets = []search.FacetRequest{{Field: search.AttributeField(odd)}, {Field: search.FieldBrand}}
		found, err := index.Search(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, 1, found.Total)
		require.Equal(t, 1, found.Facets[0].Values[0].Count)
	}
	_, err := index.Search(t.Context(), search.Query{Steering: search.Steering{
		Hide: []ref.ProductID{"\xff\x00"}, Pin: []search.Pin{{Product: "'; DROP TABLE", Place: 1}},
	}})
	require.NoError(t, err)
}

func FuzzSearch(f *testing.F) {
	index := opened(f, pgsearch.Config{Pool: database(f)})
	if err := index.Index(f.Context(), append(teapots(40), search.Document{ID: "zh", Title: "可水洗羽绒枕 TN-2410"})); err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		"teapot", "'teapot':A & !x", `\' OR 1=1 --`, "羽绒枕 teapto", "tn2410", "\xff", "a\x00b", "no1 no2 no3", "$1 %s {schema}", strings.Repeat("a ", 400),
	} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, typing bool) {
		q := search.Query{Text: text, Typing: typing, Limit: 3, Facets: []search.FacetRequest{{Field: search.FieldCategory}}}
		for range 3 {
			found, err := index.Search(t.Context(), q)
			if err != nil {
				require.ErrorIs(t, err, fault.Invalid)
				return
			}
			require.LessOrEqual(t, len(found.Hits), 3)
			if q.After = found.Next; q.After == "" {
				break
			}
		}
		_, err := index.Suggest(t.Context(), search.SuggestQuery{Text: text})
		require.NoError(t, err)
	})
}
