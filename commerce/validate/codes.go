package validate

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// explain turns the library's finding into a code and parameters of ours.
func explain(w validator.FieldError) (string, fault.Params) {
	tag := w.Tag()
	switch tag {
	case "min", "gte", "max", "lte", "gt", "lt", "len", "eq":
		return size(w)
	case "quantity":
		return "out_of_range", fault.Params{"min": int64(1), "max": int64(ref.MaxQuantity)}
	case "positive":
		return "out_of_range", fault.Params{"above": int64(0)}
	case "notnegative":
		return "out_of_range", fault.Params{"min": int64(0)}
	case "money":
		if m, ok := w.Value().(money.Money); ok {
			return strings.TrimPrefix(fault.CodeOf(m.Check()), "money."), nil
		}
		return "malformed", fault.Params{"format": "money"}
	case "oneof":
		return "unknown", fault.Params{"allowed": strings.Fields(w.Param())}
	case "locale", "currency", "country":
		return "unknown", nil
	case "unique":
		return "duplicate", nil
	case "id", "slug", "email", "url", "http_url", "https_url", "uuid", "e164", "hostname", "ip", "cidr",
		"hexadecimal", "base64", "json", "datetime", "timezone", "bcp47_language_tag", "sha256":
		return "malformed", fault.Params{"format": tag}
	}
	if strings.HasPrefix(tag, "required") {
		return "required", nil
	}
	if w.Param() == "" {
		return tag, nil
	}
	return tag, fault.Params{"param": w.Param()}
}

// size words a bound by what is measured: characters, elements or a number.
func size(w validator.FieldError) (string, fault.Params) {
	names := map[string]string{
		"min": "min", "gte": "min", "max": "max", "lte": "max", "gt": "above", "lt": "below", "len": "exactly", "eq": "exactly",
	}
	params := fault.Params{names[w.Tag()]: number(w.Param())}
	low, high := "out_of_range", "out_of_range"
	switch w.Kind() {
	case reflect.String:
		low, high = "too_short", "too_long"
	case reflect.Slice, reflect.Map, reflect.Array:
		low, high = "too_few", "too_many"
	}
	switch w.Tag() {
	case "min", "gte", "gt":
		return low, params
	case "max", "lte", "lt":
		return high, params
	}
	return "out_of_range", params
}

func number(param string) any {
	if n, err := strconv.ParseInt(param, 10, 64); err == nil {
		return n
	}
	return param
}
