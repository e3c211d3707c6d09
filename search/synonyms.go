package search

import (
	"strings"

	"github.com/soukhq/souk/commerce/ref"
)

// DefaultSynonyms returns trade words of a language that mean the same in any
// shop, for a shop that has no list of its own yet. It holds what is one
// thing under two names; words that are merely close, such as headphones and
// headset, are left to each shop, because they cost more queries than they
// help. It is empty for languages other than English and Chinese.
func DefaultSynonyms(locale ref.Locale) []Synonym {
	language, _, _ := strings.Cut(strings.ToLower(string(locale)), "-")
	var lines string
	switch language {
	case "en", "":
		lines = englishSynonyms
	case "zh":
		lines = chineseSynonyms
	}
	var out []Synonym
	for line := range strings.Lines(lines) {
		from, words, oneWay := strings.Cut(strings.TrimSpace(line), ">")
		if !oneWay {
			from, words = "", from
		}
		if words != "" {
			out = append(out, Synonym{From: from, Words: strings.Split(words, ",")})
		}
	}
	return out
}

// A line is a group of words that stand for each other, or a word, ">" and
// what it also finds.
const (
	englishSynonyms = `laptop,notebook
tv,television
fridge,refrigerator
cellphone,cell phone,mobile phone,smartphone
flashlight,torch
usb stick,flash drive,thumb drive,pen drive
hard drive,hard disk,hdd
ssd,solid state drive
graphics card,video card,gpu
cpu>processor
power bank,portable charger
camcorder,video camera
mouse pad,mouse mat
gamepad,game controller
loudspeaker,speaker
extension cord,extension lead
cord>cable
earbud>in ear headphone
photocopier,copier
vacuum cleaner,hoover
washing machine,washer
tumble dryer,clothes dryer
dishwasher tablet,dishwasher tab
cooktop,hob
couch,sofa
wardrobe,closet
rug,carpet
curtain,drape
duvet,comforter
trash can,garbage can,waste bin,dustbin
faucet>tap
bathrobe,dressing gown
sneaker>running shoe
trousers,pants
sweater,jumper,pullover
swimsuit,bathing suit
purse>handbag
backpack,rucksack
luggage>suitcase
umbrella,brolly
eyeglasses,spectacles
diaper,nappy
stroller,pushchair
baby carriage,pram
crib>cot
bicycle,bike
motorcycle,motorbike
tire,tyre
gasoline,petrol
wrench,spanner
duct tape,gaffer tape
colour,color
jewelry,jewellery
grey,gray
aluminum,aluminium
cosmetics,makeup
moisturizer,moisturiser
nail polish,nail varnish
sunscreen,sunblock
candy>sweets
cookie>biscuit
chips>crisps
kids,children`

	chineseSynonyms = `手机,移动电话
电脑,计算机
笔记本电脑,手提电脑
平板电脑,平板
充电宝,移动电源
u盘,优盘,闪存盘
电视,电视机
冰箱,电冰箱
自行车,单车,脚踏车
电动车,电瓶车
行李箱,拉杆箱,旅行箱
背包,双肩包
钱包,皮夹
饭盒,便当盒,餐盒
垃圾桶,垃圾箱
床单,被单
毛毯,毯子
窗帘,帘子
洗面奶,洁面乳
护发素,润发乳
口红,唇膏
防晒霜,防晒乳
运动鞋,球鞋
t恤,短袖衫
毛衣,针织衫
羽绒服,羽绒衣
内衣,文胸
婴儿,宝宝
纸尿裤,尿不湿
奶瓶,哺乳瓶
土豆,马铃薯
西红柿,番茄`
)
