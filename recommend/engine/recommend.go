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
	g := e.model.Load()
	s := e.open(ctx, q, g)
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
	s.scored(model, s.profile, func(why *cf.Items, item int32) recommend.Reason {
		source, found := int32(0), false
		if why != nil {
			source, found = why.Why(s.profile, item)
		}
		if !found {
			source = s.profile[0].Item
		}
		r := recommend.Reason{Because: recommend.YouViewed, Product: s.e.past.Names[source]}
		for _, t := range s.traces {
			switch {
			case t.Item != source:
			case t.Bought > 0:
				r.Because = recommend.YouBought
			case t.Most >= weightOf(recommend.CartAdd):
				r.Because = recommend.YouCarted
			}
		}
		return r
	})
}

// near adds what the model says of the products of the query.
func (s *shelf) near(model cf.Model, because recommend.Because) {
	if it, ok := model.(*cf.Items); s.full() || model == nil || ok && it == nil {
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
	s.scored(model, p, func(why *cf.Items, item int32) recommend.Reason {
		source := p[0].Item
		if why != nil {
			if n, found := why.Why(p, item); found {
				source = n
			}
		}
		return recommend.Reason{Because: because, Product: s.e.past.Names[source]}
	})
}

// scored adds the best items of a model. Scoring needs no lock: what is looked
// up afterwards does.
func (s *shelf) scored(model cf.Model, p cf.Profile, reason func(*cf.Items, int32) recommend.Reason) {
	scores, _ := s.e.pool.Get().(*cf.Scores)
	if scores == nil {
		scores = &cf.Scores{}
	}
	defer s.e.pool.Put(scores)
	model.Score(p, scores)
	why, _ := model.(*cf.Items)
	for n := 4*s.limit + len(s.traces) + len(s.q.Exclude) + len(s.q.Products); ; n *= 4 {
		list := scores.Top(nil, n, p.Has)
		s.lock(func() {
			for _, x := range list {
				if x.Weight > 0 {
					s.offer(x.Item, float64(x.Weight), func() recommend.Reason { return reason(why, x.Item) })
				}
			}
		})
		if s.full() || len(list) < n || n > 4096 || list[n-1].Weight <= 0 {
			return
		}
	}
}

// hot adds the hot lists: of the segments, of the categories that the visitor
// looked at, of all.
func (s *shelf) hot() {
	s.lock(func() {
		if s.q.Category != "" {
			s.ranked(categorySet+string(s.q.Category), recommend.Reason{Because: recommend.HotInGroup, Category: s.q.Category})
			return
		}
		for _, segment := range s.q.Visitor.Segments {
			s.ranked(segmentSet+string(segment), recommend.Reason{Because: recommend.HotSegment, Segment: segment})
		}
		for _, x := range s.profile[:min(3, len(s.profile))] {
			if c := s.e.facts[s.e.past.Names[x.Item]].Category; c != "" {
				s.ranked(categorySet+string(c), recommend.Reason{Because: recommend.HotInGroup, Category: c})
			}
		}
		s.ranked(s.everybody(), recommend.Reason{Because: recommend.HotAll})
	})
}

// category adds what is hot in the categories of the query's products.
func (s *shelf) category() {
	s.lock(func() {
		for _, id := range s.q.Products {
			if c := s.e.facts[id].Category; c != "" {
				s.ranked(categorySet+string(c), recommend.Reason{Because: recommend.HotInGroup, Category: c})
			}
		}
	})
}

func (s *shelf) ranked(group string, r recommend.Reason) {
	h := s.e.hot[group]
	if h == nil || s.full() {
		return
	}
	for _, x := range h.ranked {
		s.offer(x.item, x.score, func() recommend.Reason { return r })
	}
}

// trending adds what rises.
func (s *shelf) trending() {
	s.lock(func() {
		group := s.everybody()
		if s.q.Category != "" {
			group = categorySet + string(s.q.Category)
		}
		if h := s.e.hot[group]; h != nil {
			for _, x := range h.rises {
				s.offer(x.item, x.score, func() recommend.Reason { return recommend.Reason{Because: recommend.Rising} })
			}
		}
	})
}

// newest adds what was listed last.
func (s *shelf) newest() {
	s.lock(func() {
		for rank, id := range s.e.newest {
			if s.full() {
				return
			}
			s.offer(s.e.past.number[id], 1/float64(rank+1), func() recommend.Reason {
				return recommend.Reason{Because: recommend.JustListed}
			})
		}
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
		old := &all[i]
		old.At, old.Bought, old.Most = max(old.At, t.At), max(old.Bought, t.Bought), max(old.Most, t.Most)
		old.Hidden = old.Hidden || t.Hidden
	}
	slices.SortStableFunc(all, func(a, b Trace) int { return cmp.Compare(a.At, b.At) })
	return all
}
