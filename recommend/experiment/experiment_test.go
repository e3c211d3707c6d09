package experiment_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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
// returns the shares of the last tenth. The odds are drawn anew every so many
// requests, and what is known fades.
func simulate(draw *rand.Rand, tallies []experiment.Tally, requests, every int, rates []float64) ([]float64, []experiment.Logged) {
	names := []string{"dead", "popular", "personal"}
	share := make([]float64, len(rates))
	var logged []experiment.Logged
	var arms []experiment.Arm
	for n := range requests {
		if n%every == 0 {
			arms = nil
			for i, p := range experiment.Odds(tallies, .05) {
				arms = append(arms, experiment.Arm{Name: names[i], Weight: int(math.Round(p * 1e6))})
			}
		}
		name := experiment.Assign("slot", fmt.Sprint("visitor ", n), arms)
		i := slices.Index(names, name)
		l := experiment.Logged{Choice: experiment.Choice{Arm: name, Propensity: float64(arms[i].Weight) / 1e6}}
		const keep = .9999
		tallies[i].Hits, tallies[i].Misses = tallies[i].Hits*keep, tallies[i].Misses*keep
		if draw.Float64() < rates[i] {
			l.Reward = 1
			tallies[i].Hits++
		} else {
			tallies[i].Misses++
		}
		logged = append(logged, l)
		if n >= requests-requests/10 {
			share[i] += 10 / float64(requests)
		}
	}
	return share, logged
}

func TestTheBetterArmGetsTheTraffic(t *testing.T) {
	t.Parallel()
	seeds := uint64(10)
	if testing.Short() { // nothing happens side by side here
		seeds = 1
	}
	for seed := range seeds {
		tallies := make([]experiment.Tally, 3)
		draw := rand.New(rand.NewPCG(seed, 7))
		share, logged := simulate(draw, tallies, 5000, 50, []float64{0, .04, .08})
		require.Greater(t, share[2], .8, "seed %d: %v", seed, share)
		odds := experiment.Odds(tallies, .05)
		require.Equal(t, odds, experiment.Odds(tallies, .05), "every node decides alike")
		require.GreaterOrEqual(t, odds[0], .05, "a dead arm keeps its floor")
		require.InDelta(t, 1, odds[0]+odds[1]+odds[2], 1e-9)
		require.InDelta(t, .05, share[0], .03)

		ips, snips := experiment.OffPolicy(logged, map[string]float64{"popular": 1})
		require.InDelta(t, .04, ips, .03, "what always popular would have reached")
		require.InDelta(t, .04, snips, .03)

		// The world turns: the odds follow.
		share, _ = simulate(draw, tallies, 30_000, 300, []float64{0, .15, .02})
		require.Greater(t, share[1], .8, "seed %d: %v", seed, share)
	}
}

func TestOddsOfAnything(t *testing.T) {
	t.Parallel()
	require.Empty(t, experiment.Odds(nil, .05))
	require.Equal(t, []float64{1}, experiment.Odds(make([]experiment.Tally, 1), .05))
	rapid.Check(t, func(t *rapid.T) {
		tallies := make([]experiment.Tally, rapid.IntRange(1, 12).Draw(t, "arms"))
		for i := range tallies {
			tallies[i] = experiment.Tally{Hits: rapid.Float64Range(-5, 1e9).Draw(t, "hits"), Misses: rapid.Float64Range(-5, 1e9).Draw(t, "misses")}
		}
		floor := rapid.Float64Range(-1, 2).Draw(t, "floor")
		sum, least := 0., min(max(0, floor), 1/float64(len(tallies)))
		for _, p := range experiment.Odds(tallies, floor) {
			require.GreaterOrEqual(t, p, least-1e-9)
			sum += p
		}
		require.InDelta(t, 1, sum, 1e-9)
	})
	ips, snips := experiment.OffPolicy([]experiment.Logged{{}}, nil)
	require.Zero(t, ips+snips)
}
