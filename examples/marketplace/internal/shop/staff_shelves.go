package shop

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

const shelfDesk = "/staff/recommendations"

// recommendations tells how shelves are filled and what came of them.
func (d *desk) recommendations() error {
	if d.Market.Recommend == nil {
		return errNowhere()
	}
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	policies, err := d.Market.Recommend.Policies(d.ctx(), d.scope)
	if err != nil {
		return err
	}
	names := slotNames(policies)
	days, slot := span(in), ""
	if slices.Contains(names, in["slot"]) {
		slot = in["slot"]
	}
	p := view.StaffShelves{Chrome: d.chrome("recommendations")}
	words := d.shelfWords(p.Locale)
	for _, n := range spans() {
		p.Spans = append(p.Spans, view.Link{
			Label: words.Count("staff_search.days", int64(n), nil), Href: fmt.Sprintf("%s?days=%d&slot=%s", shelfDesk, n, slot), Current: n == days,
		})
	}
	for _, name := range append([]string{""}, names...) {
		p.Slots = append(p.Slots, view.Link{
			Label: words.slot(name), Href: fmt.Sprintf("%s?days=%d&slot=%s", shelfDesk, days, name), Current: name == slot,
		})
	}
	if p.Places, err = d.shelfPlaces(words, policies); err != nil {
		return err
	}
	if p.Models, err = d.shelfModels(words); err != nil {
		return err
	}
	until := d.Clock.Now()
	q := shelf.ReportQuery{From: until.AddDate(0, 0, 1-days), Until: until, Slot: slot}
	report, err := d.Market.Recommend.Report(d.ctx(), d.scope, q)
	if err != nil {
		return err
	}
	p.Rows, p.Segments = words.lines(report.Strategies), words.lines(report.Segments)
	p.Curves = curves(words, report.Days, q.From, days)
	return d.show(p)
}

// slotNames are the places of the shop, and others that have a policy.
func slotNames(policies []shelf.Policy) []string {
	var names []string
	for _, p := range places() {
		names = append(names, p.slot)
	}
	for _, p := range policies {
		if !slices.Contains(names, p.Slot) {
			names = append(names, p.Slot)
		}
	}
	return names
}

// shelfWords says what places and strategies are called.
type shelfWords struct{ *web.Texts }

func (d *desk) shelfWords(l ref.Locale) shelfWords { return shelfWords{d.Renderer.Texts(l)} }

// named returns the words for a code, or the code of what the host added.
func (w shelfWords) named(kind, code string) string {
	key := "shelves." + kind + "." + code
	if text := w.Text(key, nil); text != key {
		return text
	}
	return code
}

func (w shelfWords) slot(name string) string {
	if name == "" {
		return w.Text("shelves.slots.all", nil)
	}
	return w.named("slot", name)
}

func (w shelfWords) strategies(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = w.named("strategy", n)
	}
	return out
}

// segment says which visitors a segment is about.
func (w shelfWords) segment(s recommend.Segment) string {
	var parts []string
	for step := range strings.SplitSeq(string(s), "/") {
		name, value, ok := strings.Cut(step, "=")
		if ok && name == "visitor" {
			value = w.named("visitor", value)
		}
		parts = append(parts, cmp.Or(value, name))
	}
	return strings.Join(parts, " · ")
}

// shelfPlaces tells what serves each place.
func (d *desk) shelfPlaces(words shelfWords, policies []shelf.Policy) ([]view.ShelfPlace, error) {
	odds, err := d.Market.Recommend.Odds(d.ctx(), d.scope)
	if err != nil {
		return nil, err
	}
	var out []view.ShelfPlace
	for _, name := range slotNames(policies) {
		p := view.ShelfPlace{Name: words.slot(name), Href: d.can(access.ShelvesWrite, shelfDesk+"/"+name)}
		at := slices.IndexFunc(policies, func(p shelf.Policy) bool { return p.Slot == name })
		if at < 0 {
			own := place{}
			for _, x := range places() {
				if x.slot == name {
					own = x
				}
			}
			p.Arms = []view.ShelfArm{{Name: words.named("strategy", string(own.shelf))}}
			out = append(out, p)
			continue
		}
		p.Mode = string(policies[at].Mode)
		for _, a := range policies[at].Arms {
			arm := view.ShelfArm{Name: words.named("strategy", a.Name)}
			if m := policies[at].Mode; m == shelf.Split || m == shelf.Bandit {
				arm.Share = rate(odds[name][a.Name])
			}
			p.Arms = append(p.Arms, arm)
		}
		out = append(out, p)
	}
	return out, nil
}

// model says what a model is like. One that a host added is named as it names
// itself.
func (w shelfWords) model(text string) string {
	kind, rest, _ := strings.Cut(text, " ")
	said := []string{w.named("model", kind)}
	var shape []string
	for _, part := range strings.Fields(rest) {
		name, value, valued := strings.Cut(part, "=")
		switch {
		case !valued || said[0] == kind:
			return text
		case name == "recency":
			said = append(said, w.named("recency", value))
		case name != "gap": // which follows the recency
			shape = append(shape, value)
		}
	}
	if len(shape) > 0 {
		said = append(said, w.Text("shelves.shape", map[string]any{"Numbers": strings.Join(shape, " / ")}))
	}
	return strings.Join(said, w.Text("shelves.model.and", nil))
}

func (d *desk) shelfModels(words shelfWords) ([]view.ShelfModel, error) {
	models, err := d.Market.Recommend.Models(d.ctx(), d.scope)
	if err != nil {
		return nil, err
	}
	var out []view.ShelfModel
	for _, m := range models {
		shown := view.ShelfModel{
			Strategies: words.strategies(m.Strategies), Model: words.model(m.Model), FittedAt: m.FittedAt, Interactions: int64(m.Interactions),
			Waiting: int64(m.Waiting), Products: int64(m.Products), Sellable: int64(m.Sellable), Visitors: int64(m.Visitors), Baskets: int64(m.Baskets),
		}
		for _, t := range m.Trials {
			shown.Trials = append(shown.Trials, view.ShelfTrial{Model: words.model(t.Model), NDCG: strconv.FormatFloat(t.NDCG, 'f', 4, 64), Chosen: t.Chosen})
		}
		out = append(out, shown)
	}
	return out, nil
}

// rate writes a share.
func rate(f float64) string { return strconv.FormatFloat(f*100, 'f', 1, 64) + "%" }

func (w shelfWords) lines(all []shelf.Line) []view.ShelfLine {
	var out []view.ShelfLine
	for _, l := range all {
		out = append(out, view.ShelfLine{
			Place: w.slot(l.Slot), Strategy: w.named("strategy", l.Strategy), Segment: w.segment(l.Segment), Requests: l.Requests,
			Hits: rate(l.HitRate), Clicks: rate(l.ClickRate), Carts: rate(l.CartRate), Orders: rate(l.Conversion),
			Revenue: l.Revenue, Coverage: rate(l.Coverage), Novelty: strconv.FormatFloat(l.Novelty, 'f', 1, 64),
		})
	}
	return out
}

// tones is how many colours the lines of a picture have.
const tones = 8

// curves draws the hit rate of each strategy day by day, of the most used ones.
func curves(words shelfWords, lines []shelf.Line, from time.Time, days int) *view.Curves {
	type point struct{ hits, requests float64 }
	byDay, total := map[string]map[string]point{}, map[string]float64{}
	for _, l := range lines {
		if byDay[l.Strategy] == nil {
			byDay[l.Strategy] = map[string]point{}
		}
		at, n := byDay[l.Strategy][l.Day], float64(l.Requests)
		byDay[l.Strategy][l.Day] = point{at.hits + l.HitRate*n, at.requests + n}
		total[l.Strategy] += n
	}
	var names []string
	top := 0.0
	for name, all := range byDay {
		names = append(names, name)
		for _, at := range all {
			top = max(top, at.hits/max(1, at.requests))
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(a, b)) })
	names = names[:min(len(names), tones)]
	scale, grid := axis(top)
	p := &view.Curves{Width: plotWidth, Height: plotHeight, Left: plotLeft, Lines: grid}
	x := func(day int) int { return plotLeft + 12 + (plotWidth-plotLeft-24)*day/max(1, days-1) }
	date := func(day int) string { return from.AddDate(0, 0, day).UTC().Format(time.DateOnly) }
	for number, name := range names {
		c := view.Curve{Name: words.named("strategy", name), Number: number}
		for day := range days {
			at, ok := byDay[name][date(day)]
			if !ok {
				continue
			}
			hit := at.hits / max(1, at.requests)
			dot := view.CurveDot{
				X: x(day), Y: plotTop + plotTall - min(int(plotTall*hit/scale), plotTall), Day: date(day), Share: rate(hit), Requests: int64(at.requests),
			}
			step := "L"
			if len(c.Dots) == 0 {
				step = "M"
			}
			c.Path += step + strconv.Itoa(dot.X) + " " + strconv.Itoa(dot.Y)
			c.Dots = append(c.Dots, dot)
		}
		p.Series = append(p.Series, c)
	}
	for day := 0; day < days; day += 1 + (days-1)/6 {
		p.Days = append(p.Days, view.CurveDay{X: x(day), Label: from.AddDate(0, 0, day).UTC().Format("1/2")})
	}
	return p
}
