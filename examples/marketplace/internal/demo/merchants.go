package demo

import (
	"slices"

	"github.com/soukhq/souk/examples/marketplace/internal/dice"
)

// seller is a merchant with the departments it deals in. Every department has
// at least two sellers, so that a full cart splits into several orders.
type seller struct {
	Merchant
	departments []string
}

func electronicsSellers() []seller {
	return []seller{
		{Merchant{
			"harbour-and-pine",
			Text{"Harbour & Pine", "港湾与松"},
			Text{"Phones and the things around them, checked by hand in our workshop.", "手机与周边，每一台都由工坊亲手检测。"},
		}, []string{"phones", "power", "network", "sound"}},
		{Merchant{
			"northlight-supply",
			Text{"Northlight Supply", "北光补给"},
			Text{"Plain, sturdy accessories that do one job well.", "朴素结实的配件，一件只做好一件事。"},
		}, []string{"cases", "screens", "cables", "travel", "extras"}},
		{Merchant{
			"copper-finch",
			Text{"Copper Finch", "铜雀数码"},
			Text{"Cases and bands in colours you will not find elsewhere.", "别处难寻的配色：保护壳与表带。"},
		}, []string{"cases", "wearables", "photo"}},
		{Merchant{
			"tidewater-mobile",
			Text{"Tidewater Mobile", "潮汐移动"},
			Text{"Contracts, cards and coverage, explained without small print.", "合约、充值与信号，没有小字条款。"},
		}, []string{"phones", "network", "screens", "wearables"}},
		{Merchant{
			"lantern-row",
			Text{"Lantern Row", "灯笼街"},
			Text{"Everything that charges, lights up or plugs in.", "一切能充电、会发光、要插电的东西。"},
		}, []string{"power", "cables", "travel", "sound", "photo"}},
		{Merchant{
			"quiet-orchard",
			Text{"Quiet Orchard", "静园"},
			Text{"A small family shop for protection and care.", "专注保护与养护的家庭小店。"},
		}, []string{"cases", "screens", "extras"}},
	}
}

func householdSellers() []seller {
	return []seller{
		{Merchant{
			"greengrain-home",
			Text{"Greengrain Home", "青禾家居"},
			Text{"Cotton, linen and wool for sleeping well.", "棉、麻与羊毛，只为一夜好眠。"},
		}, []string{"home", "bath", "kids"}},
		{Merchant{
			"hill-and-moon",
			Text{"Hill & Moon", "山月小筑"},
			Text{"Quiet things for rooms with daylight.", "给有光的房间，添一件安静的器物。"},
		}, []string{"home", "kitchen", "desk", "fun"}},
		{Merchant{
			"warm-isle",
			Text{"Warm Isle", "暖屿生活"},
			Text{"Small comforts for every day.", "日常里的小小安慰。"},
		}, []string{"home", "bath", "clothes", "food", "bags"}},
		{Merchant{
			"plum-lane",
			Text{"Plum Lane", "梅子巷"},
			Text{"Gifts, pastry and travel, packed with care.", "伴手礼、糕点与行囊，用心打包。"},
		}, []string{"food", "bags", "fun", "kids", "kitchen", "desk", "clothes"}},
	}
}

// merchantFor picks the seller of a product among those of its department.
func merchantFor(sellers []seller, department, code string) string {
	var fit []string
	for _, s := range sellers {
		if slices.Contains(s.departments, department) {
			fit = append(fit, s.Code)
		}
	}
	return fit[dice.New(code, "merchant").N(len(fit))]
}
