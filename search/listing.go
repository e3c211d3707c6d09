package search

import (
	"cmp"
	"slices"
	"strings"
)

// List makes the list of a facet of all values that were counted: those that
// the request asks for, most products first, and the ones that a filter names
// in any case. The values are reordered.
func (f *FacetRequest) List(values []FacetValue, filters []Filter) (listed []FacetValue, other int) {
	var selected []string
	for _, filter := range filters {
		if filter.Field == f.Field && !filter.Not {
			selected = append(selected, filter.Any...)
		}
	}
	prefix := Fold(f.Prefix)
	for _, v := range values {
		v.Selected = slices.Contains(selected, v.Value)
		if v.Count == 0 && !v.Selected || f.Field == FieldCategory && !child(v.Value, f.Parent) ||
			prefix != "" && !HasWord(Fold(v.Value), prefix) {
			continue
		}
		listed = append(listed, v)
	}
	slices.SortFunc(listed, func(a, b FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	limit := cmp.Or(f.Limit, 10)
	for i := limit; i < len(listed); i++ {
		if listed[i].Selected {
			listed[limit-1], listed[i] = listed[i], listed[limit-1]
			limit++
			break
		}
	}
	for _, rest := range listed[min(limit, len(listed)):] {
		other += rest.Count
	}
	return listed[:min(limit, len(listed))], other
}

// child reports whether a category is directly below another, or a root where
// that is empty.
func child(path, parent string) bool {
	if parent != "" {
		below, found := strings.CutPrefix(path, parent+"\x1f")
		if !found {
			return false
		}
		path = below
	}
	return !strings.Contains(path, "\x1f")
}

// HasWord reports whether a word of the text starts with the prefix. Both are
// folded.
func HasWord(text, prefix string) bool {
	if strings.HasPrefix(text, prefix) {
		return true
	}
	for i := 1; i < len(text); i++ {
		if (text[i-1] == ' ' || text[i-1] == '\x1f' || text[i-1] == '-' || text[i] >= 0x80) && strings.HasPrefix(text[i:], prefix) {
			return true
		}
	}
	return false
}
