package search_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// The golden files were written by earlier versions and stay readable.
func TestStoredEventsStayReadable(t *testing.T) {
	t.Parallel()
	var got search.SettingsChanged
	raw, err := os.ReadFile(filepath.Join("testdata", "events", got.EventName()+".json"))
	require.NoError(t, err)
	require.NoError(t, event.Decode(event.Record{Name: got.EventName(), Payload: raw}, &got))
	require.Equal(t, search.SettingsChanged{Channel: web, Version: 3}, got)
	again, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again)+"\n")
}

// told returns the events of the search that were appended so far.
func told(t *testing.T, s storage.Stores) []event.Record {
	t.Helper()
	shard := event.ShardKey{Topic: search.Topic, Shard: event.Shard(string(web))}
	leases, err := s.Leases.Acquire(t.Context(), "test", morning().Now(), time.Hour, shard.Lease())
	require.NoError(t, err)
	require.Len(t, leases, 1)
	_, err = s.Events.Sequence(t.Context(), shard, leases[0].Fence, 100)
	require.NoError(t, err)
	all, err := s.Events.Read(t.Context(), shard, 0, 100)
	require.NoError(t, err)
	return all
}

func TestRulesAndSynonymsReachEveryNode(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		stores, at := on.Open(t), morning()
		here, there := newNode(t, stores, at, nil), newNode(t, stores, at, nil)
		here.refill(lamps()...)
		there.refill(lamps()...)
		require.Equal(t, []ref.ProductID{"p-4"}, here.found("sofa"), "a common synonym")
		require.Empty(t, there.found("bergère"))

		in, err := here.Settings(t.Context(), ann(), web)
		require.NoError(t, err)
		require.Equal(t, search.Settings{Channel: web, Defaults: true}, in)
		in, err = here.SaveSynonyms(t.Context(), ann(), search.SynonymsInput{
			Channel: web, Synonyms: []search.Synonym{{From: "bergère", Words: []string{"couch"}}},
		})
		require.NoError(t, err)
		require.EqualValues(t, 1, in.Version)
		in, err = here.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: 1, Rule: search.Rule{
			When: search.WhenIs, Query: "Desk Lamps", Pin: []search.Pin{{Product: "p-3", Place: 1}},
			Until: at.Now().Add(time.Hour + 7*time.Nanosecond),
		}})
		require.NoError(t, err)
		require.Len(t, in.Rules, 1)
		require.Equal(t, at.Now().Add(time.Hour), in.Rules[0].Until)
		in, err = here.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: 2, Rule: search.Rule{
			When: search.WhenContains, Query: "lamp", Hide: []ref.ProductID{"p-1"},
			Pin: []search.Pin{{Product: "p-3", Place: 4}},
		}})
		require.NoError(t, err)

		check := func(n *node) {
			t.Helper()
			require.Equal(t, []ref.ProductID{"p-3", "p-2"}, n.found("desk lamp"), "of two rules for a product the first counts")
			require.Equal(t, []ref.ProductID{"p-4"}, n.found("bergère"))
			require.NotContains(t, n.found("sofa"), ref.ProductID("p-4"), "without the common synonyms")
		}
		check(here)
		require.Equal(t, []ref.ProductID{"p-1", "p-2"}, there.found("desk lamp")[:2], "not yet")
		events := told(t, stores)
		require.Len(t, events, 3)
		for _, r := range events {
			require.NoError(t, there.React(t.Context(), r))
		}
		check(there)
		started := newNode(t, stores, at, nil)
		started.refill(lamps()...)
		check(started)

		kept, err := there.Settings(t.Context(), ann(), web)
		require.NoError(t, err)
		require.Equal(t, in, kept)
		in.Rules[1].Hide = nil
		in.Rules[1].Redirect = "/lamps"
		in, err = there.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: 3, Rule: in.Rules[1]})
		require.NoError(t, err)
		in, err = there.DeleteRule(t.Context(), ann(), web, 4, in.Rules[0].ID)
		require.NoError(t, err)
		require.Len(t, in.Rules, 1)
		require.NoError(t, here.Refresh(t.Context()))
		got, ids := here.ask("lamp", "")
		require.Equal(t, "/lamps", got.Redirect)
		require.Contains(t, ids, ref.ProductID("p-1"))
		for _, r := range events { // old news
			require.NoError(t, here.React(t.Context(), r))
		}
		got, _ = here.ask("lamp", "")
		require.Equal(t, "/lamps", got.Redirect)

		_, err = here.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: 1, Rule: search.Rule{
			When: search.WhenIs, Query: "x", Redirect: "/x",
		}})
		require.ErrorIs(t, err, fault.Conflict)
		_, err = here.SaveSynonyms(t.Context(), ann(), search.SynonymsInput{Channel: web})
		require.ErrorIs(t, err, fault.Conflict, "there are settings already")
	})
}

func TestARuleEndsOnTime(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	_, err := n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Rule: search.Rule{
		When: search.WhenIs, Query: "lamp", Redirect: "/sale", From: n.clock.Now().Add(time.Hour), Until: n.clock.Now().Add(2 * time.Hour),
	}})
	require.NoError(t, err)
	for _, want := range []string{"", "/sale", ""} {
		got, _ := n.ask("lamp", "")
		require.Equal(t, want, got.Redirect)
		n.clock.Advance(time.Hour)
	}
}

func TestARuleIsAboutSomeQuery(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	for _, query := range []string{"it", "!!!", " "} {
		_, err := n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Rule: search.Rule{
			When: search.WhenContains, Query: query, Redirect: "/sale",
		}})
		var f *fault.Fault
		require.ErrorAs(t, err, &f, query)
		require.Equal(t, "rule.query", f.Fields[0].Path)
		require.Equal(t, "malformed", f.Fields[0].Code)
	}
}

func TestNoQueryFailsBecauseThereAreManyRules(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	var in search.Settings
	for i := range 3 {
		rule := search.Rule{When: search.WhenContains}
		for j := range search.MaxValues {
			id := ref.ProductID(strconv.Itoa(i*1000 + j))
			rule.Pin = append(rule.Pin, search.Pin{Product: id, Place: j + 1})
			rule.Hide = append(rule.Hide, "h"+id)
		}
		for range search.MaxFilters {
			rule.Favour = append(rule.Favour, search.Favour{Products: []ref.ProductID{"p-1"}, Weight: 1})
		}
		var err error
		in, err = n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: in.Version, Rule: rule})
		require.NoError(t, err)
	}
	require.NotEmpty(t, n.found("lamp"))
}

func TestOnlyStaffDecidesAboutTheSearch(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	for _, scope := range []ref.Scope{{}, ref.Guest("g"), ref.Member("m"), ref.Merchant("tea")} {
		_, err1 := n.Settings(t.Context(), scope, web)
		_, err2 := n.SaveRule(t.Context(), scope, search.RuleInput{Channel: web})
		_, err3 := n.SaveSynonyms(t.Context(), scope, search.SynonymsInput{Channel: web})
		_, err4 := n.DeleteRule(t.Context(), scope, web, 0, "r")
		_, err5 := n.Queries(t.Context(), scope, search.ReportQuery{Channel: web}, page.Request{})
		_, err6 := n.Places(t.Context(), scope, search.ReportQuery{Channel: web})
		_, err7 := n.Status(t.Context(), scope)
		for _, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
			require.ErrorIs(t, err, fault.PermissionDenied, "%s", scope)
		}
	}
}

func TestSettingsBadInput(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	paths := func(err error) []string {
		t.Helper()
		require.ErrorIs(t, err, fault.Invalid)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		var out []string
		for _, field := range f.Fields {
			out = append(out, field.Path)
		}
		return out
	}
	nan, inf := math.NaN(), math.Inf(1)
	_, err := n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Rule: search.Rule{
		When: "often", Query: "a\x00b", Redirect: "//elsewhere", From: n.clock.Now(), Until: n.clock.Now(),
		Pin: []search.Pin{{Product: "\xff", Place: 0}}, Hide: []ref.ProductID{""},
		Favour: []search.Favour{
			{Weight: nan, Products: make([]ref.ProductID, 1)},
			{Filter: &search.Filter{Field: search.FieldPrice, Min: &nan}},
			{Filter: &search.Filter{Field: search.FieldRating, Max: &inf}},
			{Filter: &search.Filter{Field: search.FieldBrand, Any: []string{"\xff"}}},
		},
	}})
	require.ElementsMatch(t, []string{
		"rule.when", "rule.query", "rule.redirect", "rule.until", "rule.pin[0].place", "rule.pin[0].product", "rule.hide[0]",
		"rule.favour[0].weight", "rule.favour[0].products[0]", "rule.favour[1].filter.min", "rule.favour[2].filter.max",
		"rule.favour[3].filter",
	}, paths(err))
	_, err = n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Rule: search.Rule{When: search.WhenIs}})
	require.Equal(t, []string{"rule"}, paths(err))
	_, err = n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Rule: search.Rule{ID: "no", When: search.WhenIs, Redirect: "/x"}})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = n.DeleteRule(t.Context(), ann(), web, 0, "no")
	require.ErrorIs(t, err, fault.NotFound)

	_, err = n.SaveSynonyms(t.Context(), ann(), search.SynonymsInput{Channel: web, Synonyms: []search.Synonym{
		{Words: []string{"a\x00", strings.Repeat("x", 300)}}, {From: "\xff", Words: []string{"b"}},
	}})
	require.Equal(t, []string{"synonyms[0].words[0]", "synonyms[0].words[1]", "synonyms[1].from"}, paths(err))
	_, err = n.SaveSynonyms(t.Context(), ann(), search.SynonymsInput{Channel: web, Synonyms: []search.Synonym{{Words: []string{"alone"}}}})
	require.Equal(t, []string{"synonyms[0].words"}, paths(err))
	_, err = n.SaveSynonyms(t.Context(), ann(), search.SynonymsInput{
		Channel: web, Defaults: true, Synonyms: make([]search.Synonym, search.MaxSynonyms),
	})
	require.Contains(t, paths(err), "synonyms", "together with the common ones there are too many")

	_, err = n.Settings(t.Context(), ann(), "nowhere")
	require.ErrorIs(t, err, fault.NotFound)
	_, err = n.Queries(t.Context(), ann(), search.ReportQuery{Channel: "nowhere"}, page.Request{})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = n.Places(t.Context(), ann(), search.ReportQuery{Channel: web, From: n.clock.Now(), Until: n.clock.Now(), Order: "up"})
	require.Equal(t, []string{"until", "order"}, paths(err))
	in, err := n.Settings(t.Context(), ann(), web)
	require.NoError(t, err)
	require.Zero(t, in.Version, "nothing was half written")
}

func TestThereIsAnEndToRules(t *testing.T) {
	t.Parallel()
	stores := memory.New().Stores()
	full := search.Settings{Channel: web, UpdatedAt: morning().Now()}
	for i := range search.MaxRules {
		full.Rules = append(full.Rules, search.Rule{ID: strconv.Itoa(i), When: search.WhenIs, Query: "x", Redirect: "/x"})
	}
	require.NoError(t, stores.SearchSettings.Insert(t.Context(), &full))
	n := newNode(t, stores, morning(), nil)
	_, err := n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: 1, Rule: search.Rule{When: search.WhenIs, Redirect: "/y"}})
	require.ErrorIs(t, err, fault.Exhausted)
	changed := full.Rules[7]
	changed.Redirect = "/seven"
	in, err := n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: 1, Rule: changed})
	require.NoError(t, err)
	require.Equal(t, changed, in.Rules[7])
}
