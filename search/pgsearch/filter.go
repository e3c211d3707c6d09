package pgsearch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/search"
)

// holds returns a filter as a condition on a document.
func (s *statement) holds(f *search.Filter) string {
	var condition string
	switch {
	case f.Min == nil && f.Max == nil:
		labels := make([]string, len(f.Any))
		for i, value := range f.Any {
			labels[i] = label(f.Field, value)
		}
		condition = "d.labels && " + s.arg(labels, "text[]")
	case f.Field == search.FieldPrice:
		condition = "EXISTS (SELECT FROM unnest(d.prices) AS v(v) WHERE " + s.within("v.v::float8", f) + ")"
	case f.Field == search.FieldRating:
		condition = "(" + s.within("d.rating", f) + ")"
	default:
		condition = "EXISTS (SELECT FROM unnest(d.measures, d.amounts) AS v(f, v) WHERE v.f = " + s.arg(clean(f.Field), "text") +
			" AND " + s.within("v.v", f) + ")"
	}
	if f.Not {
		return "NOT " + condition
	}
	return condition
}

func (s *statement) within(value string, f *search.Filter) string {
	var out []string
	if f.Min != nil {
		out = append(out, value+" >= "+s.arg(*f.Min, "float8"))
	}
	if f.Max != nil {
		out = append(out, value+" <= "+s.arg(*f.Max, "float8"))
	}
	return strings.Join(out, " AND ")
}

// failed is the least verdict on a document that one group of filters keeps
// out, counted from there; that of two groups is twice as high.
const failed = 1000

// filters returns a verdict on documents: 0 for those that pass, failed and the
// number of the group for those that only the filters on one field keep out,
// which a facet of that field counts, and twice failed or more for the others.
// Early moves what is worth no verdict into a condition on what is read at all,
// for a query of which nothing depends on what the filters keep out.
func (s *statement) filters(q *search.Query, early bool) (condition, verdict string) {
	var fields []string
	strict := []string{"true"}
	sums := map[string][]string{}
	for i := range q.Filters {
		f := &q.Filters[i]
		if !slices.ContainsFunc(q.Facets, func(r search.FacetRequest) bool { return r.Field == f.Field }) {
			strict = append(strict, s.holds(f))
			continue
		}
		if sums[f.Field] == nil {
			fields = append(fields, f.Field)
		}
		sums[f.Field] = append(sums[f.Field], s.holds(f))
	}
	verdicts := []string{"0"}
	for i, field := range fields {
		verdicts = append(verdicts, "CASE WHEN "+strings.Join(sums[field], " AND ")+" THEN 0 ELSE "+strconv.Itoa(failed+i)+" END")
	}
	condition = strings.Join(strict, " AND ")
	if !early && len(strict) > 1 {
		verdicts = append(verdicts, "CASE WHEN "+condition+" THEN 0 ELSE "+strconv.Itoa(2*failed)+" END")
		condition = "true"
	}
	return condition, strings.Join(verdicts, " + ")
}

// ownVerdict returns the verdict that still counts for a facet.
func ownVerdict(q *search.Query, field string) int {
	var fields []string
	for _, f := range q.Filters {
		known := slices.Contains(fields, f.Field)
		if !known && slices.ContainsFunc(q.Facets, func(r search.FacetRequest) bool { return r.Field == f.Field }) {
			fields = append(fields, f.Field)
		}
	}
	if i := slices.Index(fields, field); i >= 0 {
		return failed + i
	}
	return 0
}

// favourBonus is worth one point of weight of a rule.
const favourBonus = 3

// favour returns what the rules add to the score of a document.
func (s *statement) favour(rules []search.Favour) string {
	sum := []string{"float8 '0'"}
	for i := range rules {
		r := &rules[i]
		weight := s.arg(r.Weight*favourBonus, "float8")
		if len(r.Products) > 0 {
			sum = append(sum, "CASE WHEN d.id = ANY("+s.arg(cleaned(r.Products), "text[]")+") THEN "+weight+" ELSE 0 END")
		}
		if r.Filter != nil {
			sum = append(sum, "CASE WHEN "+s.holds(r.Filter)+" THEN "+weight+" ELSE 0 END")
		}
	}
	return strings.Join(sum, " + ")
}
