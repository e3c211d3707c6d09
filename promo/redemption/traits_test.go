package redemption_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// What the catalogue says of a product reaches the promotions of a checkout, be
// it selected or left out by it.
func TestPromotionsSelectByTagsAndAttributes(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.describe("of-tea", catalog.Attribute{Code: catalog.TagAttribute, Values: []catalog.Text{{ref.English: "price-fixed"}}})
		s.describe("of-pot", catalog.Attribute{Code: "material", Values: []catalog.Text{
			{ref.English: "clay"}, {ref.English: "bamboo", ref.Chinese: "竹"},
		}})
		offer := func(id campaign.ID, lines promo.Selector) {
			p := off(id, 100)
			p.Groups, p.Lines = []promo.GroupID{}, lines
			s.offer(p)
		}
		offer("by-tag", promo.Selector{Tags: []string{"price-fixed"}})
		offer("not-by-tag", promo.Selector{Except: []promo.Selector{{Tags: []string{"price-fixed"}}}})
		offer("by-attribute", promo.Selector{Attributes: map[string][]string{"material": {"glass", "竹"}}})
		offer("not-by-attribute", promo.Selector{Except: []promo.Selector{{Attributes: map[string][]string{"material": {"clay"}}}}})

		decided := func(sku ref.SKUID) map[campaign.ID]promo.Code {
			buyer := ref.Member("bo-" + ref.MemberID(sku))
			out := map[campaign.ID]promo.Code{}
			for _, d := range s.quote(buyer, s.choose(buyer, want{sku, 1})).Promotions.Decisions {
				out[d.Promotion] = d.Code
			}
			return out
		}
		require.Equal(s, map[campaign.ID]promo.Code{
			"by-tag": promo.CodeApplied, "not-by-tag": promo.CodeNoLine,
			"by-attribute": promo.CodeNoLine, "not-by-attribute": promo.CodeApplied,
		}, decided("tea"))
		require.Equal(s, map[campaign.ID]promo.Code{
			"by-tag": promo.CodeNoLine, "not-by-tag": promo.CodeApplied,
			"by-attribute": promo.CodeApplied, "not-by-attribute": promo.CodeNoLine,
		}, decided("pot"))
	})
}

// describe gives a product attributes.
func (s *shop) describe(id ref.ProductID, attributes ...catalog.Attribute) {
	s.Helper()
	p, err := s.stores.Products.Get(s.Context(), id)
	require.NoError(s, err)
	_, err = s.Catalog.ChangeProduct(s.Context(), ann(), id, p.Version, catalog.ProductInput{Title: p.Title, Attributes: attributes})
	require.NoError(s, err)
}
