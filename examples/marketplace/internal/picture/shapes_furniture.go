package picture

func furniture(kind Kind) *shape {
	switch kind {
	case "sofa":
		return &shape{sofa, false}
	case "table":
		return &shape{table, false}
	case "chair":
		return &shape{chair, false}
	case "bed":
		return &shape{bed, false}
	case "cabinet":
		return &shape{cabinet, false}
	case "lamp":
		return &shape{lamp, false}
	case "floorlamp":
		return &shape{floorLamp, false}
	case "clock":
		return &shape{clock, false}
	case "mirror":
		return &shape{mirror, false}
	case "fan":
		return &shape{fan, false}
	case "flower":
		return &shape{flower, false}
	case "ornament":
		return &shape{ornament, false}
	}
	return nil
}

func sofa(c *canvas) {
	c.line("M106 320v26M294 320v26", "#8d6a52", 13)
	c.rect(82, 138, 236, 140, 40, shade)
	c.rect(92, 134, 108, 130, 30, body)
	c.rect(200, 134, 108, 130, 30, body)
	c.rect(84, 236, 232, 66, 22, pale)
	c.line("M200 240v58", c.main, 4)
	c.rect(50, 196, 62, 128, 28, body)
	c.rect(288, 196, 62, 128, 28, body)
	c.rect(78, 290, 244, 36, 16, shade)
	c.turn(12, 250, 220, func() { c.rect(224, 188, 58, 58, 14, c.accent) })
}

func table(c *canvas) {
	c.path("M88 204l-18 138h20l26-138zM312 204l18 138h-20l-26-138z", c.deep)
	c.rect(48, 184, 304, 26, 10, body)
	c.rect(48, 200, 304, 10, 5, shade)
	c.fade(45, func() { c.line("M70 192h90M190 194h120", c.light, 3) })
	c.path("M168 184v-34q0-16 32-16t32 16v34z", "#e9eef0")
	c.line("M186 136q-14-40-40-44M202 134q2-46 0-62M214 136q12-34 36-40", "#6d9a74", 5)
	c.oval(142, 90, 13, 9, "#7fae86")
	c.oval(200, 66, 10, 14, "#8bbd93")
	c.oval(254, 94, 13, 9, "#7fae86")
	c.rect(262, 166, 40, 18, 6, c.accent)
}

func chair(c *canvas) {
	c.line("M142 236l-18 106M258 236l18 106M160 240v92M240 240v92", c.deep, 12)
	c.path("M128 84q72-26 144 0l-8 104q-64 18-128 0z", body)
	c.fade(60, func() { c.line("M168 88l4 96M200 82v106M232 88l-4 96", c.dark, 5) })
	c.line("M138 180l4 56M262 180l-4 56", c.deep, 11)
	c.path("M112 220q88-26 176 0l6 26q-94 24-188 0z", body)
	c.path("M106 246q94 24 188 0v10q-94 24-188 0z", shade)
	c.oval(200, 226, 66, 13, c.accent)
}

func bed(c *canvas) {
	c.rect(58, 100, 284, 150, 20, shade)
	c.rect(66, 94, 268, 140, 18, body)
	c.fade(50, func() { c.line("M110 104v80M155 104v80M200 104v80M245 104v80M290 104v80", c.dark, 4) })
	c.rect(88, 176, 100, 56, 22, "#ffffff")
	c.rect(212, 176, 100, 56, 22, "#f4f0e8")
	c.path("M66 240q0-22 24-22h220q24 0 24 22v70H66z", "#f7f4ee")
	c.path("M66 256h268v56H66z", c.accent)
	c.fade(50, func() { c.line("M66 270h268", "#ffffff", 5) })
	c.rect(54, 300, 292, 26, 8, body)
	c.line("M78 326v18M322 326v18", c.deep, 13)
}

func cabinet(c *canvas) {
	c.line("M104 316v28M296 316v28", c.deep, 12)
	c.rect(80, 120, 240, 202, 14, shade)
	c.rect(80, 114, 240, 202, 14, body)
	rows := 2 + c.d.N(2)
	h := 172 / rows
	for i := range rows {
		c.rect(96, 130+i*(h+6), 100, h-4, 8, c.light)
		c.rect(204, 130+i*(h+6), 100, h-4, 8, c.light)
		c.rect(134, 130+i*(h+6)+h/2-5, 24, 6, 3, c.deep)
		c.rect(242, 130+i*(h+6)+h/2-5, 24, 6, 3, c.deep)
	}
	c.path("M118 114c0-30 8-44 20-44s20 14 20 44z", c.accent)
	c.rect(220, 92, 66, 22, 4, "#f4f0e8")
	c.rect(228, 76, 52, 16, 4, c.accent.darker(20))
}

func lamp(c *canvas) {
	c.fade(45, func() { c.path("M126 180L64 330h190l-62-150z", "#fff4cf") })
	c.oval(254, 330, 70, 16, c.deep)
	c.oval(254, 322, 70, 16, body)
	c.line("M254 320L286 196 190 116", c.deep, 13)
	c.line("M254 320L286 196 190 116", c.main, 7)
	c.circle(286, 196, 12, steel)
	c.turn(-24, 170, 140, func() {
		c.path("M142 90h56q10 0 14 12l24 78H104l24-78q4-12 14-12z", body)
		c.oval(170, 180, 66, 13, "#fff1c0")
	})
}

func floorLamp(c *canvas) {
	c.fade(45, func() { c.path("M142 150L84 340h232l-58-190z", "#fff4cf") })
	c.oval(200, 340, 62, 13, c.deep)
	c.line("M200 150v188", c.deep, 10)
	c.line("M200 240l-44 98M200 240l44 98", timber, 9)
	c.path("M154 62h92l34 96H120z", body)
	c.fade(50, func() { c.line("M172 66l-20 88M200 64v92M228 66l20 88", c.light, 4) })
	c.oval(200, 158, 80, 11, "#fff1c0")
}

func clock(c *canvas) {
	c.circle(204, 206, 132, c.deep)
	c.circle(200, 200, 132, body)
	c.circle(200, 200, 108, "#fbf9f4")
	for i := range 12 {
		w := 4
		if i%3 == 0 {
			w = 8
		}
		c.put(`<path d="M200 106v14" stroke="#3a4049" stroke-width="%d" stroke-linecap="round" transform="rotate(%d 200 200)"/>`, w, i*30)
	}
	c.turn(c.d.N(12)*30, 200, 200, func() { c.line("M200 200v-52", "#2b3037", 9) })
	c.turn(c.d.N(12)*30+10, 200, 200, func() { c.line("M200 200v-76", "#2b3037", 6) })
	c.line("M200 222v-90", c.accent, 3)
	c.circle(200, 200, 9, c.accent)
}

func mirror(c *canvas) {
	c.path("M150 330l-20 16h140l-20-16z", c.deep)
	c.rect(120, 54, 164, 290, 82, shade)
	c.rect(116, 50, 164, 290, 82, body)
	c.put(`<rect x="130" y="64" width="136" height="262" rx="68" fill="#dcebf2"/><path d="M130 190c0-90 40-126 68-126 10 0 20 3 30 8L130 250z" fill="#fff" opacity=".55"/>`)
	c.fade(70, func() { c.line("M170 280l60-100M196 290l50-84", "#ffffff", 7) })
}

func fan(c *canvas) {
	c.oval(200, 334, 74, 16, c.deep)
	c.line("M200 246v84", c.dark, 18)
	c.put(`<circle cx="200" cy="168" r="108" fill="%s" stroke="%s" stroke-width="9"/>`, c.main.lighter(76), c.main)
	for i := range 4 {
		c.turn(i*90+20, 200, 168, func() { c.path("M200 168c-10-40-4-76 26-88 26 10 18 60-26 88z", body) })
	}
	c.put(`<g fill="none" stroke="%s" stroke-width="2.5" opacity=".7"><circle cx="200" cy="168" r="84"/><circle cx="200" cy="168" r="60"/><circle cx="200" cy="168" r="36"/></g>`, c.dark)
	c.circle(200, 168, 19, c.accent)
}

func flower(c *canvas) {
	c.line("M200 250c0-40-50-60-56-110M200 250c0-60 4-90 0-150M200 250c0-40 50-56 60-100", "#6d9a74", 7)
	c.path("M176 214c-36 4-52-14-58-34 28-6 50 8 58 34zM224 208c10-28 32-40 58-34-4 24-26 38-58 34z", "#82b08a")
	for _, at := range [][3]int{{142, 126, 34}, {200, 92, 42}, {262, 142, 32}} {
		for i := range 6 {
			c.put(`<ellipse cx="%d" cy="%d" rx="%d" ry="%d" fill="url(#m)" transform="rotate(%d %d %d)"/>`, at[0], at[1]-at[2]/2, at[2]*2/5, at[2]*3/5, i*60, at[0], at[1])
		}
		c.circle(at[0], at[1], at[2]/3, "#f3d98a")
	}
	c.path("M150 238h100l-10 84q-2 22-24 22h-32q-22 0-24-22z", pale)
	c.path("M150 238h100l-2 18h-96z", c.accent)
	c.fade(60, func() { c.line("M168 270l6 54", "#ffffff", 7) })
}

func ornament(c *canvas) {
	c.path("M84 316h232l-14 24H98z", timber)
	c.path("M112 250c0 50 44 70 96 70 60 0 104-30 104-84 0-34-26-46-44-30-16 14-40 18-60 6 30-30 20-90-8-116-22-20-60-14-66 14-10 2-22 8-26 18 14 6 26 6 34 0 14 30-30 66-30 122z", body)
	c.path("M168 260c40-40 90-20 120-34-6 50-50 74-96 70-20-2-30-18-24-36z", pale)
	c.circle(170, 108, 6, "#2b3037")
	c.path("M112 124l-18 8q16 10 30 4z", c.accent)
}
