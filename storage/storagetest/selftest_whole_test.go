package storagetest_test

import (
	"context"
	"reflect"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

// parts names, for objects that adapters keep in several tables, the field of
// what is not in the first one.
var parts = map[reflect.Type]string{
	reflect.TypeFor[payment.Intent]():  "Attempts",
	reflect.TypeFor[order.Group]():     "Orders",
	reflect.TypeFor[catalog.Product](): "SKUs",
}

// torn returns the results of m, by index, that hold such objects.
func torn(m method) []int {
	var all []int
	for i := range m.typ.NumOut() {
		found := false
		visit(sample(m.typ.Out(i)), func(v reflect.Value) bool {
			found = found || parts[v.Type()] != ""
			return !found
		})
		if found {
			all = append(all, i)
		}
	}
	return all
}

// tear answers with what it read first, but for the parts: those it reads once
// something was written, if that happens soon.
func tear(ctx context.Context, m method, c storage.Call, next nextFunc) error {
	if err := next(ctx); err != nil {
		return err
	}
	first := map[int]reflect.Value{}
	for _, i := range torn(m) {
		first[i] = deepCopy(reflect.ValueOf(c.Results[i]).Elem())
	}
	for range 5 {
		<-time.After(200 * time.Microsecond)
		if next(ctx) != nil {
			break // it is gone: what was read first stays
		}
		for i, was := range first {
			if now := reflect.ValueOf(c.Results[i]).Elem(); !reflect.DeepEqual(was.Interface(), now.Interface()) {
				join(was, now)
				now.Set(was)
				return nil
			}
		}
	}
	for i, was := range first {
		reflect.ValueOf(c.Results[i]).Elem().Set(was)
	}
	return nil
}

// join puts the parts of the objects in now into those in was, one by one.
func join(was, now reflect.Value) {
	var later []reflect.Value
	each := func(v reflect.Value, fn func(parts reflect.Value)) {
		visit(v, func(v reflect.Value) bool {
			name := parts[v.Type()]
			if name != "" {
				fn(v.FieldByName(name))
			}
			return name == ""
		})
	}
	each(now, func(parts reflect.Value) { later = append(later, parts) })
	each(was, func(parts reflect.Value) {
		if len(later) > 0 {
			parts.Set(later[0])
			later = later[1:]
		}
	})
}
