package bench_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/bench"
	"github.com/soukhq/souk/promo"
)

// cost is what evaluating carts of 50 lines takes at a number of promotions.
type cost struct {
	promotions       int
	p50, p99, worst  time.Duration
	optimal, missing float64
}

// TestPlotPromotions measures how the time of an evaluation grows with the
// number of promotions, prints a table and writes the plot of it: see make plot.
func TestPlotPromotions(t *testing.T) { //nolint:paralleltest // it measures
	file := os.Getenv("SOUK_PLOT")
	if file == "" {
		t.Skip("set SOUK_PLOT to the file to be written")
	}
	var costs []cost
	fmt.Println("| promotions | p50 ms | p99 ms | worst ms | optimal | gap of the others |\n|---:|---:|---:|---:|---:|---:|")
	for _, n := range []int{1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100} {
		series := newSeries(t, 100, func(seed uint64) promo.Input { return newMall(seed).input(n, 50) })
		series.measure(t, 2)
		c := cost{n, series.time(50), series.time(99), series.time(100), series.optimal(), series.gap()}
		costs = append(costs, c)
		fmt.Printf("| %d | %.3f | %.3f | %.3f | %.1f %% | %.1f %% |\n",
			n, milliseconds(c.p50), milliseconds(c.p99), milliseconds(c.worst), c.optimal, c.missing)
	}
	require.NoError(t, os.WriteFile(file, plot(costs), 0o644))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// plot draws the costs.
func plot(costs []cost) []byte {
	c := bench.Chart{
		Title: "Time of an evaluation against the number of promotions, carts of 50 lines",
		Along: "promotions, carts of 50 lines of 5 merchants", Low: .01, High: 100, Unit: "ms",
	}
	slow, median := bench.Line{Name: "99th percentile", Colour: "#c0392b"}, bench.Line{Name: "median", Colour: "#2464b4"}
	for _, at := range costs {
		c.X = append(c.X, float64(at.promotions))
		slow.Y, median.Y = append(slow.Y, milliseconds(at.p99)), append(median.Y, milliseconds(at.p50))
	}
	c.Lines = []bench.Line{slow, median}
	return c.SVG()
}
