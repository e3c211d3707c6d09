package storagetest

import (
	"reflect"
	"time"
)

// opaque reports whether values of t are taken as a whole: scalars, and
// structs without exported fields.
func opaque(t reflect.Type) bool {
	if t.Implements(reflect.TypeFor[error]()) || t == reflect.TypeFor[time.Time]() {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return false
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() {
				return false
			}
		}
	default:
	}
	return true
}

// deepCopy copies v with everything that its exported fields reach.
func deepCopy(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch {
	case opaque(v.Type()):
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(deepCopy(v.Field(i)))
			}
		}
	case v.IsNil():
	case v.Kind() == reflect.Pointer:
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(deepCopy(v.Elem()))
	case v.Kind() == reflect.Interface:
		out.Set(deepCopy(v.Elem()))
	case v.Kind() == reflect.Slice:
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(deepCopy(v.Index(i)))
		}
	case v.Kind() == reflect.Map:
		out.Set(reflect.MakeMap(v.Type()))
		for k, e := range v.Seq2() {
			out.SetMapIndex(k, deepCopy(e))
		}
	}
	return out
}

// takeOver makes dst, a value that others may share parts of, equal to src,
// and writes only what differs. What has another shape is replaced.
func takeOver(dst, src reflect.Value) {
	switch {
	case reflect.DeepEqual(dst.Interface(), src.Interface()):
	case opaque(dst.Type()):
		dst.Set(src)
	case dst.Kind() == reflect.Struct:
		for i := range dst.NumField() {
			if dst.Type().Field(i).IsExported() {
				takeOver(dst.Field(i), src.Field(i))
			}
		}
	case dst.Kind() == reflect.Slice && dst.Len() == src.Len() && !dst.IsNil() && !src.IsNil():
		for i := range dst.Len() {
			takeOver(dst.Index(i), src.Index(i))
		}
	case dst.Kind() == reflect.Pointer && !dst.IsNil() && !src.IsNil():
		takeOver(dst.Elem(), src.Elem())
	default:
		dst.Set(deepCopy(src))
	}
}

// scramble overwrites everything that v points at.
func scramble(v reflect.Value) {
	switch {
	case v.Type().Implements(reflect.TypeFor[error]()):
	case v.Kind() == reflect.String:
		v.SetString("scrambled")
	case v.CanInt():
		v.SetInt(-v.Int() - 7)
	case v.CanUint():
		v.SetUint(^v.Uint())
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case opaque(v.Type()):
		v.SetZero()
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scramble(v.Field(i))
			}
		}
	case v.IsNil():
	case v.Kind() == reflect.Pointer:
		scramble(v.Elem())
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			scramble(v.Index(i))
		}
	case v.Kind() == reflect.Map:
		for k := range v.Seq() {
			v.SetMapIndex(k, reflect.Value{})
		}
	}
}
