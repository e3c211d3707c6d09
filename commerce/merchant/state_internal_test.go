package merchant

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]State]bool{
		{Active, Suspended}: true,
		{Active, Closed}:    true,
		{Suspended, Active}: true,
		{Suspended, Closed}: true,
	}
	states := []State{Active, Suspended, Closed}
	require.Len(t, transitions, len(states))
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, from := range states {
		for _, to := range append(states, "", "unheard_of") {
			m := Merchant{State: from}
			err := m.transition(to, at)
			if allowed[[2]State{from, to}] {
				require.NoError(t, err)
				require.Equal(t, Merchant{State: to, UpdatedAt: at}, m)
				continue
			}
			require.ErrorIs(t, err, fault.FailedPrecondition)
			require.Equal(t, Merchant{State: from}, m, "a refused step changes nothing")
		}
	}
}
