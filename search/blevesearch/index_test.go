package blevesearch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/search/searchtest"
)

func open(dir func(t *testing.T) string) searchtest.Open {
	return func(t *testing.T, s searchtest.Setup) search.Index {
		t.Helper()
		index, err := blevesearch.Open(blevesearch.Config{
			Dir: dir(t), Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries,
		})
		require.NoError(t, err)
		return index
	}
}

func TestIndexInMemory(t *testing.T) {
	t.Parallel()
	searchtest.Run(t, searchtest.Limits{}, open(func(*testing.T) string { return "" }))
}

func TestIndexOnDisk(t *testing.T) {
	t.Parallel()
	searchtest.Run(t, searchtest.Limits{}, open(func(t *testing.T) string { t.Helper(); return t.TempDir() }))
}
