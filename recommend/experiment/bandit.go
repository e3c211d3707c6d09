package experiment

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Tally is what is known of an arm: how many of the requests that it served
// were hit, and how many were not. Fractions are what fades.
type Tally struct{ Hits, Misses float64 }

// draws is how often the odds are drawn for.
const draws = 1000

// Odds returns with which probability each arm should serve the next request:
// how likely it is the best of them, by Thompson's sampling, and never less
// than the floor, so that every arm goes on being tried. A floor for which
// there is no room is an even share. The same tallies give the same odds
// everywhere.
func Odds(tallies []Tally, floor float64) []float64 {
	n := float64(len(tallies))
	if !(floor*n <= 1) {
		floor = 1 / n
	}
	floor = max(0, floor)
	h := fnv.New64a()
	for _, t := range tallies {
		_ = binary.Write(h, binary.BigEndian, t) // a hash never fails
	}
	draw := rand.New(rand.NewPCG(h.Sum64(), 0xba5d17)) //nolint:gosec // not a secret: every node draws the same
	odds := make([]float64, len(tallies))
	for range draws {
		best, at := -1., 0
		for i, t := range tallies {
			if x := beta(draw, 1+max(0, t.Hits), 1+max(0, t.Misses)); x > best {
				best, at = x, i
			}
		}
		if len(odds) > 0 {
			odds[at]++
		}
	}
	for i, won := range odds {
		odds[i] = floor + (1-floor*n)*won/draws
	}
	return odds
}

// beta draws from a beta distribution, as two gammas.
func beta(draw *rand.Rand, a, b float64) float64 {
	x, y := gamma(draw, a), gamma(draw, b)
	return x / (x + y)
}

// gamma draws from a gamma distribution of a shape of at least 1, by the
// method of Marsaglia and Tsang.
func gamma(draw *rand.Rand, shape float64) float64 {
	d := shape - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := draw.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(1-draw.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// Choice is which arm served a request, and how likely that was.
type Choice struct {
	Arm        string
	Propensity float64
}

// Logged is a request that some policy served.
type Logged struct {
	Choice Choice
	Reward float64
}

// OffPolicy estimates the mean reward of a policy that would have chosen the
// arms with the given probabilities, from what another one logged: by inverse
// propensity, and self-normalised, which is steadier. Requests of no known
// propensity are left out.
func OffPolicy(logged []Logged, policy map[string]float64) (ips, snips float64) {
	var sum, weights, n float64
	for _, l := range logged {
		if !(l.Choice.Propensity > 0) {
			continue
		}
		w := policy[l.Choice.Arm] / l.Choice.Propensity
		sum, weights, n = sum+w*l.Reward, weights+w, n+1
	}
	if n == 0 || weights == 0 {
		return 0, 0
	}
	return sum / n, sum / weights
}
