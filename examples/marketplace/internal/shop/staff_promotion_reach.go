package shop

import (
	"strings"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// also is the field that says that a promotion is offered in a shop too.
func also(c ref.ChannelID) string { return "also." + string(c) }

// siteOwner stands for the site among the owners that a promotion shares with.
const siteOwner = "site"

// channels returns the shops that the form names, the one whose currency its
// amounts are in first.
func (f *proposal) channels() []ref.ChannelID {
	if f.front == nil {
		return nil
	}
	out := []ref.ChannelID{f.front.channel.ID}
	for _, other := range f.fronts {
		if id := other.channel.ID; other != f.front && f.in[also(id)] != "" {
			out = append(out, id)
		}
	}
	return out
}

// oneCurrency notes shops of another currency where the promotion names amounts:
// it would never apply there.
func (f *proposal) oneCurrency(p *promo.Promotion) {
	body, err := campaign.Encode(p)
	if err != nil || !strings.Contains(body, `"currency":`) {
		return
	}
	for _, id := range p.Channels {
		if other := f.front.Shop.front(id); other != nil && other.channel.Currency != f.front.channel.Currency {
			f.note("also", "currency", nil)
			return
		}
	}
}

// sharing reads what the promotion may be combined with.
func (f *proposal) sharing() promo.Sharing {
	s := promo.Sharing{Mode: promo.ShareMode(f.in["share"])}
	for _, class := range listed(f.in["share_classes"]) {
		s.Classes = append(s.Classes, promo.Class(class))
	}
	for _, owner := range listed(f.in["share_owners"]) {
		if owner == siteOwner {
			owner = ""
		}
		s.Owners = append(s.Owners, ref.MerchantID(owner))
	}
	for _, group := range listed(f.in["share_groups"]) {
		s.Groups = append(s.Groups, promo.GroupID(group))
	}
	return s
}

// showReach writes where a promotion is offered and beside what, as it is typed.
func showReach(in web.Inputs, p *promo.Promotion) {
	for i, c := range p.Channels {
		if i == 0 {
			in["channel"] = string(c)
		} else {
			in[also(c)] = "yes"
		}
	}
	in["share"] = string(p.Sharing.Mode)
	in["share_classes"], in["share_groups"] = commas(p.Sharing.Classes), commas(p.Sharing.Groups)
	owners := make([]string, len(p.Sharing.Owners))
	for i, id := range p.Sharing.Owners {
		if owners[i] = string(id); id == "" {
			owners[i] = siteOwner
		}
	}
	in["share_owners"] = commas(owners)
}

func commas[S ~string](all []S) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = string(s)
	}
	return strings.Join(texts, ", ")
}

// reach offers the other shops and the ways of sharing.
func (f *proposal) reach(p *view.StaffPromotionForm, words *web.Texts) {
	for _, front := range f.fronts {
		name := also(front.channel.ID)
		p.Also = append(p.Also, view.Choice{Code: name, Label: f.frontName(string(front.channel.ID)), Selected: f.in[name] != ""})
	}
	p.Shares = choices([]string{"", string(promo.ShareNone), string(promo.ShareWith)}, f.in["share"], func(c string) string {
		return words.Text("share."+orAll(c), nil)
	})
	p.Classes = commas([]promo.Class{promo.ClassPrice, promo.ClassLine, promo.ClassReduction, promo.ClassCoupon, promo.ClassShipping, promo.ClassAfter})
}
