package catalog

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]State]bool{
		{Draft, Published}:       true,
		{Published, Published}:   true,
		{Published, Unpublished}: true,
		{Unpublished, Published}: true,
	}
	states := []State{Draft, Published, Unpublished}
	require.Len(t, transitions, len(states))
	for _, from := range states {
		for _, to := range states {
			p := Publication{State: from}
			err := p.transition(to)
			if allowed[[2]State{from, to}] {
				require.NoError(t, err)
				require.Equal(t, to, p.State)
				continue
			}
			require.ErrorIs(t, err, fault.FailedPrecondition)
			require.Equal(t, from, p.State, "a refused step changes nothing")
		}
	}
}
