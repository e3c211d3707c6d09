package demo

import (
	"strings"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/examples/marketplace/internal/dice"
	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

// choice is an option whose values may cost more than the first one.
type choice struct {
	Option
	// extra is what each value adds to the price, in percent.
	extra []int64
}

// variants multiplies the choices of a product out. A product without choices
// has one variant that bears the product's code.
func variants(p *Product, what class, named bool, price, list money.Money) ([]Option, []Variant) {
	choices := choicesOf(p, what, named)
	options := make([]Option, 0, len(choices))
	vs := []Variant{{Code: p.Code, Price: price, ListPrice: list, Picture: p.Picture}}
	extras := []int64{0}
	for _, c := range choices {
		options = append(options, c.Option)
		next, nextExtras := make([]Variant, 0, len(vs)*len(c.Values)), make([]int64, 0, len(vs)*len(c.Values))
		for i, v := range vs {
			for j, value := range c.Values {
				w := v
				w.Code = v.Code + "-" + strings.ToUpper(value.Code)
				w.Values = append(append([]string{}, v.Values...), value.Code)
				if value.Colour != "" {
					w.Picture.Colour = value.Colour
				}
				next = append(next, w)
				nextExtras = append(nextExtras, extras[i]+c.extra[j])
			}
		}
		vs, extras = next, nextExtras
	}
	for i := range vs {
		v := &vs[i]
		v.Price, v.ListPrice = dearer(v.Price, extras[i]), dearer(v.ListPrice, extras[i])
		v.Stock = stockOf(v.Code, len(vs), p.Popularity)
		v.WeightGrams = weightOf(what.kind)
	}
	return options, vs
}

// dearer adds percent to a price and ends it as prices end: US prices on 99
// cents, yuan on a whole one.
func dearer(m money.Money, percent int64) money.Money {
	if percent == 0 || m.Minor() == 0 {
		return m
	}
	whole := (m.Minor() + m.Minor()*percent/100 + 99) / 100 * 100
	if m.Currency() == "USD" {
		whole--
	}
	return money.New(whole, m.Currency())
}

// stockOf gives about one SKU in fourteen nothing, a few more the last pieces,
// and the rest plenty, more of what sells well.
func stockOf(code string, siblings int, popularity int64) int64 {
	d := dice.New(code, "stock")
	switch n := d.N(100); {
	case n < 7 && siblings > 1, n < 4:
		return 0
	case n < 14:
		return int64(1 + d.N(4))
	}
	return int64(12+d.N(90)) + min(popularity, 20_000)/200
}

func weightOf(kind picture.Kind) int64 {
	switch kind {
	case "phone", "powercase", "speaker", "vr":
		return 380
	case "powerbank", "dock", "tripod", "pot", "pan":
		return 620
	case "bedding", "quilt", "blanket", "curtain", "rug":
		return 2400
	case "mattress", "sofa", "bed", "cabinet", "table":
		return 18_000
	case "chair", "suitcase", "mirror", "floorlamp":
		return 5200
	case "cushion", "pillow", "mat", "petbed", "litter", "towel", "backpack":
		return 850
	case "sim", "card", "screen":
		return 30
	}
	return 140
}

// choicesOf decides what a buyer may choose. Not every product of a sort has a
// choice: a colour in the name is a colour decided.
func choicesOf(p *Product, what class, named bool) []choice {
	if p.Code[:2] == "EN" {
		return electronicsChoices(p, what, named)
	}
	return householdChoices(p, what, named)
}

func electronicsChoices(p *Product, what class, named bool) []choice {
	d := dice.New(p.Code, "options")
	low := strings.ToLower(p.Name)
	var cs []choice
	switch what.kind {
	case "phone":
		if !named {
			cs = append(cs, colours(p, "black", "silver", "gold"))
		}
		if !containsAny(low, "gb|flip|prepaid -") && p.Category != "phones-refurbished" {
			cs = append(cs, sizes("memory", Text{"Memory", "存储容量"}, []string{"16 GB", "32 GB", "64 GB"}, 0, 14, 30))
		}
	case "case", "wallet", "armband", "holster":
		if !named {
			cs = append(cs, colours(p, [][]picture.Colour{
				{"black", "navy", "rose"}, {"black", "clear", "pink", "turquoise"}, {"brown", "black", "beige"},
			}[d.N(3)]...))
		}
	case "screen":
		if !containsAny(low, "pack|pk") && d.N(2) == 0 {
			cs = append(cs, sizes("pack", Text{"Pack", "件数"}, []string{"1 piece", "2 pieces", "3 pieces"}, 0, 70, 130))
		}
	case "band":
		cs = append(cs, sizes("wrist", Text{"Wrist", "腕围"}, []string{"S/M", "M/L"}, 0, 0))
		if !named {
			cs = append(cs, colours(p, "black", "gray", "orange"))
		}
	case "charger":
		if d.N(3) == 0 {
			cs = append(cs, sizes("plug", Text{"Plug", "插头"}, []string{"US", "EU", "UK"}, 0, 0, 0))
		}
	case "cable":
		if !strings.Contains(low, "'") && !strings.Contains(low, "\"") {
			cs = append(cs, sizes("length", Text{"Length", "长度"}, []string{"3 ft", "6 ft", "10 ft"}, 0, 25, 50))
		}
	case "powerbank", "speaker", "tracker", "mount", "grip":
		if !named {
			cs = append(cs, colours(p, "black", "white", "blue"))
		}
	}
	return cs
}

func householdChoices(p *Product, what class, named bool) []choice {
	d := dice.New(p.Code, "options")
	fabric := []picture.Colour{"beige", "blue", "gray", "pink"}[:3+d.N(2)]
	var cs []choice
	switch what.kind {
	case "bedding":
		cs = append(cs, sizes("bed", Text{"Bed", "适用床"}, []string{"1.5m", "1.8m", "2.0m"}, 0, 8, 15))
		if !named && d.N(2) == 0 {
			cs = append(cs, colours(p, fabric...))
		}
	case "quilt", "blanket":
		cs = append(cs, sizes("size", Text{"Size", "尺寸"}, []string{"150×200cm", "200×230cm", "220×240cm"}, 0, 22, 38))
	case "mattress":
		cs = append(cs, sizes("size", Text{"Size", "尺寸"}, []string{"1.5m", "1.8m"}, 0, 12))
	case "pillow":
		cs = append(cs, heights())
	case "curtain":
		cs = append(cs, sizes("width", Text{"Width", "宽度"}, []string{"1.5m", "2.0m", "2.8m"}, 0, 25, 60))
	case "cushion", "towel", "sofa", "petbed":
		if !named {
			cs = append(cs, colours(p, fabric...))
		}
	case "chair", "table", "cabinet", "bed":
		cs = append(cs, colours(p, "wood", "brown"))
	case "underwear":
		cs = append(cs, sizes("size", Text{"Size", "尺码"}, []string{"M", "L", "XL", "XXL"}, 0, 0, 0, 0), colours(p, "black", "gray", "navy"))
	case "babywear":
		cs = append(cs, sizes("height", Text{"Height", "身高"}, []string{"73cm", "80cm", "90cm", "100cm"}, 0, 0, 0, 0))
	case "pot", "pan":
		if !strings.Contains(p.Name, "组合") && !strings.Contains(p.Name, "系列") {
			cs = append(cs, colours(p, "red", "turquoise", "black"))
		}
	case "pen", "suitcase", "lamp", "floorlamp":
		if !named {
			cs = append(cs, colours(p, "black", "white", "navy"))
		}
	case "leash":
		cs = append(cs, sizes("size", Text{"Size", "尺寸"}, []string{"S", "M", "L"}, 0, 10, 20))
	}
	return cs
}

// sizes is a choice whose values read the same in both languages, apart from
// the few words that do not.
func sizes(code string, name Text, values []string, extra ...int64) choice {
	c := choice{Option: Option{Code: code, Name: name}, extra: extra}
	for _, v := range values {
		short := strings.NewReplacer(" ", "", "/", "", "×", "x", ".", "", "pieces", "", "piece", "").Replace(strings.ToLower(v))
		zh := strings.NewReplacer(" pieces", " 件", " piece", " 件", " ft", " 英尺").Replace(v)
		c.Values = append(c.Values, Value{Code: short, Name: Text{v, zh}})
	}
	return c
}

func heights() choice {
	return choice{
		Option: Option{Code: "height", Name: Text{"Height", "枕高"}, Values: []Value{
			{Code: "low", Name: Text{"Low", "低枕"}}, {Code: "high", Name: Text{"High", "高枕"}},
		}},
		extra: []int64{0, 6},
	}
}

// colours is a choice of colours; the picture of the product takes the first.
func colours(p *Product, cs ...picture.Colour) choice {
	c := choice{Option: Option{Code: "colour", Name: Text{"Color", "颜色"}}, extra: make([]int64, len(cs))}
	for _, v := range cs {
		c.Values = append(c.Values, Value{Code: string(v), Name: colourName(v), Colour: v})
	}
	p.Picture.Colour = cs[0]
	return c
}

func colourName(c picture.Colour) Text {
	switch c {
	case "black":
		return Text{"Black", "黑色"}
	case "white":
		return Text{"White", "白色"}
	case "clear":
		return Text{"Clear", "透明"}
	case "gray":
		return Text{"Gray", "灰色"}
	case "silver":
		return Text{"Silver", "银色"}
	case "gold":
		return Text{"Gold", "金色"}
	case "rose":
		return Text{"Rose gold", "玫瑰金"}
	case "pink":
		return Text{"Pink", "粉色"}
	case "red":
		return Text{"Red", "红色"}
	case "orange":
		return Text{"Orange", "橙色"}
	case "turquoise":
		return Text{"Turquoise", "松石绿"}
	case "blue":
		return Text{"Blue", "蓝色"}
	case "navy":
		return Text{"Navy", "藏青"}
	case "brown":
		return Text{"Walnut brown", "胡桃棕"}
	case "beige":
		return Text{"Beige", "米色"}
	case "wood":
		return Text{"Natural wood", "原木色"}
	}
	return Text{string(c), string(c)}
}
