package storage

import "reflect"

// Missing returns the names of the fields that are nil.
func (s Stores) Missing() []string {
	var out []string
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			out = append(out, v.Type().Field(i).Name)
		}
	}
	return out
}
