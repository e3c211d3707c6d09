package seed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

// offers brings out the promotions, before the goods, so that each is listed
// once, at its price. They are measured from the day the first merchant came:
// a filling that is resumed offers the same.
func (sd *seeder) offers(ctx context.Context, data *demo.Data) error {
	opened, err := sd.opened(ctx, data)
	if err != nil {
		return err
	}
	all := demo.PromotionsOf(data.Shops, opened)
	for _, g := range all.Groups {
		if _, err := sd.market.Campaigns.SaveGroup(ctx, clerk(), g, 0); fresh(err) != nil {
			return fmt.Errorf("group %s: %w", g.ID, err)
		}
	}
	for _, p := range all.Promotions {
		if err := sd.promotion(ctx, p); err != nil {
			return fmt.Errorf("promotion %s: %w", p.ID, err)
		}
	}
	for _, in := range all.Coupons {
		if err := sd.coupon(ctx, in); err != nil {
			return fmt.Errorf("coupon %s: %w", in.ID, err)
		}
	}
	return nil
}

func (sd *seeder) opened(ctx context.Context, data *demo.Data) (time.Time, error) {
	if len(data.Merchants) == 0 {
		return time.Time{}, errors.New("the data has no merchants")
	}
	first, err := sd.stores.Merchants.Get(ctx, merchant.ID(data.Merchants[0].Code))
	return first.CreatedAt, err
}

// promotion keeps and activates one, as far as an earlier run did not.
func (sd *seeder) promotion(ctx context.Context, p promo.Promotion) error {
	c, err := sd.market.Campaigns.Save(ctx, clerk(), campaign.SaveInput{Promotion: p})
	if errors.Is(err, fault.AlreadyExists) {
		c, err = sd.market.Campaigns.Get(ctx, clerk(), p.ID)
	}
	if err != nil || c.State != campaign.Draft {
		return err
	}
	_, err = sd.market.Campaigns.Activate(ctx, clerk(), c.ID, c.Version)
	return err
}

// coupon keeps and activates a template, as far as an earlier run did not.
func (sd *seeder) coupon(ctx context.Context, in coupon.CreateInput) error {
	t, err := sd.market.Coupons.Create(ctx, clerk(), in)
	if errors.Is(err, fault.AlreadyExists) {
		t, err = sd.market.Coupons.Template(ctx, clerk(), in.ID)
	}
	if err != nil || t.State != coupon.Paused {
		return err
	}
	_, err = sd.market.Coupons.Activate(ctx, clerk(), t.ID, t.Version)
	return err
}
