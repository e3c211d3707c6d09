package cf

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Dense sets of a few thousand items are what EASE is the best for.
func TestAutoTriesEASEOfAFewThousandItems(t *testing.T) {
	t.Parallel()
	tries := func(items int, o Options) bool {
		m, err := NewMatrix(1, items, nil)
		require.NoError(t, err)
		return (&fitter{m: m, o: o.withDefaults()}).worthwhile(Dense)
	}
	require.True(t, tries(3706, Options{}))
	require.True(t, tries(4000, Options{}))
	require.False(t, tries(4001, Options{}))
	require.False(t, tries(0, Options{}))
	require.False(t, tries(3706, Options{MaxBytes: 50 << 20}))
	require.False(t, tries(3706, Options{DenseItems: 3000}))
}
