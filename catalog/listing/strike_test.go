package listing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// campaigns are what is offered, with every version there was.
type campaigns struct {
	live     []promo.Promotion
	versions map[campaign.VersionKey]promo.Promotion
	groups   []campaign.Group
}

func (c *campaigns) All(context.Context) ([]campaign.Group, error) { return c.groups, nil }

func (c *campaigns) Live(_ context.Context, at time.Time) ([]promo.Promotion, error) {
	var out []promo.Promotion
	for _, p := range c.live {
		if p.Until.IsZero() || p.Until.After(at) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (c *campaigns) Versions(_ context.Context, keys []campaign.VersionKey) ([]promo.Promotion, error) {
	var out []promo.Promotion
	for _, k := range keys {
		if p, ok := c.versions[k]; ok {
			out = append(out, p)
		}
	}
	return out, nil
}

// offer makes promotions the live ones, and announces each.
func (s *shop) offer(all ...promo.Promotion) {
	s.t.Helper()
	told := all
	if len(all) == 0 {
		told = s.campaigns.live
	}
	if s.campaigns.versions == nil {
		s.campaigns.versions = map[campaign.VersionKey]promo.Promotion{}
	}
	s.campaigns.live = all
	for _, p := range told {
		s.campaigns.versions[campaign.VersionKey{Promotion: p.ID, Version: p.Version}] = p
		rec, err := event.New(string(p.ID)+fmt.Sprint(p.Version, len(all)), campaign.Topic, string(p.ID), s.clock.Now(), campaign.Changed{
			Promotion: p.ID, Merchant: p.Merchant, State: campaign.Active, PromotionVersion: p.Version, Version: p.Version,
		})
		require.NoError(s.t, err)
		require.NoError(s.t, s.log.Append(s.t.Context(), rec))
	}
}

func percentOff(id string, percent int64) promo.Promotion {
	return promo.Promotion{
		ID: ref.PromotionID(id), Version: 1, Name: id, Level: promo.LevelPrice,
		Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 10_000 * percent}},
	}
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func TestPricePromotionsAreStruckOnTheCards(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.add("tea", catalog.ProductInput{}, 1000, 3000)
	s.add("pot", catalog.ProductInput{}, 800)
	s.catchUp()
	require.Equal(t, []string{"pot", "tea"}, s.ids(listing.Query{Sort: listing.Cheapest}))
	tea, _ := s.card("tea")
	require.Equal(t, listing.Price{Lowest: usd(1000), Highest: usd(3000)}, tea.PriceAt(s.clock.Now()))

	half := percentOff("half", 50)
	half.Lines.Products = []ref.ProductID{"tea"}
	s.offer(half)
	require.Equal(t, 1, s.catchUp(), "only what it selects is read again")
	tea, _ = s.card("tea")
	require.Equal(t, usd(1000), tea.Lowest, "the list price stays")
	require.Equal(t, listing.Price{Lowest: usd(500), Highest: usd(1500), Was: usd(1000), Promoted: true}, tea.PriceAt(s.clock.Now()))
	require.Equal(t, []string{"tea", "pot"}, s.ids(listing.Query{Sort: listing.Cheapest}))
	require.Equal(t, []string{"tea"}, s.ids(listing.Query{PriceTo: usd(600)}))

	s.prices["en"]["tea-a"] = pricing.Resolved{Unit: usd(600), Version: 2}
	require.NoError(t, s.Refresh(t.Context(), []ref.ProductID{"tea"}))
	tea, _ = s.card("tea")
	require.Equal(t, usd(300), tea.PriceAt(s.clock.Now()).Lowest, "it follows the price")

	next := half
	next.Version, next.Lines = 2, promo.Selector{Products: []ref.ProductID{"pot"}}
	s.offer(next)
	require.Equal(t, 2, s.catchUp(), "what the version before selected too")
	tea, _ = s.card("tea")
	require.Empty(t, tea.Strikes)
	require.Equal(t, money.Money{}, tea.Struck)
	pot, _ := s.card("pot")
	require.Equal(t, usd(400), pot.PriceAt(s.clock.Now()).Lowest)
	s.offer()
	require.Equal(t, 2, s.catchUp())
	pot, _ = s.card("pot")
	require.Equal(t, usd(800), pot.PriceAt(s.clock.Now()).Lowest)
}

// Where prices go by priority, the cards show the price that the checkout takes.
func TestStrikesByPriority(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.add("tea", catalog.ProductInput{}, 1000)
	flash, member := percentOff("flash", 50), percentOff("member", 10)
	member.Priority = 1
	s.offer(flash, member)
	s.catchUp()
	price := func() int64 {
		tea, _ := s.card("tea")
		offers, err := s.Offers(t.Context(), cart.OfferQuery{Channel: "en"}, []ref.SKUID{"tea-a"})
		require.NoError(t, err)
		struck, err := s.Struck(t.Context(), "en", offers)
		require.NoError(t, err)
		shown := tea.PriceAt(s.clock.Now()).Lowest
		require.Equal(t, shown, struck["tea-a"])
		return shown.Minor()
	}
	require.Equal(t, int64(500), price())
	s.campaigns.groups = []campaign.Group{{Group: promo.Group{ID: promo.GroupPrice, Per: promo.OneLine, Pick: promo.ChoosePriority}}}
	rec, err := event.New("g1", campaign.Topic, "groups", s.clock.Now(), campaign.GroupsChanged{Group: string(promo.GroupPrice)})
	require.NoError(t, err)
	require.NoError(t, s.log.Append(t.Context(), rec))
	require.Equal(t, 1, s.catchUp())
	require.Equal(t, int64(900), price())
	rec, err = event.New("g2", campaign.Topic, "groups", s.clock.Now(), campaign.GroupsChanged{Group: "another"})
	require.NoError(t, err)
	require.NoError(t, s.log.Append(t.Context(), rec))
	require.Zero(t, s.catchUp())
}

// A row knows the windows to come: a card is right at the moment one begins,
// however late the next refresh.
func TestStrikesBeginAndEndOnTime(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.add("tea", catalog.ProductInput{}, 1000)
	s.add("pot", catalog.ProductInput{}, 800)
	now := s.clock.Now()
	soon := percentOff("soon", 50)
	soon.From, soon.Until = now.Add(time.Hour), now.Add(3*time.Hour)
	flash := percentOff("flash", 90)
	flash.From, flash.Until = now.Add(2*time.Hour), now.Add(3*time.Hour)
	far := percentOff("far", 1)
	far.Lines.Products, far.From = []ref.ProductID{"pot"}, now.Add(30*time.Minute)
	s.offer(soon, flash, far)
	s.catchUp()

	tea, _ := s.card("tea")
	require.Equal(t, []listing.Strike{
		{From: soon.From, Until: flash.From, Lowest: usd(500), Highest: usd(500), Was: usd(1000)},
		{From: flash.From, Until: flash.Until, Lowest: usd(100), Highest: usd(100), Was: usd(1000)},
	}, tea.Strikes)
	require.Equal(t, money.Money{}, tea.Struck)
	for after, want := range map[time.Duration]int64{
		time.Hour - 1: 1000, time.Hour: 500, 2*time.Hour - 1: 500, 2 * time.Hour: 100, 3*time.Hour - 1: 100, 3 * time.Hour: 1000,
	} {
		require.Equal(t, usd(want), tea.PriceAt(now.Add(after)).Lowest, after)
	}
	require.Equal(t, []string{"pot", "tea"}, s.ids(listing.Query{Sort: listing.Cheapest}))

	s.clock.Set(now.Add(30 * time.Minute))
	require.Equal(t, 1, s.catchUp(), "a window of the pot alone begins")
	s.clock.Set(flash.From)
	require.Equal(t, 2, s.catchUp())
	require.Equal(t, []string{"pot", "tea"}, s.ids(listing.Query{Sort: listing.Cheapest}))
	tea, _ = s.card("tea")
	require.Equal(t, usd(100), tea.Struck)
	s.clock.Set(flash.Until)
	require.Equal(t, 2, s.catchUp())
	tea, _ = s.card("tea")
	require.Empty(t, tea.Strikes)
}

func TestOnlyWhatEverybodyGetsIsStruck(t *testing.T) {
	t.Parallel()
	require.True(t, listing.Strikes(&promo.Promotion{Benefit: promo.Benefit{Price: &promo.Price{Unit: usd(5)}}}))
	for name, change := range map[string]func(p *promo.Promotion){
		"line level":   func(p *promo.Promotion) { p.Level = promo.LevelLine },
		"a coupon":     func(p *promo.Promotion) { p.Redeem = promo.RedeemCoupon },
		"a code":       func(p *promo.Promotion) { p.Redeem, p.Code = promo.RedeemCode, "X" },
		"a condition":  func(p *promo.Promotion) { p.When.Payment = []string{"card"} },
		"a segment":    func(p *promo.Promotion) { p.Segments = []string{"gold"} },
		"a limit":      func(p *promo.Promotion) { p.Limits.PerMember = 1 },
		"a budget":     func(p *promo.Promotion) { p.Limits.Budget = usd(1) },
		"a group":      func(p *promo.Promotion) { p.Groups = []promo.GroupID{"g"} },
		"not to share": func(p *promo.Promotion) { p.Sharing.Mode = promo.ShareNone },
	} {
		p := percentOff("p", 10)
		require.True(t, listing.Strikes(&p))
		change(&p)
		require.False(t, listing.Strikes(&p), name)
	}
}

// What a card shows is what a cart of any number of pieces is charged, piece
// by piece, beside whatever else is in it.
func TestTheStruckPriceIsWhatTheCartCosts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := setup(t)
		products := []ref.ProductID{"a", "b", "c"}
		for _, id := range products {
			s.add(string(id), catalog.ProductInput{}, rapid.Int64Range(1, 5000).Draw(rt, "price of "+string(id)))
		}
		var offers []promo.Promotion
		var candidates []promo.Candidate
		for i := range rapid.IntRange(0, 4).Draw(rt, "offers") {
			p := percentOff(fmt.Sprint("p", i), rapid.Int64Range(1, 100).Draw(rt, "percent"))
			switch rapid.IntRange(0, 2).Draw(rt, "kind") {
			case 1:
				p.Benefit = promo.Benefit{Price: &promo.Price{Unit: usd(rapid.Int64Range(0, 4000).Draw(rt, "to"))}}
			case 2:
				p.Benefit = promo.Benefit{Fixed: &promo.Fixed{Off: usd(rapid.Int64Range(1, 4000).Draw(rt, "off")), Per: promo.PerUnit}}
			}
			if rapid.Bool().Draw(rt, "narrow") {
				p.Lines.Products = rapid.SliceOfNDistinct(rapid.SampledFrom(products), 1, 2, rapid.ID).Draw(rt, "of")
			}
			p.Priority = rapid.IntRange(0, 1).Draw(rt, "priority")
			offers, candidates = append(offers, p), append(candidates, promo.Candidate{Promotion: p})
		}
		s.offer(offers...)
		s.catchUp()

		engine, err := promo.NewEngine(promo.Config{})
		require.NoError(rt, err)
		var skus []ref.SKUID
		for _, id := range products {
			skus = append(skus, ref.SKUID(id+"-a"))
		}
		found, err := s.Offers(t.Context(), cart.OfferQuery{Channel: "en"}, skus)
		require.NoError(rt, err)
		c := promo.Cart{Channel: "en", Currency: "USD"}
		pieces := map[ref.LineID]int64{}
		for _, sku := range skus {
			o, n := found[sku], rapid.Int64Range(1, 9).Draw(rt, "pieces")
			pieces[ref.LineID(o.Product)] = n
			c.Lines = append(c.Lines, promo.Line{
				ID: ref.LineID(o.Product), SKU: sku, Product: o.Product, Merchant: o.Merchant, Brand: o.Brand,
				Categories: o.Categories, Quantity: ref.Quantity(n), Unit: o.UnitPrice,
			})
		}
		result, err := engine.Evaluate(promo.Input{Cart: c, Candidates: candidates, Now: s.clock.Now()})
		require.NoError(rt, err)
		for _, l := range result.Lines {
			card, ok := s.card(ref.ProductID(l.Line))
			require.True(rt, ok)
			price := card.PriceAt(s.clock.Now())
			require.Equal(rt, l.Net.Minor(), price.Lowest.Minor()*pieces[l.Line], "%s: %+v", l.Line, price)
			require.Equal(rt, !l.Discount.IsZero(), price.Promoted)
		}
	})
}

func TestOffersSayWhatPromotionsSelectBy(t *testing.T) {
	t.Parallel()
	s := setup(t)
	_, err := s.catalog.CreateCategories(t.Context(), staff(), []catalog.CategoryInput{
		{ID: "drinks", Name: catalog.Text{ref.English: "Drinks"}},
		{ID: "teas", Name: catalog.Text{ref.English: "Tea"}, Parent: "drinks"},
	})
	require.NoError(t, err)
	s.add("tea", catalog.ProductInput{Category: "teas"}, 100)
	offers, err := s.Offers(t.Context(), cart.OfferQuery{Channel: "en"}, []ref.SKUID{"tea-a"})
	require.NoError(t, err)
	require.Equal(t, []ref.CategoryID{"drinks", "teas"}, offers["tea-a"].Categories)
}

// The page of a product shows of each SKU what its card shows of the cheapest
// and the dearest.
func TestEverySKUIsStruck(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.add("tea", catalog.ProductInput{}, 1000, 2000, 3000)
	half, third := percentOff("half", 50), percentOff("third", 30)
	half.Lines.SKUs, half.Until = []ref.SKUID{"tea-b"}, s.clock.Now().Add(time.Hour)
	coupon := percentOff("coupon", 99)
	coupon.Redeem = promo.RedeemCoupon
	s.offer(half, third, coupon)
	s.catchUp()
	struck := func() map[ref.SKUID]money.Money {
		t.Helper()
		offers, err := s.Offers(t.Context(), cart.OfferQuery{Channel: "en"}, []ref.SKUID{"tea-a", "tea-b", "tea-c"})
		require.NoError(t, err)
		got, err := s.Struck(t.Context(), "en", offers)
		require.NoError(t, err)
		card, _ := s.card("tea")
		price := card.PriceAt(s.clock.Now())
		if len(got) > 0 {
			require.Equal(t, price.Lowest, got["tea-a"])
			require.Equal(t, price.Highest, got["tea-c"])
		}
		return got
	}
	require.Equal(t, map[ref.SKUID]money.Money{"tea-a": usd(700), "tea-b": usd(1000), "tea-c": usd(2100)}, struck())
	s.clock.Advance(time.Hour)
	require.Equal(t, usd(1400), struck()["tea-b"])
	s.offer()
	s.catchUp()
	require.Empty(t, struck())
	_, err := s.Struck(t.Context(), "nowhere", nil)
	require.Error(t, err)
}
