package shop

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// groups is the page of exclusion groups.
func (d *desk) groups() error { return d.showGroups(200, view.Form{}, "") }

// showGroups shows them; form belongs to the one that is open, or to a new one.
func (d *desk) showGroups(status int, form view.Form, open string) error {
	p := view.StaffGroups{Chrome: d.chrome("groups"), Write: d.who.Can(access.PromotionsWrite), Form: form, Open: open}
	own, err := d.Market.Campaigns.Groups(d.ctx(), d.scope)
	if err != nil {
		return err
	}
	live, err := d.Market.Campaigns.Live(d.ctx())
	if err != nil {
		return err
	}
	words := d.Renderer.Texts(p.Locale)
	shown := func(g promo.Group) view.StaffGroup {
		out := view.StaffGroup{ID: string(g.ID), Name: g.Name, Per: "per." + string(g.Per), Pick: "pick." + pickOf(g.Pick), Max: int64(max(g.Max, 1))}
		for i := range live.Promotions {
			if m := &live.Promotions[i]; slices.Contains(m.GroupIDs(), g.ID) {
				out.Members = append(out.Members, view.Link{Label: m.Name, Href: "/staff/promotions/" + string(m.ID)})
			}
		}
		return out
	}
	for _, g := range promo.StandardGroups() {
		if slices.ContainsFunc(own, func(o campaign.Group) bool { return o.ID == g.ID }) {
			continue // in whose place it stands
		}
		g.Name = words.Text("promo_group."+string(g.ID), nil)
		p.Standard = append(p.Standard, shown(g))
	}
	for i := range own {
		g := shown(own[i].Group)
		g.Version = own[i].Version
		g.Form = view.Form{Values: map[string]string{
			"name": own[i].Name, "per": string(own[i].Per), "pick": string(own[i].Pick), "max": strconv.FormatInt(g.Max, 10),
		}}
		if g.ID == open {
			g.Form = form
		}
		p.Own = append(p.Own, g)
	}
	p.Pers = choices([]string{string(promo.OneOrder), string(promo.OneMerchant), string(promo.OneLine)}, "", func(c string) string {
		return words.Text("per."+c, nil)
	})
	p.Pick = choices([]string{"", string(promo.ChoosePriority)}, "", func(c string) string { return words.Text("pick."+pickOf(promo.Choice(c)), nil) })
	return d.answer(status, p)
}

func pickOf(c promo.Choice) string {
	if c == promo.ChooseBest {
		return "best"
	}
	return string(c)
}

// postGroup adds a group, or changes the one of the address.
func (d *desk) postGroup() error {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	id, version := d.r.PathValue("id"), int64(0)
	if id != "" {
		if version, err = strconv.ParseInt(in["version"], 10, 64); err != nil || version < 1 {
			return fault.New(fault.Invalid, "staff.version", "no version").WithField("version", "required", nil)
		}
		in["id"] = id
	}
	most := int64(1)
	if in["max"] != "" {
		if most, err = strconv.ParseInt(in["max"], 10, 32); err != nil {
			most = -1 // which is refused with the rest
		}
	}
	_, err = d.Market.Campaigns.SaveGroup(d.ctx(), d.scope, promo.Group{
		ID: promo.GroupID(in["id"]), Name: in["name"], Per: promo.Granularity(in["per"]), Max: int(most), Pick: promo.Choice(in["pick"]),
	}, version)
	if err != nil {
		err = groupFault(err)
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		return d.showGroups(web.StatusOf(err), form, id)
	}
	d.tell(view.Good, "group.said.saved", nil)
	return d.redirect("/staff/groups")
}

// groupFault names the fields of the form. What live promotions would have
// against the group is said of its id.
func groupFault(err error) error {
	var known *fault.Fault
	if !errors.As(err, &known) || known.Kind != fault.Invalid {
		return err
	}
	var v fault.Violations
	used := false
	for _, f := range known.Fields {
		if _, rest, ok := strings.Cut(f.Path, "]."); ok && strings.HasPrefix(f.Path, "groups[") {
			v.Add(rest, f.Code, f.Params)
		} else if !used {
			used = true
			v.Add("id", "members", nil)
		}
	}
	return v.Err(known.Code, known.Message)
}

// postGroupRemove removes a group that no live promotion is in.
func (d *desk) postGroupRemove() error {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	id := d.r.PathValue("id")
	version, err := strconv.ParseInt(in["version"], 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "staff.version", "no version").WithField("version", "required", nil)
	}
	err = d.Market.Campaigns.RemoveGroup(d.ctx(), d.scope, promo.GroupID(id), version)
	switch {
	case err == nil:
		d.tell(view.Good, "group.said.removed", nil)
	case errors.Is(err, fault.Invalid):
		d.tell(view.Bad, "group.said.used", nil)
	case errors.Is(err, fault.Conflict):
		d.tell(view.Bad, "fault.kind.conflict", nil)
	default:
		return err
	}
	return d.redirect("/staff/groups")
}
