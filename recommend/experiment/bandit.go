package experiment

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/soukhq/souk/commerce/fault"
)

// BanditConfig says how a bandit chooses.
type BanditConfig struct {
	// Arms are the names to choose from, at least one.
	Arms []string
	// Floor is the least probability of every arm. Defaults to .05; there is no
	// room for more than 1/Floor arms.
	Floor float64
	// Memory is how many answers an arm remembers: of two halves of it the older
	// counts less. Defaults to 20,000.
	Memory int
	// Seed of what is drawn.
	Seed uint64
}

// Bandit sends requests to the arms by how likely each is the best (Thompson's
// sampling), with a floor for every one.
type Bandit struct {
	c BanditConfig

	mu   sync.Mutex
	draw *rand.Rand
	hits map[string]*tally
	odds []float64 // of the arms; nil: to be computed
	used int       // choices by these odds
}

// tally counts hits and misses that fade.
type tally struct{ hits, misses float64 }

// Choice is what a bandit chose, and how likely that was.
type Choice struct {
	Arm        string
	Propensity float64
}

// NewBandit returns a bandit that knows nothing. Kinds: Invalid.
func NewBandit(c BanditConfig) (*Bandit, error) {
	if c.Floor == 0 {
		c.Floor = .05
	}
	if c.Memory == 0 {
		c.Memory = 20_000
	}
	var v fault.Violations
	if len(c.Arms) == 0 {
		v.Add("arms", "required", nil)
	}
	c.Arms = slices.Clone(c.Arms)
	if sorted := slices.Sorted(slices.Values(c.Arms)); len(slices.Compact(sorted)) < len(c.Arms) || slices.Contains(c.Arms, "") {
		v.Add("arms", "malformed", nil)
	}
	if !(c.Floor >= 0 && c.Floor*float64(len(c.Arms)) <= 1) {
		v.Add("floor", "out_of_range", nil)
	}
	if c.Memory < 0 {
		v.Add("memory", "out_of_range", nil)
	}
	if err := v.Err("experiment.bandit", "the bandit cannot choose like this"); err != nil {
		return nil, err
	}
	b := &Bandit{c: c, draw: rand.New(rand.NewPCG(c.Seed, 0xba5d17)), hits: map[string]*tally{}} //nolint:gosec // not a secret: a simulation can be repeated
	for _, a := range c.Arms {
		b.hits[a] = &tally{}
	}
	return b, nil
}

// Choose draws an arm for one request.
func (b *Bandit) Choose() Choice {
	b.mu.Lock()
	defer b.mu.Unlock()
	const fresh = 50 // choices for which odds stay good enough
	if b.odds == nil || b.used >= fresh {
		b.odds, b.used = b.estimate(), 0
	}
	b.used++
	x := b.draw.Float64()
	for i, p := range b.odds {
		if x -= p; x < 0 || i == len(b.odds)-1 {
			return Choice{b.c.Arms[i], p}
		}
	}
	return Choice{b.c.Arms[0], 1}
}

// estimate counts how often each arm is the best of one draw, and lifts all
// above the floor.
func (b *Bandit) estimate() []float64 {
	const draws = 400
	wins := make([]float64, len(b.c.Arms))
	for range draws {
		best, at := -1., 0
		for i, a := range b.c.Arms {
			t := b.hits[a]
			if x := beta(b.draw, 1+t.hits, 1+t.misses); x > best {
				best, at = x, i
			}
		}
		wins[at]++
	}
	free := 1 - b.c.Floor*float64(len(wins))
	for i, w := range wins {
		wins[i] = b.c.Floor + free*w/draws
	}
	return wins
}

// Odds returns the probability of each arm for the next request, in the order
// of the configuration.
func (b *Bandit) Odds() []float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.odds == nil {
		b.odds, b.used = b.estimate(), 0
	}
	return slices.Clone(b.odds)
}

// Learn records whether a request that an arm served was hit. NotFound for an
// unknown arm.
func (b *Bandit) Learn(arm string, hit bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.hits[arm]
	if t == nil {
		return fault.New(fault.NotFound, "experiment.arm", "there is no such arm").With("arm", arm)
	}
	keep := math.Exp2(-2 / float64(b.c.Memory))
	t.hits, t.misses = t.hits*keep, t.misses*keep
	if hit {
		t.hits++
	} else {
		t.misses++
	}
	return nil
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
