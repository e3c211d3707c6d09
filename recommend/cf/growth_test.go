package cf_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/bench"
	"github.com/soukhq/souk/recommend/cf"
)

// TestPlotGrowth measures how the time and the memory of a fit grow with the
// interactions, prints a table and writes the plot of it: see make plot.
func TestPlotGrowth(t *testing.T) { //nolint:paralleltest // it measures
	file := os.Getenv("SOUK_PLOT")
	if file == "" {
		t.Skip("set SOUK_PLOT to the file to be written")
	}
	chart := bench.Chart{
		Title: "Time and memory of a fit against the interactions", Along: "interactions, about 34 of each user on average",
		Low: .01, High: 1000, Unit: "s, MiB",
		Lines: []bench.Line{
			{Name: "auto, seconds", Colour: "#c0392b"},
			{Name: "one model, seconds", Colour: "#2464b4"},
			{Name: "auto, MiB at the peak", Colour: "#d98c1f"},
			{Name: "one model, MiB at the peak", Colour: "#3a8f4d"},
		},
	}
	one := cf.Options{Chosen: &cf.Trial{Kind: cf.ItemKNN, Kernel: cf.Kernel{User: .5, Target: .2, Source: .5, Recency: .5, Gap: .5}}}
	fmt.Println("| interactions | users | items | one: s | MiB | auto: s | MiB |\n|---:|---:|---:|---:|---:|---:|---:|")
	for _, users := range []int{1_000, 3_000, 6_000, 12_000, 18_000, 24_000, 30_000} {
		items := users * 4 / 3
		m, err := cf.NewMatrix(users, items, shop(users, items, max(10, users/75), 41, 1))
		require.NoError(t, err)
		row := make([]float64, 0, 4)
		for _, o := range []cf.Options{{}, one} {
			peak, took := bench.Peak(func() {
				_, err := cf.Fit(t.Context(), m, o)
				require.NoError(t, err)
			})
			row = append(row, took.Seconds(), float64(peak)/(1<<20))
		}
		chart.X = append(chart.X, float64(m.Interactions()))
		for k, v := range []float64{row[0], row[2], row[1], row[3]} {
			chart.Lines[k].Y = append(chart.Lines[k].Y, v)
		}
		fmt.Printf("| %d | %d | %d | %.2f | %.0f | %.2f | %.0f |\n", m.Interactions(), users, items, row[2], row[3], row[0], row[1])
	}
	require.NoError(t, os.WriteFile(file, chart.SVG(), 0o644))
}
