package blevesearch

import (
	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/search"
)

// The fields of the engine.
const (
	fieldText  = "t" // every word of title, model, brand, summary, categories; codes
	fieldProps = "x" // every word of the attributes
	fieldHeads = "h" // the words that say what a product is
	fieldPlain = "w" // unstemmed words of the text, for spelling and prefixes
	fieldCodes = "c" // the codes alone, which nobody corrects
	fieldRow   = "d" // the document, stored
)

// document is what the engine is handed: terms that were analysed here, so
// that none of the engine's own analysis is linked or run.
type document struct {
	id     string
	fields []*field
	bytes  int
}

func (d *document) ID() string { return d.id }
func (d *document) Size() int  { return d.bytes + len(d.id) }

func (d *document) VisitFields(visit index.FieldVisitor) {
	for _, f := range d.fields {
		visit(f)
	}
}

func (d *document) VisitComposite(index.CompositeFieldVisitor) {}
func (d *document) HasComposite() bool                         { return false }
func (d *document) NumPlainTextBytes() uint64                  { return uint64(d.bytes) } //nolint:gosec // a length
func (d *document) StoredFieldsBytes() uint64                  { return uint64(d.bytes) } //nolint:gosec // a length
func (d *document) Indexed() bool                              { return true }

func (d *document) AddIDField() {
	f := &field{name: "_id", options: index.IndexField | index.StoreField, value: []byte(d.id)}
	f.add(d.id)
	d.fields = append(d.fields, f)
}

// field is one field with its terms counted.
type field struct {
	name    string
	options index.FieldIndexingOptions
	value   []byte
	length  int
	terms   index.TokenFrequencies
}

func (f *field) add(term string) {
	if f.terms == nil {
		f.terms = index.TokenFrequencies{}
	}
	f.length++
	if t := f.terms[term]; t != nil {
		t.SetFrequency(t.Frequency() + 1)
		return
	}
	t := &index.TokenFreq{Term: []byte(term)}
	t.SetFrequency(1)
	f.terms[term] = t
}

func (f *field) addTerms(tokens []search.Token) {
	for _, t := range tokens {
		if t.Content() {
			f.add(t.Term)
		}
	}
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return f.value }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         {}
func (f *field) Options() index.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return f.length }
func (f *field) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                        { return uint64(len(f.value)) }
