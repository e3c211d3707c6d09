package campaign_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

func TestConflictsAreToldBeforeSaving(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := b.clock.Now()
	save := func(id campaign.ID, change func(p *promo.Promotion)) {
		p := percent(id, 100_000)
		change(&p)
		b.active(t, ann(), p)
	}
	save("alone", func(p *promo.Promotion) { p.Sharing.Mode = promo.ShareNone })
	save("coupon", func(p *promo.Promotion) { p.Redeem, p.Code = promo.RedeemCode, "X" })
	save("free", func(*promo.Promotion) {})
	save("later", func(p *promo.Promotion) { p.Sharing.Mode, p.From = promo.ShareNone, now.Add(time.Hour) })
	save("spice", func(p *promo.Promotion) { p.Merchant = "spice" })
	save("tea", func(p *promo.Promotion) { p.Merchant = "tea" })
	save("web", func(p *promo.Promotion) { p.Sharing.Mode, p.Channels = promo.ShareNone, []ref.ChannelID{"web"} })

	mine := percent("", 100_000)
	mine.Merchant, mine.Until, mine.Channels = "tea", now.Add(time.Hour), []ref.ChannelID{"shop"}
	mine.Sharing = promo.Sharing{Mode: promo.ShareWith, Owners: []ref.MerchantID{"tea", "spice"}, Classes: []promo.Class{promo.ClassReduction}}
	got, err := b.Conflicts(t.Context(), ann(), mine)
	require.NoError(t, err)
	for i := range got {
		require.Equal(t, "some percent", got[i].Name)
		got[i].Name = ""
	}
	require.Equal(t, []campaign.Conflict{
		{With: "alone", Rule: campaign.RuleSharing, Permits: true},
		{With: "coupon", Rule: campaign.RuleSharing, Permitted: true},
		{With: "tea", Merchant: "tea", Rule: campaign.RuleGroup, Group: promo.GroupReduction, Per: promo.OneMerchant, Max: 1},
	}, got)

	// A live one does not conflict with itself.
	got, err = b.Conflicts(t.Context(), ann(), percent("alone", 100_000))
	require.NoError(t, err)
	require.NotContains(t, got, "alone")
	bad := percent("bad", 0)
	_, err = b.Conflicts(t.Context(), ann(), bad)
	require.ErrorIs(t, err, fault.Invalid)
}

func TestAPromotionIsTriedOnASampleCart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.active(t, ann(), percent("live", 100_000))
	other := percent("other", 500_000)
	other.Merchant = "spice"
	b.active(t, ann(), other)
	cart := promo.Cart{
		Channel: "web", Currency: "USD",
		Lines: []promo.Line{{ID: "l1", SKU: "tea", Product: "tea", Merchant: "tea", Quantity: 2, Unit: usd(1000)}},
	}
	mine := percent("", 200_000)
	mine.Redeem = promo.RedeemCoupon
	mine.From = b.clock.Now().Add(time.Hour)

	r, err := b.Try(t.Context(), ref.Merchant("tea"), campaign.TryInput{Promotion: mine, Cart: cart})
	require.NoError(t, err)
	require.Equal(t, usd(1800), r.Totals.Payable, "it has not begun")
	require.Len(t, r.Decisions, 2, "what another merchant offers is of no concern")
	r, err = b.Try(t.Context(), ref.Merchant("tea"), campaign.TryInput{Promotion: mine, Cart: cart, At: mine.From})
	require.NoError(t, err)
	require.Equal(t, usd(1440), r.Totals.Payable)
	require.Equal(t, campaign.SampleCoupon, r.Allocations[0].Coupon)
	mine.Redeem, mine.Code = promo.RedeemCode, "TEA"
	r, err = b.Try(t.Context(), ref.Merchant("tea"), campaign.TryInput{Promotion: mine, Cart: cart, At: mine.From, Alone: true})
	require.NoError(t, err)
	require.Equal(t, usd(1600), r.Totals.Payable)
	require.Empty(t, cart.Codes)

	_, err = b.Try(t.Context(), ann(), campaign.TryInput{Promotion: percent("x", 1), Cart: promo.Cart{Currency: "nothing"}})
	require.ErrorIs(t, err, fault.Invalid)
}

func TestTemplatesAreStampedOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := b.Templates()
	require.NotEmpty(t, all)
	all[0].Parameters[0].Name, all[0].Body[0] = "spoiled", 'x'
	require.NotEqual(t, "spoiled", b.Templates()[0].Parameters[0].Name)

	values := map[string]json.RawMessage{
		"name": []byte(`"Tea week"`), "percent": []byte(`100000`), "merchant": []byte(`"spice"`),
	}
	p, err := b.Stamp(t.Context(), ref.Merchant("tea"), campaign.StampInput{Template: "limited-time-discount", Values: values})
	require.NoError(t, err)
	require.NotEmpty(t, p.ID)
	require.EqualValues(t, "tea", p.Merchant)
	require.Equal(t, "limited-time-discount", p.Template)
	require.Equal(t, `"spice"`, string(values["merchant"]), "the caller's values are the caller's")
	c := b.active(t, ref.Merchant("tea"), p)
	require.Equal(t, "limited-time-discount", c.Promotion.Template)

	_, err = b.Stamp(t.Context(), ann(), campaign.StampInput{Template: "limited-time-discount", Values: map[string]json.RawMessage{
		"percent": []byte(`1000001`), "what": []byte(`1`),
	}})
	require.Equal(t, []string{"values.name: required", "values.percent: out_of_range", "values.what: unknown"}, fields(t, err))
	_, err = b.Stamp(t.Context(), ann(), campaign.StampInput{Template: "none"})
	require.ErrorIs(t, err, fault.NotFound)
}

// A promotion is tried at the time of day of the shop, as it will be offered.
func TestAPromotionIsTriedInTheTimeZoneOfTheShop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	shanghai, err := campaign.NewService(campaign.Config{
		Store: b.stores.Campaigns, Groups: b.stores.PromoGroups, Usage: b.stores.PromoUses, Units: b.stores.Units, Events: b.stores.Events,
		Location: time.FixedZone("CST", 8*60*60), Clock: b.clock,
	})
	require.NoError(t, err)
	p := percent("sunday", 100_000)
	p.When = promo.Condition{Time: &promo.TimeCondition{Weekdays: []time.Weekday{time.Sunday}, Until: 4*60 + 30}}
	in := campaign.TryInput{Promotion: p, At: time.Date(2026, 3, 14, 20, 0, 0, 0, time.UTC), Cart: promo.Cart{
		Currency: "USD", Lines: []promo.Line{{ID: "l", SKU: "tea", Quantity: 1, Unit: usd(1000)}},
	}}
	result, err := b.Try(t.Context(), ann(), in)
	require.NoError(t, err)
	require.Equal(t, usd(1000), result.Totals.Payable, "Saturday evening")
	result, err = shanghai.Try(t.Context(), ann(), in)
	require.NoError(t, err)
	require.Equal(t, usd(900), result.Totals.Payable, "four on Sunday morning")
	b.clock.Set(in.At)
	in.At = time.Time{}
	result, err = shanghai.Try(t.Context(), ann(), in)
	require.NoError(t, err)
	require.Equal(t, usd(900), result.Totals.Payable)
}
