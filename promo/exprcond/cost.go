package exprcond

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// allowed lists the built-in functions of the language that an expression may
// call: those that neither read a clock nor build large values.
func allowed() []string {
	return []string{"all", "any", "one", "none", "count", "sum", "len", "lower", "upper", "abs", "min", "max", "hasPrefix", "hasSuffix"}
}

// coster walks an expression and finds what would cost too much: loops inside
// loops, ranges, which make lists of any length, patterns and powers, and
// variables, by which a short text could double a value again and again.
type coster struct {
	most  int
	depth map[*ast.PredicateNode]int // of the loops met so far
	found string
}

// Visit implements ast.Visitor. The library calls it for a node after those
// below it.
func (c *coster) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "..", "**", "^", "matches":
			c.refuse("operator " + n.Operator)
		}
	case *ast.PredicateNode:
		below := deepest{depth: c.depth}
		ast.Walk(&n.Node, &below)
		c.depth[n] = below.found + 1
		if below.found >= c.most {
			c.refuse(fmt.Sprintf("%d loops in one another", below.found+1))
		}
	case *ast.BuiltinNode: // the library disables all but its loops
		if !slices.Contains(allowed(), n.Name) {
			c.refuse("function " + n.Name)
		}
	case *ast.VariableDeclaratorNode:
		c.refuse("variable " + n.Name)
	case *ast.CallNode:
		c.refuse("call")
	}
}

func (c *coster) refuse(what string) {
	if c.found == "" {
		c.found = what
	}
}

// deepest finds the deepest of the loops below a node, whose own depths are
// known.
type deepest struct {
	depth map[*ast.PredicateNode]int
	found int
}

// Visit implements ast.Visitor.
func (d *deepest) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.PredicateNode); ok {
		d.found = max(d.found, d.depth[n])
	}
}
