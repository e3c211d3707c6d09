package redemption_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/redemption"
	"github.com/soukhq/souk/storage/memory"
)

// noGifts is a catalogue without gifts.
type noGifts struct{}

func (noGifts) Offers(context.Context, cart.OfferQuery, []ref.SKUID) (map[ref.SKUID]cart.Offer, error) {
	return nil, nil
}

func Example() {
	ctx, ann := context.Background(), ref.Staff("ann")
	stores := memory.New().Stores()
	engine, err1 := promo.NewEngine(promo.Config{})
	campaigns, err2 := campaign.NewService(campaign.Config{
		Store: stores.Campaigns, Groups: stores.PromoGroups, Usage: stores.PromoUses,
		Units: stores.Units, Events: stores.Events, Engine: engine,
	})
	promotions, err3 := redemption.New(redemption.Config{
		Campaigns: campaigns, Versions: stores.Campaigns, Usage: stores.PromoUses, Offers: noGifts{}, Engine: engine,
	})
	if err1 != nil || err2 != nil || err3 != nil {
		fmt.Println(err1, err2, err3)
		return
	}
	c, err := campaigns.Save(ctx, ann, campaign.SaveInput{Promotion: promo.Promotion{
		ID: "five-off", Name: "5.00 off from 30.00 on", Limits: promo.Limits{PerMember: 1},
		When:    promo.Condition{Amount: &promo.AmountCondition{Min: money.New(3000, "USD")}},
		Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: money.New(500, "USD"), Per: promo.PerOrder}},
	}})
	if err == nil {
		_, err = campaigns.Activate(ctx, ann, c.ID, c.Version)
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	tea := func(n ref.Quantity) checkout.Basket {
		list := money.New(1250*int64(n), "USD")
		return checkout.Basket{
			Channel: "web", Currency: "USD", Member: "bo", At: clock.System{}.Now(),
			Parts: []checkout.BasketPart{{Merchant: "tea-house", Lines: []checkout.BasketLine{
				{SKU: "tea", Product: "tea", Quantity: n, Unit: money.New(1250, "USD"), List: list},
			}}},
		}
	}
	two, err := promotions.Apply(ctx, tea(2))
	fmt.Println("two:", two.Empty(), two.Result.Decisions[0].NearMiss.Amount.Minor(), "cents more are missing", err)
	three, err := promotions.Apply(ctx, tea(3))
	fmt.Println("three:", three.Parts[0].Lines[0][0].Amount.Minor(), "cents off", err)

	err = stores.Units.Do(ctx, func(ctx context.Context) error { // beside the order
		return promotions.Redeem(ctx, checkout.RedeemInput{Group: "g1", Basket: tea(3), Adjusted: three, At: c.UpdatedAt})
	})
	again, _ := promotions.Apply(ctx, tea(3))
	fmt.Println("next time:", again.Result.Decisions[0].Code, err)
	// Output:
	// two: true 500 cents more are missing <nil>
	// three: 500 cents off <nil>
	// next time: limit_user <nil>
}
