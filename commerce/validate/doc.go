// Package validate checks the inputs of a use case by the tags on their
// fields and reports every wrong one at once.
//
//	type AddInput struct {
//		SKU      ref.SKUID    `json:"sku" validate:"required,id"`
//		Quantity ref.Quantity `json:"quantity" validate:"quantity"`
//		Note     string       `json:"note" validate:"max=200,text"`
//	}
//
//	v := validate.New()
//	err := v.Struct(in) // fault.Invalid: sku: required, quantity: out_of_range
//
// Tags are those of go-playground/validator; only this package imports it. To
// them it adds text, lines, slug, id, quantity, locale, currency, country,
// money, positive and notnegative, see [Validator]. A path is the JSON path
// of the field ("lines[2].quantity"), a code is a word of this project
// ("too_long", with its max), so that clients never see the library.
//
// What it does not do: it holds no rule that needs the store, and it does not
// normalise. Rules between fields that tags cannot say gather in a
// fault.Violations of their own, into which Merge takes the result of Struct.
package validate
