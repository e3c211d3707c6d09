package recommendtest_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/recommend/recommendtest"
)

func ExampleCases() {
	named := true
	for _, c := range recommendtest.Cases() {
		named = named && c.Name != "" && c.Run != nil
	}
	fmt.Println(len(recommendtest.Cases()) >= 20, named)
	// Output: true true
}

// recorder is a T that remembers a failure.
type recorder struct {
	testing.TB
	ctx    context.Context //nolint:containedctx // that of testing.T
	failed bool
}

func (r *recorder) Errorf(string, ...any)    { r.failed = true }
func (r *recorder) FailNow()                 { r.failed = true; runtime.Goexit() }
func (r *recorder) Helper()                  {}
func (r *recorder) Cleanup(func())           {}
func (r *recorder) Context() context.Context { return r.ctx }

// spoiled is a recommender that does one thing wrong.
type spoiled struct {
	recommend.Recommender
	record    func(events []recommend.Event) []recommend.Event
	ask       func(q recommend.Query) recommend.Query
	answer    func(q recommend.Query, a recommend.Answer) recommend.Answer
	products  func(p []recommend.Product) []recommend.Product
	forgetful bool // of what to forget
	deaf      bool // to whoever gives up
	tolerant  bool // of bad input
}

func (s spoiled) context(ctx context.Context) context.Context {
	if s.deaf {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

func (s spoiled) Record(ctx context.Context, events ...recommend.Event) error {
	if s.record != nil {
		events = s.record(slices.Clone(events))
	}
	if s.tolerant {
		events = slices.DeleteFunc(slices.Clone(events), func(e recommend.Event) bool { return recommend.Validate(e) != nil })
	}
	return s.Recommender.Record(s.context(ctx), events...)
}

func (s spoiled) Describe(ctx context.Context, p ...recommend.Product) error {
	if s.products != nil {
		p = s.products(slices.Clone(p))
	}
	return s.Recommender.Describe(s.context(ctx), p...)
}

func (s spoiled) Forget(ctx context.Context, members ...ref.MemberID) error {
	if s.forgetful {
		return nil
	}
	return s.Recommender.Forget(s.context(ctx), members...)
}

func (s spoiled) Recommend(ctx context.Context, q recommend.Query) (recommend.Answer, error) {
	asked := q
	if s.ask != nil {
		asked = s.ask(q)
	}
	a, err := s.Recommender.Recommend(s.context(ctx), asked)
	if s.answer != nil && err == nil {
		a = s.answer(q, a)
	}
	return a, err
}

// spoilers are the ways to be wrong that the suite must notice.
func spoilers() map[string]spoiled {
	n := 0
	return map[string]spoiled{
		"says no reason":        {answer: each(func(x *recommend.Item) { x.Reason = recommend.Reason{} })},
		"gives wrong reasons":   {answer: each(func(x *recommend.Item) { x.Reason.Product = "moon" })},
		"says not why empty":    {answer: func(_ recommend.Query, a recommend.Answer) recommend.Answer { a.Empty = ""; return a }},
		"says empty of a shelf": {answer: func(_ recommend.Query, a recommend.Answer) recommend.Answer { a.Empty = "full"; return a }},
		"repeats": {answer: func(_ recommend.Query, a recommend.Answer) recommend.Answer {
			if len(a.Items) > 1 {
				a.Items[1] = a.Items[0]
			}
			return a
		}},
		"has no limit":         {ask: func(q recommend.Query) recommend.Query { q.Limit = recommend.MaxLimit; return q }},
		"ignores blocked":      {ask: func(q recommend.Query) recommend.Query { q.Blocked = nil; return q }},
		"ignores the category": {ask: func(q recommend.Query) recommend.Query { q.Category = ""; return q }},
		"ignores exclusions":   {ask: func(q recommend.Query) recommend.Query { q.Exclude = nil; return q }},
		"ignores segments":     {ask: func(q recommend.Query) recommend.Query { q.Visitor.Segments = nil; return q }},
		"ignores parents": {ask: func(q recommend.Query) recommend.Query {
			q.Visitor.Segments = slices.DeleteFunc(slices.Clone(q.Visitor.Segments), func(s recommend.Segment) bool { return s.Parent() != "" })
			return q
		}},
		"takes all for together": {ask: func(q recommend.Query) recommend.Query {
			if q.Shelf == recommend.Together {
				q.Shelf = recommend.AlsoBought
			}
			return q
		}},
		"takes hot for newest": {ask: func(q recommend.Query) recommend.Query {
			if q.Shelf == recommend.Newest {
				q.Shelf = recommend.Hot
			}
			return q
		}},
		"takes hot for you": {ask: func(q recommend.Query) recommend.Query {
			if q.Shelf == recommend.ForYou {
				q.Shelf = recommend.Hot
			}
			return q
		}},
		"knows nobody": {ask: func(q recommend.Query) recommend.Query { q.Visitor = recommend.Visitor{}; return q }},
		"is moody": {answer: func(_ recommend.Query, a recommend.Answer) recommend.Answer {
			if n++; n%2 == 0 {
				slices.Reverse(a.Items)
			}
			return a
		}},
		"counts twice": {record: func(all []recommend.Event) []recommend.Event {
			n++
			for i := range all {
				all[i].ID += "#" + strconv.Itoa(n)
				if all[i].ID[:4] == "same" {
					all[i].Visitor.Member = ref.MemberID(strconv.Itoa(n))
				}
			}
			return all
		}},
		"keeps what was refunded": {record: without(recommend.Refund)},
		"shows what was hidden":   {record: without(recommend.Hide)},
		"recommends what was bought": {record: func(all []recommend.Event) []recommend.Event {
			for i := range all {
				if all[i].Kind == recommend.Purchase {
					all[i].Kind = recommend.CartAdd
				}
			}
			return all
		}},
		"sells what is out of stock": {products: func(all []recommend.Product) []recommend.Product {
			for i := range all {
				all[i].Sellable = true
			}
			return all
		}},
		"lets one shop fill the shelf": {products: func(all []recommend.Product) []recommend.Product {
			for i := range all {
				all[i].Merchant, all[i].Category = ref.MerchantID(strconv.Itoa(i)), ref.CategoryID(strconv.Itoa(i))
			}
			return all
		}},
		"learns nothing": {record: func([]recommend.Event) []recommend.Event { return nil }},
		"forgets nobody": {forgetful: true},
		"takes no time for what it is": {record: func(all []recommend.Event) []recommend.Event {
			for i := range all {
				all[i].At = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			}
			return all
		}},
		"hears not that somebody gave up": {deaf: true},
		"takes bad input":                 {tolerant: true},
	}
}

func each(change func(x *recommend.Item)) func(recommend.Query, recommend.Answer) recommend.Answer {
	return func(_ recommend.Query, a recommend.Answer) recommend.Answer {
		for i := range a.Items {
			change(&a.Items[i])
		}
		return a
	}
}

func without(kind recommend.Kind) func([]recommend.Event) []recommend.Event {
	return func(all []recommend.Event) []recommend.Event {
		return slices.DeleteFunc(all, func(e recommend.Event) bool { return e.Kind == kind })
	}
}

func failures(t *testing.T, spoil func(recommend.Recommender) recommend.Recommender) []string {
	t.Helper()
	var failed []string
	for _, c := range recommendtest.Cases() {
		clk := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		e, err := engine.New(engine.Config{Clock: clk, Model: "itemknn"})
		require.NoError(t, err)
		r := &recorder{TB: t, ctx: t.Context()}
		var wg sync.WaitGroup
		wg.Go(func() { c.Run(r, recommendtest.Rig{Recommender: spoil(e), Clock: clk, Settle: e.Refit}) })
		wg.Wait()
		if r.failed {
			failed = append(failed, c.Name)
		}
	}
	return failed
}

func TestTheSuiteNoticesEveryMistake(t *testing.T) {
	t.Parallel()
	require.Empty(t, failures(t, func(r recommend.Recommender) recommend.Recommender { return r }))
	useful := map[string]bool{}
	for name, s := range spoilers() {
		failed := failures(t, func(r recommend.Recommender) recommend.Recommender {
			s.Recommender = r
			return s
		})
		require.NotEmpty(t, failed, "nobody notices a recommender that %s", name)
		for _, c := range failed {
			useful[c] = true
		}
	}
	for _, c := range recommendtest.Cases() {
		require.True(t, useful[c.Name], "no mistake makes %q fail", c.Name)
	}
}
