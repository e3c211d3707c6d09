package pgsearch

import (
	"context"
	"strconv"
	"strings"

	"github.com/soukhq/souk/search"
)

// Facets implements [search.Index].
func (x *Index) Facets(ctx context.Context, q search.Query, f search.FacetRequest) (search.Facet, error) {
	q.Facets, q.After, q.Limit = []search.FacetRequest{f}, "", 1
	out, err := x.Search(ctx, q)
	if err != nil {
		return search.Facet{}, err
	}
	return out.Facets[0], nil
}

// facets adds the values and numbers of the facets to the answer.
func (u *run) facets(s *statement, b *strings.Builder) {
	if len(u.query.Facets) == 0 {
		return
	}
	var fields []string
	var own, places []int32
	for i, f := range u.query.Facets {
		fields = append(fields, clean(f.Field))
		own, places = append(own, int32(ownVerdict(&u.query, f.Field))), append(places, int32(i)) //nolint:gosec // few
		u.numbers(s, b, i)
	}
	// Labels are counted before they are taken apart: there are far fewer.
	b.WriteString(" UNION ALL SELECT " + strconv.Itoa(rowValue) + ", r.place, sum(l.n), l.value, 0, 0, 0, '', '', '' FROM " +
		"(SELECT split_part(l, " + separatorSQL + ", 1) AS field, split_part(l, " + separatorSQL + ", 2) AS value, verdict, n FROM " +
		"(SELECT l, verdict, count(*) AS n FROM (SELECT unnest(labels) AS l, verdict FROM found) l GROUP BY l, verdict) l) l " +
		"JOIN unnest(" + s.arg(fields, "text[]") + ", " + s.arg(own, "int[]") + ", " + s.arg(places, "int[]") + ") AS r(field, own, place) " +
		"ON r.field = l.field AND (l.verdict = 0 OR l.verdict = r.own) GROUP BY r.place, l.value")
}

const separatorSQL = `E'\x1e'`

// numbers adds the statistics and ranges of a facet of prices or measures.
func (u *run) numbers(s *statement, b *strings.Builder, place int) {
	f := &u.query.Facets[place]
	n := strconv.Itoa(place)
	var all, lowest, has string
	switch {
	case f.Field == search.FieldPrice:
		lowest, has, all = "(prices[1])::float8", "cardinality(prices) > 0", "unnest(prices)::float8"
	case f.Field == search.FieldRating:
		lowest, has, all = "rating", "(ratings > 0 OR rating > 0)", "rating"
	case strings.HasPrefix(f.Field, search.AttributeField("")):
		name := s.arg(clean(f.Field), "text")
		measures := "FROM unnest(measures, amounts) AS m(f, v) WHERE m.f = " + name
		lowest, has, all = "(SELECT min(m.v) "+measures+")", name+" = ANY(measures)", "unnest(ARRAY(SELECT m.v "+measures+"))"
	default:
		return
	}
	counted := "FROM found WHERE (verdict = 0 OR verdict = " + strconv.Itoa(ownVerdict(&u.query, f.Field)) + ") AND " + has
	b.WriteString(" UNION ALL SELECT " + strconv.Itoa(rowStats) + ", " + n + ", count(*), '', min(v), max(v), avg(v), '', '', '' FROM " +
		"(SELECT " + lowest + " AS v " + counted + " OFFSET 0) f HAVING count(*) > 0")
	if len(f.Bounds) == 0 {
		return
	}
	bounds := s.arg(f.Bounds, "float8[]")
	b.WriteString(" UNION ALL SELECT " + strconv.Itoa(rowRange) + ", " + n + ", count(DISTINCT id), '', bucket::float8, 0, 0, '', '', '' FROM " +
		"(SELECT id, width_bucket(v, " + bounds + ") AS bucket FROM (SELECT id, " + all + " AS v " + counted + ") f) f GROUP BY bucket")
}

// listed makes the facets of an answer.
func (u *run) listed(a *answer) []search.Facet {
	if len(u.query.Facets) == 0 {
		return nil
	}
	out := make([]search.Facet, len(u.query.Facets))
	for i := range u.query.Facets {
		request := &u.query.Facets[i]
		f := &out[i]
		f.Field, f.Stats = request.Field, a.stats[i]
		if len(request.Bounds) > 0 {
			for k := range len(request.Bounds) + 1 {
				r := search.FacetRange{Count: a.ranges[i][k]}
				if k > 0 {
					r.Min = &request.Bounds[k-1]
				}
				if k < len(request.Bounds) {
					r.Max = &request.Bounds[k]
				}
				f.Ranges = append(f.Ranges, r)
			}
		}
		values := a.values[i]
		for _, filter := range u.query.Filters {
			if filter.Field != request.Field || filter.Not {
				continue
			}
			for _, chosen := range filter.Any {
				values = u.known(values, chosen)
			}
		}
		f.Values, f.Other = request.List(values, u.query.Filters)
	}
	return out
}

// known adds a value that was chosen and that nothing has any more.
func (u *run) known(values []search.FacetValue, chosen string) []search.FacetValue {
	for _, v := range values {
		if v.Value == chosen {
			return values
		}
	}
	return append(values, search.FacetValue{Value: chosen})
}
