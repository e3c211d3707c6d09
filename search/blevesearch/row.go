package blevesearch

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// row is what is kept in memory of one product, beside the postings: what
// the second ranking, the filters, the facets and the sorting read. It is
// never changed; a new version of the product is a new row.
type row struct {
	id      string
	version int64
	title   string
	profile search.Profile
	norm    float32 // shorter texts count more
	values  []uint32
	numbers []measure
	prices  []int64
	listed  int64
	ratings int64
}

// measure is a numeric attribute.
type measure struct {
	field uint32
	value float64
}

// values numbers the values of facets: a value is a field and a text.
type values struct {
	mu     sync.RWMutex
	ids    map[string]uint32
	names  []string // "field\x00text"
	fields []uint32 // by value: its field
	byName map[string]uint32
	labels []string // by field
}

func newValues() *values {
	return &values{ids: map[string]uint32{}, byName: map[string]uint32{}}
}

// field returns the number of a field and makes one if there is none.
func (v *values) field(name string) uint32 {
	n, found := v.byName[name]
	if !found {
		n = uint32(len(v.labels)) //nolint:gosec // far fewer
		v.byName[name] = n
		v.labels = append(v.labels, name)
	}
	return n
}

func (v *values) value(field, text string) uint32 {
	key := field + "\x00" + text
	n, found := v.ids[key]
	if !found {
		n = uint32(len(v.names)) //nolint:gosec // far fewer
		v.ids[key] = n
		v.names = append(v.names, key)
		v.fields = append(v.fields, v.field(field))
	}
	return n
}

// stored is a document as it lies in the index, to build its row again.
type stored struct {
	search.Document
}

// build analyses a document: what the engine indexes, and what stays in
// memory.
func (s *shelf) build(d *search.Document) (*document, *row, error) {
	raw, err := json.Marshal(stored{*d})
	if err != nil {
		return nil, nil, fmt.Errorf("encode document: %w", err)
	}
	r, text, props := s.row(d)
	plain := &field{name: fieldPlain, options: index.IndexField}
	for _, list := range text {
		for _, t := range list {
			if t.Class == search.Word {
				plain.add(t.Plain)
			}
		}
	}
	core := &field{name: fieldText, options: index.IndexField}
	for _, list := range text {
		core.addTerms(list)
	}
	for _, code := range d.Codes {
		if c := s.code(code); c != "" {
			core.add(c)
		}
	}
	properties := &field{name: fieldProps, options: index.IndexField}
	for _, list := range props {
		properties.addTerms(list)
	}
	r.profile.Categories = slices.Concat(r.profile.Categories, s.lexicon.Passage(append(s.analyzer.Analyze(d.Brand), search.Token{Class: search.Break})))
	heads := &field{name: fieldHeads, options: index.IndexField}
	for _, term := range s.lexicon.Heads(&r.profile, func(fn func(string)) {
		for term := range core.terms {
			fn(term)
		}
	}) {
		heads.add(term)
	}
	doc := &document{id: string(d.ID), bytes: len(raw), fields: []*field{
		core, properties, heads, plain, {name: fieldRow, options: index.StoreField, value: raw},
	}}
	return doc, r, nil
}

// code folds a SKU code or GTIN to letters and digits.
func (s *shelf) code(code string) string {
	var b strings.Builder
	for _, t := range s.analyzer.Analyze(code) {
		if t.Class == search.Word || t.Class == search.Number {
			b.WriteString(t.Plain)
		}
	}
	return b.String()
}

// row makes the row of a document and returns the texts it was made of.
func (s *shelf) row(d *search.Document) (*row, [][]search.Token, [][]search.Token) {
	a := &s.analyzer
	title, summary := a.Analyze(d.Title), a.Analyze(d.Summary)
	text := [][]search.Token{title, a.Analyze(d.Model), a.Analyze(d.Brand), summary}
	for _, k := range d.Keywords {
		text = append(text, a.Analyze(k))
	}
	r := &row{
		id: string(d.ID), version: d.Version, title: d.Title, ratings: d.Ratings,
		profile: search.Profile{Sales: d.Sales, Rating: d.Rating, InStock: d.InStock},
	}
	if !d.ListedAt.IsZero() {
		r.listed = d.ListedAt.UnixMicro()
	}
	stop := search.Token{Class: search.Break}
	var leaves, props []search.Token
	for _, path := range d.Categories {
		for i, name := range path {
			tokens := a.Analyze(name)
			text = append(text, tokens)
			if i == len(path)-1 {
				leaves = append(append(leaves, tokens...), stop)
			}
		}
	}
	var properties [][]search.Token
	var looks [][]search.Token
	for i := range d.Attributes {
		if tokens := a.Analyze(propertyText(&d.Attributes[i])); len(tokens) > 0 {
			properties = append(properties, tokens)
			props = append(append(props, tokens...), stop)
			if d.Attributes[i].Looks() {
				looks = append(looks, tokens)
			}
		}
	}
	length := 0
	for _, list := range text {
		for _, t := range list {
			if t.Class <= search.Ideogram {
				length++
			}
		}
	}
	r.norm = float32(4 / math.Sqrt(float64(length+4)))
	r.profile.Title, r.profile.Summary = s.lexicon.Passage(title), s.lexicon.Passage(summary)
	r.profile.Properties, r.profile.Categories = s.lexicon.Passage(props), s.lexicon.Passage(leaves)
	r.profile.Plains = s.lexicon.Plains(text...)
	r.profile.Looks = s.lexicon.Words(looks...)
	s.number(r, d)
	return r, text, properties
}

// propertyText returns the words of an attribute that a query may name: of
// one that is simply there, its name.
func propertyText(a *search.Attribute) string {
	switch {
	case a.Number != nil:
		return ""
	case truth(a.Value):
		return a.Name
	case len(a.Value) > 1000 || strings.EqualFold(a.Value, "no") || strings.EqualFold(a.Value, "false"):
		return ""
	}
	return a.Value
}

func truth(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "y", "是", "有":
		return true
	}
	return false
}

// number gives the facet values of a document their numbers.
func (s *shelf) number(r *row, d *search.Document) {
	v := s.values
	v.mu.Lock()
	defer v.mu.Unlock()
	add := func(field, text string) {
		if text != "" {
			r.values = append(r.values, v.value(field, text))
		}
	}
	add(search.FieldBrand, d.Brand)
	add(search.FieldMerchant, string(d.Merchant))
	for _, path := range d.Categories {
		for i := range path {
			add(search.FieldCategory, search.CategoryPath(path[:i+1]...))
		}
	}
	stock := "out"
	if d.InStock {
		stock = "in"
	}
	add(search.FieldStock, stock)
	for i := range d.Attributes {
		a := &d.Attributes[i]
		field := search.AttributeField(a.Name)
		if a.Number != nil {
			r.numbers = append(r.numbers, measure{v.field(field), *a.Number})
			continue
		}
		if len(a.Value) <= 200 {
			add(field, a.Value)
		}
	}
	slices.Sort(r.values)
	r.values = slices.Clip(slices.Compact(r.values))
	r.numbers = slices.Clip(r.numbers)
	for _, p := range d.Prices {
		r.prices = append(r.prices, p.Minor())
	}
	slices.Sort(r.prices)
	r.prices = slices.Clip(slices.Compact(r.prices))
}

// product returns the id of a row as the port names it.
func (r *row) product() ref.ProductID { return ref.ProductID(r.id) }
