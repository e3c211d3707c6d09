package promo

import (
	"strconv"

	"github.com/soukhq/souk/commerce/fault"
)

// path is the place of a field, written out only where something is wrong: a
// valid promotion costs no allocation to check.
type path struct {
	up    *path
	name  string
	index int // of an element of name; -1 for name itself
}

func field(up *path, name string) path              { return path{up, name, -1} }
func element(up *path, name string, index int) path { return path{up, name, index} }

// kept returns a copy that points to nothing of p: checks that call themselves
// keep their paths off the stack.
func (p *path) kept() *path { return &path{name: p.String(), index: -1} }

func (p *path) String() string { return string(p.append(nil)) }

// append writes the path out. It copies the names, so that paths may stay on
// the stack.
func (p *path) append(to []byte) []byte {
	if p == nil {
		return to
	}
	if to = p.up.append(to); len(to) > 0 {
		to = append(to, '.')
	}
	to = append(to, p.name...)
	if p.index >= 0 {
		to = append(to, '[')
		to = strconv.AppendInt(to, int64(p.index), 10)
		to = append(to, ']')
	}
	return to
}

// wrong notes that the field name of the object at up is wrong.
func (c *checker) wrong(up *path, name, code string, params fault.Params) {
	p := field(up, name)
	c.found.Add(p.String(), code, params)
	if c.first == "" {
		c.first = p.String()
	}
}
