package cf

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInvert(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 7, 47, 48, 49, 97, 150, 401} {
		if testing.Short() && n > 150 {
			continue
		}
		draw := rand.New(rand.NewPCG(1, uint64(n)))
		s := square{n: n, v: make([]float32, n*n)}
		for i := range n {
			for j := range i {
				x := float32(draw.Float64() - .5)
				s.v[i*n+j], s.v[j*n+i] = x, x
			}
			s.v[i*n+i] = float32(n)
		}
		was := append([]float32(nil), s.v...)
		require.NoError(t, s.invert(t.Context(), 2))
		s.mirror()
		worst := 0.
		for i := range n {
			row := make([]float64, n) // of the product
			for k := range n {
				for j, x := range s.v[k*n : (k+1)*n] {
					row[j] += float64(was[i*n+k]) * float64(x)
				}
			}
			row[i]--
			for _, x := range row {
				worst = max(worst, math.Abs(x))
			}
		}
		require.Less(t, worst, 1e-4, "%d", n)
	}
}
