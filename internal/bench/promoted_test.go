package bench_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

// idle are promotions as a shop has them, of which none applies to a small
// cart: thresholds that are out of reach, goods that are not in it, other
// merchants.
func idle(n int) []promo.Promotion {
	out := make([]promo.Promotion, n)
	for i := range out {
		p := promo.Promotion{ID: ref.PromotionID(fmt.Sprintf("idle-%03d", i)), Name: "Offer", Level: promo.LevelOrder}
		p.Benefit.Percent = &promo.Percent{PPM: 100_000}
		switch i % 4 {
		case 0:
			p.When = atLeast(dollars(1_000_000))
		case 1:
			p.Lines = promo.Selector{SKUs: []ref.SKUID{"not-in-it"}}
		case 2:
			p.Merchant, p.When = "merchant-0", atLeast(dollars(1_000_000))
		case 3:
			p.Merchant = "merchant-4"
		}
		out[i] = p
	}
	return out
}

// limited are promotions that apply together and count their uses.
func limited(n int) []promo.Promotion {
	out := make([]promo.Promotion, n)
	for i := range out {
		out[i] = promo.Promotion{
			ID: ref.PromotionID(fmt.Sprintf("limited-%02d", i)), Name: "Offer", Groups: []promo.GroupID{},
			Limits:  promo.Limits{Uses: 1_000_000, PerMember: 100, Budget: dollars(1_000_000_00)},
			Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: dollars(1), Per: promo.PerOrder}},
		}
	}
	return out
}

// promote puts promotions live, past the service that would tell of it.
func promote(tb testing.TB, stores storage.Stores, all ...promo.Promotion) {
	tb.Helper()
	engine, err := promo.NewEngine(promo.Config{})
	require.NoError(tb, err)
	for _, p := range all {
		p.Version = 1
		require.NoError(tb, engine.Validate(&p))
		require.NoError(tb, stores.Campaigns.Insert(tb.Context(), &campaign.Campaign{
			ID: p.ID, Merchant: p.Merchant, State: campaign.Active, Promotion: p, CreatedAt: noon(), UpdatedAt: noon(),
		}))
	}
}

// What promotions may make a purchase cost, in hundredths of one without any.
const (
	maxIdleCost    = 110
	maxLimitedCost = 140
)

// BenchmarkPromotedPurchase places and pays orders of two lines with no
// promotion, with a hundred of which none applies, and with five that count
// their uses. The shops take turns after every few purchases, so that whatever
// else the machine does slows all of them down.
func BenchmarkPromotedPurchase(b *testing.B) {
	const turns, perTurn = 60, 2 * buyers
	none, idly, counted := newPromoted(b, "none"), newPromoted(b, "idle", idle(100)...), newPromoted(b, "limited", limited(5)...)
	sides := []*side{none, idly, counted}
	requireDurable(b, none.db)
	for b.Loop() {
		for _, s := range sides {
			s.warm(b)
		}
		for turn := range turns {
			for i := range sides {
				sides[(i+turn)%len(sides)].run(b, perTurn)
			}
		}
	}
	report(b, sides)
	for s, most := range map[*side]float64{idly: maxIdleCost, counted: maxLimitedCost} {
		if cost := none.cost(s); cost > most {
			b.Errorf("a purchase with promotions (%s) takes %.1f %% of the time of one without, not %.0f %%", s.name, cost, most)
		}
	}
}

// newPromoted opens a shop with promotions.
func newPromoted(b *testing.B, name string, all ...promo.Promotion) *side {
	b.Helper()
	url := pgtest.URL(b)
	s := newSide(b, name, url)
	promote(b, open(b, url, nil).Stores(), all...)
	return s
}
