package faults_test

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// searches is the story of what is searched for, and of who decides about it.
func searches(ctx context.Context) []step {
	bo := search.Visitor(ref.Member("bo"))
	save := func(rules int) step {
		return func(s *shop) error {
			in, err := s.Search.Settings(ctx, staff(), channel)
			if err == nil && len(in.Rules) < rules {
				_, err = s.Search.SaveRule(ctx, staff(), search.RuleInput{
					Channel: channel, Version: in.Version, Rule: search.Rule{When: search.WhenIs, Query: "returns", Redirect: "/help"},
				})
			}
			return err
		}
	}
	report := search.ReportQuery{Channel: channel, From: opening(), Until: opening().AddDate(1, 0, 0)}
	return []step{
		save(1), save(2),
		func(s *shop) error { return s.fillIndex(ctx) },
		func(s *shop) error { // two nodes ask, one crashes: what it had noted is gone
			if err := s.fillIndex(ctx); err != nil {
				return err
			}
			found, err := s.Search.Search(ctx, search.Request{Channel: channel, Visitor: bo, Query: search.Query{Text: "tea"}})
			if err != nil {
				return err
			}
			if err := s.Search.Click(ctx, search.Click{Search: found.ID, Visitor: bo, Product: "of-tea-house", Place: 1}); err != nil {
				return err
			}
			return s.Search.Flush(ctx)
		},
		func(s *shop) error {
			return s.Units.Do(ctx, func(ctx context.Context) error {
				return s.Search.Converted(ctx, bo, []ref.ProductID{"of-tea-house"}, s.w.clock.Now())
			})
		},
		func(s *shop) error { return s.Search.Refresh(ctx) },
		func(s *shop) error {
			_, err := s.Search.Queries(ctx, staff(), report, page.Request{})
			return err
		},
		func(s *shop) error {
			_, err := s.Search.Places(ctx, staff(), report)
			return err
		},
		func(s *shop) error { return s.Search.Forget(ctx, bo) },
		func(s *shop) error {
			_, err := s.Search.Purge(ctx, 10)
			return err
		},
	}
}

// fillIndex rebuilds the index of this process, which begins empty.
func (s *shop) fillIndex(ctx context.Context) error {
	if s.Search.Filled(channel) {
		return nil
	}
	return s.Search.Rebuild(ctx, channel, func(context.Context, search.Writer) error { return nil })
}

// blank is an index that is always there and never finds anything.
type blank struct{}

func openBlank(context.Context, search.Setup) (search.Index, error) { return blank{}, nil }

func (blank) Index(context.Context, []search.Document) error { return nil }

func (blank) Delete(context.Context, []search.Removal) error { return nil }

func (blank) Search(ctx context.Context, _ search.Query) (search.Result, error) {
	return search.Result{Step: search.StepPopular}, search.Failure(ctx.Err())
}

func (blank) Suggest(context.Context, search.SuggestQuery) (search.Suggestions, error) {
	return search.Suggestions{}, fault.New(fault.Unimplemented, "test.blank", "nobody asks")
}

func (blank) Facets(context.Context, search.Query, search.FacetRequest) (search.Facet, error) {
	return search.Facet{}, fault.New(fault.Unimplemented, "test.blank", "nobody asks")
}

func (b blank) Rebuild(ctx context.Context, fill func(context.Context, search.Writer) error) error {
	return fill(ctx, b)
}

func (blank) Stats(context.Context) (search.Stats, error) { return search.Stats{}, nil }

func (blank) Close() error { return nil }
