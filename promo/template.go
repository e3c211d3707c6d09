package promo

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Template is an activity template (活动模板): a promotion with holes, so that
// whoever runs a shop fills in a few values instead of a whole promotion.
//
// Body is the JSON form of a promotion in which {"$param": "name"} stands for
// the value of a parameter. Where an optional parameter has no value, the
// field or element that it stands for is left out.
type Template struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Parameters []Parameter     `json:"parameters"`
	Body       json.RawMessage `json:"body"`
}

// Parameter is a hole of a template.
type Parameter struct {
	Name     string          `json:"name"`
	Type     ParameterType   `json:"type"`
	Optional bool            `json:"optional,omitempty"`
	Default  json.RawMessage `json:"default,omitempty"`
	Min      int64           `json:"min,omitempty"` // of numbers; both zero: unbounded
	Max      int64           `json:"max,omitempty"`
}

// ParameterType says what a parameter's value is.
type ParameterType string

// The types of parameters, by their JSON form.
const (
	ParamNumber ParameterType = "number" // a whole number; percentages are in ppm
	ParamMoney  ParameterType = "money"  // {"currency":"CNY","minor":3000}
	ParamText   ParameterType = "text"
	ParamTexts  ParameterType = "texts" // a list of texts, such as ids
	ParamTime   ParameterType = "time"  // RFC 3339
	ParamFlag   ParameterType = "flag"
)

//go:embed templates.json
var templates []byte

// StandardTemplates returns the usual activities of a shop: discounts for a
// time, reductions over an amount and for every amount, coupons, the second at
// a lower price, buy some get some, bundles, gifts, free shipping, points.
func StandardTemplates() ([]Template, error) {
	var all []Template
	if err := decode(templates, &all); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "promo.templates", "the standard templates cannot be read")
	}
	return all, nil
}

// ValidateTemplate returns everything that is wrong with a template: its
// parameters, and the holes of its body. Kinds: Invalid.
func (e *Engine) ValidateTemplate(t *Template) error {
	var v fault.Violations
	if !ref.ValidID(t.ID) {
		v.Add("id", "required", nil)
	}
	declared := map[string]bool{}
	for i, p := range t.Parameters {
		up := element(nil, "parameters", i)
		wrong := func(name, code string) {
			at := field(&up, name)
			v.Add(at.String(), code, fault.Params{"name": p.Name})
		}
		switch {
		case !ref.ValidID(p.Name):
			wrong("name", "required")
		case declared[p.Name]:
			wrong("name", "duplicate")
		}
		declared[p.Name] = true
		if !p.Type.known() {
			wrong("type", "one_of")
		} else if p.Default != nil && p.check(p.Default) != "" {
			wrong("default", p.check(p.Default))
		}
	}
	body, err := parse(t.Body)
	if err != nil {
		v.Add("body", "json", nil)
	}
	used := map[string]bool{}
	holes(body, used)
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if !declared[name] {
			v.Add("body", "unknown_parameter", fault.Params{"name": name})
		}
	}
	for i, p := range t.Parameters {
		if declared[p.Name] && !used[p.Name] {
			at := element(nil, "parameters", i)
			v.Add(at.String(), "unused", fault.Params{"name": p.Name})
		}
	}
	return v.Err("promo.template", "the template is not valid")
}

// Stamp makes a promotion from a template and values for its parameters, and
// validates it. Kinds: Invalid; the paths of wrong values begin with values.
func (e *Engine) Stamp(t *Template, values map[string]json.RawMessage) (Promotion, error) {
	if err := e.ValidateTemplate(t); err != nil {
		return Promotion{}, err
	}
	var v fault.Violations
	filled := map[string]any{}
	for _, p := range t.Parameters {
		value := values[p.Name]
		if value == nil {
			value = p.Default
		}
		if value == nil {
			if !p.Optional {
				v.Add("values."+p.Name, "required", nil)
			}
			continue
		}
		if code := p.check(value); code != "" {
			v.Add("values."+p.Name, code, fault.Params{"type": p.Type, "min": p.Min, "max": p.Max})
			continue
		}
		filled[p.Name], _ = parse(value) // check has read it
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(t.Parameters, func(p Parameter) bool { return p.Name == name }) {
			v.Add("values."+name, "unknown", nil)
		}
	}
	if err := v.Err("promo.stamp", "the values do not fit the template"); err != nil {
		return Promotion{}, err
	}
	body, err := parse(t.Body)
	if err != nil {
		return Promotion{}, fault.Wrap(err, fault.Invalid, "promo.template", "the template is not valid")
	}
	body, _ = fill(body, filled)
	data, err := json.Marshal(body)
	if err != nil {
		return Promotion{}, fault.Wrap(err, fault.Invalid, "promo.template", "the template is not valid")
	}
	p, err := Decode(data)
	if err != nil {
		return Promotion{}, err
	}
	p.Template = t.ID
	return p, e.Validate(&p)
}

func (t ParameterType) known() bool {
	switch t {
	case ParamNumber, ParamMoney, ParamText, ParamTexts, ParamTime, ParamFlag:
		return true
	}
	return false
}

// check returns what is wrong with a value, or nothing.
func (p *Parameter) check(value json.RawMessage) string {
	var err error
	switch p.Type {
	case ParamNumber:
		var n int64
		if err = decode(value, &n); err == nil && (p.Min != 0 || p.Max != 0) && (n < p.Min || n > p.Max) {
			return "out_of_range"
		}
	case ParamMoney:
		var m money.Money
		if err = decode(value, &m); err == nil && m.Sign() <= 0 {
			return "positive"
		}
	case ParamText:
		var s string
		err = decode(value, &s)
	case ParamTexts:
		var s []string
		err = decode(value, &s)
	case ParamTime:
		var p Promotion
		err = decode(fmt.Appendf(nil, `{"from":%s}`, value), &p)
	case ParamFlag:
		var b bool
		err = decode(value, &b)
	}
	if err != nil {
		return "type"
	}
	return ""
}

// parse reads any JSON value, numbers as they are written.
func parse(data json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var value any
	err := d.Decode(&value)
	return value, err
}

// hole returns the name of the parameter that a value stands for.
func hole(value any) (string, bool) {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return "", false
	}
	name, ok := object["$param"].(string)
	return name, ok
}

// holes gathers the parameters that a value is made with.
func holes(value any, used map[string]bool) {
	if name, ok := hole(value); ok {
		used[name] = true
		return
	}
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			holes(v, used)
		}
	case []any:
		for _, v := range value {
			holes(v, used)
		}
	}
}

// fill puts values into the holes. It reports false for a hole that stays
// empty.
func fill(value any, values map[string]any) (any, bool) {
	if name, ok := hole(value); ok {
		v, ok := values[name]
		return v, ok
	}
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			if v, ok := fill(v, values); ok {
				value[name] = v
			} else {
				delete(value, name)
			}
		}
	case []any:
		kept := value[:0]
		for _, v := range value {
			if v, ok := fill(v, values); ok {
				kept = append(kept, v)
			}
		}
		return kept, true
	}
	return value, true
}
