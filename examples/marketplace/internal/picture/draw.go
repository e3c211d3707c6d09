package picture

import (
	"fmt"
	"strings"

	"github.com/soukhq/souk/examples/marketplace/internal/dice"
)

// Draw returns the picture as a square SVG document of a few kilobytes.
func Draw(s Spec) ([]byte, error) {
	shape := shapeOf(s.Kind)
	if shape == nil || !s.Colour.known() {
		return nil, errSpec
	}
	d := dice.New(string(s.Kind), string(s.Colour), fmt.Sprint(s.Seed))
	main := s.Colour.hex()
	c := &canvas{
		d: d, main: main, clear: s.Colour == "clear",
		light: main.lighter(38), dark: main.darker(28), deep: main.darker(52),
		accent: accentFor(main, d),
	}
	ground := groundOf(s.Kind, main)
	c.open(ground)
	c.backdrop(ground)
	tilt := 0
	if shape.tilts {
		tilt = d.N(15) - 7
	}
	c.put(`<g transform="rotate(%d 200 205)">`, tilt)
	shape.draw(c)
	c.put(`</g></svg>`)
	return []byte(c.b.String()), nil
}

// canvas collects the drawing and knows the colours of the thing.
type canvas struct {
	b                               strings.Builder
	d                               *dice.Dice
	main, light, dark, deep, accent rgb
	clear                           bool
}

// The paints that open defines beside plain colours.
const (
	body   = "url(#m)" // the thing's colour, lit from the upper left
	shade  = "url(#d)" // its darker side
	pale   = "url(#l)" // its lighter side
	screen = "url(#s)" // a lit display
	glass  = "url(#g)" // a reflection
	timber = "url(#w)" // wood
	steel  = "url(#k)" // metal
)

func (c *canvas) put(format string, args ...any) { fmt.Fprintf(&c.b, format, args...) }

func (c *canvas) gradient(id string, x2, y2 int, stops ...rgb) {
	c.put(`<linearGradient id="%s" x1="0" y1="0" x2="%d%%" y2="%d%%">`, id, x2, y2)
	for i, s := range stops {
		c.put(`<stop offset="%d%%" stop-color="%s"/>`, i*100/(len(stops)-1), s)
	}
	c.put(`</linearGradient>`)
}

func (c *canvas) open(ground rgb) {
	c.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400"><defs>`)
	c.gradient("b", 30, 100, ground.lighter(45), ground)
	c.gradient("n", 0, 100, ground.lighter(72), ground.lighter(30))
	c.gradient("m", 100, 100, c.main.lighter(26), c.main, c.main.darker(14))
	c.gradient("d", 100, 100, c.dark, c.deep)
	c.gradient("l", 100, 100, c.main.lighter(62), c.light)
	c.gradient("s", 80, 100, c.accent.lighter(35), c.accent, c.accent.darker(30))
	c.gradient("w", 100, 30, 0xd9b78c, 0xc29767, 0xae8353)
	c.gradient("k", 100, 100, 0xf1f3f5, 0xb9c0c7, 0x8f979f)
	c.put(`<linearGradient id="g" x1="0" y1="0" x2="100%%" y2="100%%"><stop offset="0" stop-color="#fff" stop-opacity=".5"/>` +
		`<stop offset="45%%" stop-color="#fff" stop-opacity=".06"/><stop offset="100%%" stop-color="#fff" stop-opacity="0"/></linearGradient>` +
		`<radialGradient id="h"><stop offset="0" stop-color="#1c2026" stop-opacity=".34"/><stop offset="100%%" stop-color="#1c2026" stop-opacity="0"/></radialGradient></defs>`)
}

// backdrop paints the ground, one of five niches and the floor.
func (c *canvas) backdrop(ground rgb) {
	c.put(`<rect width="400" height="400" fill="url(#b)"/>`)
	hint := ground.darker(8)
	switch c.d.N(4) {
	case 0:
		c.put(`<g fill="%s" opacity=".35">`, hint)
		for y := 24; y < 400; y += 44 {
			for x := 24 + y/44%2*22; x < 400; x += 44 {
				c.put(`<circle cx="%d" cy="%d" r="2"/>`, x, y)
			}
		}
		c.put(`</g>`)
	case 1:
		c.put(`<g stroke="%s" stroke-width="1.5" opacity=".3">`, hint)
		for x := -380; x < 400; x += 34 {
			c.put(`<path d="M%d 400 l400-400"/>`, x)
		}
		c.put(`</g>`)
	case 2:
		c.put(`<g fill="none" stroke="%s" stroke-width="1.5" opacity=".35">`, hint)
		for r := 190; r < 330; r += 24 {
			c.put(`<circle cx="200" cy="190" r="%d"/>`, r)
		}
		c.put(`</g>`)
	}
	switch c.d.N(5) {
	case 0:
		c.put(`<circle cx="200" cy="192" r="150" fill="url(#n)"/>`)
	case 1:
		c.put(`<path d="M62 352V186a138 138 0 0 1 276 0v166z" fill="url(#n)"/>`)
	case 2:
		c.put(`<path d="M66 352V210C66 130 132 86 200 38c68 48 134 92 134 172v142z" fill="url(#n)"/>`)
	case 3:
		c.put(`<rect x="58" y="48" width="284" height="304" rx="40" fill="url(#n)"/>`)
	case 4:
		c.put(`<path d="M200 36l52 44 68 8 8 68 44 52-44 52-8 68-68 8-52 20-52-20-68-8-8-68-44-52 44-52 8-68 68-8z" fill="url(#n)"/>`)
	}
	c.put(`<ellipse cx="200" cy="342" rx="150" ry="22" fill="url(#h)"/>`)
}

func (c *canvas) rect(x, y, w, h, r int, fill any) {
	c.put(`<rect x="%d" y="%d" width="%d" height="%d" rx="%d" fill="%v"/>`, x, y, w, h, r, fill)
}

func (c *canvas) circle(x, y, r int, fill any) {
	c.put(`<circle cx="%d" cy="%d" r="%d" fill="%v"/>`, x, y, r, fill)
}

func (c *canvas) oval(x, y, rx, ry int, fill any) {
	c.put(`<ellipse cx="%d" cy="%d" rx="%d" ry="%d" fill="%v"/>`, x, y, rx, ry, fill)
}

func (c *canvas) path(d string, fill any) { c.put(`<path d="%s" fill="%v"/>`, d, fill) }

func (c *canvas) line(d string, stroke any, width int) {
	c.put(`<path d="%s" fill="none" stroke="%v" stroke-width="%d" stroke-linecap="round" stroke-linejoin="round"/>`, d, stroke, width)
}

// fade draws what fn draws with an opacity in percent.
func (c *canvas) fade(percent int, fn func()) {
	c.put(`<g opacity="%d.%02d">`, percent/100, percent%100)
	fn()
	c.put(`</g>`)
}

func (c *canvas) turn(degrees, x, y int, fn func()) {
	c.put(`<g transform="rotate(%d %d %d)">`, degrees, x, y)
	fn()
	c.put(`</g>`)
}

// accentFor picks a second colour that goes with the first.
func accentFor(main rgb, d *dice.Dice) rgb {
	accents := []rgb{0x4f86c0, 0x4fa9ab, 0xe08a4b, 0x8a72b0, 0x5d9b72, 0xd9808f, 0xd4b06a}
	for range 8 {
		a := accents[d.N(len(accents))]
		r, g, b := a.parts()
		s, t, u := main.parts()
		if abs(r-s)+abs(g-t)+abs(b-u) > 150 {
			return a
		}
	}
	return 0x4f86c0
}

// groundOf returns the calm tint of the family a kind belongs to, deeper
// behind a pale thing so that it stands out.
func groundOf(kind Kind, main rgb) rgb {
	ground := rgb(0xe4e0d8)
	for _, f := range []struct {
		tint  rgb
		kinds string
	}{
		{0xd3dfe6, " phone dock hotspot booster "},
		{0xeddad0, " case wallet armband holster grip underwear babywear "},
		{0xd2e5df, " screen lens towel mat "},
		{0xf0e2c4, " charger powerbank pad battery powercase pastry cookies zongzi lamp floorlamp "},
		{0xdfe3d0, " cable adapter tools petbed petbowl leash litter brush "},
		{0xdddaea, " carcharger mount vr bedding quilt notebook pen "},
		{0xf0d9cd, " band watchdock tracker pot pan giftbox "},
		{0xd9dcec, " stick tripod suitcase backpack umbrella castle "},
		{0xf2dfc8, " headset speaker cushion sofa "},
		{0xd6e6d7, " card sim flower ornament fan "},
	} {
		if strings.Contains(f.kinds, " "+string(kind)+" ") {
			ground = f.tint
		}
	}
	if main.bright() > 200 {
		return ground.darker(16)
	}
	return ground
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
