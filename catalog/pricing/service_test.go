package pricing_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

func TestNewServiceNamesWhatLacks(t *testing.T) {
	t.Parallel()
	_, err := pricing.NewService(pricing.Config{})
	for _, field := range []string{"Store", "Units", "Events", "Channels"} {
		require.ErrorContains(t, err, "pricing.Config."+field+" is required")
	}
	bad := en()
	bad.Currency, bad.Country, bad.Locale, bad.Name = "usd", "USA", "english", "a\x00"
	_, err = pricing.NewService(pricing.Config{Channels: []pricing.Channel{en(), bad}})
	require.Equal(t, []string{
		"[1].name text", "[1].currency unknown", "[1].locale unknown", "[1].country unknown", "[1].id duplicate",
	}, violations(t, err))
}

func TestSetAndResolve(t *testing.T) {
	t.Parallel()
	s := setup(t)
	stored := s.set(
		pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1299), Was: usd(1599)},
		pricing.SetInput{SKU: "tea", Channel: "zh", Unit: money.New(6900, "CNY")},
		pricing.SetInput{SKU: "pot", Channel: "en", Unit: usd(0)},
	)
	require.EqualValues(t, 1, stored[0].Version)
	require.Equal(t, noon(), stored[0].CreatedAt)
	require.Equal(t, []pricing.Changed{
		{Channel: "en", SKUs: []ref.SKUID{"pot", "tea"}}, {Channel: "zh", SKUs: []ref.SKUID{"tea"}},
	}, s.announced())

	got, err := s.Resolve(t.Context(), pricing.Request{Channel: "en"}, []pricing.Item{
		{SKU: "pen"}, {SKU: "tea", Quantity: 2}, {SKU: "pot"}, {SKU: "tea"},
	})
	require.NoError(t, err)
	require.Len(t, got, 4)
	require.False(t, got[0].Found())
	require.Equal(t, pricing.Resolved{SKU: "tea", Unit: usd(1299), Was: usd(1599), Version: 1}, got[1])
	require.True(t, got[2].Found(), "free is a price")
	require.Equal(t, got[1], got[3])
}

func TestTheSamePriceWritesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1299), From: noon().Add(time.Hour), Until: noon().Add(2 * time.Hour)}
	first := s.set(in)[0]
	s.announced()
	s.clock.Advance(time.Minute)
	in.Version = first.Version
	results, err := s.Set(t.Context(), staff(), []pricing.SetInput{in})
	require.NoError(t, err)
	require.Equal(t, []pricing.SetResult{{Price: first}}, results)
	require.Empty(t, s.announced())
}

func TestRefusedNamesEveryRowThatWasNotSet(t *testing.T) {
	t.Parallel()
	s := setup(t)
	good := pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1299)}
	results, err := s.Set(t.Context(), staff(), []pricing.SetInput{good})
	require.NoError(t, err)
	require.NoError(t, pricing.Refused(results))
	require.NoError(t, pricing.Refused(nil))
	other := good
	other.SKU = "nobody's"
	results, err = s.Set(t.Context(), staff(), []pricing.SetInput{other, good, good}) // one of them twice
	require.NoError(t, err)
	err = pricing.Refused(results)
	require.ErrorIs(t, err, fault.NotFound)
	require.ErrorIs(t, err, fault.Conflict)
	require.ErrorContains(t, err, "prices[0]: ")
	require.ErrorContains(t, err, "prices[2]: ")
	require.NotContains(t, err.Error(), "prices[1]")
}

func TestAWindowHoldsHalfOpen(t *testing.T) {
	t.Parallel()
	s := setup(t)
	from, until := noon().Add(time.Hour), noon().Add(2*time.Hour)
	s.set(
		pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1000)},
		pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(800), From: from, Until: until},
	)
	before := s.price("tea")
	require.Equal(t, usd(1000), before.Unit)
	require.Equal(t, from, before.Until, "a reader learns when to look again")

	s.clock.Set(from.Add(-time.Microsecond))
	require.Equal(t, usd(1000), s.price("tea").Unit)
	s.clock.Set(from)
	sale := s.price("tea")
	require.Equal(t, usd(800), sale.Unit)
	require.Equal(t, until, sale.Until)
	require.NotEqual(t, before.Version, sale.Version, "both are at their first version")
	s.clock.Set(until)
	after := s.price("tea")
	require.Equal(t, usd(1000), after.Unit)
	require.Equal(t, before.Version, after.Version)
	require.Zero(t, after.Until)
}

// Whatever the windows, the price at a moment is that of the window that
// began last among those that cover it, and the answer holds until Until.
func TestResolveAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := setup(t)
		hour := func(name string) int { return rapid.IntRange(1, 20).Draw(rt, name) }
		at := func(h int) time.Time { return noon().Add(time.Duration(h) * time.Hour) }
		windows := map[int]int{} // beginning to end, 0 for never
		var in []pricing.SetInput
		for range rapid.IntRange(0, 6).Draw(rt, "windows") {
			from := hour("from")
			until := rapid.SampledFrom([]int{0, from + 1, from + 2, from + 9}).Draw(rt, "until")
			if _, taken := windows[from]; taken {
				continue
			}
			windows[from] = until
			v := pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(int64(from)), From: at(from)}
			if until > 0 {
				v.Until = at(until)
			}
			in = append(in, v)
		}
		if rapid.Bool().Draw(rt, "base") {
			in = append(in, pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(0)})
			windows[0] = 0
		}
		s.set(in...)
		model := func(h int) int64 {
			for from := h; from >= 0; from-- {
				if until, ok := windows[from]; ok && (until == 0 || h < until) {
					return int64(from)
				}
			}
			return -1
		}
		for h := range 32 {
			got, err := s.Resolve(rt.Context(), pricing.Request{Channel: "en", At: at(h)}, []pricing.Item{{SKU: "tea"}})
			require.NoError(rt, err)
			want := model(h)
			require.Equal(rt, want >= 0, got[0].Found())
			if want >= 0 {
				require.Equal(rt, usd(want), got[0].Unit, "hour %d of %v", h, windows)
			}
			for later := h; later < 32 && (got[0].Until.IsZero() || at(later).Before(got[0].Until)); later++ {
				require.Equal(rt, want, model(later), "hour %d does not hold until %v of %v", h, got[0].Until, windows)
			}
		}
	})
}

func TestRefusedRowsDisturbNoOthers(t *testing.T) {
	t.Parallel()
	s := setup(t)
	old := s.set(pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1)})[0]
	s.set(pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(2)})
	s.announced()
	results, err := s.Set(t.Context(), staff(), []pricing.SetInput{
		{SKU: "tea", Channel: "en", Unit: usd(3), Version: old.Version},
		{SKU: "pot", Channel: "en", Unit: usd(4)},
		{SKU: "pot", Channel: "en", Unit: usd(5)},
		{SKU: "pot", Channel: "mars", Unit: usd(6)},
		{SKU: "unknown", Channel: "en", Unit: usd(7)},
		{SKU: "pot", Channel: "zh", Unit: usd(8)},
		{SKU: "pen", Channel: "en", Unit: usd(9), Version: 4},
	})
	require.NoError(t, err)
	kinds := make([]fault.Kind, len(results))
	for i, r := range results {
		kinds[i] = fault.KindOf(r.Err)
		require.Equal(t, i == 1, r.Changed)
	}
	require.Equal(t, []fault.Kind{
		fault.Conflict, "", fault.Conflict, fault.NotFound, fault.NotFound, fault.Invalid, fault.NotFound,
	}, kinds)
	require.Equal(t, []pricing.Changed{{Channel: "en", SKUs: []ref.SKUID{"pot"}}}, s.announced())
	require.Equal(t, usd(4), s.price("pot").Unit)
	require.Equal(t, usd(2), s.price("tea").Unit)
}

func TestBadPrices(t *testing.T) {
	t.Parallel()
	s := setup(t, func(cfg *pricing.Config) { cfg.Owners = nil })
	hour := noon().Add(time.Hour)
	good := pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(5)}
	for _, c := range []struct {
		change func(in *pricing.SetInput)
		want   []string
	}{
		{func(in *pricing.SetInput) { in.SKU = "a\x00" }, []string{"sku malformed"}},
		{func(in *pricing.SetInput) { in.Unit = usd(-1) }, []string{"unit out_of_range"}},
		{func(in *pricing.SetInput) { in.Unit = usd(money.MaxMinor + 1) }, []string{"unit out_of_range"}},
		{func(in *pricing.SetInput) { in.Unit = money.New(5, "CNY") }, []string{"unit currency"}},
		{func(in *pricing.SetInput) { in.Unit = money.Money{} }, []string{"unit currency"}},
		{func(in *pricing.SetInput) { in.Was = usd(5) }, []string{"was not_above_unit"}},
		{func(in *pricing.SetInput) { in.Was = money.New(9, "CNY") }, []string{"was currency"}},
		{func(in *pricing.SetInput) { in.Until = hour }, []string{"from required"}},
		{func(in *pricing.SetInput) { in.From, in.Until = hour, hour }, []string{"until not_after_from"}},
		{func(in *pricing.SetInput) { in.From = time.Unix(1, 0) }, []string{"from out_of_range"}},
		{func(in *pricing.SetInput) { in.From, in.Until = hour, hour.AddDate(9000, 0, 0) }, []string{"until out_of_range"}},
		{
			func(in *pricing.SetInput) { in.Unit, in.Was, in.SKU = usd(-1), usd(-2), "" },
			[]string{"sku malformed", "unit out_of_range", "was out_of_range", "was not_above_unit"},
		},
	} {
		in := good
		c.change(&in)
		results, err := s.Set(t.Context(), staff(), []pricing.SetInput{in})
		require.NoError(t, err)
		require.Equal(t, c.want, violations(t, results[0].Err))
	}
	require.Empty(t, s.announced())
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	mine := pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1)}
	foreign := pricing.SetInput{SKU: "pen", Channel: "en", Unit: usd(2)}
	results, err := s.Set(ctx, seller(), []pricing.SetInput{mine, foreign})
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.ErrorIs(t, results[1].Err, fault.NotFound, "as if it did not exist")
	s.set(foreign)

	for _, nobody := range []ref.Scope{{}, ref.Member("m"), ref.Guest("g")} {
		_, err = s.Set(ctx, nobody, []pricing.SetInput{mine})
		require.ErrorIs(t, err, fault.PermissionDenied)
		_, err = s.Remove(ctx, nobody, []pricing.Key{{SKU: "tea", Channel: "en", Currency: "USD"}})
		require.ErrorIs(t, err, fault.PermissionDenied)
		own, err := s.Stored(ctx, nobody, "en", []ref.SKUID{"tea", "pen"})
		require.NoError(t, err)
		require.Empty(t, own)
	}
	for _, sc := range []ref.Scope{{}, ref.Member("m"), seller()} {
		_, err = s.List(ctx, sc, pricing.Query{Channel: "en"}, page.Request{})
		require.ErrorIs(t, err, fault.PermissionDenied)
		_, err = s.Purge(ctx, sc, noon(), 1)
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
	own, err := s.Stored(ctx, seller(), "en", []ref.SKUID{"tea", "pen"})
	require.NoError(t, err)
	require.Len(t, own, 1)
	all, err := s.Stored(ctx, staff(), "en", []ref.SKUID{"tea", "pen"})
	require.NoError(t, err)
	require.Len(t, all, 2)

	errs, err := s.Remove(ctx, seller(), []pricing.Key{own[0].Key, {SKU: "pen", Channel: "en", Currency: "USD"}})
	require.NoError(t, err)
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], fault.NotFound)
	require.False(t, s.price("tea").Found())
	require.True(t, s.price("pen").Found())
}

func TestWithoutOwnersOnlyStaffPrices(t *testing.T) {
	t.Parallel()
	s := setup(t, func(cfg *pricing.Config) { cfg.Owners = nil })
	in := []pricing.SetInput{{SKU: "anything", Channel: "en", Unit: usd(1)}}
	results, err := s.Set(t.Context(), seller(), in)
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, fault.NotFound)
	s.set(in...)
}

func TestRemove(t *testing.T) {
	t.Parallel()
	s := setup(t)
	from := noon().Add(time.Hour)
	stored := s.set(
		pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1000)},
		pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(800), From: from.In(time.FixedZone("x", 3600))},
	)
	s.announced()
	key := stored[1].Key
	key.From = key.From.In(time.FixedZone("y", 7200)) // the same moment, told otherwise
	errs, err := s.Remove(t.Context(), staff(), []pricing.Key{key})
	require.NoError(t, err)
	require.Equal(t, []error{nil}, errs)
	require.Equal(t, []pricing.Changed{{Channel: "en", SKUs: []ref.SKUID{"tea"}}}, s.announced())
	require.Zero(t, s.price("tea").Until)
	errs, err = s.Remove(t.Context(), staff(), []pricing.Key{key})
	require.NoError(t, err)
	require.ErrorIs(t, errs[0], fault.NotFound)
	require.Empty(t, s.announced())
}

func TestSizesAreBounded(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	_, err := s.Set(ctx, staff(), make([]pricing.SetInput, pricing.MaxBatch+1))
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.Remove(ctx, staff(), make([]pricing.Key, pricing.MaxBatch+1))
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.Resolve(ctx, pricing.Request{Channel: "en"}, make([]pricing.Item, pricing.MaxBatch+1))
	require.ErrorIs(t, err, fault.Invalid)
	_, err = s.Stored(ctx, staff(), "en", make([]ref.SKUID, pricing.MaxBatch+1))
	require.ErrorIs(t, err, fault.Invalid)

	var in []pricing.SetInput
	for i := range pricing.MaxWindows + 1 {
		from := noon().Add(time.Duration(i+1) * time.Hour)
		in = append(in, pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1), From: from, Until: from.Add(time.Hour)})
	}
	results, err := s.Set(ctx, staff(), in)
	require.NoError(t, err)
	require.NoError(t, results[pricing.MaxWindows-1].Err)
	require.ErrorIs(t, results[pricing.MaxWindows].Err, fault.Exhausted)
	in[0].Unit = usd(2)
	s.set(in[0]) // one that is there may change
	s.clock.Advance(3 * time.Hour)
	s.set(in[pricing.MaxWindows]) // ended ones do not count

	n, err := s.Purge(ctx, staff(), s.clock.Now(), 10)
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestUnknownChannel(t *testing.T) {
	t.Parallel()
	s := setup(t)
	_, err := s.Resolve(t.Context(), pricing.Request{Channel: "mars"}, nil)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Stored(t.Context(), staff(), "mars", nil)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.List(t.Context(), staff(), pricing.Query{Channel: "mars"}, page.Request{})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Channel("mars")
	require.ErrorIs(t, err, fault.NotFound)
	ch, err := s.Channel("zh")
	require.NoError(t, err)
	require.Equal(t, zh(), ch)
}

// A price in another currency than the channel's has now is none.
func TestOtherCurrencyIsNoPrice(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.set(pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1000)})
	euro := en()
	euro.Currency = "EUR"
	later := setup(t, func(cfg *pricing.Config) {
		cfg.Store, cfg.Units, cfg.Channels = s.stores.Prices, s.stores.Units, []pricing.Channel{euro}
	})
	require.False(t, later.price("tea").Found())
}

// failing refuses to append, so that the unit is rolled back.
type failing struct{}

func (failing) Append(context.Context, ...event.Record) error { return errors.New("no log") }

func TestPricesAndEventsCommitTogether(t *testing.T) {
	t.Parallel()
	s := setup(t, func(cfg *pricing.Config) { cfg.Events = failing{} })
	_, err := s.Set(t.Context(), staff(), []pricing.SetInput{{SKU: "tea", Channel: "en", Unit: usd(1)}})
	require.ErrorContains(t, err, "no log")
	require.False(t, s.price("tea").Found())
}

// memberPrices gives members ten per cent off: a shop's own decision.
type memberPrices struct{ pricing.Resolver }

func (m memberPrices) Resolve(ctx context.Context, c pricing.Context, items []pricing.Item) ([]pricing.Resolved, error) {
	out, err := m.Resolver.Resolve(ctx, c, items)
	for i := range out {
		if c.Member == "" || !out[i].Found() {
			continue
		}
		if out[i].Unit, err = out[i].Unit.Percent(900_000, money.HalfUp); err != nil {
			return nil, err
		}
	}
	return out, err
}

func TestOwnResolver(t *testing.T) {
	t.Parallel()
	s := setup(t, func(cfg *pricing.Config) { cfg.Resolver = memberPrices{pricing.ListPrices{Store: cfg.Store}} })
	s.set(pricing.SetInput{SKU: "tea", Channel: "en", Unit: usd(1000)})
	items := []pricing.Item{{SKU: "tea"}, {SKU: "pot"}}
	got, err := s.Resolve(t.Context(), pricing.Request{Channel: "en", Member: "m"}, items)
	require.NoError(t, err)
	require.Equal(t, usd(900), got[0].Unit)
	require.Equal(t, usd(1000), s.price("tea").Unit)
}

type brokenResolver struct{ out []pricing.Resolved }

func (b brokenResolver) Resolve(context.Context, pricing.Context, []pricing.Item) ([]pricing.Resolved, error) {
	return b.out, nil
}

func TestBrokenResolverIsFound(t *testing.T) {
	t.Parallel()
	for _, out := range [][]pricing.Resolved{
		nil, {{SKU: "pot"}}, {{SKU: "tea", Unit: money.New(1, "CNY")}}, {{SKU: "tea"}, {SKU: "tea"}},
	} {
		s := setup(t, func(cfg *pricing.Config) { cfg.Resolver = brokenResolver{out} })
		_, err := s.Resolve(t.Context(), pricing.Request{Channel: "en"}, []pricing.Item{{SKU: "tea"}})
		require.ErrorIs(t, err, fault.Internal)
	}
}

// The golden file was written by an earlier version and stays readable.
func TestStoredEventsStayReadable(t *testing.T) {
	t.Parallel()
	want := pricing.Changed{Channel: "en", SKUs: []ref.SKUID{"s1", "s2"}}
	raw, err := os.ReadFile("testdata/events/" + want.EventName() + ".json")
	require.NoError(t, err)
	var got pricing.Changed
	require.NoError(t, event.Decode(event.Record{Name: want.EventName(), Payload: raw}, &got))
	require.Equal(t, want, got)
	again, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again)+"\n")
}
