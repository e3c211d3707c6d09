package cf_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/internal/bench"
	"github.com/soukhq/souk/recommend/cf"
)

// shop draws purchases from groups of items that belong together, with a long
// tail of popularity.
func shop(users, items, groups, each int, seed uint64) []cf.Interaction {
	draw := rand.New(rand.NewPCG(seed, 1))
	var in []cf.Interaction
	for u := range users {
		group := draw.IntN(groups)
		for at := range 1 + draw.IntN(2*each) {
			item := int(float64(items) * math.Pow(draw.Float64(), 2))
			if draw.IntN(4) > 0 {
				item = item/groups*groups + group
			}
			in = append(in, cf.Interaction{User: int32(u), Item: int32(min(item, items-1)), Weight: 1, At: int64(at)})
		}
	}
	return in
}

func answers(t require.TestingT, model cf.Model, m *cf.Matrix) [][]cf.Entry {
	var s cf.Scores
	var all [][]cf.Entry
	for u := range m.Users() {
		model.Score(m.Profile(int32(u)), &s)
		all = append(all, s.Top(nil, 10, nil))
	}
	require.NotEmpty(t, all)
	return all
}

func TestFitIsRepeatable(t *testing.T) {
	t.Parallel()
	users, items := 300, 120
	if testing.Short() { // under the race detector: the same workers side by side
		users, items = 60, 40
	}
	in := shop(users, items, 6, 8, 3)
	for _, kind := range cf.Kinds() {
		var first [][]cf.Entry
		for _, workers := range []int{1, 2, 5} {
			rand.New(rand.NewPCG(uint64(workers), 9)).Shuffle(len(in), func(a, b int) { in[a], in[b] = in[b], in[a] })
			m, err := cf.NewMatrix(users, items, append([]cf.Interaction(nil), in...))
			require.NoError(t, err)
			fitted, err := cf.Fit(t.Context(), m, cf.Options{Kind: kind, Workers: workers, Seed: 4})
			require.NoError(t, err)
			got := answers(t, fitted.Model, m)
			if first == nil {
				first = got
			}
			require.Equal(t, first, got, "%s with %d workers", kind, workers)
		}
	}
}

// lastHidden takes the last item of everybody who has several, and returns how
// well a trial's model, fitted without, ranks it.
func lastHidden(t *testing.T, m *cf.Matrix) func(cf.Trial) float64 {
	t.Helper()
	var in []cf.Interaction
	hidden := map[int32]int32{}
	for u := range int32(m.Users()) {
		p := m.Profile(u)
		if len(p) >= 2 {
			hidden[u], p = p[0].Item, p[1:]
		}
		for at, e := range p {
			in = append(in, cf.Interaction{User: u, Item: e.Item, Weight: e.Weight, At: -int64(at)})
		}
	}
	train, err := cf.NewMatrix(m.Users(), m.Items(), in)
	require.NoError(t, err)
	return func(trial cf.Trial) float64 {
		fitted, err := cf.Fit(t.Context(), train, cf.Options{Chosen: &trial})
		require.NoError(t, err)
		var s cf.Scores
		var sum float64
		for u, item := range hidden {
			p := train.Profile(u)
			fitted.Model.Score(p, &s)
			sum += cf.NDCG(s.Top(nil, 20, p.Has), []int32{item}, 20)
		}
		return sum / float64(len(hidden))
	}
}

// What auto reports of each candidate is what its model reaches, and what it
// takes is the best of them, but for an order in time that does not win clearly.
func TestAutoTakesTheBestTrial(t *testing.T) {
	t.Parallel()
	m, err := cf.NewMatrix(400, 90, shop(400, 90, 5, 8, 5))
	require.NoError(t, err)
	fitted, err := cf.Fit(t.Context(), m, cf.Options{OnlyLast: true})
	require.NoError(t, err)
	reach := lastHidden(t, m)
	kinds := map[cf.Kind]int{}
	best, chosen := 0., 0.
	for _, trial := range fitted.Trials {
		kinds[trial.Kind]++
		got := reach(trial)
		require.InDelta(t, got, trial.NDCG, 1e-3, "%s", trial)
		if best = max(best, got); trial == fitted.Chosen {
			chosen = got
		}
	}
	require.Equal(t, map[cf.Kind]int{cf.ItemKNN: 4, cf.RP3Beta: 1, cf.Dense: 3}, kinds, "all that were measured")
	require.GreaterOrEqual(t, chosen*1.06, best)
	require.Positive(t, chosen)
}

// Of a user with very many items only the newest count, in a dense model too.
func TestEASECountsTheNewest(t *testing.T) {
	t.Parallel()
	const items = cf.UserCap + 30
	model := func(from int) *cf.EASE {
		in := shop(40, items, 5, 5, 9)
		for i := from; i < items; i++ {
			in = append(in, cf.Interaction{User: 40, Item: int32(i), Weight: 1, At: int64(i)})
		}
		m, err := cf.NewMatrix(41, items, in)
		require.NoError(t, err)
		e, err := cf.FitEASE(t.Context(), m, cf.EASEOptions{}, 2)
		require.NoError(t, err)
		return e
	}
	all, newest := model(0), model(items-cf.UserCap)
	var a, b cf.Scores
	for _, item := range []int32{0, 29, 30, items - 1} {
		all.Score(cf.Profile{{Item: item, Weight: 1}}, &a)
		newest.Score(cf.Profile{{Item: item, Weight: 1}}, &b)
		for i := range int32(items) {
			require.InDelta(t, b.Get(i), a.Get(i), 1e-6)
		}
	}
}

// A trial makes no rows that last, and must still see what the fitted model
// would answer.
func TestATrialMeasuresTheModelItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, in := drawDense(t)
		m, err := cf.NewMatrix(d.users, d.items, in)
		require.NoError(t, err)
		fitted, err := cf.Fit(t.Context(), m, cf.Options{Kind: cf.ItemKNN, OnlyLast: true, Workers: 2})
		require.NoError(t, err)
		for _, trial := range fitted.Trials {
			require.InDelta(t, d.lastItemQuality(t, trial.Kernel), trial.NDCG, 1e-3, "%s", trial)
		}
	})
}

// lastItemQuality hides every user's last item and fits without them.
func (d dense) lastItemQuality(t *rapid.T, k cf.Kernel) float64 {
	var in []cf.Interaction
	tested := 0
	for u, list := range d.lists {
		if len(list) >= 2 {
			tested++
			list = list[:len(list)-1]
		}
		for at, i := range list {
			in = append(in, cf.Interaction{User: int32(u), Item: i, Weight: float32(d.weight[u][i]), At: int64(at)})
		}
	}
	m, err := cf.NewMatrix(d.users, d.items, in)
	require.NoError(t, err)
	model, err := cf.FitItems(t.Context(), m, k, 1)
	require.NoError(t, err)
	var s cf.Scores
	var sum float64
	for u, list := range d.lists {
		if len(list) >= 2 {
			p := m.Profile(int32(u))
			model.Score(p, &s)
			sum += cf.NDCG(s.Top(nil, 20, p.Has), list[len(list)-1:], 20)
		}
	}
	return sum / float64(max(1, tested))
}

func TestNothingIsNoPanic(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{0, 0}, {3, 0}, {0, 3}, {3, 3}} {
		m, err := cf.NewMatrix(size[0], size[1], nil)
		require.NoError(t, err)
		for _, kind := range cf.Kinds() {
			fitted, err := cf.Fit(t.Context(), m, cf.Options{Kind: kind})
			require.NoError(t, err, "%s of %v", kind, size)
			var s cf.Scores
			fitted.Model.Score(cf.Profile{{Item: 1, Weight: 1}, {Item: -1, Weight: 1}, {Item: 99, Weight: 1}}, &s)
			for _, e := range s.Top(nil, 5, nil) {
				require.Zero(t, e.Weight)
			}
		}
	}
}

func TestOneShopperWithEverything(t *testing.T) {
	t.Parallel()
	in := shop(200, 100, 5, 5, 8)
	items := 100_000
	if testing.Short() {
		items = 500
	}
	for i := range items {
		in = append(in, cf.Interaction{User: 200, Item: int32(i), Weight: 1, At: int64(i)})
	}
	m, err := cf.NewMatrix(201, items, in)
	require.NoError(t, err)
	fitted, err := cf.Fit(t.Context(), m, cf.Options{Kind: cf.ItemKNN, TrialUsers: 50})
	require.NoError(t, err)
	var s cf.Scores
	fitted.Model.Score(m.Profile(200), &s)
	require.NotEmpty(t, s.Top(nil, 10, nil))
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]cf.Interaction{
		"user below":  {User: -1, Weight: 1},
		"user above":  {User: 2, Weight: 1},
		"item below":  {Item: -1, Weight: 1},
		"item above":  {Item: 2, Weight: 1},
		"no weight":   {},
		"negative":    {Weight: -1},
		"not a value": {Weight: float32(math.NaN())},
		"infinite":    {Weight: float32(math.Inf(1))},
	} {
		_, err := cf.NewMatrix(2, 2, []cf.Interaction{in})
		require.ErrorIs(t, err, fault.Invalid, name)
	}
	_, err := cf.NewMatrix(-1, 2, nil)
	require.ErrorIs(t, err, fault.Invalid)

	m, err := cf.NewMatrix(1, 5000, nil)
	require.NoError(t, err)
	_, err = cf.Fit(t.Context(), m, cf.Options{Kind: "magic"})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = cf.Fit(t.Context(), m, cf.Options{Kind: cf.Dense, MaxBytes: 1 << 20})
	require.ErrorIs(t, err, fault.Exhausted)
	_, err = cf.Fit(t.Context(), m, cf.Options{Kind: cf.LeastSquares, MaxBytes: 1 << 10})
	require.ErrorIs(t, err, fault.Exhausted)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, kind := range []cf.Kind{cf.Auto, cf.ItemKNN, cf.RP3Beta, cf.LeastSquares} {
		_, err = cf.Fit(ctx, m, cf.Options{Kind: kind})
		require.ErrorIs(t, err, context.Canceled, "%s", kind)
	}
}

func TestTop(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 40).Draw(t, "values")
		n := rapid.IntRange(-1, 12).Draw(t, "n")
		odd := func(item int32) bool { return item%2 == 1 }
		var s cf.Scores
		s.Reset(len(values))
		for i, v := range values {
			s.Set(int32(i), float32(v))
		}
		got := s.Top(nil, n, odd)
		require.LessOrEqual(t, len(got), max(0, n))
		for i, e := range got {
			require.False(t, odd(e.Item))
			if i > 0 {
				before := got[i-1]
				require.True(t, before.Weight > e.Weight || before.Weight == e.Weight && before.Item < e.Item)
			}
		}
		for i, v := range values {
			if int32(i)%2 == 0 && len(got) == n && n > 0 && !containsItem(got, int32(i)) {
				require.LessOrEqual(t, float32(v), got[n-1].Weight)
			}
		}
		s.Reset(len(values))
		require.Empty(t, s.Top(nil, 5, nil), "nothing is left of the last question")
	})
}

func containsItem(list []cf.Entry, item int32) bool {
	for _, e := range list {
		if e.Item == item {
			return true
		}
	}
	return false
}

// BenchmarkFit fits a million interactions: within 4 s for one model and 10 s for
// the best of the box, in 400 MiB, on two processors that do nothing else.
func BenchmarkFit(b *testing.B) {
	in := shop(30_000, 40_000, 400, 41, 1)
	m, err := cf.NewMatrix(30_000, 40_000, in)
	require.NoError(b, err)
	require.GreaterOrEqual(b, m.Interactions(), 1_000_000)
	kernel := cf.Kernel{User: .5, Target: .2, Source: .5, Recency: .5, Gap: .5}
	most := map[string]float64{"one": 4, "auto": 10} // seconds
	for name, o := range map[string]cf.Options{"one": {Chosen: &cf.Trial{Kind: cf.ItemKNN, Kernel: kernel}}, "auto": {}} {
		b.Run(name, func(b *testing.B) {
			peak := uint64(0)
			for b.Loop() {
				used, _ := bench.Peak(func() {
					_, err := cf.Fit(b.Context(), m, o)
					require.NoError(b, err)
				})
				peak = max(peak, used)
			}
			b.ReportMetric(float64(m.Interactions()), "interactions")
			b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
			require.LessOrEqual(b, peak, uint64(cf.DefaultBytes))
			require.LessOrEqual(b, b.Elapsed().Seconds()/float64(b.N), most[name])
		})
	}
}
