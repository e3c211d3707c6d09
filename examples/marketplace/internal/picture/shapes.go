package picture

// shape is how a kind of thing is drawn. Things held in a hand tilt a little;
// things that stand on the floor do not.
type shape struct {
	draw  func(*canvas)
	tilts bool
}

// Kinds lists everything that can be drawn, for tables that must cover it.
func Kinds() []Kind {
	return []Kind{
		"phone", "case", "wallet", "armband", "holster", "screen", "grip",
		"charger", "powerbank", "pad", "dock", "powercase", "battery", "cable", "adapter",
		"carcharger", "mount", "band", "watchdock", "tracker", "lens", "tripod", "stick", "vr",
		"headset", "speaker", "card", "sim", "booster", "hotspot", "tools",
		"bedding", "blanket", "quilt", "pillow", "mattress", "mat", "rug", "cushion", "curtain", "towel",
		"sofa", "table", "chair", "bed", "cabinet", "lamp", "floorlamp", "clock", "mirror", "fan", "flower", "ornament",
		"petbed", "petbowl", "leash", "litter", "brush",
		"pot", "pan", "babywear", "underwear", "giftbox", "pen", "notebook", "pastry", "cookies", "zongzi",
		"suitcase", "backpack", "umbrella", "castle",
	}
}

// shapeOf returns how to draw a kind, nil for one that is not known.
func shapeOf(kind Kind) *shape {
	for _, find := range []func(Kind) *shape{handheld, powered, gear, textile, furniture, household} {
		if s := find(kind); s != nil {
			return s
		}
	}
	return nil
}

func handheld(kind Kind) *shape {
	switch kind {
	case "phone":
		return &shape{phone, true}
	case "case":
		return &shape{phoneCase, true}
	case "wallet":
		return &shape{wallet, true}
	case "armband":
		return &shape{armband, true}
	case "holster":
		return &shape{holster, true}
	case "screen":
		return &shape{screenFilm, true}
	case "grip":
		return &shape{grip, true}
	case "powercase":
		return &shape{powerCase, true}
	case "card":
		return &shape{card, true}
	case "sim":
		return &shape{sim, true}
	case "tools":
		return &shape{tools, true}
	}
	return nil
}

func phone(c *canvas) {
	c.rect(127, 62, 146, 286, 26, c.deep)
	c.rect(131, 62, 142, 282, 24, body)
	c.rect(137, 68, 130, 270, 19, "#15181d")
	c.rect(142, 84, 120, 238, 8, screen)
	c.rect(186, 74, 28, 4, 2, "#4a4f57")
	c.circle(222, 76, 3, "#39424f")
	switch c.d.N(4) {
	case 0:
		c.put(`<g fill="#fff" opacity=".82">`)
		for y := range 4 {
			for x := range 3 {
				c.put(`<rect x="%d" y="%d" width="22" height="22" rx="6" opacity="%s"/>`, 155+x*36, 150+y*36, []string{".9", ".6", ".75"}[c.d.N(3)])
			}
		}
		c.put(`</g><rect x="154" y="104" width="60" height="9" rx="4" fill="#fff" opacity=".8"/><rect x="154" y="119" width="38" height="6" rx="3" fill="#fff" opacity=".5"/>`)
	case 1:
		c.put(`<g fill="#fff"><circle cx="224" cy="142" r="19" opacity=".85"/><path d="M142 262l34-46 26 30 24-36 36 52v52a8 8 0 0 1-8 8h-104a8 8 0 0 1-8-8z" opacity=".55"/><path d="M142 288l40-30 32 24 48-32v64a8 8 0 0 1-8 8h-104a8 8 0 0 1-8-8z" opacity=".5"/></g>`)
	case 2:
		c.put(`<g fill="none" stroke="#fff" stroke-width="8" opacity=".6"><circle cx="202" cy="203" r="24"/><circle cx="202" cy="203" r="46" opacity=".6"/><circle cx="202" cy="203" r="68" opacity=".35" stroke-dasharray="300"/></g>`)
	case 3:
		c.put(`<g fill="#fff" opacity=".8"><rect x="156" y="126" width="92" height="12" rx="6"/><rect x="156" y="148" width="62" height="8" rx="4" opacity=".6"/><rect x="156" y="182" width="92" height="54" rx="10" opacity=".45"/><rect x="156" y="246" width="42" height="42" rx="10" opacity=".6"/><rect x="206" y="246" width="42" height="42" rx="10" opacity=".35"/></g>`)
	}
	c.path("M142 92a8 8 0 0 1 8-8h74L142 250z", glass)
	c.line("M188 330h28", "#565c66", 4)
}

// lensMark is the camera of a telephone's back.
func lensMark(c *canvas, x, y int) {
	c.rect(x, y, 48, 24, 12, "#1d2127")
	c.circle(x+13, y+12, 8, "#3b4654")
	c.circle(x+11, y+10, 3, "#8fa2b8")
	c.circle(x+35, y+12, 4, "#f3e6b8")
}

func phoneCase(c *canvas) {
	if c.clear {
		c.put(`<rect x="136" y="66" width="132" height="276" rx="24" fill="#2e343c"/>`)
		c.put(`<rect x="124" y="58" width="154" height="292" rx="32" fill="#fff" fill-opacity=".42" stroke="#fff" stroke-opacity=".9" stroke-width="5"/>`)
		lensMark(c, 148, 82)
		c.path("M124 90a32 32 0 0 1 32-32h60L124 260z", glass)
		c.circle(201, 180, 17, "#565f6b")
		return
	}
	c.rect(120, 58, 160, 294, 34, shade)
	c.rect(124, 58, 154, 288, 32, body)
	switch c.d.N(5) {
	case 0:
		c.fade(40, func() {
			for i := range 5 {
				c.put(`<path d="M132 %dh138" stroke="%s" stroke-width="7" stroke-linecap="round"/>`, 190+i*28, c.dark)
			}
		})
	case 1:
		c.rect(136, 140, 130, 194, 20, pale)
		c.fade(55, func() { c.line("M150 320L252 156M150 270L222 156M180 320L252 206", c.main, 5) })
	case 2:
		c.put(`<g fill="%s" opacity=".9">`, c.light)
		for y := range 5 {
			for x := range 4 {
				c.put(`<circle cx="%d" cy="%d" r="6"/>`, 152+x*33, 168+y*36)
			}
		}
		c.put(`</g>`)
	case 3:
		c.path("M124 240c60-34 96 30 154-10v84a32 32 0 0 1-32 32h-90a32 32 0 0 1-32-32z", shade)
		c.path("M124 270c60-34 96 30 154-10v8c-58 40-94-24-154 10z", c.accent)
	case 4:
		c.fade(80, func() {
			c.line("M201 160l62 52-62 52-62-52zM201 264l62 52M201 264l-62 52", c.light, 4)
		})
	}
	lensMark(c, 142, 80)
	c.rect(276, 140, 6, 40, 3, c.dark)
	c.path("M124 90a32 32 0 0 1 32-32h62L124 250z", glass)
}

func powerCase(c *canvas) {
	phoneCaseBack := c.dark
	c.rect(122, 54, 158, 304, 30, shade)
	c.rect(126, 54, 150, 298, 28, body)
	c.path("M126 150c50-16 100-16 150 0v150c-50 16-100 16-150 0z", phoneCaseBack)
	c.path("M210 182l-36 54h24l-10 40 40-58h-26z", c.light)
	lensMark(c, 144, 76)
	for i := range 4 {
		paint := any("#8fd19e")
		if i == 3 {
			paint = c.deep
		}
		c.circle(178+i*15, 328, 4, paint)
	}
	c.path("M126 84a30 30 0 0 1 30-30h50L126 220z", glass)
}

func wallet(c *canvas) {
	c.path("M96 76q0-16 16-16h92v284h-92q-16 0-16-16z", shade)
	c.rect(196, 60, 112, 284, 16, body)
	c.path("M196 60h14v284h-14z", c.dark)
	c.rect(112, 112, 72, 48, 6, c.accent)
	c.rect(112, 136, 72, 48, 6, c.light)
	c.rect(112, 160, 72, 60, 6, c.dark)
	c.rect(112, 232, 72, 94, 6, c.main)
	c.put(`<rect x="204" y="68" width="96" height="268" rx="10" fill="none" stroke="%s" stroke-width="2.5" stroke-dasharray="7 6"/>`, c.light)
	c.rect(282, 180, 44, 40, 12, shade)
	c.circle(308, 200, 7, steel)
}

func armband(c *canvas) {
	c.path("M62 150c30-26 60-34 80-34h116c20 0 50 8 80 34v100c-30 26-60 34-80 34H142c-20 0-50-8-80-34z", shade)
	c.path("M70 158c28-22 54-30 72-30v144c-18 0-44-8-72-30z", body)
	c.path("M330 158c-28-22-54-30-72-30v144c18 0 44-8 72-30z", body)
	c.fade(60, func() { c.line("M86 176v48M104 168v64M296 168v64M314 176v48", c.deep, 5) })
	c.rect(136, 76, 128, 248, 22, c.deep)
	c.rect(146, 88, 108, 222, 12, screen)
	c.path("M146 100a12 12 0 0 1 12-12h60l-72 150z", glass)
	c.line("M160 236l22-30 16 20 20-40 22 50", "#ffffff", 5)
}

func holster(c *canvas) {
	c.rect(142, 56, 116, 200, 20, "#2b3037")
	c.rect(150, 66, 100, 170, 12, screen)
	c.path("M116 150h168v150q0 44-44 44h-80q-44 0-44-44z", body)
	c.path("M116 150h168v26q-84 30-168 0z", shade)
	c.rect(180, 140, 40, 70, 10, shade)
	c.circle(200, 192, 9, steel)
	c.put(`<path d="M128 196v102q0 34 34 34h76q34 0 34-34V196" fill="none" stroke="%s" stroke-width="2.5" stroke-dasharray="7 6"/>`, c.light)
}

func screenFilm(c *canvas) {
	c.rect(104, 78, 142, 268, 24, "#20252c")
	c.rect(112, 96, 126, 230, 8, "#39424e")
	c.put(`<g transform="rotate(9 230 200)"><rect x="140" y="60" width="150" height="272" rx="24" fill="%s" fill-opacity=".5" stroke="#fff" stroke-opacity=".95" stroke-width="4"/>`, c.main.lighter(30))
	c.rect(196, 74, 38, 7, 3, "#ffffff")
	c.path("M140 84a24 24 0 0 1 24-24h72l-96 200z", glass)
	c.line("M262 288l12-18", "#ffffff", 5)
	c.line("M244 312l34-52", "#ffffff", 5)
	c.put(`</g>`)
}

func grip(c *canvas) {
	c.rect(110, 62, 140, 276, 26, "#2f353d")
	c.path("M110 92a30 30 0 0 1 30-30h50l-80 180z", glass)
	c.oval(218, 216, 78, 78, c.deep)
	c.oval(212, 210, 78, 78, body)
	c.oval(212, 210, 60, 60, shade)
	c.oval(212, 208, 58, 58, pale)
	c.put(`<g fill="none" stroke="%s" stroke-width="4">`, c.main)
	for i := range 6 {
		c.put(`<ellipse cx="212" cy="208" rx="46" ry="16" transform="rotate(%d 212 208)"/>`, i*30)
	}
	c.put(`</g>`)
	c.circle(212, 208, 9, c.accent)
}

func card(c *canvas) {
	c.turn(-9, 200, 200, func() { c.rect(82, 116, 240, 156, 16, shade) })
	c.rect(80, 128, 240, 156, 16, body)
	c.path("M80 236c70-50 140 26 240-38v70a16 16 0 0 1-16 16H96a16 16 0 0 1-16-16z", pale)
	c.rect(100, 150, 44, 34, 7, "#e9d9a4")
	c.line("M100 167h44M122 150v34", "#b59f62", 2)
	c.put(`<g fill="none" stroke="#fff" stroke-width="7" stroke-linecap="round" opacity=".9"><path d="M262 178a14 14 0 0 1 14-14"/><path d="M248 178a28 28 0 0 1 28-28" opacity=".7"/></g>`)
	c.circle(277, 180, 6, "#ffffff")
	c.fade(85, func() { c.line("M102 258h24M136 258h24M170 258h24", c.deep, 7) })
}

func sim(c *canvas) {
	c.path("M116 66h118l56 58v206q0 16-16 16H116q-16 0-16-16V82q0-16 16-16z", body)
	c.path("M234 66l56 58h-44q-12 0-12-12z", c.light)
	c.rect(136, 168, 116, 132, 20, "#ecdca6")
	c.line("M136 212h38v44h-38M252 212h-38v44h38M174 212v-44M214 212v-44M174 256v44M214 256v44M174 234h40", "#a9925a", 4)
	c.path("M100 82a16 16 0 0 1 16-16h80L100 240z", glass)
}

func tools(c *canvas) {
	c.rect(76, 248, 248, 84, 18, shade)
	c.rect(76, 240, 248, 84, 18, body)
	c.turn(-14, 140, 180, func() {
		c.rect(128, 70, 12, 116, 6, steel)
		c.rect(118, 176, 32, 92, 12, c.accent)
	})
	c.turn(3, 200, 160, func() {
		c.rect(194, 84, 12, 100, 6, steel)
		c.path("M188 60h24l-4 30h-16z", steel)
		c.rect(184, 180, 32, 92, 12, c.light)
	})
	c.turn(16, 260, 180, func() {
		c.path("M236 84c0-26 50-26 50 0 0 14-12 20-14 34v60h-22v-60c-2-14-14-20-14-34z", steel)
		c.rect(246, 172, 30, 96, 12, c.deep)
	})
	c.path("M76 258a18 18 0 0 1 18-18h212a18 18 0 0 1 18 18v26H76z", body)
	c.rect(178, 274, 44, 20, 10, c.light)
}
