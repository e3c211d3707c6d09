package bench_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/promo"
)

// cost is what evaluating carts of 50 lines takes at a number of promotions.
type cost struct {
	promotions int
	p50, p99   time.Duration
	optimal    float64
}

// TestPlotPromotions measures how the time of an evaluation grows with the
// number of promotions, prints a table and writes the plot of it: see make plot.
func TestPlotPromotions(t *testing.T) { //nolint:paralleltest // it measures
	file := os.Getenv("SOUK_PLOT")
	if file == "" {
		t.Skip("set SOUK_PLOT to the file to be written")
	}
	var costs []cost
	fmt.Println("| promotions | p50 ms | p99 ms | optimal |\n|---:|---:|---:|---:|")
	for _, n := range []int{1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100} {
		series := newSeries(t, 100, func(seed uint64) promo.Input { return newMall(seed).input(n, 50) })
		series.measure(t, 2)
		c := cost{n, series.time(50), series.time(99), series.optimal()}
		costs = append(costs, c)
		fmt.Printf("| %d | %.3f | %.3f | %.1f %% |\n", n, milliseconds(c.p50), milliseconds(c.p99), c.optimal)
	}
	require.NoError(t, os.WriteFile(file, plot(costs), 0o644))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// plot draws the costs, the time on a logarithmic scale.
func plot(costs []cost) []byte {
	const left, right, top, bottom = 70.0, 690.0, 30.0, 330.0
	const low, high = 0.01, 100.0 // milliseconds
	x := func(n int) float64 { return left + (right-left)*float64(n)/100 }
	y := func(ms float64) float64 {
		return bottom - (bottom-top)*math.Log10(min(max(ms, low), high)/low)/math.Log10(high/low)
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 390" font-family="sans-serif" font-size="13">`)
	fmt.Fprintln(&b, `<title>Time of an evaluation against the number of promotions, carts of 50 lines</title>`)
	fmt.Fprintln(&b, `<rect width="720" height="390" fill="white"/>`)
	for ms := low; ms <= high*1.01; ms *= 10 {
		fmt.Fprintf(&b, `<path d="M%g %.1fH%g" stroke="#ddd"/><text x="%g" y="%.1f" text-anchor="end">%g ms</text>`+"\n",
			left, y(ms), right, left-8, y(ms)+4, ms)
	}
	for n := 0; n <= 100; n += 10 {
		fmt.Fprintf(&b, `<path d="M%.1f %gV%g" stroke="#eee"/><text x="%.1f" y="%g" text-anchor="middle">%d</text>`+"\n",
			x(n), top, bottom, x(n), bottom+20, n)
	}
	fmt.Fprintf(&b, `<text x="%g" y="375" text-anchor="middle">promotions, carts of 50 lines of 5 merchants</text>`+"\n", (left+right)/2)
	lines := []struct {
		name, colour string
		of           func(cost) time.Duration
	}{
		{"99th percentile", "#c0392b", func(c cost) time.Duration { return c.p99 }},
		{"median", "#2464b4", func(c cost) time.Duration { return c.p50 }},
	}
	for k, line := range lines {
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" points="`, line.colour)
		for _, c := range costs {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(c.promotions), y(milliseconds(line.of(c))))
		}
		fmt.Fprintln(&b, `"/>`)
		for _, c := range costs {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x(c.promotions), y(milliseconds(line.of(c))), line.colour)
		}
		fmt.Fprintf(&b, `<text x="%g" y="%g" fill="%s">%s</text>`+"\n", left+12, top+18+18*float64(k), line.colour, line.name)
	}
	fmt.Fprintln(&b, `</svg>`)
	return b.Bytes()
}
