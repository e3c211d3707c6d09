package demo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/promo"
)

// TestTheOffersFitTheCatalogue looks up everything that a promotion names.
func TestTheOffersFitTheCatalogue(t *testing.T) {
	t.Parallel()
	data, err := demo.Load()
	require.NoError(t, err)
	sellers, stock, leaves := map[ref.SKUID]string{}, map[ref.SKUID]int64{}, map[ref.CategoryID]bool{}
	for _, s := range data.Shops {
		for _, d := range s.Departments {
			for _, c := range d.Children {
				leaves[ref.CategoryID(c.Code)] = true
			}
		}
		for _, p := range s.Products {
			for _, v := range p.Variants {
				sellers[ref.SKUID(v.Code)], stock[ref.SKUID(v.Code)] = p.Merchant, v.Stock
			}
		}
	}
	templates, err := promo.StandardTemplates()
	require.NoError(t, err)
	known := map[string]bool{"": true}
	for _, tmpl := range templates {
		known[tmpl.ID] = true
	}

	o := demo.PromotionsOf(data.Shops, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	require.Equal(t, o, demo.PromotionsOf(data.Shops, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
	engine, err := promo.NewEngine(promo.Config{})
	require.NoError(t, err)
	byID, all := map[ref.PromotionID]promo.Promotion{}, []*promo.Promotion{}
	for i := range o.Promotions {
		p := &o.Promotions[i]
		p.Version = 1
		require.NoError(t, engine.Validate(p), p.ID)
		require.NotContains(t, byID, p.ID)
		byID[p.ID], all = *p, append(all, p)
		require.True(t, known[p.Template], p.Template)
		for _, c := range p.Lines.Categories {
			require.True(t, leaves[c], c)
		}
		if g := p.Benefit.Gift; g != nil {
			for _, item := range g.Items {
				require.Equal(t, string(p.Merchant), sellers[item.SKU], "only who sends a parcel can add a gift")
				require.Positive(t, stock[item.SKU], item.SKU)
			}
		}
	}
	require.NoError(t, engine.ValidateGroups(o.Groups, all))
	for _, c := range o.Coupons {
		p := byID[c.Promotion]
		require.Equal(t, promo.RedeemCoupon, p.Redeem, c.ID)
		require.Equal(t, p.Merchant, c.Merchant, c.ID)
	}
}
