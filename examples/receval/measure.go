package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/recommend/cf"
)

// windowShare is how much of the baskets, the newest, makes the popular list.
const windowShare = 1. / 3

// learned is a fitted model and what it was fitted to.
type learned struct {
	users, items map[string]int32
	matrix       *cf.Matrix
	fitted       *cf.Fitted
	popular      []int32 // for who nothing is known of
	fit          time.Duration
}

func learn(ctx context.Context, c evalCmd) (*learned, error) {
	l := &learned{users: map[string]int32{}, items: map[string]int32{}}
	if err := l.read(c); err != nil {
		return nil, err
	}
	runtime.GC() // what reading took is given back: what follows is measured
	start := clock.System{}.Now()
	var err error
	l.fitted, err = cf.Fit(ctx, l.matrix, cf.Options{Kind: cf.Kind(c.Model), OnlyLast: c.Baskets, Share: c.share()})
	if err != nil {
		return nil, err
	}
	l.fit = clock.System{}.Now().Sub(start)
	var s cf.Scores
	cf.FitPopular(l.matrix, c.share()).Score(nil, &s)
	for _, e := range s.Top(nil, l.matrix.Items(), nil) {
		l.popular = append(l.popular, e.Item)
	}
	return l, nil
}

func (c evalCmd) share() float64 {
	if c.Baskets {
		return windowShare
	}
	return 1
}

// read numbers users and items. Lines of one user are one list; with baskets
// each line is a user of its own, and a later line a later time.
func (l *learned) read(c evalCmd) error {
	var in []cf.Interaction
	var sizes []int64
	line, ordered := int64(0), false
	known := map[int32]int{} // items of the line
	err := eachUser(c.Train, func(user string, items []string) error {
		line++
		ordered = ordered || c.Baskets || !ascending(items)
		if c.Baskets {
			user = strconv.FormatInt(line, 10)
		}
		u := number(l.users, user)
		if int(u) == len(sizes) {
			sizes = append(sizes, 0)
		}
		clear(known)
		for _, item := range items {
			x := cf.Interaction{User: u, Item: number(l.items, item), Weight: 1, At: line<<24 + sizes[u]}
			sizes[u]++
			if at, repeated := known[x.Item]; repeated { // as much as any other, and as new as its last time
				in[at] = x
				continue
			}
			known[x.Item] = len(in)
			in = append(in, x)
		}
		return nil
	})
	if !c.Baskets { // whose times are known within a user only: the newest are those of now
		for i, x := range in {
			in[i].At = x.At&(1<<24-1) - sizes[x.User]
		}
	}
	if !ordered {
		for i := range in {
			in[i].At = 0
		}
	}
	if err != nil {
		return err
	}
	l.matrix, err = cf.NewMatrix(len(l.users), len(l.items), in)
	return err
}

// ascending reports whether items are numbers that only grow. A file where all
// lines do was sorted, and says nothing of who did what first.
func ascending(items []string) bool {
	last := int64(-1)
	for _, item := range items {
		n, err := strconv.ParseInt(item, 10, 64)
		if err != nil || n <= last {
			return false
		}
		last = n
	}
	return true
}

func number(all map[string]int32, name string) int32 {
	n, known := all[name]
	if !known {
		n = int32(len(all)) //nolint:gosec // a file of more than two thousand million names does not fit here
		all[strings.Clone(name)] = n
	}
	return n
}

// result is what was measured.
type result struct {
	hits, recall, ndcg, coverage, peak, p50, p99 float64
	users, items, interactions, tested           int
	fit                                          time.Duration
}

// measure asks for every line of the test file.
func (l *learned) measure(ctx context.Context, c evalCmd) (result, error) {
	r := result{
		users: len(l.users), items: len(l.items), interactions: l.matrix.Interactions(), fit: l.fit,
	}
	var scores cf.Scores
	var times []float64
	shown := map[int32]bool{}
	k := min(max(c.K, 10), l.matrix.Items())
	err := eachUser(c.Test, func(user string, items []string) error {
		p, wanted := l.question(c, user, items)
		if len(wanted) == 0 {
			return ctx.Err()
		}
		start := clock.System{}.Now()
		list := l.top(p, k, &scores)
		times = append(times, float64(clock.System{}.Now().Sub(start).Microseconds())/1000)
		for _, e := range list[:min(c.K, len(list))] {
			shown[e.Item] = true
		}
		r.tested++
		r.hits += min(1, recall(list, wanted, 10))
		r.recall += recall(list, wanted, c.K) / float64(len(wanted))
		r.ndcg += cf.NDCG(list, wanted, c.K)
		return ctx.Err()
	})
	if err != nil {
		return r, err
	}
	if r.tested == 0 {
		return r, fmt.Errorf("%s: nobody to test", c.Test)
	}
	n := float64(r.tested)
	r.hits, r.recall, r.ndcg = r.hits/n, r.recall/n, r.ndcg/n
	r.coverage = float64(len(shown)) / float64(max(1, len(l.items)))
	slices.Sort(times)
	r.p50, r.p99 = times[len(times)/2], times[len(times)*99/100]
	r.peak = peakMiB()
	return r, nil
}

// question is what a line of the test file asks: what is known of the user,
// and what is wanted. An item that the training file does not have is wanted,
// and cannot be found.
func (l *learned) question(c evalCmd, user string, items []string) (cf.Profile, []int32) {
	const unknown = -1
	find := func(name string) int32 {
		if n, known := l.items[name]; known {
			return n
		}
		return unknown
	}
	if !c.Baskets {
		u, known := l.users[user]
		if !known {
			u = unknown
		}
		var wanted []int32
		for _, item := range items {
			if n := find(item); n == unknown || !slices.Contains(wanted, n) {
				wanted = append(wanted, n)
			}
		}
		return l.matrix.Profile(u), wanted
	}
	if len(items) < 2 {
		return nil, nil // nothing to show
	}
	last := len(items) - 1
	var p cf.Profile
	for i := last - 1; i >= 0; i-- {
		if n := find(items[i]); n != unknown && !p.Has(n) {
			p = append(p, cf.Entry{Item: n, Weight: 1})
		}
	}
	return p, []int32{find(items[last])}
}

// top is the list for a profile, filled up with what is popular.
func (l *learned) top(p cf.Profile, k int, scores *cf.Scores) []cf.Entry {
	own := make(map[int32]bool, len(p)+k)
	for _, e := range p {
		own[e.Item] = true
	}
	l.fitted.Model.Score(p, scores)
	list := scores.Top(make([]cf.Entry, 0, k), k, func(item int32) bool { return own[item] })
	if len(list) == k {
		return list
	}
	for _, e := range list {
		own[e.Item] = true
	}
	for _, item := range l.popular {
		if len(list) == k {
			break
		}
		if !own[item] {
			list = append(list, cf.Entry{Item: item})
		}
	}
	return list
}

// recall counts the wanted items among the first k of a list.
func recall(list []cf.Entry, wanted []int32, k int) float64 {
	n := 0.
	for _, e := range list[:min(k, len(list))] {
		if slices.Contains(wanted, e.Item) {
			n++
		}
	}
	return n
}

// peakMiB returns the most memory that the process has held so far: what the
// kernel says, or where there is no such kernel what the runtime took.
func peakMiB() float64 {
	var peak float64
	err := eachLine("/proc/self/status", func(_ int, line string) error {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			peak = kib / 1024
			return err
		}
		return nil
	})
	if err == nil && peak > 0 {
		return peak
	}
	if !os.IsNotExist(err) && err != nil {
		return 0
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / (1 << 20)
}
