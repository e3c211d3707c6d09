package shelf

import (
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend/experiment"
)

// Mode says how the strategy of a request is chosen.
type Mode string

// The modes.
const (
	// Fixed serves everybody by one strategy.
	Fixed Mode = "fixed"
	// Split gives each strategy its share of the visitors, for good.
	Split Mode = "split"
	// Interleave makes each shelf of the picks of two strategies in turn.
	Interleave Mode = "interleave"
	// Bandit gives more visitors to the strategy that is hit more, and to none
	// fewer than a floor.
	Bandit Mode = "bandit"
)

// Modes lists the closed set.
func Modes() []Mode { return []Mode{Fixed, Split, Interleave, Bandit} }

// Arm is a strategy, and in [Split] its share of the visitors beside the
// others'.
type Arm = experiment.Arm

// Policy says which strategies serve a slot, and how one is chosen. A slot
// without a policy is served by the strategy that bears the name of the shelf
// it asks for.
type Policy struct {
	// Slot is where shelves stand: "home", "product", "cart".
	Slot string
	Mode Mode
	// Arms are the strategies: one in Fixed, two in Interleave, at least two
	// elsewhere.
	Arms      []Arm
	UpdatedAt time.Time
	// Version counts the writes; a store refuses an update of another one.
	Version int64
}

// Clone returns a copy that shares nothing with p.
func (p Policy) Clone() Policy {
	p.Arms = slices.Clone(p.Arms)
	return p
}

// The bounds of policies.
const (
	MaxSlots = 200
	MaxArms  = 10
)

// maxWeight bounds the weight of an arm.
const maxWeight = 1_000_000

// maxText is how many bytes a name has at most.
const maxText = 100

func validName(s string) bool { return s != "" && len(s) <= maxText && ref.PlainText(s) }

// validate gathers everything that is wrong with p. Known are the names of
// strategies.
func (p Policy) validate(known []string) error {
	var v fault.Violations
	if !validName(p.Slot) {
		v.Add("slot", "malformed", nil)
	}
	least, most := 2, MaxArms
	switch p.Mode {
	case Fixed:
		least, most = 1, 1
	case Interleave:
		most = 2
	case Split, Bandit:
	default:
		v.Add("mode", "unknown", nil)
	}
	if n := len(p.Arms); n < least || n > most {
		v.Add("arms", "out_of_range", fault.Params{"min": least, "max": most})
	}
	total := 0
	for i, a := range p.Arms {
		path := "arms[" + strconv.Itoa(i) + "]"
		if !slices.Contains(known, a.Name) {
			v.Add(path+".name", "unknown", nil)
		}
		if slices.ContainsFunc(p.Arms[:i], func(o Arm) bool { return o.Name == a.Name }) {
			v.Add(path+".name", "duplicate", nil)
		}
		if a.Weight < 0 || a.Weight > maxWeight {
			v.Add(path+".weight", "out_of_range", fault.Params{"min": 0, "max": maxWeight})
		}
		total += a.Weight
	}
	if p.Mode == Split && total <= 0 {
		v.Add("arms", "weightless", nil)
	}
	return v.Err("shelf.policy", "the policy is not valid")
}
