package pgsearch

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// mostSuggested is how many products a suggestion looks at: the first letters
// of a word are in all of them.
const mostSuggested = 1024

// Suggest implements [search.Index].
func (x *Index) Suggest(ctx context.Context, q search.SuggestQuery) (search.Suggestions, error) {
	if err := q.Validate(); err != nil {
		return search.Suggestions{}, err
	}
	if err := x.usable(); err != nil {
		return search.Suggestions{}, err
	}
	limit := cmp.Or(q.Limit, 8)
	u := &run{index: x, most: mostSuggested, query: search.Query{
		Text: q.Text, Typing: true, Literal: true, Steering: search.Steering{Hide: q.Hide},
		Facets: []search.FacetRequest{{Field: search.FieldBrand}, {Field: search.FieldCategory}},
	}}
	out := search.Suggestions{Queries: x.config.Queries.Complete(q.Text, limit)}
	u.plan = search.NewPlan(&x.config.Analyzer, x.config.Thesaurus, q.Text, true)
	if len(u.plan.Wants) == 0 {
		return out, nil
	}
	err := u.read(ctx, func() error { return u.suggest(ctx, limit, &out) })
	return out, err
}

func (u *run) suggest(ctx context.Context, limit int, out *search.Suggestions) error {
	text := u.query.Text
	if err := out.Finish(ctx, dictionary{u}, &u.plan, text, limit); err != nil {
		return err
	}
	a, err := u.find(ctx)
	if err != nil || u.step == search.StepPopular {
		return err
	}
	head := u.ranked(a)
	for _, h := range head[:min(limit, len(head))] {
		out.Products = append(out.Products, search.ProductSuggestion{ID: ref.ProductID(h.id), Title: h.title})
	}
	folded := strings.TrimSpace(search.Fold(text))
	last := folded[strings.LastIndexByte(folded, ' ')+1:]
	out.Brands, out.Categories = first(a.values[0], last, limit), first(a.values[1], last, limit)
	return nil
}

// first returns the values whose last name has a word with the prefix, those
// of most products first.
func first(values []search.FacetValue, prefix string, limit int) []search.FacetValue {
	var out []search.FacetValue
	for _, v := range values {
		if search.HasWord(search.Fold(v.Value[strings.LastIndexByte(v.Value, '\x1f')+1:]), prefix) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b search.FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out[:min(limit, len(out))]
}
