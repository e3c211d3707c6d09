package promo_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
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
		require.LessOrEqual(t, result.Search.Nodes, most, "seed %d", seed)
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

// However often something is insisted on in vain, and all is chosen anew, all
// searches together end with the nodes of one.
func TestAllRoundsShareTheNodes(t *testing.T) {
	t.Parallel()
	const most = 60
	engine, err := promo.NewEngine(promo.Config{MaxNodes: most})
	require.NoError(t, err)
	ample, err := promo.NewEngine(promo.Config{})
	require.NoError(t, err)
	eased, cut, rounds := 0, 0, 0
	for seed := range uint64(150) {
		m := newMaker(seed)
		in := m.input(30)
		list := int64(0)
		for _, l := range in.Cart.Lines {
			list += l.Unit.Minor() * int64(l.Quantity)
		}
		for i := range 6 { // whose thresholds others take away
			in.Candidates = append(in.Candidates, held(gift(ref.PromotionID(fmt.Sprint("pinned", i)), list-300*int64(i/3), "bowl"), true))
		}
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		require.LessOrEqual(t, result.Search.Nodes, most, "seed %d", seed)
		require.True(t, result.Search.Optimal || result.Search.Nodes > 0, "seed %d", seed)
		if slices.ContainsFunc(result.Decisions, func(d promo.Decision) bool { return d.Unpinned }) {
			eased++
		}
		if !result.Search.Optimal {
			cut++
		}

		all, err := ample.Evaluate(in)
		require.NoError(t, err)
		for i := range in.Candidates {
			c := &in.Candidates[i]
			c.Pinned = c.Pinned && !(gives(*c) && decision(all, c.Promotion.ID).Unpinned)
		}
		last, err := ample.Evaluate(in) // as the last round was
		require.NoError(t, err)
		if all.Search.Optimal && last.Search.Optimal && all.Search.Nodes > last.Search.Nodes {
			rounds++
		}
	}
	require.Greater(t, eased, 30)
	require.Greater(t, cut, 30)
	require.Greater(t, rounds, 20, "what earlier rounds visited counts")
}
