package blevesearch

import (
	"context"
	"math"
	"slices"
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

// counter counts the values of one facet.
type counter struct {
	request search.FacetRequest
	field   uint32
	known   bool
	group   int // of the filters on the same field, -1 without any
	counts  []int32
	ranges  []int
	stats   search.FacetStats
	sum     float64
}

// facets counts the values of fields over what was found. What only the
// filters of a field keep out counts for that field.
func (u *run) facets(requests []search.FacetRequest, found *matches) []search.Facet {
	if len(requests) == 0 {
		return nil
	}
	v := u.shelf.values
	v.mu.RLock()
	names, fields := v.names, v.fields
	byField := make([]int16, len(v.labels))
	counters := make([]counter, len(requests))
	for i, f := range requests {
		c := counter{request: f, group: slices.Index(u.filters.groups, f.Field), counts: make([]int32, len(names))}
		c.field, c.known = v.byName[f.Field]
		if len(f.Bounds) > 0 {
			c.ranges = make([]int, len(f.Bounds)+1)
		}
		if c.known {
			byField[c.field] = int16(i + 1)
		}
		counters[i] = c
	}
	v.mu.RUnlock()
	for _, h := range found.hits {
		count(counters, byField, fields, h.row)
	}
	for group := range u.filters.groups {
		var own []counter
		for i := range counters {
			if counters[i].group == group {
				own = append(own, counters[i])
			}
		}
		if len(own) == 0 {
			continue
		}
		for _, h := range found.near {
			if u.filters.check(h.row) == group {
				for i := range own {
					own[i].row(h.row, fields)
				}
			}
		}
		for i, n := 0, 0; i < len(counters); i++ {
			if counters[i].group == group {
				counters[i], n = own[n], n+1
			}
		}
	}
	out := make([]search.Facet, len(counters))
	for i := range counters {
		out[i] = u.facet(&counters[i], names, fields)
	}
	return out
}

// count adds a row to all counters in one pass over its values.
func count(counters []counter, byField []int16, fields []uint32, r *row) {
	for _, value := range r.values {
		if int(value) >= len(fields) {
			continue // newer than this search
		}
		if f := fields[value]; int(f) < len(byField) && byField[f] > 0 {
			counters[byField[f]-1].counts[value]++
		}
	}
	for i := range counters {
		counters[i].numbers(r)
		for k := i + 1; k < len(counters); k++ { // a field that is asked for twice
			if counters[k].known && counters[k].field == counters[i].field {
				counters[i].texts(r, fields)
				break
			}
		}
	}
}

// row adds a row to one counter.
func (c *counter) row(r *row, fields []uint32) {
	c.texts(r, fields)
	c.numbers(r)
}

func (c *counter) texts(r *row, fields []uint32) {
	for _, value := range r.values {
		if int(value) < len(fields) && c.known && fields[value] == c.field {
			c.counts[value]++
		}
	}
}

// numbers adds the prices or measures of a row: to the statistics the lowest,
// to every range the product once.
func (c *counter) numbers(r *row) {
	lowest, any := math.Inf(1), false
	var seen [search.MaxFacets + 1]bool
	add := func(n float64) {
		lowest, any = min(lowest, n), true
		if c.ranges != nil {
			at, exact := slices.BinarySearch(c.request.Bounds, n)
			if exact {
				at++
			}
			seen[at] = true
		}
	}
	switch c.request.Field {
	case search.FieldPrice:
		for _, p := range r.prices {
			add(float64(p))
		}
	case search.FieldRating:
		if r.ratings > 0 || r.profile.Rating > 0 {
			add(r.profile.Rating)
		}
	default:
		for _, m := range r.numbers {
			if c.known && m.field == c.field {
				add(m.value)
			}
		}
	}
	if !any {
		return
	}
	for i := range c.ranges {
		if seen[i] {
			c.ranges[i]++
		}
	}
	if c.stats.Count == 0 {
		c.stats.Min, c.stats.Max = lowest, lowest
	}
	c.stats.Count++
	c.stats.Min, c.stats.Max = min(c.stats.Min, lowest), max(c.stats.Max, lowest)
	c.sum += lowest
}

// facet lists what was counted.
func (u *run) facet(c *counter, names []string, fields []uint32) search.Facet {
	out := search.Facet{Field: c.request.Field}
	if c.stats.Count > 0 {
		c.stats.Mean = c.sum / float64(c.stats.Count)
		stats := c.stats
		out.Stats = &stats
	}
	for i, n := range c.ranges {
		r := search.FacetRange{Count: n}
		if i > 0 {
			r.Min = &c.request.Bounds[i-1]
		}
		if i < len(c.request.Bounds) {
			r.Max = &c.request.Bounds[i]
		}
		out.Ranges = append(out.Ranges, r)
	}
	var values []search.FacetValue
	for value, n := range c.counts {
		if c.known && fields[value] == c.field {
			_, text, _ := strings.Cut(names[value], "\x00")
			values = append(values, search.FacetValue{Value: text, Count: int(n)})
		}
	}
	out.Values, out.Other = c.request.List(values, u.query.Filters)
	return out
}
