package shop

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// bodyKind is the template of a promotion that is written as JSON.
const bodyKind = "json"

// local is how browsers write a time in a form.
const local = "2006-01-02T15:04"

// everyones are the parameters of templates that the form asks for with the
// terms of every promotion.
func everyones() []string { return []string{"id", "name", "merchant", "from", "until", "per_member"} }

// proposal is a promotion on its way from a form.
type proposal struct {
	*desk
	in       web.Inputs
	locale   ref.Locale
	kept     *campaign.Campaign // nil for a new one
	template *promo.Template    // nil for JSON
	front    *front             // nil where none is chosen
	wrong    fault.Violations
	// bad are the fields that could not be read.
	bad map[string]bool
}

func (d *desk) proposal(in web.Inputs, kept *campaign.Campaign) (*proposal, error) {
	f := &proposal{desk: d, in: in, locale: d.staffChrome(d.r).Locale, kept: kept, front: d.front(ref.ChannelID(in["channel"])), bad: map[string]bool{}}
	if in["kind"] == bodyKind {
		return f, nil
	}
	f.template = d.template(in["kind"])
	if f.template == nil {
		return nil, errNowhere()
	}
	return f, nil
}

func (d *desk) template(id string) *promo.Template {
	for _, t := range d.Market.Campaigns.Templates() {
		if t.ID == id {
			return &t
		}
	}
	return nil
}

// note remembers that a field is wrong.
func (f *proposal) note(path, code string, params fault.Params) {
	f.wrong.Add(path, code, params)
	f.bad[path] = true
}

// promotion makes the promotion. Invalid, with every wrong field by its name in
// the form.
func (f *proposal) promotion() (promo.Promotion, error) {
	var p promo.Promotion
	var err error
	if f.template == nil {
		p, err = promo.Decode([]byte(f.in["body"]))
		if err != nil {
			f.note("body", "json", nil)
		}
	} else {
		p, err = f.stamped()
		if err != nil {
			return promo.Promotion{}, err
		}
	}
	p.ID = f.id()
	if f.kept != nil {
		p.Merchant = f.kept.Merchant
	}
	return p, f.wrong.Err("staff.promotion", "the promotion is not complete")
}

// id is the campaign's, or the one that the form was made with, so that a form
// that is sent twice makes one promotion.
func (f *proposal) id() ref.PromotionID {
	if f.kept != nil {
		return f.kept.ID
	}
	return ref.PromotionID(f.in["id"])
}

// stamped fills the template in, and then the terms of every promotion.
func (f *proposal) stamped() (promo.Promotion, error) {
	if f.front == nil {
		f.note("channel", "choice", nil)
	}
	values, err := f.values()
	if err != nil {
		return promo.Promotion{}, err
	}
	p, err := f.Market.Campaigns.Stamp(f.ctx(), f.scope, campaign.StampInput{Template: f.template.ID, Values: values})
	if err != nil && !f.gather(err) {
		return promo.Promotion{}, err
	}
	p.Template = f.template.ID
	f.terms(&p)
	return p, nil
}

// gather notes what is wrong under the names of the form's fields, but for what
// is noted already. It reports false for an error that is not about the input.
func (f *proposal) gather(err error) bool {
	var known *fault.Fault
	if !errors.As(err, &known) || known.Kind != fault.Invalid || len(known.Fields) == 0 {
		return false
	}
	for _, field := range known.Fields {
		if path := f.fieldOf(field.Path); !f.bad[path] {
			f.note(path, field.Code, field.Params)
		}
	}
	return true
}

// fieldOf returns the form's field for a path of the template's values or of
// the promotion.
func (f *proposal) fieldOf(path string) string {
	path = strings.TrimPrefix(path, "promotion.")
	if f.template == nil {
		return path
	}
	if name, ok := strings.CutPrefix(path, "values."); ok {
		if slices.Contains(everyones(), name) {
			return name
		}
		return "v." + name
	}
	longest, name := "", ""
	for at, param := range f.template.Holes() {
		if below(path, at) && len(at) > len(longest) {
			longest, name = at, param
		}
	}
	if name != "" && !slices.Contains(everyones(), name) {
		return "v." + name
	}
	longest = ""
	for at, field := range map[string]string{
		"name": "name", "from": "from", "until": "until", "merchant": "merchant", "channels": "channel", "priority": "priority", "code": "code",
		"redeem": "code", "groups": "groups", "sharing": "share", "sharing.classes": "share_classes",
		"sharing.owners": "share_owners", "sharing.groups": "share_groups", "limits.uses": "uses", "limits.per_member": "per_member",
		"limits.budget": "budget", "funding": "site_share", "on_partial_refund": "refund",
	} {
		if below(path, at) && len(at) > len(longest) {
			longest, name = at, field
		}
	}
	if longest == "" {
		return path
	}
	return name
}

// below reports whether a path is at or below another one.
func below(path, at string) bool {
	rest, ok := strings.CutPrefix(path, at)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// holes are the template's parameters that the form asks for by themselves.
func holes(t *promo.Template) []promo.Parameter {
	return slices.DeleteFunc(slices.Clone(t.Parameters), func(p promo.Parameter) bool { return slices.Contains(everyones(), p.Name) })
}

// values reads the template's fields.
func (f *proposal) values() (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{"id": quoted(string(f.id()))}
	for name, text := range map[string]string{"name": f.in["name"], "merchant": f.in["merchant"]} {
		if text != "" {
			values[name] = quoted(text)
		}
	}
	for _, p := range holes(f.template) {
		field := "v." + p.Name
		if f.in[field] == "" {
			continue
		}
		value, code := f.value(p, f.in[field])
		if code != "" {
			f.note(field, code, nil)
			continue
		}
		values[p.Name] = value
	}
	maps.DeleteFunc(values, func(name string, _ json.RawMessage) bool {
		return !slices.ContainsFunc(f.template.Parameters, func(p promo.Parameter) bool { return p.Name == name })
	})
	return values, f.known(values)
}

func quoted(s string) json.RawMessage {
	data, err := json.Marshal(s)
	if err != nil {
		return nil // a string has a JSON form
	}
	return data
}

// value reads one field, or says what is wrong with it.
func (f *proposal) value(p promo.Parameter, text string) (value json.RawMessage, code string) {
	var of any
	var err error
	switch p.Type {
	case promo.ParamNumber:
		if p.Name == "percent" {
			of, err = percent(text)
		} else {
			of, err = strconv.ParseInt(text, 10, 64)
		}
		code = "type"
	case promo.ParamMoney:
		of, err = typedMoney(f.locale, f.front, text)
		code = "money"
	case promo.ParamText:
		of = text
	case promo.ParamTexts:
		of = listed(text)
	case promo.ParamTime:
		of, err = time.ParseInLocation(local, text, f.zone())
		code = "type"
	case promo.ParamFlag:
		of = text == "yes"
	}
	if err != nil {
		return nil, code
	}
	value, err = json.Marshal(of)
	if err != nil {
		return nil, "type"
	}
	return value, ""
}

// percent reads a percentage, with or without its sign, as parts per million.
func percent(text string) (int64, error) {
	whole, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimSuffix(text, "%")), ".")
	if len(rest) > 4 {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseUint(whole+rest+strings.Repeat("0", 4-len(rest)), 10, 32)
	return int64(n), err
}

// listed splits a list at commas and spaces of either language.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(",，、 \t\r\n\u3000", c) })
}

// known notes SKUs and categories that the storefront has not.
func (f *proposal) known(values map[string]json.RawMessage) error {
	if f.front == nil {
		return nil
	}
	for _, name := range []string{"sku", "skus"} {
		ids, ok := texts(values[name])
		if !ok {
			continue
		}
		skus := make([]ref.SKUID, len(ids))
		for i, id := range ids {
			skus[i] = ref.SKUID(id)
		}
		offers, err := f.Market.Listing.Offers(f.ctx(), cart.OfferQuery{Channel: f.front.channel.ID, Locale: f.front.channel.Locale}, skus)
		if err != nil {
			return err
		}
		for _, id := range skus {
			if _, there := offers[id]; !there {
				f.note("v."+name, "nowhere", fault.Params{"id": string(id)})
			}
		}
	}
	ids, ok := texts(values["categories"])
	if !ok {
		return nil
	}
	dir, err := f.front.directory(f.ctx())
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, there := dir.nodes[ref.CategoryID(id)]; !there {
			f.note("v.categories", "nowhere", fault.Params{"id": id})
		}
	}
	return nil
}

// texts reads a value that is one text or several, all of which can be ids.
func texts(value json.RawMessage) ([]string, bool) {
	var one string
	var many []string
	if json.Unmarshal(value, &one) == nil {
		many = []string{one}
	} else if json.Unmarshal(value, &many) != nil {
		return nil, false
	}
	return slices.DeleteFunc(many, func(id string) bool { return !ref.ValidID(id) }), true
}

// terms reads what the form asks of every promotion.
func (f *proposal) terms(p *promo.Promotion) {
	p.Name, p.Merchant = f.in["name"], ref.MerchantID(f.in["merchant"])
	p.From, p.Until = f.time("from"), f.time("until")
	p.Channels = f.channels()
	p.Priority = int(f.number("priority", -1_000_000, 1_000_000))
	p.Limits = promo.Limits{Uses: f.number("uses", 0, 1<<40), PerMember: f.number("per_member", 0, 1<<40), Budget: f.money("budget")}
	p.Groups = nil
	switch text := f.in["groups"]; text {
	case "":
	case "-":
		p.Groups = []promo.GroupID{}
	default:
		for _, id := range listed(text) {
			p.Groups = append(p.Groups, promo.GroupID(id))
		}
	}
	p.Sharing = f.sharing()
	p.OnPartialRefund = promo.RefundPolicy(f.in["refund"])
	if f.in["code"] != "" && p.Redeem != promo.RedeemCoupon {
		p.Redeem, p.Code = promo.RedeemCode, f.in["code"]
	}
	p.Funding = f.funding()
	f.oneCurrency(p)
}

// funding splits the cost between the site and the merchants, where the form
// says how.
func (f *proposal) funding() []promo.Funding {
	if f.in["site_share"] == "" {
		return nil
	}
	ppm, err := percent(f.in["site_share"])
	if err != nil || ppm > money.Million {
		f.note("site_share", "out_of_range", fault.Params{"min": 0, "max": 100})
		return nil
	}
	var out []promo.Funding
	if ppm > 0 {
		out = append(out, promo.Funding{Party: promo.PartySite, PPM: ppm})
	}
	if ppm < money.Million {
		out = append(out, promo.Funding{Party: promo.PartyMerchant, PPM: money.Million - ppm})
	}
	return out
}

func (f *proposal) time(name string) time.Time {
	if f.in[name] == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(local, f.in[name], f.zone())
	if err != nil {
		f.note(name, "type", nil)
	}
	return t
}

func (f *proposal) number(name string, low, high int64) int64 {
	if f.in[name] == "" {
		return 0
	}
	n, err := strconv.ParseInt(f.in[name], 10, 64)
	if err != nil || n < low || n > high {
		f.note(name, "out_of_range", fault.Params{"min": low, "max": high})
		return 0
	}
	return n
}

func (f *proposal) money(name string) money.Money {
	if f.in[name] == "" {
		return money.Money{}
	}
	m, err := typedMoney(f.locale, f.front, f.in[name])
	if err != nil {
		f.note(name, "money", nil)
	}
	return m
}
