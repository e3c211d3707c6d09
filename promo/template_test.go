package promo_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/promo"
)

// sample returns a value that fits a parameter.
func sample(p promo.Parameter) json.RawMessage {
	switch p.Type {
	case promo.ParamNumber:
		return json.RawMessage(`2`)
	case promo.ParamMoney:
		return json.RawMessage(`{"currency":"USD","minor":1000}`)
	case promo.ParamTexts:
		return json.RawMessage(`["a"]`)
	case promo.ParamTime:
		if p.Name == "until" {
			return json.RawMessage(`"2026-05-01T00:00:00Z"`)
		}
		return json.RawMessage(`"2026-03-01T00:00:00Z"`)
	case promo.ParamFlag:
		return json.RawMessage(`true`)
	case promo.ParamText:
	}
	return json.RawMessage(`"x"`)
}

func TestEveryStandardTemplateStampsOutPromotions(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	all, err := promo.StandardTemplates()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(all), 14)
	for _, template := range all {
		require.NoError(t, engine.ValidateTemplate(&template), template.ID)
		full, bare := map[string]json.RawMessage{}, map[string]json.RawMessage{}
		for _, p := range template.Parameters {
			full[p.Name] = sample(p)
			if !p.Optional && p.Default == nil {
				bare[p.Name] = sample(p)
			}
		}
		for _, values := range []map[string]json.RawMessage{full, bare} {
			p, err := engine.Stamp(&template, values)
			require.NoError(t, err, template.ID)
			require.Equal(t, template.ID, p.Template)
		}
	}
}

func TestStampRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	template := promo.Template{
		ID: "t", Parameters: []promo.Parameter{{Name: "percent", Type: promo.ParamNumber, Min: 1, Max: 500_000}, {Name: "name", Type: promo.ParamText}},
		Body: json.RawMessage(`{"id":"p","version":1,"name":{"$param":"name"},"benefit":{"percent":{"ppm":{"$param":"percent"}}}}`),
	}
	for values, want := range map[string][]string{
		`{}`:                              {"values.percent", "values.name"},
		`{"percent":600000,"name":"x"}`:   {"values.percent"},
		`{"percent":"1","name":1}`:        {"values.percent", "values.name"},
		`{"percent":1,"name":"x","y":1}`:  {"values.y"},
		`{"percent":1,"name":"a\u0000b"}`: {"name"},
	} {
		var in map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(values), &in))
		_, err := engine.Stamp(&template, in)
		var f *fault.Fault
		require.True(t, errors.As(err, &f), values)
		var paths []string
		for _, field := range f.Fields {
			paths = append(paths, field.Path)
		}
		require.Equal(t, want, paths, values)
	}
	template.Body = json.RawMessage(`{"id":{"$param":"nobody"}}`)
	template.Parameters[0].Default = json.RawMessage(`0`)
	err := engine.ValidateTemplate(&template)
	var f *fault.Fault
	require.True(t, errors.As(err, &f))
	require.Len(t, f.Fields, 4) // the default, the unknown one, two unused ones
}
