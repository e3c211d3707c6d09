package storagetest_test

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/storage"
)

// brokenUnits are the adapters whose units of work are wrong.
func brokenUnits() []breakage {
	type do = func(ctx context.Context, fn func(context.Context) error) error
	// unit breaks Do, which is told whether it is a nested call.
	unit := func(what string, make func(base do) func(ctx context.Context, nested bool, fn func(context.Context) error) error) breakage {
		return breakage{
			name: "Units.Do: " + what, methods: []string{"Units.Do"},
			hook: func(base storage.Stores) storage.Hook {
				run := make(base.Units.Do)
				return func(ctx context.Context, c storage.Call, next nextFunc) error {
					fn, ok := first(c).(func(context.Context) error)
					if !ok {
						return next(ctx)
					}
					nested := ctx.Value(unitMark{}) != nil
					return run(ctx, nested, func(ctx context.Context) error {
						return fn(context.WithValue(ctx, unitMark{}, true))
					})
				}
			},
		}
	}
	type fnType = func(context.Context) error
	all := []breakage{
		unit("runs nothing and says ok", func(do) func(context.Context, bool, fnType) error {
			return func(context.Context, bool, fnType) error { return nil }
		}),
		unit("is no transaction", func(do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) error { return fn(ctx) }
		}),
		unit("commits what failed", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) (err error) {
				return either(base(ctx, func(ctx context.Context) error { err = fn(ctx); return nil }), &err)
			}
		}),
		unit("says that what failed is done", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) error {
				_ = base(ctx, fn)
				return nil
			}
		}),
		unit("hides the error of a commit", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) (err error) {
				_ = base(ctx, func(ctx context.Context) error { err = fn(ctx); return err })
				return err
			}
		}),
		unit("never commits", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, nested bool, fn fnType) (err error) {
				if nested {
					return base(ctx, fn)
				}
				_ = base(ctx, func(ctx context.Context) error { err = fn(ctx); return errBroken })
				return err
			}
		}),
		unit("begins another unit inside of one", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, nested bool, fn fnType) error {
				if nested {
					return base(noUnit{ctx}, fn)
				}
				return base(ctx, fn)
			}
		}),
		unit("forgives the error of a nested unit", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, nested bool, fn fnType) error {
				if nested {
					return fn(ctx)
				}
				return base(ctx, fn)
			}
		}),
		unit("runs everything twice", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, nested bool, fn fnType) error {
				if err := base(ctx, fn); err != nil || nested {
					return err
				}
				return base(ctx, fn)
			}
		}),
		unit("runs a function again whatever its error", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, nested bool, fn fnType) error {
				err := base(ctx, fn)
				if err != nil && !nested && ctx.Err() == nil {
					err = base(ctx, fn)
				}
				return err
			}
		}),
		unit("never runs a function again", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) error {
				var runs atomic.Int32
				return base(ctx, func(ctx context.Context) error {
					if runs.Add(1) > 1 {
						return errBroken
					}
					return fn(ctx)
				})
			}
		}),
		unit("ignores the end of its context", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) error {
				return base(context.WithoutCancel(ctx), func(unit context.Context) error { return fn(unit) })
			}
		}),
		unit("commits when it panics", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) (err error) {
				var caught any
				err = base(ctx, func(ctx context.Context) error {
					defer func() { caught = recover() }()
					return fn(ctx)
				})
				if caught != nil {
					panic(caught)
				}
				return err
			}
		}),
		unit("swallows a panic", func(base do) func(context.Context, bool, fnType) error {
			return func(ctx context.Context, _ bool, fn fnType) (err error) {
				defer func() {
					if recover() != nil {
						err = errBroken
					}
				}()
				return base(ctx, fn)
			}
		}),
	}
	return append(all, dirtyReads(), leakedContext(), refusesToWait())
}

var errBroken = fault.New(fault.Internal, "broken", "something went wrong")

func first(c storage.Call) any {
	if c.Name() != "Units.Do" {
		return nil
	}
	return c.Args[0]
}

// either returns err, or what the pointer holds where err is nil.
func either(err error, other *error) error {
	if err != nil {
		return err
	}
	return *other
}

// dirtyReads shows everybody what the newest unit has not committed.
func dirtyReads() breakage {
	return breakage{name: "shows what is not committed", methods: []string{"Units.Do"}, hook: func(base storage.Stores) storage.Hook {
		var mu sync.Mutex
		var open context.Context
		return func(ctx context.Context, c storage.Call, next nextFunc) error {
			if fn, ok := first(c).(func(context.Context) error); ok {
				return base.Units.Do(ctx, func(ctx context.Context) error {
					ctx = context.WithValue(ctx, unitMark{}, true)
					mu.Lock()
					open = ctx
					mu.Unlock()
					defer func() {
						mu.Lock()
						open = nil
						mu.Unlock()
					}()
					return fn(ctx)
				})
			}
			mu.Lock()
			unit := open
			mu.Unlock()
			if unit != nil && ctx.Value(unitMark{}) == nil && c.Method == "Get" {
				return next(unit)
			}
			return next(ctx)
		}
	}}
}

// leakedContext goes on outside of the unit once that is over.
func leakedContext() breakage {
	type over struct{}
	return breakage{name: "takes the context of a unit that is over", methods: []string{"Units.Do"}, hook: func(base storage.Stores) storage.Hook {
		return func(ctx context.Context, c storage.Call, next nextFunc) error {
			if fn, ok := first(c).(func(context.Context) error); ok {
				var done atomic.Bool
				defer done.Store(true)
				return base.Units.Do(ctx, func(ctx context.Context) error { return fn(context.WithValue(ctx, over{}, &done)) })
			}
			if done, ok := ctx.Value(over{}).(*atomic.Bool); ok && done.Load() {
				return next(noUnit{ctx})
			}
			return next(ctx)
		}
	}}
}

// refusesToWait turns every writer away while a unit is open.
func refusesToWait() breakage {
	return breakage{name: "refuses a second writer instead of letting it wait", methods: []string{"Units.Do"}, hook: func(base storage.Stores) storage.Hook {
		var open atomic.Int32
		return func(ctx context.Context, c storage.Call, next nextFunc) error {
			if fn, ok := first(c).(func(context.Context) error); ok {
				open.Add(1)
				defer open.Add(-1)
				return base.Units.Do(ctx, func(ctx context.Context) error { return fn(context.WithValue(ctx, unitMark{}, true)) })
			}
			if c.Method == "Update" && open.Load() > 0 && ctx.Value(unitMark{}) == nil {
				return fault.New(fault.Conflict, "broken", "locked")
			}
			return next(ctx)
		}
	}}
}
