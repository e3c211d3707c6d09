package pgsearch

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// page fills in the hits after the cursor. The best of a search by relevance
// are ranked a second time, as one window that is the same for every page;
// what lies beyond it, and every other order, is paged by its sort key.
func (u *run) page(out *search.Result, a *answer) {
	for _, matched := range a.pins {
		if !matched || u.step == search.StepPopular {
			out.Total++
		}
	}
	head, rest := u.ranked(a), a.hits
	if u.cursor.Beyond {
		head = nil
	} else {
		rest = a.hits[min(u.window, len(a.hits)):]
	}
	shown, place := []found{}, u.cursor.Place
	if place < len(head) {
		shown = append(shown, head[place:min(place+u.size, len(head))]...)
	}
	if left := u.size - len(shown); left > 0 {
		if len(rest) > left {
			rest = rest[:left]
			last := rest[left-1]
			out.Next = search.EncodeCursor(&u.query, search.Position{
				Generation: out.Generation, Place: place + u.size, Beyond: true, Key: last.key, Last: last.id,
			})
		}
		shown = append(shown, rest...)
	} else if place+u.size < len(head) || len(rest) > 0 {
		out.Next = search.EncodeCursor(&u.query, search.Position{Generation: out.Generation, Place: place + u.size})
	}
	if u.step == search.StepPopular {
		out.Next = ""
	}
	out.Hits = make([]search.Hit, len(shown))
	for i, h := range shown {
		out.Hits[i] = search.Hit{ID: ref.ProductID(h.id), Score: h.key, Pinned: h.pinned}
	}
}

// ranked returns the window in its final order, the pinned products at their
// places.
func (u *run) ranked(a *answer) []found {
	head := slices.Clone(a.hits[:min(u.window, len(a.hits))])
	if len(head) > 0 && len(u.plan.Wants) > 0 {
		profiles := make([]search.Profile, len(head))
		for i := range head {
			profiles[i] = u.index.profile(&head[i])
		}
		judge := search.NewJudge(u.index.config.Ranking, u.index.lexicon, &u.plan, u.weights, u.state.mostSales)
		for i := range head {
			head[i].key = judge.Score(head[i].key, &profiles[i])
		}
		slices.SortFunc(head, func(a, b found) int { return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(a.id, b.id)) })
	}
	for _, p := range u.pins() {
		if _, shown := a.pins[p.id]; shown {
			head = slices.Insert(head, min(p.place-1, len(head)), found{id: p.id, pinned: true})
		}
	}
	return head
}

// pin is a product that is put at a place.
type pin struct {
	id    string
	place int
}

// pins returns what is pinned and not hidden, by place.
func (u *run) pins() []pin {
	var out []pin
	if u.query.Sort != search.ByRelevance {
		return nil
	}
	for _, p := range u.query.Steering.Pin {
		id := clean(string(p.Product))
		if !slices.Contains(u.query.Steering.Hide, p.Product) && !slices.ContainsFunc(out, func(o pin) bool { return o.id == id }) {
			out = append(out, pin{id, p.Place})
		}
	}
	slices.SortStableFunc(out, func(a, b pin) int { return cmp.Compare(a.place, b.place) })
	return out
}
