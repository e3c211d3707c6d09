package cf_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/recommend/cf"
)

// A model whose rows were all computed again is the model fitted anew.
func TestUpdateIsFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, in := drawDense(t)
		k := cf.Kernel{User: .5, Target: .2, Source: .5, Recency: .5, Gap: rapid.SampledFrom([]float64{0, .5}).Draw(t, "gap")}
		before, err := cf.NewMatrix(d.users, rapid.IntRange(0, d.items).Draw(t, "known"), nil)
		require.NoError(t, err)
		old, err := cf.FitItems(t.Context(), before, k, 1)
		require.NoError(t, err)

		m, err := cf.NewMatrix(d.users, d.items, in)
		require.NoError(t, err)
		want, err := cf.FitItems(t.Context(), m, k, 1)
		require.NoError(t, err)
		part := cf.Part{Matrix: m, Degree: make([]float32, d.items)}
		for i := range d.items {
			part.Targets = append(part.Targets, int32(i))
			for u := range d.users {
				part.Degree[i] += float32(d.weight[u][i] * d.weight[u][i])
			}
		}
		got, err := old.Update(t.Context(), part, 2)
		require.NoError(t, err)

		var a, b cf.Scores
		for u := range d.users {
			p := m.Profile(int32(u))
			want.Score(p, &a)
			got.Score(p, &b)
			for i := range int32(d.items) {
				require.InDelta(t, a.Get(i), b.Get(i), 1e-5)
				from, found := want.Why(p, i)
				from2, found2 := got.Why(p, i)
				require.Equal(t, found, found2)
				require.Equal(t, found, a.Get(i) > 0)
				require.Equal(t, from, from2)
				require.Equal(t, found, p.Has(from) && found)
			}
		}
	})
}

// A model whose rows were computed again in any order and number says what a walk
// over the newest row of each target says.
func TestTheNewestRowsCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, in := drawDense(t)
		k := cf.Kernel{User: .5, Target: .2, Source: .5}
		nothing, err := cf.NewMatrix(0, 0, nil)
		require.NoError(t, err)
		empty, err := cf.FitItems(t.Context(), nothing, k, 1)
		require.NoError(t, err)
		first, err := cf.NewMatrix(d.users, d.items, slices.Clone(in[:len(in)/2]))
		require.NoError(t, err)
		model, err := cf.FitItems(t.Context(), first, k, 1)
		require.NoError(t, err)

		var scores cf.Scores
		alike := func(m *cf.Items, source, target int32) float32 {
			m.Score(cf.Profile{{Item: source, Weight: 1}}, &scores)
			return scores.Get(target)
		}
		rows := make([][]float32, d.items) // by target and source
		for target := range rows {
			for source := range d.items {
				rows[target] = append(rows[target], alike(model, int32(source), int32(target)))
			}
		}
		for range rapid.IntRange(0, 12).Draw(t, "updates") {
			some := in[:rapid.IntRange(0, len(in)).Draw(t, "of")]
			m, err := cf.NewMatrix(d.users, d.items, slices.Clone(some))
			require.NoError(t, err)
			part := cf.Part{Matrix: m, Degree: m.Degrees()}
			for range rapid.IntRange(0, d.items).Draw(t, "rows") {
				part.Targets = append(part.Targets, int32(rapid.IntRange(0, d.items-1).Draw(t, "target")))
			}
			model, err = model.Update(t.Context(), part, 1)
			require.NoError(t, err)
			alone, err := empty.Update(t.Context(), part, 1)
			require.NoError(t, err)
			for _, target := range part.Targets {
				for source := range d.items {
					rows[target][source] = alike(alone, int32(source), target)
				}
			}
		}
		var p cf.Profile
		for item := range d.items + 1 { // one that nothing is known of
			if rapid.Bool().Draw(t, "did") {
				p = append(p, cf.Entry{Item: int32(item), Weight: float32(rapid.IntRange(1, 5).Draw(t, "weight"))})
			}
		}
		model.Score(p, &scores)
		for target, row := range rows {
			want, most, from, found := float32(0), float32(0), int32(0), false
			for _, e := range p {
				if int(e.Item) >= d.items {
					continue
				}
				v := e.Weight * row[e.Item]
				want += v
				if v > most {
					most, from, found = v, e.Item, true
				}
			}
			require.InDelta(t, want, scores.Get(int32(target)), 1e-5, "item %d", target)
			source, known := model.Why(p, int32(target))
			require.Equal(t, found, known)
			require.Equal(t, from, source)
		}
	})
}

// Rows that are computed again and again do not pile up.
func TestUpdatesDoNotPileUp(t *testing.T) {
	t.Parallel()
	const touched, items = 200, 5_000 // most know nobody
	var in []cf.Interaction
	for u := range 500 {
		for n := range 8 {
			in = append(in, cf.Interaction{User: int32(u), Item: int32((u*7 + n*n) % touched), Weight: 1})
		}
	}
	m, err := cf.NewMatrix(500, items, in)
	require.NoError(t, err)
	fitted, err := cf.FitItems(t.Context(), m, cf.Kernel{User: .5, Target: .2, Source: .5}, 1)
	require.NoError(t, err)
	model, degrees := fitted, m.Degrees()
	for n := range 2000 {
		model, err = model.Update(t.Context(), cf.Part{Matrix: m, Degree: degrees, Targets: []int32{int32(n * 37 % touched)}}, 1)
		require.NoError(t, err)
		require.LessOrEqual(t, model.Bytes(), 2*fitted.Bytes())
	}
}
