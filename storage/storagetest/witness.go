package storagetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/storage"
)

// witness watches what every store promises of every method, whatever a case
// is about:
//
//   - what a store was handed and what it hands out is a copy: the witness
//     scrambles the store's side of both;
//   - a call that fails leaves its arguments as they were;
//   - a context that has ended is refused;
//   - a call that is refused inside a unit leaves the unit usable;
//   - a call inside a unit is undone with it: the first call of each method
//     that a case makes outside of a unit is rehearsed in one that fails,
//     unless the adapter joins no units.
func witness(t T, s storage.Stores, limits Limits) storage.Stores {
	w := &watch{t: t, units: s, unjoined: limits.NoUnits, seen: map[string]bool{}}
	return storage.Intercept(s, w.hook)
}

type watch struct {
	t        T
	units    storage.Stores
	unjoined bool // the adapter joins no units

	open atomic.Int32 // units of the case

	mu   sync.Mutex
	seen map[string]bool
}

func (w *watch) hook(ctx context.Context, c storage.Call, next func(context.Context) error) error {
	if c.Name() == "Units.Do" {
		w.open.Add(1)
		defer w.open.Add(-1)
		return next(context.WithValue(ctx, insideKey{}, true))
	}
	if ctx.Err() == nil && w.once(fmt.Sprint("canceled ", c.Name(), ctx.Value(insideKey{}))) {
		w.canceled(ctx, c, next)
	}
	// Where one unit runs at a time a rehearsal would wait for the case's own.
	if ctx.Err() == nil && !w.unjoined && w.open.Load() == 0 && rehearsable(c) && w.once("rehearsed "+c.Name()) {
		w.rehearse(ctx, c, next)
	}
	err := w.call(ctx, c, next)
	if err != nil && ctx.Err() == nil && ctx.Value(insideKey{}) != nil && w.open.Load() == 1 && w.once("repeated "+c.Name()) {
		w.repeat(ctx, c, next, err)
	}
	return err
}

// insideKey marks the contexts of units.
type insideKey struct{}

// repeat makes a call that was refused once more: the unit must still be good
// for the same answer.
func (w *watch) repeat(ctx context.Context, c storage.Call, next func(context.Context) error, err error) {
	if c.Name() == "Inventory.Reserve" { // a second reservation fails its unit, as the port says
		return
	}
	switch kind := fault.KindOf(err); kind {
	case fault.NotFound, fault.AlreadyExists, fault.Conflict, fault.Invalid, fault.Exhausted:
		if again := w.call(ctx, c, next); fault.KindOf(again) != kind {
			w.t.Errorf("%s left its unit unusable: %v, and then %v", c.Name(), err, again)
		}
	default:
	}
}

// rehearsable reports whether a method may be rehearsed beside other cases: not
// what runs in units of its own, nor what works through rows that belong to
// everybody and passes those by that a unit holds.
func rehearsable(c storage.Call) bool {
	switch c.Method {
	case "Sequence", "Purge", "Sweep", "ClaimDue":
		return false
	case "Claim":
		return c.Port == "Claims"
	}
	return true
}

func (w *watch) once(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := !w.seen[what]
	w.seen[what] = true
	return first
}

// call makes one call with arguments of which the store can keep nothing.
func (w *watch) call(ctx context.Context, c storage.Call, next func(context.Context) error) error {
	objects := handed(c.Args)
	before := make([]reflect.Value, len(objects))
	for i, o := range objects {
		before[i] = reflect.New(o.Type()).Elem()
		before[i].Set(o)
		o.Set(deepCopy(o))
	}
	err := next(ctx)
	refused := rowErrors(c)
	for i, o := range objects {
		given := before[i]
		if (err != nil || i < len(refused) && refused[i] != nil) && !reflect.DeepEqual(given.Interface(), o.Interface()) {
			w.t.Errorf("%s failed and changed its argument:\nbefore: %+v\n after: %+v", c.Name(), given, o)
		}
		kept := reflect.New(o.Type()).Elem()
		kept.Set(o)
		takeOver(given, o)
		o.Set(given)
		scramble(kept)
	}
	for _, r := range c.Results {
		v := reflect.ValueOf(r).Elem()
		kept := reflect.New(v.Type()).Elem()
		kept.Set(v)
		v.Set(deepCopy(v))
		scramble(kept)
	}
	return err
}

// canceled calls with a context that has ended. An argument that is refused
// for itself may be refused first, and nothing may be done with nothing.
func (w *watch) canceled(ctx context.Context, c storage.Call, next func(context.Context) error) {
	ended, end := context.WithCancel(ctx)
	end()
	err := w.call(ended, c, next)
	switch {
	case errors.Is(err, fault.Canceled), errors.Is(err, fault.Invalid), errors.Is(err, fault.FailedPrecondition):
	case err == nil && nothing(c.Args):
	default:
		w.t.Errorf("%s took a context that had ended: %v", c.Name(), err)
	}
}

var errRehearsal = errors.New("a rehearsal")

func (w *watch) rehearse(ctx context.Context, c storage.Call, next func(context.Context) error) {
	objects := handed(c.Args)
	before := make([]reflect.Value, len(objects))
	for i, o := range objects {
		before[i] = deepCopy(o)
	}
	err := w.units.Units.Do(ctx, func(ctx context.Context) error {
		for i, o := range objects { // this may be the second try
			takeOver(o, before[i])
		}
		_ = w.call(ctx, c, next)
		return errRehearsal
	})
	for i, o := range objects {
		takeOver(o, before[i])
	}
	over := errors.Is(err, fault.FailedPrecondition) // the context of a unit that is over
	if !errors.Is(err, errRehearsal) && ctx.Err() == nil && !over {
		w.t.Errorf("%s in a unit: %v", c.Name(), err)
	}
}

// handed returns the objects that arguments point at.
func handed(args []any) []reflect.Value {
	var all []reflect.Value
	for _, a := range args {
		switch v := reflect.ValueOf(a); {
		case !v.IsValid():
		case v.Kind() == reflect.Pointer && !v.IsNil():
			all = append(all, v.Elem())
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Pointer:
			for i := range v.Len() {
				if !v.Index(i).IsNil() {
					all = append(all, v.Index(i).Elem())
				}
			}
		}
	}
	return all
}

func rowErrors(c storage.Call) []error {
	for _, r := range c.Results {
		if errs, ok := r.(*[]error); ok {
			return *errs
		}
	}
	return nil
}

// nothing reports whether a call was handed an empty list.
func nothing(args []any) bool {
	for _, a := range args {
		if v := reflect.ValueOf(a); v.IsValid() && v.Kind() == reflect.Slice && v.Len() == 0 {
			return true
		}
	}
	return false
}
