package demo

import (
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
)

// Offers are the promotions of the demo, and the coupons for some of them.
type Offers struct {
	Groups     []promo.Group
	Promotions []promo.Promotion
	Coupons    []coupon.CreateInput
}

// season is how long what ends runs, from the hour in which the shop opened.
const season = 365 * 24 * time.Hour

// FreeDeliveryUSD and FreeDeliveryCNY are from when on standard delivery costs
// nothing, in minor units: of one seller's part by the rates, of a whole order,
// whoever sells, by a promotion that the home page announces.
const (
	FreeDeliveryUSD int64 = 50_00
	FreeDeliveryCNY int64 = 88_00
)

// Each keeps a shop's reduction and its site-wide coupon apart: the buyer gets
// the better of the two.
const (
	either   promo.GroupID = "reduction-or-coupon"
	eitherZH promo.GroupID = "zh-reduction-or-coupon"
)

// PromotionsOf returns the offers of shops that opened at a time, each in the
// language and the currency of its shop.
func PromotionsOf(shops []Shop, opened time.Time) Offers {
	var o Offers
	for i := range shops {
		switch a := (author{shop: &shops[i], until: opened.Truncate(time.Hour).Add(season), offers: &o}); shops[i].Currency {
		case "USD":
			a.electronics()
		case "CNY":
			a.household()
		}
	}
	return o
}

// author writes the offers of one shop.
type author struct {
	shop   *Shop
	until  time.Time
	offers *Offers
}

func (a *author) money(minor int64) money.Money { return money.New(minor, a.shop.Currency) }

func (a *author) over(minor int64) promo.Condition {
	return promo.Condition{Amount: &promo.AmountCondition{Min: a.money(minor)}}
}

func (a *author) group(id promo.GroupID, name string) {
	a.offers.Groups = append(a.offers.Groups, promo.Group{ID: id, Name: name, Per: promo.OneOrder})
}

func (a *author) offer(p promo.Promotion) {
	p.Channels = []ref.ChannelID{a.shop.Channel}
	a.offers.Promotions = append(a.offers.Promotions, p)
}

// coupon is an offer that members hold a coupon for.
func (a *author) coupon(p promo.Promotion, t coupon.Terms) {
	p.Redeem = promo.RedeemCoupon
	a.offer(p)
	t.Promotion, t.Name, t.Channel = p.ID, p.Name, a.shop.Channel
	a.offers.Coupons = append(a.offers.Coupons, coupon.CreateInput{ID: coupon.TemplateID(p.ID), Merchant: p.Merchant, Terms: t})
}

func off(tiers ...promo.Tier) promo.Benefit {
	return promo.Benefit{Tiers: &promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Tiers: tiers}}
}

func (a *author) fixed(minor int64) promo.Benefit {
	return promo.Benefit{Fixed: &promo.Fixed{Off: a.money(minor), Per: promo.PerOrder}}
}

func (a *author) electronics() {
	a.group(either, "Reduction or site coupon")
	a.offer(promo.Promotion{
		ID: "en-power-banks", Name: "Charge up: 15% off power banks", Template: "limited-time-discount", Until: a.until, Level: promo.LevelPrice,
		Lines: promo.Selector{Categories: []ref.CategoryID{"power-banks"}}, Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 150_000}},
	})
	a.offer(promo.Promotion{
		ID: "en-spend-300", Name: "$30 off orders over $300, $80 off over $600",
		Benefit: off(promo.Tier{Amount: a.money(300_00), Off: a.money(30_00)}, promo.Tier{Amount: a.money(600_00), Off: a.money(80_00)}),
		Groups:  []promo.GroupID{either}, OnPartialRefund: promo.RefundClawBack,
	})
	a.offer(promo.Promotion{
		ID: "en-second-cable", Name: "The second cable at half price", Template: "second-at",
		Lines:   promo.Selector{Categories: []ref.CategoryID{"cables-data"}},
		Benefit: promo.Benefit{Nth: &promo.Nth{N: 2, PPM: 500_000}},
		Funding: []promo.Funding{{Party: promo.PartySite, PPM: 500_000}, {Party: promo.PartyMerchant, PPM: 500_000}},
	})
	a.offer(promo.Promotion{
		ID: "en-charger-gift", Name: "A wall charger with $200 at Harbour & Pine", Merchant: "harbour-and-pine", When: a.over(200_00),
		Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{
			{SKU: "EN0653", Quantity: 1, Value: a.money(7_99)}, {SKU: "EN0473-US", Quantity: 1, Value: a.money(17_99)},
		}}},
		Limits: promo.Limits{Uses: 500}, OnPartialRefund: promo.RefundReturnGift,
	})
	a.offer(promo.Promotion{
		ID: "en-free-delivery", Name: fmt.Sprintf("Free standard delivery from $%d", FreeDeliveryUSD/100), Template: "free-shipping", When: a.over(FreeDeliveryUSD),
		Benefit: promo.Benefit{Shipping: &promo.Shipping{PPM: money.Million, Methods: []string{"standard"}}},
	})
	a.coupon(promo.Promotion{
		ID: "en-20-off-200", Name: "$20 off $200", Template: "coupon-amount", When: a.over(200_00), Benefit: a.fixed(20_00),
		Groups: []promo.GroupID{promo.GroupSiteCoupon, either}, Limits: promo.Limits{Budget: a.money(10_000_00)},
	}, coupon.Terms{
		Note: "Everywhere in the shop; instead of the reduction over $300, whichever saves you more.",
		Way:  coupon.ByClaim, Validity: coupon.Validity{Days: 30}, Total: 1_000, PerMember: 1, Reusable: true,
	})
	a.coupon(promo.Promotion{
		ID: "en-harbour-10", Name: "10% off at Harbour & Pine", Template: "coupon-percent", Merchant: "harbour-and-pine", Level: promo.LevelOrder,
		When: a.over(50_00), Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000, Cap: a.money(50_00)}},
	}, coupon.Terms{Note: "From $50, at most $50 off.", Way: coupon.ByClaim, Validity: coupon.Validity{Days: 14}, PerMember: 1})
	a.coupon(promo.Promotion{
		ID: "en-finch-welcome", Name: "Welcome: $10 off $60 at Copper Finch", Template: "coupon-amount", Merchant: "copper-finch",
		When: a.over(60_00), Benefit: a.fixed(10_00),
	}, coupon.Terms{Note: "For every new member.", Way: coupon.ByRegistration, Validity: coupon.Validity{Days: 60}, PerMember: 1})
}

func (a *author) household() {
	a.group(eitherZH, "满减与全场券二选一")
	a.offer(promo.Promotion{
		ID: "zh-bedding", Name: "床品焕新季：床品件套九折", Template: "limited-time-discount", Until: a.until, Level: promo.LevelPrice,
		Lines: promo.Selector{Categories: []ref.CategoryID{"bedding"}}, Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000}},
	})
	a.offer(promo.Promotion{
		ID: "zh-spend-300", Name: "全场满300减30，满600减80",
		Benefit: off(promo.Tier{Amount: a.money(300_00), Off: a.money(30_00)}, promo.Tier{Amount: a.money(600_00), Off: a.money(80_00)}),
		Groups:  []promo.GroupID{eitherZH}, OnPartialRefund: promo.RefundClawBack,
	})
	a.offer(promo.Promotion{
		ID: "zh-towels", Name: "毛巾任选3条99元", Template: "any-for", Lines: promo.Selector{Categories: []ref.CategoryID{"towels"}},
		Benefit: promo.Benefit{Bundle: &promo.Bundle{Parts: []promo.Part{{Quantity: 3}}, Price: a.money(99_00)}},
		Funding: []promo.Funding{{Party: promo.PartySite, PPM: 500_000}, {Party: promo.PartyMerchant, PPM: 500_000}},
	})
	a.offer(promo.Promotion{
		ID: "zh-towel-gift", Name: "暖屿生活满499元赠毛巾", Merchant: "warm-isle", When: a.over(499_00),
		Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{
			{SKU: "ZH1006051-BEIGE", Quantity: 1, Value: a.money(59_00)}, {SKU: "ZH1006051-GRAY", Quantity: 1, Value: a.money(59_00)},
		}}},
		Limits: promo.Limits{Uses: 500}, OnPartialRefund: promo.RefundReturnGift,
	})
	a.offer(promo.Promotion{
		ID: "zh-free-delivery", Name: fmt.Sprintf("全单满%d元标准配送包邮", FreeDeliveryCNY/100), Template: "free-shipping", When: a.over(FreeDeliveryCNY),
		Benefit: promo.Benefit{Shipping: &promo.Shipping{PPM: money.Million, Methods: []string{"standard"}}},
	})
	a.coupon(promo.Promotion{
		ID: "zh-20-off-200", Name: "全场满200减20", Template: "coupon-amount", When: a.over(200_00), Benefit: a.fixed(20_00),
		Groups: []promo.GroupID{promo.GroupSiteCoupon, eitherZH}, Limits: promo.Limits{Budget: a.money(50_000_00)},
	}, coupon.Terms{
		Note: "全场通用；与满减活动二选一，自动取更优惠的一项。",
		Way:  coupon.ByClaim, Validity: coupon.Validity{Days: 30}, Total: 1_000, PerMember: 1, Reusable: true,
	})
	a.coupon(promo.Promotion{
		ID: "zh-greengrain-10", Name: "青禾家居九折券", Template: "coupon-percent", Merchant: "greengrain-home", Level: promo.LevelOrder,
		When: a.over(100_00), Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000, Cap: a.money(100_00)}},
	}, coupon.Terms{Note: "满100元可用，最多减100元。", Way: coupon.ByClaim, Validity: coupon.Validity{Days: 14}, PerMember: 1})
	a.coupon(promo.Promotion{
		ID: "zh-plum-welcome", Name: "梅子巷新人券：满100减15", Template: "coupon-amount", Merchant: "plum-lane",
		When: a.over(100_00), Benefit: a.fixed(15_00),
	}, coupon.Terms{Note: "新会员注册即得。", Way: coupon.ByRegistration, Validity: coupon.Validity{Days: 60}, PerMember: 1})
}
