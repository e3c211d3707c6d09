package shop

import (
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/promo/coupon"
)

// couponTabs are the states of a member's coupons that are shown apart, the
// first by itself.
func couponTabs() []coupon.State {
	return []coupon.State{coupon.Claimed, coupon.Held, coupon.Used, coupon.Expired}
}

func (v *visit) coupons() error {
	in, err := web.ReadQuery(v.r)
	if err != nil {
		return err
	}
	p, err := v.couponsPage(in, view.Form{})
	if err != nil {
		return err
	}
	return v.show(p)
}

func (v *visit) couponsPage(in web.Inputs, form view.Form) (view.Coupons, error) {
	p := view.Coupons{Chrome: v.chrome(), Codes: v.Codes && v.scope.Member() != "", Form: form}
	offers, err := v.Market.Coupons.Offers(v.ctx(), v.scope, coupon.OfferQuery{Channel: v.channel.ID}, page.Request{Limit: perPage})
	if err != nil {
		return p, err
	}
	if v.scope.Member() != "" {
		if err := v.ownCoupons(&p, in); err != nil {
			return p, err
		}
	}
	var sellers []ref.MerchantID
	for i := range offers.Items {
		sellers = append(sellers, offers.Items[i].Template.Merchant)
	}
	names, err := v.sellersOf(sellers)
	if err != nil {
		return p, err
	}
	for i := range offers.Items {
		p.Offers = append(p.Offers, v.couponOffer(&offers.Items[i], names))
	}
	return p, nil
}

// ownCoupons shows what a member has in one of the states.
func (v *visit) ownCoupons(p *view.Coupons, in web.Inputs) error {
	now := v.Clock.Now()
	shown := coupon.Claimed
	for _, st := range couponTabs() {
		if in["show"] == string(st) {
			shown = st
		}
	}
	p.Tab = string(shown)
	for _, st := range couponTabs() {
		href := v.base + "/coupons"
		if st != coupon.Claimed {
			href += "?show=" + string(st)
		}
		p.Tabs = append(p.Tabs, view.Link{Label: "coupons.tab." + string(st), Href: href, Current: st == shown})
	}
	mine, err := v.Market.Coupons.List(v.ctx(), v.scope,
		coupon.Query{Member: v.scope.Member(), Channel: v.channel.ID, State: shown, At: now},
		page.Request{After: page.Cursor(in["after"]), Limit: perPage})
	if err != nil {
		return err
	}
	var sellers []ref.MerchantID
	for i := range mine.Items {
		sellers = append(sellers, mine.Items[i].Merchant)
	}
	names, err := v.sellersOf(sellers)
	if err != nil {
		return err
	}
	for i := range mine.Items {
		p.Mine = append(p.Mine, v.couponTicket(&mine.Items[i], names, now))
	}
	p.Next, p.Start = pager(v.r.URL, string(mine.Next))
	return nil
}

// sellersOf returns the names of those merchants that there are: what the site
// gives has none.
func (v *visit) sellersOf(ids []ref.MerchantID) (map[ref.MerchantID]string, error) {
	return v.names(v.ctx(), slices.DeleteFunc(ids, func(id ref.MerchantID) bool { return id == "" })...)
}

func (v *visit) couponOffer(o *coupon.Offer, names map[ref.MerchantID]string) view.CouponOffer {
	t := &o.Template
	left, limited := t.Left()
	out := view.CouponOffer{
		ID: string(t.ID), Key: v.IDs.New(), Name: t.Name, Note: t.Note, Merchant: names[t.Merchant],
		Days: int64(t.Validity.Days), Until: t.Validity.Until, Left: max(left, 0), Limited: limited, Blocked: string(o.Blocked),
	}
	if o.Blocked == coupon.ReasonNotYet {
		out.Opens = t.Opens
	}
	return out
}

func (v *visit) couponTicket(c *coupon.Coupon, names map[ref.MerchantID]string, now time.Time) view.CouponTicket {
	out := view.CouponTicket{
		Name: c.Name, Merchant: names[c.Merchant], State: string(c.State), Until: c.ExpiresAt, Used: c.UsedAt,
	}
	switch {
	case c.Usable(now):
		out.State = "usable"
	case c.State == coupon.Claimed && c.Over(now):
		out.State = string(coupon.Expired)
	case c.State == coupon.Claimed:
		out.State, out.From = "soon", c.ValidFrom
	}
	if c.Group != "" {
		out.Order = v.orderHref(c.Group)
	}
	return out
}

// postCouponClaim takes a coupon for the member who asks.
func (v *visit) postCouponClaim() error {
	if v.scope.Member() == "" {
		return v.redirect(v.base + "/sign-in?next=" + v.base + "/coupons")
	}
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	c, err := v.Market.Coupons.Claim(v.ctx(), v.scope, coupon.ClaimInput{Template: coupon.TemplateID(in["template"]), Key: in["key"]})
	var f *fault.Fault
	switch {
	case err == nil:
		v.tell(view.Good, "coupons.claimed", fault.Params{"Name": c.Name})
	case (errors.Is(err, fault.Exhausted) || errors.Is(err, fault.FailedPrecondition)) && errors.As(err, &f):
		reason, _ := f.Params["reason"].(string)
		v.tell(view.Warn, "coupons.blocked."+reason, nil)
	default:
		return err
	}
	return v.redirect(v.base + "/coupons")
}

// postCouponCode redeems a code for the member who types it.
func (v *visit) postCouponCode() error {
	if v.scope.Member() == "" {
		return v.redirect(v.base + "/sign-in?next=" + v.base + "/coupons")
	}
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	c, err := v.Market.Coupons.Redeem(v.ctx(), v.scope, coupon.RedeemInput{Code: in["code"], Origin: v.Proxies.Origin(v.r)})
	if errors.Is(err, fault.NotFound) {
		err = fault.Wrap(err, fault.Invalid, "coupon.code_unknown", "there is no such code").WithField("code", "unknown", nil)
	}
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		p, perr := v.couponsPage(web.Inputs{}, form)
		if perr != nil {
			return perr
		}
		return v.answer(v.statusOf(err), p)
	}
	v.tell(view.Good, "coupons.claimed", fault.Params{"Name": c.Name})
	return v.redirect(v.base + "/coupons")
}
