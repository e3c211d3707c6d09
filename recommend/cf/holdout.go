package cf

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// holdout is a matrix without the newest interactions of some users, who are
// asked for them.
type holdout struct {
	train  *Matrix
	users  []int32
	hidden [][]int32 // by position in users
}

// trialDepth is how long the lists are that a trial looks at.
const trialDepth = 20

// hold hides the newest fifth of what each of the most recent users did, or
// only the last of it.
func (m *Matrix) hold(most int, onlyLast bool) *holdout {
	h := &holdout{}
	for u := range int32(m.users) {
		if m.byUser.size(u) >= 2 {
			h.users = append(h.users, u)
		}
	}
	slices.SortFunc(h.users, func(a, b int32) int {
		return cmp.Or(cmp.Compare(m.last[b], m.last[a]),
			cmp.Compare(shuffle(Interaction{User: a}), shuffle(Interaction{User: b})))
	})
	h.users = h.users[:min(most, len(h.users))]
	slices.Sort(h.users)
	keep := make([]int32, m.users)
	for u := range keep {
		keep[u] = int32(m.byUser.size(int32(u)))
	}
	for _, u := range h.users {
		ids, _ := m.byUser.at(u)
		n := 1
		if !onlyLast {
			n = max(1, len(ids)/5)
		}
		keep[u] -= int32(n)
		h.hidden = append(h.hidden, ids[keep[u]:])
	}
	h.train = m.first(keep)
	return h
}

// first returns m with only the oldest so many interactions of each user.
func (m *Matrix) first(keep []int32) *Matrix {
	f := &Matrix{users: m.users, items: m.items, last: m.last}
	f.byUser.from, f.byItem.from = make([]int32, m.users+1), make([]int32, m.items+1)
	for u := range int32(m.users) {
		ids, weights := m.byUser.at(u)
		f.byUser.ids = append(f.byUser.ids, ids[:keep[u]]...)
		if weights != nil {
			f.byUser.weight = append(f.byUser.weight, weights[:keep[u]]...)
		}
		f.byUser.from[u+1] = int32(len(f.byUser.ids))
	}
	for i := range int32(m.items) {
		from, to := m.byItem.from[i], m.byItem.from[i+1]
		for p := from; p < to; p++ {
			if u := m.byItem.ids[p]; m.place[p] < keep[u] {
				f.byItem.ids, f.place = append(f.byItem.ids, u), append(f.place, m.place[p])
				if m.byItem.weight != nil {
					f.byItem.weight = append(f.byItem.weight, m.byItem.weight[p])
				}
			}
		}
		f.byItem.from[i+1] = int32(len(f.byItem.ids))
	}
	return f
}

// quality returns the mean normalised discounted cumulative gain of the lists
// that top returns, one for each user.
func (h *holdout) quality(top func(n int) []Entry) float64 {
	var sum float64
	for n, hidden := range h.hidden {
		sum += NDCG(top(n), hidden, trialDepth)
	}
	return sum / float64(max(1, len(h.hidden)))
}

// NDCG returns the normalised discounted cumulative gain at k of a list, best
// first, of which the wanted items are right.
func NDCG(list []Entry, wanted []int32, k int) float64 {
	var got, ideal float64
	for r, e := range list[:min(k, len(list))] {
		if slices.Contains(wanted, e.Item) {
			got += 1 / math.Log2(float64(r+2))
		}
	}
	for r := range min(k, len(wanted)) {
		ideal += 1 / math.Log2(float64(r+2))
	}
	if ideal == 0 {
		return 0
	}
	return got / ideal
}

// try measures a model.
func (h *holdout) try(ctx context.Context, model Model, workers int) (float64, error) {
	tops := make([][]Entry, len(h.users))
	err := parallel(ctx, len(h.users), workers, func() func(n int) {
		var s Scores
		return func(n int) {
			p := h.train.Profile(h.users[n])
			model.Score(p, &s)
			tops[n] = s.Top(nil, trialDepth, p.Has)
		}
	})
	return h.quality(func(n int) []Entry { return tops[n] }), err
}
