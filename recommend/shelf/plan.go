package shelf

import (
	"context"
	"math"
	"time"

	"github.com/soukhq/souk/recommend/experiment"
)

// plans is how slots are served at a time, as the stores said.
type plans struct {
	at     time.Time
	bySlot map[string]plan
}

type plan struct {
	mode Mode
	arms []Arm // with the weights by which visitors are assigned
}

// fresh is for how long plans are good without anybody calling Refresh.
const fresh = 5 * time.Second

// current returns the plans. Where nobody refreshes them in the background, one
// of the callers does, for as long as a strategy may think.
func (s *Service) current(ctx context.Context) *plans {
	p, now := s.plans.Load(), s.cfg.Clock.Now()
	if p != nil && now.Sub(p.at) < fresh {
		return p
	}
	if s.refreshing.TryLock() {
		defer s.refreshing.Unlock()
		ctx, cancel := context.WithTimeout(ctx, s.cfg.Patience)
		defer cancel()
		next, err := s.read(ctx, now)
		switch {
		case err == nil:
			p = next
		case p != nil: // what was known is good for another while
			p = &plans{now, p.bySlot}
		default:
			p = &plans{at: now}
		}
		if err != nil {
			s.cfg.Log.WarnContext(ctx, "shelf: policies cannot be read", "error", err)
		}
		s.plans.Store(p)
	}
	if p == nil {
		p = &plans{}
	}
	return p
}

// Refresh reads the policies and what bandits learn from. Call it once a
// second; without, pages do now and then. Kinds: those of the stores.
func (s *Service) Refresh(ctx context.Context) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	p, err := s.read(ctx, s.cfg.Clock.Now())
	if err == nil {
		s.plans.Store(p)
	}
	return err
}

func (s *Service) read(ctx context.Context, now time.Time) (*plans, error) {
	all, err := s.cfg.Policies.All(ctx)
	if err != nil {
		return nil, err
	}
	p := &plans{at: now, bySlot: map[string]plan{}}
	var counts map[[2]string]experiment.Tally
	for _, policy := range all {
		arms := policy.Arms
		if policy.Mode == Bandit {
			if counts == nil {
				if counts, err = s.tallies(ctx, now); err != nil {
					return nil, err
				}
			}
			arms = s.weigh(policy, counts)
		}
		p.bySlot[policy.Slot] = plan{policy.Mode, arms}
	}
	return p, nil
}

// memory is how many requests of a strategy a bandit weighs at most: it would
// hardly move any more, knowing them all.
const memory = 20_000

// tallies sums up, by slot and strategy, which requests were hit. A day counts
// half as much as one that is half of Learn younger.
func (s *Service) tallies(ctx context.Context, now time.Time) (map[[2]string]experiment.Tally, error) {
	q := StatQuery{From: s.dayOf(now.Add(-s.cfg.Learn)), Until: s.dayOf(now)}
	stats, err := s.cfg.Stats.List(ctx, q)
	if err != nil {
		return nil, err
	}
	all := map[[2]string]experiment.Tally{}
	for _, x := range stats {
		at, err := time.ParseInLocation(time.DateOnly, x.Day, s.cfg.Location)
		if err != nil {
			continue // no day that anybody counted
		}
		age := max(0, now.Sub(at)-day)
		weight := math.Exp2(-2 * age.Seconds() / s.cfg.Learn.Seconds())
		k := [2]string{x.Slot, x.Strategy}
		t := all[k]
		t.Hits += weight * float64(x.Hits)
		t.Misses += weight * float64(max(0, x.Requests-x.Hits))
		all[k] = t
	}
	for k, t := range all {
		if n := t.Hits + t.Misses; n > memory {
			all[k] = experiment.Tally{Hits: t.Hits * memory / n, Misses: t.Misses * memory / n}
		}
	}
	return all, nil
}

// weigh turns the odds of a bandit's arms into weights.
func (s *Service) weigh(p Policy, counts map[[2]string]experiment.Tally) []Arm {
	tallies := make([]experiment.Tally, len(p.Arms))
	for i, a := range p.Arms {
		tallies[i] = counts[[2]string{p.Slot, a.Name}]
	}
	arms := make([]Arm, len(p.Arms))
	for i, odds := range experiment.Odds(tallies, s.cfg.Floor) {
		arms[i] = Arm{Name: p.Arms[i].Name, Weight: int(math.Round(odds * maxWeight))}
	}
	return arms
}
