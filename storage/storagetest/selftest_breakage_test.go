package storagetest_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/storage"
)

// breakage is a way in which an adapter can be wrong.
type breakage struct {
	name string // completes "an adapter that ..."
	// methods it concerns; a case that calls none of them cannot notice.
	methods []string
	// race: it is wrong only where calls overlap.
	race bool
	// certain: some case notices all the same.
	certain bool
	// hook returns a fresh adapter's.
	hook func(base storage.Stores) storage.Hook
}

func (b breakage) touches(e *entry) bool {
	for _, m := range b.methods {
		if e.calls[m] {
			return true
		}
	}
	return false
}

type (
	nextFunc = func(context.Context) error
	// behaviour is what a broken method does.
	behaviour func(ctx context.Context, c storage.Call, next nextFunc) error
)

// at breaks one method.
func at(m method, what string, behave func() behaviour) breakage {
	return breakage{
		name: fmt.Sprintf("%s: %s", m.id(), what), methods: []string{m.id()},
		hook: func(storage.Stores) storage.Hook {
			do := behave()
			return func(ctx context.Context, c storage.Call, next nextFunc) error {
				if c.Name() != m.id() {
					return next(ctx)
				}
				return do(ctx, c, next)
			}
		},
	}
}

// always is a behaviour without state.
func always(b behaviour) func() behaviour { return func() behaviour { return b } }

// then is what is wrong with results that are right.
func then(spoil func(c storage.Call)) func() behaviour {
	return always(func(ctx context.Context, c storage.Call, next nextFunc) error {
		err := next(ctx)
		if err == nil {
			spoil(c)
		}
		return err
	})
}

func breakages(seen *observed) []breakage {
	var all []breakage
	for _, m := range methods() {
		all = append(all, breakMethod(m, seen)...)
	}
	all = append(all, lostFields()...)
	all = append(all, coarseValues()...)
	return append(all, brokenUnits()...)
}

func breakMethod(m method, seen *observed) []breakage {
	all := []breakage{
		at(m, "does nothing and says ok", always(func(context.Context, storage.Call, nextFunc) error { return nil })),
		at(m, "ignores the end of its context", always(func(ctx context.Context, _ storage.Call, next nextFunc) error {
			return next(context.WithoutCancel(ctx))
		})),
		at(m, outside, always(func(ctx context.Context, _ storage.Call, next nextFunc) error {
			return next(noUnit{ctx})
		})),
	}
	if seen.failed[m.id()] {
		all = append(all,
			at(m, "hides its errors", always(func(ctx context.Context, _ storage.Call, next nextFunc) error {
				_ = next(ctx)
				return nil
			})),
			at(m, "reports errors of another kind", always(func(ctx context.Context, _ storage.Call, next nextFunc) error {
				if err := next(ctx); err != nil {
					return fault.New(fault.Internal, "broken", "something went wrong")
				}
				return nil
			})),
		)
	}
	if seen.spoils[m.id()] {
		all = append(all, at(m, "leaves its unit unusable after an error", spoiledUnit))
	}
	all = append(all, breakArguments(m)...)
	all = append(all, breakResults(m)...)
	return append(all, breakOverlap(m)...)
}

// noUnit hides the unit of a context, and keeps its end.
type noUnit struct{ context.Context } //nolint:containedctx // a context itself

func (noUnit) Value(any) any { return nil }

// spoiledUnit does as PostgreSQL does where a statement fails in a
// transaction and no savepoint was set: nothing works afterwards.
func spoiledUnit() behaviour {
	var mu sync.Mutex
	spoiled := map[any]bool{}
	return func(ctx context.Context, _ storage.Call, next nextFunc) error {
		// The context of a unit is one value as long as nobody wraps it.
		mu.Lock()
		bad := spoiled[ctx]
		mu.Unlock()
		if bad {
			return fault.New(fault.Internal, "broken", "current transaction is aborted")
		}
		err := next(ctx)
		if err != nil {
			mu.Lock()
			spoiled[ctx] = true
			mu.Unlock()
		}
		return err
	}
}

func isPointer(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}

// handed reports whether m takes objects whose fields it may set.
func handed(m method) bool {
	for i := 1; i < m.typ.NumIn(); i++ {
		t := m.typ.In(i)
		if isPointer(t) || t.Kind() == reflect.Slice && isPointer(t.Elem()) {
			return true
		}
	}
	return false
}

func breakArguments(m method) []breakage {
	if !handed(m) {
		return nil
	}
	var all []breakage
	if b, ok := keepsArguments(m); ok {
		all = append(all, b)
	}
	versioned := false
	for i := 1; i < m.typ.NumIn(); i++ {
		editVersions(sample(m.typ.In(i)), func(reflect.Value, int) { versioned = true })
	}
	if !versioned {
		return all
	}
	all = append(all,
		at(m, "changes its argument and then fails", always(func(ctx context.Context, c storage.Call, next nextFunc) error {
			err := next(ctx)
			for i := range c.Args {
				editVersions(reflect.ValueOf(c.Args[i]), func(v reflect.Value, at int) {
					if err != nil || refusedRow(c, at) {
						v.SetInt(v.Int() + 1)
					}
				})
			}
			return err
		})),
		at(m, "does not set the version", always(func(ctx context.Context, c storage.Call, next nextFunc) error {
			before := deepCopy(reflect.ValueOf(c.Args))
			err := next(ctx)
			if err == nil {
				for i := range c.Args {
					var old []int64
					editVersions(before.Index(i).Elem(), func(v reflect.Value, _ int) { old = append(old, v.Int()) })
					n := 0
					editVersions(reflect.ValueOf(c.Args[i]), func(v reflect.Value, _ int) { v.SetInt(old[n]); n++ })
				}
			}
			return err
		})),
	)
	if strings.HasPrefix(m.name, "Insert") {
		return all // a new object has no version to compare
	}
	return append(all, at(m, "does not compare the version", ignoresVersion))
}

// ignoresVersion raises the version until the store takes it.
func ignoresVersion() behaviour {
	return func(ctx context.Context, c storage.Call, next nextFunc) error {
		err := next(ctx)
		for tries := 0; tries < 40 && (fault.KindOf(err) == fault.Conflict || anyRefused(c)); tries++ {
			for i := range c.Args {
				editVersions(reflect.ValueOf(c.Args[i]), func(v reflect.Value, at int) {
					if err != nil || refusedRow(c, at) {
						v.SetInt(v.Int() + 1)
					}
				})
			}
			err = next(ctx)
		}
		return err
	}
}

// rowErrors returns the results per row of a bulk write.
func rowErrors(c storage.Call) []error {
	for _, r := range c.Results {
		if errs, ok := r.(*[]error); ok {
			return *errs
		}
	}
	return nil
}

func refusedRow(c storage.Call, at int) bool {
	errs := rowErrors(c)
	return at < len(errs) && errs[at] != nil
}

func anyRefused(c storage.Call) bool {
	for _, err := range rowErrors(c) {
		if fault.KindOf(err) == fault.Conflict {
			return true
		}
	}
	return false
}

// breakOverlap breaks what happens to calls that overlap and leaves every
// other call alone.
func breakOverlap(m method) []breakage {
	alike := at(m, "answers calls that overlap alike", func() behaviour { return newOverlap().alike })
	lost := at(m, "drops a call that overlaps another", func() behaviour { return newOverlap().lost })
	alike.race, lost.race = true, true
	if len(torn(m)) == 0 {
		return []breakage{alike, lost}
	}
	tears := at(m, "reads a whole in two goes", always(func(ctx context.Context, c storage.Call, next nextFunc) error {
		return tear(ctx, m, c, next)
	}))
	tears.race, tears.certain = true, true
	return []breakage{alike, lost, tears}
}

// overlap knows which calls of a method are under way.
type overlap struct {
	mu      sync.Mutex
	running map[*flight]bool
}

type flight struct {
	ended   chan struct{}
	err     error
	results []reflect.Value
}

func newOverlap() *overlap { return &overlap{running: map[*flight]bool{}} }

// enter notes a call and gives others a moment to meet it.
func (o *overlap) enter() (me, other *flight) {
	me = &flight{ended: make(chan struct{})}
	o.mu.Lock()
	for f := range o.running {
		other = f
	}
	o.running[me] = true
	o.mu.Unlock()
	if other == nil {
		<-time.After(time.Millisecond)
	}
	return me, other
}

func (o *overlap) leave(me *flight, c storage.Call, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.running, me)
	me.err = err
	for _, r := range c.Results {
		me.results = append(me.results, deepCopy(reflect.ValueOf(r).Elem()))
	}
	close(me.ended)
}

func (f *flight) answer(c storage.Call) error {
	for i, r := range f.results {
		reflect.ValueOf(c.Results[i]).Elem().Set(deepCopy(r))
	}
	return f.err
}

// alike runs every call and gives the later one the earlier one's answer.
func (o *overlap) alike(ctx context.Context, c storage.Call, next nextFunc) error {
	me, other := o.enter()
	err := next(ctx)
	if other != nil {
		select {
		case <-other.ended:
			if other.err == nil {
				err = other.answer(c)
			}
		case <-time.After(5 * time.Millisecond):
		}
	}
	o.leave(me, c, err)
	return err
}

// lost runs only the earlier call.
func (o *overlap) lost(ctx context.Context, c storage.Call, next nextFunc) error {
	me, other := o.enter()
	if other != nil {
		select {
		case <-other.ended:
			err := other.answer(c)
			o.leave(me, c, err)
			return err
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	err := next(ctx)
	o.leave(me, c, err)
	return err
}
