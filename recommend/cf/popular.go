package cf

import (
	"cmp"
	"slices"
)

// Popular recommends to everybody what the most users had to do with.
type Popular struct{ count []float32 }

// FitPopular counts the given share of users, the most recent ones: all of
// them at 1.
func FitPopular(m *Matrix, share float64) *Popular {
	users := make([]int32, m.users)
	for u := range users {
		users[u] = int32(u)
	}
	slices.SortStableFunc(users, func(a, b int32) int { return cmp.Compare(m.last[b], m.last[a]) })
	p := &Popular{count: make([]float32, m.items)}
	for _, u := range users[:min(len(users), int(share*float64(len(users))+.5))] {
		ids, weights := m.byUser.at(u)
		for q, id := range ids {
			p.count[id] += weight(weights, q)
		}
	}
	return p
}

// Score implements [Model].
func (p *Popular) Score(_ Profile, into *Scores) {
	into.Reset(len(p.count))
	for i, n := range p.count {
		if n > 0 {
			into.Set(int32(i), n)
		}
	}
}

// Bytes implements [Model].
func (p *Popular) Bytes() int64 { return int64(len(p.count)) * 4 }
