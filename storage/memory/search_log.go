package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

type searchLog struct {
	db     *DB
	asked  *table[string, search.Asked]
	clicks *table[string, searchClick]
}

// searchClick is a click with what became of it.
type searchClick struct {
	search.Click
	convertedAt time.Time
}

func (c *searchClick) key() string { return sortKey(c.Search, string(c.Product)) }

var _ search.LogStore = searchLog{}

func newSearchLog(db *DB) searchLog {
	return searchLog{
		db: db,
		asked: newTable(db, spec[string, search.Asked]{
			name:  "search_log",
			key:   func(a *search.Asked) string { return a.ID },
			clone: func(a search.Asked) search.Asked { return a },
			ordered: map[string]func(*search.Asked) string{
				"at":      func(a *search.Asked) string { return sortKey(a.At, a.ID) },
				"channel": func(a *search.Asked) string { return sortKey(string(a.Channel), a.At, a.ID) },
				"visitor": func(a *search.Asked) string { return sortKey(a.Visitor, a.ID) },
			},
		}),
		clicks: newTable(db, spec[string, searchClick]{
			name:  "search_click",
			key:   (*searchClick).key,
			clone: func(c searchClick) searchClick { return c },
			ordered: map[string]func(*searchClick) string{
				"at":      func(c *searchClick) string { return sortKey(c.At, c.key()) },
				"search":  (*searchClick).key,
				"visitor": func(c *searchClick) string { return sortKey(c.Visitor, string(c.Product), c.At, c.Search) },
			},
		}),
	}
}

func (s searchLog) Record(ctx context.Context, asked []search.Asked, clicks []search.Click) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		first := func(exists bool, put func()) error {
			if !exists {
				put()
			}
			return nil
		}
		asked = slices.Clone(asked)
		slices.SortStableFunc(asked, func(a, b search.Asked) int { return cmp.Compare(a.ID, b.ID) })
		for _, a := range asked {
			err := s.asked.upsert(ctx, a.ID, func(row *search.Asked, exists bool) error {
				return first(exists, func() { *row = a })
			})
			if err != nil {
				return err
			}
		}
		rows := make([]searchClick, len(clicks))
		for i, c := range clicks {
			rows[i].Click = c
		}
		slices.SortStableFunc(rows, func(a, b searchClick) int { return cmp.Compare(a.key(), b.key()) })
		for _, c := range rows {
			err := s.clicks.upsert(ctx, c.key(), func(row *searchClick, exists bool) error {
				return first(exists, func() { *row = c })
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s searchLog) Convert(ctx context.Context, visitor string, products []ref.ProductID, since, at time.Time) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		if visitor == "" {
			return nil
		}
		var newest []string
		for _, p := range products {
			found, err := s.clicks.scan(ctx, scan[searchClick]{
				index: "visitor", prefix: sortKey(visitor, string(p)), desc: true, limit: 1,
				match: func(c *searchClick) bool { return !c.At.Before(since) && !c.At.After(at) },
			})
			if err != nil {
				return err
			}
			for i := range found {
				newest = append(newest, found[i].key())
			}
		}
		slices.Sort(newest)
		for _, key := range newest {
			err := s.clicks.mutate(ctx, key, func(c *searchClick) error {
				if c.convertedAt.IsZero() {
					c.convertedAt = at
				}
				return nil
			})
			if err != nil && !errors.Is(err, fault.NotFound) { // forgotten meanwhile
				return err
			}
		}
		return nil
	})
}

// within returns the searches that a report is made of.
func (s searchLog) within(ctx context.Context, q search.ReportQuery) ([]search.Asked, error) {
	return s.asked.scan(ctx, scan[search.Asked]{
		index: "channel", prefix: sortKey(string(q.Channel)),
		match: func(a *search.Asked) bool { return !a.At.Before(q.From) && a.At.Before(q.Until) },
	})
}

func (s searchLog) clicksOf(ctx context.Context, a *search.Asked) ([]searchClick, error) {
	return s.clicks.scan(ctx, scan[searchClick]{index: "search", prefix: sortKey(a.ID)})
}

func (s searchLog) Queries(ctx context.Context, q search.ReportQuery, p page.Request) (page.Page[search.QueryLine], error) {
	none := page.Page[search.QueryLine]{}
	size, err := p.Size()
	if err != nil {
		return none, err
	}
	list := "search.queries." + string(q.Order)
	after, err := page.Decode(list, p.After, 2)
	if err != nil {
		return none, err
	}
	lines, err := s.lines(ctx, q)
	if err != nil {
		return none, err
	}
	counts := func(l search.QueryLine) int64 {
		if q.Order == search.MostEmpty {
			return l.Empty
		}
		return l.Searches
	}
	order := func(a, b search.QueryLine) int {
		return cmp.Or(cmp.Compare(counts(b), counts(a)), strings.Compare(a.Text, b.Text))
	}
	slices.SortFunc(lines, order)
	lines = slices.DeleteFunc(lines, func(l search.QueryLine) bool { return counts(l) == 0 })
	if after != nil {
		n, err := strconv.ParseInt(after[0], 10, 64)
		if err != nil {
			return none, fault.Wrap(err, fault.Invalid, "page.cursor", "the cursor is not one of this list").
				WithField("after", "malformed", nil)
		}
		last := search.QueryLine{Text: after[1], Searches: n, Empty: n}
		lines = slices.DeleteFunc(lines, func(l search.QueryLine) bool { return order(l, last) <= 0 })
	}
	out := page.Page[search.QueryLine]{Items: lines}
	if len(lines) > size {
		out.Items = lines[:size]
		last := lines[size-1]
		out.Next = page.Encode(list, strconv.FormatInt(counts(last), 10), last.Text)
	}
	return out, nil
}

// lines sums up the searches of a report by their text.
func (s searchLog) lines(ctx context.Context, q search.ReportQuery) ([]search.QueryLine, error) {
	ctx, done := s.asked.db.moment(ctx)
	defer done()
	asked, err := s.within(ctx, q)
	if err != nil {
		return nil, err
	}
	sums := map[string]*search.QueryLine{}
	visitors := map[[2]string]bool{}
	for i := range asked {
		a := &asked[i]
		l := sums[a.Text]
		if l == nil {
			l = &search.QueryLine{Text: a.Text}
			sums[a.Text] = l
		}
		l.Searches++
		if who := [2]string{a.Text, a.Visitor}; a.Visitor != "" && !visitors[who] {
			visitors[who] = true
			l.Visitors++
		}
		if a.Total == 0 && !a.Filtered {
			l.Empty++
		}
		clicks, err := s.clicksOf(ctx, a)
		if err != nil {
			return nil, err
		}
		if len(clicks) > 0 {
			l.Clicked++
		}
		if slices.ContainsFunc(clicks, func(c searchClick) bool { return !c.convertedAt.IsZero() }) {
			l.Converted++
		}
	}
	lines := make([]search.QueryLine, 0, len(sums))
	for _, l := range sums {
		lines = append(lines, *l)
	}
	return lines, nil
}

func (s searchLog) Places(ctx context.Context, q search.ReportQuery) ([]search.PlaceLine, error) {
	ctx, done := s.asked.db.moment(ctx)
	defer done()
	asked, err := s.within(ctx, q)
	if err != nil {
		return nil, err
	}
	pages, clicks := map[int]int64{}, map[int]int64{}
	for i := range asked {
		pages[asked[i].Shown]++
		found, err := s.clicksOf(ctx, &asked[i])
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			clicks[c.Place]++
		}
	}
	return search.PlaceLines(pages, clicks), nil
}

func (s searchLog) Popular(ctx context.Context, q search.PopularQuery) ([]search.QuerySuggestion, error) {
	asked, err := s.asked.scan(ctx, scan[search.Asked]{
		index: "channel", prefix: sortKey(string(q.Channel)),
		match: func(a *search.Asked) bool { return !a.At.Before(q.Since) && a.Suggests() },
	})
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	visitors := map[string]map[string]bool{}
	for _, a := range asked {
		counts[a.Text]++
		if visitors[a.Text] == nil {
			visitors[a.Text] = map[string]bool{}
		}
		if a.Visitor != "" {
			visitors[a.Text][a.Visitor] = true
		}
	}
	var out []search.QuerySuggestion
	for text, n := range counts {
		if len(visitors[text]) >= q.Visitors {
			out = append(out, search.QuerySuggestion{Text: text, Count: n})
		}
	}
	slices.SortFunc(out, func(a, b search.QuerySuggestion) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text))
	})
	return out[:min(len(out), q.Limit)], nil
}

func (s searchLog) Forget(ctx context.Context, visitor string) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		if visitor == "" {
			return nil
		}
		asked, err := s.asked.scan(ctx, scan[search.Asked]{index: "visitor", prefix: sortKey(visitor)})
		if err != nil {
			return err
		}
		for _, a := range asked { // by id
			if _, err := s.asked.remove(ctx, a.ID); err != nil {
				return err
			}
		}
		clicks, err := s.clicks.scan(ctx, scan[searchClick]{index: "visitor", prefix: sortKey(visitor)})
		if err != nil {
			return err
		}
		slices.SortFunc(clicks, func(a, b searchClick) int { return cmp.Compare(a.key(), b.key()) })
		for i := range clicks {
			if _, err := s.clicks.remove(ctx, clicks[i].key()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s searchLog) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	n := 0
	err := s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		asked, err := purge(ctx, s.asked, "at", limit, func(a *search.Asked) bool { return a.At.Before(before) })
		if err != nil {
			return err
		}
		clicks, err := purge(ctx, s.clicks, "at", limit, func(c *searchClick) bool { return c.At.Before(before) })
		n = asked + clicks
		return err
	})
	return n, err
}
