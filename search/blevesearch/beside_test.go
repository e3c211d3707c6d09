package blevesearch_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
)

// What a writer says of a product before and after each call.
const (
	absent = iota
	arriving
	present
	leaving
	phases
)

// bazaar is an index that is written to while others ask it. Every second
// product comes and goes, the others are changed and always there.
type bazaar struct {
	index   *blevesearch.Index
	said    []atomic.Int64 // by product: its phase, and above that how often it came
	version int64
}

func (b *bazaar) id(i int) ref.ProductID { return ref.ProductID(fmt.Sprintf("p-%03d", i)) }

// write changes a few products and removes or brings back others.
func (b *bazaar) write(ctx context.Context, round int) error {
	b.version++
	var documents []search.Document
	var gone []search.Removal
	var moved []int
	for k := range 6 {
		i := (round*11 + k*13) % len(b.said)
		phase := b.said[i].Load() % phases
		if i%2 == 1 && phase == present {
			gone = append(gone, search.Removal{ID: b.id(i), Version: b.version})
		} else {
			documents = append(documents, search.Document{
				ID: b.id(i), Version: b.version, Title: fmt.Sprintf("Blue teapot of round %d", round), Brand: "Kiln",
				Categories: [][]string{{"Kitchen", "Tea"}}, Sales: b.version * 31 % 97, InStock: true,
			})
		}
		if i%2 == 1 {
			b.said[i].Add(1)
			moved = append(moved, i)
		}
	}
	if err := b.index.Index(ctx, documents); err != nil {
		return err
	}
	if err := b.index.Delete(ctx, gone); err != nil {
		return err
	}
	for _, i := range moved {
		b.said[i].Add(1)
	}
	return nil
}

// ask searches or suggests, and compares the answer with what the writer said
// before and after it.
func (b *bazaar) ask(ctx context.Context, n int) error {
	before := make([]int64, len(b.said))
	for i := range b.said {
		before[i] = b.said[i].Load()
	}
	found := map[ref.ProductID]bool{}
	add := func(id ref.ProductID) error {
		if found[id] {
			return fmt.Errorf("%s is there twice", id)
		}
		found[id] = true
		return nil
	}
	suggested := n%3 == 2
	if suggested {
		got, err := b.index.Suggest(ctx, search.SuggestQuery{Text: []string{"t", "blue te", "teapot"}[n/3%3], Limit: search.MaxSuggestions})
		if err != nil {
			return err
		}
		for _, p := range got.Products {
			if err := add(p.ID); err != nil {
				return err
			}
		}
		if len(found) != search.MaxSuggestions {
			return fmt.Errorf("%d products are suggested", len(found))
		}
	} else {
		got, err := b.index.Search(ctx, questions()[n%len(questions())])
		if err != nil {
			return err
		}
		for _, h := range got.Hits {
			if err := add(h.ID); err != nil {
				return err
			}
		}
		if got.Total != len(got.Hits) || got.Facets[0].Values[0].Count != got.Total {
			return fmt.Errorf("%d hits, %d in all, brands %v", len(got.Hits), got.Total, got.Facets[0].Values)
		}
	}
	for i, phase := range before {
		switch id := b.id(i); {
		case b.said[i].Load() != phase: // it moved meanwhile
		case phase%phases == absent && found[id]:
			return fmt.Errorf("%s was found and had been removed", id)
		case phase%phases == present && !found[id] && !suggested:
			return fmt.Errorf("%s was not found and had been written", id)
		}
	}
	return nil
}

// questions are queries that every product answers.
func questions() []search.Query {
	brands := []search.FacetRequest{{Field: search.FieldBrand}}
	in := []search.Filter{{Field: search.FieldStock, Any: []string{"in"}}}
	return []search.Query{
		{Text: "teapot", Limit: 100, Facets: brands},
		{Text: "blue teap", Typing: true, Limit: 100, Facets: brands, Filters: in},
		{Text: "teapot", Sort: search.BySales, Limit: 100, Facets: brands},
		{Text: "blu teapot", Limit: 100, Facets: brands},
		{Limit: 100, Facets: brands},
	}
}

// Whoever searches beside a writer finds what had been written, once, and
// nothing that had been removed; once it is quiet, what reading every posting
// finds.
func TestSearchesBesideWrites(t *testing.T) {
	t.Parallel()
	const products = 90
	for name, rounds := range map[string]int{"in memory": 16, "on disk": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := ""
			if name == "on disk" {
				dir = t.TempDir()
			}
			b := &bazaar{index: opened(t, dir, false), said: make([]atomic.Int64, products), version: 1}
			var first []search.Document
			for i := range b.said {
				b.said[i].Store(present)
				first = append(first, search.Document{ID: b.id(i), Version: 1, Title: "Blue teapot", Brand: "Kiln", InStock: true})
			}
			for batch := range slices.Chunk(first, 10) {
				require.NoError(t, b.index.Index(t.Context(), batch))
			}
			for stage := range 3 {
				var group sync.WaitGroup
				var done atomic.Bool
				errs := make(chan error, 2)
				for asker := range 2 {
					group.Go(func() {
						// So many at least, where the writer is done before this has begun.
						for n := asker; n < 20 || !done.Load(); n++ {
							if err := b.ask(t.Context(), n); err != nil {
								errs <- err
								return
							}
						}
					})
				}
				var err error
				for round := 0; round < rounds && err == nil; round++ {
					err = b.write(t.Context(), stage*rounds+round)
				}
				done.Store(true)
				group.Wait()
				require.NoError(t, err)
				close(errs)
				for err := range errs {
					require.NoError(t, err)
				}
				b.settled(t)
			}
		})
	}
}

// settled compares with what reading every posting finds, and with what was
// written.
func (b *bazaar) settled(t *testing.T) {
	t.Helper()
	there := 0
	for i := range b.said {
		if b.said[i].Load()%phases == present {
			there++
		}
	}
	require.Less(t, there, len(b.said))
	for _, q := range questions() {
		want, err := b.index.SearchThoroughly(t.Context(), q)
		require.NoError(t, err)
		got, err := b.index.Search(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, want, got, "%+v", q)
		require.Equal(t, there, got.Total, "%+v", q)
	}
	for _, text := range []string{"t", "blue te", "teapot", "kil", "tea"} {
		q := search.SuggestQuery{Text: text, Limit: search.MaxSuggestions}
		want, err := b.index.SuggestThoroughly(t.Context(), q)
		require.NoError(t, err)
		got, err := b.index.Suggest(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
}
