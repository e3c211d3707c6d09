package catalog

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// ProductInput is the whole content of a product; a change replaces all of it.
type ProductInput struct {
	// Slug is unique per site. Empty makes one of the title, or keeps the
	// current one.
	Slug        string
	Title       Text // required
	Description Text
	Brand       BrandID
	Category    CategoryID
	Options     []Option
	Attributes  []Attribute
	Pictures    []Picture
	TaxClass    string
	WeightGrams int64
	// SKUs replace the product's SKUs; those that are not named any more are
	// archived. Nil keeps what there is.
	SKUs []SKUInput
}

// SKUInput is one SKU of a product. It names an existing one by ID, by Code,
// or, with neither, by its Choices; whatever names none is a new one.
type SKUInput struct {
	// ID may be the host's own. Defaults to a minted one.
	ID SKUID
	// Code is unique per merchant. Defaults to one made of slug and choices.
	Code string
	// Choices are value codes in the order of the options.
	Choices     []string
	Picture     string
	WeightGrams int64
	Archived    bool
}

// apply makes p what in says. Mint supplies the ids of new SKUs, one per
// element of in.SKUs. It reports every wrong field at once.
func (p *Product) apply(in ProductInput, mint []SKUID) error {
	var v fault.Violations
	content := Product{
		Title: in.Title, Description: in.Description,
		Options: in.Options, Attributes: in.Attributes, Pictures: in.Pictures,
	}.Clone()
	p.Title, p.Description = content.Title, content.Description
	p.Options, p.Attributes, p.Pictures = content.Options, content.Attributes, content.Pictures
	p.Brand, p.Category = in.Brand, in.Category
	p.TaxClass, p.WeightGrams = in.TaxClass, in.WeightGrams
	p.nameCodes()
	if in.Slug != "" {
		p.Slug = in.Slug
	}
	if in.SKUs != nil {
		if len(in.SKUs) > MaxSKUs {
			v.Add("skus", "too_many", fault.Params{"max": MaxSKUs})
		} else {
			p.merge(&v, in.SKUs, mint)
		}
	}
	p.check(&v)
	return v.Err("product.invalid", "the product is not valid")
}

// nameCodes gives options, values and attributes without a code a slug of
// their name.
func (p *Product) nameCodes() {
	code := func(have string, t Text) string {
		if have == "" {
			have = Slugify(t.In(ref.English))
			for len(have) > MaxCode {
				r := []rune(have)
				have = strings.TrimRight(string(r[:len(r)-1]), "-")
			}
		}
		return have
	}
	for i := range p.Options {
		o := &p.Options[i]
		o.Code = code(o.Code, o.Name)
		for j := range o.Values {
			o.Values[j].Code = code(o.Values[j].Code, o.Values[j].Name)
		}
	}
	for i := range p.Attributes {
		p.Attributes[i].Code = code(p.Attributes[i].Code, p.Attributes[i].Name)
	}
}

func (p *Product) merge(v *fault.Violations, in []SKUInput, mint []SKUID) {
	old := p.SKUs
	used := map[int]bool{}
	next := make([]SKU, 0, max(len(in), len(old)))
	for i, row := range in {
		at := "skus[" + strconv.Itoa(i) + "]"
		s := SKU{
			ID: row.ID, Code: row.Code, Choices: slices.Clone(row.Choices),
			Picture: row.Picture, WeightGrams: row.WeightGrams, Archived: row.Archived,
		}
		j := matchSKU(old, row)
		switch {
		case j >= 0 && used[j]:
			v.Add(at, "duplicate", nil)
		case j >= 0:
			used[j] = true
			if row.ID != "" && row.ID != old[j].ID {
				v.Add(at+".id", "immutable", fault.Params{"code": old[j].Code})
			}
			if row.Code != "" && row.Code != old[j].Code {
				v.Add(at+".code", "immutable", fault.Params{"code": old[j].Code})
			}
			s.ID, s.Code = old[j].ID, old[j].Code
		default:
			if s.ID == "" {
				s.ID = mint[i]
			}
			if s.Code == "" {
				s.Code = skuCode(p.codeBase(), s.Choices)
			}
		}
		next = append(next, s)
	}
	for j, s := range old {
		if !used[j] {
			s.Archived = true
			next = append(next, s)
		}
	}
	p.SKUs = next
}

// matchSKU returns the index of the SKU that a row names, -1 for a new one.
func matchSKU(old []SKU, row SKUInput) int {
	if row.ID != "" {
		if i := slices.IndexFunc(old, func(s SKU) bool { return s.ID == row.ID }); i >= 0 {
			return i
		}
	}
	if row.Code != "" {
		return slices.IndexFunc(old, func(s SKU) bool { return s.Code == row.Code })
	}
	if row.ID != "" {
		return -1
	}
	key := combination(row.Choices)
	same := func(archived bool) int {
		return slices.IndexFunc(old, func(s SKU) bool { return s.Archived == archived && combination(s.Choices) == key })
	}
	if i := same(false); i >= 0 {
		return i
	}
	return same(true)
}

// sets of words while checking a product
type words map[string]bool

func (w words) add(s string) (again bool) {
	again = w[s]
	w[s] = true
	return again
}

func (p *Product) check(v *fault.Violations) {
	checkID(v, "id", string(p.ID))
	if p.Slug != "" { // an empty one is made up when the product is stored
		checkSlug(v, "slug", p.Slug)
	}
	p.Title.check(v, "title", true, MaxTitle)
	p.Description.check(v, "description", false, MaxDescription)
	checkCode(v, "tax_class", p.TaxClass, false)
	checkWeight(v, "weight_grams", p.WeightGrams)
	p.checkOptions(v)
	p.checkAttributes(v)
	p.checkPictures(v)
	p.checkSKUs(v)
}

func (p *Product) checkOptions(v *fault.Violations) {
	if len(p.Options) > MaxOptions {
		v.Add("options", "too_many", fault.Params{"max": MaxOptions})
	}
	codes := words{}
	for i, o := range p.Options {
		at := "options[" + strconv.Itoa(i) + "]"
		checkCode(v, at+".code", o.Code, true)
		if codes.add(o.Code) {
			v.Add(at+".code", "duplicate", nil)
		}
		o.Name.check(v, at+".name", false, MaxName)
		switch {
		case len(o.Values) == 0:
			v.Add(at+".values", "required", nil)
		case len(o.Values) > MaxValues:
			v.Add(at+".values", "too_many", fault.Params{"max": MaxValues})
		}
		values := words{}
		for j, val := range o.Values {
			at := at + ".values[" + strconv.Itoa(j) + "]"
			checkCode(v, at+".code", val.Code, true)
			if values.add(val.Code) {
				v.Add(at+".code", "duplicate", nil)
			}
			val.Name.check(v, at+".name", false, MaxName)
		}
	}
}

func (p *Product) checkAttributes(v *fault.Violations) {
	if len(p.Attributes) > MaxAttributes {
		v.Add("attributes", "too_many", fault.Params{"max": MaxAttributes})
	}
	codes := words{}
	for i, a := range p.Attributes {
		at := "attributes[" + strconv.Itoa(i) + "]"
		checkCode(v, at+".code", a.Code, true)
		if codes.add(a.Code) {
			v.Add(at+".code", "duplicate", nil)
		}
		a.Name.check(v, at+".name", false, MaxName)
		switch {
		case len(a.Values) == 0:
			v.Add(at+".values", "required", nil)
		case len(a.Values) > MaxValues:
			v.Add(at+".values", "too_many", fault.Params{"max": MaxValues})
		}
		for j, val := range a.Values {
			val.check(v, at+".values["+strconv.Itoa(j)+"]", true, MaxTitle)
		}
	}
}

func (p *Product) checkPictures(v *fault.Violations) {
	if len(p.Pictures) > MaxPictures {
		v.Add("pictures", "too_many", fault.Params{"max": MaxPictures})
	}
	for i, pic := range p.Pictures {
		at := "pictures[" + strconv.Itoa(i) + "]"
		checkBytes(v, at+".ref", pic.Ref, true, MaxPictureRef)
		pic.Alt.check(v, at+".alt", false, MaxTitle)
	}
}

func (p *Product) checkSKUs(v *fault.Violations) {
	if len(p.SKUs) > MaxSKUs {
		v.Add("skus", "too_many", fault.Params{"max": MaxSKUs})
	}
	pictures := words{"": true}
	for _, pic := range p.Pictures {
		pictures.add(pic.Ref)
	}
	values := make([]words, len(p.Options))
	for i, o := range p.Options {
		values[i] = words{}
		for _, val := range o.Values {
			values[i].add(val.Code)
		}
	}
	ids, codes, active := words{}, words{}, words{}
	for i, s := range p.SKUs {
		at := "skus[" + strconv.Itoa(i) + "]"
		checkID(v, at+".id", string(s.ID))
		checkBytes(v, at+".code", s.Code, true, MaxCode)
		if ids.add(string(s.ID)) {
			v.Add(at+".id", "duplicate", nil)
		}
		if codes.add(s.Code) {
			v.Add(at+".code", "duplicate", nil)
		}
		checkWeight(v, at+".weight_grams", s.WeightGrams)
		if s.Archived { // keeps the choices and the picture it was sold with
			continue
		}
		if !pictures[s.Picture] {
			v.Add(at+".picture", "unknown", nil)
		}
		if len(s.Choices) != len(p.Options) {
			v.Add(at+".choices", "mismatch", fault.Params{"options": len(p.Options)})
			continue
		}
		for j, c := range s.Choices {
			if !values[j][c] {
				v.Add(at+".choices["+strconv.Itoa(j)+"]", "unknown", fault.Params{"option": p.Options[j].Code})
			}
		}
		if active.add(combination(s.Choices)) {
			v.Add(at+".choices", "duplicate", nil)
		}
	}
}

// checkCode notes a code of more than MaxCode bytes, or one that would not
// pass through an address or a list unharmed.
func checkCode(v *fault.Violations, path, code string, required bool) {
	if code != "" && strings.ContainsAny(code, " /\\\"'<>,;") {
		v.Add(path, "malformed", nil)
		return
	}
	checkBytes(v, path, code, required, MaxCode)
}

// checkBytes notes a string of more than limit bytes, no plain text, or with
// blanks at its ends.
func checkBytes(v *fault.Violations, path, s string, required bool, limit int) {
	switch blank := strings.TrimSpace(s) == ""; {
	case !ref.PlainText(s):
		v.Add(path, "text", nil)
	case blank && required:
		v.Add(path, "required", nil)
	case len(s) > limit:
		v.Add(path, "too_long", fault.Params{"max": limit})
	case strings.TrimSpace(s) != s:
		v.Add(path, "malformed", nil)
	}
}

func checkWeight(v *fault.Violations, path string, grams int64) {
	if grams < 0 || grams > MaxWeightGrams {
		v.Add(path, "out_of_range", fault.Params{"min": 0, "max": MaxWeightGrams})
	}
}

// same reports whether two products have the same content, whoever wrote them
// when.
func same(a, b Product) bool {
	return a.Slug == b.Slug && a.Brand == b.Brand && a.Category == b.Category &&
		a.TaxClass == b.TaxClass && a.WeightGrams == b.WeightGrams &&
		maps.Equal(a.Title, b.Title) && maps.Equal(a.Description, b.Description) &&
		slices.EqualFunc(a.Options, b.Options, sameOption) &&
		slices.EqualFunc(a.Attributes, b.Attributes, sameAttribute) &&
		slices.EqualFunc(a.Pictures, b.Pictures, func(a, b Picture) bool {
			return a.Ref == b.Ref && maps.Equal(a.Alt, b.Alt)
		}) &&
		slices.EqualFunc(a.SKUs, b.SKUs, sameSKU) &&
		slices.Equal(a.Publications, b.Publications)
}

func sameOption(a, b Option) bool {
	return a.Code == b.Code && maps.Equal(a.Name, b.Name) &&
		slices.EqualFunc(a.Values, b.Values, func(a, b OptionValue) bool {
			return a.Code == b.Code && maps.Equal(a.Name, b.Name)
		})
}

func sameAttribute(a, b Attribute) bool {
	return a.Code == b.Code && maps.Equal(a.Name, b.Name) &&
		slices.EqualFunc(a.Values, b.Values, func(a, b Text) bool { return maps.Equal(a, b) })
}

func sameSKU(a, b SKU) bool {
	return a.ID == b.ID && a.Code == b.Code && slices.Equal(a.Choices, b.Choices) &&
		a.Picture == b.Picture && a.WeightGrams == b.WeightGrams && a.Archived == b.Archived
}
