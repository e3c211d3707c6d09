package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]catalog.State]bool{
		{catalog.Draft, catalog.Published}:       true,
		{catalog.Published, catalog.Published}:   true,
		{catalog.Published, catalog.Unpublished}: true,
		{catalog.Unpublished, catalog.Published}: true,
	}
	states := []catalog.State{catalog.Draft, catalog.Published, catalog.Unpublished, "", "unheard_of"}
	for _, from := range states {
		for _, to := range states {
			require.Equal(t, allowed[[2]catalog.State{from, to}], from.To(to), "%s to %s", from, to)
		}
	}
}
