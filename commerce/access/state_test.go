package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]access.State]bool{
		{access.Active, access.Disabled}: true,
		{access.Disabled, access.Active}: true,
	}
	states := []access.State{access.Active, access.Disabled, "", "unheard_of"}
	for _, from := range states {
		for _, to := range states {
			require.Equal(t, allowed[[2]access.State{from, to}], from.To(to), "%s to %s", from, to)
		}
	}
}
