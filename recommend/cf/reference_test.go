package cf_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/recommend/cf"
)

// dense is a matrix as anybody would write it down.
type dense struct {
	users, items int
	weight       [][]float64
	lists        [][]int32 // by user, oldest first
}

func drawDense(t *rapid.T) (dense, []cf.Interaction) {
	d := dense{users: rapid.IntRange(1, 9).Draw(t, "users"), items: rapid.IntRange(1, 9).Draw(t, "items")}
	plain := rapid.Bool().Draw(t, "plain")
	var in []cf.Interaction
	for u := range d.users {
		d.weight = append(d.weight, make([]float64, d.items))
		var list []int32
		for i := range d.items {
			if rapid.IntRange(0, 2).Draw(t, "has") == 0 {
				list = append(list, int32(i))
			}
		}
		list = rapid.Permutation(list).Draw(t, "order")
		for at, i := range list {
			w := 1.0
			if !plain {
				w = float64(rapid.IntRange(1, 5).Draw(t, "weight"))
			}
			d.weight[u][i] = w
			in = append(in, cf.Interaction{User: int32(u), Item: i, Weight: float32(w), At: int64(at)})
		}
		d.lists = append(d.lists, list)
	}
	return d, rapid.Permutation(in).Draw(t, "shuffled")
}

func (d dense) profile(u int) cf.Profile {
	var p cf.Profile
	for _, i := range slices.Backward(d.lists[u]) {
		p = append(p, cf.Entry{Item: i, Weight: float32(d.weight[u][i])})
	}
	return p
}

// kernelScore is the definition of Kernel, summed over everything.
func (d dense) kernelScore(k cf.Kernel, p cf.Profile, target int) float64 {
	degree := func(i int) float64 {
		var n float64
		for u := range d.users {
			n += d.weight[u][i] * d.weight[u][i]
		}
		return n
	}
	type source struct {
		item  int
		value float64
	}
	var row []source
	for j := range d.items {
		var sum float64
		for u, list := range d.lists {
			a, b := slices.Index(list, int32(target)), slices.Index(list, int32(j))
			if j != target && a >= 0 && b >= 0 {
				sum += math.Pow(float64(len(list)), -k.User) * d.weight[u][target] * d.weight[u][j] *
					math.Pow(math.Abs(float64(a-b)), -k.Gap)
			}
		}
		if sum > 0 {
			v := sum / (math.Pow(degree(target), k.Target)*math.Pow(degree(j), k.Source) + k.Shrink)
			row = append(row, source{j, math.Pow(v, k.Power)})
		}
	}
	var score float64
	for at, e := range p {
		for _, s := range row {
			if s.item == int(e.Item) {
				score += s.value * float64(e.Weight) * math.Pow(float64(at+1), -k.Recency)
			}
		}
	}
	return score
}

func TestItemsAgainstTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, in := drawDense(t)
		exponent := func(name string) float64 { return rapid.SampledFrom([]float64{0, .3, .5, 1}).Draw(t, name) }
		k := cf.Kernel{
			User: exponent("user"), Target: exponent("target"), Source: exponent("source"), Shrink: exponent("shrink"),
			Gap: exponent("gap"), Recency: exponent("recency"), Power: rapid.SampledFrom([]float64{.5, 1, 2}).Draw(t, "power"),
		}
		m, err := cf.NewMatrix(d.users, d.items, in)
		require.NoError(t, err)
		model, err := cf.FitItems(t.Context(), m, k, 2)
		require.NoError(t, err)
		var s cf.Scores
		for u := range d.users {
			require.Equal(t, d.profile(u), append(cf.Profile(nil), m.Profile(int32(u))...))
			model.Score(d.profile(u), &s)
			for i := range d.items {
				want := d.kernelScore(k, d.profile(u), i)
				require.InDelta(t, want, s.Get(int32(i)), 1e-4*(1+want))
			}
		}
	})
}

func TestEASEAgainstTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, in := drawDense(t)
		m, err := cf.NewMatrix(d.users, d.items, in)
		require.NoError(t, err)
		const ridge = 3
		model, err := cf.FitEASE(t.Context(), m, cf.EASEOptions{Ridge: ridge}, 2)
		require.NoError(t, err)
		g := make([][]float64, d.items)
		for i := range g {
			g[i] = make([]float64, d.items)
			for j := range g {
				for u := range d.users {
					g[i][j] += d.weight[u][i] * d.weight[u][j]
				}
			}
			g[i][i] += ridge
		}
		p := inverse(g)
		var s cf.Scores
		who := d.profile(0)
		for i := range int32(d.items) {
			most := float32(0)
			for n := range who {
				model.Score(who[n:n+1], &s)
				most = max(most, s.Get(i))
			}
			why, found := model.Why(who, i)
			require.Equal(t, most > 0, found)
			if n := slices.IndexFunc(who, func(e cf.Entry) bool { return e.Item == why }); found {
				model.Score(who[n:n+1], &s)
				require.Equal(t, most, s.Get(i), "what says the most")
			}
		}
		for j := range d.items { // the answer to one item is its row of weights
			model.Score(cf.Profile{{Item: int32(j), Weight: 1}}, &s)
			for i := range d.items {
				want := 0.0
				if i != j {
					want = -p[j][i] / p[i][i]
				}
				require.InDelta(t, want, s.Get(int32(i)), 1e-4)
			}
		}
	})
}

// inverse is Gauss and Jordan's, with the identity beside it.
func inverse(a [][]float64) [][]float64 {
	n := len(a)
	b := make([][]float64, n)
	for i := range b {
		b[i] = make([]float64, n)
		b[i][i] = 1
		a[i] = slices.Clone(a[i])
	}
	for p := range n {
		f := a[p][p]
		for j := range n {
			a[p][j] /= f
			b[p][j] /= f
		}
		for i := range n {
			if f := a[i][p]; i != p {
				for j := range n {
					a[i][j] -= f * a[p][j]
					b[i][j] -= f * b[p][j]
				}
			}
		}
	}
	return b
}

// A least-squares model is at its best where no single vector can be moved to
// a smaller loss: the fold-in of a known user must solve its equation.
func TestALSFoldInSolvesItsEquation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, in := drawDense(t)
		m, err := cf.NewMatrix(d.users, d.items, in)
		require.NoError(t, err)
		o := cf.ALSOptions{Factors: 3, Rounds: 4, Unobserved: .1, Ridge: .05, Seed: 7}
		model, err := cf.FitALS(t.Context(), m, o, 2)
		require.NoError(t, err)
		p := d.profile(rapid.IntRange(0, d.users-1).Draw(t, "user"))
		want := foldIn(model, o, p, p, d.items)
		each := make([][]float64, len(p)) // what every entry has of it
		for n := range p {
			each[n] = foldIn(model, o, p, p[n:n+1], d.items)
		}
		var s cf.Scores
		model.Score(p, &s)
		for i := range d.items {
			require.InDelta(t, want[i], s.Get(int32(i)), 1e-3)
			most, sum := 0., 0.
			for n := range p {
				most, sum = max(most, each[n][i]), sum+each[n][i]
			}
			require.InDelta(t, want[i], sum, 1e-9)
			why, found := model.Why(p, int32(i))
			if n := slices.IndexFunc(p, func(e cf.Entry) bool { return e.Item == why }); found {
				require.InDelta(t, most, each[n][i], 1e-3, "what says the most")
			} else {
				require.InDelta(t, 0, most, 1e-3)
			}
		}
	})
}

// foldIn solves (unobserved·ΣVVᵀ + ridge + Σw·vvᵀ) x = Σw·v in full, with the sum
// on the right over some of the entries.
func foldIn(model *cf.ALS, o cf.ALSOptions, p, right cf.Profile, items int) []float64 {
	d := o.Factors
	a := make([][]float64, d)
	b := make([]float64, d)
	var total float64
	for _, e := range p {
		total += float64(e.Weight)
	}
	for i := range d {
		a[i] = make([]float64, d)
		a[i][i] = o.Ridge * (total + o.Unobserved*float64(items))
		for j := range d {
			for n := range items {
				v := model.Vector(int32(n))
				a[i][j] += o.Unobserved * float64(v[i]) * float64(v[j])
			}
			for _, e := range p {
				v := model.Vector(e.Item)
				a[i][j] += float64(e.Weight) * float64(v[i]) * float64(v[j])
			}
		}
		for _, e := range right {
			b[i] += float64(e.Weight) * float64(model.Vector(e.Item)[i])
		}
	}
	inv := inverse(a)
	scores := make([]float64, items)
	for n := range items {
		v := model.Vector(int32(n))
		for i := range d {
			for j := range d {
				scores[n] += float64(v[i]) * inv[i][j] * b[j]
			}
		}
	}
	return scores
}
