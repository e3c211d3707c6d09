package shop

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/search"
)

// wishes reads what a rule wants of products: one a line, with a number before
// it that is a place or a weight.
type wishes struct {
	*desk
	front *front
	dir   *directory
	wrong *fault.Violations
	err   error // of the catalogue
}

// wish is one line.
type wish struct {
	line         int
	number, text string
}

// defaultWeight is that of a line without a number.
const defaultWeight = 3

// maxWishes bounds the lines of one field.
const maxWishes = 50

// Kinds of products that a line may name instead of one.
const (
	ofBrand    = "brand:"
	ofCategory = "category:"
	ofMerchant = "merchant:"
)

func (r *wishes) lines(in web.Inputs, name string) []wish {
	var out []wish
	n := 0
	for line := range strings.Lines(in[name]) {
		n++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		w := wish{line: n, text: line}
		if number, rest, ok := strings.Cut(line, " "); ok {
			if _, err := strconv.ParseFloat(number, 64); err == nil {
				w.number, w.text = number, strings.TrimSpace(rest)
			}
		}
		out = append(out, w)
	}
	if len(out) > maxWishes {
		r.wrong.Add(name, "too_many", fault.Params{"max": maxWishes})
		return nil
	}
	return out
}

func (r *wishes) note(field, code string, w wish) {
	r.wrong.Add(field, code, fault.Params{"line": w.line})
}

func (r *wishes) number(field string, w wish, low, high int) int {
	n, err := strconv.Atoi(w.number)
	if err != nil || n < low || n > high {
		r.note(field, "place", w)
	}
	return n
}

// product finds a product by its address, its id or that of one of its SKUs.
func (r *wishes) product(field string, w wish) ref.ProductID {
	if r.err != nil {
		return ""
	}
	name := w.text
	if _, slug, ok := strings.Cut(name, "/p/"); ok {
		name, _, _ = strings.Cut(slug, "?")
	}
	if ref.ValidID(name) {
		p, err := r.Market.Catalog.Product(r.ctx(), r.scope, ref.ProductID(name))
		if err == nil {
			return p.ID
		}
		if !errors.Is(err, fault.NotFound) {
			r.err = err
			return ""
		}
		refs, err := r.Market.Catalog.FindSKUs(r.ctx(), r.scope, catalog.SKUQuery{IDs: []ref.SKUID{ref.SKUID(name)}})
		if err != nil && fault.KindOf(err) != fault.Invalid {
			r.err = err
			return ""
		}
		if len(refs) > 0 {
			return refs[0].Product
		}
	}
	if ref.PlainText(name) {
		p, err := r.Market.Catalog.View(r.ctx(), r.front.channel.ID, name)
		if err == nil {
			return p.ID
		}
		if !errors.Is(err, fault.NotFound) && fault.KindOf(err) != fault.Invalid {
			r.err = err
			return ""
		}
	}
	r.note(field, "product", w)
	return ""
}

// favours reads what is moved up, or down where the sign is below 0.
func (r *wishes) favours(in web.Inputs, field string, sign float64) []search.Favour {
	var out []search.Favour
	for _, w := range r.lines(in, field) {
		f := search.Favour{Weight: sign * defaultWeight}
		if w.number != "" {
			weight, err := strconv.ParseFloat(w.number, 64)
			if err != nil || !(weight > 0 && weight <= 10) {
				r.note(field, "weight", w)
			}
			f.Weight = sign * weight
		}
		if f.Filter = r.filter(field, w); f.Filter == nil {
			f.Products = []ref.ProductID{r.product(field, w)}
		}
		out = append(out, f)
	}
	return out
}

// filter reads a line that names many products; nil for one that names one.
func (r *wishes) filter(field string, w wish) *search.Filter {
	text := strings.ReplaceAll(w.text, "：", ":")
	if name, ok := strings.CutPrefix(text, ofBrand); ok {
		return &search.Filter{Field: search.FieldBrand, Any: []string{strings.TrimSpace(name)}}
	}
	if id, ok := strings.CutPrefix(text, ofMerchant); ok {
		return &search.Filter{Field: search.FieldMerchant, Any: []string{strings.TrimSpace(id)}}
	}
	slug, ok := strings.CutPrefix(text, ofCategory)
	if !ok {
		return nil
	}
	path := r.dir.paths[r.dir.slugs[strings.TrimSpace(slug)]]
	if path == "" {
		r.note(field, "category", w)
	}
	return &search.Filter{Field: search.FieldCategory, Any: []string{path}}
}

// filterLine writes a filter as it is typed.
func filterLine(f *search.Filter, dir *directory) string {
	switch f.Field {
	case search.FieldBrand:
		return ofBrand + " " + f.Any[0]
	case search.FieldMerchant:
		return ofMerchant + " " + f.Any[0]
	}
	for id, path := range dir.paths {
		if path == f.Any[0] {
			return ofCategory + " " + dir.nodes[id].Slug
		}
	}
	return ofCategory + " " + strings.Join(search.SplitCategory(f.Any[0]), " / ") // which is not there any more
}

// unwritten are the preferences that no line can say.
func unwritten(all []search.Favour) []search.Favour {
	return slices.DeleteFunc(slices.Clone(all), func(w search.Favour) bool {
		f := w.Filter
		return w.Weight != 0 && (f == nil || len(w.Products) == 0 && len(f.Any) == 1 && f.Min == nil && f.Max == nil && !f.Not &&
			(f.Field == search.FieldBrand || f.Field == search.FieldCategory || f.Field == search.FieldMerchant))
	})
}
