package shipping_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/shipping"
)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func ptr[T any](v T) *T { return &v }

func shipment(country string, grams int64, n ref.Quantity, list int64) shipping.Shipment {
	return shipping.Shipment{
		Merchant: "tea-house", Channel: "en", Currency: "USD", To: shipping.Destination{Country: country},
		Items: []shipping.Item{{SKU: "tea", Quantity: n, WeightGrams: grams, List: usd(list)}},
	}
}

func table(t *testing.T, methods ...shipping.Method) *shipping.Table {
	t.Helper()
	tab, err := shipping.NewTable(methods...)
	require.NoError(t, err)
	return tab
}

// rates returns what each method costs, by code.
func rates(t *testing.T, tab *shipping.Table, s shipping.Shipment) map[string]int64 {
	t.Helper()
	options, err := tab.Rates(t.Context(), s)
	require.NoError(t, err)
	out := map[string]int64{}
	for _, o := range options {
		require.Equal(t, s.Currency, o.Amount.Currency())
		out[o.Method] = o.Amount.Minor()
	}
	return out
}

func TestFlatAndFree(t *testing.T) {
	t.Parallel()
	tab := table(t, shipping.Method{Code: "standard", TaxClass: "shipping", Rates: []shipping.Rate{
		{Zone: shipping.Zone{Countries: []string{"US"}}, Base: usd(495), FreeFrom: ptr(usd(5_000))},
		{Zone: shipping.Zone{Countries: []string{"CA", "MX"}}, Base: usd(1_995)},
	}})
	for list, want := range map[int64]int64{0: 495, 4_999: 495, 5_000: 0, 9_000: 0} {
		require.Equal(t, map[string]int64{"standard": want}, rates(t, tab, shipment("US", 0, 1, list)))
	}
	require.Equal(t, map[string]int64{"standard": 1_995}, rates(t, tab, shipment("CA", 0, 1, 9_000)))
	require.Empty(t, rates(t, tab, shipment("FR", 0, 1, 9_000)), "nothing delivers there")
	options, err := tab.Rates(t.Context(), shipment("US", 0, 1, 0))
	require.NoError(t, err)
	o, err := shipping.Find(options, "standard")
	require.NoError(t, err)
	require.Equal(t, shipping.Option{Method: "standard", Label: "shipping.standard", TaxClass: "shipping", Amount: usd(495)}, o)
	_, err = shipping.Find(options, "pigeon")
	require.ErrorIs(t, err, fault.NotFound)

	euros := shipment("US", 0, 1, 0)
	euros.Currency, euros.Items[0].List = "EUR", money.New(0, "EUR")
	require.Empty(t, rates(t, tab, euros), "no rate in that currency")
}

func TestTiersAndSteps(t *testing.T) {
	t.Parallel()
	tiers := []shipping.Tier{{500, usd(300)}, {1_000, usd(500)}}
	tab := table(t,
		shipping.Method{Code: "letter", Rates: []shipping.Rate{{Base: usd(0), Tiers: tiers}}},
		shipping.Method{Code: "parcel", Rates: []shipping.Rate{{
			Base: usd(100), Tiers: tiers, Step: &shipping.Step{Every: 250, Price: usd(40)}, FreeFrom: ptr(usd(100_000)),
		}}},
		shipping.Method{Code: "box", Rates: []shipping.Rate{{
			Base: usd(0), By: shipping.ByPieces, Tiers: []shipping.Tier{{2, usd(200)}},
		}}},
	)
	for _, c := range []struct {
		grams  int64
		n      ref.Quantity
		letter int64
		parcel int64
		box    int64
	}{
		{0, 1, 300, 400, 200},
		{500, 1, 300, 400, 200},
		{250, 2, 300, 400, 200},
		{501, 1, 500, 600, 200},
		{1_000, 1, 500, 600, 200},
		{1_001, 1, -1, 640, 200},
		{1_250, 1, -1, 640, 200},
		{1_251, 1, -1, 680, 200},
		{1, 3, 300, 400, -1},
	} {
		want := map[string]int64{}
		for code, v := range map[string]int64{"letter": c.letter, "parcel": c.parcel, "box": c.box} {
			if v >= 0 {
				want[code] = v
			}
		}
		require.Equal(t, want, rates(t, tab, shipment("US", c.grams, c.n, 0)), "%d x %d g", c.n, c.grams)
	}
	require.EqualValues(t, 0, rates(t, tab, shipment("US", 5_000, 1, 100_000))["parcel"])
	require.NotContains(t, rates(t, tab, shipment("US", 5_000, 1, 100_000)), "letter", "too heavy stays too heavy")
}

func TestZones(t *testing.T) {
	t.Parallel()
	tab := table(t, shipping.Method{Code: "standard", Rates: []shipping.Rate{
		{Zone: shipping.Zone{Countries: []string{"CN"}, Regions: []string{"广东省"}}, Base: usd(1)},
		{Zone: shipping.Zone{Countries: []string{"CN"}}, Base: usd(2)},
		{Zone: shipping.Zone{Countries: []string{"US"}, PostalPrefixes: []string{"995", "996"}}, Base: usd(3)},
		{Zone: shipping.Zone{Countries: []string{"US"}}, Base: usd(4)},
		{Base: usd(5)},
	}})
	for want, to := range map[int64]address.Address{
		1: {Country: "CN", Region: "广东省"},
		2: {Country: "CN", Region: "北京市"},
		3: {Country: "US", Region: "AK", PostalCode: "99501"},
		4: {Country: "US", Region: "NY", PostalCode: "10001"},
		5: {Country: "FR"},
	} {
		s := shipment("US", 0, 1, 0)
		s.To = shipping.To(to)
		require.Equal(t, map[string]int64{"standard": want}, rates(t, tab, s))
	}
}

func TestMerchantsAndChannels(t *testing.T) {
	t.Parallel()
	flat := func(code string, base int64) shipping.Method {
		return shipping.Method{Code: code, Rates: []shipping.Rate{{Base: usd(base)}}}
	}
	own := flat("standard", 100)
	own.Merchants, own.Channels = []ref.MerchantID{"tea-house"}, []ref.ChannelID{"en"}
	pickup := flat("pickup", 0)
	pickup.Merchants = []ref.MerchantID{"potter"}
	tab := table(t, flat("standard", 500), own, pickup)
	s := shipment("US", 0, 1, 0)
	require.Equal(t, map[string]int64{"standard": 100}, rates(t, tab, s))
	s.Channel = "wholesale"
	require.Equal(t, map[string]int64{"standard": 500}, rates(t, tab, s), "its own rate is for another channel")
	s.Merchant = "potter"
	require.Equal(t, map[string]int64{"standard": 500, "pickup": 0}, rates(t, tab, s))
}

func TestATableKeepsNothingOfItsArgument(t *testing.T) {
	t.Parallel()
	m := shipping.Method{Code: "x", Rates: []shipping.Rate{{
		Zone: shipping.Zone{Countries: []string{"US"}}, Base: usd(5), Tiers: []shipping.Tier{{10, usd(1)}},
		Step: &shipping.Step{Every: 1, Price: usd(1)}, FreeFrom: ptr(usd(1_000)),
	}}}
	tab := table(t, m)
	m.Rates[0].Zone.Countries[0], m.Rates[0].Tiers[0].Price = "FR", usd(99)
	m.Rates[0].Step.Price, *m.Rates[0].FreeFrom = usd(99), usd(0)
	require.Equal(t, map[string]int64{"x": 8}, rates(t, tab, shipment("US", 12, 1, 0)))
}

func TestNewTableNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := func() shipping.Method {
		return shipping.Method{Code: "x", Rates: []shipping.Rate{{
			Base: usd(1), Tiers: []shipping.Tier{{10, usd(1)}}, Step: &shipping.Step{Every: 1, Price: usd(1)}, FreeFrom: ptr(usd(1)),
		}}}
	}
	r := "methods[0].rates[0]."
	for path, spoil := range map[string]func(*shipping.Method){
		"methods[0].code":          func(m *shipping.Method) { m.Code = "" },
		"methods[0].rates":         func(m *shipping.Method) { m.Rates = nil },
		"methods[0].rates[1].zone": func(m *shipping.Method) { m.Rates = append(m.Rates, shipping.Rate{Base: usd(1)}) },
		r + "base":                 func(m *shipping.Method) { m.Rates[0].Base = usd(-1) },
		r + "by":                   func(m *shipping.Method) { m.Rates[0].By = "volume" },
		r + "tiers[0].price":       func(m *shipping.Method) { m.Rates[0].Tiers[0].Price = money.New(1, "EUR") },
		r + "tiers[1].up_to":       func(m *shipping.Method) { m.Rates[0].Tiers = append(m.Rates[0].Tiers, shipping.Tier{10, usd(1)}) },
		r + "tiers":                func(m *shipping.Method) { m.Rates[0].Tiers = nil },
		r + "step.every":           func(m *shipping.Method) { m.Rates[0].Step.Every = 0 },
		r + "step.price":           func(m *shipping.Method) { m.Rates[0].Step.Price = usd(-1) },
		r + "free_from":            func(m *shipping.Method) { m.Rates[0].FreeFrom = ptr(money.New(1, "EUR")) },
		r + "zone.countries[0]":    func(m *shipping.Method) { m.Rates[0].Zone.Countries = []string{"us"} },
		r + "zone.regions[1]": func(m *shipping.Method) {
			m.Rates[0].Zone = shipping.Zone{Countries: []string{"US"}, Regions: []string{"NY", "广东省"}}
		},
		r + "zone.postal_prefixes[0]": func(m *shipping.Method) { m.Rates[0].Zone.PostalPrefixes = []string{""} },
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			m := good()
			spoil(&m)
			_, err := shipping.NewTable(m)
			require.ErrorIs(t, err, fault.Invalid)
			var f *fault.Fault
			require.ErrorAs(t, err, &f)
			require.Len(t, f.Fields, 1)
			require.Equal(t, path, f.Fields[0].Path)
		})
	}
	_, err := shipping.NewTable(good(), good())
	require.ErrorContains(t, err, "methods[1].code: duplicate")
	other := good()
	other.Rates[0].Base = money.New(1, "XXX")
	_, err = shipping.NewTable(other)
	require.ErrorIs(t, err, fault.Invalid)
}

func TestBadShipments(t *testing.T) {
	t.Parallel()
	tab := table(t, shipping.Method{Code: "x", Rates: []shipping.Rate{{Base: usd(1)}}})
	for path, spoil := range map[string]func(*shipping.Shipment){
		"to.country":            func(s *shipping.Shipment) { s.To.Country = "XX" },
		"items":                 func(s *shipping.Shipment) { s.Items = nil },
		"items[0].quantity":     func(s *shipping.Shipment) { s.Items[0].Quantity = 0 },
		"items[0].weight_grams": func(s *shipping.Shipment) { s.Items[0].WeightGrams = math.MaxInt64 },
		"items[0].list":         func(s *shipping.Shipment) { s.Items[0].List = money.New(1, "EUR") },
	} {
		s := shipment("US", 1, 1, 1)
		spoil(&s)
		_, err := tab.Rates(t.Context(), s)
		require.ErrorIs(t, err, fault.Invalid, path)
		require.ErrorContains(t, err, path)
	}
	s := shipment("US", 1, 1, 1)
	s.Items = make([]shipping.Item, shipping.MaxItems+1)
	_, err := tab.Rates(t.Context(), s)
	require.ErrorIs(t, err, fault.Invalid)
}

// The heaviest shipment there can be overflows nothing.
func TestTheHeaviestShipment(t *testing.T) {
	t.Parallel()
	s := shipment("US", shipping.MaxWeightGrams, ref.MaxQuantity, 1)
	for len(s.Items) < shipping.MaxItems {
		s.Items = append(s.Items, s.Items[0])
	}
	require.Positive(t, s.Grams())
	tab := table(t, shipping.Method{Code: "x", Rates: []shipping.Rate{{
		Base: usd(1), Tiers: []shipping.Tier{{1, usd(1)}}, Step: &shipping.Step{Every: 1, Price: usd(money.MaxMinor)},
	}}})
	_, err := tab.Rates(t.Context(), s)
	require.ErrorIs(t, err, fault.Invalid, "an amount beyond all bounds is an error")
}

// More weight never costs less where the tiers rise, and a table survives its
// JSON form.
func TestRisingTiersRise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tiers []shipping.Tier
		upTo, price := int64(0), int64(0)
		for range rapid.IntRange(1, 5).Draw(t, "tiers") {
			upTo += rapid.Int64Range(1, 1_000).Draw(t, "width")
			price += rapid.Int64Range(0, 500).Draw(t, "rise")
			tiers = append(tiers, shipping.Tier{UpTo: upTo, Price: usd(price)})
		}
		m := shipping.Method{Code: "x", Rates: []shipping.Rate{{
			Base: usd(rapid.Int64Range(0, 500).Draw(t, "base")), Tiers: tiers,
			Step: &shipping.Step{Every: rapid.Int64Range(1, 500).Draw(t, "every"), Price: usd(rapid.Int64Range(0, 100).Draw(t, "step"))},
		}}}
		raw, err := json.Marshal(m)
		require.NoError(t, err)
		var back shipping.Method
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, m, back)
		tab, err := shipping.NewTable(back)
		require.NoError(t, err)
		cost := func(grams int64) int64 {
			options, err := tab.Rates(t.Context(), shipment("US", grams, 1, 0))
			require.NoError(t, err)
			require.Len(t, options, 1)
			return options[0].Amount.Minor()
		}
		grams := rapid.Int64Range(0, 10_000).Draw(t, "grams")
		more := grams + rapid.Int64Range(0, 10_000).Draw(t, "more")
		require.LessOrEqual(t, cost(grams), cost(more))
	})
}
