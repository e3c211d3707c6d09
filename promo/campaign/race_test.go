package campaign_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

func serviceOn(t *testing.T, s storage.Stores) *campaign.Service {
	t.Helper()
	out, err := campaign.NewService(campaign.Config{
		Store: s.Campaigns, Groups: s.PromoGroups, Usage: s.PromoUses, Units: s.Units, Events: s.Events,
		Clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
	})
	require.NoError(t, err)
	return out
}

// TestAGroupAndItsMembersAreOneDecision changes a group so that a campaign
// would not be valid in it, while that goes live: by activation, and by a
// further version of one that is active. Two processes do it, each of which
// remembers what was live. One of the two has its way, and what is live is
// valid in its groups.
func TestAGroupAndItsMembersAreOneDecision(t *testing.T) {
	t.Parallel()
	engine, err := promo.NewEngine(promo.Config{})
	require.NoError(t, err)
	staff := ref.Staff("ann")
	tenOff := promo.Promotion{ // for which no group counts by the line
		Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: money.New(1000, "USD"), Per: promo.PerOrder}},
	}
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		stores := b.Open(t)
		here, there := serviceOn(t, stores), serviceOn(t, stores)
		for i := range 6 {
			group := promo.Group{ID: promo.GroupID(fmt.Sprintf("g-%d", i)), Per: promo.OneOrder}
			g, err := there.SaveGroup(t.Context(), staff, group, 0)
			require.NoError(t, err)
			p := tenOff
			p.ID, p.Groups = ref.PromotionID(fmt.Sprintf("p-%d", i)), []promo.GroupID{group.ID}
			active := i%2 == 1
			if active {
				p.Groups = []promo.GroupID{}
			}
			c, err := here.Save(t.Context(), staff, campaign.SaveInput{Promotion: p})
			require.NoError(t, err)
			join := func(ctx context.Context) error {
				_, err := here.Activate(ctx, staff, c.ID, c.Version)
				return err
			}
			if active {
				c, err = here.Activate(t.Context(), staff, c.ID, c.Version)
				require.NoError(t, err)
				p.Groups = []promo.GroupID{group.ID}
				join = func(ctx context.Context) error {
					_, err := here.Save(ctx, staff, campaign.SaveInput{Version: c.Version, Promotion: p})
					return err
				}
			}
			group.Per = promo.OneLine
			narrow := func(ctx context.Context) error {
				_, err := there.SaveGroup(ctx, staff, group, g.Version)
				return err
			}
			var errs [2]error
			var both sync.WaitGroup
			for k, do := range []func(context.Context) error{join, narrow} {
				both.Go(func() { errs[k] = do(t.Context()) })
			}
			both.Wait()
			require.True(t, (errs[0] == nil) != (errs[1] == nil), "one of them: %v; %v", errs[0], errs[1])
			for _, err := range errs {
				if err != nil {
					require.ErrorIs(t, err, fault.Invalid)
				}
			}
			live, err := here.Live(t.Context())
			require.NoError(t, err)
			all := make([]*promo.Promotion, len(live.Promotions))
			for i := range live.Promotions {
				all[i] = &live.Promotions[i]
			}
			require.NoError(t, engine.ValidateGroups(live.Groups, all))
		}
	})
}
