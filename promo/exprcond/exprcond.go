package exprcond

import (
	"encoding/json"
	"slices"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/vm"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/promo"
)

// Kind is the usual name of the condition in promo.Config.Conditions.
const Kind = "expr"

// Config bounds what an expression may cost. The zero Config has the defaults.
type Config struct {
	// MaxBytes bounds the text. Defaults to 2,000.
	MaxBytes int
	// MaxTerms bounds the size of the parsed expression. Defaults to 200.
	MaxTerms uint
	// MaxLoops bounds how deep loops over the lines may be nested: the cost
	// of an expression is at most its terms times the lines to that power.
	// Defaults to 1.
	MaxLoops int
	// MaxMemory bounds what an evaluation may allocate, in units of the
	// library, about one for each value. Defaults to 100,000.
	MaxMemory uint
	// MaxPrograms bounds the compiled expressions that are kept. Defaults to
	// 1,000.
	MaxPrograms int
}

// Params are the parameters of the condition.
type Params struct {
	Source string `json:"source"`
}

// Condition decides by an expression. It is safe for concurrent use.
type Condition struct {
	config Config

	mu       sync.Mutex
	programs map[string]*vm.Program
	order    []string // of programs, oldest first
}

var _ promo.CustomCondition = (*Condition)(nil)

// New returns a condition. Kinds: Invalid, with every wrong field.
func New(config Config) (*Condition, error) {
	var v fault.Violations
	bound := func(field string, value *int, standard int) {
		if *value == 0 {
			*value = standard
		}
		if *value < 0 {
			v.Add(field, "out_of_range", fault.Params{"min": 0})
		}
	}
	bound("MaxBytes", &config.MaxBytes, 2_000)
	bound("MaxLoops", &config.MaxLoops, 1)
	bound("MaxPrograms", &config.MaxPrograms, 1_000)
	if config.MaxTerms == 0 {
		config.MaxTerms = 200
	}
	if config.MaxMemory == 0 {
		config.MaxMemory = 100_000
	}
	if err := v.Err("exprcond.config", "the configuration is not valid"); err != nil {
		return nil, err
	}
	return &Condition{config: config, programs: map[string]*vm.Program{}}, nil
}

// Check compiles the expression. Kinds: Invalid, where it does not parse, is
// not about the names of [Env], does not yield true or false, or may cost more
// than Config allows.
func (c *Condition) Check(params json.RawMessage) error {
	source, err := c.source(params)
	if err != nil {
		return err
	}
	_, err = c.compile(source)
	return err
}

// Holds runs the expression on a cart.
func (c *Condition) Holds(params json.RawMessage, facts promo.Facts) (bool, error) {
	source, err := c.source(params)
	if err != nil {
		return false, err
	}
	program, err := c.program(source)
	if err != nil {
		return false, err
	}
	machine := vm.VM{MemoryBudget: c.config.MaxMemory}
	out, err := machine.Run(program, newEnv(facts))
	if err != nil {
		return false, fault.Wrap(err, fault.Invalid, "exprcond.run", "the expression failed")
	}
	holds, ok := out.(bool)
	if !ok {
		return false, fault.New(fault.Internal, "exprcond.type", "the expression yields no truth")
	}
	return holds, nil
}

func (c *Condition) source(params json.RawMessage) (string, error) {
	var p Params
	if err := json.Unmarshal(params, &p); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "exprcond.params", "the parameters are not valid")
	}
	if p.Source == "" || len(p.Source) > c.config.MaxBytes {
		return "", c.refuse("length", fault.Params{"min": 1, "max": c.config.MaxBytes})
	}
	return p.Source, nil
}

func (c *Condition) refuse(code string, params fault.Params) error {
	return fault.New(fault.Invalid, "exprcond.source", "the expression is not valid").WithField("source", code, params)
}

// program returns a compiled expression, the same for the same text.
func (c *Condition) program(source string) (*vm.Program, error) {
	c.mu.Lock()
	program := c.programs[source]
	c.mu.Unlock()
	if program != nil {
		return program, nil
	}
	program, err := c.compile(source)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.programs[source] == nil {
		if len(c.order) >= c.config.MaxPrograms {
			delete(c.programs, c.order[0])
			c.order = slices.Delete(c.order, 0, 1)
		}
		c.programs[source] = program
		c.order = append(c.order, source)
	}
	return program, nil
}

func (c *Condition) compile(source string) (*vm.Program, error) {
	cost := &coster{most: c.config.MaxLoops, depth: map[*ast.PredicateNode]int{}}
	options := []expr.Option{
		expr.Env(Env{}), expr.AsBool(), expr.Patch(cost), expr.DisableAllBuiltins(),
		func(cfg *conf.Config) { cfg.MaxNodes = c.config.MaxTerms },
	}
	for _, name := range allowed() {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(source, options...)
	switch {
	case err != nil:
		return nil, c.refuse("expression", fault.Params{"reason": err.Error()})
	case cost.found != "":
		return nil, c.refuse("too_costly", fault.Params{"reason": cost.found})
	}
	return program, nil
}

// Env is what an expression can name. Amounts are in minor units.
type Env struct {
	Channel  string   `expr:"channel"`
	Currency string   `expr:"currency"`
	Payment  string   `expr:"payment"`
	Codes    []string `expr:"codes"`
	Buyer    Buyer    `expr:"buyer"`
	Lines    []Line   `expr:"lines"` // of the whole cart
	Selected []Line   `expr:"selected"`
	Hour     int      `expr:"hour"`
	Minute   int      `expr:"minute"`
	Weekday  int      `expr:"weekday"` // 0 is Sunday
	Day      int      `expr:"day"`
	Month    int      `expr:"month"`
	Year     int      `expr:"year"`
}

// Buyer is who buys.
type Buyer struct {
	Member     bool              `expr:"member"`
	Segments   []string          `expr:"segments"`
	Tags       []string          `expr:"tags"`
	Orders     int64             `expr:"orders"`
	Attributes map[string]string `expr:"attributes"`
}

// Line is a line of the cart.
type Line struct {
	SKU        string              `expr:"sku"`
	Product    string              `expr:"product"`
	Merchant   string              `expr:"merchant"`
	Brand      string              `expr:"brand"`
	Categories []string            `expr:"categories"`
	Tags       []string            `expr:"tags"`
	Attributes map[string][]string `expr:"attributes"` // each has values
	Quantity   int64               `expr:"quantity"`
	Unit       int64               `expr:"unit"`
	Amount     int64               `expr:"amount"` // unit times quantity
}

func newEnv(facts promo.Facts) Env {
	cart, now := facts.Cart, facts.Now
	env := Env{
		Channel: string(cart.Channel), Currency: string(cart.Currency), Payment: cart.Payment, Codes: cart.Codes,
		Buyer: Buyer{
			Member: cart.Buyer.ID != "", Segments: cart.Buyer.Segments, Tags: cart.Buyer.Tags,
			Orders: cart.Buyer.Orders, Attributes: cart.Buyer.Attributes,
		},
		Hour: now.Hour(), Minute: now.Minute(), Weekday: int(now.Weekday()),
		Day: now.Day(), Month: int(now.Month()), Year: now.Year(),
	}
	for i := range cart.Lines {
		env.Lines = append(env.Lines, newLine(&cart.Lines[i]))
	}
	for _, line := range facts.Lines {
		env.Selected = append(env.Selected, newLine(line))
	}
	return env
}

func newLine(l *promo.Line) Line {
	categories := make([]string, len(l.Categories))
	for i, c := range l.Categories {
		categories[i] = string(c)
	}
	return Line{
		SKU: string(l.SKU), Product: string(l.Product), Merchant: string(l.Merchant), Brand: string(l.Brand),
		Categories: categories, Tags: l.Tags, Attributes: l.Attributes,
		Quantity: int64(l.Quantity), Unit: l.Unit.Minor(), Amount: l.Unit.Minor() * int64(l.Quantity),
	}
}
