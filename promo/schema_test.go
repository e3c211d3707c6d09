package promo_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/promo"
)

var update = flag.Bool("update", false, "write the schema of the types")

// enums are the values of the types that have a closed set.
func enums() map[reflect.Type][]string {
	return map[reflect.Type][]string{
		reflect.TypeFor[promo.Redeem]():       {"", "code", "coupon"},
		reflect.TypeFor[promo.Level]():        {"", "price", "line", "order"},
		reflect.TypeFor[promo.Party]():        {"site", "merchant", "supplier"},
		reflect.TypeFor[promo.RefundPolicy](): {"", "claw_back", "return_gift"},
		reflect.TypeFor[promo.Basis]():        {"", "list", "item_net", "merchant_net", "paid"},
		reflect.TypeFor[promo.Per]():          {"unit", "line", "order"},
		reflect.TypeFor[promo.Measure]():      {"amount", "quantity"},
		reflect.TypeFor[promo.TierMode]():     {"step", "graduated", "every"},
		reflect.TypeFor[promo.Pick]():         {"", "dearest"},
		reflect.TypeFor[promo.RewardKind]():   {"points", "coupon", "chance"},
		reflect.TypeFor[promo.Class]():        {"price", "line", "reduction", "coupon", "shipping", "after"},
		reflect.TypeFor[promo.ShareMode]():    {"", "none", "with"},
	}
}

// writer describes the types that a promotion is made of.
type writer struct{ defs map[string]any }

func (w *writer) describe(t reflect.Type) map[string]any {
	if values, ok := enums()[t]; ok {
		return map[string]any{"type": "string", "enum": values}
	}
	switch t {
	case reflect.TypeFor[money.Money]():
		w.defs["Money"] = map[string]any{
			"type": "object", "required": []string{"currency", "minor"}, "additionalProperties": false,
			"properties": map[string]any{
				"currency": map[string]any{"type": "string", "pattern": "^[A-Z]{3}$"},
				"minor":    map[string]any{"type": "integer", "minimum": 1, "maximum": money.MaxMinor},
			},
		}
		return map[string]any{"$ref": "#/$defs/Money"}
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.describe(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": w.describe(t.Elem()), "maxItems": promo.MaxList}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": w.describe(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Struct:
		w.object(t)
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	default:
		panic("no schema for " + t.String())
	}
}

func (w *writer) object(t reflect.Type) {
	if w.defs[t.Name()] != nil {
		return
	}
	object := map[string]any{"type": "object", "additionalProperties": false}
	w.defs[t.Name()] = object
	properties, required := map[string]any{}, []string{}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		property := w.describe(field.Type)
		if name == "ppm" {
			property["minimum"], property["maximum"] = 0, money.Million
		}
		properties[name] = property
		if options == "" {
			required = append(required, name)
		}
	}
	object["properties"] = properties
	if len(required) > 0 {
		object["required"] = required
	}
	switch t {
	case reflect.TypeFor[promo.Benefit]():
		object["minProperties"], object["maxProperties"] = 1, 1
	case reflect.TypeFor[promo.Condition]():
		object["maxProperties"] = 1
	}
}

func TestSchemaDescribesTheTypes(t *testing.T) {
	t.Parallel()
	w := writer{defs: map[string]any{}}
	root := w.describe(reflect.TypeFor[promo.Promotion]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Souk promotion"
	root["$defs"] = w.defs
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(root))
	if *update {
		require.NoError(t, os.WriteFile("promotion.schema.json", want.Bytes(), 0o600))
	}
	require.True(t, want.String() == string(promo.Schema()) || *update, "the schema is not that of the types: run go test ./promo -run Schema -update")
}
