package shelf

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/experiment"
)

// Request asks for a shelf.
type Request struct {
	// Slot is where it stands, such as "home": policies and reports are by it.
	Slot string
	// Query says for whom and for which products. Its Shelf, by default
	// recommend.ForYou, is what serves a slot without a policy.
	Query recommend.Query
	// Seen says that the shelf is on the screen as soon as the page is; else
	// [Service.Seen] has to be called for it to count.
	Seen bool
}

// Answer is a shelf, or why there is none.
type Answer struct {
	// Request names it to [Service.Seen] and [Service.Click].
	Request string
	Items   []recommend.Item
	// Strategy was chosen for it: two, with a plus between, for an interleaved
	// one. Fallback says that it had no answer and another one was asked.
	Strategy string
	Fallback bool
	// Empty says why there is no item: recommend.NoProducts,
	// recommend.Filtered, [Invalid] or [Unavailable].
	Empty string
}

// Why a shelf is empty, beside recommend.NoProducts and recommend.Filtered.
const (
	Invalid     = "invalid"     // the request is; the log says how
	Unavailable = "unavailable" // no strategy answered
)

// Shelf returns the items of a shelf and notes that they were shown. It never
// fails: what goes wrong is logged, and another strategy is asked.
func (s *Service) Shelf(ctx context.Context, r Request) Answer {
	r.Query.Shelf = cmp.Or(r.Query.Shelf, recommend.ForYou)
	err := r.Query.Validate()
	if err != nil || !validName(r.Slot) {
		s.cfg.Log.WarnContext(ctx, "shelf: a request is not valid", "slot", r.Slot, "error", err)
		return Answer{Empty: Invalid}
	}
	id := s.cfg.IDs.New()
	c := s.choose(ctx, r, id)
	if c.second == "" {
		return s.serve(ctx, r, id, c)
	}
	return s.interleave(ctx, r, id, c)
}

// choice is which strategies serve a request.
type choice struct {
	strategy   string
	second     string // of an interleaved shelf
	propensity float64
}

// choose asks the policy of the slot.
func (s *Service) choose(ctx context.Context, r Request, id string) choice {
	own := choice{strategy: string(r.Query.Shelf), propensity: 1}
	p, ok := s.current(ctx).bySlot[r.Slot]
	if !ok {
		return own
	}
	arms := slices.DeleteFunc(slices.Clone(p.arms), func(a Arm) bool {
		_, known := s.strategies[a.Name]
		return !known // one that is configured no more
	})
	switch {
	case len(arms) == 0:
		return own
	case len(arms) == 1:
		return choice{strategy: arms[0].Name, propensity: 1}
	case p.mode == Interleave:
		return choice{strategy: arms[0].Name, second: arms[1].Name, propensity: 1}
	}
	// A visitor is served alike all day long, by a bandit, and for good in a
	// split.
	who := cmp.Or(string(r.Query.Visitor.Member), r.Query.Visitor.Session, id)
	if p.mode == Bandit {
		who += " " + s.dayOf(s.cfg.Clock.Now())
	}
	name, total := experiment.Assign(r.Slot, who, arms), 0
	for _, a := range arms {
		total += a.Weight
	}
	for _, a := range arms {
		if a.Name == name && a.Weight > 0 {
			return choice{strategy: name, propensity: float64(a.Weight) / float64(total)}
		}
	}
	return own // nothing has weight
}

// serve lets one strategy fill the shelf.
func (s *Service) serve(ctx context.Context, r Request, id string, c choice) Answer {
	got, fallback := s.ask(ctx, r, s.strategies[c.strategy])
	a := Answer{Items: got.Items, Strategy: c.strategy, Fallback: fallback, Empty: got.Empty}
	if len(got.Items) == 0 {
		return a
	}
	a.Request = id
	places := make([]int, len(got.Items))
	for i := range places {
		places[i] = i
	}
	s.shown(r, s.impression(r, id, c.strategy, c.propensity, got, places))
	return a
}

// interleave lets two strategies fill the shelf in turn.
func (s *Service) interleave(ctx context.Context, r Request, id string, c choice) Answer {
	names := [2]string{c.strategy, c.second}
	var got [2]recommend.Answer
	var lists [2][]ref.ProductID
	items := map[ref.ProductID]recommend.Item{}
	for i, name := range names {
		got[i], _ = s.once(ctx, r, s.strategies[name])
		for _, x := range got[i].Items {
			lists[i] = append(lists[i], x.Product)
			if _, known := items[x.Product]; !known {
				items[x.Product] = x
			}
		}
	}
	mixed := experiment.Interleave(id, lists[0], lists[1], cmp.Or(r.Query.Limit, recommend.DefaultLimit))
	if len(mixed) == 0 { // neither knows anything
		c.second = ""
		return s.serve(ctx, r, id, c)
	}
	a := Answer{Request: id, Strategy: names[0] + "+" + names[1]}
	var picks [2][]recommend.Item
	var places [2][]int
	for place, m := range mixed {
		a.Items = append(a.Items, items[m.Product])
		picks[m.Team], places[m.Team] = append(picks[m.Team], items[m.Product]), append(places[m.Team], place)
	}
	for team := range picks {
		if len(picks[team]) > 0 {
			got[team].Items = picks[team]
			s.shown(r, s.impression(r, id, names[team], c.propensity, got[team], places[team]))
		}
	}
	return a
}

// ask asks a strategy, and where it has no answer those that always have one.
func (s *Service) ask(ctx context.Context, r Request, x Strategy) (got recommend.Answer, fallback bool) {
	var asked []string
	empty := ""
	for _, x := range []Strategy{
		x, s.strategies[string(r.Query.Shelf)], s.strategies[string(recommend.Hot)], s.strategies[string(recommend.Newest)],
	} {
		if slices.Contains(asked, x.Name) {
			continue
		}
		got, err := s.once(ctx, r, x)
		if err == nil && len(got.Items) > 0 {
			return got, len(asked) > 0
		}
		if err == nil {
			empty = cmp.Or(empty, got.Empty)
		}
		asked = append(asked, x.Name)
	}
	return recommend.Answer{Empty: cmp.Or(empty, Unavailable)}, true
}

// once asks one strategy.
func (s *Service) once(ctx context.Context, r Request, x Strategy) (recommend.Answer, error) {
	q := r.Query
	q.Shelf = cmp.Or(x.Shelf, q.Shelf)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()
	got, err := recommended(ctx, x.Recommender, q)
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "shelf: a strategy has no answer", "slot", r.Slot, "strategy", x.Name, "error", err)
	}
	return got, err
}

// recommended asks a recommender; a defect in it is an error like any other.
func recommended(ctx context.Context, r recommend.Recommender, q recommend.Query) (got recommend.Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			got, err = recommend.Answer{}, fault.New(fault.Internal, "shelf.panic", "a recommender panicked").
				With("panic", fmt.Sprint(p)).With("stack", string(debug.Stack()))
		}
	}()
	return r.Recommend(ctx, q)
}

func (s *Service) impression(r Request, id, strategy string, p float64, got recommend.Answer, places []int) Impression {
	v := r.Query.Visitor
	i := Impression{
		Request: id, Strategy: strategy, Slot: r.Slot, Member: v.Member, Session: v.Session,
		Model: int64(min(got.Version, math.MaxInt64)), Propensity: p, Places: places, At: s.cfg.Clock.Now(),
	}
	if len(v.Segments) > 0 {
		i.Segment = v.Segments[0]
	}
	for _, x := range got.Items {
		i.Products = append(i.Products, x.Product)
	}
	return i
}
