package search_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

func TestReadMeasure(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		amount float64
		unit   string
	}{
		"42": {42, ""}, " 1.5 kg ": {1500, "g"}, "500克": {500, "g"}, "２ 公斤": {2000, "g"}, "2 lb": {907.18474, "g"},
		`15.6"`: {39.624, "cm"}, "20 英寸": {50.8, "cm"}, "1200mm": {120, "cm"}, "0.75 L": {750, "ml"}, "1.2 kW": {1200, "W"},
		"2.4 GHz": {2.4e9, "Hz"}, "128GB": {128, "GB"}, "1 TB": {1000, "GB"}, "90 Days": {90, "days"}, "3 片": {3, "片"}, "55 %": {55, "%"},
	} {
		amount, unit, ok := search.ReadMeasure(text)
		require.True(t, ok, text)
		require.InDelta(t, want.amount, amount, 1e-6, text)
		require.Equal(t, want.unit, unit, text)
	}
	for _, text := range []string{
		"", "kg", "walnut", ".5 kg", "5. kg", "1.2.3", "-5 kg", "100% cotton", "2 in 1", "USB 3", "10-12 cm", "1,5 kg", "5 k9",
		strings.Repeat("9", 60), "1 " + strings.Repeat("x", 60),
	} {
		_, _, ok := search.ReadMeasure(text)
		require.False(t, ok, text)
	}
}

func FuzzReadMeasure(f *testing.F) {
	for _, text := range []string{"1.5 kg", "20英寸", "１２８ＧＢ", "9e999", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, unit, ok := search.ReadMeasure(text)
		require.True(t, ok || amount == 0 && unit == "")
		require.False(t, math.IsNaN(amount) || math.IsInf(amount, 0) || amount < 0)
		d := search.Document{ID: "p", Attributes: []search.Attribute{{Name: "n", Number: &amount, Unit: unit}}}
		require.NoError(t, d.Validate())
		require.True(t, utf8.ValidString(search.MeasureField("n", unit)))
	})
}

func TestAMeasureIsANumber(t *testing.T) {
	t.Parallel()
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		d := search.Document{ID: "p", Attributes: []search.Attribute{
			{Name: "Power", Number: &n, Unit: strings.Repeat("W", 100)}, {Name: "Colour", Value: "Red"},
		}}
		err := d.Validate()
		require.ErrorIs(t, err, fault.Invalid)
		require.ErrorContains(t, err, "attributes[0].number")
		require.ErrorContains(t, err, "attributes[0].unit")
		d.Clip()
		require.NoError(t, d.Validate())
		require.Nil(t, d.Attributes[0].Number)
	}
}
