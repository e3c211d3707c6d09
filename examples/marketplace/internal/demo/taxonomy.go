package demo

import "github.com/soukhq/souk/examples/marketplace/internal/picture"

func leaf(code, en, zh string, kind picture.Kind, colour picture.Colour) Category {
	return Category{Code: code, Name: Text{en, zh}, Picture: picture.Spec{Kind: kind, Colour: colour, Seed: 7}}
}

func department(code, en, zh string, children ...Category) Category {
	return Category{Code: code, Name: Text{en, zh}, Picture: children[0].Picture, Children: children}
}

// electronics is the tree of the English shop. The source files three quarters
// of its products under two categories; the tree divides them by what they are.
func electronics() []Category {
	return []Category{
		department("phones", "Phones", "手机",
			leaf("phones-unlocked", "Unlocked phones", "无锁手机", "phone", "navy"),
			leaf("phones-plans", "Phones with a plan", "合约手机", "phone", "black"),
			leaf("phones-prepaid", "Prepaid phones", "预付费手机", "phone", "blue"),
			leaf("phones-iphone", "iPhone", "iPhone", "phone", "rose"),
			leaf("phones-refurbished", "Refurbished phones", "翻新手机", "phone", "silver"),
		),
		department("cases", "Cases", "保护壳",
			leaf("cases-iphone", "iPhone cases", "iPhone 保护壳", "case", "rose"),
			leaf("cases-galaxy", "Galaxy cases", "Galaxy 保护壳", "case", "purple"),
			leaf("cases-other", "Other cases", "其他保护壳", "case", "turquoise"),
			leaf("cases-wallet", "Wallets and folios", "钱包式皮套", "wallet", "brown"),
			leaf("cases-carry", "Holsters and armbands", "腰夹与臂带", "armband", "green"),
		),
		department("screens", "Screen protection", "屏幕保护",
			leaf("screens-iphone", "For iPhone", "iPhone 贴膜", "screen", "clear"),
			leaf("screens-galaxy", "For Galaxy", "Galaxy 贴膜", "screen", "blue"),
			leaf("screens-other", "For other devices", "其他设备贴膜", "screen", "mint"),
		),
		department("power", "Power", "充电与电源",
			leaf("power-banks", "Power banks", "移动电源", "powerbank", "orange"),
			leaf("power-wall", "Wall chargers", "充电头", "charger", "white"),
			leaf("power-wireless", "Wireless chargers", "无线充电", "pad", "black"),
			leaf("power-docks", "Docks and stations", "充电底座", "dock", "silver"),
			leaf("power-cases", "Battery cases", "背夹电池", "powercase", "blue"),
			leaf("power-batteries", "Spare batteries", "备用电池", "battery", "green"),
		),
		department("cables", "Cables", "线材",
			leaf("cables-data", "Charge and sync cables", "充电数据线", "cable", "turquoise"),
			leaf("cables-adapters", "Adapters", "转接器", "adapter", "gray"),
		),
		department("travel", "In the car", "车载",
			leaf("travel-chargers", "Car chargers", "车载充电器", "carcharger", "red"),
			leaf("travel-mounts", "Mounts", "车载支架", "mount", "black"),
		),
		department("wearables", "Wearables", "智能穿戴",
			leaf("wear-bands", "Watch bands", "表带", "band", "orange"),
			leaf("wear-power", "Watch chargers", "手表充电", "watchdock", "silver"),
			leaf("wear-trackers", "Trackers", "防丢器", "tracker", "white"),
		),
		department("photo", "Photo and VR", "摄影与虚拟现实",
			leaf("photo-gear", "Lenses, tripods, selfie sticks", "镜头与自拍杆", "lens", "black"),
			leaf("photo-vr", "VR headsets", "虚拟现实眼镜", "vr", "purple"),
		),
		department("sound", "Sound", "音频",
			leaf("sound-headsets", "Headsets", "耳机", "headset", "yellow"),
			leaf("sound-speakers", "Speakers", "音箱", "speaker", "red"),
		),
		department("network", "Airtime and signal", "话费与信号",
			leaf("net-airtime", "Airtime cards", "充值卡", "card", "green"),
			leaf("net-sim", "SIM kits", "SIM 卡", "sim", "yellow"),
			leaf("net-signal", "Boosters and hotspots", "信号与热点", "booster", "gray"),
		),
		department("extras", "Extras", "小配件",
			leaf("extras-grips", "Grips and stands", "指环与支架", "grip", "mint"),
			leaf("extras-care", "Care and repair", "清洁与维修", "tools", "orange"),
		),
	}
}

// household is the tree of the Chinese shop, as the source has it.
func household() []Category {
	return []Category{
		department("home", "Home", "居家",
			leaf("bedding", "Bedding sets", "床品件套", "bedding", "blue"),
			leaf("quilts", "Quilts and pillows", "被枕", "quilt", "white"),
			leaf("summer", "Cool for summer", "夏凉", "mat", "mint"),
			leaf("fabrics", "Soft furnishing", "布艺软装", "cushion", "orange"),
			leaf("furniture", "Furniture", "家具", "chair", "wood"),
			leaf("decor", "Decoration", "家饰", "flower", "pink"),
			leaf("lights", "Lights", "灯具", "lamp", "yellow"),
			leaf("pets", "Pets", "宠物", "petbed", "green"),
		),
		department("kitchen", "Kitchen", "餐厨", leaf("pots", "Pots and pans", "锅具", "pot", "red")),
		department("bath", "Bath", "洗护", leaf("towels", "Towels", "毛巾", "towel", "turquoise")),
		department("kids", "Kids", "婴童", leaf("babywear", "Baby clothes", "服饰", "babywear", "navy")),
		department("desk", "Desk", "杂货", leaf("stationery", "Stationery", "文具", "pen", "purple")),
		department("food", "Food", "饮食", leaf("pastry", "Pastry", "糕点", "pastry", "gold")),
		department("clothes", "Clothes", "服装", leaf("underwear", "Underwear", "内裤", "underwear", "gray")),
		department("fun", "Hobby", "志趣", leaf("azeroth", "Warcraft", "魔兽世界", "castle", "brown")),
		department("bags", "Bags", "配件", leaf("luggage", "Luggage", "功能箱包", "suitcase", "silver")),
	}
}
