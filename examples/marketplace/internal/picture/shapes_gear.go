package picture

func gear(kind Kind) *shape {
	switch kind {
	case "mount":
		return &shape{mount, false}
	case "band":
		return &shape{band, true}
	case "tracker":
		return &shape{tracker, true}
	case "lens":
		return &shape{lens, true}
	case "tripod":
		return &shape{tripod, false}
	case "stick":
		return &shape{stick, true}
	case "vr":
		return &shape{vr, false}
	case "headset":
		return &shape{headset, true}
	case "speaker":
		return &shape{speaker, false}
	case "suitcase":
		return &shape{suitcase, false}
	case "backpack":
		return &shape{backpack, false}
	case "umbrella":
		return &shape{umbrella, true}
	}
	return nil
}

func mount(c *canvas) {
	c.oval(200, 330, 80, 18, c.deep)
	c.oval(200, 322, 80, 18, body)
	c.line("M200 318c0-50 40-50 24-100", c.deep, 20)
	c.line("M200 318c0-50 40-50 24-100", c.main, 12)
	c.turn(8, 210, 160, func() {
		c.rect(126, 74, 148, 168, 20, shade)
		c.rect(146, 50, 108, 206, 18, "#1d2127")
		c.rect(155, 64, 90, 176, 8, screen)
		c.path("M200 108l26 56-26-12-26 12z", "#ffffff")
		c.line("M172 214q28-26 56 0", "#ffffff", 5)
		c.rect(112, 120, 36, 62, 12, body)
		c.rect(252, 120, 36, 62, 12, body)
	})
}

func band(c *canvas) {
	c.path("M152 40h96l10 96H142z", body)
	c.path("M142 264h116l-10 100q-2 10-12 10h-72q-10 0-12-10z", body)
	c.fade(60, func() { c.line("M176 50l-6 80M224 50l6 80M200 50v80", c.light, 3) })
	for i := range 4 {
		c.oval(200, 290+i*19, 7, 4, c.deep)
	}
	c.rect(132, 122, 136, 156, 38, shade)
	c.rect(136, 126, 128, 148, 34, steel)
	c.rect(146, 136, 108, 128, 26, "#15181d")
	c.rect(266, 176, 12, 44, 6, steel)
	c.put(`<g fill="none" stroke-width="9" stroke-linecap="round"><circle cx="200" cy="200" r="40" stroke="%s" stroke-dasharray="190 70"/><circle cx="200" cy="200" r="26" stroke="%s" stroke-dasharray="110 60"/></g>`, c.accent, c.light)
	c.path("M146 162a26 26 0 0 1 26-26h40l-66 100z", glass)
}

func tracker(c *canvas) {
	c.put(`<circle cx="200" cy="84" r="34" fill="none" stroke="#9aa2aa" stroke-width="10"/>`)
	c.rect(114, 118, 176, 206, 44, shade)
	c.rect(110, 112, 176, 206, 44, body)
	c.circle(198, 140, 13, c.deep)
	c.rect(136, 172, 124, 122, 28, pale)
	c.put(`<g fill="none" stroke="%s" stroke-width="9" stroke-linecap="round"><path d="M180 222a26 26 0 0 1 36 0"/><path d="M164 204a50 50 0 0 1 68 0" opacity=".6"/></g>`, c.accent)
	c.circle(198, 248, 11, c.accent)
	c.path("M110 156a44 44 0 0 1 44-44h50l-94 160z", glass)
}

func lens(c *canvas) {
	c.rect(94, 92, 86, 250, 18, "#2b3037")
	c.rect(102, 104, 70, 226, 10, "#454d58")
	c.circle(222, 206, 112, c.deep)
	c.circle(218, 202, 110, shade)
	c.circle(218, 202, 92, "#23282f")
	c.circle(218, 202, 74, screen)
	c.circle(218, 202, 50, "#1b222c")
	c.circle(218, 202, 34, c.accent.darker(35))
	c.oval(194, 172, 22, 14, "#ffffff")
	c.fade(50, func() { c.circle(244, 232, 11, "#ffffff") })
	c.put(`<circle cx="218" cy="202" r="101" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="5" stroke-dasharray="3 9"/>`)
}

func tripod(c *canvas) {
	c.line("M200 226L128 340M200 226l72 114M200 226v118", c.deep, 18)
	c.line("M200 226L128 340M200 226l72 114M200 226v118", c.main, 11)
	for _, at := range [][2]int{{128, 340}, {272, 340}, {200, 344}} {
		c.circle(at[0], at[1], 10, "#2b3037")
	}
	c.rect(182, 186, 36, 54, 12, shade)
	c.circle(200, 184, 16, steel)
	c.rect(84, 66, 232, 112, 18, "#1d2127")
	c.rect(98, 76, 204, 92, 8, screen)
	c.put(`<path d="M98 168l58-50 40 30 44-42 62 62z" fill="#fff" opacity=".55"/>`)
	c.circle(262, 98, 11, "#ffffff")
	c.rect(180, 166, 40, 24, 8, c.accent)
}

func stick(c *canvas) {
	c.turn(24, 200, 210, func() {
		c.rect(188, 158, 24, 110, 6, steel)
		c.rect(182, 236, 36, 130, 18, shade)
		c.rect(182, 232, 36, 130, 18, body)
		c.circle(200, 268, 9, c.accent)
		c.rect(188, 300, 24, 6, 3, c.dark)
		c.rect(188, 314, 24, 6, 3, c.dark)
		c.rect(120, 48, 160, 92, 16, "#1d2127")
		c.rect(132, 57, 136, 74, 7, screen)
		c.put(`<g fill="#fff" opacity=".9"><circle cx="188" cy="86" r="15"/><path d="M162 131a26 22 0 0 1 52 0z"/><circle cx="222" cy="92" r="11" opacity=".7"/><path d="M206 131a18 18 0 0 1 40 0z" opacity=".7"/></g>`)
		c.rect(176, 134, 48, 30, 10, body)
	})
}

func vr(c *canvas) {
	c.line("M84 190c-20-90 70-130 116-130s136 40 116 130", c.deep, 26)
	c.line("M84 190c-20-90 70-130 116-130s136 40 116 130", c.light, 12)
	c.path("M84 168q0-22 24-24 92-12 184 0 24 2 24 24v100q0 34-34 36l-36 2q-16 0-22-16-8-18-24-18t-24 18q-6 16-22 16l-36-2q-34-2-34-36z", shade)
	c.path("M84 164q0-22 24-24 92-12 184 0 24 2 24 24v94q0 34-34 36l-36 2q-16 0-22-16-8-18-24-18t-24 18q-6 16-22 16l-36-2q-34-2-34-36z", body)
	c.rect(108, 168, 184, 72, 30, "#1b2027")
	c.circle(154, 204, 27, screen)
	c.circle(246, 204, 27, screen)
	c.fade(80, func() {
		c.oval(145, 195, 9, 6, "#ffffff")
		c.oval(237, 195, 9, 6, "#ffffff")
	})
	c.path("M84 164q0-22 24-24 50-6 96-6L96 262q-12-8-12-22z", glass)
}

func headset(c *canvas) {
	if c.d.N(2) == 0 {
		c.line("M100 236c-10-220 210-220 200 0", c.deep, 24)
		c.line("M100 236c-10-220 210-220 200 0", c.main, 14)
		c.rect(78, 216, 56, 108, 26, shade)
		c.rect(72, 212, 56, 108, 26, body)
		c.rect(266, 216, 56, 108, 26, shade)
		c.rect(272, 212, 56, 108, 26, body)
		c.rect(118, 226, 22, 80, 11, c.deep)
		c.rect(260, 226, 22, 80, 11, c.deep)
		c.circle(96, 266, 10, c.accent)
		c.circle(304, 266, 10, c.accent)
		return
	}
	c.path("M196 92c52-24 108 8 108 66 0 40-26 60-50 70l-56 104q-12 20-34 8-18-12-8-34l46-94c-46-30-50-96-6-120z", shade)
	c.path("M190 88c52-24 108 8 108 66 0 40-26 60-50 70l-56 104q-12 20-34 8-18-12-8-34l46-94c-46-30-50-96-6-120z", body)
	c.circle(232, 152, 42, c.deep)
	c.circle(232, 152, 28, pale)
	c.circle(232, 152, 9, c.accent)
	c.oval(166, 322, 7, 5, c.light)
}

func speaker(c *canvas) {
	c.rect(84, 130, 232, 208, 44, shade)
	c.rect(84, 122, 232, 208, 44, body)
	c.put(`<g fill="%s" opacity=".55">`, c.deep)
	for y := range 8 {
		for x := range 12 {
			c.put(`<circle cx="%d" cy="%d" r="3"/>`, 112+x*16, 160+y*19)
		}
	}
	c.put(`</g>`)
	c.circle(200, 226, 68, shade)
	c.circle(200, 226, 54, c.deep)
	c.circle(200, 226, 34, body)
	c.circle(200, 226, 12, c.light)
	c.path("M84 166a44 44 0 0 1 44-44h80L84 280z", glass)
	c.line("M170 104q30-20 60 0", c.accent, 8)
	c.fade(60, func() { c.line("M150 80q50-34 100 0", c.accent, 8) })
}

func suitcase(c *canvas) {
	c.line("M164 92V56h72v36", "#8f979f", 10)
	c.circle(138, 342, 11, "#2b3037")
	c.circle(262, 342, 11, "#2b3037")
	c.rect(106, 88, 192, 250, 28, shade)
	c.rect(102, 84, 192, 250, 28, body)
	c.fade(70, func() { c.line("M134 104v210M162 104v210M234 104v210M262 104v210", c.light, 6) })
	c.rect(176, 186, 44, 46, 10, c.deep)
	c.rect(184, 196, 28, 8, 4, "#e9d9a4")
	c.rect(170, 80, 56, 14, 7, c.deep)
	c.path("M102 112a28 28 0 0 1 28-28h70l-98 170z", glass)
}

func backpack(c *canvas) {
	c.line("M168 96c0-60 64-60 64 0", c.deep, 13)
	c.path("M96 200c-26 20-26 80-12 116h30zM304 200c26 20 26 80 12 116h-30z", shade)
	c.path("M102 170c0-64 44-90 98-90s98 26 98 90v140q0 34-34 34H136q-34 0-34-34z", body)
	c.path("M102 176c0-70 44-96 98-96s98 26 98 96c-60 30-136 30-196 0z", shade)
	c.rect(132, 226, 136, 92, 20, pale)
	c.line("M132 256h136", c.dark, 5)
	c.rect(186, 176, 28, 46, 8, c.accent)
	c.circle(200, 208, 5, "#ffffff")
}

func umbrella(c *canvas) {
	c.line("M200 96v206q0 36 34 36t34-32", "#5b4a3c", 12)
	c.path("M60 214C66 116 128 76 200 76s134 40 140 138q-24-26-47 0-23-26-46 0-24-28-47 0-23-28-47 0-23-26-46 0-23-26-47 0z", body)
	c.path("M153 214C150 130 176 90 200 76c24 14 50 54 47 138q-24-28-47 0-23-28-47 0z", pale)
	c.line("M200 76V56", "#5b4a3c", 9)
}
