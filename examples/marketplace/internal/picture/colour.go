package picture

import "fmt"

// Colours lists every colour a thing can have, for tables that must cover them.
func Colours() []Colour {
	return []Colour{
		"black", "white", "clear", "gray", "silver", "gold", "rose", "pink", "red", "orange",
		"yellow", "green", "mint", "turquoise", "blue", "navy", "purple", "brown", "beige", "wood",
	}
}

func (c Colour) known() bool { return c.hex() != 0 }

// hex returns the colour itself, 0 where there is none of that name.
func (c Colour) hex() rgb {
	switch c {
	case "black":
		return 0x34373e
	case "white":
		return 0xf3f1ec
	case "clear":
		return 0xdce8ea
	case "gray":
		return 0x8b9198
	case "silver":
		return 0xc5cad0
	case "gold":
		return 0xd4b06a
	case "rose":
		return 0xdba797
	case "pink":
		return 0xe58fa6
	case "red":
		return 0xc6504a
	case "orange":
		return 0xe08a4b
	case "yellow":
		return 0xe6c458
	case "green":
		return 0x5d9b72
	case "mint":
		return 0x9bcdb6
	case "turquoise":
		return 0x4fa9ab
	case "blue":
		return 0x4f86c0
	case "navy":
		return 0x36507c
	case "purple":
		return 0x8a72b0
	case "brown":
		return 0x8d6a52
	case "beige":
		return 0xd9c7a8
	case "wood":
		return 0xc39a6b
	}
	return 0
}

// rgb is a colour of 8 bits a part.
type rgb uint32

func (c rgb) parts() (r, g, b int) { return int(c >> 16 & 255), int(c >> 8 & 255), int(c & 255) }

// mix returns c with percent of o in it.
func (c rgb) mix(o rgb, percent int) rgb {
	r, g, b := c.parts()
	s, t, u := o.parts()
	part := func(from, to int) rgb { return rgb(from + (to-from)*percent/100) } //nolint:gosec // between two bytes
	return part(r, s)<<16 | part(g, t)<<8 | part(b, u)
}

func (c rgb) lighter(percent int) rgb { return c.mix(0xffffff, percent) }
func (c rgb) darker(percent int) rgb  { return c.mix(0x1c2026, percent) }

// bright returns how light the colour looks, from 0 to 255.
func (c rgb) bright() int {
	r, g, b := c.parts()
	return (r*30 + g*59 + b*11) / 100
}

func (c rgb) String() string { return fmt.Sprintf("#%06x", uint32(c)) }
