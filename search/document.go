package search

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Bounds of a document.
const (
	MaxBatch      = 5000
	MaxAttributes = 500
	MaxCategories = 50
	MaxPrices     = 1000
	MaxCodes      = 2000
	maxName       = 200
	maxTitle      = 1000
	maxDepth      = 16 // of a category
	maxUnit       = 40
)

// Document is what is known of one product in one language. There is one per
// product: the values of its SKUs are gathered, so that a facet counts
// products. Every field but ID may be empty.
type Document struct {
	ID      ref.ProductID
	Version int64 // of the row it was read from; an older one never replaces a newer one

	Title    string
	Model    string // the manufacturer's name or number of it
	Brand    string
	Summary  string // a sentence or two
	Keywords []string

	// Categories are paths of names, root first; the product is in the last
	// one of each.
	Categories [][]string

	Merchant   ref.MerchantID
	Attributes []Attribute
	Codes      []string // SKU codes, GTINs: found whole only and never corrected

	Prices   []money.Money // the prices of its SKUs, all in one currency
	Sales    int64         // pieces sold lately
	Rating   float64       // 0 to 5, 0 where nobody has rated
	Ratings  int64
	InStock  bool
	ListedAt time.Time
}

// Attribute is one property. Where Value is set it is text, which is searched and
// counted; where Number is set it is a measure, which filters by range and has
// statistics under its [MeasureField]; it may be both. Nothing is converted, and
// different units are never mixed: [ReadMeasure] brings texts to one unit. A
// property with several values, such as the colours of its SKUs, appears several
// times.
type Attribute struct {
	Name   string
	Value  string
	Number *float64
	Unit   string
}

// Looks reports whether the attribute says how a product looks or how large
// it is: such words follow its name in a title and are no part of it.
func (a *Attribute) Looks() bool {
	name := strings.ToLower(a.Name)
	for _, word := range []string{"colour", "color", "material", "size", "颜色", "材质", "尺码", "尺寸"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// Clip cuts what is longer or more than an index takes: for documents that are
// made of a catalogue, where one product with too much of something is not to
// keep others out.
func (d *Document) Clip() {
	d.Title, d.Model = cut(d.Title, maxTitle), cut(d.Model, maxTitle)
	d.Brand, d.Summary = cut(d.Brand, maxName), cut(d.Summary, MaxText)
	names := func(list []string, most int) []string {
		list = slices.Clone(list[:min(len(list), most)])
		for i := range list {
			list[i] = cut(list[i], maxName)
		}
		return list
	}
	d.Keywords = names(d.Keywords, MaxCategories)
	d.Codes = names(d.Codes, MaxCodes)
	d.Categories = slices.Clone(d.Categories[:min(len(d.Categories), MaxCategories)])
	for i := range d.Categories {
		d.Categories[i] = names(d.Categories[i], maxDepth)
	}
	d.Attributes = slices.Clone(d.Attributes[:min(len(d.Attributes), MaxAttributes)])
	for i := range d.Attributes {
		a := &d.Attributes[i]
		a.Name, a.Value, a.Unit = cut(a.Name, maxName), cut(a.Value, MaxText), cut(a.Unit, maxUnit)
		if a.Number != nil && !finite(*a.Number) {
			a.Number = nil
		}
	}
	d.Prices = d.Prices[:min(len(d.Prices), MaxPrices)]
	d.Rating = min(max(d.Rating, 0), 5)
}

// Validate returns an Invalid fault that names everything wrong with the
// document, or nil.
func (d *Document) Validate() error {
	var v fault.Violations
	if !ref.ValidID(string(d.ID)) {
		v.Add("id", "malformed", nil)
	}
	text := func(path, s string, most int) {
		switch {
		case len(s) > most:
			v.Add(path, "too_long", fault.Params{"max": most})
		case !utf8.ValidString(s):
			v.Add(path, "malformed", nil)
		}
	}
	text("title", d.Title, maxTitle)
	text("model", d.Model, maxTitle)
	text("brand", d.Brand, maxName)
	text("summary", d.Summary, MaxText)
	many := func(path string, n, most int) {
		if n > most {
			v.Add(path, "too_many", fault.Params{"max": most})
		}
	}
	many("keywords", len(d.Keywords), MaxCategories)
	for i, k := range d.Keywords {
		text("keywords["+strconv.Itoa(i)+"]", k, maxName)
	}
	many("categories", len(d.Categories), MaxCategories)
	for i, path := range d.Categories {
		many("categories["+strconv.Itoa(i)+"]", len(path), maxDepth)
		for _, name := range path {
			text("categories["+strconv.Itoa(i)+"]", name, maxName)
		}
	}
	many("attributes", len(d.Attributes), MaxAttributes)
	for i, a := range d.Attributes {
		text("attributes["+strconv.Itoa(i)+"].name", a.Name, maxName)
		text("attributes["+strconv.Itoa(i)+"].value", a.Value, MaxText)
		text("attributes["+strconv.Itoa(i)+"].unit", a.Unit, maxUnit)
		if a.Number != nil && !finite(*a.Number) {
			v.Add("attributes["+strconv.Itoa(i)+"].number", "not_a_number", nil)
		}
	}
	many("codes", len(d.Codes), MaxCodes)
	for i, c := range d.Codes {
		text("codes["+strconv.Itoa(i)+"]", c, maxName)
	}
	d.checkPrices(&v)
	if !(d.Rating >= 0 && d.Rating <= 5) {
		v.Add("rating", "out_of_range", fault.Params{"min": 0, "max": 5})
	}
	return v.Err("search.document", "the document is not valid")
}

func finite(n float64) bool { return !math.IsNaN(n) && !math.IsInf(n, 0) }

func (d *Document) checkPrices(v *fault.Violations) {
	if len(d.Prices) > MaxPrices {
		v.Add("prices", "too_many", fault.Params{"max": MaxPrices})
	}
	for i, p := range d.Prices {
		switch {
		case p.Sign() < 0:
			v.Add("prices["+strconv.Itoa(i)+"]", "out_of_range", fault.Params{"min": 0})
		case p.Currency() != d.Prices[0].Currency():
			v.Add("prices["+strconv.Itoa(i)+"]", "currency", nil)
		}
	}
}

// ValidateBatch returns an Invalid fault that names everything wrong with the
// documents of one call, or nil.
func ValidateBatch(documents []Document) error {
	var v fault.Violations
	if len(documents) > MaxBatch {
		v.Add("documents", "too_many", fault.Params{"max": MaxBatch})
	}
	for i := range documents {
		v.Merge("documents["+strconv.Itoa(i)+"]", documents[i].Validate())
	}
	return v.Err("search.document", "the documents are not valid")
}
