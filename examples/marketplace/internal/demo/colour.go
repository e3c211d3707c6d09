package demo

import (
	"strings"

	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

type colourWord struct {
	words  string // separated by "|"
	colour picture.Colour
}

// colourOfName reads the colour out of the last part of a name, such as
// "Case for iPhone - Rose Gold (AT&T)".
func colourOfName(name string) (picture.Colour, bool) {
	i := strings.LastIndex(name, " - ")
	if i < 0 {
		return "", false
	}
	tail := strings.ToLower(name[i+3:])
	if j := strings.IndexByte(tail, '('); j > 0 {
		tail = tail[:j]
	}
	first, _, _ := strings.Cut(strings.ReplaceAll(tail, ",", "/"), "/")
	for _, part := range []string{first, tail} {
		for _, w := range englishColours() {
			if containsAny(part, w.words) {
				return w.colour, true
			}
		}
	}
	return "", false
}

// englishColours lists the longer names first: "rose gold" is no gold.
func englishColours() []colourWord {
	return []colourWord{
		{"rose gold|blush|rose|peach|champagne pink", "rose"},
		{"navy|marine|midnight blue|sapphire blue|indigo|deep blue", "navy"},
		{"turquoise|teal|aqua|surf|cyan|lagoon", "turquoise"},
		{"mint|seafoam|pistachio|glacier", "mint"},
		{"hot pink|pink|fuchsia|raspberry|berry|magenta|orchid|bloom", "pink"},
		{"burgundy|red|crimson|maroon|magma|lava|ruby|cherry|garnet", "red"},
		{"orange|coral|tangerine|copper|papaya|flame", "orange"},
		{"yellow|lemon|citron|sunshine|lime", "yellow"},
		{"champagne|gold|brass", "gold"},
		{"olive|green|forest|camo|fatigue|moss|leaf", "green"},
		{"purple|violet|plum|lavender|lilac|damson|grape|amethyst", "purple"},
		{"blue|cobalt|denim|sky|ocean|pacific", "blue"},
		{"brown|chocolate|tan|leather|cognac|espresso|dark roast|saddle|mocha|bourbon", "brown"},
		{"wood|walnut|bamboo|cherrywood|oak", "wood"},
		{"beige|cream|ivory|sand|khaki|bone|nude|stone|natural", "beige"},
		{"transparent|clear|crystal|frost|ice", "clear"},
		{"space gray|gray|grey|gunmetal|slate|titan|graphite|smoke|charcoal|ash", "gray"},
		{"silver|platinum|aluminum|chrome|steel|metallic", "silver"},
		{"white|pearl|snow", "white"},
		{"black|onyx|carbon|ink|jet|osprey", "black"},
	}
}

func colourOfChineseName(name string) (picture.Colour, bool) {
	for _, w := range []colourWord{
		{"胭脂|粉拼|条纹间粉|间粉|趣粉|怦然", "pink"},
		{"星空", "navy"},
		{"蓝|海洋|海魂|海军", "blue"},
		{"中国红|红", "red"},
		{"绿|森林|竹|青碳", "green"},
		{"灰|铝", "gray"},
		{"黄铜", "gold"},
		{"黄", "yellow"},
		{"白|莹", "white"},
		{"木|藤|蔺草|原素", "wood"},
		{"亚麻|素", "beige"},
		{"牛皮|驼", "brown"},
	} {
		if containsAny(name, w.words) {
			return w.colour, true
		}
	}
	return "", false
}

// usualColours are the colours a thing comes in where its name has none.
func usualColours(kind picture.Kind) []picture.Colour {
	switch kind {
	case "screen", "lens":
		return []picture.Colour{"clear", "blue", "mint"}
	case "phone":
		return []picture.Colour{"black", "silver", "navy", "gold"}
	case "sim", "card":
		return []picture.Colour{"green", "yellow", "red", "blue", "purple", "orange"}
	case "charger", "adapter", "cable", "pad", "dock", "watchdock", "booster", "hotspot":
		return []picture.Colour{"white", "black", "gray"}
	case "chair", "table", "bed", "cabinet", "clock", "mirror":
		return []picture.Colour{"wood", "wood", "brown", "beige"}
	case "bedding", "quilt", "blanket", "pillow", "mattress", "curtain", "towel", "rug", "cushion", "sofa", "mat":
		return []picture.Colour{"beige", "blue", "gray", "mint", "pink", "white", "turquoise", "rose"}
	case "pot", "pan":
		return []picture.Colour{"red", "turquoise", "black", "orange", "navy"}
	case "suitcase", "backpack":
		return []picture.Colour{"silver", "navy", "black", "green"}
	case "flower":
		return []picture.Colour{"pink", "rose", "white", "purple"}
	case "pastry", "cookies", "zongzi":
		return []picture.Colour{"gold", "green", "red", "beige"}
	}
	return []picture.Colour{"black", "gray", "blue", "green", "red", "navy", "turquoise", "orange"}
}
