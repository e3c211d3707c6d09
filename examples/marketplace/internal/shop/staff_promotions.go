package shop

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// maxVersions is how many versions of a promotion its page shows.
const maxVersions = 20

func campaignStates() []string {
	return []string{string(campaign.Active), string(campaign.Draft), string(campaign.Paused), string(campaign.Ended)}
}

// promotions lists the campaigns.
func (d *desk) promotions() error {
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	state := ""
	if slices.Contains(campaignStates(), in["state"]) {
		state = in["state"]
	}
	list, err := d.Market.Campaigns.List(d.ctx(), d.scope, campaign.Query{State: campaign.State(state)},
		page.Request{After: page.Cursor(in["after"]), Limit: perPage})
	if err != nil {
		return err
	}
	p := view.StaffPromotions{
		Chrome: d.chrome("promotions"), New: d.can(access.PromotionsWrite, "/staff/promotions/new"),
		Tabs: tabs("/staff/promotions", "campaign.tab.", state, campaignStates()),
	}
	if p.Rows, err = d.campaigns(p.Locale, list.Items); err != nil {
		return err
	}
	p.Next, p.Start = pager(d.r.URL, string(list.Next))
	return d.show(p)
}

// campaigns shows campaigns with what is counted of them, in one statement.
func (d *desk) campaigns(locale ref.Locale, all []campaign.Campaign) ([]view.StaffCampaign, error) {
	ids, merchants := make([]campaign.ID, len(all)), make([]ref.MerchantID, len(all))
	for i := range all {
		ids[i], merchants[i] = all[i].ID, all[i].Merchant
	}
	owners, err := d.owners(locale, merchants...)
	if err != nil {
		return nil, err
	}
	used, err := d.Market.Campaigns.Used(d.ctx(), d.scope, ids)
	if err != nil {
		return nil, err
	}
	out, words, now := make([]view.StaffCampaign, len(all)), view.Promoted{Locale: locale}, d.Clock.Now()
	for i := range all {
		c, p := &all[i], &all[i].Promotion
		row := view.StaffCampaign{
			ID: string(c.ID), Href: "/staff/promotions/" + string(c.ID), Name: p.Name, Owner: owners[c.Merchant], State: string(c.State),
			Gives: words.Benefit(p), Redeem: string(p.Redeem), Code: p.Code, From: p.From, Until: p.Until,
			Over: !p.Until.IsZero() && !now.Before(p.Until), Version: p.Version,
			Uses: used[c.ID].Uses, UsesMost: p.Limits.Uses, Budget: p.Limits.Budget,
		}
		if row.Name == "" {
			row.Name = string(c.ID)
		}
		if !row.Budget.IsZero() {
			row.Spent = money.New(used[c.ID].Spent, row.Budget.Currency())
		}
		if len(p.Channels) == 1 {
			row.Front = d.frontName(string(p.Channels[0]))
		}
		out[i] = row
	}
	return out, nil
}

// promotion is the page of one campaign, on which it can be tried.
func (d *desk) promotion() error {
	id, err := d.id("id")
	if err != nil {
		return err
	}
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	return d.showPromotion(campaign.ID(id), in, 200, nil)
}

// showPromotion shows a campaign; trouble is what became of an action on it.
func (d *desk) showPromotion(id campaign.ID, in web.Inputs, status int, trouble error) error {
	c, err := d.Market.Campaigns.Get(d.ctx(), d.scope, id)
	if err != nil {
		return err
	}
	p := view.StaffPromotion{Chrome: d.chrome("promotions"), Row: c.Version}
	rows, err := d.campaigns(p.Locale, []campaign.Campaign{c})
	if err != nil {
		return err
	}
	p.StaffCampaign = rows[0]
	if c.State != campaign.Ended {
		p.Edit = d.can(access.PromotionsWrite, p.Href+"/edit")
		p.Act = d.can(access.PromotionsWrite, p.Href+"/state")
		p.Moves = moves(c.State)
	}
	words, err := d.words(p.Locale, &c.Promotion)
	if err != nil {
		return err
	}
	if err := d.versions(&p, &c, words); err != nil {
		return err
	}
	for _, g := range c.Promotion.GroupIDs() {
		p.Groups = append(p.Groups, words.Group(g))
	}
	p.Terms = terms(&c.Promotion, p.Locale)
	if p.Body, err = pretty(&c.Promotion); err != nil {
		return err
	}
	if trouble != nil {
		form, ok := web.Inputs{}.Form(trouble)
		if !ok {
			return trouble
		}
		p.Form = form
	}
	if err := d.judge(&p, &c, in, words); err != nil {
		return err
	}
	return d.answer(status, p)
}

// judge adds the conflicts with what is live, and the try.
func (d *desk) judge(p *view.StaffPromotion, c *campaign.Campaign, in web.Inputs, words view.Promoted) error {
	if c.State != campaign.Ended {
		conflicts, err := d.Market.Campaigns.Conflicts(d.ctx(), d.scope, c.Promotion)
		if err != nil {
			form, ok := web.Inputs{}.Form(err)
			if !ok {
				return err
			}
			p.Form = form // what was valid when it was saved may be so no longer
		}
		if p.Conflicts, err = d.conflicts(p.Locale, conflicts, words); err != nil {
			return err
		}
	}
	p.Sample = newSample(view.Form{Values: in})
	if in["try"] == "" || p.Form.Failed() {
		return nil
	}
	var err error
	p.Tried, p.Sample, err = d.try(&c.Promotion, in, p.Locale, words)
	return err
}

func moves(s campaign.State) []string {
	switch s {
	case campaign.Draft, campaign.Paused:
		return []string{string(campaign.Active), string(campaign.Ended)}
	case campaign.Active:
		return []string{string(campaign.Paused), string(campaign.Ended)}
	case campaign.Ended:
	}
	return nil
}

// versions adds the newest versions, the newest first.
func (d *desk) versions(p *view.StaffPromotion, c *campaign.Campaign, words view.Promoted) error {
	var keys []campaign.VersionKey
	for v := c.Promotion.Version; v > 0 && len(keys) < maxVersions; v-- {
		keys = append(keys, campaign.VersionKey{Promotion: c.ID, Version: v})
	}
	found, err := d.Market.Campaigns.Versions(d.ctx(), d.scope, keys)
	if err != nil {
		return err
	}
	for i := range found {
		p.Versions = append(p.Versions, view.StaffVersion{
			Number: found[i].Version, Name: found[i].Name, Gives: words.Benefit(&found[i]), From: found[i].From, Until: found[i].Until,
		})
	}
	return nil
}

// postPromotionState activates, pauses or ends a campaign.
func (d *desk) postPromotionState() error {
	id, err := d.id("id")
	if err != nil {
		return err
	}
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(in["version"], 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "staff.version", "no version").WithField("version", "required", nil)
	}
	to := campaign.State(in["state"])
	switch to {
	case campaign.Active:
		_, err = d.Market.Campaigns.Activate(d.ctx(), d.scope, campaign.ID(id), version)
	case campaign.Paused:
		_, err = d.Market.Campaigns.Pause(d.ctx(), d.scope, campaign.ID(id), version)
	case campaign.Ended:
		_, err = d.Market.Campaigns.End(d.ctx(), d.scope, campaign.ID(id), version)
	case campaign.Draft:
		return errNowhere()
	default:
		return fault.New(fault.Invalid, "staff.state", "no such state").WithField("state", "unknown", nil)
	}
	if errors.Is(err, fault.NotFound) {
		return err
	}
	if err != nil {
		return d.showPromotion(campaign.ID(id), web.Inputs{}, web.StatusOf(err), err)
	}
	d.tell(view.Good, "campaign.said."+string(to), nil)
	return d.redirect("/staff/promotions/" + id)
}

// words names the live promotions and the groups, and the given promotion.
func (d *desk) words(locale ref.Locale, mine *promo.Promotion) (view.Promoted, error) {
	live, err := d.Market.Campaigns.Live(d.ctx())
	if err != nil {
		return view.Promoted{}, err
	}
	texts := d.Renderer.Texts(locale)
	return view.Promoted{
		Locale: locale,
		Name: func(id ref.PromotionID) string {
			if id == mine.ID && mine.Name != "" {
				return mine.Name
			}
			for i := range live.Promotions {
				if p := &live.Promotions[i]; p.ID == id && p.Name != "" {
					return p.Name
				}
			}
			return string(id)
		},
		Group: func(id promo.GroupID) string {
			for _, g := range live.Groups {
				if g.ID == id && g.Name != "" {
					return g.Name
				}
			}
			if slices.ContainsFunc(promo.StandardGroups(), func(g promo.Group) bool { return g.ID == id }) {
				return texts.Text("promo_group."+string(id), nil)
			}
			return string(id)
		},
	}, nil
}

// terms are the rules of a promotion that its benefit does not tell.
func terms(p *promo.Promotion, locale ref.Locale) []view.Said {
	var out []view.Said
	add := func(key string, params fault.Params) {
		out = append(out, view.Said{Key: "term." + key, Params: params})
	}
	if a := p.When.Amount; a != nil && a.Min.Sign() > 0 {
		add("over", fault.Params{"Amount": a.Min.Format(locale)})
	}
	switch p.Sharing.Mode {
	case promo.ShareNone:
		add("alone", nil)
	case promo.ShareWith:
		add("with_some", nil)
	case promo.ShareAll:
	}
	if p.Limits.PerMember > 0 {
		add("per_member", fault.Params{"N": p.Limits.PerMember})
	}
	for _, f := range p.Funders() {
		add("bears."+string(f.Party), fault.Params{"Share": view.Percent(f.PPM)})
	}
	if p.OnPartialRefund != promo.RefundKeep {
		add("refund."+string(p.OnPartialRefund), nil)
	}
	if p.Priority != 0 {
		add("priority", fault.Params{"N": p.Priority})
	}
	return out
}

// pretty is the JSON form for the eye.
func pretty(p *promo.Promotion) (string, error) {
	body, err := campaign.Encode(p)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(body), "", "  "); err != nil {
		return "", err
	}
	return out.String(), nil
}
