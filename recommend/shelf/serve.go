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
	// one. Fallback says that it had no answer and that By, another one, gave
	// the items: what comes of them is By's, and that it had none counts
	// against what was chosen.
	Strategy string
	Fallback bool
	By       string
	// Empty says why there is no item: what the recommender said, such as
	// recommend.NoProducts, recommend.NoMatch or recommend.Filtered, or
	// [Invalid] or [Unavailable].
	Empty string
}

// Why a shelf is empty, beside what recommenders say.
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

// said is what a strategy answered.
type said struct {
	recommend.Answer
	by string
	// failed says that it has no answer, be it empty: an error, a defect, or
	// nothing in time.
	failed bool
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
	// The same number stands for a visitor for good in a split, and all day
	// long for a bandit, whose shares move under it.
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
	got := s.once(ctx, r, c.strategy)
	if len(got.Items) == 0 {
		return s.standIn(ctx, r, id, Answer{Strategy: c.strategy}, c.propensity, got)
	}
	s.shown(r, s.impression(r, id, c.propensity, got, nil))
	return Answer{Request: id, Items: got.Items, Strategy: c.strategy}
}

// interleave lets two strategies fill the shelf in turn.
func (s *Service) interleave(ctx context.Context, r Request, id string, c choice) Answer {
	a := Answer{Request: id, Strategy: c.strategy + "+" + c.second}
	var got [2]said
	var lists [2][]ref.ProductID
	items := map[ref.ProductID]recommend.Item{}
	for i, name := range [2]string{c.strategy, c.second} {
		got[i] = s.once(ctx, r, name)
		for _, x := range got[i].Items {
			lists[i] = append(lists[i], x.Product)
			if _, known := items[x.Product]; !known {
				items[x.Product] = x
			}
		}
	}
	mixed := experiment.Interleave(id, lists[0], lists[1], cmp.Or(r.Query.Limit, recommend.DefaultLimit))
	if len(mixed) == 0 { // neither knows anything
		return s.standIn(ctx, r, id, Answer{Strategy: a.Strategy}, c.propensity, got[:]...)
	}
	var picks [2][]recommend.Item
	var places [2][]int
	for place, m := range mixed {
		a.Items = append(a.Items, items[m.Product])
		picks[m.Team], places[m.Team] = append(picks[m.Team], items[m.Product]), append(places[m.Team], place)
	}
	for team := range got {
		switch {
		case len(got[team].Items) == 0:
			s.inVain(ctx, r, id, c.propensity, got[team])
		case len(picks[team]) > 0:
			got[team].Items = picks[team]
			s.shown(r, s.impression(r, id, c.propensity, got[team], places[team]))
		}
	}
	return a
}

// standIn asks those that always have an answer, where those that were chosen
// have none.
func (s *Service) standIn(ctx context.Context, r Request, id string, a Answer, propensity float64, chosen ...said) Answer {
	var asked []string
	a.Fallback = true
	for _, got := range chosen {
		asked = append(asked, got.by)
		a.Empty = cmp.Or(a.Empty, got.Empty)
		s.inVain(ctx, r, id, propensity, got)
	}
	for _, name := range []string{string(r.Query.Shelf), string(recommend.Hot), string(recommend.Newest)} {
		if slices.Contains(asked, name) {
			continue
		}
		asked = append(asked, name)
		got := s.once(ctx, r, name)
		a.Empty = cmp.Or(a.Empty, got.Empty)
		if len(got.Items) > 0 {
			s.shown(r, s.impression(r, id, 0, got, nil))
			a.Request, a.Items, a.By, a.Empty = id, got.Items, name, ""
			return a
		}
	}
	a.Empty = cmp.Or(a.Empty, Unavailable)
	return a
}

// inVain notes that a strategy was chosen and had no item: a request of its own
// that nothing can come of. It counts once what stands in for it is on a
// screen; where the strategy failed a visitor it counts at once, since a page
// may rather show nothing. A page that gave up is no failure of anybody.
func (s *Service) inVain(ctx context.Context, r Request, id string, propensity float64, got said) {
	if ctx.Err() != nil {
		return
	}
	v := r.Query.Visitor
	r.Seen = r.Seen || got.failed && (v.Member != "" || v.Session != "") // a robot is nobody
	s.shown(r, s.impression(r, id, propensity, got, nil))
}

// once asks one strategy.
func (s *Service) once(ctx context.Context, r Request, name string) said {
	x, q := s.strategies[name], r.Query
	q.Shelf = cmp.Or(x.Shelf, q.Shelf)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()
	got, err := recommended(ctx, x.Recommender, q)
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "shelf: a strategy has no answer", "slot", r.Slot, "strategy", name, "error", err)
		return said{by: name, failed: true}
	}
	return said{Answer: got, by: name}
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

// impression is that of a strategy's items, which fill the shelf from the top
// where no places are given.
func (s *Service) impression(r Request, id string, propensity float64, got said, places []int) Impression {
	v := r.Query.Visitor
	i := Impression{
		Request: id, Strategy: got.by, Slot: r.Slot, Member: v.Member, Session: v.Session,
		Model: int64(min(got.Version, math.MaxInt64)), Propensity: propensity, Places: places, At: s.cfg.Clock.Now(),
	}
	if len(v.Segments) > 0 {
		i.Segment = v.Segments[0]
	}
	for n, x := range got.Items {
		i.Products = append(i.Products, x.Product)
		if len(i.Places) < len(i.Products) {
			i.Places = append(i.Places, n)
		}
	}
	return i
}
