package catalog

import (
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
)

// Combinations returns every choice of one value per option, the last option
// running fastest: the order in which a matrix is read. Without options there
// is one combination, of no choices. Exhausted, code "product.sku_cap", where
// there are more than limit.
func Combinations(options []Option, limit int) ([][]string, error) {
	n := 1
	for _, o := range options {
		if n *= len(o.Values); n > limit {
			return nil, fault.New(fault.Exhausted, "product.sku_cap", "the options span too many SKUs").
				With("max", limit)
		}
	}
	out := make([][]string, n)
	for i := range out {
		choices := make([]string, len(options))
		rest := i
		for j := len(options) - 1; j >= 0; j-- {
			values := options[j].Values
			choices[j] = values[rest%len(values)].Code
			rest /= len(values)
		}
		out[i] = choices
	}
	return out, nil
}

// missing returns the combinations that no SKU has, archived ones included:
// what was taken off sale does not come back by itself.
func (p Product) missing() ([][]string, error) {
	all, err := Combinations(p.Options, MaxSKUs)
	if err != nil {
		return nil, err
	}
	have := words{}
	for _, s := range p.SKUs {
		have.add(combination(s.Choices))
	}
	var out [][]string
	for _, c := range all {
		if !have[combination(c)] {
			out = append(out, c)
		}
	}
	if len(p.SKUs)+len(out) > MaxSKUs {
		return nil, fault.New(fault.Exhausted, "product.sku_cap", "the product would have too many SKUs").
			With("max", MaxSKUs)
	}
	return out, nil
}

// generate adds a SKU for every missing combination, with codes made of base,
// and returns how many.
func (p *Product) generate(base string, mint []SKUID) (int, error) {
	todo, err := p.missing()
	if err != nil {
		return 0, err
	}
	codes := words{}
	for _, s := range p.SKUs {
		codes.add(s.Code)
	}
	for i, choices := range todo {
		s := SKU{ID: mint[i], Code: skuCode(base, choices), Choices: choices}
		for n := 2; codes[s.Code]; n++ { // cut codes may meet
			s.Code = cut(skuCode(base, choices), MaxCode-5) + "-" + strconv.Itoa(n)
		}
		codes.add(s.Code)
		p.SKUs = append(p.SKUs, s)
	}
	return len(todo), nil
}

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// codeBase is what generated codes begin with: the slug where it is short and
// plain, else the end of the product's id.
func (p Product) codeBase() string {
	if p.Slug != "" && len(p.Slug) <= 32 && strings.Trim(p.Slug, alphanumeric+"-") == "" {
		return p.Slug
	}
	return "p" + tail(string(p.ID), 12)
}

func skuCode(base string, choices []string) string {
	parts := append([]string{base}, choices...)
	return cut(strings.ToUpper(strings.Join(parts, "-")), MaxCode)
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	for len(s) > n {
		r := []rune(s)
		s = string(r[:len(r)-1])
	}
	return strings.TrimRight(s, "-")
}
