package search_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func TestThesaurus(t *testing.T) {
	t.Parallel()
	var a search.Analyzer
	var th search.Thesaurus
	require.NoError(t, th.Replace(&a, []search.Synonym{
		{Words: []string{"sofa", "couch"}}, {From: "power bank", Words: []string{"portable charger"}},
	}))
	credits := func(text string) map[string]int {
		out := map[string]int{}
		p := search.NewPlan(&a, &th, text, false)
		for _, l := range p.Leaves {
			if l.Source == search.Synonymous {
				out[l.Terms[0]] = len(l.Wants)
			}
		}
		return out
	}
	require.Equal(t, map[string]int{"couch": 1}, credits("red sofas"))
	require.Equal(t, map[string]int{"portable": 2}, credits("power banks"))
	require.Empty(t, credits("portable charger"))

	before := th.Version()
	err := th.Replace(&a, []search.Synonym{
		{Words: []string{"alone"}}, {Words: []string{"!!", "couch"}}, {From: "the", Words: []string{"a b c d e f g h i j"}},
	})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 4)
	require.Equal(t, before, th.Version(), "the present ones stay")
}

func TestDefaultSynonymsAreValid(t *testing.T) {
	t.Parallel()
	for _, locale := range []ref.Locale{"", "en-US", "zh-CN"} {
		a := search.Analyzer{Locale: locale}
		list := search.DefaultSynonyms(locale)
		require.Greater(t, len(list), 20)
		require.NoError(t, new(search.Thesaurus).Replace(&a, list))
	}
	require.Empty(t, search.DefaultSynonyms("fr-FR"))
}

func TestResolve(t *testing.T) {
	t.Parallel()
	var a search.Analyzer
	day := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	rules := []search.Rule{
		{When: search.WhenIs, Query: "returns", Redirect: "/help/returns"},
		{When: search.WhenContains, Query: "lamp", Pin: []search.Pin{{Product: "a", Place: 1}}},
		{When: search.WhenStarts, Query: "desk lamp", Hide: []ref.ProductID{"b"}, Pin: []search.Pin{{Product: "a", Place: 3}}},
		{When: search.WhenIs, From: day, Until: day.Add(24 * time.Hour), Favour: []search.Favour{{Products: []ref.ProductID{"c"}, Weight: 2}}},
	}
	require.NoError(t, search.ValidateRules(rules))
	require.Equal(t, "/help/returns", search.Resolve(&a, rules, " RETURNS ", day.Add(-1)).Redirect)
	got := search.Resolve(&a, rules, "Desk Lamps brass", day.Add(-1))
	require.Equal(t, search.Steering{Pin: []search.Pin{{Product: "a", Place: 1}}, Hide: []ref.ProductID{"b"}}, got)
	require.Len(t, search.Resolve(&a, rules, "", day).Favour, 1)
	require.Empty(t, search.Resolve(&a, rules, "", day.Add(24*time.Hour)), "the window is half open")

	for _, when := range []search.When{search.WhenIs, search.WhenContains, search.WhenStarts} {
		for _, query := range []string{"IT", "!!!", " "} {
			about := []search.Rule{{When: when, Query: query, Redirect: "/elsewhere"}}
			require.Empty(t, search.Resolve(&a, about, "green tea", day), "%s %q is about no query", when, query)
			require.Empty(t, search.Resolve(&a, about, "", day))
		}
	}

	err := search.ValidateRules([]search.Rule{{
		When: "often", From: day, Until: day, Redirect: "https://elsewhere.example", Pin: []search.Pin{{Place: 0}},
	}, {When: search.WhenIs}})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 5)
}

func TestQueryBook(t *testing.T) {
	t.Parallel()
	var b search.QueryBook
	require.Empty(t, b.Complete("a", 3))
	b.Replace([]search.QuerySuggestion{
		{Text: "Lamp", Count: 2}, {Text: "lamp  shade", Count: 9}, {Text: "LAMP", Count: 5}, {Text: "lamb", Count: 1}, {Text: " "},
	})
	require.Equal(t, []search.QuerySuggestion{{Text: "lamp  shade", Count: 9}, {Text: "LAMP", Count: 5}}, b.Complete("LAM", 2))
	require.Equal(t, []search.QuerySuggestion{{Text: "lamp  shade", Count: 9}}, b.Complete("lamp ", 2))
	require.Empty(t, (*search.QueryBook)(nil).Complete("lamp", 2))
}

func FuzzCursor(f *testing.F) {
	q := search.Query{Text: "lamp"}
	f.Add(string(search.EncodeCursor(&q, search.Position{Generation: 3, Place: 20, Beyond: true, Key: 1.5, Last: "p"})))
	f.Add("x.y")
	f.Fuzz(func(t *testing.T, c string) {
		p, err := search.DecodeCursor(&q, page.Cursor(c))
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
			return
		}
		if c != "" {
			again, err := search.DecodeCursor(&q, search.EncodeCursor(&q, p))
			require.NoError(t, err)
			if p.Key == p.Key {
				require.Equal(t, p, again)
			}
		}
	})
}
