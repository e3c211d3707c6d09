package promo

import (
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// ValidateGroups returns everything that is wrong with the shop's groups and
// with how the promotions use them: it is called before a group, or a
// promotion that names one, is saved. A group with the id of a standard one
// stands in its place, and counts what that counts. The promotions themselves
// are taken as valid. Kinds: Invalid; paths begin with groups[i] or promotions[i].
func (e *Engine) ValidateGroups(groups []Group, promotions []*Promotion) error {
	var v fault.Violations
	shops := map[GroupID]*Group{}
	for i := range groups {
		up := element(nil, "groups", i)
		checkGroup(&v, &up, &groups[i], shops)
		shops[groups[i].ID] = &groups[i]
	}
	known := map[GroupID]*Group{}
	for _, g := range StandardGroups() {
		known[g.ID] = &g
	}
	maps.Copy(known, shops)
	ids := make([][]GroupID, len(promotions))
	for i, p := range promotions {
		ids[i] = p.GroupIDs()
		up := element(nil, "promotions", i)
		checkMember(&v, &up, p, known)
		for j, q := range promotions[:i] {
			for _, id := range ids[i] {
				if g := known[id]; g != nil && slices.Contains(ids[j], id) && g.shared(p, q) {
					at := field(&up, "sharing")
					v.Add(at.String(), "shares_with_rival", fault.Params{"group": id, "with": q.ID})
				}
			}
		}
	}
	return v.Err("promo.groups", "the exclusion groups are not valid")
}

// shared reports whether two members say that they share although the group
// never lets them. In a line group those that share by class or owner may still
// apply to different lines, and two merchants' members never meet per merchant.
func (g *Group) shared(p, q *Promotion) bool {
	switch {
	case g.max() > 1 || p.Sharing.Mode != ShareWith || q.Sharing.Mode != ShareWith:
		return false
	case namesGroupOf(p, q) && namesGroupOf(q, p):
		return true
	case g.Per == OneLine, g.Per == OneMerchant && p.Merchant != "" && q.Merchant != "" && p.Merchant != q.Merchant:
		return false
	}
	return Shares(p, q)
}

func checkGroup(v *fault.Violations, up *path, g *Group, shops map[GroupID]*Group) {
	wrong := func(name, code string, params fault.Params) {
		at := field(up, name)
		v.Add(at.String(), code, params)
	}
	switch {
	case !ref.ValidID(string(g.ID)):
		wrong("id", "required", nil)
	case shops[g.ID] != nil:
		wrong("id", "duplicate", nil)
	}
	switch standard := standardGroup(g.ID); {
	case g.Per != OneLine && g.Per != OneMerchant && g.Per != OneOrder:
		wrong("per", "one_of", nil)
	case standard != nil && g.Per != standard.Per:
		wrong("per", "fixed", fault.Params{"per": standard.Per})
	}
	if g.Max < 0 || g.Max > MaxList || g.Per == OneLine && g.Max > 1 {
		wrong("max", "out_of_range", fault.Params{"min": 1})
	}
	if g.Pick != ChooseBest && g.Pick != ChoosePriority {
		wrong("pick", "one_of", nil)
	}
	if len(g.Name) > maxText || !ref.PlainText(g.Name) {
		wrong("name", "text", fault.Params{"max": maxText})
	}
}

func checkMember(v *fault.Violations, up *path, p *Promotion, known map[GroupID]*Group) {
	lines := 0
	for i, id := range p.GroupIDs() {
		at := element(up, "groups", i)
		g := known[id]
		switch {
		case g == nil:
			v.Add(at.String(), "unknown", fault.Params{"group": id})
			continue
		case g.max() == 1 && slices.Contains(p.Sharing.Groups, id):
			v.Add(at.String(), "shares_with_rival", fault.Params{"group": id})
		}
		if g.Per == OneLine {
			lines++
			if !p.byLine() || id == GroupPrice && p.Phase() != PhasePrice {
				v.Add(at.String(), "not_for_benefit", fault.Params{"group": id})
			}
		}
	}
	if lines > 1 {
		at := field(up, "groups")
		v.Add(at.String(), "one_line_group", nil)
	}
}

// byLine reports whether the promotion discounts each line by itself, whatever
// the others are: only such a one can win some lines and lose others.
func (p *Promotion) byLine() bool {
	b := &p.Benefit
	switch p.Phase() {
	case PhasePrice:
		return true
	case PhaseLine:
		return b.Percent != nil && b.Percent.Cap.IsZero() || b.Fixed != nil && b.Fixed.Per != PerOrder
	case PhaseMerchant, PhaseSite, PhaseShipping, PhaseAfter:
	}
	return false
}

// namesGroupOf reports whether p permits q by naming a group that q is in.
func namesGroupOf(p, q *Promotion) bool {
	return p.Sharing.Mode == ShareWith && slices.ContainsFunc(q.GroupIDs(), func(id GroupID) bool {
		return slices.Contains(p.Sharing.Groups, id)
	})
}

func (g *Group) max() int { return max(g.Max, 1) }

// permits reports whether p lets q apply beside it.
func (p *Promotion) permits(q *Promotion) bool {
	switch p.Sharing.Mode {
	case ShareAll:
		return true
	case ShareWith:
		return slices.Contains(p.Sharing.Classes, q.Class()) ||
			slices.Contains(p.Sharing.Owners, q.Merchant) || namesGroupOf(p, q)
	case ShareNone:
	}
	return false
}

// Shares reports whether two promotions may apply together as far as their
// sharing goes: only if each permits the other. Groups may still keep them
// apart.
func Shares(p, q *Promotion) bool { return p.permits(q) && q.permits(p) }
