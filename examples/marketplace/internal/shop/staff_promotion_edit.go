package shop

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// newPromotion offers the templates, or the form of the one that was chosen.
func (d *desk) newPromotion() error {
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	if in["kind"] == "" {
		p := view.StaffPromotionForm{Chrome: d.chrome("promotions"), Cancel: "/staff/promotions"}
		for _, t := range d.Market.Campaigns.Templates() {
			p.Choose = append(p.Choose, view.TemplateChoice{ID: t.ID, Href: "/staff/promotions/new?kind=" + t.ID})
		}
		p.Choose = append(p.Choose, view.TemplateChoice{ID: bodyKind, Href: "/staff/promotions/new?kind=" + bodyKind})
		return d.show(p)
	}
	start := web.Inputs{"kind": in["kind"], "id": d.IDs.New(), "channel": d.Shop.negotiated(d.r).base[1:]}
	if in["kind"] == bodyKind {
		start["body"] = "{\n  \"name\": \"\",\n  \"benefit\": {}\n}"
	}
	f, err := d.proposal(start, nil)
	if err != nil {
		return err
	}
	if f.template != nil {
		for _, p := range holes(f.template) {
			if p.Default != nil {
				start["v."+p.Name] = f.shown(p, p.Default)
			}
		}
	}
	p, err := f.page(view.Form{Values: start})
	if err != nil {
		return err
	}
	return d.show(p)
}

// editPromotion is the form of a campaign: that of its template where it says
// no more than the form has fields for, else its JSON form.
func (d *desk) editPromotion() error {
	c, err := d.campaign()
	if err != nil {
		return err
	}
	in, err := d.filled(&c)
	if err != nil {
		return err
	}
	f, err := d.proposal(in, &c)
	if err != nil {
		return err
	}
	p, err := f.page(view.Form{Values: in})
	if err != nil {
		return err
	}
	return d.show(p)
}

func (d *desk) campaign() (campaign.Campaign, error) {
	id, err := d.id("id")
	if err != nil {
		return campaign.Campaign{}, err
	}
	return d.Market.Campaigns.Get(d.ctx(), d.scope, campaign.ID(id))
}

// postPromotion checks or saves what the form says. A check writes nothing.
func (d *desk) postPromotion() error {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	var kept *campaign.Campaign
	if d.r.PathValue("id") != "" {
		c, err := d.campaign()
		if err != nil {
			return err
		}
		kept = &c
	}
	f, err := d.proposal(in, kept)
	if err != nil {
		return err
	}
	made, err := f.promotion()
	if err == nil && in["do"] == "save" {
		return f.save(made)
	}
	if err != nil {
		return f.again(err)
	}
	return f.check(made)
}

// save keeps the promotion: a new one as a draft, a changed one as a further
// version.
func (f *proposal) save(p promo.Promotion) error {
	version := int64(0)
	if f.kept != nil {
		var err error
		if version, err = strconv.ParseInt(f.in["version"], 10, 64); err != nil || version < 1 {
			return fault.New(fault.Invalid, "staff.version", "no version").WithField("version", "required", nil)
		}
	}
	c, err := f.Market.Campaigns.Save(f.ctx(), f.scope, campaign.SaveInput{Version: version, Promotion: p})
	if err != nil {
		return f.again(err)
	}
	if f.kept == nil {
		f.tell(view.Good, "campaign.said.new", nil)
	} else {
		f.tell(view.Good, "campaign.said.version", fault.Params{"N": c.Promotion.Version})
	}
	return f.redirect("/staff/promotions/" + string(c.ID))
}

// again shows the form with what is wrong.
func (f *proposal) again(err error) error {
	if f.gatherable(err) {
		f.wrong = fault.Violations{}
		f.bad = map[string]bool{}
		f.gather(err)
		err = f.wrong.Err("staff.promotion", "the promotion is not complete")
	}
	form, ok := f.in.Form(err)
	if !ok {
		return err
	}
	p, perr := f.page(form)
	if perr != nil {
		return perr
	}
	return f.answer(web.StatusOf(err), p)
}

func (f *proposal) gatherable(err error) bool {
	var known *fault.Fault
	return errors.As(err, &known) && known.Kind == fault.Invalid && len(known.Fields) > 0
}

// check shows what the promotion gives, what it conflicts with and what it
// does to a sample cart.
func (f *proposal) check(made promo.Promotion) error {
	conflicts, err := f.Market.Campaigns.Conflicts(f.ctx(), f.scope, made)
	if err != nil {
		return f.again(err)
	}
	words, err := f.words(f.locale, &made)
	if err != nil {
		return err
	}
	p, err := f.page(view.Form{Values: f.in})
	if err != nil {
		return err
	}
	p.Checked, p.Gives = true, words.Benefit(&made)
	if p.Conflicts, err = f.conflicts(f.locale, conflicts, words); err != nil {
		return err
	}
	if p.Tried, p.Sample, err = f.try(&made, f.in, f.locale, words); err != nil {
		return err
	}
	status := 200
	if p.Sample.Form.Failed() {
		status = 422
		p.Form.Faults = p.Sample.Form.Faults
	}
	return f.answer(status, p)
}

// page is the form, filled with what was typed.
func (f *proposal) page(form view.Form) (view.StaffPromotionForm, error) {
	p := view.StaffPromotionForm{
		Chrome: f.chrome("promotions"), Form: form, Action: "/staff/promotions/new", Kind: f.in["kind"], Cancel: "/staff/promotions",
		Sample: newSample(form),
	}
	words := f.Renderer.Texts(f.locale)
	if f.kept != nil {
		p.Of, p.Row, p.Fixed, p.Cancel = f.kept.Promotion.Name, f.kept.Version, true, "/staff/promotions/"+string(f.kept.ID)
		p.Action = p.Cancel + "/edit"
		if p.Of == "" {
			p.Of = string(f.kept.ID)
		}
	}
	inputs := []string{"body"}
	if f.template != nil {
		if err := f.choices(&p, words); err != nil {
			return p, err
		}
		inputs = []string{
			"name", "from", "until", "merchant", "channel", "also", "priority", "code", "groups", "share", "share_classes",
			"share_owners", "share_groups", "uses", "per_member", "budget", "site_share", "refund",
		}
		for _, h := range p.Holes {
			inputs = append(inputs, h.Name)
		}
	}
	for _, row := range p.Sample.Rows {
		inputs = append(inputs, row.SKU, row.Quantity)
	}
	inputs = append(inputs, "orders")
	for _, field := range form.Faults {
		if !slices.Contains(inputs, field.Path) {
			p.Others = append(p.Others, field)
		}
	}
	return p, nil
}

func (f *proposal) choices(p *view.StaffPromotionForm, words *web.Texts) error {
	p.Coupon = strings.Contains(string(f.template.Body), `"redeem": "coupon"`)
	for _, h := range holes(f.template) {
		mode := ""
		switch h.Type {
		case promo.ParamMoney, promo.ParamNumber:
			mode = "decimal"
		case promo.ParamText, promo.ParamTexts, promo.ParamTime, promo.ParamFlag:
		}
		p.Holes = append(p.Holes, view.Hole{
			Name: "v." + h.Name, Label: "hole." + h.Name, Hint: words.Text("hole."+h.Name+".hint", nil), Mode: mode,
			Optional: h.Optional, Flag: h.Type == promo.ParamFlag, Wide: h.Type == promo.ParamTexts,
		})
	}
	for i := range p.Holes {
		if strings.HasPrefix(p.Holes[i].Hint, "hole.") {
			p.Holes[i].Hint = ""
		}
	}
	var channels []string
	for _, front := range f.fronts {
		channels = append(channels, string(front.channel.ID))
	}
	p.Channels = choices(channels, f.in["channel"], f.frontName)
	f.reach(p, words)
	p.Refunds = choices([]string{"", "claw_back", "return_gift"}, f.in["refund"], func(c string) string { return words.Text("refund."+orKeep(c), nil) })
	groups, err := f.Market.Campaigns.Groups(f.ctx(), f.scope)
	if err != nil {
		return err
	}
	ids := make([]string, len(groups))
	for i := range groups {
		ids[i] = string(groups[i].ID)
	}
	p.Groups = strings.Join(ids, ", ")
	sellers, err := f.Market.Merchants.List(f.ctx(), f.scope, merchant.Query{}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return err
	}
	codes, all := []string{""}, []ref.MerchantID{}
	for _, m := range sellers.Items {
		codes, all = append(codes, string(m.ID)), append(all, m.ID)
	}
	names, err := f.owners(f.locale, all...)
	if err != nil {
		return err
	}
	p.Merchants = choices(codes, f.in["merchant"], func(id string) string {
		if id == "" {
			return words.Text("promo.site", nil)
		}
		return names[ref.MerchantID(id)]
	})
	return nil
}

func orAll(mode string) string {
	if mode == "" {
		return "all"
	}
	return mode
}

func orKeep(policy string) string {
	if policy == "" {
		return "keep"
	}
	return policy
}

// filled writes a campaign into the form of its template, or as JSON.
func (d *desk) filled(c *campaign.Campaign) (web.Inputs, error) {
	p := &c.Promotion
	if t := d.template(p.Template); t != nil {
		if in, ok := d.unstamped(c, t); ok {
			return in, nil
		}
	}
	bare := *p
	bare.Version = 0
	body, err := pretty(&bare)
	if err != nil {
		return nil, err
	}
	return web.Inputs{"kind": bodyKind, "body": body}, nil
}

// unstamped fills the fields of a template, and reports whether they make the
// same promotion again.
func (d *desk) unstamped(c *campaign.Campaign, t *promo.Template) (web.Inputs, bool) {
	p := &c.Promotion
	values, ok := t.Values(*p)
	if !ok || len(p.Channels) == 0 {
		return nil, false
	}
	in := web.Inputs{
		"kind": t.ID, "merchant": string(p.Merchant), "name": p.Name,
		"refund": string(p.OnPartialRefund), "code": p.Code, "from": d.localTime(p.From), "until": d.localTime(p.Until),
		"priority": positive(int64(p.Priority)), "uses": positive(p.Limits.Uses), "per_member": positive(p.Limits.PerMember),
		"budget": shownMoney(p.Limits.Budget),
	}
	showReach(in, p)
	if p.Groups != nil {
		in["groups"] = cmp.Or(commas(p.Groups), "-")
	}
	if len(p.Funding) > 0 {
		in["site_share"] = "0"
		if p.Funding[0].Party == promo.PartySite {
			in["site_share"] = strings.TrimSuffix(view.Percent(p.Funding[0].PPM), "%")
		}
	}
	f, err := d.proposal(in, c)
	if err != nil {
		return nil, false
	}
	for _, h := range holes(t) {
		if values[h.Name] != nil {
			in["v."+h.Name] = f.shown(h, values[h.Name])
		}
	}
	again, err := f.promotion()
	if err != nil {
		return nil, false
	}
	again.Version = p.Version
	was, err1 := campaign.Encode(p)
	now, err2 := campaign.Encode(&again)
	return in, err1 == nil && err2 == nil && was == now
}

// shown writes a value of a template as it is typed.
func (f *proposal) shown(p promo.Parameter, value json.RawMessage) string {
	switch p.Type {
	case promo.ParamNumber:
		var n int64
		if json.Unmarshal(value, &n) == nil && p.Name == "percent" {
			return strings.TrimSuffix(view.Percent(n), "%")
		}
		return strconv.FormatInt(n, 10)
	case promo.ParamMoney:
		var m money.Money
		if json.Unmarshal(value, &m) == nil {
			return shownMoney(m)
		}
	case promo.ParamText:
		var s string
		if json.Unmarshal(value, &s) == nil {
			return s
		}
	case promo.ParamTexts:
		var s []string
		if json.Unmarshal(value, &s) == nil {
			return strings.Join(s, ", ")
		}
	case promo.ParamTime:
		var t time.Time
		if json.Unmarshal(value, &t) == nil {
			return f.localTime(t)
		}
	case promo.ParamFlag:
		if string(value) == "true" {
			return "yes"
		}
	}
	return ""
}

func (s *Shop) localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.zone()).Format(local)
}

func positive(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func shownMoney(m money.Money) string {
	if m.IsZero() {
		return ""
	}
	return m.Decimal()
}
