package memory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// beside calls audit again and again while 200 units are committed.
func beside(t *testing.T, s storage.Stores, unit func(ctx context.Context, n int) error, audit func() (int, error)) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		var err error
		for n := 0; n < 200 && err == nil; n++ {
			err = s.Units.Do(t.Context(), func(ctx context.Context) error { return unit(ctx, n) })
		}
		done <- err
	}()
	for {
		wrong, err := audit()
		require.NoError(t, err)
		require.Zero(t, wrong, "what is written while an audit looks is no violation")
		select {
		case err := <-done:
			require.NoError(t, err)
			return
		default:
		}
	}
}

func TestStockIsAuditedAtOneMoment(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	a, ok := uow.As[inventory.Auditor](s.Inventory)
	require.True(t, ok)
	beside(t, s, func(ctx context.Context, n int) error {
		var in []inventory.Change
		var rs []inventory.Reservation
		for i := range 20 {
			sku := ref.SKUID(fmt.Sprint("tea-", i))
			in = append(in, inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindReceive, Delta: 1, Ref: "delivery"})
			rs = append(rs, inventory.Reservation{
				Owner: fmt.Sprint("order-", n), SKU: sku, Location: "main", Quantity: 1, State: inventory.Held, CreatedAt: noon(), UpdatedAt: noon(),
			})
		}
		if err := s.Inventory.Apply(ctx, in, noon()); err != nil {
			return err
		}
		_, err := s.Inventory.Reserve(ctx, rs, noon())
		return err
	}, func() (int, error) {
		levels, err := a.Audit(t.Context(), 10)
		if err != nil {
			return 0, err
		}
		reservations, err := a.AuditReservations(t.Context(), 10)
		return len(levels) + len(reservations), err
	})
}

func TestPromotionsAreAuditedAtOneMoment(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	a, ok := uow.As[campaign.UsageAuditor](s.PromoUses)
	require.True(t, ok)
	beside(t, s, func(ctx context.Context, n int) error {
		rs := make([]campaign.Redemption, 20)
		for i := range rs {
			rs[i] = campaign.Redemption{
				Group: ref.GroupID(fmt.Sprint("group-", n)), Promotion: campaign.ID(fmt.Sprint("ten-", i)), Version: 1, Buyer: "ann",
				Amount: money.New(250, "USD"), Limits: promo.Limits{Uses: 1000}, State: campaign.Held, At: noon(),
			}
		}
		return s.PromoUses.Redeem(ctx, rs)
	}, func() (int, error) {
		wrong, err := a.Audit(t.Context(), 10)
		return len(wrong), err
	})
}

func TestCouponsAreAuditedAtOneMoment(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	tpl := coupon.Template{ID: "ten", State: coupon.Active, Terms: coupon.Terms{
		Promotion: "ten", Name: "Ten off", Way: coupon.ByHand, Total: 10_000,
	}, CreatedAt: noon(), UpdatedAt: noon()}
	require.NoError(t, s.CouponTemplates.Insert(t.Context(), &tpl))
	beside(t, s, func(ctx context.Context, n int) error {
		cs := make([]coupon.Coupon, 20)
		for i := range cs {
			cs[i] = coupon.Coupon{
				ID: coupon.ID(fmt.Sprint(n, "-", i)), Template: tpl.ID, Promotion: tpl.Promotion, Name: tpl.Name, Way: tpl.Way, State: coupon.Claimed,
				Member: ref.MemberID(fmt.Sprint("member-", i)), ValidFrom: noon(), ClaimedAt: noon(), UpdatedAt: noon(),
			}
		}
		_, err := s.Coupons.Issue(ctx, cs, coupon.Limit{Template: tpl.ID, Total: tpl.Total})
		return err
	}, func() (int, error) {
		wrong, err := s.CouponTemplates.Audit(t.Context(), 10)
		return len(wrong), err
	})
}
