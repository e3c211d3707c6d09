package campaign_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/promo/campaign"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]campaign.State]bool{
		{campaign.Draft, campaign.Active}:  true,
		{campaign.Draft, campaign.Ended}:   true,
		{campaign.Active, campaign.Paused}: true,
		{campaign.Active, campaign.Ended}:  true,
		{campaign.Paused, campaign.Active}: true,
		{campaign.Paused, campaign.Ended}:  true,
	}
	states := []campaign.State{campaign.Draft, campaign.Active, campaign.Paused, campaign.Ended, "", "unheard_of"}
	for _, from := range states {
		for _, to := range states {
			require.Equal(t, allowed[[2]campaign.State{from, to}], from.To(to), "%s to %s", from, to)
		}
	}
}
