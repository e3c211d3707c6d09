package demo

import (
	"slices"
	"strings"

	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

// class is where a product belongs and what it looks like.
type class struct {
	leaf string
	kind picture.Kind
}

// rule gives a class to names that contain one of the words.
type rule struct {
	words string // separated by "|"
	class
}

// classifyElectronics files a product by the last category of its path where
// that says enough, else by the words of its name.
func classifyElectronics(path []string, name string) class {
	if len(path) > 1 {
		if leaf, ok := map[string]string{
			"Unlocked Cell Phones":       "phones-unlocked",
			"All Cell Phones with Plans": "phones-plans",
			"Prepaid Phones":             "phones-prepaid",
			"iPhone":                     "phones-iphone",
			"Refurbished Phones":         "phones-refurbished",
		}[path[1]]; ok {
			return class{leaf, "phone"}
		}
	}
	last, low := path[len(path)-1], strings.ToLower(name)
	for _, r := range categoryRules() {
		if slices.Contains(strings.Split(r.words, "|"), last) {
			return byDevice(r.class, low)
		}
	}
	inCases := strings.HasSuffix(last, "Cases") && last != "Wireless Chargers & Cases" || strings.HasSuffix(last, "Cases & Clips")
	for _, r := range nameRules() {
		if inCases && !strings.HasPrefix(r.leaf, "cases") && !strings.HasPrefix(r.leaf, "screens") && r.leaf != "power-cases" {
			continue
		}
		if containsAny(low, r.words) {
			return byDevice(r.class, low)
		}
	}
	if inCases {
		return byDevice(class{"cases", "case"}, low)
	}
	return class{"extras-grips", "grip"}
}

// byDevice completes the leaves that are divided by the device they fit.
func byDevice(c class, low string) class {
	if c.leaf != "cases" && c.leaf != "screens" {
		return c
	}
	switch {
	case strings.Contains(low, "iphone"):
		c.leaf += "-iphone"
	case containsAny(low, "galaxy|samsung"):
		c.leaf += "-galaxy"
	default:
		c.leaf += "-other"
	}
	return c
}

func categoryRules() []rule {
	return []rule{
		{"Data Cables|iPhone Cables", class{"cables-data", "cable"}},
		{"Car Chargers", class{"travel-chargers", "carcharger"}},
		{"Cell Phone Mounts|iPhone Car Mounts", class{"travel-mounts", "mount"}},
		{"Bluetooth Speakerphones|Portable Speakers", class{"sound-speakers", "speaker"}},
		{"Cell Phone Headsets|All Cell Phone Headsets|Bluetooth Headsets", class{"sound-headsets", "headset"}},
		{"Internal Batteries", class{"power-batteries", "battery"}},
		{"Battery Charger Cases|Wireless Charging Cases", class{"power-cases", "powercase"}},
		{"Wireless Chargers|Charging Mats", class{"power-wireless", "pad"}},
		{"Cell Phone Docks|iPhone Charging Docks", class{"power-docks", "dock"}},
		{"Mobile Hotspots|AT&T Hotspots|No-Contract Hotspots|Verizon Hotspots|Mobile Broadband", class{"net-signal", "hotspot"}},
		{"Cell Phone Camera Lenses", class{"photo-gear", "lens"}},
		{"Selfie-Sticks", class{"photo-gear", "stick"}},
		{"Prepaid Minutes", class{"net-airtime", "card"}},
		{"SIM Cards", class{"net-sim", "sim"}},
		{"Signal Boosters|Cell Phone Add-Ons", class{"net-signal", "booster"}},
		{"Smart Tracker Tags", class{"wear-trackers", "tracker"}},
		{"Smartwatch Bands", class{"wear-bands", "band"}},
		{"Smartwatch Cables|Smartwatch Charging Docks", class{"wear-power", "watchdock"}},
		{"iPhone Armbands", class{"cases-carry", "armband"}},
		{"Screen Protectors|iPhone Screen Protectors", class{"screens", "screen"}},
	}
}

// nameRules are tried in their order: the narrow words before the broad ones.
func nameRules() []rule {
	return []rule{
		{"prepaid cell phone", class{"phones-prepaid", "phone"}},
		{"cell phone (unlocked)", class{"phones-unlocked", "phone"}},
		{"screen protector|invisibleshield|nitro shield|screen guard|tempered glass|zagg - invisible", class{"screens", "screen"}},
		{"virtual reality| vr|vr headset|vr goggles|vr with|virtual explorer|3d viewer|goggles|cardboard", class{"photo-vr", "vr"}},
		{"battery case|juice pack|power case|charging case|external battery case|charger case|receiver case", class{"power-cases", "powercase"}},
		{"armband|arm band|running belt|waistband", class{"cases-carry", "armband"}},
		{"holster|belt clip|hip case|pouch", class{"cases-carry", "holster"}},
		{"wallet|folio|flip|card holder|card case|wristlet|clutch|cardninja|sleeve", class{"cases-wallet", "wallet"}},
		{"power bank|portable charger|power pack|powerpack|powerstation|external battery|jump starter|pocket juice|mah|backup battery|battery pack|portable battery|portable power|portable usb charger|power stick|solar", class{"power-banks", "powerbank"}},
		{"vehicle charger|car charger|vehicle power|fm transmitter|auto charger|vehicle adapter", class{"travel-chargers", "carcharger"}},
		{"wireless charg|charging pad|charging mat|wireless receiver", class{"power-wireless", "pad"}},
		{"charging station|charge station|charging dock|charge dock|docking|charging stand|charger stand|charging cradle|dock", class{"power-docks", "dock"}},
		{"cable|cord|lightning-to-usb", class{"cables-data", "cable"}},
		{"charger|wall plate|outlet|wall adapter|power adapter|charging kit|power cube", class{"power-wall", "charger"}},
		{"tripod|gorillapod|griptight|stance|photo|camera|shutter|bluetooth controller|lighting|ring light", class{"photo-gear", "tripod"}},
		{"selfie|monopod", class{"photo-gear", "stick"}},
		{"lens", class{"photo-gear", "lens"}},
		{"watch band|smartwatch|strap|bracelet|wristband", class{"wear-bands", "band"}},
		{"tracker|locator|key finder", class{"wear-trackers", "tracker"}},
		{"adapter|converter|splitter|reader|hub|flash drive|hard drive|microsd", class{"cables-adapters", "adapter"}},
		{"headset|headphone|microphone|earbud|earphone", class{"sound-headsets", "headset"}},
		{"speaker|amplifier", class{"sound-speakers", "speaker"}},
		{"antenna|booster|signal", class{"net-signal", "booster"}},
		{"sim kit|sim card|activation kit", class{"net-sim", "sim"}},
		{"airtime|prepaid card|top-up|minutes", class{"net-airtime", "card"}},
		{"mount|holder|cradle", class{"travel-mounts", "mount"}},
		{"case|cover|shell|skin|bumper|fusion|defender|back plate|backplate", class{"cases", "case"}},
		{"battery", class{"power-batteries", "battery"}},
		{"stylus|tool|wipes|repair|replacement|cleaning|clean|insurance|protection", class{"extras-care", "tools"}},
	}
}

// classifyHousehold files a product under the leaf of the source's category
// and draws it by the words of its name. It reports false for a category that
// the tree does not have.
func classifyHousehold(tree []Category, category, name string) (class, bool) {
	for _, d := range tree {
		for _, l := range d.Children {
			if l.Name.ZH != category {
				continue
			}
			c := class{l.Code, l.Picture.Kind}
			for _, r := range householdRules() {
				if r.leaf == l.Code && containsAny(name, r.words) {
					c.kind = r.kind
					break
				}
			}
			return c, true
		}
	}
	return class{}, false
}

func householdRules() []rule {
	return []rule{
		{"盖毯", class{"bedding", "blanket"}},
		{"枕套", class{"bedding", "pillow"}},
		{"床垫|床褥", class{"quilts", "mattress"}},
		{"枕", class{"quilts", "pillow"}},
		{"组合", class{"quilts", "pillow"}},
		{"被|件套", class{"summer", "quilt"}},
		{"沙发", class{"fabrics", "sofa"}},
		{"地毯|皮垫", class{"fabrics", "rug"}},
		{"地垫|浴垫", class{"fabrics", "mat"}},
		{"窗帘|纱帘", class{"fabrics", "curtain"}},
		{"午睡枕|腰靠", class{"fabrics", "pillow"}},
		{"沙发", class{"furniture", "sofa"}},
		{"桌|茶几", class{"furniture", "table"}},
		{"实木床头柜|五斗柜|多抽柜|电视柜", class{"furniture", "cabinet"}},
		{"实木床", class{"furniture", "bed"}},
		{"镜", class{"decor", "mirror"}},
		{"钟", class{"decor", "clock"}},
		{"风扇", class{"decor", "fan"}},
		{"摆件", class{"decor", "ornament"}},
		{"落地灯", class{"lights", "floorlamp"}},
		{"牵引", class{"pets", "leash"}},
		{"猫砂", class{"pets", "litter"}},
		{"碗|食盆|喂|饮水", class{"pets", "petbowl"}},
		{"刷|清洁|护理|拾便", class{"pets", "brush"}},
		{"猫抓板", class{"pets", "mat"}},
		{"煎锅|炒锅|组合", class{"pots", "pan"}},
		{"礼盒", class{"babywear", "giftbox"}},
		{"笔记本", class{"stationery", "notebook"}},
		{"礼盒", class{"stationery", "giftbox"}},
		{"粽", class{"pastry", "zongzi"}},
		{"礼盒|曲奇", class{"pastry", "cookies"}},
		{"背包|双肩包", class{"azeroth", "backpack"}},
		{"护腕|颈枕", class{"azeroth", "pillow"}},
		{"雨伞", class{"azeroth", "umbrella"}},
		{"麻将", class{"azeroth", "giftbox"}},
	}
}

func containsAny(s, words string) bool {
	for w := range strings.SplitSeq(words, "|") {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
