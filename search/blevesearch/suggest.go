package blevesearch

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/soukhq/souk/search"
)

// Suggest implements [search.Index].
func (x *Index) Suggest(ctx context.Context, q search.SuggestQuery) (search.Suggestions, error) {
	return x.suggest(ctx, q, false)
}

func (x *Index) suggest(ctx context.Context, q search.SuggestQuery, thorough bool) (search.Suggestions, error) {
	if err := q.Validate(); err != nil {
		return search.Suggestions{}, err
	}
	var out search.Suggestions
	err := x.use(func(live *shelf) error {
		r, err := live.read(ctx)
		if err != nil {
			return err
		}
		defer r.release()
		r.suggesting = true
		u := &run{index: x, reading: r, thorough: thorough, query: search.Query{Text: q.Text, Typing: true, Literal: true, Steering: search.Steering{Hide: q.Hide}}}
		out, err = u.suggest(ctx, q.Text, cmp.Or(q.Limit, 8))
		return search.Failure(err)
	})
	return out, err
}

func (u *run) suggest(ctx context.Context, text string, limit int) (search.Suggestions, error) {
	c := &u.index.config
	out := search.Suggestions{Queries: c.Queries.Complete(text, limit)}
	u.plan = search.NewPlan(&c.Analyzer, c.Thesaurus, text, true)
	if len(u.plan.Wants) == 0 {
		return out, nil
	}
	if err := out.Finish(ctx, dictionary{u.reading}, &u.plan, text, limit); err != nil {
		return out, err
	}
	found, err := u.find(ctx)
	if err != nil || u.step == search.StepPopular {
		return out, err
	}
	list := make([]entry, len(found.hits))
	for i, h := range found.hits {
		list[i] = entry{row: h.row, key: h.score}
	}
	if len(list) > search.Window { // nothing was narrowed
		list = after(list, nil, search.Window)
	}
	u.judge(list)
	for _, e := range after(list, nil, limit) {
		out.Products = append(out.Products, search.ProductSuggestion{ID: e.row.product(), Title: e.row.title})
	}
	folded := strings.TrimSpace(search.Fold(text))
	last := folded[strings.LastIndexByte(folded, ' ')+1:]
	if last == folded {
		out.Brands, out.Categories = u.named(last, limit)
	} else {
		out.Brands, out.Categories = u.common(found, last, limit)
	}
	return out, nil
}

// named returns the brands and categories that have a word with the prefix, by
// how many products they have that are not hidden, however these sell: each of
// them has the word.
func (u *run) named(prefix string, limit int) (brands, categories []search.FacetValue) {
	hidden := map[uint32]int32{}
	for id := range u.hidden() {
		if r := u.shelf.find(id); r != nil {
			for _, value := range r.values {
				hidden[value]++
			}
		}
	}
	v := u.shelf.values
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, s := range v.shown {
		n := v.live[s.value] - hidden[s.value]
		if n <= 0 || !search.HasWord(s.name, prefix) {
			continue
		}
		_, text, _ := strings.Cut(v.names[s.value], "\x00")
		f := search.FacetValue{Value: text, Count: int(n)}
		if s.brand {
			brands = append(brands, f)
		} else {
			categories = append(categories, f)
		}
	}
	return first(brands, limit), first(categories, limit)
}

// common returns the brands and categories that have a word with the prefix,
// by how many of the products found have them.
func (u *run) common(found *matches, prefix string, limit int) (brands, categories []search.FacetValue) {
	v := u.shelf.values
	v.mu.RLock()
	names, fields := v.names, v.fields
	brand, hasBrands := v.byName[search.FieldBrand]
	category, hasCategories := v.byName[search.FieldCategory]
	v.mu.RUnlock()
	counts := map[uint32]int{}
	for _, h := range found.hits {
		for _, value := range h.row.values {
			if int(value) < len(fields) && (hasBrands && fields[value] == brand || hasCategories && fields[value] == category) {
				counts[value]++
			}
		}
	}
	for value, n := range counts {
		_, text, _ := strings.Cut(names[value], "\x00")
		f := search.FacetValue{Value: text, Count: n}
		switch {
		case !search.HasWord(search.Fold(text[strings.LastIndexByte(text, '\x1f')+1:]), prefix):
		case hasBrands && fields[value] == brand:
			brands = append(brands, f)
		default:
			categories = append(categories, f)
		}
	}
	return first(brands, limit), first(categories, limit)
}

// first returns the values with the highest counts.
func first(list []search.FacetValue, limit int) []search.FacetValue {
	slices.SortFunc(list, func(a, b search.FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return list[:min(limit, len(list))]
}
