package promo

import (
	"strconv"
	"strings"

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

func (p *path) String() string {
	var parts []string
	for ; p != nil; p = p.up {
		part := p.name
		if p.index >= 0 {
			part += "[" + strconv.Itoa(p.index) + "]"
		}
		parts = append(parts, part)
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(parts[i])
	}
	return b.String()
}

// wrong notes that the field name of the object at up is wrong.
func (c *checker) wrong(up *path, name, code string, params fault.Params) {
	p := field(up, name)
	c.found.Add(p.String(), code, params)
	if c.first == "" {
		c.first = p.String()
	}
}
