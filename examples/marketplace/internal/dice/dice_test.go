package dice_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/dice"
)

func TestDiceAreRepeatableAndSpread(t *testing.T) {
	t.Parallel()
	a, b := dice.New("x", "y"), dice.New("x", "y")
	seen := map[int]int{}
	for range 6000 {
		n := a.N(6)
		require.Equal(t, n, b.N(6))
		seen[n]++
	}
	require.Len(t, seen, 6)
	for side, n := range seen {
		require.InDelta(t, 1000, n, 150, "side %d", side)
	}
	require.NotEqual(t, dice.New("xy").N(1<<30), dice.New("x", "y").N(1<<30), "seeds are kept apart")
	require.Zero(t, dice.New("x").N(0))
	require.Zero(t, dice.New("x").N(-3))
}
