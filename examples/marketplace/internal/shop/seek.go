package shop

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// seek is what the address of a search asks for: all of it is there, so that
// the address can be given to somebody else.
type seek struct {
	text     string
	literal  bool // correct nothing
	direct   bool // a rule has led here: follow no further one
	category string
	brands   []string
	sellers  []string
	traits   []trait
	inStock  bool
	min, max string // as typed
	low      money.Money
	high     money.Money
	sort     string
	after    string
	// found is the search whose further results these are, and before how many
	// were shown.
	found  string
	before int
}

// trait is an attribute with the values that are asked for.
type trait struct {
	name   string
	values []string
}

// traitPrefix begins the names of attributes in an address.
const traitPrefix = "a."

// maxTraits bounds the attributes that are filtered by at once: each is a facet.
const maxTraits = 8

// maxChosen bounds the values of all facets together.
const maxChosen = 40

// ranked is one way to sort results.
type ranked struct {
	code string
	sort search.Sort
}

// orders are the orders of results by the codes in the address, the first one
// where there is none. Nobody rates products here yet, so that there is none by
// rating.
func orders() []ranked {
	return []ranked{
		{"relevance", search.ByRelevance},
		{"price_up", search.ByPriceAsc},
		{"price_down", search.ByPriceDesc},
		{"newest", search.ByNewest},
		{"sales", search.BySales},
	}
}

// readSeek reads an address. Parameters that are no search's are passed over:
// links are passed around with what others put there. The error names all that
// is wrong; what is right is in the seek nevertheless.
func (v *visit) readSeek(dir *directory) (seek, error) {
	q, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil {
		return seek{}, fault.Wrap(err, fault.Invalid, "web.query", "the address cannot be read").WithField("q", "text", nil)
	}
	r := reader{values: q}
	s := seek{
		text: r.one("q"), literal: r.one("literal") == "yes", direct: r.one("direct") == "yes", category: r.one("category"),
		brands: r.many("brand"), sellers: r.many("seller"), inStock: r.one("in_stock") == "yes",
		min: r.one("min"), max: r.one("max"), sort: r.one("sort"), after: r.one("after"),
	}
	if len(s.text) > search.MaxQuery {
		r.wrong.Add("q", "too_long", nil)
		s.text = ""
	}
	for name := range q {
		if label, ok := strings.CutPrefix(name, traitPrefix); ok {
			if !utf8.ValidString(label) || strings.TrimSpace(label) == "" || len(label) > ref.MaxID*2 {
				r.wrong.Add("facet", "unknown", nil)
			} else if values := r.many(name); len(values) > 0 {
				s.traits = append(s.traits, trait{label, values})
			}
		}
	}
	slices.SortFunc(s.traits, func(a, b trait) int { return cmp.Compare(a.name, b.name) })
	if r.chosen > maxChosen || len(s.traits) > maxTraits {
		r.wrong.Add("facet", "too_many", nil)
	}
	if _, known := dir.slugs[s.category]; s.category != "" && !known {
		r.wrong.Add("category", "unknown", nil)
		s.category = ""
	}
	if s.sort != "" && !slices.ContainsFunc(orders(), func(o ranked) bool { return o.code == s.sort }) {
		r.wrong.Add("sort", "unknown", nil)
		s.sort = ""
	}
	s.low, s.high = v.bounds(s.min, s.max, &r.wrong)
	s.found, s.before = readFound(r.one("found"))
	return s, r.wrong.Err("web.search", "the search does not fit")
}

// bounds reads a range of prices.
func (f *front) bounds(low, high string, wrong *fault.Violations) (from, to money.Money) {
	bound := func(name, text string) money.Money {
		if text == "" {
			return money.Money{}
		}
		m, err := money.Parse(f.channel.Locale, f.channel.Currency, text)
		switch {
		case err != nil:
			wrong.Add(name, "malformed", nil)
		case m.Sign() < 0:
			wrong.Add(name, "negative", nil)
		default:
			return m
		}
		return money.Money{}
	}
	from, to = bound("min", low), bound("max", high)
	if from != (money.Money{}) && to != (money.Money{}) && to.Minor() < from.Minor() {
		wrong.Add("max", "not_after", nil)
	}
	return from, to
}

// reader takes parameters out of an address and notes what is wrong with them.
type reader struct {
	values url.Values
	wrong  fault.Violations
	chosen int
}

func (r *reader) one(name string) string {
	all := r.values[name]
	switch {
	case len(all) > 1:
		r.wrong.Add(name, "too_many", nil)
	case len(all) == 1 && !utf8.ValidString(all[0]):
		r.wrong.Add(name, "text", nil)
	case len(all) == 1:
		return strings.TrimSpace(all[0])
	}
	return ""
}

func (r *reader) many(name string) []string {
	var out []string
	for _, value := range r.values[name] {
		value = strings.TrimSpace(value)
		switch {
		case !utf8.ValidString(value) || len(value) > search.MaxQuery:
			r.wrong.Add("facet", "text", nil)
		case value != "" && !slices.Contains(out, value):
			out = append(out, value)
		}
	}
	r.chosen += len(out)
	slices.Sort(out)
	return out
}

// readFound reads a search's id with a number behind it.
func readFound(text string) (id string, n int) {
	id, number, ok := strings.Cut(text, ".")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 || n > page.MaxLimit || !ref.ValidID(id) {
		return "", 0
	}
	return id, n
}

func writeFound(id string, n int) string { return id + "." + strconv.Itoa(n) }

// clone returns a copy whose lists can be changed.
func (s seek) clone() seek {
	s.brands, s.sellers, s.traits = slices.Clone(s.brands), slices.Clone(s.sellers), slices.Clone(s.traits)
	for i := range s.traits {
		s.traits[i].values = slices.Clone(s.traits[i].values)
	}
	return s
}

// filtered reports whether anything but words is asked for.
func (s seek) filtered() bool {
	return s.category != "" || len(s.brands)+len(s.sellers)+len(s.traits) > 0 || s.inStock || s.min != "" || s.max != ""
}

// bare is the same words without filters.
func (s seek) bare() seek {
	return seek{text: s.text, literal: s.literal, direct: s.direct, sort: s.sort}
}

// values are the parameters of an address that begins with the first page.
func (s seek) values() url.Values {
	out := url.Values{}
	set := func(name, value string) {
		if value != "" {
			out.Set(name, value)
		}
	}
	set("q", s.text)
	set("category", s.category)
	set("min", s.min)
	set("max", s.max)
	if s.sort != orders()[0].code {
		set("sort", s.sort)
	}
	for name, on := range map[string]bool{"literal": s.literal, "direct": s.direct, "in_stock": s.inStock} {
		if on {
			out.Set(name, "yes")
		}
	}
	for name, all := range map[string][]string{"brand": s.brands, "seller": s.sellers} {
		if len(all) > 0 {
			out[name] = all
		}
	}
	for _, t := range s.traits {
		if len(t.values) > 0 {
			out[traitPrefix+t.name] = t.values
		}
	}
	return out
}

// searchHref is the address of a search.
func (f *front) searchHref(s seek) string {
	if q := s.values().Encode(); q != "" {
		return f.base + "/search?" + q
	}
	return f.base + "/search"
}

// query asks the index for what the address does.
func (v *visit) query(s seek, dir *directory) search.Query {
	q := search.Query{Text: s.text, Literal: s.literal, Limit: perPage, After: page.Cursor(s.after)}
	for _, o := range orders() {
		if o.code == s.sort {
			q.Sort = o.sort
		}
	}
	among := func(field string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			q.Filters = append(q.Filters, search.Filter{Field: field, Any: values})
		}
	}
	among(search.FieldCategory, dir.paths[dir.slugs[s.category]])
	among(search.FieldBrand, s.brands...)
	among(search.FieldMerchant, s.sellers...)
	for _, t := range s.traits {
		among(search.AttributeField(t.name), t.values...)
	}
	if s.inStock {
		among(search.FieldStock, inStock)
	}
	if s.low != (money.Money{}) || s.high != (money.Money{}) {
		f := search.Filter{Field: search.FieldPrice}
		for bound, m := range map[**float64]money.Money{&f.Min: s.low, &f.Max: s.high} {
			if m != (money.Money{}) {
				minor := float64(m.Minor())
				*bound = &minor
			}
		}
		q.Filters = append(q.Filters, f)
	}
	return q
}

// inStock is the value of the stock's field that can be bought.
const inStock = "in"
