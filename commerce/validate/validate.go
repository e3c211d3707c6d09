package validate

import (
	"errors"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/soukhq/souk/commerce/fault"
)

// Validator checks structs by their validate tags. It caches what it learns
// of a type, so keep one; it is safe for concurrent use. The rules it adds:
//
//	text         one line of valid UTF-8 without control characters
//	lines        the same, line feeds and tabs allowed
//	slug         lower-case letters and digits in any script, single hyphens
//	id           1 to 64 bytes of text
//	quantity     1 to ref.MaxQuantity
//	locale       a BCP 47 tag
//	currency     an ISO 4217 code in capitals
//	country      an ISO 3166-1 alpha-2 code in capitals
//	money        a known currency, an amount that may cross the API
//	positive     above zero: an integer or an amount
//	notnegative  zero or above: an integer or an amount
//
// A mistake in a tag is a defect of the program and panics when the type is
// first checked; a test that checks each input type once finds it.
type Validator struct{ lib *validator.Validate }

// New returns a Validator.
func New() *Validator {
	lib := validator.New(validator.WithRequiredStructEnabled(), validator.WithTagNameFuncBlankOmit())
	lib.RegisterTagNameFunc(jsonName)
	for _, r := range rules() {
		// It refuses empty and reserved names only; ours are neither.
		_ = lib.RegisterValidation(r.tag, r.check)
	}
	return &Validator{lib: lib}
}

// Struct checks a struct or a pointer to one. Kinds: Invalid, code
// "input.invalid", with every wrong field; Internal where v is no struct.
func (v *Validator) Struct(in any) error {
	err := v.lib.Struct(in)
	if err == nil {
		return nil
	}
	var wrong validator.ValidationErrors
	if !errors.As(err, &wrong) {
		return fault.Wrap(err, fault.Internal, "input.type", "only structs can be checked")
	}
	t := reflect.TypeOf(in)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var out fault.Violations
	for _, w := range wrong {
		code, params := explain(w)
		out.Add(strings.TrimPrefix(w.Namespace(), t.Name()+"."), code, params)
	}
	return out.Err("input.invalid", "the input is not valid")
}

// jsonName names a field as its JSON member; an embedded struct adds nothing
// to the path, as in JSON.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case name == "" && f.Anonymous:
		return ""
	case name == "" || name == "-":
		return f.Name
	}
	return name
}
