package web_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

// samples are views of every page, filled from the demo catalogue, in the
// states a visitor can meet them in.
type samples struct {
	shop      demo.Shop
	merchants map[string]demo.Merchant
	products  map[string]demo.Product
	now       time.Time
}

var load = sync.OnceValues(demo.Load)

func newSamples(t *testing.T, locale ref.Locale) samples {
	t.Helper()
	data, err := load()
	require.NoError(t, err)
	s := samples{merchants: map[string]demo.Merchant{}, products: map[string]demo.Product{}, now: time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)}
	for _, m := range data.Merchants {
		s.merchants[m.Code] = m
	}
	for _, shop := range data.Shops {
		if shop.Locale == locale {
			s.shop = shop
		}
	}
	for _, p := range s.shop.Products {
		if _, ok := s.products[string(p.Picture.Kind)]; !ok || len(p.Options) > len(s.products[string(p.Picture.Kind)].Options) {
			s.products[string(p.Picture.Kind)] = p
		}
	}
	return s
}

func (s samples) text(t demo.Text) string { return t.In(s.shop.Locale) }

func (s samples) base() string { return "/" + string(s.shop.Channel) }

func (s samples) chrome(member string, pieces int64) view.Chrome {
	c := view.Chrome{
		Locale: s.shop.Locale, Base: s.base(), Search: s.base() + "/search", Path: s.base() + "/", Shop: s.text(s.shop.Name), Member: member, Pieces: pieces, Demo: true,
		Shops: []view.Link{
			{Label: "English", Href: "/en/", Lang: "en-US", Current: s.shop.Locale == ref.English},
			{Label: "中文", Href: "/zh/", Lang: "zh-CN", Current: s.shop.Locale == ref.Chinese},
		},
	}
	for i, d := range s.shop.Departments {
		c.Menu = append(c.Menu, view.Link{Label: s.text(d.Name), Href: s.base() + "/c/" + d.Code, Current: i == 1 && pieces > 2})
	}
	return c
}

func (s samples) name() string {
	if s.shop.Locale == ref.Chinese {
		return "李小雅"
	}
	return "Ada Winter"
}

func (s samples) card(p demo.Product) view.Card {
	return view.Card{
		Href: s.base() + "/p/" + p.Slug, Name: p.Name, Brand: p.Brand, Merchant: s.text(s.merchants[p.Merchant].Name), Picture: p.Picture.Key(),
		Price: p.Variants[0].Price, ListPrice: p.Variants[0].ListPrice, InStock: p.Variants[0].Stock > 0,
		From: len(p.Options) > 0 && p.Variants[len(p.Variants)-1].Price != p.Variants[0].Price, Options: len(p.Options),
	}
}

func (s samples) cards(from, n int) []view.Card {
	var cards []view.Card
	for i := range n {
		cards = append(cards, s.card(s.shop.Products[(from+i*13)%len(s.shop.Products)]))
	}
	return cards
}

func (s samples) home() view.Home {
	h := view.Home{Chrome: s.chrome("", 0), Products: int64(len(s.shop.Products)), Popular: s.cards(0, 8)}
	h.Shops[0].Href, h.Shops[1].Href = "/en/home", "/zh/home"
	seen := map[string]bool{}
	for _, p := range s.shop.Products {
		if m := s.merchants[p.Merchant]; !seen[m.Code] {
			seen[m.Code] = true
			h.Merchants = append(h.Merchants, view.Merchant{Name: s.text(m.Name), About: s.text(m.About)})
		}
	}
	for _, d := range s.shop.Departments {
		h.Departments = append(h.Departments, view.Tile{Name: s.text(d.Name), Href: s.base() + "/c/" + d.Code, Picture: d.Picture.Key()})
	}
	for _, i := range []int{1, 4, 7} {
		h.Hero = append(h.Hero, s.shop.Departments[i%len(s.shop.Departments)].Picture.Key())
	}
	if s.shop.Locale == ref.Chinese {
		h.Offers = s.cards(5, 4)
	}
	return h
}

func (s samples) category() view.Category {
	d := s.shop.Departments[0]
	c := view.Category{
		Chrome: s.chrome(s.name(), 3), Name: s.text(d.Name), Products: s.cards(3, 12), Next: "?after=abc", Start: "?",
		Crumbs: []view.Link{{Label: s.text(s.shop.Name), Href: s.base() + "/"}, {Label: s.text(d.Name), Current: true}},
		Filter: view.Filter{
			Action: s.base() + "/c/" + d.Code, Currency: s.shop.Currency, InStock: true, Clear: "?",
			Sorts: []view.Choice{{Code: "popular", Label: "★"}, {Code: "price_up", Label: "↑", Selected: true}},
		},
	}
	for i, l := range d.Children {
		c.Siblings = append(c.Siblings, view.Link{Label: s.text(l.Name), Href: s.base() + "/c/" + l.Code, Current: i == 1})
	}
	return c
}

func (s samples) emptyCategory() view.Category {
	c := s.category()
	c.Products, c.Next, c.Start = nil, "", ""
	c.Filter.Min, c.Filter.Max = "500", "20"
	c.Filter.Faults = []fault.Field{{Path: "max", Code: "not_after"}}
	return c
}

func (s samples) product(kind string, available int64) view.Product {
	p := s.products[kind]
	v := p.Variants[0]
	m := s.merchants[p.Merchant]
	out := view.Product{
		Chrome: s.chrome(s.name(), 3), Href: s.base() + "/p/" + p.Slug, Name: p.Name, Brand: p.Brand, Description: p.Description, Picture: v.Picture.Key(),
		Merchant: view.Merchant{Name: s.text(m.Name), About: s.text(m.About)}, ID: "sku-1", Code: v.Code, Price: v.Price, ListPrice: v.ListPrice,
		TaxIncluded: s.shop.Locale == ref.Chinese, Available: available, Max: available, Related: s.cards(8, 4),
		Crumbs: []view.Link{{Label: s.text(s.shop.Name), Href: s.base() + "/"}, {Label: s.text(s.shop.Departments[0].Name), Href: "#"}, {Label: p.Name, Current: true}},
		Facts:  []view.Pair{{Name: "g", Value: fmt.Sprint(v.WeightGrams)}},
	}
	for _, o := range p.Options {
		opt := view.Option{Code: o.Code, Name: s.text(o.Name)}
		for i, val := range o.Values {
			pic := ""
			if val.Colour != "" {
				spec := v.Picture
				spec.Colour = val.Colour
				pic = spec.Key()
			}
			opt.Values = append(opt.Values, view.Value{Label: s.text(val.Name), Href: "?" + o.Code + "=" + val.Code, Picture: pic, Selected: i == 0, SoldOut: i == 2})
		}
		out.Options = append(out.Options, opt)
	}
	return out
}

func (s samples) cart(troubled bool) view.Cart {
	c := view.Cart{Chrome: s.chrome(s.name(), 4), Version: 3, Ready: !troubled, Subtotal: money.Zero(s.shop.Currency)}
	for g, ids := range [][]int{{0, 40}, {77}} {
		group := view.CartGroup{Merchant: s.text(s.merchants[s.shop.Products[ids[0]].Merchant].Name), Subtotal: money.Zero(s.shop.Currency)}
		for i, id := range ids {
			p := s.shop.Products[id]
			unit, quantity := p.Variants[0].Price, int64(1+i)
			total, _ := unit.Mul(quantity)
			group.Subtotal, _ = group.Subtotal.Add(total)
			line := view.CartLine{
				ID: fmt.Sprint(id), Href: s.base() + "/p/" + p.Slug, Picture: p.Picture.Key(), Title: p.Name, Code: p.Code, Quantity: quantity, Max: 40,
				Unit: unit, Total: total, Options: s.pairs(p),
			}
			if troubled && g == 0 {
				line.Trouble, line.Left = []view.Trouble{view.TooMany, view.SoldOut}[i], 1
			}
			if troubled && g == 1 {
				line.Before, _ = unit.Mul(2)
			}
			group.Lines = append(group.Lines, line)
		}
		c.Subtotal, _ = c.Subtotal.Add(group.Subtotal)
		c.Groups = append(c.Groups, group)
	}
	return c
}

func (s samples) pairs(p demo.Product) []view.Pair {
	var out []view.Pair
	for _, o := range p.Options {
		out = append(out, view.Pair{Name: s.text(o.Name), Value: s.text(o.Values[0].Name)})
	}
	return out
}

func (s samples) addresses() []view.Address {
	if s.shop.Locale == ref.Chinese {
		return []view.Address{
			{ID: "1", Name: "李小雅", Phone: "+86 138 0013 8000", Lines: []string{"广东省 深圳市 南山区", "科技园路 1 号 3 栋 502", "518057"}, Default: true, Selected: true},
			{ID: "2", Name: "李建国", Phone: "+86 139 1234 5678", Lines: []string{"浙江省 杭州市 西湖区", "文三路 90 号", "310012"}},
		}
	}
	return []view.Address{
		{ID: "1", Name: "Ada Winter", Phone: "+1 206 555 0117", Lines: []string{"1200 Harbor Avenue", "Apartment 4B", "Seattle, WA 98101"}, Default: true, Selected: true},
		{ID: "2", Name: "Ada Winter, office", Phone: "+1 206 555 0143", Lines: []string{"77 Pine Street", "Portland, OR 97201"}},
	}
}

func (s samples) addressForm(prefix string, wrong bool) view.AddressForm {
	f := view.AddressForm{Prefix: prefix, OfferDefault: true, Districts: s.shop.Locale == ref.Chinese, Countries: []view.Choice{{Code: "US", Label: "United States"}, {Code: "CN", Label: "中国"}}}
	f.Regions = []view.Choice{{Code: "WA", Label: "Washington"}, {Code: "OR", Label: "Oregon"}}
	if wrong {
		f.Values = map[string]string{prefix + "name": s.name(), prefix + "phone": "12", prefix + "city": "Seattle"}
		f.Faults = []fault.Field{{Path: prefix + "phone", Code: "malformed"}, {Path: prefix + "line1", Code: "required"}, {Path: prefix + "postal_code", Code: "malformed"}}
	}
	return f
}

func (s samples) summary(known bool) view.Summary {
	cart := s.cart(false)
	sum := view.Summary{Pieces: 4, Items: cart.Subtotal, Shipping: money.New(990, s.shop.Currency), ShippingKnown: known, TaxIncluded: s.shop.Locale == ref.Chinese}
	sum.Tax, _ = cart.Subtotal.Percent(88_000, money.HalfUp)
	sum.Total, _ = cart.Subtotal.Add(sum.Shipping)
	if !sum.TaxIncluded {
		sum.Total, _ = sum.Total.Add(sum.Tax)
	}
	if !known {
		sum.Total = cart.Subtotal
	}
	for _, g := range cart.Groups {
		sum.Lines = append(sum.Lines, summaryLines(g)...)
	}
	return sum
}

func summaryLines(g view.CartGroup) []view.SummaryLine {
	var out []view.SummaryLine
	for _, l := range g.Lines {
		out = append(out, view.SummaryLine{Href: l.Href, Picture: l.Picture, Title: l.Title, Options: l.Options, Quantity: l.Quantity, Unit: l.Unit, Total: l.Total})
	}
	return out
}

func (s samples) checkout(step view.Step) view.Checkout {
	as := s.addresses()
	c := view.Checkout{
		Chrome: s.chrome(s.name(), 4), Step: step, Saved: as, Chosen: &as[0], Address: s.addressForm("address.", false),
		Summary: s.summary(step != view.AddressStep && step != view.DeliveryStep), Hash: "h", Key: "k", GoodUntil: s.now.Add(15 * time.Minute), Purchase: "PO-4711",
		Methods: []view.Method{{Code: "fakepay", Key: "method.fakepay", Selected: true}, {Code: "transfer", Key: "method.transfer"}, {Code: "cod", Key: "method.cod"}},
	}
	for i, g := range s.cart(false).Groups {
		c.Packages = append(c.Packages, view.Package{Merchant: g.Merchant, MerchantID: fmt.Sprint(i), Lines: summaryLines(g), Rates: []view.Rate{
			{Code: "standard", Key: "rate.standard", Price: money.New(int64(990*i), s.shop.Currency), Selected: true},
			{Code: "express", Key: "rate.express", Price: money.New(1990, s.shop.Currency)},
		}})
	}
	return c
}

// unservedCheckout goes to where nobody delivers.
func (s samples) unservedCheckout() view.Checkout {
	c := s.checkout(view.DeliveryStep)
	c.Summary.Unserved = true
	for i := range c.Packages {
		c.Packages[i].Rates = nil
	}
	return c
}

func (s samples) guestCheckout() view.Checkout {
	c := s.checkout(view.AddressStep)
	c.Member, c.Guest, c.Saved, c.Address = "", true, nil, s.addressForm("address.", true)
	c.Form = view.Form{Faults: append([]fault.Field{{Path: "email", Code: "required"}}, c.Address.Faults...)}
	return c
}

// said is what offers are called in the shop's language.
func (s samples) said(english, chinese string) string {
	if s.shop.Locale == ref.Chinese {
		return chinese
	}
	return english
}

func (s samples) savings() []view.Saving {
	return []view.Saving{
		{Name: s.said("$30 off orders over $300, $80 off over $600", "全场满300减30，满600减80"), Off: s.money(3000)},
		{Name: s.said("10% off at Harbour & Pine", "青禾家居九折券"), Merchant: s.text(s.merchants[s.shop.Products[0].Merchant].Name), Coupon: true, Off: s.money(1245)},
	}
}

func (s samples) money(minor int64) money.Money { return money.New(minor, s.shop.Currency) }

func (s samples) gift() view.SummaryLine {
	p := s.shop.Products[5]
	return view.SummaryLine{
		Picture: p.Picture.Key(), Title: p.Name, Quantity: 1, Unit: p.Variants[0].Price, Total: s.money(0), Before: p.Variants[0].Price,
		Gift: true, From: s.said("A wall charger with $200", "满499元赠毛巾"),
	}
}

// promotedCart has everything that promotions can do to a cart.
func (s samples) promotedCart() view.Cart {
	c := s.cart(false)
	c.Savings, c.Saved, c.Total = s.savings(), s.money(4245), c.Subtotal
	c.Total, _ = c.Subtotal.Sub(c.Saved)
	g := &c.Groups[0]
	g.Gifts, g.Savings = []view.SummaryLine{s.gift()}, s.savings()[1:]
	g.Gifts[0].Open = true
	g.SubtotalBefore = g.Subtotal
	g.Subtotal, _ = g.Subtotal.Sub(s.money(345))
	g.Lines[0].List = g.Lines[0].Total
	g.Lines[0].Total, _ = g.Lines[0].Total.Sub(s.money(100))
	c.Hints = []view.Hint{
		{Said: view.Said{Key: "near.amount.off", Params: fault.Params{"Amount": s.money(1200).Format(s.shop.Locale), "Off": s.money(3000).Format(s.shop.Locale)}}, Name: c.Savings[0].Name},
		{Said: view.Said{Key: "near.piece.percent", Params: fault.Params{"Off": "50%"}}, Name: s.said("The second cable at half price", "第二件半价"), Merchant: g.Merchant},
		{Said: view.Said{Key: "near.amount", Params: fault.Params{"Amount": s.money(99).Format(s.shop.Locale)}}, Name: s.said("Free standard delivery from $99", "全单满199元标准配送包邮")},
	}
	c.Refused = []view.Refusal{
		{Name: "SPRING", Why: view.Said{Key: "decision.code_unknown", Params: fault.Params{"Code": "SPRING"}}},
		{Name: s.said("$20 off $200", "全场满200减20"), Why: view.Said{Key: "decision.conflict", Params: fault.Params{"With": c.Savings[0].Name}}},
	}
	c.Gains = []view.Gain{{Kind: "coupon", Count: 2}, {Kind: "points", Count: 120}}
	return c
}

// gifts are one of two and two of three to choose, of which too many were.
func (s samples) gifts(step view.Step) *view.GiftPanel {
	p := &view.GiftPanel{Action: "#", Back: step, Choices: []view.GiftChoice{
		{Promotion: "a", Name: s.said("A wall charger with $200", "满499元赠毛巾"), Merchant: s.text(s.merchants[s.shop.Products[0].Merchant].Name), Most: 1},
		{Promotion: "b", Name: s.said("Two little things", "两件小礼"), Most: 2, Form: view.Form{
			Faults: []fault.Field{{Path: "gift", Code: "too_many", Params: fault.Params{"max": 2}}},
		}},
	}}
	for i := range p.Choices {
		c := &p.Choices[i]
		for k := range c.Most + 1 {
			of := s.shop.Products[5+k]
			c.Options = append(c.Options, view.GiftOption{
				SKU: of.Code, Picture: of.Picture.Key(), Title: of.Name, Quantity: int64(k + 1), Worth: of.Variants[0].Price, Given: k < c.Most,
				Options: []view.Pair{{Name: s.said("Colour", "颜色"), Value: s.said("Sand", "沙色")}},
			})
		}
	}
	return p
}

// couponCheckout is a step with coupons to choose from.
func (s samples) couponCheckout(step view.Step, kind string) view.Checkout {
	c := s.checkout(step)
	c.Summary.Savings, c.Summary.Saved = s.savings(), s.money(4245)
	c.Summary.ShippingBefore, c.Summary.Shipping = s.money(495), s.money(0)
	c.Summary.ShippingSavings = []view.Saving{{Name: s.said("Free standard delivery from $99", "全单满199元标准配送包邮"), Off: s.money(495)}}
	c.Summary.Lines[0].Before = c.Summary.Lines[0].Total
	c.Summary.Lines[0].Total, _ = c.Summary.Lines[0].Total.Sub(s.money(100))
	c.Summary.Lines = append(c.Summary.Lines, s.gift())
	c.Summary.Gains = []view.Gain{{Kind: "points", Count: 1}}
	p := &view.CouponPanel{Action: "#", Back: step, Centre: "#", Signed: kind != "guest", Less: s.money(0), Best: s.money(4245)}
	c.Coupons = p
	c.Gifts = s.gifts(step)
	if kind == "guest" {
		c.Member = ""
		return c
	}
	if kind == "none" {
		return c
	}
	merchant := s.text(s.merchants[s.shop.Products[0].Merchant].Name)
	below := view.Said{Key: "decision.below_amount", Params: fault.Params{"Have": s.money(4200).Format(s.shop.Locale), "Need": s.money(6000).Format(s.shop.Locale)}}
	p.Coupons = []view.CouponChoice{
		{ID: "a", Name: s.savings()[1].Name, Merchant: merchant, Until: s.now.AddDate(0, 0, 14), Used: true, Best: true, Known: true, Off: s.money(4245), Less: s.money(0)},
		{ID: "b", Name: s.said("$20 off $200", "全场满200减20"), Until: s.now.AddDate(0, 0, 30), Known: true, Off: s.money(3245), Less: s.money(1000)},
	}
	p.Useless = []view.CouponChoice{
		{ID: "c", Name: s.said("Welcome: $10 off $60 at Copper Finch", "梅子巷新人券：满100减15"), Merchant: merchant, Why: below},
		{ID: "d", Name: s.said("A coupon with a name that is so long that it goes on and on over the end of a line, and the next", "名字特别长的优惠券，长到一行写不下，还要再换一行才能写完"), Why: view.Said{Key: "decision.no_line"}},
	}
	p.Codes = []view.TypedCode{
		{Code: "SPRING10", Name: s.said("Ten in spring", "春季十元"), Used: true, Off: s.money(1000)},
		{Code: "HELLO", Name: s.said("For newcomers", "新人专享"), Off: s.money(0), Why: view.Said{Key: "decision.condition.orders"}},
	}
	p.Without = &view.CouponChoice{Known: true, Off: s.money(2245), Less: s.money(2000)}
	if kind == "throttled" {
		p.None, p.Chosen, p.Less, p.Without.Used, p.Coupons[0].Used, p.Coupons[0].Best = true, true, s.money(2000), true, false, false
		p.Form = view.Form{
			Values: map[string]string{"code": "WINTER"},
			Fault:  fault.New(fault.RateLimited, "coupon.throttled", "too many codes").With("retry_after", 900),
		}
	}
	if kind == "chosen" {
		p.Chosen, p.Less, p.Rough = true, s.money(1000), true
		p.Coupons[0].Used, p.Coupons[1].Used, p.Coupons[1].Pinned = false, true, true
		p.Coupons = append(p.Coupons, view.CouponChoice{ID: "e", Name: s.said("$5 off", "无门槛 5 元券"), Pinned: true, Why: view.Said{Key: "decision.not_pinnable"}})
		p.Form = view.Form{Values: map[string]string{"code": "WINTER"}, Faults: []fault.Field{{Path: "code", Code: "unknown"}}}
	}
	return c
}

// promotedOrder was bought with promotions, and a part went back.
func (s samples) promotedOrder() view.Order {
	o := s.order(true, false)
	o.Summary = s.couponCheckout(view.ReviewStep, "none").Summary
	o.Refunded = s.money(4300)
	p := &o.Parts[0]
	p.Savings, p.Lines = s.savings(), append(p.Lines, s.gift())
	p.Lines[0].Before = p.Lines[0].Total
	p.Lines[0].Total, _ = p.Lines[0].Total.Sub(s.money(100))
	p.Lines[0].Returned = 1
	p.ShippingBefore, p.Shipping = s.money(495), s.money(0)
	p.Refunds = []view.RefundNote{{
		At: s.now, Delivery: s.money(495), ClawBacks: s.savings()[:1], GivenBack: s.savings()[1:], Amount: s.money(4300),
		Lines: []view.RefundLine{{Title: p.Lines[0].Title, Quantity: 1, List: s.money(9900), Shares: s.savings(), Worth: s.money(7300)}},
	}}
	return o
}

func (s samples) changedCheckout() view.Checkout {
	c := s.checkout(view.ReviewStep)
	before := c.Summary.Total
	c.Summary.Total, _ = before.Add(money.New(2500, s.shop.Currency))
	line := c.Summary.Lines[0]
	dearer, _ := line.Unit.Add(money.New(2500, s.shop.Currency))
	c.Changed = &view.QuoteChange{Before: before, Now: c.Summary.Total, Lines: []view.LineChange{{Title: line.Title, Before: line.Unit, Now: dearer}}}
	c.Changed.Gone, c.Changed.Come = []string{s.savings()[0].Name}, []string{s.savings()[1].Name}
	return c
}

func (s samples) pay() view.Pay {
	return view.Pay{Chrome: s.chrome(s.name(), 0), Number: "S-20260314-0042", Amount: s.summary(true).Total, Action: "#", Back: s.base() + "/orders/1", Open: true, Tries: 1}
}

func (s samples) orderCards() []view.OrderCard {
	var out []view.OrderCard
	for i, st := range [][2]string{{"confirmed", "paid"}, {"shipped", "paid"}, {"pending", "unpaid"}, {"completed", "partially_refunded"}, {"canceled", "refunded"}} {
		card := view.OrderCard{Number: fmt.Sprintf("S-20260314-%04d", 42-i), Href: "#", PlacedAt: s.now.AddDate(0, 0, -9*i), Pieces: int64(1 + i), Total: s.shop.Products[i*31].Variants[0].Price, Saved: s.money(int64(i%2) * 420), State: st[0], Payment: st[1]}
		for j := range 1 + i%4 {
			card.Pictures = append(card.Pictures, s.shop.Products[i*31+j*7].Picture.Key())
		}
		out = append(out, card)
	}
	return out
}

func (s samples) order(paid, waiting bool) view.Order {
	a := s.addresses()[0]
	o := view.Order{
		Chrome: s.chrome(s.name(), 0), Number: "S-20260314-0042", Href: s.base() + "/orders/1", PlacedAt: s.now, State: "pending", Payment: "unpaid", Method: "method.fakepay",
		Address: &a, Summary: s.summary(true), Refunded: money.Zero(s.shop.Currency), PayBy: s.now.Add(30 * time.Minute), CancelHref: "#", Waiting: waiting,
	}
	if paid {
		o.State, o.Payment, o.Thanks = "confirmed", "paid", true
	} else if !waiting {
		o.PayHref = "#"
	}
	for i, g := range s.cart(false).Groups {
		p := view.OrderPart{Number: fmt.Sprintf("S-20260314-0042-%d", i+1), Merchant: g.Merchant, State: o.State, Payment: o.Payment, Lines: summaryLines(g), Shipping: money.New(int64(990*i), s.shop.Currency), Total: g.Subtotal, Delivery: "rate.standard"}
		p.Timeline = []view.Moment{{Key: "moment.placed", At: s.now, Now: !paid}, {Key: "moment.paid"}, {Key: "moment.shipped"}, {Key: "moment.completed"}}
		if paid {
			p.Timeline[1].At, p.Timeline[1].Now = s.now.Add(time.Minute), true
			p.CancelHref = "#"
		}
		if paid && i == 1 {
			p.State, p.Payment, p.CancelHref = "canceled", "refunded", ""
			p.Timeline = []view.Moment{{Key: "moment.placed", At: s.now}, {Key: "moment.paid", At: s.now.Add(time.Minute)}, {Key: "moment.canceled", At: s.now.Add(time.Hour), Now: true, Bad: true}}
			o.Refunded = g.Subtotal
		}
		o.Parts = append(o.Parts, p)
	}
	return o
}

func (s samples) coupons(guest, empty bool) view.Coupons {
	c := view.Coupons{Chrome: s.chrome(s.name(), 1), Codes: true, Tab: "claimed", Tabs: []view.Link{
		{Label: "coupons.tab.claimed", Href: "#", Current: true},
		{Label: "coupons.tab.held", Href: "#"},
		{Label: "coupons.tab.used", Href: "#"},
		{Label: "coupons.tab.expired", Href: "#"},
	}}
	if guest {
		c = view.Coupons{Chrome: s.chrome("", 0)}
	}
	if empty {
		return c
	}
	names := []string{"$10 off orders over $100", "15 % off linen and everything else made of it by hand", "Free delivery, twice", "$5 off"}
	if s.shop.Locale == ref.Chinese {
		names = []string{"满 100 减 10", "全场家居用品八五折，手工亚麻制品同享", "两次免运费", "无门槛 5 元券"}
	}
	merchant := s.text(s.merchants[s.shop.Products[0].Merchant].Name)
	c.Offers = []view.CouponOffer{
		{ID: "a", Key: "k", Name: names[0], Days: 7, Limited: true, Left: 1204, Note: names[1]},
		{ID: "b", Key: "k", Name: names[1], Merchant: merchant, Until: s.now.AddDate(0, 1, 0)},
		{ID: "c", Key: "k", Name: names[2], Days: 30, Until: s.now.AddDate(0, 1, 0), Blocked: "member_limit"},
		{ID: "d", Key: "k", Name: names[3], Blocked: "sold_out", Limited: true},
		{ID: "e", Key: "k", Name: names[3], Blocked: "not_yet", Opens: s.now.Add(time.Hour), Days: 1},
	}
	if guest {
		return c
	}
	c.Mine = []view.CouponTicket{
		{Name: names[0], State: "usable", Until: s.now.AddDate(0, 0, 7)},
		{Name: names[1], Merchant: merchant, State: "usable"},
		{Name: names[2], State: "soon", From: s.now.AddDate(0, 0, 2), Until: s.now.AddDate(0, 0, 9)},
		{Name: names[3], State: "held", Until: s.now.AddDate(0, 0, 1), Order: "#"},
		{Name: names[3], State: "used", Used: s.now, Order: "#"},
		{Name: names[3], State: "expired", Until: s.now},
		{Name: names[3], State: "revoked"},
	}
	c.Next = "?after=x"
	return c
}

func (s samples) failure(status int, key string) view.Failure {
	return view.Failure{Chrome: s.chrome("", 0), Status: status, Key: "failure." + key, Code: "order.not_cancellable", Request: "0198-7f3a", Retry: "#"}
}

// all returns every page and state by a name that fits into an address.
func (s samples) all() map[string]view.Page {
	kind, wide := "phone", "band"
	if s.shop.Locale == ref.Chinese {
		kind, wide = "bedding", "underwear"
	}
	signIn := view.SignIn{Chrome: s.chrome("", 2), Try: &view.Credentials{Email: "ada@example.com", Password: "winter-harbour-42"}}
	signInWrong := signIn
	signInWrong.Try = nil
	signInWrong.Form = view.Form{Values: map[string]string{"email": "ada@example.com"}, Fault: fault.New(fault.Unauthenticated, "member.credentials", "wrong")}
	signUpWrong := view.SignUp{Chrome: s.chrome("", 0), MinPassword: 10, Form: view.Form{
		Values: map[string]string{"name": s.name(), "email": "ada@"},
		Faults: []fault.Field{{Path: "email", Code: "malformed"}, {Path: "password", Code: "too_short", Params: fault.Params{"min": 10}}},
	}}
	noticed := s.chrome(s.name(), 1)
	noticed.Notices = []view.Notice{{Tone: view.Good, Key: "account.address_saved"}}
	emptyHome := s.home()
	emptyHome.Departments, emptyHome.Popular, emptyHome.Offers, emptyHome.Merchants, emptyHome.Menu = nil, nil, nil, nil, nil
	invalid := s.failure(422, "invalid")
	invalid.Form.Faults = []fault.Field{{Path: "quantity", Code: "out_of_range", Params: fault.Params{"min": 1, "max": 99}}}
	staffIn := view.StaffSignIn{Chrome: s.chrome("", 0), Try: &view.Credentials{Email: "staff@example.com", Password: "tea-and-ledgers"}}
	pages := map[string]view.Page{
		"home": s.home(), "home-empty": emptyHome, "category": s.category(), "category-empty": s.emptyCategory(),
		"product": s.product(kind, 12), "product-options": s.product(wide, 3), "product-sold-out": s.product(wide, 0),
		"cart": s.cart(false), "cart-trouble": s.cart(true), "cart-empty": view.Cart{Chrome: s.chrome("", 0)}, "cart-promoted": s.promotedCart(),
		"checkout-coupons": s.couponCheckout(view.PaymentStep, ""), "checkout-coupon-chosen": s.couponCheckout(view.ReviewStep, "chosen"),
		"checkout-coupons-guest": s.couponCheckout(view.PaymentStep, "guest"), "checkout-coupons-none": s.couponCheckout(view.PaymentStep, "none"),
		"checkout-coupons-throttled": s.couponCheckout(view.ReviewStep, "throttled"), "order-promoted": s.promotedOrder(),
		"sign-in": signIn, "sign-in-wrong": signInWrong, "sign-up": view.SignUp{Chrome: s.chrome("", 0), MinPassword: 10}, "sign-up-wrong": signUpWrong,
		"account":       view.Account{Chrome: noticed, Email: "ada@example.com", Addresses: s.addresses(), Recent: s.orderCards()[:3]},
		"account-empty": view.Account{Chrome: s.chrome(s.name(), 0), Email: "ada@example.com"},
		"address":       view.EditAddress{Chrome: s.chrome(s.name(), 0), Address: s.addressForm("", false)},
		"address-wrong": view.EditAddress{Chrome: s.chrome(s.name(), 0), ID: "1", Address: s.addressForm("", true)},
		"checkout":      s.checkout(view.AddressStep), "checkout-guest": s.guestCheckout(), "checkout-delivery": s.checkout(view.DeliveryStep),
		"checkout-unserved": s.unservedCheckout(), "checkout-payment": s.checkout(view.PaymentStep), "checkout-review": s.checkout(view.ReviewStep), "checkout-changed": s.changedCheckout(),
		"pay": s.pay(), "orders": view.Orders{Chrome: s.chrome(s.name(), 0), Orders: s.orderCards(), Next: "?after=x"}, "orders-empty": view.Orders{Chrome: s.chrome(s.name(), 0)},
		"order": s.order(true, false), "order-unpaid": s.order(false, false), "order-waiting": s.order(false, true),
		"staff-sign-in": staffIn, "staff-orders": s.staffOrders(false), "staff-orders-empty": s.staffOrders(true),
		"staff-order": s.staffOrder(false, false), "staff-order-wrong": s.staffOrder(true, true),
		"staff-refund": s.staffRefund(false), "staff-refund-wrong": s.staffRefund(true),
		"coupons": s.coupons(false, false), "coupons-guest": s.coupons(true, false), "coupons-empty": s.coupons(false, true), "coupons-wrong": s.wrongCode(),
		"failure-404": s.failure(404, "not_found"), "failure-403": s.failure(403, "denied"), "failure-409": s.failure(409, "price_changed"),
		"failure-422": invalid, "failure-500": s.failure(500, "internal"),
		"about": view.About{Chrome: s.chrome("", 0), Sources: []view.Source{{Title: "htmx", Licence: "0BSD", Text: strings.Repeat("Permission to use, copy, modify. ", 20)}}},
	}
	maps.Copy(pages, s.searches())
	maps.Copy(pages, s.shelves(kind))
	return pages
}
