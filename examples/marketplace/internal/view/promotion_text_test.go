package view_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/promo"
)

// texts reads what there are words for.
func texts(t *testing.T) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("../web/locales/en-US.json")
	require.NoError(t, err)
	var all map[string]any
	require.NoError(t, json.Unmarshal(raw, &all))
	return all
}

// codes reads the engine's codes from its source, so that a new one without
// words does not pass.
func codes(t *testing.T) []promo.Code {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../../../promo/decision.go", nil, 0)
	require.NoError(t, err)
	var out []promo.Code
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if of, ok := v.Type.(*ast.Ident); ok && of.Name == "Code" {
				lit, ok := v.Values[0].(*ast.BasicLit)
				require.True(t, ok)
				code, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				out = append(out, promo.Code(code))
			}
		}
		return true
	})
	require.NotEmpty(t, out)
	return out
}

func words() view.Promoted {
	return view.Promoted{
		Locale: ref.English,
		Name:   func(id ref.PromotionID) string { return "the " + string(id) },
		Group:  func(id promo.GroupID) string { return "group " + string(id) },
	}
}

func TestEveryDecisionHasWords(t *testing.T) {
	t.Parallel()
	all := texts(t)
	for _, code := range codes(t) {
		for _, params := range []promo.Params{{}, {With: "x", Rule: "other"}} {
			require.Contains(t, all, words().Decision(promo.Decision{Code: code, Params: params}).Key)
		}
	}
	for _, rule := range []string{"buyer", "orders", "time", "channels", "payment", "code", "custom", "not", ""} {
		require.Contains(t, all, words().Decision(promo.Decision{Code: promo.CodeUnmet, Params: promo.Params{Rule: rule}}).Key)
	}
	said := words().Decision(promo.Decision{Code: promo.CodeLostInGroup, Params: promo.Params{With: "ten", Rule: "g"}})
	require.Equal(t, map[string]any{"With": "the ten", "Group": "group g"}, map[string]any(said.Params))
	said = words().Decision(promo.Decision{Code: promo.CodeBelowAmount, Params: promo.Params{Have: money.New(1250, "USD"), Need: money.New(3000, "USD")}})
	require.Equal(t, map[string]any{"Have": "$12.50", "Need": "$30.00"}, map[string]any(said.Params))
	for _, g := range promo.StandardGroups() {
		require.Contains(t, all, "promo_group."+string(g.ID))
	}
}

func TestWhatIsMissingHasWords(t *testing.T) {
	t.Parallel()
	all, five := texts(t), money.New(500, "USD")
	require.Nil(t, words().Near(nil))
	require.Nil(t, words().Near(&promo.NearMiss{Off: five}))
	for _, n := range []promo.NearMiss{
		{Amount: five},
		{Amount: five, Off: five},
		{Amount: five, PPM: 50_000},
		{Quantity: 2},
		{Quantity: 2, Off: five},
		{Quantity: 2, PPM: 50_000},
		{Quantity: 1},
		{Quantity: 1, Off: five},
		{Quantity: 1, PPM: 50_000},
	} {
		require.Contains(t, all, words().Near(&n).Key)
	}
}

func TestEveryBenefitHasWords(t *testing.T) {
	t.Parallel()
	all, five := texts(t), money.New(500, "USD")
	tiers := func(by promo.Measure, mode promo.TierMode, tier promo.Tier) promo.Benefit {
		return promo.Benefit{Tiers: &promo.Tiers{By: by, Mode: mode, Tiers: []promo.Tier{tier}}}
	}
	for _, b := range []promo.Benefit{
		{Percent: &promo.Percent{PPM: 1}},
		{Price: &promo.Price{Unit: five}},
		{Bundle: &promo.Bundle{}},
		{BuyGet: &promo.BuyGet{}},
		{Nth: &promo.Nth{}},
		{Fixed: &promo.Fixed{Off: five, Per: promo.PerUnit}},
		{Fixed: &promo.Fixed{Off: five, Per: promo.PerLine}},
		{Fixed: &promo.Fixed{Off: five, Per: promo.PerOrder}},
		tiers(promo.ByAmount, promo.TierStep, promo.Tier{Amount: five, Off: five}), tiers(promo.ByAmount, promo.TierEvery, promo.Tier{Amount: five, Off: five}),
		tiers(promo.ByQuantity, promo.TierGraduated, promo.Tier{Quantity: 2, PPM: 5}), tiers(promo.ByQuantity, promo.TierEvery, promo.Tier{Quantity: 2, Off: five}),
		{Shipping: &promo.Shipping{PPM: money.Million}},
		{Shipping: &promo.Shipping{PPM: 5}},
		{Shipping: &promo.Shipping{Off: five}},
		{Gift: &promo.Gift{}},
		{Reward: &promo.Reward{Kind: promo.RewardPoints}},
		{Reward: &promo.Reward{Kind: promo.RewardCoupon}},
		{Reward: &promo.Reward{Kind: promo.RewardChance}},
		{Custom: &promo.Custom{Kind: "x"}},
	} {
		said := words().Benefit(&promo.Promotion{Benefit: b})
		require.Len(t, said, 1)
		require.Contains(t, all, said[0].Key)
	}
	for ppm, text := range map[int64]string{1_000_000: "100%", 125_000: "12.5%", 1: "0.0001%", 10_000: "1%", 10_500: "1.05%"} {
		require.Equal(t, text, view.Percent(ppm))
	}
}
