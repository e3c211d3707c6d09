package web

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

// helpers are the functions that templates call, bound to one language.
type helpers struct {
	texts    *Texts
	location *time.Location
	assets   *Assets
}

func (h helpers) funcs() template.FuncMap {
	return template.FuncMap{
		"t": func(key string, pairs ...any) (string, error) {
			params, err := paramsOf(pairs)
			return h.texts.Text(key, params), err
		},
		"tn": func(key string, n any, pairs ...any) (string, error) {
			count, err := integer(n)
			if err != nil {
				return "", err
			}
			params, err := paramsOf(pairs)
			return h.texts.Count(key, count, params), err
		},
		"tp":      func(key string, params fault.Params) string { return h.texts.Text(key, params) },
		"wrong":   h.wrong,
		"trouble": h.texts.Trouble,
		"money":   func(m money.Money) string { return m.Format(h.texts.locale) },
		"number":  number,
		"less":    less,
		"date":    func(t time.Time) string { return h.when(t, "Jan 2, 2006", "2006年1月2日") },
		"datetime": func(t time.Time) string {
			return h.when(t, "Jan 2, 2006, 3:04 PM", "2006年1月2日 15:04")
		},
		"clockTime":   func(t time.Time) string { return h.when(t, "3:04 PM", "15:04") },
		"stamp":       func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"asset":       h.assets.Href,
		"picture":     picturePath,
		"field":       newField,
		"selectField": newSelect,
		"steps":       view.Steps,
		"yes":         func(b bool) string { return map[bool]string{true: "yes"}[b] },
		"chosen": func(as []view.Address) bool {
			return slices.ContainsFunc(as, func(a view.Address) bool { return a.Selected })
		},
	}
}

func (h helpers) wrong(f any) (string, error) {
	switch f := f.(type) {
	case fault.Field:
		return h.texts.Wrong(f), nil
	case *fault.Field:
		return h.texts.Wrong(*f), nil
	}
	return "", fmt.Errorf("wrong: %T is no field", f)
}

func (h helpers) when(t time.Time, english, chinese string) string {
	if h.texts.locale == ref.Chinese {
		return t.In(h.location).Format(chinese)
	}
	return t.In(h.location).Format(english)
}

// picturePath returns the address of a picture by its key.
func picturePath(key string) string { return "/pictures/" + key + ".svg" }

// less returns by how many percent, rounded down, now is below before.
func less(before, now money.Money) int64 {
	if before.Minor() <= 0 {
		return 0
	}
	return (before.Minor() - now.Minor()) * 100 / before.Minor()
}

var errPairs = errors.New("parameters must come in pairs of a name and a value")

func paramsOf(pairs []any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errPairs
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errPairs
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

func integer(n any) (int64, error) {
	switch n := n.(type) {
	case int:
		return int64(n), nil
	case int64:
		return n, nil
	}
	return 0, fmt.Errorf("%T is no number of things", n)
}

// input is one field of a form as its template shows it.
type input struct {
	ID, Name, Label, Type, Value        string
	Autocomplete, Mode, Placeholder     string
	MaxLength, Class, Hint, DescribedBy string
	Optional, Autofocus                 bool
	Wrong                               *fault.Field
	Choices                             []view.Choice
}

// newField makes an input out of a form, the field's name, the key of its
// label and pairs of further attributes.
func newField(form view.Form, name, label string, pairs ...string) (input, error) {
	in := input{ID: strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name), Name: name, Label: label, Type: "text", Wrong: form.Wrong(name)}
	if len(pairs)%2 != 0 {
		return in, errPairs
	}
	for i := 0; i < len(pairs); i += 2 {
		value := pairs[i+1]
		switch pairs[i] {
		case "own": // tells its id from that of the same field of another form
			in.ID = strings.Trim(value+"-"+in.ID, "-")
		case "type":
			in.Type = value
		case "autocomplete":
			in.Autocomplete = value
		case "mode":
			in.Mode = value
		case "placeholder":
			in.Placeholder = value
		case "maxlength":
			in.MaxLength = value
		case "class":
			in.Class = value
		case "hint":
			in.Hint = value
		case "optional":
			in.Optional = value == "yes"
		case "autofocus":
			in.Autofocus = value == "yes" && !form.Failed()
		default:
			return in, fmt.Errorf("field %s: no attribute %q", name, pairs[i])
		}
	}
	if in.Type != "password" { // what was typed there is never sent back
		in.Value = form.Value(name)
	}
	var described []string
	if in.Hint != "" {
		described = append(described, "h-"+in.ID)
	}
	if in.Wrong != nil {
		described = append(described, "e-"+in.ID)
	}
	in.DescribedBy = strings.Join(described, " ")
	return in, nil
}

// newSelect is newField with a list to choose from.
func newSelect(form view.Form, name, label string, choices []view.Choice, pairs ...string) (input, error) {
	in, err := newField(form, name, label, pairs...)
	in.Choices = slices.Clone(choices)
	if typed, ok := form.Values[name]; ok {
		for i := range in.Choices {
			in.Choices[i].Selected = in.Choices[i].Code == typed
		}
	}
	return in, err
}
