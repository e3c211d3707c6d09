package shop

import (
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

func couponStates() []string {
	return []string{string(coupon.Active), string(coupon.Paused), string(coupon.Ended)}
}

func couponWays() []string {
	return []string{string(coupon.ByClaim), string(coupon.ByCode), string(coupon.ByHand), string(coupon.ByRegistration), string(coupon.ByReward)}
}

// couponKinds lists the kinds of coupons.
func (d *desk) couponKinds() error {
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	state := ""
	if slices.Contains(couponStates(), in["state"]) {
		state = in["state"]
	}
	list, err := d.Market.Coupons.Templates(d.ctx(), d.scope, coupon.TemplateQuery{State: coupon.TemplateState(state)},
		page.Request{After: page.Cursor(in["after"]), Limit: perPage})
	if err != nil {
		return err
	}
	p := view.StaffCoupons{
		Chrome: d.chrome("coupons"), New: d.can(access.PromotionsWrite, "/staff/coupons/new"),
		Tabs: tabs("/staff/coupons", "coupon.tab.", state, couponStates()),
	}
	if p.Rows, err = d.kinds(p.Locale, list.Items); err != nil {
		return err
	}
	p.Next, p.Start = pager(d.r.URL, string(list.Next))
	return d.show(p)
}

func (d *desk) kinds(locale ref.Locale, all []coupon.Template) ([]view.StaffCouponKind, error) {
	merchants := make([]ref.MerchantID, len(all))
	for i := range all {
		merchants[i] = all[i].Merchant
	}
	owners, err := d.owners(locale, merchants...)
	if err != nil {
		return nil, err
	}
	words, err := d.words(locale, &promo.Promotion{})
	if err != nil {
		return nil, err
	}
	out := make([]view.StaffCouponKind, len(all))
	for i := range all {
		t := &all[i]
		out[i] = view.StaffCouponKind{
			ID: string(t.ID), Href: "/staff/coupons/" + string(t.ID), Name: t.Name, Note: t.Note, Owner: owners[t.Merchant], State: string(t.State),
			Way: "way." + string(t.Way), Promotion: view.Link{Label: words.Name(t.Promotion), Href: "/staff/promotions/" + string(t.Promotion)},
			Opens: t.Opens, Closes: t.Closes, From: t.Validity.From, Until: t.Validity.Until, Days: int64(t.Validity.Days),
			Issued: t.Issued, Total: t.Total, PerMember: t.PerMember, Reusable: t.Reusable,
		}
		if t.Channel != "" {
			out[i].Front = d.frontName(string(t.Channel))
		}
	}
	return out, nil
}

// newCoupon is the form of a new kind of coupons.
func (d *desk) newCoupon() error {
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	return d.couponForm(200, view.Form{Values: map[string]string{
		"id": d.IDs.New(), "promotion": in["promotion"], "way": string(coupon.ByClaim), "channel": d.Shop.negotiated(d.r).base[1:],
	}})
}

func (d *desk) couponForm(status int, form view.Form) error {
	p := view.StaffCouponForm{Chrome: d.chrome("coupons"), Form: form}
	words := d.Renderer.Texts(p.Locale)
	wanting, err := d.wanting()
	if err != nil {
		return err
	}
	for i := range wanting {
		c := &wanting[i]
		name := c.Promotion.Name
		if name == "" {
			name = string(c.ID)
		}
		p.Promotions = append(p.Promotions, view.Choice{Code: string(c.ID), Label: name})
	}
	p.Ways = choices(couponWays(), "", func(c string) string { return words.Text("way."+c, nil) })
	channels := []string{""}
	for _, f := range d.fronts {
		channels = append(channels, string(f.channel.ID))
	}
	p.Channels = choices(channels, "", func(c string) string {
		if c == "" {
			return words.Text("promo.everywhere", nil)
		}
		return d.frontName(c)
	})
	return d.answer(status, p)
}

// wanting returns the campaigns that want a coupon and can still be offered.
func (d *desk) wanting() ([]campaign.Campaign, error) {
	var out []campaign.Campaign
	req := page.Request{Limit: page.MaxLimit}
	for {
		list, err := d.Market.Campaigns.List(d.ctx(), d.scope, campaign.Query{Redeem: promo.RedeemCoupon}, req)
		if err != nil {
			return nil, err
		}
		for i := range list.Items {
			if c := &list.Items[i]; c.State != campaign.Ended {
				out = append(out, *c)
			}
		}
		if req.After = list.Next; req.After == "" {
			return out, nil
		}
	}
}

// postCoupon adds a kind of coupons, which gives out none yet.
func (d *desk) postCoupon() error {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	made, err := d.readCoupon(in)
	if err == nil {
		var t coupon.Template
		if t, err = d.Market.Coupons.Create(d.ctx(), d.scope, made); err == nil {
			d.tell(view.Good, "coupon.said.new", nil)
			return d.redirect("/staff/coupons/" + string(t.ID))
		}
	}
	form, ok := in.Form(err)
	if !ok {
		return err
	}
	return d.couponForm(web.StatusOf(err), form)
}

// readCoupon reads the form. It belongs to whom the promotion belongs.
func (d *desk) readCoupon(in web.Inputs) (coupon.CreateInput, error) {
	var wrong fault.Violations
	number := func(name string) int64 {
		if in[name] == "" {
			return 0
		}
		n, err := strconv.ParseInt(in[name], 10, 64)
		if err != nil {
			wrong.Add(name, "type", nil)
		}
		return n
	}
	at := func(name string) time.Time {
		if in[name] == "" {
			return time.Time{}
		}
		t, err := time.ParseInLocation(local, in[name], d.zone())
		if err != nil {
			wrong.Add(name, "type", nil)
		}
		return t
	}
	out := coupon.CreateInput{ID: coupon.TemplateID(in["id"]), Terms: coupon.Terms{
		Promotion: ref.PromotionID(in["promotion"]), Name: in["name"], Note: in["note"], Way: coupon.Way(in["way"]),
		Channel: ref.ChannelID(in["channel"]), Opens: at("opens"), Closes: at("closes"),
		Validity: coupon.Validity{From: at("validity.from"), Until: at("validity.until"), Days: int(number("validity.days"))},
		Total:    number("total"), PerMember: number("per_member"), Reusable: in["reusable"] == "yes",
	}}
	if out.Channel != "" && d.front(out.Channel) == nil {
		wrong.Add("channel", "choice", nil)
	}
	if err := wrong.Err("staff.coupon", "the coupon is not complete"); err != nil {
		return out, err
	}
	if ref.ValidID(string(out.Promotion)) {
		if c, err := d.Market.Campaigns.Get(d.ctx(), d.scope, out.Promotion); err == nil {
			out.Merchant = c.Merchant
		}
	}
	return out, nil
}
