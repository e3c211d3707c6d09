package promo_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// paths returns the fields that a fault names, with their codes.
func paths(t *testing.T, err error) map[string]string {
	t.Helper()
	found := map[string]string{}
	var f *fault.Fault
	if errors.As(err, &f) {
		for _, field := range f.Fields {
			found[field.Path] = field.Code
		}
	}
	return found
}

func TestValidateGathersEveryWrongField(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	for text, want := range map[string]map[string]string{
		`{"id":"p","version":1,"name":"x","benefit":{"percent":{"ppm":1000000}}}`: {},
		`{"id":"","version":0,"name":"a\u0000","redeem":"x","level":"order","benefit":{"price":{"unit":{"currency":"USD","minor":-1}}},"on_partial_refund":"x","sharing":{"mode":"none","classes":["x"]}}`: {
			"id": "required", "version": "out_of_range", "name": "text", "redeem": "one_of", "level": "not_for_benefit",
			"benefit.price.unit": "positive", "on_partial_refund": "one_of", "sharing.mode": "names_nobody", "sharing.classes[0]": "one_of",
		},
		`{"id":"p","version":1,"name":"x","benefit":{}}`: {"benefit": "one_kind"},
		`{"id":"p","version":1,"name":"x","when":{"amount":{"min":{"currency":"USD","minor":0}}},"benefit":{"percent":{"ppm":1000001}}}`: {
			"when.amount.min": "positive", "benefit.percent.ppm": "out_of_range",
		},
		`{"id":"p","version":1,"name":"x","when":{"any":[{},{"not":{"amount":{"min":{"currency":"USD","minor":1},"basis":"merchant_net"}}}]},"benefit":{"fixed":{"off":{"currency":"EUR","minor":1},"per":"order"}}}`: {
			"when.any[0]": "required", "when.any[1].not.amount.basis": "list_only", "benefit.fixed.off": "currency",
		},
		`{"id":"p","version":1,"name":"x","merchant":"m","when":{"amount":{"min":{"currency":"USD","minor":1},"basis":"merchant_net"}},"benefit":{"fixed":{"off":{"currency":"USD","minor":1},"per":"order"}}}`: {
			"when.amount.basis": "too_late",
		},
		`{"id":"p","version":1,"name":"x","benefit":{"tiers":{"by":"amount","mode":"step","tiers":[{"amount":{"currency":"USD","minor":5},"off":{"currency":"USD","minor":5}},{"amount":{"currency":"USD","minor":5},"off":{"currency":"USD","minor":4}}]}}}`: {
			"benefit.tiers.tiers[1]": "not_ascending",
		},
		`{"id":"p","version":1,"name":"x","funding":[{"party":"site","ppm":1},{"party":"site","ppm":2}],"benefit":{"percent":{"ppm":1}}}`: {
			"funding": "sum", "funding[1].party": "duplicate",
		},
		`{"id":"p","version":1,"name":"x","lines":{"min_price":{"currency":"USD","minor":5},"max_price":{"currency":"USD","minor":4},"except":[{"not_discounted":true}]},"when":{"custom":{"kind":"none"}},"benefit":{"gift":{"items":[]}}}`: {
			"lines.max_price": "below_min", "lines.except[0].not_discounted": "not_allowed", "when.custom.kind": "unknown", "benefit.gift.items": "required",
		},
	} {
		p, err := promo.Decode(json.RawMessage(text))
		require.NoError(t, err, text)
		require.Equal(t, want, paths(t, engine.Validate(&p)), text)
	}
	_, err := promo.Decode([]byte(`{"id":"p","surprise":1}`))
	require.ErrorIs(t, err, fault.Invalid)
	_, err = promo.Decode([]byte(`{} {}`))
	require.ErrorIs(t, err, fault.Invalid)
}

func TestValidateGroups(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	in := func(id string, groups ...promo.GroupID) *promo.Promotion {
		p := offer(id, across(100))
		p.Groups = groups
		return &p
	}
	sharing := func(p *promo.Promotion, groups ...promo.GroupID) *promo.Promotion {
		p.Sharing = promo.Sharing{Mode: promo.ShareWith, Groups: groups}
		return p
	}
	by := func(p *promo.Promotion, with promo.Sharing) *promo.Promotion {
		p.Sharing = with
		p.Sharing.Mode = promo.ShareWith
		return p
	}
	of := func(p *promo.Promotion, m ref.MerchantID) *promo.Promotion {
		p.Merchant, p.Groups = m, nil
		return p
	}
	price := func(id string) *promo.Promotion {
		p := offer(id, promo.Benefit{Price: &promo.Price{Unit: usd(100)}})
		return &p
	}
	reductions, coupons := promo.Sharing{Classes: []promo.Class{promo.ClassReduction}}, promo.Sharing{Classes: []promo.Class{promo.ClassCoupon}}
	owners, prices := promo.Sharing{Owners: []ref.MerchantID{""}}, promo.Sharing{Classes: []promo.Class{promo.ClassPrice}}
	groups := []promo.Group{{ID: "one", Per: promo.OneOrder}, {ID: "two", Per: promo.OneOrder, Max: 2}, {ID: "line", Per: promo.OneLine}}
	for name, c := range map[string]struct {
		groups     []promo.Group
		promotions []*promo.Promotion
		want       map[string]string
	}{
		"fine":                {groups, []*promo.Promotion{in("a", "one"), in("b", "one", "two")}, map[string]string{}},
		"shares with a rival": {groups, []*promo.Promotion{sharing(in("a", "one"), "one")}, map[string]string{"promotions[0].groups[0]": "shares_with_rival"}},
		"rivals name each other": {
			groups,
			[]*promo.Promotion{sharing(in("a", "one", "two"), "two"), sharing(in("b", "one", "two"), "two")},
			map[string]string{"promotions[1].sharing": "shares_with_rival"},
		},
		"unknown":           {groups, []*promo.Promotion{in("a", "none")}, map[string]string{"promotions[0].groups[0]": "unknown"}},
		"not line by line":  {groups, []*promo.Promotion{in("a", "line")}, map[string]string{"promotions[0].groups[0]": "not_for_benefit"}},
		"wrong definitions": {[]promo.Group{{ID: promo.GroupPrice, Per: "x", Max: -1, Pick: "x"}}, nil, map[string]string{"groups[0].per": "one_of", "groups[0].max": "out_of_range", "groups[0].pick": "one_of"}},
		"twice":             {[]promo.Group{groups[0], groups[0]}, nil, map[string]string{"groups[1].id": "duplicate"}},
		"rivals by class": {
			groups,
			[]*promo.Promotion{by(in("a", "one"), reductions), by(in("b", "one"), reductions)},
			map[string]string{"promotions[1].sharing": "shares_with_rival"},
		},
		"rivals by owner": {
			groups,
			[]*promo.Promotion{by(in("a", "one"), owners), by(in("b", "one"), owners)},
			map[string]string{"promotions[1].sharing": "shares_with_rival"},
		},
		"rivals by class and owner": {
			groups,
			[]*promo.Promotion{by(in("a", "one"), owners), by(in("b", "one"), reductions)},
			map[string]string{"promotions[1].sharing": "shares_with_rival"},
		},
		"one permits everything":   {groups, []*promo.Promotion{by(in("a", "one"), reductions), in("b", "one")}, map[string]string{}},
		"one permits another only": {groups, []*promo.Promotion{by(in("a", "one"), reductions), by(in("b", "one"), coupons)}, map[string]string{}},
		"two may apply":            {groups, []*promo.Promotion{by(in("a", "two"), reductions), by(in("b", "two"), reductions)}, map[string]string{}},
		"apply to other lines":     {groups, []*promo.Promotion{by(price("a"), prices), by(price("b"), prices)}, map[string]string{}},
		"of one merchant": {
			nil,
			[]*promo.Promotion{of(by(in("a"), reductions), "m"), of(by(in("b"), reductions), "n"), of(by(in("c"), reductions), "m")},
			map[string]string{"promotions[2].sharing": "shares_with_rival"},
		},
		"in the place of a standard one": {
			[]promo.Group{{ID: promo.GroupPrice, Per: promo.OneLine, Pick: promo.ChoosePriority}, {ID: promo.GroupSiteCoupon, Per: promo.OneOrder, Max: 2}},
			[]*promo.Promotion{by(in("a", promo.GroupSiteCoupon), reductions), by(in("b", promo.GroupSiteCoupon), reductions), price("c")},
			map[string]string{},
		},
		"counting something else": {
			[]promo.Group{{ID: promo.GroupPrice, Per: promo.OneOrder}}, nil, map[string]string{"groups[0].per": "fixed"},
		},
	} {
		require.Equal(t, c.want, paths(t, engine.ValidateGroups(c.groups, c.promotions)), name)
	}
	_, err := engine.Evaluate(promo.Input{Cart: promo.Cart{Currency: "USD"}, Groups: []promo.Group{{ID: "x"}}})
	require.ErrorIs(t, err, fault.Invalid)
}
