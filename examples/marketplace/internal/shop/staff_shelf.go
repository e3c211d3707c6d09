package shop

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

// The names of a strategy's fields begin with these.
const (
	usePrefix    = "use."
	weightPrefix = "weight."
)

// policyOf returns the policy of the place in the address, the zero one where it
// has none, and the strategies that can serve it.
func (d *desk) policyOf() (p shelf.Policy, own place, usable []string, err error) {
	if d.Market.Recommend == nil {
		return p, own, nil, errNowhere()
	}
	policies, err := d.Market.Recommend.Policies(d.ctx(), d.scope)
	if err != nil {
		return p, own, nil, err
	}
	slot := d.r.PathValue("slot")
	if !slices.Contains(slotNames(policies), slot) {
		return p, own, nil, errNowhere()
	}
	own.about = true // what the shop does not know may go with products
	for _, x := range places() {
		if x.slot == slot {
			own = x
		}
	}
	p.Slot = slot
	for _, x := range policies {
		if x.Slot == slot {
			p = x
		}
	}
	for _, name := range d.Market.Recommend.Strategies() {
		q := recommend.Query{Shelf: recommend.Shelf(name)}
		if needs := slices.Contains(recommend.Shelves(), q.Shelf) && q.Validate() != nil; own.about || !needs {
			usable = append(usable, name)
		}
	}
	return p, own, usable, nil
}

// shelfForm is the form of how a place is served.
func (d *desk) shelfForm() error {
	p, own, usable, err := d.policyOf()
	if err != nil {
		return err
	}
	in := web.Inputs{"mode": string(p.Mode)}
	for _, a := range p.Arms {
		in[usePrefix+a.Name], in[weightPrefix+a.Name] = "yes", strconv.Itoa(a.Weight)
	}
	if p.Version == 0 {
		in["mode"], in[usePrefix+string(own.shelf)] = string(shelf.Fixed), "yes"
	}
	return d.showShelf(200, p, usable, view.Form{Values: in})
}

func (d *desk) showShelf(status int, p shelf.Policy, usable []string, form view.Form) error {
	out := view.StaffShelfForm{Chrome: d.chrome("recommendations"), Form: form, Action: shelfDesk + "/" + p.Slot, Version: p.Version}
	if n, err := strconv.ParseInt(form.Values["version"], 10, 64); err == nil {
		out.Version = n // what was read when the form was opened
	}
	words := d.shelfWords(out.Locale)
	out.Name = words.slot(p.Slot)
	codes := make([]string, len(shelf.Modes()))
	for i, m := range shelf.Modes() {
		codes[i] = string(m)
	}
	out.Modes = choices(codes, form.Value("mode"), func(c string) string { return words.Text("shelves.mode."+c, nil) })
	for _, name := range usable {
		weight, typed := form.Values[weightPrefix+name]
		if !typed {
			weight = "1"
		}
		about := words.named("about", name)
		if about == name {
			about = ""
		}
		out.Arms = append(out.Arms, view.ShelfChoice{
			Field: weightPrefix + name, Use: usePrefix + name, Name: words.named("strategy", name), About: about,
			On: form.Values[usePrefix+name] == "yes", Weight: weight,
		})
	}
	return d.answer(status, out)
}

// postShelf keeps how a place is served.
func (d *desk) postShelf() error {
	p, _, usable, err := d.policyOf()
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
	asked := shelf.PolicyInput{Slot: p.Slot, Mode: shelf.Mode(in["mode"]), Version: version}
	var wrong fault.Violations
	for _, name := range usable {
		if in[usePrefix+name] != "yes" {
			continue
		}
		arm := shelf.Arm{Name: name, Weight: 1}
		if asked.Mode == shelf.Split {
			if arm.Weight, err = strconv.Atoi(in[weightPrefix+name]); err != nil {
				wrong.Add(weightPrefix+name, "number", nil)
			}
		}
		asked.Arms = append(asked.Arms, arm)
	}
	if err = wrong.Err("staff.policy", "the policy does not fit"); err == nil {
		_, err = d.Market.Recommend.SavePolicy(d.ctx(), d.scope, asked)
	}
	if err == nil {
		d.tell(view.Good, "shelves.saved", nil)
		return d.redirect(shelfDesk)
	}
	form, ok := in.Form(relabel(err, func(path string) (string, fault.Params) {
		if at, ok := indexed(path, "arms"); ok && at < len(asked.Arms) && strings.HasSuffix(path, ".weight") {
			return weightPrefix + asked.Arms[at].Name, nil
		} else if ok {
			return "arms", nil
		}
		return path, nil
	}))
	if !ok {
		return err
	}
	return d.showShelf(web.StatusOf(err), p, usable, form)
}
