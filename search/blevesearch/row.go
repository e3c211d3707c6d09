package blevesearch

import (
	"encoding/json"
	"fmt"
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
	norm    float32  // shorter texts count more
	terms   []uint32 // of its text, see digests
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
	live   []int32  // by value: how many products have it
	shown  []shown
}

// shown is a brand or category, which suggestions find by its name.
type shown struct {
	value uint32
	brand bool
	name  string // folded; of a category the last one of its path
}

// add counts the values of a row, by 1 or by -1.
func (v *values) add(r *row, by int32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, value := range r.values {
		v.live[value] += by
	}
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
		v.live = append(v.live, 0)
		if field == search.FieldBrand || field == search.FieldCategory {
			name := search.Fold(text[strings.LastIndexByte(text, '\x1f')+1:])
			v.shown = append(v.shown, shown{n, field == search.FieldBrand, name})
		}
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
	g := s.analyzer.Digest(d)
	r := s.row(d, &g)
	core := &field{name: fieldText, options: index.IndexField}
	plain := &field{name: fieldPlain, options: index.IndexField}
	for _, list := range g.Text {
		core.addTerms(list)
		for _, t := range list {
			if t.Class == search.Word {
				plain.add(t.Plain)
			}
		}
	}
	codes := &field{name: fieldCodes, options: index.IndexField}
	for _, code := range g.Codes {
		core.add(code)
		codes.add(code)
	}
	properties := &field{name: fieldProps, options: index.IndexField}
	for _, list := range g.Properties {
		properties.addTerms(list)
	}
	heads := &field{name: fieldHeads, options: index.IndexField}
	for _, term := range s.lexicon.Heads(&r.profile, func(fn func(string)) {
		for term := range core.terms {
			fn(term)
		}
	}) {
		heads.add(term)
	}
	doc := &document{id: string(d.ID), bytes: len(raw), fields: []*field{
		core, properties, heads, plain, codes, {name: fieldRow, options: index.StoreField, value: raw},
	}}
	return doc, r, nil
}

// row makes the row of a document.
func (s *shelf) row(d *search.Document, g *search.Digest) *row {
	r := &row{
		id: string(d.ID), version: d.Version, title: d.Title, profile: g.Profile(s.lexicon, d), norm: g.Norm, terms: digests(g),
		prices: g.Prices, listed: g.Listed, ratings: d.Ratings,
	}
	v := s.values
	v.mu.Lock()
	defer v.mu.Unlock()
	r.values = make([]uint32, len(g.Values))
	for i, value := range g.Values {
		r.values[i] = v.value(value.Field, value.Value)
	}
	slices.Sort(r.values)
	if len(g.Measures) > 0 {
		r.numbers = make([]measure, len(g.Measures))
	}
	for i, m := range g.Measures {
		r.numbers[i] = measure{v.field(m.Field), m.Value}
	}
	return r
}

// product returns the id of a row as the port names it.
func (r *row) product() ref.ProductID { return ref.ProductID(r.id) }
