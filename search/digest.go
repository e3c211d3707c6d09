package search

import (
	"math"
	"slices"
	"strings"
)

// Digest is a document made ready for an engine, which stores it in its own
// way: texts as tokens, and the values of filters and facets.
type Digest struct {
	Title   []Token
	Summary []Token

	// Text is every word of title, model, brand, summary, keywords and
	// categories, list by list; Properties those of the attributes.
	Text       [][]Token
	Properties [][]Token

	Names   []Token   // the last name of each category and the brand, a break after each
	Aspects []Token   // Properties in a row, a break after each
	Looks   [][]Token // those of colour, material and size
	Codes   []string  // folded to letters and digits
	Norm    float32   // a factor by which shorter texts count more

	Values   []FieldValue // without doubles
	Measures []Measure
	Prices   []int64 // in minor units, lowest first, without doubles
	Listed   int64   // microseconds since 1970, 0 where it is not known
}

// FieldValue is one value that a filter can name and a facet lists.
type FieldValue struct {
	Field string
	Value string
}

// Measure is a numeric attribute.
type Measure struct {
	Field string
	Value float64
}

// Digest analyses a document.
func (a *Analyzer) Digest(d *Document) Digest {
	title, summary := a.Analyze(d.Title), a.Analyze(d.Summary)
	brand := a.Analyze(d.Brand)
	g := Digest{Title: title, Summary: summary, Text: [][]Token{title, a.Analyze(d.Model), brand, summary}}
	for _, k := range d.Keywords {
		g.Text = append(g.Text, a.Analyze(k))
	}
	stop := Token{Class: Break}
	for _, path := range d.Categories {
		for i, name := range path {
			tokens := a.Analyze(name)
			g.Text = append(g.Text, tokens)
			if i == len(path)-1 {
				g.Names = append(append(g.Names, tokens...), stop)
			}
		}
	}
	g.Names = append(append(g.Names, brand...), stop)
	for i := range d.Attributes {
		tokens := a.Analyze(d.Attributes[i].text())
		if len(tokens) == 0 {
			continue
		}
		g.Properties = append(g.Properties, tokens)
		g.Aspects = append(append(g.Aspects, tokens...), stop)
		if d.Attributes[i].Looks() {
			g.Looks = append(g.Looks, tokens)
		}
	}
	for _, code := range d.Codes {
		if c := a.code(code); c != "" {
			g.Codes = append(g.Codes, c)
		}
	}
	length := 0
	for _, list := range g.Text {
		for _, t := range list {
			if t.Class <= Ideogram {
				length++
			}
		}
	}
	g.Norm = float32(4 / math.Sqrt(float64(length+4)))
	g.fields(d)
	return g
}

// fields gathers what filters, facets and sorting read.
func (g *Digest) fields(d *Document) {
	seen := map[FieldValue]bool{}
	add := func(field, value string) {
		if v := (FieldValue{field, value}); value != "" && !seen[v] {
			seen[v] = true
			g.Values = append(g.Values, v)
		}
	}
	add(FieldBrand, d.Brand)
	add(FieldMerchant, string(d.Merchant))
	for _, path := range d.Categories {
		for i := range path {
			add(FieldCategory, CategoryPath(path[:i+1]...))
		}
	}
	stock := "out"
	if d.InStock {
		stock = "in"
	}
	add(FieldStock, stock)
	for i := range d.Attributes {
		a := &d.Attributes[i]
		if a.Number != nil {
			g.Measures = append(g.Measures, Measure{MeasureField(a.Name, a.Unit), *a.Number})
		}
		if len(a.Value) <= maxFacetValue {
			add(AttributeField(a.Name), a.Value)
		}
	}
	for _, p := range d.Prices {
		g.Prices = append(g.Prices, p.Minor())
	}
	slices.Sort(g.Prices)
	g.Prices = slices.Clip(slices.Compact(g.Prices))
	if !d.ListedAt.IsZero() {
		g.Listed = d.ListedAt.UnixMicro()
	}
}

// maxFacetValue is the length of the longest attribute that a facet lists.
const maxFacetValue = 200

// Profile returns what the second ranking reads of the document.
func (g *Digest) Profile(l *Lexicon, d *Document) Profile {
	return Profile{
		Title: l.Passage(g.Title), Summary: l.Passage(g.Summary), Properties: l.Passage(g.Aspects), Categories: l.Passage(g.Names),
		Plains: l.Plains(g.Text...), Looks: l.Words(g.Looks...),
		Sales: d.Sales, Rating: d.Rating, InStock: d.InStock,
	}
}

// text returns the words of an attribute that a query may name: of one that
// is simply there, its name.
func (a *Attribute) text() string {
	switch {
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
