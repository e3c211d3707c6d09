package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]State]bool{
		{Draft, Active}:  true,
		{Draft, Ended}:   true,
		{Active, Paused}: true,
		{Active, Ended}:  true,
		{Paused, Active}: true,
		{Paused, Ended}:  true,
	}
	states := []State{Draft, Active, Paused, Ended}
	require.Len(t, transitions, len(states))
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, from := range states {
		for _, to := range append(states, "", "unheard_of") {
			c := Campaign{State: from}
			err := c.transition(to, at)
			if allowed[[2]State{from, to}] {
				require.NoError(t, err)
				require.Equal(t, Campaign{State: to, UpdatedAt: at}, c)
				continue
			}
			require.ErrorIs(t, err, fault.FailedPrecondition)
			require.Equal(t, Campaign{State: from}, c, "a refused step changes nothing")
		}
	}
}
