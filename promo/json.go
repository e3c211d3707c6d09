package promo

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"

	"github.com/soukhq/souk/commerce/fault"
)

//go:embed promotion.schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of a promotion, for editors and for
// hosts that check before they send. It says what can be said about one field
// at a time; [Engine.Validate] says the rest.
func Schema() json.RawMessage { return bytes.Clone(schema) }

// Decode reads the JSON form of a promotion, and refuses fields that do not
// exist. It does not validate. Kinds: Invalid.
func Decode(data []byte) (Promotion, error) {
	var p Promotion
	if err := decode(data, &p); err != nil {
		return Promotion{}, fault.Wrap(err, fault.Invalid, "promo.json", "this is no promotion")
	}
	return p, nil
}

func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}
