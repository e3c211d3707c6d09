package shop

import (
	"encoding/csv"
	"errors"
	"net/http"
	"strconv"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/promo/coupon"
)

// maxRecipients is how many members the form gives coupons to at once.
const maxRecipients = 50

// couponKind is the page of one kind of coupons.
func (d *desk) couponKind() error {
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	t, err := d.couponTemplate()
	if err != nil {
		return err
	}
	return d.showCoupon(200, &t, in, view.Form{})
}

func (d *desk) couponTemplate() (coupon.Template, error) {
	id, err := d.id("id")
	if err != nil {
		return coupon.Template{}, err
	}
	return d.Market.Coupons.Template(d.ctx(), d.scope, coupon.TemplateID(id))
}

// couponForms reads a form of the page of one kind of coupons.
func (d *desk) couponForms() (web.Inputs, coupon.Template, error) {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return nil, coupon.Template{}, err
	}
	t, err := d.couponTemplate()
	return in, t, err
}

func (d *desk) showCoupon(status int, t *coupon.Template, in web.Inputs, form view.Form) error {
	p := view.StaffCoupon{Chrome: d.chrome("coupons"), Row: t.Version, Key: d.IDs.New(), Form: form}
	rows, err := d.kinds(p.Locale, []coupon.Template{*t})
	if err != nil {
		return err
	}
	p.StaffCouponKind = rows[0]
	switch t.State {
	case coupon.Paused:
		p.Moves = []string{string(coupon.Active), string(coupon.Ended)}
	case coupon.Active:
		p.Moves = []string{string(coupon.Paused), string(coupon.Ended)}
	case coupon.Ended:
	}
	if t.State != coupon.Ended {
		p.Act = d.can(access.PromotionsWrite, p.Href+"/state")
		p.Issue = d.can(access.CouponsIssue, p.Href+"/issue")
		if t.Way == coupon.ByCode && d.Codes {
			p.Codes = d.can(access.PromotionsWrite, p.Href+"/codes")
		}
	}
	if err := d.batches(&p, t); err != nil {
		return err
	}
	if err := d.givenOut(&p, t, in); err != nil {
		return err
	}
	return d.answer(status, p)
}

// batches adds the newest batches of codes.
func (d *desk) batches(p *view.StaffCoupon, t *coupon.Template) error {
	list, err := d.Market.Coupons.Batches(d.ctx(), d.scope, t.ID, page.Request{Limit: perPage})
	if err != nil {
		return err
	}
	for _, b := range list.Items {
		shown := view.StaffBatch{ID: string(b.ID), Size: int64(b.Size), Redeemed: int64(b.Redeemed), MadeAt: b.MadeAt, VoidedAt: b.VoidedAt}
		if b.VoidedAt.IsZero() && b.Redeemed < b.Size {
			shown.Void = d.can(access.PromotionsWrite, p.Href+"/batches/"+string(b.ID)+"/void")
		}
		p.Batches = append(p.Batches, shown)
	}
	return nil
}

// givenOut adds the coupons that members were given.
func (d *desk) givenOut(p *view.StaffCoupon, t *coupon.Template, in web.Inputs) error {
	list, err := d.Market.Coupons.List(d.ctx(), d.scope, coupon.Query{Template: t.ID},
		page.Request{After: page.Cursor(in["after"]), Limit: perPage})
	if err != nil {
		return err
	}
	ids := make([]ref.MemberID, len(list.Items))
	for i := range list.Items {
		ids[i] = list.Items[i].Member
	}
	names := map[ref.MemberID]string{}
	if d.who.Can(access.MembersRead) || d.who.Can(access.CouponsIssue) {
		people, err := d.Market.Members.GetMany(d.ctx(), d.scope, ids)
		if err != nil {
			return err
		}
		for _, m := range people {
			names[m.ID] = nameOf(m)
		}
	}
	now := d.Clock.Now()
	for i := range list.Items {
		c := &list.Items[i]
		shown := view.StaffCouponGiven{
			ID: string(c.ID), Buyer: names[c.Member], State: string(c.State), Way: "way." + string(c.Way), At: c.ClaimedAt, Until: c.ExpiresAt,
		}
		if shown.Buyer == "" {
			shown.Buyer = string(c.Member)
		}
		switch {
		case c.State == coupon.Claimed && c.Over(now):
			shown.State = string(coupon.Expired)
		case c.State == coupon.Claimed:
			shown.Revoke = d.can(access.CouponsIssue, p.Href+"/coupons/"+string(c.ID)+"/revoke")
		}
		p.Given = append(p.Given, shown)
	}
	p.Next, p.Start = pager(d.r.URL, string(list.Next))
	return nil
}

// wrongCoupon shows the page of a kind of coupons with what is wrong with a
// form on it.
func (d *desk) wrongCoupon(t *coupon.Template, in web.Inputs, err error) error {
	form, ok := in.Form(err)
	if !ok {
		return err
	}
	return d.showCoupon(web.StatusOf(err), t, web.Inputs{}, form)
}

// postCouponState has a kind of coupons give out some, or none.
func (d *desk) postCouponState() error {
	in, t, err := d.couponForms()
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(in["version"], 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "staff.version", "no version").WithField("version", "required", nil)
	}
	to := coupon.TemplateState(in["state"])
	switch to {
	case coupon.Active:
		_, err = d.Market.Coupons.Activate(d.ctx(), d.scope, t.ID, version)
	case coupon.Paused:
		_, err = d.Market.Coupons.Pause(d.ctx(), d.scope, t.ID, version)
	case coupon.Ended:
		_, err = d.Market.Coupons.End(d.ctx(), d.scope, t.ID, version)
	default:
		return fault.New(fault.Invalid, "staff.state", "no such state").WithField("state", "unknown", nil)
	}
	if err != nil {
		return d.wrongCoupon(&t, in, err)
	}
	d.tell(view.Good, "coupon.said."+string(to), nil)
	return d.redirect("/staff/coupons/" + string(t.ID))
}

// postCouponIssue gives coupons to members by hand, whom it knows by their
// e-mail addresses: all of them or none.
func (d *desk) postCouponIssue() error {
	in, t, err := d.couponForms()
	if err != nil {
		return err
	}
	members, err := d.recipients(in)
	if err == nil {
		var given []coupon.Coupon
		given, err = d.Market.Coupons.Issue(d.ctx(), d.scope, coupon.IssueInput{Template: t.ID, Members: members, Key: in["key"]})
		if err == nil {
			d.tell(view.Good, "coupon.said.issued", fault.Params{"N": len(given)})
			return d.redirect("/staff/coupons/" + string(t.ID))
		}
	}
	return d.wrongCoupon(&t, in, err)
}

func (d *desk) recipients(in web.Inputs) ([]ref.MemberID, error) {
	var wrong fault.Violations
	emails := listed(in["members"])
	switch {
	case len(emails) == 0:
		wrong.Add("members", "required", nil)
	case len(emails) > maxRecipients:
		wrong.Add("members", "too_many", fault.Params{"max": maxRecipients})
		emails = nil
	}
	found, err := d.Market.Members.FindEmails(d.ctx(), d.scope, emails)
	if err != nil {
		return nil, err
	}
	var out []ref.MemberID
	for _, email := range emails {
		if m, ok := found[email]; ok && m.State == member.Active {
			out = append(out, m.ID)
		} else {
			wrong.Add("members", "nobody", fault.Params{"email": email})
		}
	}
	return out, wrong.Err("staff.members", "not everybody is a member")
}

// postCouponCodes makes codes and hands them over as a file: nobody sees them
// again.
func (d *desk) postCouponCodes() error {
	in, t, err := d.couponForms()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(in["size"])
	if err != nil {
		n = 0 // which is refused with its bounds
	}
	batch, codes, err := d.Market.Coupons.MakeCodes(d.ctx(), d.scope, t.ID, n)
	if err != nil {
		return d.wrongCoupon(&t, in, codesFault(err))
	}
	h := d.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="codes-`+string(batch.ID)+`.csv"`)
	h.Set("Cache-Control", "no-store")
	d.w.WriteHeader(http.StatusOK)
	out := csv.NewWriter(d.w)
	rows := make([][]string, 0, len(codes)+1)
	rows = append(rows, []string{"code"})
	for _, c := range codes {
		rows = append(rows, []string{c})
	}
	if err := out.WriteAll(rows); err != nil {
		d.Log.WarnContext(d.ctx(), "codes were made and not received: void the batch", "batch", batch.ID, "request", web.RequestID(d.ctx()), "error", err)
	}
	return nil
}

// codesFault names the form's field.
func codesFault(err error) error {
	var known *fault.Fault
	if !errors.As(err, &known) || known.Kind != fault.Invalid {
		return err
	}
	var v fault.Violations
	for _, f := range known.Fields {
		v.Add("size", f.Code, f.Params)
	}
	return v.Err(known.Code, known.Message)
}

// postCouponVoid makes what is left of a batch void.
func (d *desk) postCouponVoid() error {
	t, err := d.couponTemplate()
	if err != nil {
		return err
	}
	batch, err := d.id("batch")
	if err != nil {
		return err
	}
	n, err := d.Market.Coupons.VoidBatch(d.ctx(), d.scope, t.ID, coupon.BatchID(batch))
	if err != nil {
		return err
	}
	d.tell(view.Info, "coupon.said.void", fault.Params{"N": n})
	return d.redirect("/staff/coupons/" + string(t.ID))
}

// postCouponRevoke takes a coupon back that its member has not used.
func (d *desk) postCouponRevoke() error {
	t, err := d.couponTemplate()
	if err != nil {
		return err
	}
	id, err := d.id("coupon")
	if err != nil {
		return err
	}
	taken, err := d.Market.Coupons.Revoke(d.ctx(), d.scope, coupon.ID(id))
	if err != nil {
		return err
	}
	key := "coupon.said.revoked"
	if len(taken) == 0 {
		key = "coupon.said.not_revoked"
	}
	d.tell(view.Info, key, nil)
	return d.redirect("/staff/coupons/" + string(t.ID))
}
