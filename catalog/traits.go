package catalog

import "slices"

// TagAttribute is the code of the attribute whose values are a product's tags.
const TagAttribute = "tags"

// Traits are what promotions select goods by, beside where they stand.
type Traits struct {
	// Tags are the values of the attribute [TagAttribute].
	Tags []string
	// Attributes holds values by the code of an attribute, or of an option.
	Attributes map[string][]string
}

// Traits returns the tags and attributes of a SKU: its product's, and what was
// chosen of the options. A value stands there with its text in every locale, and
// a choice with its code too, so that what is selected depends on no buyer's
// language. An option hides an attribute of the same code.
func (p Product) Traits(s SKU) Traits {
	var t Traits
	set := func(code string, values []string) {
		if len(values) == 0 {
			return
		}
		slices.Sort(values)
		values = slices.Compact(values)
		if code == TagAttribute {
			t.Tags = values
			return
		}
		if t.Attributes == nil {
			t.Attributes = map[string][]string{}
		}
		t.Attributes[code] = values
	}
	for _, a := range p.Attributes {
		var values []string
		for _, text := range a.Values {
			for _, words := range text {
				values = append(values, words)
			}
		}
		set(a.Code, values)
	}
	for i, code := range s.Choices {
		if i >= len(p.Options) {
			break
		}
		values := []string{code}
		for _, v := range p.Options[i].Values {
			if v.Code == code {
				for _, words := range v.Name {
					values = append(values, words)
				}
			}
		}
		set(p.Options[i].Code, values)
	}
	return t
}
