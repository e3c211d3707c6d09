package promo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// A shop can have price promotions go by priority: then the dearer price of the
// higher priority stands, line by line, whatever else would be cheaper.
func TestPricesByPriority(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	price := func(id string, unit int64, priority int, skus ...ref.SKUID) promo.Promotion {
		p := offer(id, promo.Benefit{Price: &promo.Price{Unit: usd(unit)}})
		p.Priority, p.Lines.SKUs = priority, skus
		return p
	}
	in := of([]promo.Line{line("a", 1, 1000), line("b", 2, 1000)}, price("member", 900, 2, "a"), price("flash", 500, 1))
	paid := func() (map[ref.LineID]int64, map[ref.PromotionID]promo.Decision) {
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		nets, decisions := map[ref.LineID]int64{}, map[ref.PromotionID]promo.Decision{}
		for _, l := range result.Lines {
			nets[l.Line] = l.Net.Minor()
		}
		for _, d := range result.Decisions {
			decisions[d.Promotion] = d
		}
		require.True(t, result.Search.Optimal)
		return nets, decisions
	}
	nets, _ := paid()
	require.Equal(t, map[ref.LineID]int64{"a": 500, "b": 1000}, nets, "the lowest, unless a priority forces another")
	in.Groups = []promo.Group{{ID: promo.GroupPrice, Per: promo.OneLine, Pick: promo.ChoosePriority}}
	nets, decisions := paid()
	require.Equal(t, map[ref.LineID]int64{"a": 900, "b": 1000}, nets)
	require.True(t, decisions["member"].Applied())
	require.True(t, decisions["flash"].Applied())

	in.Cart.Lines = in.Cart.Lines[:1]
	nets, decisions = paid()
	require.Equal(t, map[ref.LineID]int64{"a": 900}, nets)
	require.Equal(t, promo.CodeLostInGroup, decisions["flash"].Code)
	require.Equal(t, promo.Params{Rule: string(promo.GroupPrice), With: "member", Mine: usd(500), Theirs: usd(100)}, decisions["flash"].Params)

	in.Candidates[0].Promotion.Benefit.Price.Unit = usd(1000)
	nets, decisions = paid()
	require.Equal(t, map[ref.LineID]int64{"a": 500}, nets, "one that takes nothing off holds no line")
	require.True(t, decisions["flash"].Applied())
	in.Candidates[0].Promotion.Benefit.Price.Unit = usd(900)
	in.Candidates[1].Pinned = true
	nets, decisions = paid()
	require.Equal(t, map[ref.LineID]int64{"a": 500}, nets, "what the buyer insists on comes first")
	require.Equal(t, promo.CodeLostInGroup, decisions["member"].Code)
}
