package engine

import (
	"time"

	"github.com/soukhq/souk/recommend"
)

var _ recommend.Teller = (*Engine)(nil)

// Status implements [recommend.Teller].
func (e *Engine) Status() recommend.Status {
	g := e.model.Load()
	s := recommend.Status{Version: g.version, Interactions: g.seen, Sellable: e.Sellable()}
	if g.main != nil {
		s.Model, s.FittedAt = g.chosen.String(), time.Unix(g.at, 0).UTC()
	}
	for _, t := range g.trials {
		s.Trials = append(s.Trials, recommend.Trial{Model: t.String(), NDCG: t.NDCG, Chosen: t == g.chosen})
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	p := e.mem.past
	s.Waiting, s.Products, s.Visitors, s.Baskets = p.events, len(p.Names), len(p.Visitors), len(p.Baskets)
	return s
}
