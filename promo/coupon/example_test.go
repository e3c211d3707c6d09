package coupon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx, stores := context.Background(), memory.New().Stores()
	now := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	coupons, err := coupon.NewService(coupon.Config{
		Templates: stores.CouponTemplates, Coupons: stores.Coupons, Codes: stores.CouponCodes,
		Units: stores.Units, Events: stores.Events, Clock: now,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := coupons.Create(ctx, ref.Staff("ann"), coupon.CreateInput{Terms: coupon.Terms{
		Promotion: "ten-off-hundred", Name: "10 off 100", Way: coupon.ByClaim,
		Validity: coupon.Validity{Days: 7}, Total: 1,
	}})
	if err == nil {
		_, err = coupons.Activate(ctx, ref.Staff("ann"), t.ID, t.Version)
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	c, err := coupons.Claim(ctx, ref.Member("bo"), coupon.ClaimInput{Template: t.ID})
	fmt.Println(c.Name, "until", c.ExpiresAt.Format(time.DateOnly), err)
	_, err = coupons.Claim(ctx, ref.Member("cy"), coupon.ClaimInput{Template: t.ID})
	fmt.Println("for the next one:", fault.KindOf(err))

	_ = stores.Units.Do(ctx, func(ctx context.Context) error {
		err = coupons.Hold(ctx, coupon.Holding{Group: "group-1", Member: "bo", IDs: []coupon.ID{c.ID}, At: now.Now()})
		return err
	})
	fmt.Println("an order holds it:", err)
	_ = stores.Units.Do(ctx, func(ctx context.Context) error {
		_, err = coupons.Settle(ctx, "group-1", coupon.Paid, now.Now())
		return err
	})
	c, err = coupons.Get(ctx, ref.Member("bo"), c.ID)
	fmt.Println(c.State, err)
	// Output:
	// 10 off 100 until 2026-03-21 <nil>
	// for the next one: exhausted
	// an order holds it: <nil>
	// used <nil>
}

func ExampleParseCode() {
	code, err := coupon.ParseCode(" 7q2k-9ftm-oxav-3hnb-7")
	fmt.Println(code, fault.KindOf(err))
	code, err = coupon.ParseCode("0000-0000-0000-0000-0")
	fmt.Println(coupon.FormatCode(code), err)
	// Output:
	//  invalid
	// 0000-0000-0000-0000-0 <nil>
}
