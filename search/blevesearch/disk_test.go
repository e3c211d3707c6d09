package blevesearch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/blevesearch/bleve/v2/index/scorch"
	engine "github.com/blevesearch/bleve_index_api"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
)

func teapots(n int) []search.Document {
	out := make([]search.Document, n)
	for i := range out {
		out[i] = search.Document{
			ID: ref.ProductID(fmt.Sprintf("p-%04d", i)), Version: 2, Title: fmt.Sprintf("Teapot no%d", i), Brand: "Kiln",
			Categories: [][]string{{"Kitchen", "Tea"}}, Sales: int64(i),
		}
	}
	return out
}

func opened(t *testing.T, dir string, reset bool) *blevesearch.Index {
	t.Helper()
	index, err := blevesearch.Open(blevesearch.Config{Dir: dir, Reset: reset})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, index.Close()) })
	return index
}

// What an older version has left says so, and is found until it is rebuilt.
func TestAnOlderAnalysisIsOutdated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outdated := func(index *blevesearch.Index) bool {
		stats, err := index.Stats(t.Context())
		require.NoError(t, err)
		return stats.Outdated
	}
	index := opened(t, dir, false)
	require.NoError(t, index.Index(t.Context(), teapots(5)))
	require.False(t, outdated(index))
	require.NoError(t, index.Close())

	queue := engine.NewAnalysisQueue(1)
	defer queue.Close()
	below, err := scorch.NewScorch(scorch.Name, map[string]any{"path": filepath.Join(dir, "g000001")}, queue)
	require.NoError(t, err)
	require.NoError(t, below.Open())
	batch := engine.NewBatch()
	batch.SetInternal([]byte("souk.written"), []byte(strconv.Itoa(search.AnalysisVersion-1)))
	require.NoError(t, below.Batch(batch))
	require.NoError(t, below.Close())

	for range 2 {
		index = opened(t, dir, false)
		require.True(t, outdated(index))
		require.NoError(t, index.Index(t.Context(), teapots(6)))
		require.True(t, outdated(index), "in part")
		require.NoError(t, index.Close())
	}
	index = opened(t, dir, false)
	found, err := index.Search(t.Context(), search.Query{Text: "teapot"})
	require.NoError(t, err)
	require.Equal(t, 6, found.Total)
	require.NoError(t, index.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error { return w.Index(ctx, teapots(6)) }))
	require.False(t, outdated(index))
	require.NoError(t, index.Close())
	require.False(t, outdated(opened(t, dir, false)))
}

func TestAnIndexOnDiskIsStillThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	index := opened(t, dir, false)
	require.NoError(t, index.Index(t.Context(), teapots(50)))
	require.NoError(t, index.Delete(t.Context(), []search.Removal{{ID: "p-0007", Version: 3}}))
	q := search.Query{Text: "teapot", Facets: []search.FacetRequest{{Field: search.FieldBrand}}}
	before, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 49, before.Total)
	require.NoError(t, index.Close())

	index = opened(t, dir, false)
	after, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, before.Hits, after.Hits)
	require.Equal(t, before.Facets, after.Facets)
	require.NoError(t, index.Index(t.Context(), teapots(8)), "older than the removal")
	again, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 49, again.Total)
	stats, err := index.Stats(t.Context())
	require.NoError(t, err)
	require.Positive(t, stats.Bytes)
}

func TestARebuildOnDiskLeavesOneGeneration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	index := opened(t, dir, false)
	require.NoError(t, index.Index(t.Context(), teapots(10)))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "g000002", "left over"), 0o700)) // by a process that died
	require.NoError(t, index.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		return w.Index(ctx, teapots(30))
	}))
	folders, err := filepath.Glob(filepath.Join(dir, "g*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "g000002")}, folders)
	require.NoError(t, index.Close())

	stats, err := opened(t, dir, false).Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 30, stats.Documents)
}

func TestADamagedIndexIsSaidAndCanBeReset(t *testing.T) {
	t.Parallel()
	spoil := func(pattern string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			names, err := filepath.Glob(filepath.Join(dir, pattern))
			require.NoError(t, err)
			require.NotEmpty(t, names)
			for _, name := range names {
				require.NoError(t, os.WriteFile(name, []byte("this is no index"), 0o600))
			}
		}
	}
	for name, damage := range map[string]func(t *testing.T, dir string){
		"name of the generation": spoil("CURRENT"),
		"root of the generation": spoil("g*/root.bolt"),
		"segments":               spoil("g*/*.zap"),
		"segments missing": func(t *testing.T, dir string) {
			t.Helper()
			names, err := filepath.Glob(filepath.Join(dir, "g*/*.zap"))
			require.NoError(t, err)
			for _, name := range names {
				require.NoError(t, os.Remove(name))
			}
		},
		"empty segments": func(t *testing.T, dir string) {
			t.Helper()
			names, err := filepath.Glob(filepath.Join(dir, "g*/*.zap"))
			require.NoError(t, err)
			for _, name := range names {
				require.NoError(t, os.Truncate(name, 0))
			}
		},
		"a file in its place": func(t *testing.T, dir string) {
			t.Helper()
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "g000001")))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "g000001"), nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			index := opened(t, dir, false)
			require.NoError(t, index.Index(t.Context(), teapots(20)))
			require.NoError(t, index.Close())
			damage(t, dir)

			_, err := blevesearch.Open(blevesearch.Config{Dir: dir})
			require.ErrorIs(t, err, fault.Unavailable)
			require.Equal(t, "search.damaged", fault.CodeOf(err))

			index = opened(t, dir, true)
			stats, err := index.Stats(t.Context())
			require.NoError(t, err)
			require.Zero(t, stats.Documents)
			require.NoError(t, index.Index(t.Context(), teapots(3)))
			require.NoError(t, index.Close())
			stats, err = opened(t, dir, false).Stats(t.Context())
			require.NoError(t, err)
			require.Equal(t, 3, stats.Documents)
		})
	}
}

func TestAnUnusableFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, reset := range []bool{false, true} {
		_, err := blevesearch.Open(blevesearch.Config{Dir: filepath.Join(file, "below"), Reset: reset})
		require.ErrorIs(t, err, fault.Unavailable)
	}
}

func FuzzSearch(f *testing.F) {
	index, err := blevesearch.Open(blevesearch.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = index.Close() })
	if err := index.Index(f.Context(), append(teapots(40), search.Document{ID: "zh", Title: "可水洗羽绒枕 TN-2410"})); err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"teapot", "+title:tea -pot~2^3", `"`, "羽绒枕 teapto", "tn2410", "\xff", "no1 no2 no3", strings.Repeat("a ", 400)} {
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
