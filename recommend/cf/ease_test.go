package cf

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInvert(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 7, 47, 48, 49, 97, 150, 601} {
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
		for i := range n {
			for j := range n {
				var sum float64
				for k := range n {
					sum += float64(was[i*n+k]) * float64(s.v[k*n+j])
				}
				want := 0.0
				if i == j {
					want = 1
				}
				require.InDelta(t, want, sum, 1e-4, "%d: %d,%d", n, i, j)
			}
		}
	}
}
