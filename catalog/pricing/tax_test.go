package pricing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
)

func TestTaxIsSound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := money.New(rapid.OneOf(
			rapid.Int64Range(-100_000, 100_000), rapid.Int64Range(-money.MaxMinor, money.MaxMinor),
		).Draw(t, "amount"), "CNY")
		rate := rapid.OneOf(rapid.SampledFrom([]int64{0, 60_000, 130_000, 200_000}), rapid.Int64Range(0, pricing.MaxRate)).Draw(t, "rate")
		inclusive := rapid.Bool().Draw(t, "inclusive")
		got, err := pricing.Tax(amount, rate, inclusive, money.HalfUp)
		require.NoError(t, err)
		require.Equal(t, rate, got.RatePPM)
		require.Equal(t, inclusive, got.Inclusive)
		sum, err := got.Net.Add(got.Tax)
		require.NoError(t, err)
		require.Equal(t, got.Gross, sum)
		if inclusive {
			require.Equal(t, amount, got.Gross)
		} else {
			require.Equal(t, amount, got.Net)
		}
		back, err := pricing.Tax(amount.Neg(), rate, inclusive, money.HalfUp)
		require.NoError(t, err)
		require.Equal(t, got.Tax.Neg(), back.Tax, "a refund mirrors the sale")

		if inclusive { // the net amount has that tax, to the unit
			again, err := got.Net.Percent(rate, money.HalfUp)
			require.NoError(t, err)
			diff, err := again.Sub(got.Tax)
			require.NoError(t, err)
			require.LessOrEqual(t, max(diff.Minor(), -diff.Minor()), rate/money.Million+1)
		}
	})
}

func TestTaxRefuses(t *testing.T) {
	t.Parallel()
	for _, rate := range []int64{-1, pricing.MaxRate + 1} {
		_, err := pricing.Tax(usd(1), rate, true, money.HalfUp)
		require.ErrorIs(t, err, fault.Invalid)
	}
	for _, inclusive := range []bool{true, false} {
		_, err := pricing.Tax(usd(1), 1, inclusive, money.Rounding(99))
		require.ErrorIs(t, err, fault.Invalid)
	}
	_, err := pricing.Tax(usd(1<<62), pricing.MaxRate, false, money.HalfUp)
	require.ErrorIs(t, err, fault.Invalid)
}

func table(t *testing.T, cfg pricing.TaxTableConfig) *pricing.TaxTable {
	t.Helper()
	out, err := pricing.NewTaxTable(cfg)
	require.NoError(t, err)
	return out
}

func TestTableChoosesTheClosestEntry(t *testing.T) {
	t.Parallel()
	change := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	tt := table(t, pricing.TaxTableConfig{Rates: []pricing.TaxRate{
		{Country: "CN", RatePPM: 130_000},
		{Country: "CN", Class: "books", RatePPM: 90_000, Until: change},
		{Country: "CN", Class: "books", RatePPM: 0, From: change},
		{Country: "US", Region: "CA", RatePPM: 72_500},
		{Country: "US", Region: "CA", Class: "food", RatePPM: 0},
		{Country: "US", Class: "fuel", RatePPM: 10_000},
	}})
	for _, c := range []struct {
		country, region, class string
		at                     time.Time
		want                   int64
	}{
		{"CN", "", "", noon(), 130_000},
		{"CN", "广东省", "toys", noon(), 130_000},
		{"CN", "", "books", change.Add(-time.Microsecond), 90_000},
		{"CN", "", "books", change, 0},
		{"US", "CA", "", noon(), 72_500},
		{"US", "CA", "toys", noon(), 72_500},
		{"US", "CA", "food", noon(), 0},
		{"US", "CA", "fuel", noon(), 10_000}, // the class wins over the region
		{"US", "OR", "toys", noon(), 0},
		{"DE", "", "", noon(), 0},
		{"", "CA", "", noon(), 130_000}, // the channel's country, nothing of the region
	} {
		got, err := tt.Taxes(t.Context(), pricing.TaxQuery{
			Channel: zh(), Country: c.country, Region: c.region, At: c.at,
			Lines: []pricing.TaxLine{{Class: c.class, Amount: money.New(11300, "CNY")}},
		})
		require.NoError(t, err)
		require.Equal(t, c.want, got[0].RatePPM, "%+v", c)
	}
}

func TestTableTaxesEachLine(t *testing.T) {
	t.Parallel()
	rates := []pricing.TaxRate{{Country: "CN", RatePPM: 130_000}, {Country: "US", RatePPM: 100_000}}
	lines := func(currency money.Currency) []pricing.TaxLine {
		return []pricing.TaxLine{{Amount: money.New(11300, currency)}, {Amount: money.New(5, currency)}, {Amount: money.Zero(currency)}}
	}
	tt := table(t, pricing.TaxTableConfig{Rates: rates})
	in, err := tt.Taxes(t.Context(), pricing.TaxQuery{Channel: zh(), At: noon(), Lines: lines("CNY")})
	require.NoError(t, err)
	require.Equal(t, pricing.Taxed{
		Net: money.New(10000, "CNY"), Tax: money.New(1300, "CNY"), Gross: money.New(11300, "CNY"), RatePPM: 130_000, Inclusive: true,
	}, in[0])
	require.EqualValues(t, 1, in[1].Tax.Minor())
	require.True(t, in[2].Gross.IsZero())

	on, err := tt.Taxes(t.Context(), pricing.TaxQuery{Channel: en(), At: noon(), Lines: lines("USD")})
	require.NoError(t, err)
	require.Equal(t, pricing.Taxed{Net: usd(11300), Tax: usd(1130), Gross: usd(12430), RatePPM: 100_000}, on[0])
	require.EqualValues(t, 1, on[1].Tax.Minor(), "half a cent goes up")

	down := table(t, pricing.TaxTableConfig{Rates: rates, Rounding: money.Down})
	on, err = down.Taxes(t.Context(), pricing.TaxQuery{Channel: en(), At: noon(), Lines: lines("USD")})
	require.NoError(t, err)
	require.Zero(t, on[1].Tax.Minor())
}

func TestTableMayRefuseUnknownPlaces(t *testing.T) {
	t.Parallel()
	tt := table(t, pricing.TaxTableConfig{Rates: []pricing.TaxRate{{Country: "CN", RatePPM: 1}}, RefuseUnknown: true})
	q := pricing.TaxQuery{Channel: zh(), Country: "DE", At: noon(), Lines: []pricing.TaxLine{{Amount: money.New(1, "CNY")}}}
	_, err := tt.Taxes(t.Context(), q)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	q.Country = "CN"
	_, err = tt.Taxes(t.Context(), q)
	require.NoError(t, err)
	q.Lines[0].Amount = money.New(-1<<63, "CNY")
	_, err = tt.Taxes(t.Context(), q)
	require.ErrorIs(t, err, fault.Invalid)
}

func TestBadTable(t *testing.T) {
	t.Parallel()
	day := noon()
	_, err := pricing.NewTaxTable(pricing.TaxTableConfig{Rounding: 99, Rates: []pricing.TaxRate{
		{Country: "XX", RatePPM: -1},
		{Country: "US", Region: "California"},
		{Country: "DE", Region: "Bayern", Class: " books"},
		{Country: "CN", From: day, Until: day},
		{Country: "GB", Until: day},
		{Country: "GB", From: day.Add(-1000), Until: day.Add(time.Hour)},
		{Country: "GB", From: day.Add(time.Hour)},
		{Country: "GB"},
	}})
	require.Equal(t, []string{
		"rounding unknown", "rates[0].country unknown", "rates[0].rate_ppm out_of_range", "rates[1].region unknown",
		"rates[2].class text", "rates[3].until not_after_from", "rates[5] overlap", "rates[7] overlap",
	}, violations(t, err))
	_, err = pricing.NewTaxTable(pricing.TaxTableConfig{})
	require.NoError(t, err)
}
