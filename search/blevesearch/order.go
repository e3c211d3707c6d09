package blevesearch

import (
	"cmp"
	"math"
	"slices"

	"github.com/soukhq/souk/search"
)

// entry is a product in the order of a result.
type entry struct {
	row    *row
	key    float64
	pinned bool
}

// before orders by key, highest first, then by id.
func before(a, b entry) int {
	if c := cmp.Compare(b.key, a.key); c != 0 {
		return c
	}
	return cmp.Compare(a.row.id, b.row.id)
}

// page fills in the hits after the cursor. The best of a search by relevance
// are ranked a second time, as one window that is the same for every page;
// what lies beyond it, and every other order, is paged by its sort key.
func (u *run) page(out *search.Result, found *matches, at search.Position, size int) {
	pins := u.pins()
	pinned := map[*row]bool{}
	for _, p := range pins {
		pinned[p.row] = true
	}
	list := make([]entry, 0, len(found.hits))
	for _, h := range found.hits {
		if !pinned[h.row] {
			list = append(list, entry{row: h.row, key: u.key(h)})
		}
	}
	for _, p := range pins {
		if u.step == search.StepPopular || !slices.ContainsFunc(found.hits, func(h *hit) bool { return h.row == p.row }) {
			out.Total++
		}
	}
	window := 0
	switch {
	case u.query.Sort == search.ByRelevance && len(u.plan.Wants) > 0:
		window = search.Window
	case len(pins) > 0: // enough to stand before the last of them
		window = pins[len(pins)-1].place
	}
	head, border := u.window(list, window)
	for _, p := range pins {
		head = slices.Insert(head, min(p.place-1, len(head)), p.entry)
	}
	shown := []entry{}
	if !at.Beyond && at.Place < len(head) {
		shown = append(shown, head[at.Place:min(at.Place+size, len(head))]...)
	}
	if at.Beyond {
		border = &entry{row: &row{id: at.Last}, key: at.Key}
	}
	if len(shown) < size {
		rest := after(list, border, size-len(shown)+1)
		if len(rest) > size-len(shown) {
			rest = rest[:size-len(shown)]
			last := rest[len(rest)-1]
			out.Next = search.EncodeCursor(&u.query, search.Position{
				Generation: u.generation, Place: at.Place + size, Beyond: true, Key: last.key, Last: last.row.id,
			})
		}
		shown = append(shown, rest...)
	} else if at.Place+size < len(head) || len(after(list, border, 1)) > 0 {
		out.Next = search.EncodeCursor(&u.query, search.Position{Generation: u.generation, Place: at.Place + size})
	}
	if u.step == search.StepPopular {
		out.Next = ""
	}
	out.Hits = make([]search.Hit, len(shown))
	for i, e := range shown {
		out.Hits[i] = search.Hit{ID: e.row.product(), Score: e.key, Pinned: e.pinned}
	}
}

// window returns the best entries in their final order, and the last of them
// by first rank: what comes after it is beyond the window.
func (u *run) window(list []entry, size int) ([]entry, *entry) {
	if size == 0 {
		return nil, nil
	}
	head := after(list, nil, size)
	var border *entry
	if len(head) > 0 {
		last := head[len(head)-1]
		border = &last
	}
	if len(u.plan.Wants) == 0 {
		return head, border
	}
	u.judge(head)
	slices.SortFunc(head, before)
	return head, border
}

// judge adds what the second ranking says of entries to their keys.
func (u *run) judge(list []entry) {
	judge := search.NewJudge(u.index.config.Ranking, u.shelf.lexicon, &u.plan, u.weights, u.shelf.mostSales.Load())
	for i := range list {
		list[i].key = judge.Score(list[i].key, &list[i].row.profile)
	}
}

// after returns the first n entries after a border, in order.
func after(list []entry, border *entry, n int) []entry {
	best := make([]entry, 0, min(n, len(list))+1)
	for _, e := range list {
		if border != nil && before(*border, e) >= 0 {
			continue
		}
		if len(best) == n && before(best[n-1], e) <= 0 {
			continue
		}
		// The list is short enough that moving its tail is cheaper than a heap.
		place, _ := slices.BinarySearchFunc(best, e, before)
		best = slices.Insert(best, place, e)
		if len(best) > n {
			best = best[:n]
		}
	}
	return best
}

// key returns what a hit is ordered by, highest first.
func (u *run) key(h *hit) float64 {
	r := h.row
	switch u.query.Sort {
	case search.ByPriceAsc:
		if len(r.prices) == 0 {
			return -math.MaxFloat64
		}
		return -float64(r.prices[0])
	case search.ByPriceDesc:
		if len(r.prices) == 0 {
			return -math.MaxFloat64
		}
		return float64(r.prices[0])
	case search.ByNewest:
		return float64(r.listed)
	case search.BySales:
		return float64(r.profile.Sales)
	case search.ByRating:
		return r.profile.Rating
	case search.ByRelevance:
	}
	return h.score
}

type pin struct {
	entry
	place int
}

// pins returns the pinned products that exist and that the filters let
// through, by place.
func (u *run) pins() []pin {
	var out []pin
	if u.query.Sort != search.ByRelevance {
		return nil
	}
	hidden := u.hidden()
	for _, p := range u.query.Steering.Pin {
		r := u.shelf.find(string(p.Product))
		if r == nil || hidden[r.id] || u.filters.check(r) != passes ||
			slices.ContainsFunc(out, func(o pin) bool { return o.row == r }) {
			continue
		}
		out = append(out, pin{entry{row: r, pinned: true}, p.Place})
	}
	slices.SortStableFunc(out, func(a, b pin) int { return cmp.Compare(a.place, b.place) })
	return out
}
