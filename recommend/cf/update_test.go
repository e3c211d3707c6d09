package cf_test

import (
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
		require.Equal(t, d.items, got.Updated())
		require.Zero(t, old.Updated())

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
