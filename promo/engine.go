package promo

import (
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
)

// Config is what an engine is made of. The zero Config is a complete engine.
type Config struct {
	// Conditions are the kinds of custom condition, by name, such as
	// exprcond's "expr".
	Conditions map[string]CustomCondition
	// Benefits are the kinds of custom benefit, by name.
	Benefits map[string]CustomBenefit
	// MaxNodes bounds the search for the best combination, for all searches of
	// one evaluation together. A count and not a time, so that the same cart
	// gives the same result on every machine.
	// Defaults to 4,000, and to fewer where a node takes longer: to 150,000
	// divided by the lines and the promotions that might apply.
	MaxNodes int
	// MaxLines and MaxCandidates bound an input. Default to 500 and 2,000.
	MaxLines      int
	MaxCandidates int
}

// Engine evaluates promotions. It holds no state but its Config, and memory to
// use again, so that it may be used by many goroutines at once.
type Engine struct {
	config   Config
	standard []Group   // never changed
	arenas   sync.Pool // of *arena
}

// NewEngine returns an engine. Kinds: Invalid, with every wrong field.
func NewEngine(config Config) (*Engine, error) {
	var v fault.Violations
	for name, kind := range config.Conditions {
		if name == "" || kind == nil {
			v.Add("Conditions", "required", fault.Params{"kind": name})
		}
	}
	for name, kind := range config.Benefits {
		if name == "" || kind == nil {
			v.Add("Benefits", "required", fault.Params{"kind": name})
		}
	}
	bound := func(field string, value *int, standard int) {
		if *value == 0 {
			*value = standard
		}
		if *value < 0 {
			v.Add(field, "out_of_range", fault.Params{"min": 0})
		}
	}
	bound("MaxNodes", &config.MaxNodes, 0)
	bound("MaxLines", &config.MaxLines, 500)
	bound("MaxCandidates", &config.MaxCandidates, 2_000)
	config.Conditions = maps.Clone(config.Conditions)
	config.Benefits = maps.Clone(config.Benefits)
	if err := v.Err("promo.config", "the engine's configuration is not valid"); err != nil {
		return nil, err
	}
	return &Engine{config: config, standard: StandardGroups()}, nil
}

// What the default of MaxNodes comes from: about ten milliseconds at most.
const (
	mostNodes  = 4_000
	leastNodes = 100
	nodeWork   = 150_000 // lines and promotions, by nodes
)

// nodes returns how many nodes a search may visit.
func (e *Engine) nodes(lines, promotions int) int {
	if e.config.MaxNodes > 0 {
		return e.config.MaxNodes
	}
	return min(max(nodeWork/max(lines+promotions, 1), leastNodes), mostNodes)
}

// CustomCondition is a kind of condition beyond the built-in ones. It is a
// pure function that always ends, and is safe for concurrent use.
type CustomCondition interface {
	// Check refuses parameters that Holds could not work with; it is asked
	// when a promotion is saved. Kinds: Invalid.
	Check(params json.RawMessage) error
	// Holds decides on a cart. An error counts as no.
	Holds(params json.RawMessage, facts Facts) (bool, error)
}

// Facts are what a custom condition may look at, and must not change.
type Facts struct {
	Cart *Cart
	// Lines are the lines of the promotion, ordered by id.
	Lines []*Line
	Now   time.Time
}

// CustomBenefit is a kind of discount beyond the built-in ones, taken off
// lines at LevelLine or, by default, at LevelOrder. It is a pure function and
// safe for concurrent use.
type CustomBenefit interface {
	// Check refuses parameters that Discount could not work with; it is asked
	// when a promotion is saved. Kinds: Invalid.
	Check(params json.RawMessage) error
	// Discount returns what to take off each line, in the order of lines,
	// which are ordered by id. What is below zero, above the line's amount or
	// of another currency is cut; an error counts as nothing.
	Discount(params json.RawMessage, lines []CustomLine) ([]money.Money, error)
}

// CustomLine is a line as a custom benefit sees it.
type CustomLine struct {
	*Line
	Amount money.Money // what earlier promotions left
}
