package catalog

import (
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// ProductID names a product.
type ProductID = ref.ProductID

// SKUID names a stock keeping unit.
type SKUID = ref.SKUID

// Product is what a merchant describes once and sells as one or more SKUs.
type Product struct {
	ID       ProductID
	Merchant ref.MerchantID
	// Slug is the current one; earlier ones still find the product.
	Slug        string
	Title       Text
	Description Text
	Brand       BrandID    // empty: none
	Category    CategoryID // empty: none
	// Within leads from the root of the tree to Category. Only
	// [ProductStore.Holding] fills it in, and none keeps it.
	Within []CategoryID
	// Options span the matrix of SKUs.
	Options    []Option
	Attributes []Attribute
	Pictures   []Picture // the first one represents the product
	// TaxClass names the rate family; empty is the channel's standard.
	TaxClass string
	// WeightGrams is that of every SKU without its own.
	WeightGrams int64
	// SKUs are the product's units in their order, archived ones included.
	SKUs []SKU
	// Publications say where the product is or was shown, by channel; a
	// channel that is missing has only the draft.
	Publications []Publication
	// ArchivedAt is when the product left the catalogue; zero while in it.
	ArchivedAt time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
	// Version counts the writes; a store refuses an Update of another one.
	Version int64
}

// Option is one dimension of the matrix: "size".
type Option struct {
	// Code is unique in the product; empty becomes a slug of the name.
	Code   string        `json:"code"`
	Name   Text          `json:"name,omitempty"`
	Values []OptionValue `json:"values"`
}

// OptionValue is one choice of an option: "xl".
type OptionValue struct {
	// Code is unique in the option; empty becomes a slug of the name.
	Code string `json:"code"`
	Name Text   `json:"name,omitempty"`
}

// Label is the name in a locale, or the code where there is none.
func (o Option) Label(l ref.Locale) string { return label(o.Name, o.Code, l) }

// Label is the name in a locale, or the code where there is none.
func (o OptionValue) Label(l ref.Locale) string { return label(o.Name, o.Code, l) }

// Attribute is a fact about the product: "material: linen, cotton".
type Attribute struct {
	// Code is unique in the product and the same in all that can be compared
	// by it; empty becomes a slug of the name.
	Code   string `json:"code"`
	Name   Text   `json:"name,omitempty"`
	Values []Text `json:"values"`
}

// Label is the name in a locale, or the code where there is none.
func (a Attribute) Label(l ref.Locale) string { return label(a.Name, a.Code, l) }

func label(t Text, code string, l ref.Locale) string {
	if s := t.In(l); s != "" {
		return s
	}
	return code
}

// Picture refers to a picture that is kept elsewhere.
type Picture struct {
	// Ref is a key of the media store or a URL.
	Ref string `json:"ref"`
	Alt Text   `json:"alt,omitempty"`
}

// SKU is one combination of the options: what is priced, counted and sold.
type SKU struct {
	ID SKUID
	// Code is unique per merchant and never changes.
	Code string
	// Choices are the codes of the chosen values, in the order of the
	// product's options; an archived SKU keeps those it had.
	Choices []string
	// Picture is the Ref of the one that shows this SKU; empty: the product's.
	Picture string
	// WeightGrams overrides the product's where it is not 0.
	WeightGrams int64
	// Archived SKUs are not sold any more; their codes stay taken.
	Archived bool
}

// Choice is one chosen value, in words of a locale.
type Choice struct{ Option, Value string }

// Find returns the SKU with an id.
func (p Product) Find(id SKUID) (SKU, bool) {
	i := slices.IndexFunc(p.SKUs, func(s SKU) bool { return s.ID == id })
	if i < 0 {
		return SKU{}, false
	}
	return p.SKUs[i], true
}

// Active returns the SKUs that are not archived.
func (p Product) Active() []SKU {
	out := make([]SKU, 0, len(p.SKUs))
	for _, s := range p.SKUs {
		if !s.Archived {
			out = append(out, s)
		}
	}
	return out
}

// Weight returns the grams of one piece of a SKU.
func (p Product) Weight(s SKU) int64 {
	if s.WeightGrams != 0 {
		return s.WeightGrams
	}
	return p.WeightGrams
}

// PictureOf returns the picture's Ref of a SKU, "" where there is none.
func (p Product) PictureOf(s SKU) string {
	if s.Picture != "" || len(p.Pictures) == 0 {
		return s.Picture
	}
	return p.Pictures[0].Ref
}

// Describe returns what was chosen for a SKU, in words of a locale.
func (p Product) Describe(s SKU, l ref.Locale) []Choice {
	out := make([]Choice, 0, len(s.Choices))
	for i, code := range s.Choices {
		if i >= len(p.Options) {
			break
		}
		o := p.Options[i]
		c := Choice{Option: o.Label(l), Value: code}
		if j := slices.IndexFunc(o.Values, func(v OptionValue) bool { return v.Code == code }); j >= 0 {
			c.Value = o.Values[j].Label(l)
		}
		out = append(out, c)
	}
	return out
}

// Archived reports whether the product left the catalogue.
func (p Product) Archived() bool { return !p.ArchivedAt.IsZero() }

// Clone returns a copy that shares nothing with p.
func (p Product) Clone() Product {
	p.Title, p.Description = p.Title.clone(), p.Description.clone()
	p.Within = slices.Clone(p.Within)
	p.Options = slices.Clone(p.Options)
	for i := range p.Options {
		o := &p.Options[i]
		o.Name, o.Values = o.Name.clone(), slices.Clone(o.Values)
		for j := range o.Values {
			o.Values[j].Name = o.Values[j].Name.clone()
		}
	}
	p.Attributes = slices.Clone(p.Attributes)
	for i := range p.Attributes {
		a := &p.Attributes[i]
		a.Name, a.Values = a.Name.clone(), slices.Clone(a.Values)
		for j := range a.Values {
			a.Values[j] = a.Values[j].clone()
		}
	}
	p.Pictures = slices.Clone(p.Pictures)
	for i := range p.Pictures {
		p.Pictures[i].Alt = p.Pictures[i].Alt.clone()
	}
	p.SKUs = slices.Clone(p.SKUs)
	for i := range p.SKUs {
		p.SKUs[i].Choices = slices.Clone(p.SKUs[i].Choices)
	}
	p.Publications = slices.Clone(p.Publications)
	return p
}

// combination is what makes two SKUs the same: no code holds a NUL.
func combination(choices []string) string { return strings.Join(choices, "\x00") }
