package merchant_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/merchant"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]merchant.State]bool{
		{merchant.Active, merchant.Suspended}: true,
		{merchant.Active, merchant.Closed}:    true,
		{merchant.Suspended, merchant.Active}: true,
		{merchant.Suspended, merchant.Closed}: true,
	}
	states := []merchant.State{merchant.Active, merchant.Suspended, merchant.Closed, "", "unheard_of"}
	for _, from := range states {
		for _, to := range states {
			require.Equal(t, allowed[[2]merchant.State{from, to}], from.To(to), "%s to %s", from, to)
		}
	}
}
