package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
)

func options(sizes ...int) []catalog.Option {
	out := make([]catalog.Option, len(sizes))
	for i, n := range sizes {
		out[i].Code = string(rune('a' + i))
		for j := range n {
			out[i].Values = append(out[i].Values, catalog.OptionValue{Code: string(rune('a'+i)) + string(rune('A'+j))})
		}
	}
	return out
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	got, err := catalog.Combinations(options(2, 3), 6)
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"aA", "bA"}, {"aA", "bB"}, {"aA", "bC"}, {"aB", "bA"}, {"aB", "bB"}, {"aB", "bC"},
	}, got)
	got, err = catalog.Combinations(nil, 1)
	require.NoError(t, err)
	require.Equal(t, [][]string{{}}, got)
	_, err = catalog.Combinations(options(2, 3), 5)
	require.ErrorIs(t, err, fault.Exhausted)
	_, err = catalog.Combinations(options(100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100), 500)
	require.ErrorIs(t, err, fault.Exhausted, "the product of the sizes would not fit into an integer")
}

func TestCombinationsAreAllAndDistinct(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 5), 0, 4).Draw(t, "sizes")
		want := 1
		for _, n := range sizes {
			want *= n
		}
		got, err := catalog.Combinations(options(sizes...), catalog.MaxSKUs*2)
		require.NoError(t, err)
		seen := map[string]bool{}
		for _, c := range got {
			require.Len(t, c, len(sizes))
			key := ""
			for _, choice := range c {
				key += choice + "|"
			}
			require.False(t, seen[key])
			seen[key] = true
		}
		require.Len(t, seen, want)
	})
}
