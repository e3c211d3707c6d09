package shelf

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

func staff(scope ref.Scope) error {
	if !scope.All() {
		return fault.New(fault.PermissionDenied, "shelf.staff", "only staff may do this")
	}
	return nil
}

// Policies returns the policies of all slots that have one. Staff only. Kinds:
// PermissionDenied.
func (s *Service) Policies(ctx context.Context, scope ref.Scope) ([]Policy, error) {
	if err := staff(scope); err != nil {
		return nil, err
	}
	return s.cfg.Policies.All(ctx)
}

// PolicyInput says how a slot is served from now on.
type PolicyInput struct {
	Slot string
	Mode Mode
	Arms []Arm
	// Version is that of the policy that was read; zero for a new one.
	Version int64
}

// SavePolicy keeps the policy of a slot: this node serves by it at once, others
// within a second or so. Staff only. Kinds: PermissionDenied; Invalid, with
// every wrong field; AlreadyExists, Conflict, NotFound where Version is not that
// of the slot's policy; Exhausted, code "shelf.slots", for more than [MaxSlots].
func (s *Service) SavePolicy(ctx context.Context, scope ref.Scope, in PolicyInput) (Policy, error) {
	if err := staff(scope); err != nil {
		return Policy{}, err
	}
	p := Policy{Slot: in.Slot, Mode: in.Mode, Arms: slices.Clone(in.Arms), Version: in.Version, UpdatedAt: s.cfg.Clock.Now()}
	if err := p.validate(s.names); err != nil {
		return Policy{}, err
	}
	write := s.cfg.Policies.Update
	if in.Version == 0 {
		all, err := s.cfg.Policies.All(ctx)
		if err != nil {
			return Policy{}, err
		}
		if len(all) >= MaxSlots {
			return Policy{}, fault.New(fault.Exhausted, "shelf.slots", "there are policies for too many slots").With("max", MaxSlots)
		}
		write = s.cfg.Policies.Insert
	}
	if err := write(ctx, &p); err != nil {
		return Policy{}, err
	}
	if err := s.Refresh(ctx); err != nil {
		s.cfg.Log.WarnContext(ctx, "shelf: policies cannot be read", "error", err)
	}
	return p, nil
}

// Odds returns, for every slot that has a policy, with which probability each
// strategy serves a visitor now. Staff only. Kinds: PermissionDenied.
func (s *Service) Odds(ctx context.Context, scope ref.Scope) (map[string]map[string]float64, error) {
	if err := staff(scope); err != nil {
		return nil, err
	}
	all := map[string]map[string]float64{}
	for slot, p := range s.current(ctx).bySlot {
		odds, total := map[string]float64{}, 0
		for _, a := range p.arms {
			total += a.Weight
		}
		for _, a := range p.arms {
			switch {
			case p.mode == Fixed || p.mode == Interleave:
				odds[a.Name] = 1
			case total > 0:
				odds[a.Name] = float64(a.Weight) / float64(total)
			}
		}
		all[slot] = odds
	}
	return all, nil
}

// ReportQuery selects what is reported: the days from From to Until, both
// inside, of one slot or of all.
type ReportQuery struct {
	From, Until time.Time
	Slot        string
}

// maxDays bounds a report.
const maxDays = 400

// Line is what became of the shelves of a strategy that were on a screen.
type Line struct {
	Slot     string
	Strategy string
	// Day and Segment are set where the lines are by them.
	Day     string
	Segment recommend.Segment

	Requests int64
	// Of the requests: how many led to anything, to a click, into a cart, to a
	// paid order.
	HitRate, ClickRate, CartRate, Conversion float64
	// Revenue of a thousand requests, one amount for each currency.
	Revenue []money.Money
	// Coverage is the share of the catalogue that was shown, Novelty how rare
	// what was shown is, in bits: 0 where everybody sees the same. Both are
	// set in [Report.Strategies] and [Report.Segments], and of days that are
	// past Config.Keep there is neither.
	Coverage, Novelty float64
}

// Report is how strategies did.
type Report struct {
	Strategies []Line // by slot and strategy
	Segments   []Line // by slot, strategy and segment
	Days       []Line // by day, slot and strategy
}

// Report returns how the strategies did in a number of days. Staff only. Kinds:
// PermissionDenied; Invalid for more than 400 days.
func (s *Service) Report(ctx context.Context, scope ref.Scope, q ReportQuery) (Report, error) {
	if err := staff(scope); err != nil {
		return Report{}, err
	}
	if q.From.After(q.Until) || q.Until.Sub(q.From) > maxDays*day {
		var v fault.Violations
		v.Add("from", "out_of_range", fault.Params{"days": maxDays})
		return Report{}, v.Err("shelf.report", "these days cannot be reported")
	}
	sq := StatQuery{From: s.dayOf(q.From), Until: s.dayOf(q.Until), Slot: q.Slot}
	stats, err := s.cfg.Stats.List(ctx, sq)
	if err != nil {
		return Report{}, err
	}
	reach, err := s.cfg.Stats.Reach(ctx, sq)
	if err != nil {
		return Report{}, err
	}
	within := ReachQuery{From: s.midnight(q.From, 0), Before: s.midnight(q.Until, 1), Slot: q.Slot}
	segments, err := s.cfg.Impressions.Reach(ctx, within)
	if err != nil {
		return Report{}, err
	}
	r := Report{
		Strategies: lines(stats, func(x *Stat) { x.Day, x.Segment = "", "" }),
		Segments:   lines(stats, func(x *Stat) { x.Day = "" }),
		Days:       lines(stats, func(x *Stat) { x.Segment = "" }),
	}
	shown := int64(0)
	for _, x := range reach {
		shown = max(shown, x.Products)
	}
	if s.cfg.Catalog != nil {
		shown = max(shown, int64(s.cfg.Catalog()))
	}
	cover(r.Strategies, reach, shown)
	cover(r.Segments, segments, shown)
	return r, nil
}

// midnight is when the day of a time begins, or one that is later by days.
func (s *Service) midnight(t time.Time, days int) time.Time {
	y, m, d := t.In(s.cfg.Location).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, s.cfg.Location)
}

// cover sets the coverage and the novelty of lines: shown is how many products
// there are.
func cover(lines []Line, reach []Reach, shown int64) {
	type key struct {
		slot, strategy string
		segment        recommend.Segment
	}
	by := map[key]Reach{}
	for _, x := range reach {
		by[key{x.Slot, x.Strategy, x.Segment}] = x
	}
	for n := range lines {
		l := &lines[n]
		if x := by[key{l.Slot, l.Strategy, l.Segment}]; x.Shown > 0 {
			l.Coverage, l.Novelty = float64(x.Products)/float64(max(1, shown, x.Products)), x.Bits/float64(x.Shown)
		}
	}
}

// lines sums up stats after what they shall not be told apart by is blotted
// out.
func lines(stats []Stat, blot func(*Stat)) []Line {
	sums := map[Stat]*Stat{}
	revenue := map[Stat][]money.Money{}
	for _, x := range stats {
		blot(&x)
		key := Stat{Day: x.Day, Slot: x.Slot, Strategy: x.Strategy, Segment: x.Segment}
		if sums[key] == nil {
			own := key
			sums[key] = &own
		}
		if x.Currency == "" {
			sums[key].Add(x)
			continue
		}
		i := slices.IndexFunc(revenue[key], func(m money.Money) bool { return m.Currency() == x.Currency })
		if i < 0 {
			i = len(revenue[key])
			revenue[key] = append(revenue[key], money.Zero(x.Currency))
		}
		revenue[key][i] = money.New(revenue[key][i].Minor()+x.Revenue, x.Currency)
	}
	var out []Line
	for key, x := range sums {
		n := float64(max(1, x.Requests))
		l := Line{
			Slot: x.Slot, Strategy: x.Strategy, Day: x.Day, Segment: x.Segment, Requests: x.Requests,
			HitRate: float64(x.Hits) / n, ClickRate: float64(x.Clicks) / n, CartRate: float64(x.Carts) / n, Conversion: float64(x.Orders) / n,
		}
		for _, sum := range revenue[key] {
			if per, err := sum.MulDiv(1000, max(1, x.Requests), money.HalfUp); err == nil {
				l.Revenue = append(l.Revenue, per)
			}
		}
		slices.SortFunc(l.Revenue, func(a, b money.Money) int { return cmp.Compare(a.Currency(), b.Currency()) })
		out = append(out, l)
	}
	slices.SortFunc(out, byStrategy)
	return out
}
