package search

import (
	"strconv"
	"strings"
	"unicode"
)

// MeasureField returns the field of a numeric attribute: each unit has one of
// its own, so that ranges and statistics never mix metres with feet.
func MeasureField(name, unit string) string {
	if unit == "" {
		return AttributeField(name)
	}
	return AttributeField(name) + "\x1f" + unit
}

// maxMeasure is the length of the longest text that is a number and a unit, in
// bytes.
const maxMeasure = 40

// ReadMeasure reads a text that is a number and nothing but a unit: "1.5 kg",
// "128GB", "20 英寸", "42". What is measured in several units comes in one of
// them: grams, centimetres, millilitres, watts, hertz and gigabytes. A unit that
// is not known stays as it is, in lower case.
func ReadMeasure(text string) (amount float64, unit string, ok bool) {
	text = strings.TrimSpace(Fold(text))
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(text)
	}
	digits := text[:end]
	unit = strings.TrimSpace(text[end:])
	if len(text) > maxMeasure || digits == "" || digits[0] == '.' || digits[len(digits)-1] == '.' ||
		strings.ContainsFunc(unit, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(`"%°`, r) }) {
		return 0, "", false
	}
	amount, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, "", false
	}
	base, factor := baseUnit(unit)
	return amount * factor, base, true
}

// baseUnit returns the unit in which such measures are compared, and how much of
// it one is.
func baseUnit(unit string) (base string, factor float64) {
	switch unit {
	case "mg", "毫克":
		return "g", 0.001
	case "g", "gram", "grams", "克":
		return "g", 1
	case "kg", "千克", "公斤":
		return "g", 1000
	case "lb", "lbs", "pound", "pounds":
		return "g", 453.59237
	case "oz", "ounce", "ounces":
		return "g", 28.349523125
	case "mm", "毫米":
		return "cm", 0.1
	case "cm", "厘米":
		return "cm", 1
	case "m", "metre", "metres", "meter", "meters", "米":
		return "cm", 100
	case `"`, "in", "inch", "inches", "英寸":
		return "cm", 2.54
	case "ft", "foot", "feet":
		return "cm", 30.48
	case "ml", "毫升":
		return "ml", 1
	case "cl":
		return "ml", 10
	case "l", "litre", "litres", "liter", "liters", "升":
		return "ml", 1000
	case "w", "watt", "watts", "瓦":
		return "W", 1
	case "kw", "千瓦":
		return "W", 1000
	case "hz", "赫兹":
		return "Hz", 1
	case "khz":
		return "Hz", 1e3
	case "mhz":
		return "Hz", 1e6
	case "ghz":
		return "Hz", 1e9
	case "mb":
		return "GB", 0.001
	case "gb":
		return "GB", 1
	case "tb":
		return "GB", 1000
	}
	return unit, 1
}
