package picture

func textile(kind Kind) *shape {
	switch kind {
	case "bedding":
		return &shape{bedding, false}
	case "blanket":
		return &shape{blanket, false}
	case "quilt":
		return &shape{quilt, false}
	case "pillow":
		return &shape{pillow, false}
	case "mattress":
		return &shape{mattress, false}
	case "mat":
		return &shape{mat, false}
	case "rug":
		return &shape{rug, false}
	case "cushion":
		return &shape{cushion, true}
	case "curtain":
		return &shape{curtain, false}
	case "towel":
		return &shape{towel, false}
	case "babywear":
		return &shape{babywear, true}
	case "underwear":
		return &shape{underwear, true}
	}
	return nil
}

// weave lays one of a few patterns over a box of cloth.
func (c *canvas) weave(x, y, w, h int) {
	c.put(`<g stroke="%s" fill="%s" opacity=".5">`, c.light, c.light)
	switch c.d.N(4) {
	case 0:
		for i := x + 18; i < x+w; i += 30 {
			c.put(`<path d="M%d %dv%d" stroke-width="8"/>`, i, y, h)
		}
	case 1:
		for i := x + 20; i < x+w; i += 40 {
			c.put(`<path d="M%d %dv%d" stroke-width="3"/>`, i, y, h)
		}
		for i := y + 20; i < y+h; i += 40 {
			c.put(`<path d="M%d %dh%d" stroke-width="3"/>`, x, i, w)
		}
	case 2:
		for j := 0; j*26+y+14 < y+h; j++ {
			for i := x + 14 + j%2*16; i < x+w; i += 32 {
				c.put(`<circle cx="%d" cy="%d" r="4" stroke="none"/>`, i, y+14+j*26)
			}
		}
	case 3:
		for i := y + 16; i < y+h-8; i += 28 {
			c.put(`<path d="M%d %dh%d" stroke-width="5" stroke-dasharray="14 10"/>`, x, i, w)
		}
	}
	c.put(`</g>`)
}

func bedding(c *canvas) {
	c.rect(70, 96, 260, 130, 22, timber)
	c.rect(88, 166, 104, 70, 24, pale)
	c.rect(208, 166, 104, 70, 24, pale)
	c.line("M104 200q36 14 72 0M224 200q36 14 72 0", c.light, 3)
	c.path("M62 250q0-30 30-30h216q30 0 30 30v82H62z", body)
	c.weave(66, 252, 268, 78)
	c.path("M62 250q0-30 30-30h216q30 0 30 30v12q-138 26-276 0z", pale)
	c.rect(58, 326, 284, 14, 7, timber)
}

func blanket(c *canvas) {
	for i := range 3 {
		y := 284 - i*52
		fill := []any{shade, body, pale}[i]
		c.rect(84+i*8, y, 232-i*16, 60, 26, fill)
	}
	c.fade(60, func() { c.line("M112 300h170M112 322h170M118 250h160", c.light, 4) })
	c.path("M120 190q80-40 160 0v30q-80-26-160 0z", body)
	for x := 130; x < 280; x += 18 {
		c.put(`<path d="M%d 340v14" stroke="%s" stroke-width="4" stroke-linecap="round"/>`, x, c.dark)
	}
	c.rect(176, 176, 48, 168, 6, c.accent)
	c.fade(40, func() { c.line("M188 180v160M212 180v160", "#ffffff", 3) })
}

func quilt(c *canvas) {
	c.rect(76, 268, 248, 74, 36, shade)
	c.rect(82, 204, 236, 80, 38, body)
	c.rect(92, 146, 216, 74, 36, pale)
	c.put(`<g fill="none" stroke="%s" stroke-width="3" opacity=".8"><path d="M130 204q-14 40 0 80M178 204q-14 40 0 80M226 204q-14 40 0 80M274 204q-14 40 0 80"/><path d="M136 146q-12 36 0 74M184 146q-12 36 0 74M232 146q-12 36 0 74"/></g>`, c.light)
	c.line("M120 306h160", c.main, 4)
	c.path("M168 148q-18-64 70-82 6 50-40 74-16 8-30 8z", "#fbfaf6")
	c.line("M172 144q22-40 56-66M190 116l4-20M204 102l20 2", "#c9cfd4", 3)
}

func pillow(c *canvas) {
	c.path("M84 250c-18-50-10-96 10-104 60 16 152 16 212 0 20 8 28 54 10 104 14 30 10 62-6 70-70-14-150-14-220 0-16-8-20-40-6-70z", shade)
	c.path("M80 222c-18-50-10-96 10-104 60 16 160 16 220 0 20 8 28 54 10 104 14 40 8 72-8 82-74-16-150-16-224 0-16-10-22-42-8-82z", body)
	c.put(`<path d="M104 136c60 12 132 12 192 0 12 12 14 44 2 84 10 30 8 52 0 64-66-12-130-12-196 0-8-12-10-34 0-64-12-40-10-72 2-84z" fill="none" stroke="%s" stroke-width="3" stroke-dasharray="6 7"/>`, c.light)
	c.fade(70, func() {
		c.line("M112 146q24 12 34 34M288 146q-24 12-34 34M112 272q20-8 32-26M288 272q-20-8-32-26", c.dark, 4)
	})
	c.weave(150, 158, 100, 96)
}

func mattress(c *canvas) {
	c.rect(56, 238, 288, 94, 24, shade)
	c.rect(56, 206, 288, 76, 24, body)
	c.rect(56, 190, 288, 50, 24, pale)
	c.fade(70, func() { c.line("M84 262h232M84 304h232", c.light, 4) })
	for x := 92; x < 330; x += 36 {
		c.circle(x, 214, 4, c.main)
	}
	c.rect(84, 142, 110, 60, 26, "#ffffff")
	c.rect(206, 142, 110, 60, 26, pale)
}

func mat(c *canvas) {
	c.path("M104 150h192l52 176H52z", shade)
	c.path("M104 142h192l52 176H52z", body)
	c.put(`<path d="M118 156h164l42 148H76z" fill="none" stroke="%s" stroke-width="5"/>`, c.light)
	c.fade(50, func() { c.line("M108 190h184M100 220h200M92 250h216M84 280h232", c.light, 4) })
	c.put(`<g fill="%s" opacity=".85"><circle cx="200" cy="230" r="26"/><circle cx="200" cy="230" r="14" fill="%s"/></g>`, c.accent, c.light)
}

func rug(c *canvas) {
	c.path("M92 152h216l44 180H48z", body)
	c.path("M112 166h176l32 148H80z", pale)
	c.path("M200 178l70 62-70 62-70-62z", c.accent)
	c.path("M200 202l42 38-42 38-42-38z", body)
	c.path("M112 166l36 0-44 38zM288 166l-36 0 44 38zM80 314l40 0-32-40zM320 314l-40 0 32-40z", c.dark)
	for x := range 18 {
		c.put(`<path d="M%d 334l-2 14M%d 150l1-10" stroke="%s" stroke-width="4" stroke-linecap="round"/>`, 52+x*17, 96+x*12, c.dark)
	}
}

func cushion(c *canvas) {
	c.path("M92 104c36 14 180 14 216 0 16 16 16 28 8 60-10 40-10 60 0 100 8 34 4 46-10 62-40-14-176-14-214 0-14-14-16-30-8-62 10-40 10-60 0-100-8-32-8-44 8-60z", shade)
	c.path("M92 96c36 14 180 14 216 0 16 16 16 28 8 60-10 40-10 60 0 100 8 34 4 46-10 62-40-14-176-14-214 0-14-14-16-30-8-62 10-40 10-60 0-100-8-32-8-44 8-60z", body)
	c.weave(112, 118, 176, 184)
	c.put(`<path d="M200 150c30 10 50 30 60 60-10 30-30 50-60 60-30-10-50-30-60-60 10-30 30-50 60-60z" fill="%s" opacity=".9"/><circle cx="200" cy="210" r="14" fill="%s"/>`, c.accent, c.light)
}

func curtain(c *canvas) {
	c.rect(98, 86, 204, 232, 6, "#dbe9f0")
	c.fade(80, func() { c.circle(232, 150, 26, "#fff3cf") })
	c.line("M200 86v232M98 200h204", "#ffffff", 7)
	c.path("M70 76h78c6 90-4 180-44 262H62c10-90 12-170 8-262z", body)
	c.path("M330 76h-78c-6 90 4 180 44 262h42c-10-90-12-170-8-262z", body)
	c.fade(75, func() {
		c.line("M94 80c4 90-2 180-18 254M122 80c4 90-4 180-32 254M306 80c-4 90 2 180 18 254M278 80c-4 90 4 180 32 254", c.dark, 5)
		c.line("M82 80c2 90-2 180-10 254M318 80c-2 90 2 180 10 254", c.light, 4)
	})
	c.line("M56 70h288", "#8d6a52", 11)
	c.circle(54, 70, 11, "#8d6a52")
	c.circle(346, 70, 11, "#8d6a52")
}

func towel(c *canvas) {
	c.rect(84, 280, 232, 60, 26, shade)
	c.rect(92, 232, 216, 60, 26, body)
	c.rect(100, 184, 200, 60, 26, pale)
	c.line("M130 214h140", c.main, 7)
	c.line("M130 262h140", c.light, 7)
	c.line("M130 310h140", c.main, 7)
	c.put(`<g transform="translate(0 -4)"><rect x="138" y="98" width="124" height="84" rx="40" fill="url(#m)"/><circle cx="222" cy="140" r="40" fill="%s"/></g>`, c.light)
	c.put(`<path d="M222 136m-26 0a26 26 0 1 1 26 26a18 18 0 1 1-10-34a10 10 0 1 1 8 18" fill="none" stroke="%s" stroke-width="5" stroke-linecap="round"/>`, c.dark)
}

func babywear(c *canvas) {
	c.path("M150 84l-72 44 26 60 30-14v130q0 12 10 16l30 14q26-24 52 0l30-14q10-4 10-16V174l30 14 26-60-72-44q-50 40-100 0z", shade)
	c.path("M150 78l-72 44 26 60 30-14v130q0 12 10 16l30 14q26-24 52 0l30-14q10-4 10-16V168l30 14 26-60-72-44q-50 40-100 0z", body)
	c.fade(75, func() { c.line("M138 186h124M138 214h124M138 242h124M140 270h120", c.light, 8) })
	c.line("M150 78q50 46 100 0", c.light, 8)
	c.circle(182, 318, 5, c.light)
	c.circle(200, 312, 5, c.light)
	c.circle(218, 318, 5, c.light)
	c.path("M200 168c-10-14-30-4-24 12 4 12 24 24 24 24s20-12 24-24c6-16-14-26-24-12z", c.accent)
}

func underwear(c *canvas) {
	c.path("M84 120h232l10 150-88 30q-18-50-38-50t-38 50l-88-30z", shade)
	c.path("M84 112h232l10 150-88 30q-18-50-38-50t-38 50l-88-30z", body)
	c.path("M84 112h232l3 40H81z", c.dark)
	c.fade(90, func() { c.line("M104 132h26M150 132h26M196 132h26M242 132h26M288 132h10", c.light, 6) })
	c.line("M170 156q0 60-40 112M230 156q0 60 40 112", c.light, 3)
}
