package shelf_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

func TestAPageGetsAnAnswerWhateverHappens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.Shelf(t.Context(), ask("home", session(1)))
	require.Equal(t, []ref.ProductID{"tea", "pot", "cup"}, products(a))
	require.Equal(t, "for_you", a.Strategy)
	require.NotEmpty(t, a.Request)
	require.False(t, a.Fallback)

	b.picks.lists[recommend.ForYou] = nil
	a = b.Shelf(t.Context(), ask("home", session(1)))
	require.Equal(t, []ref.ProductID{"saw", "tea"}, products(a))
	require.Equal(t, "for_you", a.Strategy)
	require.True(t, a.Fallback)
	require.Equal(t, "hot", a.By)

	b.picks.lists = nil
	a = b.Shelf(t.Context(), ask("home", session(1)))
	require.Equal(t, shelf.Answer{Strategy: "for_you", Empty: recommend.NoProducts, Fallback: true}, a)

	b.picks.err = errors.New("no answer")
	require.Equal(t, shelf.Unavailable, b.Shelf(t.Context(), ask("home", session(1))).Empty)

	b.picks.bad = true
	require.Equal(t, shelf.Unavailable, b.Shelf(t.Context(), ask("home", session(1))).Empty)

	for _, r := range []shelf.Request{
		ask("", session(1)), ask("home", recommend.Visitor{Member: "\x00"}),
		{Slot: "home", Query: recommend.Query{Shelf: "unknown"}},
		{Slot: "home", Query: recommend.Query{Shelf: recommend.Similar}},
	} {
		require.Equal(t, shelf.Answer{Empty: shelf.Invalid}, b.Shelf(t.Context(), r))
	}
}

func TestASlowStrategyIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow := &fixed{slow: true}
	b.cfg.Strategies, b.cfg.Patience = []shelf.Strategy{{Name: "remote", Recommender: slow}}, time.Millisecond
	b.Service = b.node()
	b.policy("home", shelf.Fixed, "remote")
	a := b.Shelf(t.Context(), ask("home", session(1)))
	require.Equal(t, []ref.ProductID{"tea", "pot", "cup"}, products(a))
	require.True(t, a.Fallback)
	require.Equal(t, "remote", a.Strategy)
}

func TestAnUnreachableStoreFailsNoPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Policies = broken{}
	b.Service = b.node()
	require.Len(t, b.Shelf(t.Context(), ask("home", session(1))).Items, 3)
	require.ErrorIs(t, b.Refresh(t.Context()), fault.Unavailable)
}

func TestVisitorsKeepTheirStrategy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.SavePolicy(t.Context(), ref.Staff("ann"), shelf.PolicyInput{
		Slot: "home", Mode: shelf.Split, Arms: []shelf.Arm{{Name: "for_you", Weight: 3}, {Name: "hot", Weight: 1}},
	})
	require.NoError(t, err)
	other, count := b.node(), map[string]int{}
	for n := range 1000 {
		a := b.Shelf(t.Context(), ask("home", session(n)))
		count[a.Strategy]++
		require.Equal(t, a.Strategy, other.Shelf(t.Context(), ask("home", session(n))).Strategy, "on every node")
	}
	require.InDelta(t, 750, count["for_you"], 60)
	require.Equal(t, 1000, count["for_you"]+count["hot"])
	odds, err := b.Odds(t.Context(), ref.Staff("ann"))
	require.NoError(t, err)
	require.Equal(t, map[string]map[string]float64{"home": {"for_you": .75, "hot": .25}}, odds)
}

// What comes of a shelf is credited to whoever filled it. That a strategy had
// nothing counts against it, and that it failed counts even where the page shows
// nothing instead.
func TestAFallbackEarnsWhatItBrings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Strategies = []shelf.Strategy{{Name: "broken", Recommender: &fixed{err: errors.New("no answer")}}, {Name: "silent", Recommender: &fixed{}}}
	b.Service = b.node()
	lines := func(slot string) map[string]shelf.Line {
		b.flush()
		all := map[string]shelf.Line{}
		for _, l := range b.report(shelf.ReportQuery{Slot: slot}).Strategies {
			all[l.Strategy] = l
		}
		return all
	}
	b.policy("silent", shelf.Fixed, "silent")
	a := b.Shelf(t.Context(), ask("silent", session(1)))
	require.Equal(t, "for_you", a.By)
	require.Empty(t, lines("silent"), "nobody saw it")
	require.NoError(t, b.Click(session(1), a.Request, "tea"))
	all := lines("silent")
	require.EqualValues(t, 1, all["silent"].Requests, "whoever follows a product has seen the shelf")
	require.Zero(t, all["silent"].HitRate)
	require.InDelta(t, 1, all["for_you"].ClickRate, 1e-9)

	b.policy("broken", shelf.Fixed, "broken")
	require.NotEmpty(t, b.Shelf(t.Context(), ask("broken", session(1))).Items)
	require.Equal(t, map[string]shelf.Line{"broken": {Slot: "broken", Strategy: "broken", Requests: 1}}, lines("broken"), "the page may show nothing")
	b.Shelf(t.Context(), ask("broken", recommend.Visitor{}))
	given, cancel := context.WithCancel(t.Context())
	cancel()
	b.Shelf(given, ask("broken", session(2)))
	require.EqualValues(t, 1, lines("broken")["broken"].Requests, "a robot is nobody, and who gives up is not failed")

	b.policy("mixed", shelf.Interleave, "broken", "hot")
	a = b.Shelf(t.Context(), ask("mixed", session(1)))
	require.NoError(t, b.Click(session(1), a.Request, "saw"))
	all = lines("mixed")
	require.EqualValues(t, 1, all["broken"].Requests)
	require.InDelta(t, 1, all["hot"].ClickRate, 1e-9)
}

// A strategy that always fails is starved, however well its visitors do with
// what stands in for it.
func TestAStrategyThatFailsIsStarved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Strategies = []shelf.Strategy{{Name: "broken", Recommender: &fixed{err: errors.New("no answer")}}}
	b.Service = b.node()
	b.policy("home", shelf.Bandit, "broken", "hot")
	for n := range 600 {
		r := ask("home", session(n))
		r.Seen = true
		a := b.Shelf(t.Context(), r)
		if n%10 == 0 {
			require.NoError(t, b.Click(session(n), a.Request, a.Items[0].Product))
		}
		if n%100 == 99 {
			b.flush()
			require.NoError(t, b.Refresh(t.Context()))
		}
	}
	odds, err := b.Odds(t.Context(), ref.Staff("ann"))
	require.NoError(t, err)
	require.Less(t, odds["home"]["broken"], .06)
}

// Of two strategies the one that is hit more gets the visitors, whichever node
// they come to; the other keeps its floor.
func TestTheBetterStrategyGetsTheVisitors(t *testing.T) {
	t.Parallel()
	for _, backend := range backendtest.All() {
		t.Run(backend.Name, func(t *testing.T) {
			t.Parallel()
			b := over(t, backend.Open(t))
			b.policy("home", shelf.Bandit, "hot", "for_you", "newest")
			nodes := []*shelf.Service{b.Service, b.node()}
			draw := rand.New(rand.NewPCG(3, 1))
			rate := map[string]float64{"hot": .04, "for_you": .09, "newest": 0}
			late := map[string]int{}
			for n := range 5000 {
				node, v := nodes[n%2], session(n)
				r := ask("home", v)
				r.Seen = true
				a := node.Shelf(t.Context(), r)
				if n >= 4500 {
					late[a.Strategy]++
				}
				if draw.Float64() < rate[a.Strategy] {
					require.NoError(t, nodes[(n/2)%2].Click(v, a.Request, a.Items[0].Product)) // the next page may come from elsewhere
				}
				if n%100 == 99 {
					b.clock.Advance(time.Second)
					for _, s := range nodes {
						require.NoError(t, s.Flush(t.Context()))
					}
					for _, s := range nodes {
						require.NoError(t, s.Refresh(t.Context()))
					}
				}
			}
			require.Greater(t, late["for_you"], 400, "%v of 500", late)
			require.InDelta(t, 25, late["newest"], 18, "a dead strategy goes on being tried")
			odds, err := nodes[1].Odds(t.Context(), ref.Staff("ann"))
			require.NoError(t, err)
			require.GreaterOrEqual(t, odds["home"]["newest"], .0499)
			again, err := b.Odds(t.Context(), ref.Staff("ann"))
			require.NoError(t, err)
			require.Equal(t, odds, again, "every node decides alike")

			lines := b.report(shelf.ReportQuery{Slot: "home"}).Strategies
			require.Len(t, lines, 3)
			total := int64(0)
			for _, l := range lines {
				total += l.Requests
				require.InDelta(t, rate[l.Strategy], l.HitRate, .03, l.Strategy)
			}
			require.EqualValues(t, 5000, total, "every shelf that was seen is counted once")
		})
	}
}

func TestInterleavedShelvesCreditTheirStrategies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.policy("home", shelf.Interleave, "for_you", "hot")
	for n := range 200 {
		v := session(n)
		a := b.Shelf(t.Context(), ask("home", v))
		require.Equal(t, "for_you+hot", a.Strategy)
		require.ElementsMatch(t, []ref.ProductID{"tea", "pot", "cup", "saw"}, products(a))
		require.NoError(t, b.Seen(v, a.Request))
		if n%4 == 0 {
			require.NoError(t, b.Click(v, a.Request, "saw"))
		}
	}
	b.flush()
	lines := b.report(shelf.ReportQuery{}).Strategies
	require.Len(t, lines, 2)
	require.EqualValues(t, 200, lines[0].Requests)
	require.Zero(t, lines[0].HitRate)
	require.InDelta(t, .25, lines[1].HitRate, 1e-9)

	b.picks.lists[recommend.Hot] = nil
	require.Equal(t, []ref.ProductID{"tea", "pot", "cup"}, products(b.Shelf(t.Context(), ask("home", session(1)))))
	b.picks.lists = nil
	require.Equal(t, recommend.NoProducts, b.Shelf(t.Context(), ask("home", session(1))).Empty)
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.SavePolicy(t.Context(), ref.Member("ann"), shelf.PolicyInput{Slot: "home", Mode: shelf.Fixed, Arms: []shelf.Arm{{Name: "hot"}}})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = b.Policies(t.Context(), ref.Guest("x"))
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = b.Odds(t.Context(), ref.Merchant("x"))
	require.ErrorIs(t, err, fault.PermissionDenied)
	for name, in := range map[string]shelf.PolicyInput{
		"no slot":        {Mode: shelf.Fixed, Arms: []shelf.Arm{{Name: "hot"}}},
		"no mode":        {Slot: "home", Arms: []shelf.Arm{{Name: "hot"}}},
		"no arms":        {Slot: "home", Mode: shelf.Fixed},
		"one to split":   {Slot: "home", Mode: shelf.Split, Arms: []shelf.Arm{{Name: "hot", Weight: 1}}},
		"no weight":      {Slot: "home", Mode: shelf.Split, Arms: []shelf.Arm{{Name: "hot"}, {Name: "newest"}}},
		"negative":       {Slot: "home", Mode: shelf.Split, Arms: []shelf.Arm{{Name: "hot", Weight: -1}, {Name: "newest", Weight: 2}}},
		"three in one":   {Slot: "home", Mode: shelf.Interleave, Arms: []shelf.Arm{{Name: "hot"}, {Name: "newest"}, {Name: "trending"}}},
		"twice":          {Slot: "home", Mode: shelf.Bandit, Arms: []shelf.Arm{{Name: "hot"}, {Name: "hot"}}},
		"an unknown arm": {Slot: "home", Mode: shelf.Fixed, Arms: []shelf.Arm{{Name: "magic"}}},
	} {
		_, err := b.SavePolicy(t.Context(), ref.Staff("ann"), in)
		require.ErrorIs(t, err, fault.Invalid, name)
	}
	first := b.policy("home", shelf.Fixed, "hot")
	require.Equal(t, "hot", b.Shelf(t.Context(), ask("home", session(1))).Strategy, "at once on this node")
	_, err = b.SavePolicy(t.Context(), ref.Staff("ann"), shelf.PolicyInput{Slot: "home", Mode: shelf.Fixed, Arms: first.Arms})
	require.ErrorIs(t, err, fault.AlreadyExists)
	next, err := b.SavePolicy(t.Context(), ref.Staff("ann"), shelf.PolicyInput{
		Slot: "home", Mode: shelf.Fixed, Arms: []shelf.Arm{{Name: "newest"}}, Version: first.Version,
	})
	require.NoError(t, err)
	_, err = b.SavePolicy(t.Context(), ref.Staff("ann"), shelf.PolicyInput{Slot: "home", Mode: shelf.Fixed, Arms: first.Arms, Version: 1})
	require.ErrorIs(t, err, fault.Conflict)
	all, err := b.Policies(t.Context(), ref.Staff("ann"))
	require.NoError(t, err)
	require.Equal(t, []shelf.Policy{next}, all)

	other := b.node()
	require.Equal(t, "newest", other.Shelf(t.Context(), ask("home", session(1))).Strategy)
	_, err = b.SavePolicy(t.Context(), ref.Staff("ann"), shelf.PolicyInput{Slot: "home", Mode: shelf.Fixed, Arms: first.Arms, Version: 2})
	require.NoError(t, err)
	b.clock.Advance(6 * time.Second)
	require.Equal(t, "hot", other.Shelf(t.Context(), ask("home", session(1))).Strategy, "soon on others, even where nobody refreshes")

	require.Contains(t, b.Strategies(), "hot")
	for n := range shelf.MaxSlots - 1 {
		b.policy(fmt.Sprint("slot ", n), shelf.Fixed, "hot")
	}
	_, err = b.SavePolicy(t.Context(), ref.Staff("ann"), shelf.PolicyInput{Slot: "more", Mode: shelf.Fixed, Arms: first.Arms})
	require.ErrorIs(t, err, fault.Exhausted)
}

// telling is a recommender that says what answers.
type telling struct{ *fixed }

func (telling) Status() recommend.Status { return recommend.Status{Model: "mine", Waiting: 3} }

func TestModels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Models(t.Context(), ref.Member("ann"))
	require.ErrorIs(t, err, fault.PermissionDenied)
	models, err := b.Models(t.Context(), ref.Staff("noor"))
	require.NoError(t, err)
	require.Empty(t, models, "it does not tell")

	own := telling{b.picks}
	cfg := b.cfg
	cfg.Strategies = []shelf.Strategy{{Name: "mine", Recommender: own}, {Name: "mine too", Recommender: own, Shelf: recommend.Hot}}
	s, err := shelf.NewService(cfg)
	require.NoError(t, err)
	models, err = s.Models(t.Context(), ref.Staff("noor"))
	require.NoError(t, err)
	require.Equal(t, []shelf.Model{{Strategies: []string{"mine", "mine too"}, Status: own.Status()}}, models)
}

func TestAServiceSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	_, err := shelf.NewService(shelf.Config{
		Floor: 2, Window: -1, Strategies: []shelf.Strategy{{Name: "hot"}, {Name: "x", Shelf: "magic"}},
	})
	for _, field := range []string{
		"Recommender", "Signals", "Impressions", "Stats", "Policies", "Units", "Floor", "bound", "Strategies[0].Name", "Strategies[1].Shelf",
	} {
		require.ErrorContains(t, err, field)
	}
}
