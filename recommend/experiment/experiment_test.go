package experiment_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend/experiment"
)

func ExampleInterleave() {
	a := []ref.ProductID{"tea", "pot", "cup"}
	b := []ref.ProductID{"pot", "saw", "cup"}
	list := experiment.Interleave("request-1", a, b, 4)
	fmt.Println(len(list), experiment.Credit(list, nil))
	// Output: 4 -1
}

func TestAssignIsStableAndFair(t *testing.T) {
	t.Parallel()
	arms := []experiment.Arm{{"a", 3}, {"b", 1}, {"off", 0}, {"wrong", -5}}
	count := map[string]int{}
	same := 0
	for n := range 10_000 {
		visitor := fmt.Sprintf("visitor-%d", n)
		arm := experiment.Assign("x", visitor, arms)
		require.Equal(t, arm, experiment.Assign("x", visitor, arms))
		count[arm]++
		if arm == experiment.Assign("y", visitor, arms) {
			same++
		}
	}
	require.InDelta(t, 7500, count["a"], 200)
	require.Equal(t, 10_000, count["a"]+count["b"])
	require.InDelta(t, 6250, same, 250, "two experiments mix independently")
	require.Empty(t, experiment.Assign("x", "v", nil))
}

func TestInterleaveDraftsFairly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []ref.ProductID{"a", "b", "c", "d", "e", "f"}
		x := rapid.Permutation(names).Draw(t, "x")[:rapid.IntRange(0, 6).Draw(t, "nx")]
		y := rapid.Permutation(names).Draw(t, "y")[:rapid.IntRange(0, 6).Draw(t, "ny")]
		n := rapid.IntRange(0, 8).Draw(t, "n")
		list := experiment.Interleave(rapid.String().Draw(t, "request"), x, y, n)
		union := map[ref.ProductID]bool{}
		for _, p := range append(append([]ref.ProductID(nil), x...), y...) {
			union[p] = true
		}
		require.Len(t, list, min(n, len(union)))
		seen := map[ref.ProductID]bool{}
		for _, m := range list {
			require.False(t, seen[m.Product])
			seen[m.Product] = true
			require.Contains(t, [][]ref.ProductID{x, y}[m.Team], m.Product)
		}
	})
}

func TestInterleavingFindsTheBetterRanking(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(1, 1))
	good := []ref.ProductID{"a", "b", "c", "d", "e", "f"}
	bad := []ref.ProductID{"f", "e", "d", "c", "b", "a"}
	wins := [3]int{}
	for n := range 1000 {
		list := experiment.Interleave(fmt.Sprint(n), bad, good, 4)
		var clicked []ref.ProductID
		for _, m := range list {
			if draw.Float64() < map[ref.ProductID]float64{"a": .3, "b": .2, "c": .1}[m.Product]+.02 {
				clicked = append(clicked, m.Product)
			}
		}
		wins[experiment.Credit(list, clicked)+1]++
	}
	require.Greater(t, wins[2], 2*wins[1])
}

// simulate serves requests whose arms are hit with known probabilities, and
// returns the shares of the last tenth.
func simulate(t *testing.T, b *experiment.Bandit, draw *rand.Rand, requests int, rate map[string]float64) (map[string]float64, []experiment.Logged) {
	t.Helper()
	share := map[string]float64{}
	var logged []experiment.Logged
	for n := range requests {
		c := b.Choose()
		hit := draw.Float64() < rate[c.Arm]
		require.NoError(t, b.Learn(c.Arm, hit))
		l := experiment.Logged{Choice: c}
		if hit {
			l.Reward = 1
		}
		logged = append(logged, l)
		if n >= requests-requests/10 {
			share[c.Arm] += 10 / float64(requests)
		}
	}
	return share, logged
}

func TestTheBetterArmGetsTheTraffic(t *testing.T) {
	t.Parallel()
	seeds := uint64(20)
	if testing.Short() { // nothing happens side by side here
		seeds = 1
	}
	for seed := range seeds {
		b, err := experiment.NewBandit(experiment.BanditConfig{Arms: []string{"dead", "popular", "personal"}, Seed: seed})
		require.NoError(t, err)
		draw := rand.New(rand.NewPCG(seed, 7))
		rate := map[string]float64{"popular": .04, "personal": .08}
		share, logged := simulate(t, b, draw, 5000, rate)
		require.Greater(t, share["personal"], .8, "seed %d: %v", seed, share)
		odds := b.Odds()
		require.GreaterOrEqual(t, odds[0], .05, "a dead arm keeps its floor")
		require.InDelta(t, 1, odds[0]+odds[1]+odds[2], 1e-9)
		require.InDelta(t, .05, share["dead"], .03)

		ips, snips := experiment.OffPolicy(logged, map[string]float64{"popular": 1})
		require.InDelta(t, .04, ips, .03, "what always popular would have reached")
		require.InDelta(t, .04, snips, .03)

		// The world turns: the bandit follows.
		share, _ = simulate(t, b, draw, 30_000, map[string]float64{"popular": .15, "personal": .02})
		require.Greater(t, share["popular"], .8, "seed %d: %v", seed, share)
	}
}

func TestBadBandits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]experiment.BanditConfig{
		"no arms":   {},
		"twice":     {Arms: []string{"a", "a"}},
		"nameless":  {Arms: []string{""}},
		"floor":     {Arms: []string{"a", "b"}, Floor: .6},
		"below":     {Arms: []string{"a"}, Floor: -1},
		"forgetful": {Arms: []string{"a"}, Memory: -1},
	} {
		_, err := experiment.NewBandit(c)
		require.ErrorIs(t, err, fault.Invalid, name)
	}
	b, err := experiment.NewBandit(experiment.BanditConfig{Arms: []string{"only"}})
	require.NoError(t, err)
	require.Equal(t, experiment.Choice{Arm: "only", Propensity: 1}, b.Choose())
	require.ErrorIs(t, b.Learn("other", true), fault.NotFound)
	ips, snips := experiment.OffPolicy([]experiment.Logged{{}}, nil)
	require.Zero(t, ips+snips)
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestFeedbackJoinsWithinItsWindow(t *testing.T) {
	t.Parallel()
	f := experiment.NewFeedback(experiment.FeedbackConfig{Window: time.Hour, Catalog: 10})
	show := func(request, visitor, strategy string, at time.Time, items ...ref.ProductID) {
		require.NoError(t, f.Shown(experiment.Impression{
			Request: request, Visitor: visitor, Strategy: strategy, Slot: "home", Segment: "new", Items: items, At: at,
		}))
	}
	happened := func(visitor string, p ref.ProductID, kind experiment.Kind, revenue int64, at time.Time) bool {
		return f.Happened(experiment.Outcome{Visitor: visitor, Product: p, Kind: kind, Revenue: revenue, At: at})
	}
	show("1", "ann", "knn", start, "tea", "pot")
	show("1", "ann", "other", start, "saw") // the request is known
	show("2", "bo", "knn", start, "tea", "cup")
	show("3", "cy", "knn", start, "tea")
	show("4", "di", "hot", start, "tea")
	f.Seen("2")
	f.Seen("4")
	f.Seen("unknown")

	require.True(t, happened("ann", "tea", experiment.Click, 0, start.Add(time.Minute)))
	require.True(t, happened("ann", "tea", experiment.Cart, 0, start.Add(2*time.Minute)))
	require.True(t, happened("ann", "tea", experiment.Order, 1500, start.Add(3*time.Minute)))
	require.False(t, happened("ann", "saw", experiment.Click, 0, start.Add(time.Minute)), "was not shown")
	require.False(t, happened("di", "tea", experiment.Click, 0, start.Add(2*time.Hour)), "too late")
	require.False(t, happened("di", "tea", experiment.Click, 0, start.Add(-time.Hour)), "too early")

	require.Empty(t, f.Close(start.Add(time.Hour)))
	require.Equal(t, []experiment.Result{
		{"1", "knn", "new", true}, {"2", "knn", "new", false}, {"4", "hot", "new", false},
	}, f.Close(start.Add(61*time.Minute)), "3 was never on a screen")
	require.Empty(t, f.Close(start.Add(61*time.Minute)), "each is closed once")

	report := f.Report()
	require.Len(t, report, 2)
	knn := report[1]
	require.InDelta(t, .3, knn.Coverage, 1e-9)
	require.Positive(t, knn.Novelty)
	knn.Coverage, knn.Novelty = 0, 0
	require.Equal(t, experiment.Line{
		Strategy: "knn", Segment: "new", Slot: "home", Requests: 2, HitRate: .5, ClickRate: .5, CartRate: .5, Conversion: .5,
		RevenuePerThousand: 750_000,
	}, knn)
	require.Zero(t, report[0].HitRate)
}

func TestFeedbackIsBounded(t *testing.T) {
	t.Parallel()
	f := experiment.NewFeedback(experiment.FeedbackConfig{Open: 2})
	for _, request := range []string{"1", "2", "3"} {
		require.NoError(t, f.Shown(experiment.Impression{Request: request, Visitor: "v" + request, Strategy: "s", Items: []ref.ProductID{"tea"}, At: start}))
		f.Seen(request)
	}
	require.Equal(t, 1, f.Report()[0].Requests, "the oldest was closed early")
	require.False(t, f.Happened(experiment.Outcome{Visitor: "v1", Product: "tea", Kind: experiment.Click, At: start}))
	require.ErrorIs(t, f.Shown(experiment.Impression{}), fault.Invalid)
}
