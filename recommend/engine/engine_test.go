package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/recommend/recommendtest"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestSuite(t *testing.T) {
	t.Parallel()
	recommendtest.Run(t, recommendtest.Harness{Open: func(t recommendtest.T) recommendtest.Rig {
		clk := clock.NewManual(start)
		e, err := engine.New(engine.Config{Clock: clk})
		require.NoError(t, err)
		return recommendtest.Rig{Recommender: e, Clock: clk, Settle: e.Refit}
	}})
}

// Rows computed one by one answer like a fit as far as the suite can tell.
func TestSuiteByRefreshing(t *testing.T) {
	t.Parallel()
	recommendtest.Run(t, recommendtest.Harness{Open: func(t recommendtest.T) recommendtest.Rig {
		clk := clock.NewManual(start)
		e, err := engine.New(engine.Config{Clock: clk, Model: "itemknn"})
		require.NoError(t, err)
		require.NoError(t, e.Refit(t.Context()))
		return recommendtest.Rig{Recommender: e, Clock: clk, Settle: e.Refresh}
	}})
}
