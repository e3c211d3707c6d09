package campaign_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx, ann := context.Background(), ref.Staff("ann")
	stores := memory.New().Stores()
	campaigns, err := campaign.NewService(campaign.Config{
		Store: stores.Campaigns, Groups: stores.PromoGroups, Usage: stores.PromoUses,
		Units: stores.Units, Events: stores.Events,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// The first buyer of the week has 5.00 off.
	c, err := campaigns.Save(ctx, ann, campaign.SaveInput{Promotion: promo.Promotion{
		ID: "early-bird", Name: "Early bird", Limits: promo.Limits{Uses: 1},
		Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: money.New(500, "USD"), Per: promo.PerOrder}},
	}})
	fmt.Println(c.State, err)
	c, err = campaigns.Activate(ctx, ann, c.ID, c.Version)
	fmt.Println(c.State, err)

	redeem := func(group ref.GroupID) error {
		return stores.Units.Do(ctx, func(ctx context.Context) error {
			return stores.PromoUses.Redeem(ctx, []campaign.Redemption{{
				Group: group, Promotion: c.ID, Version: c.Promotion.Version, Buyer: "bo",
				Amount: money.New(500, "USD"), Limits: c.Promotion.Limits, State: campaign.Held, At: c.UpdatedAt,
			}})
		})
	}
	fmt.Println("first:", redeem("g1"))
	fmt.Println("again, for the same orders:", redeem("g1"))
	fmt.Println("second is too late:", errors.Is(redeem("g2"), fault.Exhausted))
	// Output:
	// draft <nil>
	// active <nil>
	// first: <nil>
	// again, for the same orders: <nil>
	// second is too late: true
}
