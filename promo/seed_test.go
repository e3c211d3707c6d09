package promo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/promo"
)

// However many promotions there are, a search ends with its nodes, and has found
// something by then.
func TestASearchEndsWithItsNodes(t *testing.T) {
	t.Parallel()
	const most = 60
	engine, err := promo.NewEngine(promo.Config{MaxNodes: most})
	require.NoError(t, err)
	cut, found := 0, 0
	for seed := range uint64(150) {
		in := newMaker(seed).input(40)
		for i := range in.Candidates {
			in.Candidates[i].Pinned = false
		}
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		require.LessOrEqual(t, result.Search.Nodes, most+len(in.Candidates), "seed %d", seed)
		if result.Search.Optimal {
			continue
		}
		cut++
		if len(result.Allocations) > 0 {
			found++
		}
	}
	require.Greater(t, cut, 10)
	require.Greater(t, found, cut*9/10, "budgets may leave nothing")
}
