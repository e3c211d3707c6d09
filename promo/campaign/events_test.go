package campaign_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/promo/campaign"
)

// The golden files were written by earlier versions and stay readable.
func TestStoredEventsStayReadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, fresh event.Payload }{
		{
			&campaign.Changed{Promotion: "p1", Merchant: "tea", State: campaign.Active, PromotionVersion: 3, Version: 4},
			&campaign.Changed{},
		},
		{&campaign.GroupsChanged{Group: "tea-week"}, &campaign.GroupsChanged{}},
	} {
		name := c.want.EventName()
		raw, err := os.ReadFile(filepath.Join("testdata", "events", name+".json"))
		require.NoError(t, err)
		require.NoError(t, event.Decode(event.Record{Name: name, Payload: raw}, c.fresh))
		require.Equal(t, c.want, c.fresh)
		again, err := json.Marshal(c.fresh)
		require.NoError(t, err)
		require.Equal(t, string(raw), string(again)+"\n")
	}
}
