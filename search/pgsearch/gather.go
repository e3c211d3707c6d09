package pgsearch

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/soukhq/souk/search"
)

// enough is how many products with all words make those with some of them
// unnecessary.
const enough = 20

// leastCoverage is the share of a query, by the weight of its words, that a
// product needs to be shown at all.
const leastCoverage = 0.12

// fullBonus puts products with all words before the others, popularBonus those
// that a rule favours before what sells better.
const (
	fullBonus    = 20
	popularBonus = 1e6
)

// found is a product as the first rank returns it.
type found struct {
	id            string
	key           float64
	pinned        bool
	title         string
	texts, extras string
	sales         int64
	rating        float64
	inStock       bool
}

// answer is what one statement finds out: the counts, the products that the
// page may show, and the facets.
type answer struct {
	total, full int
	any         bool // something matches, whatever the filters say
	hits        []found
	pins        map[string]bool // pinned products that may be shown: whether the query finds them too
	values      map[int][]search.FacetValue
	stats       map[int]*search.FacetStats
	ranges      map[int]map[int]int
}

// counted is the condition on a verdict for a document that a facet may count.
const counted = "verdict < 2000" // twice failed

// The kinds of rows of an answer.
const (
	rowTotals = iota
	rowHit
	rowPin
	rowValue
	rowStats
	rowRange
)

// ask runs the one statement of a search: all candidates, their first rank,
// what the filters say, the best of them, and the facets. Without a plan the
// candidates are all products.
func (u *run) ask(ctx context.Context) (*answer, error) {
	s := &statement{shard: u.state.shard}
	var b strings.Builder
	u.candidates(s, &b)
	b.WriteString(", found AS NOT MATERIALIZED (SELECT * FROM matched WHERE " + counted + ")")
	u.totals(&b)
	u.best(s, &b)
	u.pinned(s, &b)
	u.facets(s, &b)
	rows, err := u.tx.Query(ctx, b.String(), append([]any{pgx.QueryExecModeExec}, s.args...)...)
	if err != nil {
		return nil, err
	}
	out := &answer{
		pins: map[string]bool{}, values: map[int][]search.FacetValue{},
		stats: map[int]*search.FacetStats{}, ranges: map[int]map[int]int{},
	}
	var kind, n, count int
	var text, title, texts, extras string
	var v, w, mean float64
	_, err = pgx.ForEachRow(rows, []any{&kind, &n, &count, &text, &v, &w, &mean, &title, &texts, &extras}, func() error {
		switch kind {
		case rowTotals:
			out.total, out.full, out.any = n, count, v > 0
		case rowHit:
			out.hits = append(out.hits, found{
				id: text, key: v, title: title, texts: texts, extras: extras, sales: int64(n), rating: w, inStock: count > 0,
			})
		case rowPin:
			out.pins[text] = n > 0
		case rowValue:
			out.values[n] = append(out.values[n], search.FacetValue{Value: text, Count: count})
		case rowStats:
			out.stats[n] = &search.FacetStats{Count: count, Min: v, Max: w, Mean: mean}
		case rowRange:
			if out.ranges[n] == nil {
				out.ranges[n] = map[int]int{}
			}
			out.ranges[n][int(v)] = count
		}
		return nil
	})
	return out, err
}

// candidates writes the products that match, as the table matched: those with
// all words and, where they are few, those with some. Found are those of them
// that no more than the filters on one field keep out.
func (u *run) candidates(s *statement, b *strings.Builder) {
	shard := s.arg(u.state.shard, "bigint")
	filter, verdict := s.filters(&u.query, len(u.plan.Wants) == 0)
	hidden := ""
	if len(u.query.Steering.Hide) > 0 {
		hidden = " AND d.id <> ALL(" + s.arg(cleaned(u.query.Steering.Hide), "text[]") + ")"
	}
	favour := s.favour(u.query.Steering.Favour)
	kept := "id, sales, rating, listed, prices, verdict"
	if len(u.query.Facets) > 0 {
		kept += ", ratings, labels, measures, amounts"
	}
	inner := "FROM " + u.index.schema + ".documents d WHERE d.shard = " + shard + " AND NOT d.gone AND " + filter + hidden
	if len(u.plan.Wants) == 0 {
		b.WriteString("WITH matched AS MATERIALIZED (SELECT " + kept + ", true AS whole, " +
			"sales::float8 + favour * " + float(popularBonus) + " AS score " +
			"FROM (SELECT d.*, " + favour + " AS favour, " + verdict + " AS verdict " + inner + ") d WHERE " + counted + ")")
		return
	}
	m := s.match(&u.plan, u.weights, &u.index.config.Ranking)
	limit := ""
	if u.most > 0 {
		limit = " LIMIT " + strconv.Itoa(u.most)
	}
	level := func(condition, want, bonus string) string {
		return "SELECT " + kept + ", whole, CASE WHEN " + counted + " THEN " + m.score + " + favour" + bonus + " END AS score FROM (SELECT d.*, " + m.cover + " AS coverage, " +
			m.whole + " AS whole FROM (SELECT d.*, " + m.columns + ", " + favour + " AS favour, " + verdict + " AS verdict " +
			inner + " AND " + condition + limit + " OFFSET 0) d OFFSET 0) d WHERE " + want
	}
	some := "NOT whole AND coverage >= " + float(leastCoverage)
	if m.all == "" {
		b.WriteString("WITH matched AS MATERIALIZED (" + level("d.terms @@ "+m.some, some, "") + ")")
		return
	}
	least := enough
	if u.query.Literal || u.query.Sort != search.ByRelevance {
		least = 1
	}
	b.WriteString("WITH complete AS MATERIALIZED (" + level("d.terms @@ "+m.all, "whole", " + "+float(fullBonus)) + "), " +
		"matched AS MATERIALIZED (SELECT * FROM complete UNION ALL (" +
		level("d.terms @@ "+m.some+" AND (SELECT count(*) FROM complete) < "+strconv.Itoa(least), some, "") + "))")
}

// totals begins the answer.
func (u *run) totals(b *strings.Builder) {
	b.WriteString(" SELECT " + strconv.Itoa(rowTotals) + " AS kind, count(*) FILTER (WHERE verdict = 0), " +
		"count(*) FILTER (WHERE verdict = 0 AND whole), ''::text, count(*)::float8, 0::float8, 0::float8, " +
		"''::text, ''::text, ''::text FROM matched")
}

// sortKey returns what a product is ordered by, highest first.
func (u *run) sortKey() string {
	switch u.query.Sort {
	case search.ByPriceAsc:
		return "coalesce(-(prices[1])::float8, " + float(-math.MaxFloat64) + ")"
	case search.ByPriceDesc:
		return "coalesce((prices[1])::float8, " + float(-math.MaxFloat64) + ")"
	case search.ByNewest:
		return "listed::float8"
	case search.BySales:
		return "sales::float8"
	case search.ByRating:
		return "rating"
	case search.ByRelevance:
	}
	return "score"
}

// best adds the products that the page may show: the window and what follows
// it, or what follows the cursor.
func (u *run) best(s *statement, b *strings.Builder) {
	where := "verdict = 0"
	if pins := u.pins(); len(pins) > 0 {
		ids := make([]string, len(pins))
		for i, p := range pins {
			ids[i] = p.id
		}
		where += " AND id <> ALL(" + s.arg(ids, "text[]") + ")"
	}
	limit := u.window + u.size + 1
	if u.cursor.Beyond {
		key, last := s.arg(u.cursor.Key, "float8"), s.arg(clean(u.cursor.Last), "text")
		where += " AND (k < " + key + " OR k = " + key + " AND id > " + last + ` COLLATE "C")`
		limit = u.size + 1
	}
	b.WriteString(" UNION ALL SELECT " + strconv.Itoa(rowHit) + ", d.sales, d.in_stock::int, d.id, f.k, d.rating, 0, d.title, d.texts, d.extras " +
		"FROM (SELECT id, k FROM (SELECT id, verdict, " + u.sortKey() + " AS k FROM found) f WHERE " + where +
		" ORDER BY k DESC, id LIMIT " + strconv.Itoa(limit) + ") f JOIN " + u.index.schema + ".documents d ON d.shard = " +
		s.arg(u.state.shard, "bigint") + " AND d.id = f.id")
}

// pinned adds which of the pinned products may be shown.
func (u *run) pinned(s *statement, b *strings.Builder) {
	pins := u.pins()
	if len(pins) == 0 {
		return
	}
	ids := make([]string, len(pins))
	for i, p := range pins {
		ids[i] = p.id
	}
	pass := []string{"true"}
	for i := range u.query.Filters {
		pass = append(pass, s.holds(&u.query.Filters[i]))
	}
	b.WriteString(" UNION ALL SELECT " + strconv.Itoa(rowPin) + ", (EXISTS (SELECT FROM found f WHERE f.id = d.id AND verdict = 0))::int, 0, " +
		"d.id, 0, 0, 0, '', '', '' FROM " + u.index.schema + ".documents d WHERE d.shard = " + s.arg(u.state.shard, "bigint") +
		" AND NOT d.gone AND d.id = ANY(" + s.arg(ids, "text[]") + ") AND " + strings.Join(pass, " AND "))
}
