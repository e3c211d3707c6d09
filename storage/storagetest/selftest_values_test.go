package storagetest_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

// deepCopy copies what v holds as far as its fields are exported.
func deepCopy(v reflect.Value) reflect.Value {
	if !v.IsValid() {
		return v
	}
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(deepCopy(v.Elem()))
		}
	case reflect.Interface:
		if !v.IsNil() {
			out.Set(deepCopy(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(deepCopy(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for k, e := range v.Seq2() {
				out.SetMapIndex(k, deepCopy(e))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(deepCopy(v.Field(i)))
			}
		}
	default:
	}
	return out
}

// opaque types are values, whatever is in them.
func opaque(t reflect.Type) bool {
	if t == reflect.TypeFor[time.Time]() {
		return true
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for f := range t.Fields() {
		if f.IsExported() {
			return false
		}
	}
	return true
}

// visit calls fn with every settable value in v, outermost first; fn reports
// whether to go on inside.
func visit(v reflect.Value, fn func(reflect.Value) bool) {
	if !v.IsValid() || (v.CanSet() && !fn(v)) || opaque(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			visit(v.Elem(), fn)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), fn)
		}
	case reflect.Map:
		for k, e := range v.Seq2() {
			c := reflect.New(e.Type()).Elem()
			c.Set(e)
			visit(c, fn)
			v.SetMapIndex(k, c)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				visit(v.Field(i), fn)
			}
		}
	default:
	}
}

// editVersions calls fn with the version of every object in v and the index
// of the row it belongs to. An object's own version hides none further in.
func editVersions(v reflect.Value, fn func(version reflect.Value, row int)) {
	row := func(v reflect.Value, at int) {
		visit(v, func(v reflect.Value) bool {
			if v.Kind() == reflect.Struct && !opaque(v.Type()) {
				if f := v.FieldByName("Version"); f.IsValid() && f.CanSet() && f.Kind() == reflect.Int64 {
					fn(f, at)
				}
			}
			return true
		})
	}
	switch {
	case v.Kind() == reflect.Interface && !v.IsNil():
		editVersions(v.Elem(), fn)
	case v.IsValid() && v.Kind() == reflect.Slice && isPointer(v.Type().Elem()):
		for i := range v.Len() {
			row(v.Index(i), i)
		}
	case v.IsValid() && isPointer(v.Type()):
		row(v, 0)
	}
}

// sample returns a value of t with one of everything inside; a type that holds
// itself ends with nothing of its own.
func sample(t reflect.Type) reflect.Value { return sampleBelow(t, nil) }

func sampleBelow(t reflect.Type, above []reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	if opaque(t) || slices.Contains(above, t) {
		return v
	}
	above = append(slices.Clone(above), t)
	switch t.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(sampleBelow(t.Elem(), above))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 1, 1))
		v.Index(0).Set(sampleBelow(t.Elem(), above))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(reflect.New(t.Key()).Elem(), sampleBelow(t.Elem(), above))
	case reflect.Struct:
		for i := range v.NumField() {
			if t.Field(i).IsExported() {
				v.Field(i).Set(sampleBelow(t.Field(i).Type, above))
			}
		}
	default:
	}
	return v
}

// shares reports whether a copy of a t can still share something with it.
func shares(t reflect.Type) bool {
	found := false
	visit(sample(t), func(v reflect.Value) bool {
		if k := v.Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Pointer {
			found = true
		}
		return !found
	})
	return found
}

// port is what all methods of one port answer.
type port struct {
	name    string
	methods []string
	results []reflect.Type
}

func ports() []port {
	var all []port
	for _, m := range methods() {
		if len(all) == 0 || all[len(all)-1].name != m.port {
			all = append(all, port{name: m.port})
		}
		p := &all[len(all)-1]
		p.methods = append(p.methods, m.id())
		for i := range m.typ.NumOut() - 1 {
			p.results = append(p.results, m.typ.Out(i))
		}
	}
	return all
}

// distorts breaks whatever a port answers.
func (p port) distorts(what string, fn func(v reflect.Value)) breakage {
	return breakage{
		name: p.name + " " + what, methods: p.methods,
		hook: func(storage.Stores) storage.Hook {
			return func(ctx context.Context, c storage.Call, next nextFunc) error {
				err := next(ctx)
				if err == nil && c.Port == p.name {
					for _, r := range c.Results {
						fn(reflect.ValueOf(r).Elem())
					}
				}
				return err
			}
		},
	}
}

// lostFields are the adapters that forget one field of one stored type.
func lostFields() []breakage {
	var all []breakage
	for _, p := range ports() {
		known := map[string]bool{}
		for _, t := range p.results {
			visit(sample(t), func(v reflect.Value) bool {
				if v.Kind() != reflect.Struct || opaque(v.Type()) || isPage(v.Type()) {
					return true
				}
				owner := v.Type()
				for f := range owner.Fields() {
					name := owner.String() + "." + f.Name
					if !f.IsExported() || f.Anonymous || known[name] {
						continue
					}
					known[name] = true
					all = append(all, p.distorts("loses "+name, func(v reflect.Value) {
						visit(v, func(v reflect.Value) bool {
							if v.Type() == owner {
								v.FieldByIndex(f.Index).SetZero()
							}
							return true
						})
					}))
				}
				return true
			})
		}
	}
	return all
}

// coarseValues are the adapters that keep less than they were given.
func coarseValues() []breakage {
	kinds := []struct {
		what string
		edit func(v reflect.Value) bool // reports whether v is of the kind
	}{
		{"keeps milliseconds", func(v reflect.Value) bool {
			at, ok := v.Interface().(time.Time)
			if ok && !at.IsZero() {
				v.Set(reflect.ValueOf(at.Truncate(time.Millisecond)))
			}
			return ok
		}},
		{"keeps times in a zone of its own", func(v reflect.Value) bool {
			at, ok := v.Interface().(time.Time)
			if ok && !at.IsZero() {
				v.Set(reflect.ValueOf(at.In(time.FixedZone("", 3600))))
			}
			return ok
		}},
		{"keeps amounts of 32 bits", func(v reflect.Value) bool {
			amount, ok := v.Interface().(money.Money)
			if ok && amount.Minor() > math.MaxInt32 {
				v.Set(reflect.ValueOf(money.New(math.MaxInt32, amount.Currency())))
			}
			return ok
		}},
		{"keeps quantities of 32 bits", func(v reflect.Value) bool {
			if v.Type() != reflect.TypeFor[ref.Quantity]() {
				return false
			}
			v.SetInt(min(v.Int(), math.MaxInt32))
			return true
		}},
		{"keeps large numbers as floating point", func(v reflect.Value) bool {
			switch x := v.Addr().Interface().(type) {
			case *event.Cursor:
				x.Position, x.Fence = rough(x.Position), rough(x.Fence)
			case *inventory.Level:
				x.OnHand, x.Reserved = rough(x.OnHand), rough(x.Reserved)
			case *inventory.Reservation:
				x.Quantity = rough(x.Quantity)
			case *inventory.Movement:
				x.OnHand, x.Reserved = rough(x.OnHand), rough(x.Reserved)
			default:
				return false
			}
			return true
		}},
		{"keeps Latin letters only", func(v reflect.Value) bool {
			if v.Kind() != reflect.String {
				return false
			}
			text := []rune(v.String())
			for i, r := range text {
				if r > 0xff {
					text[i] = '?'
				}
			}
			v.SetString(string(text))
			return true
		}},
	}
	var all []breakage
	for _, p := range ports() {
		for _, k := range kinds {
			fits := false
			for _, t := range p.results {
				visit(sample(t), func(v reflect.Value) bool {
					fits = k.edit(v) || fits
					return true
				})
			}
			if fits {
				all = append(all, p.distorts(k.what, func(v reflect.Value) {
					visit(v, func(v reflect.Value) bool { return !k.edit(v) })
				}))
			}
		}
	}
	return all
}

// rough is what a number of 53 bits keeps of n.
func rough[N ~int64](n N) N {
	if n > -1<<53 && n < 1<<53 {
		return n
	}
	return N(math.Nextafter(float64(n), 0))
}

func isPage(t reflect.Type) bool {
	_, ok := t.FieldByName("Next")
	return ok && t.PkgPath() == "github.com/soukhq/souk/commerce/page"
}

// rows returns the list in a result, if it is one: a slice, or a page's.
func rows(v reflect.Value) (reflect.Value, bool) {
	if v.Kind() == reflect.Struct && isPage(v.Type()) {
		v = v.FieldByName("Items")
	}
	return v, v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8
}

// rowType returns what a result is a list of, or the result's own type.
func rowType(t reflect.Type) reflect.Type {
	if v, ok := rows(reflect.New(t).Elem()); ok {
		return v.Type().Elem()
	}
	return t
}

func breakResults(m method) []breakage {
	var all []breakage
	for i := range m.typ.NumOut() - 1 {
		t := m.typ.Out(i)
		result := func(c storage.Call) reflect.Value { return reflect.ValueOf(c.Results[i]).Elem() }
		add := func(what string, fn func(v reflect.Value)) {
			all = append(all, at(m, what, then(func(c storage.Call) { fn(result(c)) })))
		}
		if _, ok := rows(reflect.New(t).Elem()); ok && t != reflect.TypeFor[[]error]() {
			list := func(fn func(v reflect.Value)) func(reflect.Value) {
				return func(v reflect.Value) {
					if r, _ := rows(v); r.Len() > 0 {
						fn(r)
					}
				}
			}
			add("loses the last row", list(func(v reflect.Value) { v.SetLen(v.Len() - 1) }))
			add("loses the first row", list(func(v reflect.Value) { v.Set(v.Slice(1, v.Len())) }))
			add("repeats a row", list(func(v reflect.Value) { v.Set(reflect.Append(v, v.Index(v.Len()-1))) }))
			add("turns the order round", list(func(v reflect.Value) {
				old := deepCopy(v)
				for i := range v.Len() {
					v.Index(i).Set(old.Index(v.Len() - 1 - i))
				}
			}))
		}
		switch {
		case t.Kind() == reflect.Struct && isPage(t):
			add("ends after one page", func(v reflect.Value) { v.FieldByName("Next").SetString("") })
			add("begins every page anew", func(v reflect.Value) {
				if n := v.FieldByName("Next"); n.String() != "" {
					n.SetString(n.String()[:len(n.String())-1])
				}
			})
		case t.Kind() == reflect.Bool:
			add("says the contrary", func(v reflect.Value) { v.SetBool(!v.Bool()) })
		case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
			add("counts one too many", func(v reflect.Value) { v.SetInt(v.Int() + 1) })
		case t.Kind() == reflect.Map:
			add("loses an entry", func(v reflect.Value) {
				for k := range v.Seq() {
					v.SetMapIndex(k, reflect.Value{})
					return
				}
			})
		}
		if row := rowType(t); shares(row) && t != reflect.TypeFor[[]error]() {
			all = append(all, sharedResults(m, i))
		}
	}
	return all
}

// sharedResults hands the same object out again as long as it has not changed
// in the store, with whatever a caller did to it.
func sharedResults(m method, i int) breakage {
	type handed struct{ fresh, shared reflect.Value }
	return at(m, "hands out what it keeps", func() behaviour {
		var mu sync.Mutex
		kept := map[string]handed{}
		return func(ctx context.Context, c storage.Call, next nextFunc) error {
			err := next(ctx)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			key := fmt.Sprint(c.Args...)
			v := reflect.ValueOf(c.Results[i]).Elem()
			old, ok := kept[key]
			if ok && reflect.DeepEqual(old.fresh.Interface(), v.Interface()) {
				v.Set(old.shared)
				return nil
			}
			shared := reflect.New(v.Type()).Elem()
			shared.Set(v)
			kept[key] = handed{deepCopy(v), shared}
			return nil
		}
	})
}

// keepsArguments is the adapter that stores the caller's object itself:
// whoever reads it gets what the caller has made of it since.
func keepsArguments(m method) (breakage, bool) {
	var held reflect.Type
	for i := 1; i < m.typ.NumIn(); i++ {
		t := m.typ.In(i)
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if isPointer(t) && shares(t.Elem()) {
			held = t.Elem()
		}
	}
	if held == nil {
		return breakage{}, false
	}
	type kept struct{ stored, caller reflect.Value }
	var readers []string
	for _, other := range methods() {
		if other.port == m.port {
			readers = append(readers, other.id())
		}
	}
	return breakage{
		name: m.id() + ": keeps what it was handed", methods: readers,
		hook: func(storage.Stores) storage.Hook {
			var mu sync.Mutex
			var all []kept
			return func(ctx context.Context, c storage.Call, next nextFunc) error {
				err := next(ctx)
				if err != nil || c.Port != m.port {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if c.Name() == m.id() {
					for _, arg := range c.Args {
						visit(reflect.ValueOf(arg), func(v reflect.Value) bool {
							if v.Type() == held {
								all = append(all, kept{deepCopy(v), v})
							}
							return v.Type() != held
						})
					}
				}
				for _, r := range c.Results {
					visit(reflect.ValueOf(r).Elem(), func(v reflect.Value) bool {
						if v.Type() != held {
							return true
						}
						for _, k := range all {
							if reflect.DeepEqual(v.Interface(), k.stored.Interface()) {
								v.Set(k.caller)
							}
						}
						return false
					})
				}
				return nil
			}
		},
	}, true
}
