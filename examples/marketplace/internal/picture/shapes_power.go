package picture

func powered(kind Kind) *shape {
	switch kind {
	case "charger":
		return &shape{charger, true}
	case "powerbank":
		return &shape{powerBank, true}
	case "pad":
		return &shape{pad, false}
	case "dock":
		return &shape{dock, false}
	case "battery":
		return &shape{battery, true}
	case "cable":
		return &shape{cable, true}
	case "adapter":
		return &shape{adapter, true}
	case "carcharger":
		return &shape{carCharger, true}
	case "booster":
		return &shape{booster, false}
	case "hotspot":
		return &shape{hotspot, false}
	case "watchdock":
		return &shape{watchDock, false}
	}
	return nil
}

func charger(c *canvas) {
	c.rect(162, 66, 16, 60, 5, steel)
	c.rect(222, 66, 16, 60, 5, steel)
	c.rect(118, 116, 164, 176, 34, shade)
	c.rect(118, 112, 164, 172, 34, body)
	c.rect(136, 128, 128, 140, 24, pale)
	ports := 1 + c.d.N(2)
	for i := range ports {
		x := 200 - ports*32 + i*64
		c.rect(x+8, 214, 48, 22, 5, c.deep)
		c.rect(x+13, 223, 38, 8, 2, "#e8ecef")
	}
	c.path("M206 146l-20 32h14l-6 24 24-34h-16z", c.accent)
	c.path("M118 146a34 34 0 0 1 34-34h50l-84 140z", glass)
	c.line("M200 288c0 40-70 30-70 60", c.deep, 8)
}

func powerBank(c *canvas) {
	switch c.d.N(3) {
	case 0:
		c.rect(128, 66, 150, 282, 30, shade)
		c.rect(124, 62, 150, 282, 30, body)
		c.rect(178, 52, 42, 16, 5, c.deep)
		for i := range 4 {
			paint := any("#a7e0b4")
			if i == 3 {
				paint = c.dark
			}
			c.circle(172+i*18, 100, 5, paint)
		}
		c.path("M210 166l-40 62h28l-12 48 48-68h-32z", c.light)
		c.path("M124 92a30 30 0 0 1 30-30h60L124 250z", glass)
	case 1:
		c.rect(146, 60, 112, 290, 52, shade)
		c.rect(142, 58, 112, 286, 52, body)
		c.rect(142, 120, 112, 12, 0, c.dark)
		c.rect(178, 72, 40, 16, 5, c.deep)
		c.circle(198, 226, 22, c.light)
		c.line("M198 214v14M188 220a14 14 0 1 0 20 0", c.deep, 4)
		c.path("M142 110a52 52 0 0 1 52-52l-52 200z", glass)
	case 2:
		c.rect(74, 132, 256, 160, 30, shade)
		c.rect(70, 126, 256, 160, 30, body)
		c.rect(284, 160, 28, 16, 4, c.deep)
		c.rect(284, 190, 28, 16, 4, c.deep)
		c.rect(284, 222, 28, 10, 5, c.deep)
		c.rect(96, 152, 150, 108, 18, pale)
		c.path("M180 168l-34 46h24l-10 36 40-50h-26z", c.accent)
		c.path("M70 156a30 30 0 0 1 30-30h120L70 240z", glass)
	}
}

func pad(c *canvas) {
	c.oval(200, 292, 150, 44, c.deep)
	c.oval(200, 280, 150, 44, body)
	c.oval(200, 276, 118, 32, pale)
	c.oval(200, 276, 60, 16, c.main)
	c.turn(-8, 200, 190, func() {
		c.rect(116, 150, 170, 92, 16, "#20252c")
		c.rect(128, 158, 146, 76, 6, screen)
		c.path("M209 168l-24 30h16l-6 26 28-34h-18z", "#ffffff")
	})
	for i := range 3 {
		c.fade(60-i*15, func() {
			c.line([]string{"M140 128q60-30 120 0", "M156 104q44-20 88 0", "M172 82q28-12 56 0"}[i], c.accent, 7)
		})
	}
}

func dock(c *canvas) {
	c.turn(-5, 200, 180, func() {
		c.rect(140, 62, 118, 222, 20, "#20252c")
		c.rect(149, 76, 100, 192, 8, screen)
		c.put(`<g fill="#fff" opacity=".85"><rect x="168" y="120" width="62" height="16" rx="8"/><rect x="180" y="146" width="38" height="8" rx="4"/></g>`)
		c.path("M149 84a8 8 0 0 1 8-8h54l-62 130z", glass)
	})
	c.path("M104 296q4-40 40-40h112q36 0 40 40l8 34q2 14-14 14H110q-16 0-14-14z", body)
	c.path("M98 322h204l2 8q2 14-14 14H110q-16 0-14-14z", shade)
	c.rect(180, 282, 40, 8, 4, c.light)
}

func battery(c *canvas) {
	c.rect(126, 84, 148, 252, 16, shade)
	c.rect(122, 80, 148, 252, 16, body)
	c.rect(122, 80, 148, 46, 14, "#2b3037")
	for i := range 4 {
		c.rect(140+i*31, 92, 18, 20, 3, "#e6c458")
	}
	c.rect(138, 144, 116, 170, 10, pale)
	c.path("M204 166l-40 62h28l-12 50 48-70h-32z", c.dark)
	c.line("M234 160h12M240 154v12M234 300h12", c.deep, 4)
	c.path("M122 96a16 16 0 0 1 16-16h70l-86 170z", glass)
}

func cable(c *canvas) {
	switch c.d.N(3) {
	case 0:
		c.line("M110 92v60c0 120 190 30 190 130 0 70-150 76-150-4 0-60 100-60 100-130V96", c.deep, 15)
		c.line("M110 92v60c0 120 190 30 190 130 0 70-150 76-150-4 0-60 100-60 100-130V96", c.main, 11)
	case 1:
		c.put(`<g fill="none" stroke="%s" stroke-width="12"><circle cx="200" cy="226" r="98"/><circle cx="204" cy="228" r="80"/><circle cx="198" cy="224" r="62"/></g>`, c.deep)
		c.put(`<g fill="none" stroke="%s" stroke-width="8"><circle cx="200" cy="226" r="98"/><circle cx="204" cy="228" r="80"/><circle cx="198" cy="224" r="62"/></g>`, c.main)
		c.rect(186, 268, 30, 64, 10, c.accent)
		c.line("M110 92v66q0 30 10 50M250 96v50q0 30 30 50", c.main, 9)
	case 2:
		c.line("M110 92v120a45 45 0 0 0 90 0v-30a50 50 0 0 1 100 0v90q0 60-60 60h-70", c.deep, 15)
		c.line("M110 92v120a45 45 0 0 0 90 0v-30a50 50 0 0 1 100 0v90q0 60-60 60h-70", c.main, 11)
		c.line("M250 96v20q0 16-20 30", c.main, 9)
	}
	c.rect(92, 92, 36, 56, 8, shade)
	c.rect(97, 58, 26, 36, 3, steel)
	c.rect(102, 66, 6, 8, 1, "#59616a")
	c.rect(112, 66, 6, 8, 1, "#59616a")
	c.rect(236, 92, 28, 56, 10, shade)
	c.rect(241, 66, 18, 28, 5, steel)
}

func adapter(c *canvas) {
	c.line("M200 196v40", c.deep, 14)
	c.rect(142, 76, 116, 122, 22, shade)
	c.rect(140, 72, 116, 122, 22, body)
	c.rect(160, 50, 76, 28, 5, steel)
	c.rect(172, 58, 14, 10, 2, "#59616a")
	c.rect(210, 58, 14, 10, 2, "#59616a")
	c.circle(198, 132, 24, pale)
	c.line("M186 140l12-24 12 24", c.accent, 5)
	c.rect(150, 234, 100, 108, 20, shade)
	c.rect(148, 230, 100, 108, 20, body)
	c.rect(166, 300, 64, 20, 8, c.deep)
	c.rect(172, 306, 52, 8, 4, "#dfe3e6")
	c.path("M140 94a22 22 0 0 1 22-22h40l-62 100z", glass)
}

func carCharger(c *canvas) {
	c.path("M168 250h64l-8 70q-4 24-24 24t-24-24z", steel)
	c.circle(200, 340, 9, "#c0504a")
	c.line("M160 282h-8M240 282h8", "#8f979f", 10)
	c.path("M140 108q0-34 34-34h52q34 0 34 34v20q0 20-10 40l-14 70q-4 20-24 20h-24q-20 0-24-20l-14-70q-10-20-10-40z", shade)
	c.path("M140 104q0-34 34-34h52q34 0 34 34v18q0 20-10 40l-14 70q-4 20-24 20h-24q-20 0-24-20l-14-70q-10-20-10-40z", body)
	c.rect(160, 92, 34, 20, 5, c.deep)
	c.rect(206, 92, 34, 20, 5, c.deep)
	c.put(`<circle cx="200" cy="158" r="22" fill="none" stroke="%s" stroke-width="6"/>`, c.accent)
	c.path("M204 146l-12 16h9l-4 12 14-17h-9z", c.light)
	c.path("M140 104q0-34 34-34h30l-50 130-14-60z", glass)
}

func booster(c *canvas) {
	c.rect(110, 190, 180, 150, 24, shade)
	c.rect(110, 184, 180, 150, 24, body)
	c.line("M140 190V96M260 190V96", c.deep, 13)
	c.circle(140, 92, 9, c.deep)
	c.circle(260, 92, 9, c.deep)
	c.put(`<g fill="none" stroke="%s" stroke-width="9" stroke-linecap="round"><path d="M176 118a34 34 0 0 1 48 0"/><path d="M160 96a58 58 0 0 1 80 0" opacity=".65"/><path d="M146 72a82 82 0 0 1 108 0" opacity=".35"/></g>`, c.accent)
	c.circle(200, 140, 8, c.accent)
	for i := range 4 {
		c.rect(150+i*28, 288-i*14, 16, 22+i*14, 5, c.light)
	}
	c.path("M110 208a24 24 0 0 1 24-24h70l-94 100z", glass)
}

func hotspot(c *canvas) {
	c.rect(104, 160, 192, 176, 40, shade)
	c.rect(104, 154, 192, 176, 40, body)
	c.rect(132, 182, 136, 84, 14, "#1d2228")
	c.rect(138, 188, 124, 72, 9, screen)
	c.put(`<g fill="none" stroke="#fff" stroke-width="8" stroke-linecap="round"><path d="M182 226a26 26 0 0 1 36 0"/><path d="M166 210a48 48 0 0 1 68 0" opacity=".6"/></g>`)
	c.circle(200, 240, 6, "#ffffff")
	c.circle(200, 298, 12, c.light)
	c.put(`<g fill="none" stroke="%s" stroke-width="8" stroke-linecap="round" opacity=".8"><path d="M160 128a56 56 0 0 1 80 0"/><path d="M136 102a92 92 0 0 1 128 0" opacity=".55"/></g>`, c.accent)
}

func watchDock(c *canvas) {
	c.oval(200, 322, 104, 24, c.deep)
	c.oval(200, 314, 104, 24, body)
	c.path("M182 316l8-70h20l8 70z", shade)
	c.put(`<ellipse cx="200" cy="176" rx="66" ry="112" fill="none" stroke="#3a4049" stroke-width="28"/>`)
	c.rect(136, 116, 128, 136, 34, "#1d2127")
	c.rect(150, 130, 100, 108, 22, screen)
	c.line("M200 184v-30M200 184l20 14", "#ffffff", 7)
	c.rect(264, 162, 10, 36, 5, steel)
}
