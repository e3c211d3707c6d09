package picture

func household(kind Kind) *shape {
	switch kind {
	case "petbed":
		return &shape{petBed, false}
	case "petbowl":
		return &shape{petBowl, false}
	case "leash":
		return &shape{leash, true}
	case "litter":
		return &shape{litter, false}
	case "brush":
		return &shape{brush, true}
	case "pot":
		return &shape{pot, false}
	case "pan":
		return &shape{pan, true}
	case "giftbox":
		return &shape{giftBox, false}
	case "pen":
		return &shape{pen, true}
	case "notebook":
		return &shape{notebook, true}
	case "pastry":
		return &shape{pastry, false}
	case "cookies":
		return &shape{cookies, false}
	case "zongzi":
		return &shape{zongzi, false}
	case "castle":
		return &shape{castle, false}
	}
	return nil
}

// paw marks what belongs to an animal.
func (c *canvas) paw(x, y int, fill any) {
	c.oval(x, y+10, 17, 14, fill)
	c.circle(x-19, y-6, 7, fill)
	c.circle(x-7, y-15, 7, fill)
	c.circle(x+7, y-15, 7, fill)
	c.circle(x+19, y-6, 7, fill)
}

func petBed(c *canvas) {
	switch c.d.N(2) {
	case 0:
		c.path("M60 250q0-60 50-60h180q50 0 50 60v40q0 50-50 50H110q-50 0-50-50z", body)
		c.oval(200, 236, 112, 46, shade)
		c.oval(200, 246, 104, 40, pale)
		c.path("M152 236c0-34 24-50 50-50s44 16 46 38c22 2 22 34-4 34h-80q-12-4-12-22z", "#cfa06a")
		c.path("M156 214l-4-34 26 18zM214 192l22-20 6 32z", "#b88752")
		c.line("M178 222q6 6 12 0M206 222q6 6 12 0", "#5b4a3c", 4)
		c.paw(200, 308, c.light)
	case 1:
		c.path("M200 66L76 176v152q0 14 14 14h220q14 0 14-14V176z", body)
		c.path("M200 52L50 184l20 20L200 92l130 112 20-20z", shade)
		c.path("M136 342v-78a64 64 0 0 1 128 0v78z", c.deep)
		c.path("M146 342q0-30 54-30t54 30z", pale)
		c.paw(200, 156, c.light)
	}
}

func petBowl(c *canvas) {
	c.oval(200, 214, 126, 34, c.deep)
	c.oval(200, 210, 118, 28, "#8d6a52")
	for i := range 9 {
		c.circle(112+i*22, 202-i%3*9, 15, []string{"#b98a5a", "#a87848", "#c79a6a"}[i%3])
	}
	c.path("M74 214c4 60 18 92 30 110q8 16 26 16h140q18 0 26-16c12-18 26-50 30-110-30 30-222 30-252 0z", body)
	c.path("M92 300q6 14 12 24 8 16 26 16h140q18 0 26-16 6-10 12-24-108 22-216 0z", shade)
	c.paw(200, 278, c.light)
}

func leash(c *canvas) {
	c.put(`<circle cx="180" cy="230" r="96" fill="none" stroke="%s" stroke-width="26"/>`, c.deep)
	c.put(`<circle cx="176" cy="226" r="96" fill="none" stroke="%s" stroke-width="24"/>`, c.main)
	c.put(`<circle cx="176" cy="226" r="96" fill="none" stroke="%s" stroke-width="5" stroke-dasharray="12 10"/>`, c.light)
	c.line("M250 160c30-40 60-30 70-80", c.main, 17)
	c.rect(296, 46, 46, 44, 16, shade)
	c.circle(176, 330, 24, "#e9d9a4")
	c.put(`<circle cx="176" cy="330" r="24" fill="none" stroke="#b59f62" stroke-width="4"/>`)
	c.put(`<g transform="translate(176 332) scale(.55) translate(-176 -332)">`)
	c.paw(176, 332, "#8d7740")
	c.put(`</g>`)
}

func litter(c *canvas) {
	c.path("M78 226h244l-20 100q-4 16-20 16H118q-16 0-20-16z", body)
	c.rect(64, 204, 272, 32, 16, shade)
	c.path("M88 204c10-100 60-130 112-130s102 30 112 130z", pale)
	c.path("M142 204c0-60 20-90 58-90s58 30 58 90z", c.deep)
	c.path("M168 204c-4-40 10-58 32-58s36 18 32 58z", "#e9e4da")
	c.path("M172 162l-6-28 22 14zM228 162l6-28-22 14z", "#e9e4da")
	c.circle(189, 176, 4, "#2b3037")
	c.circle(211, 176, 4, "#2b3037")
	c.paw(200, 288, c.light)
}

func brush(c *canvas) {
	c.turn(35, 200, 200, func() {
		c.rect(172, 190, 56, 160, 28, shade)
		c.rect(168, 186, 56, 160, 28, body)
		c.rect(116, 82, 166, 116, 40, shade)
		c.rect(112, 78, 166, 116, 40, body)
		c.rect(128, 92, 134, 88, 28, pale)
		for y := range 4 {
			for x := range 6 {
				c.circle(146+x*20, 108+y*19, 5, c.accent)
			}
		}
		c.circle(196, 312, 10, c.light)
	})
}

func pot(c *canvas) {
	c.path("M80 200h240l-12 106q-4 34-40 34H132q-36 0-40-34z", shade)
	c.path("M80 194h240l-12 106q-4 34-40 34H132q-36 0-40-34z", body)
	c.line("M84 232c-50-6-50-44-4-36M316 232c50-6 50-44 4-36", c.dark, 14)
	c.path("M76 190c0-60 60-86 124-86s124 26 124 86z", body)
	c.path("M76 190c0-60 60-86 124-86 10 0 20 1 30 2-70 4-120 30-126 84z", c.light)
	c.rect(68, 184, 264, 18, 9, shade)
	c.rect(184, 92, 32, 16, 6, c.deep)
	c.oval(200, 84, 26, 13, steel)
	c.fade(50, func() { c.line("M116 226l8 78", "#ffffff", 9) })
}

func pan(c *canvas) {
	c.turn(38, 180, 200, func() {
		c.rect(270, 186, 120, 28, 14, timber)
		c.circle(372, 200, 6, "#6b4f34")
		c.rect(258, 188, 34, 24, 8, steel)
	})
	c.circle(174, 206, 122, c.deep)
	c.circle(170, 200, 122, body)
	c.circle(170, 200, 100, "#34393f")
	c.circle(170, 200, 92, "#42484f")
	c.path("M120 206c-6-34 26-54 54-46 34-10 64 18 50 48 10 30-22 50-50 40-30 10-60-10-54-42z", "#fffdf6")
	c.circle(172, 204, 24, "#f2b84b")
	c.oval(164, 196, 8, 5, "#fbe3a6")
}

func giftBox(c *canvas) {
	c.rect(88, 188, 224, 154, 12, shade)
	c.rect(88, 184, 224, 150, 12, body)
	c.rect(74, 148, 252, 58, 12, pale)
	c.rect(182, 148, 36, 188, 0, c.accent)
	c.path("M200 148c-20-60-90-70-90-28 0 26 50 28 90 28zM200 148c20-60 90-70 90-28 0 26-50 28-90 28z", c.accent)
	c.path("M200 146c-16-34-56-44-60-24-2 18 30 22 60 24zM200 146c16-34 56-44 60-24 2 18-30 22-60 24z", c.accent.darker(30))
	c.circle(200, 146, 15, c.accent.lighter(20))
}

func pen(c *canvas) {
	c.turn(38, 200, 200, func() {
		c.rect(182, 40, 40, 118, 18, shade)
		c.rect(178, 40, 40, 118, 18, body)
		c.rect(210, 54, 9, 84, 4, "#e6cf8a")
		c.rect(176, 152, 44, 13, 4, "#d9bd6c")
		c.rect(181, 165, 34, 120, 8, body)
		c.rect(181, 165, 12, 120, 6, c.light)
		c.path("M181 285h34l-12 62q-5 14-10 0z", steel)
		c.line("M198 300v36", "#59616a", 3)
		c.rect(181, 279, 34, 9, 2, "#d9bd6c")
	})
	c.fade(55, func() { c.line("M70 318c30-24 40 18 70-4s34 10 56-4", c.main, 6) })
}

func notebook(c *canvas) {
	c.rect(114, 72, 190, 268, 14, c.deep)
	c.rect(122, 66, 178, 268, 8, "#fbf8f1")
	c.rect(104, 62, 188, 270, 14, body)
	c.rect(104, 62, 30, 270, 12, shade)
	c.rect(160, 112, 104, 60, 8, "#fbf8f1")
	c.line("M176 134h72M176 152h44", c.main, 5)
	c.rect(256, 62, 12, 270, 0, c.accent)
	c.path("M204 332h20v26l-10-8-10 8z", c.accent)
}

func pastry(c *canvas) {
	c.oval(200, 316, 146, 30, "#e8e3d8")
	c.oval(200, 308, 146, 30, "#fbf9f4")
	for i, at := range [][2]int{{138, 262}, {262, 262}, {200, 196}} {
		x, y := at[0], at[1]
		c.oval(x, y+20, 62, 34, "#a8713a")
		c.put(`<path d="M%d %dc0-48 28-62 62-62s62 14 62 62v12q-62 26-124 0z" fill="#e2b266"/>`, x-62, y+8)
		c.put(`<path d="M%d %dc6-34 26-42 50-42" fill="none" stroke="#f4d79c" stroke-width="8" stroke-linecap="round"/>`, x-48, y)
		c.oval(x, y-26, 20, 10, c.main)
		for k := range 4 {
			c.oval(x-18+k*12, y-34+(i+k)%2*9, 4, 2, "#5b4327")
		}
	}
}

func cookies(c *canvas) {
	c.path("M84 214h232v104q0 24-24 24H108q-24 0-24-24z", body)
	c.rect(72, 196, 256, 30, 10, shade)
	c.rect(84, 256, 232, 40, 0, pale)
	for _, at := range [][2]int{{132, 172}, {200, 146}, {268, 172}, {164, 196}, {236, 196}} {
		c.circle(at[0], at[1]+4, 38, "#9c6a38")
		c.circle(at[0], at[1], 38, "#d9a35f")
		for k := range 5 {
			c.circle(at[0]-20+k*10, at[1]-12+k*7%22, 5, "#6b4426")
		}
	}
	c.path("M84 222h232v36H84z", body)
	c.rect(72, 206, 256, 22, 10, shade)
	c.path("M200 262c-8-12-26-4-20 10 4 10 20 18 20 18s16-8 20-18c6-14-12-22-20-10z", c.accent)
}

func zongzi(c *canvas) {
	c.oval(200, 320, 150, 26, "#e8e3d8")
	c.oval(200, 312, 150, 26, "#fbf9f4")
	for _, at := range [][4]int{{262, 214, 62, 0x7dad6f}, {148, 196, 84, 0x5f8f57}} {
		x, y, r, leaf := at[0], at[1], at[2], rgb(at[3]) //nolint:gosec // three bytes
		c.put(`<g transform="translate(%d %d) scale(%d.%02d)">`, x, y, r/100, r%100)
		c.path("M0-138q18-8 30 12L128 62q14 30-14 42-114 36-228 0-28-12-14-42L-30-126q12-20 30-12z", leaf.darker(22))
		c.path("M0-138q18-8 30 12L128 62q8 18 2 30Q10 40 0-138z", leaf)
		c.path("M0-138q-18-8-30 12L-128 62q-8 18-2 30Q-10 40 0-138z", leaf.lighter(24))
		c.line("M-8-90Q-30 10-104 74M14-84Q40 20 106 74", leaf.darker(10), 4)
		c.line("M-98 24Q0 66 98 24M-116 62Q0 112 116 62M-62-44Q0-18 62-44", "#c9503f", 9)
		c.line("M0 46l-34 40M0 46l34 40M0 46q-44-20-40-34t40 34q44-20 40-34T0 46", "#c9503f", 8)
		c.put(`</g>`)
	}
	c.circle(148, 236, 6, c.accent)
}

func castle(c *canvas) {
	c.path("M84 170h40v-24h28v24h32v-40h32v40h32v-24h28v24h40v150q0 22-22 22H106q-22 0-22-22z", shade)
	c.path("M84 164h40v-24h28v24h32v-40h32v40h32v-24h28v24h40v150q0 22-22 22H106q-22 0-22-22z", body)
	c.path("M162 336v-66a38 38 0 0 1 76 0v66z", c.deep)
	c.line("M200 236v100M166 290h68", c.main, 5)
	c.rect(112, 204, 26, 44, 13, c.deep)
	c.rect(262, 204, 26, 44, 13, c.deep)
	c.line("M200 124V62", "#5b4a3c", 7)
	c.path("M202 62h56l-16 18 16 18h-56z", c.accent)
	c.fade(50, func() { c.line("M96 190h40M150 200h30M230 196h40M100 270h30M264 280h36", c.light, 5) })
}
