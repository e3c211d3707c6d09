package shop

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/search"
)

// newRule stands in an address where a rule's id would.
const newRule = "new"

// rules lists what merchandising wants of a storefront's search.
func (d *desk) rules() error {
	f, around, err := d.searchFront("/rules")
	if err != nil {
		return err
	}
	now, err := d.Market.Search.Settings(d.ctx(), d.scope, f.channel.ID)
	if err != nil {
		return err
	}
	base := searchDesk + "/" + string(f.channel.ID) + "/rules/"
	p := view.StaffRules{SearchDesk: around, New: d.can(access.SearchWrite, base+newRule)}
	for i := range now.Rules {
		r := &now.Rules[i]
		row := view.StaffRule{When: string(r.When), Query: r.Query, From: r.From, Until: r.Until, State: "active", Does: does(r)}
		if p.Write {
			row.Href = base + r.ID
		}
		switch at := d.Clock.Now(); {
		case !r.From.IsZero() && at.Before(r.From):
			row.State = "soon"
		case !r.Until.IsZero() && !at.Before(r.Until):
			row.State = "over"
		}
		p.Rows = append(p.Rows, row)
	}
	return d.show(p)
}

// does says in words what a rule wants.
func does(r *search.Rule) []view.Said {
	var out []view.Said
	add := func(key string, n int) {
		if n > 0 {
			out = append(out, view.Said{Key: "rule.does." + key, Params: fault.Params{"N": n}})
		}
	}
	up := 0
	for _, f := range r.Favour {
		if f.Weight > 0 {
			up++
		}
	}
	add("pin", len(r.Pin))
	add("hide", len(r.Hide))
	add("boost", up)
	add("bury", len(r.Favour)-up)
	if r.Redirect != "" {
		out = append(out, view.Said{Key: "rule.does.redirect", Params: fault.Params{"Path": r.Redirect}})
	}
	return out
}

// ruleForm is the form of a rule with what it does to a query.
func (d *desk) ruleForm() error {
	f, around, err := d.searchFront("/rules")
	if err != nil {
		return err
	}
	now, rule, err := d.rule(f)
	if err != nil {
		return err
	}
	in := web.Inputs{"when": string(search.WhenIs)}
	if rule.ID != "" {
		in = d.written(f, rule)
	} else if q, err := web.ReadQuery(d.r); err == nil {
		in["query"] = q["query"]
	}
	in["try"] = in["query"]
	return d.showRule(200, f, around, now, rule, view.Form{Values: in}, in["try"] != "" && rule.ID != "")
}

// rule returns the settings of a storefront and the rule of the address, the
// zero one for a new one.
func (d *desk) rule(f *front) (search.Settings, search.Rule, error) {
	now, err := d.Market.Search.Settings(d.ctx(), d.scope, f.channel.ID)
	if err != nil {
		return now, search.Rule{}, err
	}
	id := d.r.PathValue("rule")
	if id == newRule {
		return now, search.Rule{When: search.WhenIs}, nil
	}
	at := slices.IndexFunc(now.Rules, func(r search.Rule) bool { return r.ID == id })
	if at < 0 {
		return now, search.Rule{}, errNowhere()
	}
	return now, now.Rules[at], nil
}

// showRule shows the form; with a preview where it is asked for.
func (d *desk) showRule(status int, f *front, around view.SearchDesk, now search.Settings, rule search.Rule, form view.Form, preview bool) error {
	at := searchDesk + "/" + string(f.channel.ID) + "/rules/"
	p := view.StaffRuleForm{SearchDesk: around, Form: form, Action: at + newRule, Version: now.Version, Kept: len(unwritten(rule.Favour))}
	if rule.ID != "" {
		p.Action, p.Delete = at+rule.ID, at+rule.ID+"/delete"
	}
	if n, err := strconv.ParseInt(form.Values["version"], 10, 64); err == nil {
		p.Version = n // what was read when the form was opened
	}
	words := d.Renderer.Texts(p.Locale)
	p.Whens = choices([]string{string(search.WhenIs), string(search.WhenContains), string(search.WhenStarts)}, form.Value("when"),
		func(c string) string { return words.Text("rule.when."+c, nil) })
	if preview {
		var err error
		if p.Preview, err = d.preview(f, now, rule, form.Values["try"]); err != nil {
			return err
		}
	}
	return d.answer(status, p)
}

// postRule keeps a rule, or shows what it would do.
func (d *desk) postRule() error {
	f, around, err := d.searchFront("/rules")
	if err != nil {
		return err
	}
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	now, kept, err := d.rule(f)
	if err != nil {
		return err
	}
	version, err := settingsVersion(in)
	if err != nil {
		return err
	}
	rule, err := d.read(f, kept, in)
	if err == nil && in["do"] == "preview" {
		if err = ruleFault(rule.Validate()); err == nil {
			if in["try"] == "" {
				in["try"] = rule.Query
			}
			return d.showRule(200, f, around, now, rule, view.Form{Values: in}, true)
		}
	}
	if err == nil {
		_, err = d.Market.Search.SaveRule(d.ctx(), d.scope, search.RuleInput{Channel: f.channel.ID, Version: version, Rule: rule})
		if err == nil {
			d.tell(view.Good, "staff_search.said.rule", nil)
			return d.redirect(searchDesk + "/" + string(f.channel.ID) + "/rules")
		}
		err = ruleFault(err)
	}
	form, ok := in.Form(err)
	if !ok {
		return err
	}
	return d.showRule(web.StatusOf(err), f, around, now, kept, form, false)
}

// postRuleDelete deletes a rule.
func (d *desk) postRuleDelete() error {
	f, _, err := d.searchFront("/rules")
	if err != nil {
		return err
	}
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	version, err := settingsVersion(in)
	if err != nil {
		return err
	}
	_, err = d.Market.Search.DeleteRule(d.ctx(), d.scope, f.channel.ID, version, d.r.PathValue("rule"))
	switch {
	case err == nil:
		d.tell(view.Good, "staff_search.said.deleted", nil)
	case errors.Is(err, fault.Conflict):
		d.tell(view.Bad, "fault.search_settings.stale", nil)
	default:
		return err
	}
	return d.redirect(searchDesk + "/" + string(f.channel.ID) + "/rules")
}

// read makes a rule of a form. What the form cannot show stays as it was kept.
func (d *desk) read(f *front, kept search.Rule, in web.Inputs) (search.Rule, error) {
	var wrong fault.Violations
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
	rule := search.Rule{
		ID: kept.ID, When: search.When(in["when"]), Query: in["query"], From: at("from"), Until: at("until"), Redirect: in["redirect"],
	}
	dir, err := f.directory(d.ctx())
	if err != nil {
		return rule, err
	}
	r := &wishes{desk: d, front: f, dir: dir, wrong: &wrong}
	for i, w := range r.lines(in, "pin") {
		place := i + 1
		if w.number != "" {
			place = r.number("pin", w, 1, perPage)
		}
		rule.Pin = append(rule.Pin, search.Pin{Product: r.product("pin", w), Place: place})
	}
	for _, w := range r.lines(in, "hide") {
		rule.Hide = append(rule.Hide, r.product("hide", w))
	}
	rule.Favour = append(r.favours(in, "boost", 1), r.favours(in, "bury", -1)...)
	rule.Favour = append(rule.Favour, unwritten(kept.Favour)...)
	if r.err != nil {
		return rule, r.err
	}
	return rule, wrong.Err("staff.rule", "the rule does not fit")
}

// written fills the form of a rule.
func (d *desk) written(f *front, r search.Rule) web.Inputs {
	in := web.Inputs{
		"when": string(r.When), "query": r.Query, "from": d.localTime(r.From), "until": d.localTime(r.Until), "redirect": r.Redirect,
	}
	dir, err := f.directory(d.ctx())
	if err != nil {
		dir = &directory{}
	}
	var pins, boosts, buries, hides []string
	for _, p := range r.Pin {
		pins = append(pins, strconv.Itoa(p.Place)+" "+string(p.Product))
	}
	for _, id := range r.Hide {
		hides = append(hides, string(id))
	}
	for _, w := range r.Favour {
		if len(unwritten([]search.Favour{w})) > 0 {
			continue
		}
		to, weight := &boosts, w.Weight
		if weight < 0 {
			to, weight = &buries, -weight
		}
		number := strconv.FormatFloat(weight, 'g', -1, 64) + " "
		for _, id := range w.Products {
			*to = append(*to, number+string(id))
		}
		if w.Filter != nil {
			*to = append(*to, number+filterLine(w.Filter, dir))
		}
	}
	in["pin"], in["hide"] = strings.Join(pins, "\n"), strings.Join(hides, "\n")
	in["boost"], in["bury"] = strings.Join(boosts, "\n"), strings.Join(buries, "\n")
	return in
}

// relabel gives the fields of an invalid form the names that they have in it.
func relabel(err error, name func(path string) (string, fault.Params)) error {
	var known *fault.Fault
	if !errors.As(err, &known) || known.Kind != fault.Invalid {
		return err
	}
	var v fault.Violations
	for _, f := range known.Fields {
		path, params := name(f.Path)
		if params == nil {
			params = f.Params
		}
		v.Add(path, f.Code, params)
	}
	return v.Err(known.Code, known.Message)
}

// ruleFault names the fields of the form. That a rule does nothing is about the
// whole form, and is told when there is nothing else to mend.
func ruleFault(err error) error {
	var known *fault.Fault
	if errors.As(err, &known) && len(known.Fields) == 1 && known.Fields[0].Code == "does_nothing" {
		return fault.New(known.Kind, "staff.rule_idle", known.Message)
	}
	return relabel(err, func(path string) (string, fault.Params) {
		path = strings.TrimPrefix(path, "rule.")
		for _, list := range []string{"pin", "hide"} {
			if n, ok := indexed(path, list); ok {
				return list, fault.Params{"line": n + 1}
			}
		}
		switch {
		case strings.HasPrefix(path, "favour"):
			return "boost", nil
		}
		return path, nil
	})
}

// preview shows a query without a rule and with it. Where it stands in the log
// is nowhere.
func (d *desk) preview(f *front, now search.Settings, rule search.Rule, text string) (*view.RulePreview, error) {
	p := &view.RulePreview{Query: text}
	others := make([]search.Rule, 0, len(now.Rules)+1)
	with := make([]search.Rule, 0, len(now.Rules)+1)
	seen := false
	for _, r := range now.Rules {
		if r.ID == rule.ID {
			with, seen = append(with, rule), true
			continue
		}
		others, with = append(others, r), append(with, r)
	}
	if !seen {
		with = append(with, rule)
	}
	before, err := d.tryRules(f, others, text)
	if errors.Is(err, fault.Unavailable) || fault.KindOf(err) == fault.Invalid {
		p.Away = true
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	after, err := d.tryRules(f, with, text)
	if err != nil {
		return nil, err
	}
	s := search.Resolve(&search.Analyzer{Locale: f.channel.Locale}, []search.Rule{rule}, text, d.Clock.Now())
	p.Applies = len(s.Pin)+len(s.Hide)+len(s.Favour) > 0 || s.Redirect != ""
	p.Redirect = s.Redirect
	if p.Before, err = d.shown(f, before.Hits, nil); err != nil {
		return nil, err
	}
	p.After, err = d.shown(f, after.Hits, before.Hits)
	return p, err
}

// fewTried is how many results a preview shows.
const fewTried = 10

func (d *desk) tryRules(f *front, rules []search.Rule, text string) (search.Answer, error) {
	return d.Market.Search.Search(d.ctx(), search.Request{
		Channel: f.channel.ID, Rules: rules, Quiet: true, Query: search.Query{Text: text, Limit: fewTried},
	})
}

func (d *desk) shown(f *front, hits, before []search.Hit) ([]view.PreviewHit, error) {
	ids := make([]ref.ProductID, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	rows, err := d.Market.Listing.Cards(d.ctx(), f.channel.ID, ids)
	if err != nil {
		return nil, err
	}
	var out []view.PreviewHit
	for i := range rows {
		at := slices.Index(ids, rows[i].Product)
		hit := view.PreviewHit{
			Place: at + 1, ID: string(rows[i].Product), Title: rows[i].Title, Picture: pictureOr(rows[i].Picture), Pinned: hits[at].Pinned,
		}
		if before != nil {
			was := slices.IndexFunc(before, func(h search.Hit) bool { return h.ID == rows[i].Product })
			if hit.New = was < 0; !hit.New {
				hit.Moved = was - at
			}
		}
		out = append(out, hit)
	}
	return out, nil
}
