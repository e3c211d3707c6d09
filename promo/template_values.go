package promo

import (
	"encoding/json"
	"reflect"
	"strconv"
)

// Values reads the values back that a promotion was stamped with, as far as
// the template's holes go, so that a form can show them again: what the
// template does not speak of, limits or exclusion groups say, is not compared.
// It reports false where the promotion says something else in a place that the
// template fills.
func (t *Template) Values(p Promotion) (map[string]json.RawMessage, bool) {
	body, err := parse(t.Body)
	if err != nil {
		return nil, false
	}
	p.Version = 1 // as every template has it
	data, err := json.Marshal(p)
	if err != nil {
		return nil, false
	}
	have, err := parse(data)
	if err != nil {
		return nil, false
	}
	values := map[string]json.RawMessage{}
	return values, drain(body, have, values)
}

// drain is the inverse of fill: nil stands for what is left out.
func drain(body, have any, values map[string]json.RawMessage) bool {
	if name, ok := hole(body); ok {
		if have == nil {
			return true
		}
		data, err := json.Marshal(have)
		values[name] = data
		return err == nil
	}
	switch body := body.(type) {
	case map[string]any:
		object, ok := have.(map[string]any)
		if !ok && have != nil {
			return false
		}
		for name, v := range body {
			if !drain(v, object[name], values) {
				return false
			}
		}
		return true
	case []any:
		list, ok := have.([]any)
		if !ok || len(list) != len(body) {
			return false
		}
		for i, v := range body {
			if !drain(v, list[i], values) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(body, have)
}

// Holes returns the name of the parameter that stands at each path of the
// body, in the form in which violations name fields: "benefit.percent.ppm".
func (t *Template) Holes() map[string]string {
	body, err := parse(t.Body)
	if err != nil {
		return nil
	}
	holes := map[string]string{}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		if name, ok := hole(value); ok {
			holes[at] = name
			return
		}
		switch value := value.(type) {
		case map[string]any:
			for name, v := range value {
				next := name
				if at != "" {
					next = at + "." + name
				}
				walk(next, v)
			}
		case []any:
			for i, v := range value {
				walk(at+"["+strconv.Itoa(i)+"]", v)
			}
		}
	}
	walk("", body)
	return holes
}
