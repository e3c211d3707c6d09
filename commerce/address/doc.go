// Package address holds postal addresses and phone numbers.
//
//	a, err := address.Address{
//		Name: "Li Lei", Phone: "138 0013 8000", Country: "CN",
//		Region: "广东", City: "深圳市", District: "南山区", Line1: "科技园路 1 号",
//	}.Normalize()
//	// a.Phone == "+8613800138000", a.Region == "广东省"
//
// [Address.Normalize] brings what a person typed into one written form: spaces
// trimmed, the phone number in E.164, region and postal code as the country's
// post writes them. Whatever is wrong comes back at once, as a fault.Invalid
// with a path per field. Names of regions are checked where [Regions] lists
// them, postal codes and which fields a country needs where this package knows
// them; elsewhere only the sizes and the characters are.
//
// An address is personal data. It has a JSON form, for storing and showing it
// to its owner, but printing or logging one shows the country only.
//
// What it does not do: it does not know streets, geocode, or tell a
// deliverable address from a well-formed one.
package address
