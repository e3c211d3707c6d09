package lottery

import "math/rand/v2"

func draw(seed uint64, n int) (fair, unfair int) {
	r := rand.New(rand.NewPCG(seed, 0))
	return r.IntN(n), rand.IntN(n)
}
