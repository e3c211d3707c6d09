package bench

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strconv"
)

// Chart is what grew with what, for a page of docs.
type Chart struct {
	Title string
	// Along names the axis of X, which begins at zero and ends at the last one.
	Along string
	X     []float64
	Lines []Line
	// Low and High bound the other axis, which is logarithmic, with a mark at
	// each power of ten; both are powers of ten. Values beyond are drawn at the
	// edge.
	Low, High float64
	// Unit follows the marks.
	Unit string
}

// Line is one value for each X of a [Chart].
type Line struct {
	Name, Colour string
	Y            []float64
}

// SVG draws the chart, below the names of its lines.
func (c *Chart) SVG() []byte {
	const left, right, high, row, ticks = 100.0, 690.0, 300.0, 18.0, 10
	top := 20 + row*float64(len(c.Lines))
	bottom := top + high
	end := c.X[len(c.X)-1]
	x := func(v float64) float64 { return left + (right-left)*v/end }
	y := func(v float64) float64 {
		return bottom - high*math.Log10(min(max(v, c.Low), c.High)/c.Low)/math.Log10(c.High/c.Low)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 %g" font-family="sans-serif" font-size="13">`+"\n", bottom+60)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(c.Title))
	fmt.Fprintf(&b, `<rect width="720" height="%g" fill="white"/>`+"\n", bottom+60)
	for v := c.Low; v <= c.High*1.01; v *= 10 {
		fmt.Fprintf(&b, `<path d="M%g %.1fH%g" stroke="#ddd"/><text x="%g" y="%.1f" text-anchor="end">%g %s</text>`+"\n",
			left, y(v), right, left-8, y(v)+4, v, html.EscapeString(c.Unit))
	}
	for k := range ticks + 1 {
		v := end * float64(k) / ticks
		fmt.Fprintf(&b, `<path d="M%.1f %gV%g" stroke="#eee"/><text x="%.1f" y="%g" text-anchor="middle">%s</text>`+"\n",
			x(v), top, bottom, x(v), bottom+20, short(v))
	}
	fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle">%s</text>`+"\n", (left+right)/2, bottom+45, html.EscapeString(c.Along))
	for k, line := range c.Lines {
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" points="`, line.Colour)
		for i, v := range line.Y {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(c.X[i]), y(v))
		}
		fmt.Fprintln(&b, `"/>`)
		for i, v := range line.Y {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x(c.X[i]), y(v), line.Colour)
		}
		at := row * float64(k+1)
		fmt.Fprintf(&b, `<path d="M%g %gh20" stroke="%s" stroke-width="2"/><text x="%g" y="%g">%s</text>`+"\n",
			left, at-4, line.Colour, left+28, at, html.EscapeString(line.Name))
	}
	fmt.Fprintln(&b, `</svg>`)
	return b.Bytes()
}

// short writes thousands and millions as people do on an axis.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + " M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 3, 64) + " k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
