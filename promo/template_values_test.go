package promo_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/promo"
)

func TestTheValuesOfAStampAreReadBack(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	all, err := promo.StandardTemplates()
	require.NoError(t, err)
	for _, template := range all {
		full, bare := map[string]json.RawMessage{}, map[string]json.RawMessage{}
		for _, p := range template.Parameters {
			full[p.Name] = sample(p)
			if !p.Optional && p.Default == nil {
				bare[p.Name] = sample(p)
			}
		}
		for _, values := range []map[string]json.RawMessage{full, bare} {
			p, err := engine.Stamp(&template, values)
			require.NoError(t, err, template.ID)
			p.Version, p.Priority = 7, 3 // which no template speaks of
			read, ok := template.Values(p)
			require.True(t, ok, template.ID)
			for name, value := range values {
				if string(value) != "0" {
					require.JSONEq(t, string(value), string(read[name]), "%s %s", template.ID, name)
				}
			}
			again, err := engine.Stamp(&template, read)
			require.NoError(t, err)
			again.Version, again.Priority = 7, 3
			require.Equal(t, p, again, template.ID)
		}
		holes := map[string]bool{}
		for _, name := range template.Holes() {
			holes[name] = true
		}
		for _, p := range template.Parameters {
			require.True(t, holes[p.Name], "%s %s", template.ID, p.Name)
		}
	}
}

func TestValuesOfSomethingElse(t *testing.T) {
	t.Parallel()
	all, err := promo.StandardTemplates()
	require.NoError(t, err)
	byID := map[string]promo.Template{}
	for _, template := range all {
		byID[template.ID] = template
	}
	reduction := byID["reduction"]
	require.Equal(t, "over", reduction.Holes()["benefit.tiers.tiers[0].amount"])
	require.Equal(t, "categories", reduction.Holes()["lines.categories"])
	for _, p := range []promo.Promotion{
		{Benefit: promo.Benefit{Nth: &promo.Nth{N: 2, PPM: 5}}},
		{Benefit: promo.Benefit{Tiers: &promo.Tiers{By: promo.ByAmount, Mode: promo.TierEvery, Tiers: []promo.Tier{{}}}}},
		{Benefit: promo.Benefit{Tiers: &promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Tiers: []promo.Tier{{}, {}}}}},
	} {
		_, ok := reduction.Values(p)
		require.False(t, ok)
	}
	for _, broken := range []promo.Template{{Body: json.RawMessage(`{`)}, {Body: json.RawMessage(`"x"`)}} {
		_, ok := broken.Values(promo.Promotion{})
		require.False(t, ok)
		require.Empty(t, broken.Holes())
	}
	odd := promo.Template{Body: json.RawMessage(`{"lines":{"categories":["a"]},"name":{"x":{"$param":"y"}}}`)}
	_, ok := odd.Values(promo.Promotion{Name: "n", Lines: promo.Selector{Categories: nil}})
	require.False(t, ok)
}
