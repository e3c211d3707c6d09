package engine

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
)

// Recommend implements [recommend.Recommender].
func (e *Engine) Recommend(ctx context.Context, q recommend.Query) (recommend.Answer, error) {
	if err := q.Validate(); err != nil {
		return recommend.Answer{}, err
	}
	if err := ctx.Err(); err != nil {
		return recommend.Answer{}, ended(err)
	}
	s := e.open(ctx, q)
	g := s.g
	switch q.Shelf {
	case recommend.ForYou:
		s.explore()
		s.personal(g.main)
		s.hot()
	case recommend.Similar:
		s.near(g.main, recommend.Likeness)
		s.category()
	case recommend.AlsoBought:
		s.near(g.also, recommend.BoughtToo)
		s.near(g.main, recommend.Likeness)
	case recommend.Together:
		s.near(g.together, recommend.InOneCart)
		s.near(g.also, recommend.BoughtToo)
	case recommend.Hot:
		s.hot()
	case recommend.Trending:
		s.trending()
	case recommend.Newest:
	}
	if q.Shelf == recommend.ForYou || q.Shelf == recommend.Hot || q.Shelf == recommend.Trending || q.Shelf == recommend.Newest {
		s.newest()
	}
	return s.answer(), nil
}

// personal adds what the model says of the visitor's profile.
func (s *shelf) personal(model cf.Model) {
	if s.full() || model == nil || len(s.profile) == 0 {
		return
	}
	why, explains := model.(cf.Explainer)
	s.scored(model, s.profile, func(item int32) recommend.Reason {
		if !explains { // it is the same for everybody
			return recommend.Reason{Because: recommend.HotAll}
		}
		source, found := why.Why(s.profile, item)
		if !found {
			return recommend.Reason{Because: s.did(s.profile[0].Item)}
		}
		return recommend.Reason{Because: s.did(source), Product: s.m.past.Names[source]}
	})
}

// did says what the visitor did with an item of the profile.
func (s *shelf) did(item int32) recommend.Because {
	i := slices.IndexFunc(s.traces, func(t Trace) bool { return t.Item == item })
	switch t := s.traces[i]; {
	case t.Bought > 0:
		return recommend.YouBought
	case t.Most >= weightOf(recommend.CartAdd):
		return recommend.YouCarted
	}
	return recommend.YouViewed
}

// near adds what the model says of the products of the query. One that is the
// same for everybody says nothing of them.
func (s *shelf) near(model cf.Model, because recommend.Because) {
	why, explains := model.(cf.Explainer)
	if it, ok := model.(*cf.Items); s.full() || !explains || ok && it == nil {
		return
	}
	var p cf.Profile
	for _, id := range s.q.Products {
		if n, known := s.number(id); known && !p.Has(n) {
			p = append(p, cf.Entry{Item: n, Weight: 1})
		}
	}
	if len(p) == 0 {
		return
	}
	s.scored(model, p, func(item int32) recommend.Reason {
		r := recommend.Reason{Because: because}
		if n, found := why.Why(p, item); found {
			r.Product = s.m.past.Names[n]
		}
		return r
	})
}

// scored adds the best items of a model that may stand on the shelf. Scoring
// needs no lock: what is looked up afterwards does.
func (s *shelf) scored(model cf.Model, p cf.Profile, reason why) {
	scores, _ := s.e.pool.Get().(*cf.Scores)
	if scores == nil {
		scores = &cf.Scores{}
	}
	defer s.e.pool.Put(scores)
	model.Score(p, scores)
	s.lock(func() {
		var list []scored
		for _, x := range s.best(scores, p) {
			list = append(list, scored{x.Item, float64(x.Weight)})
		}
		s.read(each(list), reason)
	})
}

// best returns the best items that may stand on the shelf. Where fewer products
// are of the category or the storefront than have a score, those alone are
// looked at. The lock is held.
func (s *shelf) best(scores *cf.Scores, p cf.Profile) []cf.Entry {
	skip := func(item int32) bool {
		if scores.Get(item) <= 0 {
			return true
		}
		_, ok := s.allowed(item)
		if s.matched && !ok { // of few that may stand here, most end here
			return true
		}
		own := p.Has(item)
		s.matched = s.matched || !own
		return own || !ok
	}
	n := (1 + waits) * s.limit
	parts, size := s.m.parts(&s.q), 0
	for _, list := range parts {
		size += len(list)
	}
	if size >= scores.Len() {
		return scores.Top(nil, n, skip)
	}
	list := scores.TopOf(nil, n, skip, parts...)
	if !s.matched { // nothing here, but elsewhere?
		first := scores.Top(nil, 1, p.Has)
		s.matched = len(first) > 0 && first[0].Weight > 0
	}
	return list
}

// hot adds the hot lists: of the segments, of the categories that the visitor
// looked at, of all.
func (s *shelf) hot() {
	if s.full() {
		return
	}
	s.lock(func() {
		if s.q.Category != "" {
			s.ranked(categorySet+string(s.q.Category), recommend.Reason{Because: recommend.HotInGroup, Category: s.q.Category})
			return
		}
		s.segments()
		for _, x := range s.profile[:min(3, len(s.profile))] {
			if p, _ := s.m.fact(x.Item); p.Category != "" {
				s.ranked(categorySet+string(p.Category), recommend.Reason{Because: recommend.HotInGroup, Category: p.Category})
			}
		}
		s.ranked(s.everybody(), recommend.Reason{Because: recommend.HotAll})
	})
}

// segments adds what is hot in the segments of the visitor, each of which is
// shrunk to its parent: an item counts with the sum of its rates, and is hot in
// the segment in which its rate is the highest.
func (s *shelf) segments() {
	type rated struct {
		sum, most float64
		in        recommend.Segment
	}
	var known []recommend.Segment
	rates := make(map[int32]rated, hotShown*min(1, len(s.q.Visitor.Segments)))
	for _, segment := range s.q.Visitor.Segments {
		h, segment := s.m.nearest(segment)
		if h == nil || slices.Contains(known, segment) {
			continue
		}
		known = append(known, segment)
		for _, x := range h.ranked {
			r := rates[x.item]
			r.sum += x.score
			if x.score > r.most {
				r.most, r.in = x.score, segment
			}
			rates[x.item] = r
		}
	}
	list := make([]scored, 0, len(rates))
	for item, r := range rates {
		list = append(list, scored{item, r.sum})
	}
	s.read(each(best(list)), func(item int32) recommend.Reason {
		return recommend.Reason{Because: recommend.HotSegment, Segment: rates[item].in}
	})
}

// category adds what is hot in the categories of the query's products.
func (s *shelf) category() {
	s.lock(func() {
		for _, id := range s.q.Products {
			item, known := s.m.past.number[id]
			if !known {
				continue
			}
			p, _ := s.m.fact(item)
			if c := p.Category; c != "" {
				s.ranked(categorySet+string(c), recommend.Reason{Because: recommend.HotInGroup, Category: c})
			}
		}
	})
}

func (s *shelf) ranked(group string, r recommend.Reason) {
	if h := s.m.hot[group]; h != nil {
		s.read(each(h.ranked), always(r))
	}
}

// trending adds what rises.
func (s *shelf) trending() {
	s.lock(func() {
		group := s.everybody()
		if s.q.Category != "" {
			group = categorySet + string(s.q.Category)
		}
		if h := s.m.hot[group]; h != nil {
			s.read(each(h.rises), always(recommend.Reason{Because: recommend.Rising}))
		}
	})
}

// newest adds what was listed last.
func (s *shelf) newest() {
	s.lock(func() {
		s.read(s.m.newest(&s.q), always(recommend.Reason{Because: recommend.JustListed}))
	})
}

// mergeTraces makes one list, oldest first, of a session's and a member's.
func mergeTraces(list []Trace) []Trace {
	byItem := map[int32]int{}
	var all []Trace
	for _, t := range list {
		i, known := byItem[t.Item]
		if !known {
			byItem[t.Item] = len(all)
			all = append(all, t)
			continue
		}
		all[i] = all[i].add(t)
	}
	slices.SortStableFunc(all, func(a, b Trace) int { return cmp.Compare(a.At, b.At) })
	return all
}
