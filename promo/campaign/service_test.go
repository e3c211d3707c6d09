package campaign_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/exprcond"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

type testBundle struct {
	*campaign.Service
	stores storage.Stores
	clock  *clock.Manual
}

func setup(t *testing.T) testBundle {
	t.Helper()
	b := testBundle{
		stores: memory.New().Stores(),
		clock:  clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)),
	}
	expr, err := exprcond.New(exprcond.Config{})
	require.NoError(t, err)
	engine, err := promo.NewEngine(promo.Config{Conditions: map[string]promo.CustomCondition{exprcond.Kind: expr}})
	require.NoError(t, err)
	b.Service, err = campaign.NewService(campaign.Config{
		Store: b.stores.Campaigns, Groups: b.stores.PromoGroups, Usage: b.stores.PromoUses,
		Units: b.stores.Units, Events: b.stores.Events, Engine: engine, Clock: b.clock,
	})
	require.NoError(t, err)
	return b
}

func ann() ref.Scope { return ref.Staff("ann") }

func usd(minor int64) money.Money { return money.New(minor, "USD") }

// percent takes a percentage off orders.
func percent(id campaign.ID, ppm int64) promo.Promotion {
	return promo.Promotion{
		ID: id, Name: "some percent", Level: promo.LevelOrder, Benefit: promo.Benefit{Percent: &promo.Percent{PPM: ppm}},
	}
}

// active saves a promotion and offers it.
func (b testBundle) active(t *testing.T, scope ref.Scope, p promo.Promotion) campaign.Campaign {
	t.Helper()
	c, err := b.Save(t.Context(), scope, campaign.SaveInput{Promotion: p})
	require.NoError(t, err)
	c, err = b.Activate(t.Context(), scope, c.ID, c.Version)
	require.NoError(t, err)
	return c
}

// events returns the names of what was appended.
func (b testBundle) events(t *testing.T) []string {
	t.Helper()
	pending, err := b.stores.Events.Pending(t.Context(), campaign.Topic)
	require.NoError(t, err)
	var names []string
	for _, shard := range pending {
		leases, err := b.stores.Leases.Acquire(t.Context(), "test", b.clock.Now(), time.Minute, shard.Lease())
		require.NoError(t, err)
		_, err = b.stores.Events.Sequence(t.Context(), shard, leases[0].Fence, 100)
		require.NoError(t, err)
		records, err := b.stores.Events.Read(t.Context(), shard, 0, 100)
		require.NoError(t, err)
		for _, r := range records {
			names = append(names, r.Name)
		}
	}
	return names
}

// fields returns the wrong fields of an error, as "path: code".
func fields(t *testing.T, err error) []string {
	t.Helper()
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	var out []string
	for _, fd := range f.Fields {
		out = append(out, fd.Path+": "+fd.Code)
	}
	return out
}

func TestWhatLacksIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := campaign.NewService(campaign.Config{Templates: []promo.Template{{ID: "broken"}}})
	for _, field := range []string{"Store", "Groups", "Usage", "Units", "Events"} {
		require.ErrorContains(t, err, "campaign.Config."+field)
	}
	require.ErrorContains(t, err, "promo.template")
}

func TestACampaignMovesThroughItsStatesAndVersions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := percent("", 100_000)
	p.From = time.Date(2026, 3, 14, 20, 0, 0, 123_456_789, time.FixedZone("CST", 8*3600))
	c, err := b.Save(t.Context(), ann(), campaign.SaveInput{Promotion: p})
	require.NoError(t, err)
	require.NotEmpty(t, c.ID)
	require.Equal(t, campaign.Draft, c.State)
	require.EqualValues(t, 1, c.Promotion.Version)
	require.Equal(t, b.clock.Now().Add(123_456*time.Microsecond), c.Promotion.From, "as every backend keeps it")
	live, err := b.Live(t.Context())
	require.NoError(t, err)
	require.Empty(t, live.Promotions)

	c, err = b.Activate(t.Context(), ann(), c.ID, c.Version)
	require.NoError(t, err)
	live, err = b.Live(t.Context())
	require.NoError(t, err)
	require.Equal(t, []promo.Promotion{c.Promotion}, live.Promotions)
	same, err := b.Live(t.Context())
	require.NoError(t, err)
	require.Same(t, live, same, "nothing is read again that has not changed")

	first := c.Promotion
	again, err := b.Save(t.Context(), ann(), campaign.SaveInput{Version: c.Version, Promotion: first})
	require.NoError(t, err)
	require.Equal(t, c, again, "saving what is kept changes nothing")
	changed := first
	changed.Benefit.Percent = &promo.Percent{PPM: 200_000}
	c, err = b.Save(t.Context(), ann(), campaign.SaveInput{Version: c.Version, Promotion: changed})
	require.NoError(t, err)
	require.EqualValues(t, 2, c.Promotion.Version)
	live, err = b.Live(t.Context())
	require.NoError(t, err)
	require.Equal(t, []promo.Promotion{c.Promotion}, live.Promotions, "live at once")
	old, err := b.Versions(t.Context(), ann(), []campaign.VersionKey{{Promotion: c.ID, Version: 1}, {Promotion: c.ID, Version: 2}})
	require.NoError(t, err)
	require.Equal(t, []promo.Promotion{first, c.Promotion}, old)

	c, err = b.Pause(t.Context(), ann(), c.ID, c.Version)
	require.NoError(t, err)
	live, err = b.Live(t.Context())
	require.NoError(t, err)
	require.Empty(t, live.Promotions)
	stale := c.Version - 1
	_, err = b.Activate(t.Context(), ann(), c.ID, stale)
	require.ErrorIs(t, err, fault.Conflict)
	_, err = b.Save(t.Context(), ann(), campaign.SaveInput{Version: stale, Promotion: first})
	require.ErrorIs(t, err, fault.Conflict)
	c, err = b.End(t.Context(), ann(), c.ID, c.Version)
	require.NoError(t, err)
	_, err = b.Activate(t.Context(), ann(), c.ID, c.Version)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = b.Save(t.Context(), ann(), campaign.SaveInput{Version: c.Version, Promotion: first})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, []string{
		"promo.campaign_changed.v1", "promo.campaign_changed.v1", "promo.campaign_changed.v1",
		"promo.campaign_changed.v1", "promo.campaign_changed.v1",
	}, b.events(t))
}

func TestMerchantsKeepTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tea, spice := ref.Merchant("tea"), ref.Merchant("spice")
	mine := b.active(t, tea, percent("mine", 100_000))
	require.EqualValues(t, "tea", mine.Merchant)
	site := b.active(t, ann(), percent("site", 100_000))

	for _, scope := range []ref.Scope{spice, ref.Member("bo"), ref.Guest("token"), {}} {
		_, err := b.Get(t.Context(), scope, mine.ID)
		require.ErrorIs(t, err, fault.NotFound, scope)
		_, err = b.Pause(t.Context(), scope, mine.ID, mine.Version)
		require.ErrorIs(t, err, fault.NotFound, scope)
		_, err = b.Used(t.Context(), scope, []campaign.ID{mine.ID})
		require.ErrorIs(t, err, fault.NotFound, scope)
	}
	_, err := b.Save(t.Context(), spice, campaign.SaveInput{Version: mine.Version, Promotion: mine.Promotion})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = b.Pause(t.Context(), tea, site.ID, site.Version)
	require.ErrorIs(t, err, fault.NotFound, "the site's own")
	for _, scope := range []ref.Scope{ref.Member("bo"), ref.Guest("token"), {}} {
		_, err := b.Save(t.Context(), scope, campaign.SaveInput{Promotion: percent("x", 1)})
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
		_, err = b.List(t.Context(), scope, campaign.Query{}, page.Request{})
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
		_, err = b.Conflicts(t.Context(), scope, percent("x", 1))
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
		_, err = b.Try(t.Context(), scope, campaign.TryInput{Promotion: percent("x", 1)})
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
		_, err = b.Stamp(t.Context(), scope, campaign.StampInput{Template: "reduction"})
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
		_, err = b.Groups(t.Context(), scope)
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
		_, err = b.Versions(t.Context(), scope, nil)
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
	}
	_, err = b.SaveGroup(t.Context(), tea, promo.Group{ID: "g", Per: promo.OneOrder}, 0)
	require.ErrorIs(t, err, fault.PermissionDenied)
	require.ErrorIs(t, b.RemoveGroup(t.Context(), tea, "g", 1), fault.PermissionDenied)

	list, err := b.List(t.Context(), tea, campaign.Query{Site: true}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, []campaign.Campaign{mine}, list.Items)
	versions, err := b.Versions(t.Context(), tea, []campaign.VersionKey{{Promotion: "site", Version: 1}, {Promotion: "mine", Version: 1}})
	require.NoError(t, err)
	require.Equal(t, []promo.Promotion{mine.Promotion}, versions)

	// At others' cost a merchant promises nothing.
	theirs := percent("theirs", 100_000)
	theirs.Merchant = "spice"
	theirs.Funding = []promo.Funding{{Party: promo.PartyMerchant, PPM: 500_000}, {Party: promo.PartySite, PPM: 500_000}}
	_, err = b.Save(t.Context(), tea, campaign.SaveInput{Promotion: theirs})
	require.Equal(t, []string{"promotion.merchant: not_yours", "promotion.funding[1].party: staff_only"}, fields(t, err))
	points := promo.Promotion{ID: "points", Benefit: promo.Benefit{Reward: &promo.Reward{Kind: promo.RewardPoints, Count: 1}}}
	_, err = b.Save(t.Context(), tea, campaign.SaveInput{Promotion: points})
	require.Equal(t, []string{"promotion.benefit.reward.kind: staff_only"}, fields(t, err))
}

func TestBadPromotionsAreRefusedWhenSaved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.SaveGroup(t.Context(), ann(), promo.Group{ID: "week", Per: promo.OneOrder}, 0)
	require.NoError(t, err)
	_, err = b.Save(t.Context(), ann(), campaign.SaveInput{Promotion: percent("taken", 1)})
	require.NoError(t, err)
	expr := func(source string) promo.Condition {
		params, err := json.Marshal(exprcond.Params{Source: source})
		require.NoError(t, err)
		return promo.Condition{Custom: &promo.Custom{Kind: exprcond.Kind, Params: params}}
	}
	for name, c := range map[string]struct {
		spoil func(p *promo.Promotion)
		want  string // in one of the fields
	}{
		"a threshold of 0": {func(p *promo.Promotion) {
			p.When.Amount = &promo.AmountCondition{Min: usd(0)}
		}, "promotion.when.amount.min"},
		"more than all":     {func(p *promo.Promotion) { p.Benefit.Percent.PPM = 1_000_001 }, "promotion.benefit.percent.ppm"},
		"less than nothing": {func(p *promo.Promotion) { p.Benefit.Percent.PPM = -1 }, "promotion.benefit.percent.ppm"},
		"a rival it shares with": {func(p *promo.Promotion) {
			p.Groups = []promo.GroupID{"week"}
			p.Sharing = promo.Sharing{Mode: promo.ShareWith, Groups: []promo.GroupID{"week"}}
		}, "promotion.groups[0]: shares_with_rival"},
		"an unknown group": {func(p *promo.Promotion) { p.Groups = []promo.GroupID{"none"} }, "promotion.groups[0]: unknown"},
		"an expression that would run long": {func(p *promo.Promotion) {
			p.When = expr("all(cart.lines, all(cart.lines, all(cart.lines, true)))")
		}, "promotion.when.custom"},
		"an amount that overflows": {func(p *promo.Promotion) {
			p.Benefit = promo.Benefit{Fixed: &promo.Fixed{Off: usd(1<<63 - 1), Per: promo.PerUnit}}
			p.Level = ""
		}, "promotion.benefit.fixed.off"},
		"a limit below nothing": {func(p *promo.Promotion) { p.Limits.Uses = -1 }, "promotion.limits.uses"},
		"a budget for a gift": {func(p *promo.Promotion) {
			*p = promo.Promotion{
				ID: p.ID, Limits: promo.Limits{Budget: usd(1)},
				Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "cup", Quantity: 1, Value: usd(1)}}}},
			}
		}, "promotion.limits.budget: not_for_benefit"},
		"a window that ends before it begins": {func(p *promo.Promotion) {
			p.From, p.Until = b.clock.Now(), b.clock.Now()
		}, "promotion.until"},
		"no benefit": {func(p *promo.Promotion) { p.Benefit = promo.Benefit{} }, "promotion.benefit"},
		"more than fits": {func(p *promo.Promotion) {
			for range 300 {
				p.Channels = append(p.Channels, ref.ChannelID(strings.Repeat("x", 1000)))
			}
		}, "promotion: too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := percent("bad", 100_000)
			c.spoil(&p)
			_, err := b.Save(t.Context(), ann(), campaign.SaveInput{Promotion: p})
			all := strings.Join(fields(t, err), "\n")
			require.Contains(t, all, c.want)
			_, err = b.Get(t.Context(), ann(), "bad")
			require.ErrorIs(t, err, fault.NotFound)
		})
	}
	_, err = b.Save(t.Context(), ann(), campaign.SaveInput{Promotion: percent("taken", 2)})
	require.ErrorIs(t, err, fault.AlreadyExists)
	_, err = b.Save(t.Context(), ann(), campaign.SaveInput{Version: 1, Promotion: percent("", 2)})
	require.ErrorIs(t, err, fault.NotFound)
}

func TestWhatWasAgreedStaysAgreed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := percent("p", 100_000)
	p.Limits.Budget = usd(1000)
	c, err := b.Save(t.Context(), ann(), campaign.SaveInput{Promotion: p})
	require.NoError(t, err)
	p.Merchant, p.Limits.Budget = "tea", money.New(1000, "CNY")
	_, err = b.Save(t.Context(), ann(), campaign.SaveInput{Version: c.Version, Promotion: p})
	require.Equal(t, []string{"promotion.merchant: fixed", "promotion.limits.budget: fixed"}, fields(t, err))
}

func TestGroupsAndWhatIsLiveFitTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	g, err := b.SaveGroup(t.Context(), ann(), promo.Group{ID: "week", Per: promo.OneOrder, Max: 2}, 0)
	require.NoError(t, err)
	p := percent("p", 100_000)
	p.Groups = []promo.GroupID{"week"}
	q := p
	q.ID = "q"
	q.Sharing = promo.Sharing{Mode: promo.ShareWith, Groups: []promo.GroupID{"week"}}
	c := b.active(t, ann(), p)
	b.active(t, ann(), q)

	narrow := g.Group
	narrow.Max = 1
	_, err = b.SaveGroup(t.Context(), ann(), narrow, g.Version)
	require.ErrorIs(t, err, fault.Invalid, "a live one shares with the group")
	require.ErrorIs(t, b.RemoveGroup(t.Context(), ann(), "week", g.Version), fault.Invalid, "live ones are in it")
	groups, err := b.Groups(t.Context(), ann())
	require.NoError(t, err)
	require.Equal(t, []campaign.Group{g}, groups)
	_, err = b.SaveGroup(t.Context(), ann(), promo.Group{ID: promo.GroupPrice, Per: "nobody", Max: -1}, 0)
	require.Equal(t, []string{"groups[1].per: one_of", "groups[1].max: out_of_range"}, fields(t, err))
	_, err = b.SaveGroup(t.Context(), ann(), promo.Group{ID: promo.GroupPrice, Per: promo.OneOrder}, 0)
	require.Equal(t, []string{"groups[1].per: fixed"}, fields(t, err), "what it counts belongs to its name")
	byPriority, err := b.SaveGroup(t.Context(), ann(), promo.Group{ID: promo.GroupPrice, Per: promo.OneLine, Pick: promo.ChoosePriority}, 0)
	require.NoError(t, err, "in the place of a standard group")
	require.NoError(t, b.RemoveGroup(t.Context(), ann(), promo.GroupPrice, byPriority.Version))

	wide := g.Group
	wide.Name, wide.Max = "Tea week", 3
	b.clock.Advance(time.Hour)
	g, err = b.SaveGroup(t.Context(), ann(), wide, g.Version)
	require.NoError(t, err)
	require.EqualValues(t, 2, g.Version)
	require.Equal(t, time.Hour, g.UpdatedAt.Sub(g.CreatedAt))
	live, err := b.Live(t.Context())
	require.NoError(t, err)
	require.Equal(t, []promo.Group{wide}, live.Groups)

	_, err = b.Pause(t.Context(), ann(), c.ID, c.Version)
	require.NoError(t, err)
	_, err = b.Pause(t.Context(), ann(), "q", 2)
	require.NoError(t, err)
	require.ErrorIs(t, b.RemoveGroup(t.Context(), ann(), "week", 1), fault.Conflict)
	require.NoError(t, b.RemoveGroup(t.Context(), ann(), "week", g.Version))
	_, err = b.Activate(t.Context(), ann(), "q", 3)
	require.Contains(t, fields(t, err), "promotion.groups[0]: unknown")
	require.Contains(t, b.events(t), "promo.groups_changed.v1")
}
