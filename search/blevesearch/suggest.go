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
	if err := q.Validate(); err != nil {
		return search.Suggestions{}, err
	}
	var out search.Suggestions
	err := x.use(func(live, _ *shelf) error {
		r, err := live.read(ctx)
		if err != nil {
			return err
		}
		defer r.release()
		u := &run{index: x, reading: r, query: search.Query{Text: q.Text, Typing: true, Literal: true}}
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
	if err := u.completions(ctx, text, limit, &out); err != nil {
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
	head, _ := u.window(list, search.Window)
	for _, e := range head[:min(limit, len(head))] {
		out.Products = append(out.Products, search.ProductSuggestion{ID: e.row.product(), Title: e.row.title})
	}
	folded := strings.TrimSpace(search.Fold(text))
	last := folded[strings.LastIndexByte(folded, ' ')+1:]
	out.Brands = u.common(found, search.FieldBrand, last, limit)
	out.Categories = u.common(found, search.FieldCategory, last, limit)
	return out, nil
}

// completions adds texts in which the last word is complete, with the number
// of products that have that word.
func (u *run) completions(ctx context.Context, text string, limit int, out *search.Suggestions) error {
	last := len(u.plan.Wants) - 1
	if !u.plan.Typing || u.plan.Wants[last].Class != search.Word || len(out.Queries) >= limit {
		return nil
	}
	words, err := dictionary{u.reading}.Completions(ctx, u.plan.Wants[last].Plain, mostNear)
	if err != nil {
		return err
	}
	slices.SortStableFunc(words, func(a, b search.Entry) int { return cmp.Compare(b.Count, a.Count) })
	before := strings.TrimRight(text, " ")
	before = before[:strings.LastIndexAny(before, " \t")+1]
	for _, w := range words {
		if len(out.Queries) >= limit {
			break
		}
		whole := before + w.Word
		if !slices.ContainsFunc(out.Queries, func(q search.QuerySuggestion) bool { return strings.EqualFold(q.Text, whole) }) {
			out.Queries = append(out.Queries, search.QuerySuggestion{Text: whole, Count: w.Count})
		}
	}
	return nil
}

// common returns the values of a field that contain a word with the prefix,
// by how many of the products found have them.
func (u *run) common(found *matches, field, prefix string, limit int) []search.FacetValue {
	v := u.shelf.values
	v.mu.RLock()
	names, fields := v.names, v.fields
	number, known := v.byName[field]
	v.mu.RUnlock()
	if !known {
		return nil
	}
	counts := map[uint32]int{}
	for _, h := range found.hits {
		for _, value := range h.row.values {
			if int(value) < len(fields) && fields[value] == number {
				counts[value]++
			}
		}
	}
	var out []search.FacetValue
	for value, n := range counts {
		_, text, _ := strings.Cut(names[value], "\x00")
		name := text[strings.LastIndexByte(text, '\x1f')+1:]
		if hasWord(search.Fold(name), prefix) {
			out = append(out, search.FacetValue{Value: text, Count: n})
		}
	}
	slices.SortFunc(out, func(a, b search.FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out[:min(limit, len(out))]
}
