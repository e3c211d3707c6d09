package cf

import (
	"math"
	"slices"
)

// Kernel says how alike two items are, out of the users that they share. The
// likeness of a source item (of the profile) to a target item (that may be
// recommended) is
//
//	Σ n(u)^-User / (n(target)^Target · n(source)^Source + Shrink)
//
// over the users u of both, with the number of their items n. Cosine with
// lighter hands for busy users is {User: .5, Target: .5, Source: .5}; a random
// walk of three steps that turns away from the popular (RP3beta) is
// {User: α, Target: β, Source: α}.
type Kernel struct {
	User, Target, Source float64
	// Shrink takes weight from what few users support.
	Shrink float64
	// Power sharpens (above 1) or flattens the likeness. Defaults to 1.
	Power float64
	// Recency is how much less older items of a profile say: the p-th newest
	// counts p^-Recency.
	Recency float64
	// Gap is how much less two items say of each other that stand apart in a
	// user's list: n places count n^-Gap.
	Gap float64
	// Neighbours is how many sources a target keeps at most. Defaults to 200,
	// less for very large catalogues.
	Neighbours int
}

// The bounds that keep one shopper, one item and a huge catalogue affordable.
const (
	// UserCap is how many of a user's items count, the newest.
	UserCap = 500
	// ItemCap is how many of an item's users count, the newest.
	ItemCap = 20_000
	// ProfileCap is how many entries of a profile are scored, the newest.
	ProfileCap = 500

	maxNeighbours = 200
	maxRowEntries = 10_000_000
)

func (k Kernel) neighbours(items int) int {
	most := k.Neighbours
	if most <= 0 {
		most = maxNeighbours
	}
	return max(10, min(most, maxRowEntries/max(items, 1)))
}

// norms are the factors of a kernel that belong to single users and items.
type norms struct {
	kernel         Kernel
	user           []float32
	target, source []float32
	near           []float32 // by distance in a list; nil: all the same
}

func (m *Matrix) norms(k Kernel) *norms {
	n := &norms{kernel: k, user: make([]float32, m.users), target: make([]float32, m.items), source: make([]float32, m.items)}
	if k.Gap != 0 {
		n.near = ages(k.Gap)
	}
	for u := range n.user {
		n.user[u] = pow(float64(min(m.byUser.size(int32(u)), UserCap)), -k.User)
	}
	for i := range n.target {
		d := m.degree(int32(i))
		n.target[i], n.source[i] = pow(d, k.Target), pow(d, k.Source)
	}
	return n
}

func (m *Matrix) degree(item int32) float64 {
	users, weights := m.byItem.at(item)
	if weights == nil {
		return float64(min(len(users), ItemCap))
	}
	var d float64
	for _, w := range newest(weights, ItemCap) {
		d += float64(w) * float64(w)
	}
	return d
}

func pow(x, y float64) float32 {
	if x <= 0 {
		return 0
	}
	return float32(math.Pow(x, y))
}

// newest returns the last n elements.
func newest[T any](s []T, n int) []T { return s[max(0, len(s)-n):] }

// rower computes rows: the sources of one target. It belongs to one goroutine.
type rower struct {
	m    *Matrix
	acc  Scores
	cand []Entry
}

// count sums the weights of the users that item shares with every other item.
func (r *rower) count(item int32, n *norms) {
	r.acc.Reset(r.m.items)
	users, weights := r.m.byItem.at(item)
	places := r.m.place[r.m.byItem.from[item]:]
	for p := max(0, len(users)-ItemCap); p < len(users); p++ {
		u := users[p]
		ids, each := r.m.byUser.at(u)
		w := n.user[u]
		if weights != nil {
			w *= weights[p]
		}
		if n.near != nil {
			r.near(ids, each, int(places[p]), w, n.near)
			continue
		}
		ids = newest(ids, UserCap)
		if each == nil {
			r.plain(ids, w)
			continue
		}
		for q, v := range newest(each, UserCap) {
			r.acc.Add(ids[q], w*v)
		}
	}
}

func (r *rower) near(ids []int32, each []float32, at int, w float32, near []float32) {
	for q := max(0, at-len(near), len(ids)-UserCap); q < min(len(ids), at+len(near)); q++ {
		if d := max(at-q, q-at); d > 0 {
			r.acc.Add(ids[q], w*near[d-1]*weight(each, q))
		}
	}
}

func (r *rower) plain(ids []int32, w float32) {
	value, seen := r.acc.value, r.acc.seen
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			r.acc.touched = append(r.acc.touched, id)
		}
		value[id] += w
	}
}

// row returns the best sources of item by the counts of the last call of
// count, in no particular order. It is good until the next call.
func (r *rower) row(item int32, n *norms, most int) []Entry {
	r.cand = r.cand[:0]
	target, shrink := n.target[item], float32(n.kernel.Shrink)
	for _, j := range r.acc.touched {
		if norm := target*n.source[j] + shrink; j != item && norm > 0 {
			r.cand = append(r.cand, Entry{j, r.acc.value[j] / norm})
		}
	}
	if len(r.cand) > most {
		split(r.cand, most)
		r.cand = r.cand[:most]
	}
	if p := n.kernel.Power; p != 0 && p != 1 {
		for i, e := range r.cand {
			r.cand[i].Weight = pow(float64(e.Weight), p)
		}
	}
	return r.cand
}

// split moves the n best entries to the front.
func split(s []Entry, n int) {
	for lo, hi := 0, len(s); hi-lo > 1; {
		if hi-lo < 24 {
			slices.SortFunc(s[lo:hi], order)
			return
		}
		pivot := median(s[lo], s[(lo+hi)/2], s[hi-1])
		i, j := lo, hi-1
		for i <= j {
			for better(s[i], pivot) {
				i++
			}
			for better(pivot, s[j]) {
				j--
			}
			if i <= j {
				s[i], s[j] = s[j], s[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j + 1
		case n >= i:
			lo = i
		default:
			return
		}
	}
}

func median(a, b, c Entry) Entry {
	if better(b, a) {
		a, b = b, a
	}
	switch {
	case better(c, a):
		return a
	case better(b, c):
		return b
	}
	return c
}
