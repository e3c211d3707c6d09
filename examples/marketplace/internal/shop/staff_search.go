package shop

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/search"
)

const searchDesk = "/staff/search"

// searchHome leads to the storefront in the language of the employee.
func (d *desk) searchHome() error {
	f, locale := d.fronts[0], d.chrome("search").Locale
	for _, o := range d.fronts {
		if o.channel.Locale == locale {
			f = o
		}
	}
	return d.redirect(searchDesk + "/" + string(f.channel.ID))
}

// searchFront is the storefront of the address, with what stands around its
// pages; tab is the one that is open.
func (d *desk) searchFront(tab string) (*front, view.SearchDesk, error) {
	f := d.front(ref.ChannelID(d.r.PathValue("channel")))
	if f == nil || d.Market.Search == nil {
		return nil, view.SearchDesk{}, errNowhere()
	}
	p := view.SearchDesk{Chrome: d.chrome("search"), Front: f.name, Write: d.who.Can(access.SearchWrite)}
	base := searchDesk + "/" + string(f.channel.ID)
	for _, name := range []string{"report", "synonyms", "rules"} {
		at := "/" + name
		if name == "report" {
			at = ""
		}
		p.Tabs = append(p.Tabs, view.Link{Label: "staff_search.tab." + name, Href: base + at, Current: at == tab})
	}
	for _, o := range d.fronts {
		p.Fronts = append(p.Fronts, view.Link{
			Label: o.name, Href: searchDesk + "/" + string(o.channel.ID) + tab, Lang: string(o.channel.Locale), Current: o == f,
		})
	}
	return f, p, nil
}

// spans are the days that a report may cover.
func spans() []int { return []int{1, 7, 30, 90} }

// span is the one that an address names, or a month.
func span(in web.Inputs) int {
	for _, days := range spans() {
		if in["days"] == strconv.Itoa(days) {
			return days
		}
	}
	return 30
}

// searchReport tells what was searched for in a storefront.
func (d *desk) searchReport() error {
	f, around, err := d.searchFront("")
	if err != nil {
		return err
	}
	in, err := web.ReadQuery(d.r)
	if err != nil {
		return err
	}
	p := view.StaffSearch{SearchDesk: around}
	days, order := span(in), search.MostAsked
	if in["order"] == string(search.MostEmpty) {
		order = search.MostEmpty
	}
	base := searchDesk + "/" + string(f.channel.ID)
	words := d.Renderer.Texts(p.Locale)
	for _, n := range spans() {
		p.Spans = append(p.Spans, view.Link{
			Label: words.Count("staff_search.days", int64(n), nil), Href: fmt.Sprintf("%s?days=%d&order=%s", base, n, order), Current: n == days,
		})
	}
	for _, o := range []search.ReportOrder{search.MostAsked, search.MostEmpty} {
		p.Orders = append(p.Orders, view.Link{
			Label: "staff_search.order." + string(o), Href: fmt.Sprintf("%s?days=%d&order=%s", base, days, o), Current: o == order,
		})
	}
	q := search.ReportQuery{Channel: f.channel.ID, Order: order}
	q.Until = d.Clock.Now()
	q.From = q.Until.AddDate(0, 0, -days)
	list, err := d.Market.Search.Queries(d.ctx(), d.scope, q, page.Request{After: page.Cursor(in["after"]), Limit: perPage})
	if err != nil {
		return err
	}
	for _, l := range list.Items {
		row := view.SearchLine{
			Text: l.Text, Href: f.searchHref(seek{text: l.Text}), Searches: l.Searches, Visitors: l.Visitors, Empty: l.Empty,
			Clicked: share(l.Clicked, l.Searches), Converted: share(l.Converted, l.Searches),
		}
		if p.Write {
			row.Rule = base + "/rules/new?query=" + url.QueryEscape(l.Text)
		}
		p.Rows = append(p.Rows, row)
	}
	p.Next, p.Start = pager(d.r.URL, string(list.Next))
	places, err := d.Market.Search.Places(d.ctx(), d.scope, q)
	if err != nil {
		return err
	}
	p.Plot = plot(places)
	status, err := d.Market.Search.Status(d.ctx(), d.scope)
	if err != nil {
		return err
	}
	for _, s := range status {
		if s.Channel == f.channel.ID {
			p.Away, p.Products = !s.Filled || s.Problem != "", int64(s.Stats.Documents)
		}
	}
	return d.show(p)
}

// share writes a part of a whole in percent.
func share(part, whole int64) string {
	if whole <= 0 {
		return "–"
	}
	return rate(float64(part) / float64(whole))
}

// The picture of the click-through, in its own units.
const (
	plotWidth, plotHeight = 480, 220
	plotLeft, plotBottom  = 60, 26 // on the left is room for "12.5%"
	plotTop               = 12
	plotTall              = plotHeight - plotBottom - plotTop
)

// axis returns up to where a picture of shares reaches, so that top fits in, and
// the lines of its grid.
func axis(top float64) (scale float64, lines []view.PlotLine) {
	scale = 1.0
	for _, nice := range []float64{0.5, 0.2, 0.1, 0.05, 0.02, 0.01} {
		if nice >= top {
			scale = nice
		}
	}
	for i := range 5 {
		lines = append(lines, view.PlotLine{
			Y: plotTop + plotTall - plotTall*i/4, Label: strconv.FormatFloat(scale*25*float64(i), 'g', 3, 64) + "%",
		})
	}
	return scale, lines
}

// plot draws how often what stood at each place of the first page was opened.
func plot(places []search.PlaceLine) *view.Plot {
	if len(places) == 0 {
		return nil
	}
	places = places[:min(len(places), perPage)]
	top := 0.01
	for _, l := range places {
		if l.Shown > 0 {
			top = max(top, float64(l.Clicked)/float64(l.Shown))
		}
	}
	scale, grid := axis(top)
	p := &view.Plot{Width: plotWidth, Height: plotHeight, Left: plotLeft, Lines: grid}
	step := (plotWidth - plotLeft) / len(places)
	for i, l := range places {
		bar := view.PlotBar{
			X: plotLeft + i*step + step/8, Width: max(step*3/4, 2), Place: l.Place, Shown: l.Shown, Clicked: l.Clicked, Share: share(l.Clicked, l.Shown),
		}
		if l.Shown > 0 {
			bar.Height = min(int(plotTall*float64(l.Clicked)/float64(l.Shown)/scale), plotTall)
		}
		bar.Y = plotTop + plotTall - bar.Height
		if every := 1 + len(places)/12; (l.Place-1)%every == 0 {
			bar.Label = bar.X + bar.Width/2
		}
		p.Bars = append(p.Bars, bar)
	}
	return p
}

// synonyms is the form of a storefront's synonyms.
func (d *desk) synonyms() error {
	f, around, err := d.searchFront("/synonyms")
	if err != nil {
		return err
	}
	now, err := d.Market.Search.Settings(d.ctx(), d.scope, f.channel.ID)
	if err != nil {
		return err
	}
	lines := make([]string, len(now.Synonyms))
	for i, s := range now.Synonyms {
		lines[i] = synonymLine(s)
	}
	return d.showSynonyms(200, f, view.StaffSynonyms{
		SearchDesk: around, Version: now.Version, Defaults: now.Defaults,
		Form: view.Form{Values: map[string]string{"synonyms": strings.Join(lines, "\n")}},
	})
}

func (d *desk) showSynonyms(status int, f *front, p view.StaffSynonyms) error {
	for _, s := range search.DefaultSynonyms(f.channel.Locale) {
		p.Common = append(p.Common, synonymLine(s))
	}
	return d.answer(status, p)
}

func synonymLine(s search.Synonym) string {
	line := strings.Join(s.Words, ", ")
	if s.From != "" {
		line = s.From + " > " + line
	}
	return line
}

// settingsVersion is that of the settings that a form was made of, 0 before the
// first.
func settingsVersion(in web.Inputs) (int64, error) {
	version, err := strconv.ParseInt(in["version"], 10, 64)
	if err != nil || version < 0 {
		return 0, fault.New(fault.Invalid, "staff.version", "no version").WithField("version", "required", nil)
	}
	return version, nil
}

// postSynonyms keeps them.
func (d *desk) postSynonyms() error {
	f, around, err := d.searchFront("/synonyms")
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
	list, lines := readSynonyms(in["synonyms"])
	_, err = d.Market.Search.SaveSynonyms(d.ctx(), d.scope, search.SynonymsInput{
		Channel: f.channel.ID, Version: version, Synonyms: list, Defaults: in["defaults"] == "yes",
	})
	if err == nil {
		d.tell(view.Good, "staff_search.said.synonyms", nil)
		return d.redirect(searchDesk + "/" + string(f.channel.ID) + "/synonyms")
	}
	form, ok := in.Form(synonymFault(err, lines))
	if !ok {
		return err
	}
	return d.showSynonyms(web.StatusOf(err), f, view.StaffSynonyms{
		SearchDesk: around, Version: version, Defaults: in["defaults"] == "yes", Form: form,
	})
}

// readSynonyms reads a list, and tells in which line of the text each stands.
func readSynonyms(text string) (list []search.Synonym, lines []int) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(strings.ReplaceAll(line, "＞", ">"))
		if line == "" {
			continue
		}
		from, words, oneWay := strings.Cut(line, ">")
		if !oneWay {
			from, words = "", line
		}
		s := search.Synonym{From: strings.TrimRight(strings.TrimSpace(from), "= -")}
		if oneWay && s.From == "" {
			s.From = ">" // which is refused with its line
		}
		for word := range strings.FieldsFuncSeq(words, func(c rune) bool { return strings.ContainsRune(",，、", c) }) {
			if word = strings.TrimSpace(word); word != "" {
				s.Words = append(s.Words, word)
			}
		}
		list, lines = append(list, s), append(lines, n)
	}
	return list, lines
}

// synonymFault names the lines that are wrong.
func synonymFault(err error, lines []int) error {
	return relabel(err, func(path string) (string, fault.Params) {
		if at, ok := indexed(path, "synonyms"); ok && at < len(lines) {
			return "synonyms", fault.Params{"line": lines[at]}
		}
		return "synonyms", nil
	})
}

// indexed reads the number out of a path such as "pin[3].place".
func indexed(path, list string) (int, bool) {
	rest, ok := strings.CutPrefix(path, list+"[")
	if !ok {
		return 0, false
	}
	number, _, ok := strings.Cut(rest, "]")
	n, err := strconv.Atoi(number)
	return n, ok && err == nil && n >= 0
}
