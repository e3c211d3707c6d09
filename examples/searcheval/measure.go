package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/search"
)

// depth is how many results are judged.
const depth = 10

// evaluation asks queries and adds the figures up.
type evaluation struct {
	index      search.Index
	clock      clock.Clock
	judgements map[string]map[string]float64 // by query and product
	verbose    bool
	out        io.Writer

	ndcg      []float64
	condensed []float64
	empty     int
	times     []time.Duration
}

// ask runs all queries. One without a rating above 0 is timed only.
func (e *evaluation) ask(ctx context.Context, queries []query) error {
	for _, q := range queries {
		started := e.clock.Now()
		found, err := e.index.Search(ctx, search.Query{Text: q.text, Limit: depth})
		if err != nil {
			return fmt.Errorf("query %q: %w", q.text, err)
		}
		e.times = append(e.times, e.clock.Now().Sub(started))
		ids := make([]string, len(found.Hits))
		for i, h := range found.Hits {
			ids[i] = string(h.ID)
		}
		if found.Step == search.StepPopular {
			e.empty++
			ids = nil
		}
		ratings := e.judgements[q.id]
		ideal := idealGain(ratings)
		if ideal == 0 {
			continue
		}
		judged, err := e.judged(ctx, q, ratings)
		if err != nil {
			return err
		}
		e.ndcg = append(e.ndcg, gain(ids, ratings)/ideal)
		e.condensed = append(e.condensed, gain(judged, ratings)/ideal)
		if e.verbose {
			shown := make([]string, len(ids))
			for i, id := range ids {
				shown[i] = "-"
				if r, found := ratings[id]; found {
					shown[i] = fmt.Sprint(r)
				}
			}
			fmt.Fprintf(e.out, "%.3f %-28s %-9s %5d %5d %v %s\n", e.ndcg[len(e.ndcg)-1], q.text, found.Step, found.Full, found.Total, shown, found.Query)
		}
	}
	return nil
}

// judged returns the best results that somebody has judged.
func (e *evaluation) judged(ctx context.Context, q query, ratings map[string]float64) ([]string, error) {
	var ids []string
	request := search.Query{Text: q.text, Limit: 500}
	for pages := 0; pages < 20; pages++ {
		found, err := e.index.Search(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("query %q: %w", q.text, err)
		}
		if found.Step == search.StepPopular {
			return nil, nil
		}
		for _, h := range found.Hits {
			if _, known := ratings[string(h.ID)]; known {
				ids = append(ids, string(h.ID))
			}
		}
		if len(ids) >= depth || found.Next == "" {
			break
		}
		request.After = found.Next
	}
	return ids[:min(len(ids), depth)], nil
}

// gain is the discounted cumulative gain of the first results.
func gain(ids []string, ratings map[string]float64) float64 {
	sum := 0.0
	for i, id := range ids[:min(len(ids), depth)] {
		sum += (math.Exp2(ratings[id]) - 1) / math.Log2(float64(i+2))
	}
	return sum
}

// idealGain is the gain of the best possible order of what was judged.
func idealGain(ratings map[string]float64) float64 {
	ids := make([]string, 0, len(ratings))
	for id := range ratings {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		switch {
		case ratings[a] > ratings[b]:
			return -1
		case ratings[a] < ratings[b]:
			return 1
		}
		return 0
	})
	return gain(ids, ratings)
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// percentile returns the time in milliseconds that a share of queries keeps.
func (e *evaluation) percentile(share float64) float64 {
	if len(e.times) == 0 {
		return 0
	}
	slices.Sort(e.times)
	at := int(math.Ceil(share*float64(len(e.times)))) - 1
	return float64(e.times[min(max(at, 0), len(e.times)-1)].Nanoseconds()) / 1e6
}
