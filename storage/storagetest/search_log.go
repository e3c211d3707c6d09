package storagetest

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/storage"
)

func searchLogCases() []Case {
	return []Case{
		{Name: "searches are summed up by text, within a channel and a window", Run: searchLogQueries},
		{Name: "a report pages through its lines", Run: searchLogPages},
		{Name: "searches and clicks are recorded once", Run: searchLogOnce},
		{Name: "of N records of one search one counts", Run: searchLogRace, Apart: true},
		{Name: "a purchase goes to the newest click of the visitor", Run: searchLogConvert},
		{Name: "places are counted as they were shown and clicked", Run: searchLogPlaces},
		{Name: "what several visitors found is popular", Run: searchLogPopular},
		{Name: "a visitor is forgotten, and nobody else", Run: searchLogForget},
		{Name: "old searches and clicks go, in batches", Run: searchLogPurge, Apart: true},
	}
}

// searchLogBook keeps the log of a channel of its own.
type searchLogBook struct {
	t       T
	s       storage.Stores
	channel ref.ChannelID
}

func newSearchLogBook(t T, s storage.Stores) searchLogBook {
	return searchLogBook{t, s, ref.ChannelID(newID())}
}

// asked returns a search at noon that found five products and showed three.
func (b searchLogBook) asked(visitor, text string) search.Asked {
	return search.Asked{
		ID: newID(), Channel: b.channel, Visitor: visitor, Text: text, At: noon(), Step: search.StepAll, Total: 5, Shown: 3,
	}
}

func (b searchLogBook) record(asked []search.Asked, clicks ...search.Click) {
	b.t.Helper()
	require.NoError(b.t, b.s.SearchLog.Record(b.t.Context(), asked, clicks))
}

func (b searchLogBook) report() search.ReportQuery {
	return search.ReportQuery{Channel: b.channel, From: noon(), Until: noon().Add(time.Hour), Order: search.MostAsked}
}

func (b searchLogBook) lines(q search.ReportQuery) []search.QueryLine {
	b.t.Helper()
	p, err := b.s.SearchLog.Queries(b.t.Context(), q, page.Request{})
	require.NoError(b.t, err)
	require.Empty(b.t, p.Next)
	return p.Items
}

func click(of search.Asked, product ref.ProductID, place int, after time.Duration) search.Click {
	return search.Click{Search: of.ID, Visitor: of.Visitor, Product: product, Place: place, At: of.At.Add(after)}
}

// placeLines are lines from the first place on: how often shown, how often clicked.
func placeLines(counts ...[2]int64) []search.PlaceLine {
	lines := make([]search.PlaceLine, len(counts))
	for i, c := range counts {
		lines[i] = search.PlaceLine{Place: i + 1, Shown: c[0], Clicked: c[1]}
	}
	return lines
}

func searchLogQueries(t T, s storage.Stores) {
	b, other := newSearchLogBook(t, s), newSearchLogBook(t, s)
	me, you := newID(), newID()
	tea, again, yours := b.asked(me, "茶 \U0001F375 'tea' \\ %"), b.asked(me, "茶 \U0001F375 'tea' \\ %"), b.asked(you, "茶 \U0001F375 'tea' \\ %")
	nothing, filtered, unknown := b.asked(me, "lmap"), b.asked(you, "lmap"), b.asked("", "lmap")
	nothing.Total, filtered.Total, unknown.Total = 0, 0, 0
	filtered.Filtered = true
	first, early, late := b.asked(me, "first"), b.asked(me, "early"), b.asked(me, "late")
	early.At, late.At = noon().Add(-time.Microsecond), noon().Add(time.Hour)
	last := b.asked(me, "last")
	last.At = late.At.Add(-time.Microsecond)
	b.record([]search.Asked{tea, again, yours, nothing, filtered, unknown, first, early, late, last, other.asked(me, "elsewhere")},
		click(tea, "p-1", 1, time.Second), click(tea, "p-2", 2, time.Second), click(yours, "p-1", 1, 2*time.Hour),
		click(early, "p-1", 1, time.Second), click(filtered, "p-9", 3, time.Second))
	require.NoError(t, s.SearchLog.Convert(t.Context(), me, []ref.ProductID{"p-2"}, noon(), noon().Add(24*time.Hour)))

	require.Equal(t, []search.QueryLine{
		{Text: "lmap", Searches: 3, Visitors: 2, Empty: 2, Clicked: 1},
		{Text: tea.Text, Searches: 3, Visitors: 2, Clicked: 2, Converted: 1},
		{Text: "first", Searches: 1, Visitors: 1},
		{Text: "last", Searches: 1, Visitors: 1},
	}, b.lines(b.report()))
	empty := b.report()
	empty.Order = search.MostEmpty
	require.Equal(t, []search.QueryLine{{Text: "lmap", Searches: 3, Visitors: 2, Empty: 2, Clicked: 1}}, b.lines(empty))
	require.Len(t, other.lines(other.report()), 1)
	require.NoError(t, s.SearchLog.Record(t.Context(), nil, nil))
}

func searchLogPages(t T, s storage.Stores) {
	b := newSearchLogBook(t, s)
	var all []search.Asked
	var want []string
	for i := range 7 {
		text := strconv.Itoa(i)
		want = append(want, text)
		for range 2 - i/4 { // of the first four there are two each
			a := b.asked(newID(), text)
			a.Total = 0
			all = append(all, a)
		}
	}
	b.record(all)
	for _, order := range []search.ReportOrder{search.MostAsked, search.MostEmpty} {
		q := b.report()
		q.Order = order
		var got []string
		req := page.Request{Limit: 2}
		for {
			p, err := s.SearchLog.Queries(t.Context(), q, req)
			require.NoError(t, err)
			for _, l := range p.Items {
				got = append(got, l.Text)
			}
			require.LessOrEqual(t, len(got), len(want))
			if p.Next == "" {
				break
			}
			req.After = p.Next
		}
		require.Equal(t, want, got)
	}
	for _, cursor := range []page.Cursor{"?", page.Encode("search.queries.asked", "x", "y"), page.Encode("other", "1", "y")} {
		_, err := s.SearchLog.Queries(t.Context(), b.report(), page.Request{After: cursor})
		require.ErrorIs(t, err, fault.Invalid)
	}
	_, err := s.SearchLog.Queries(t.Context(), b.report(), page.Request{Limit: -1})
	require.ErrorIs(t, err, fault.Invalid)
}

func searchLogOnce(t T, s storage.Stores) {
	b := newSearchLogBook(t, s)
	a := b.asked(newID(), "lamp")
	other := a
	other.Text = "another"
	b.record([]search.Asked{a, other}, click(a, "p", 1, 0), click(a, "p", 2, time.Second))
	fresh := b.asked(a.Visitor, "fresh")
	b.record([]search.Asked{other, fresh}, click(a, "p", 3, 0), click(fresh, "p", 2, 0))
	b.record(nil, click(a, "q", 3, 0))
	require.Equal(t, []search.QueryLine{
		{Text: "fresh", Searches: 1, Visitors: 1, Clicked: 1}, {Text: "lamp", Searches: 1, Visitors: 1, Clicked: 1},
	}, b.lines(b.report()))
	places, err := s.SearchLog.Places(t.Context(), b.report())
	require.NoError(t, err)
	require.Equal(t, placeLines([2]int64{2, 1}, [2]int64{2, 1}, [2]int64{2, 1}), places)
}

func searchLogRace(t T, s storage.Stores) {
	b := newSearchLogBook(t, s)
	same := b.asked(newID(), "same")
	const n = 12
	errs := together(t.Context(), n, func(ctx context.Context, i int) error {
		mine := b.asked(newID(), "mine")
		both := []search.Asked{same, mine}
		if i%2 == 0 {
			both = []search.Asked{mine, same}
		}
		return s.SearchLog.Record(ctx, both, []search.Click{click(same, "p", 1, 0), click(mine, "p", 1, 0)})
	})
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, []search.QueryLine{
		{Text: "mine", Searches: n, Visitors: n, Clicked: n}, {Text: "same", Searches: 1, Visitors: 1, Clicked: 1},
	}, b.lines(b.report()))
}

func searchLogConvert(t T, s storage.Stores) {
	b := newSearchLogBook(t, s)
	me, you := newID(), newID()
	older, newer, yours := b.asked(me, "older"), b.asked(me, "newer"), b.asked(you, "yours")
	b.record([]search.Asked{older, newer, yours},
		click(older, "p", 1, time.Minute), click(older, "q", 2, time.Minute),
		click(newer, "p", 1, 2*time.Minute), click(newer, "r", 2, 2*time.Minute), click(yours, "p", 1, 3*time.Minute))
	converted := func() map[string]int64 {
		out := map[string]int64{}
		for _, l := range b.lines(b.report()) {
			if l.Converted > 0 {
				out[l.Text] = l.Converted
			}
		}
		return out
	}
	buy := func(visitor string, since, at time.Duration, products ...ref.ProductID) {
		t.Helper()
		require.NoError(t, s.SearchLog.Convert(t.Context(), visitor, products, noon().Add(since), noon().Add(at)))
	}
	buy("", 0, time.Hour, "p")
	buy(me, 0, time.Hour)
	buy(me, 0, time.Minute-1000, "p", "q", "r") // before any click
	buy(me, 2*time.Minute+1000, time.Hour, "p") // after all of them
	require.Empty(t, converted())
	buy(me, time.Minute, time.Minute, "p", "unknown") // the newest there was at the time
	require.Equal(t, map[string]int64{"older": 1}, converted())
	buy(me, time.Minute, time.Hour, "p")
	buy(me, time.Minute, time.Hour, "p") // the same click again
	require.Equal(t, map[string]int64{"older": 1, "newer": 1}, converted())
	buy(you, 0, time.Hour, "r", "p")
	require.Equal(t, map[string]int64{"older": 1, "newer": 1, "yours": 1}, converted())
}

func searchLogPlaces(t T, s storage.Stores) {
	b := newSearchLogBook(t, s)
	many, few, none, early := b.asked(newID(), "many"), b.asked("", "few"), b.asked("", "none"), b.asked("", "early")
	many.Shown, few.Shown, none.Shown = 100, 2, 0
	early.At = noon().Add(-time.Second)
	got, err := s.SearchLog.Places(t.Context(), b.report())
	require.NoError(t, err)
	require.Empty(t, got)
	b.record([]search.Asked{many, few, none, early},
		click(many, "a", 1, 0), click(many, "b", 2, 0), click(few, "c", 2, 0), click(many, "d", 48, 0), click(many, "e", 49, 0),
		click(early, "a", 1, time.Minute))
	got, err = s.SearchLog.Places(t.Context(), b.report())
	require.NoError(t, err)
	require.Len(t, got, search.MaxPlaces)
	require.Equal(t, placeLines([2]int64{2, 1}, [2]int64{2, 2}, [2]int64{1, 0}), got[:3])
	require.Equal(t, search.PlaceLine{Place: 48, Shown: 1, Clicked: 1}, got[47])
}

func searchLogPopular(t T, s storage.Stores) {
	b, other := newSearchLogBook(t, s), newSearchLogBook(t, s)
	var all []search.Asked
	ask := func(text string, times int, visitors []string, edit func(*search.Asked)) {
		for i := range times {
			a := b.asked(visitors[i%len(visitors)], text)
			if edit != nil {
				edit(&a)
			}
			all = append(all, a)
		}
	}
	two, one := []string{newID(), newID()}, []string{newID(), ""}
	ask("茶", 4, two, nil)
	ask("alike", 2, two, func(a *search.Asked) { a.Step = search.StepSome })
	ask("also", 2, two, nil)
	ask("alone", 9, one, nil)
	ask("old", 9, two, func(a *search.Asked) { a.At = noon().Add(-time.Microsecond) })
	ask("lmap", 9, two, func(a *search.Asked) { a.Corrected, a.Step = true, search.StepCorrected })
	ask("typed twice", 9, two, func(a *search.Asked) { a.Corrected = true })
	ask("vague", 9, two, func(a *search.Asked) { a.Step = search.StepFuzzy })
	ask("nothing", 9, two, func(a *search.Asked) { a.Total = 0 })
	b.record(append(all, other.asked(two[0], "elsewhere"), other.asked(two[1], "elsewhere")))
	got, err := s.SearchLog.Popular(t.Context(), search.PopularQuery{Channel: b.channel, Since: noon(), Visitors: 2, Limit: 10})
	require.NoError(t, err)
	want := []search.QuerySuggestion{{Text: "茶", Count: 4}, {Text: "alike", Count: 2}, {Text: "also", Count: 2}}
	require.Equal(t, want, got)
	got, err = s.SearchLog.Popular(t.Context(), search.PopularQuery{Channel: b.channel, Since: noon(), Visitors: 2, Limit: 2})
	require.NoError(t, err)
	require.Equal(t, want[:2], got)
}

func searchLogForget(t T, s storage.Stores) {
	b := newSearchLogBook(t, s)
	me, you := newID(), newID()
	mine, yours, nobodys := b.asked(me, "mine"), b.asked(you, "yours"), b.asked("", "nobody's")
	b.record([]search.Asked{mine, yours, nobodys},
		click(mine, "p", 1, 0), click(yours, "p", 1, 0), click(nobodys, "p", 1, 0),
		search.Click{Search: yours.ID, Visitor: me, Product: "q", Place: 2, At: noon()})
	require.NoError(t, s.SearchLog.Forget(t.Context(), me))
	require.NoError(t, s.SearchLog.Forget(t.Context(), ""))
	require.Equal(t, []search.QueryLine{
		{Text: "nobody's", Searches: 1, Clicked: 1}, {Text: "yours", Searches: 1, Visitors: 1, Clicked: 1},
	}, b.lines(b.report()))
	places, err := s.SearchLog.Places(t.Context(), b.report())
	require.NoError(t, err)
	require.Equal(t, placeLines([2]int64{2, 2}, [2]int64{2, 0}, [2]int64{2, 0}), places)
	b.record([]search.Asked{mine}) // nothing is left of the former, its click included
	require.Contains(t, b.lines(b.report()), search.QueryLine{Text: "mine", Searches: 1, Visitors: 1})
}

func searchLogPurge(t T, s storage.Stores) {
	b := newSearchLogBook(t, s)
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) // before any other case's
	var all []search.Asked
	var clicks []search.Click
	for i := range 4 {
		a := b.asked(newID(), strconv.Itoa(i))
		a.At = old.Add(time.Duration(i) * time.Second)
		all, clicks = append(all, a), append(clicks, click(a, "p", 1, 0))
	}
	b.record(all, clicks[0], clicks[2], clicks[3])
	purge := func(before time.Duration, limit int) int {
		n, err := s.SearchLog.Purge(t.Context(), old.Add(before), limit)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, 2, purge(3*time.Second, 1), "the oldest search and the oldest click")
	q := b.report()
	q.From = old
	require.Equal(t, []search.QueryLine{
		{Text: "1", Searches: 1, Visitors: 1}, {Text: "2", Searches: 1, Visitors: 1, Clicked: 1}, {Text: "3", Searches: 1, Visitors: 1, Clicked: 1},
	}, b.lines(q))
	require.Equal(t, 3, purge(3*time.Second, 10), "before is exclusive")
	require.Equal(t, []search.QueryLine{{Text: "3", Searches: 1, Visitors: 1, Clicked: 1}}, b.lines(q))
	require.Equal(t, 2, purge(time.Hour, 10))
	require.Zero(t, purge(time.Hour, 10))
}
