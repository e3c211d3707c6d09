package memory

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage"
)

// DB is one shop's data. It is safe for concurrent use.
type DB struct {
	// mu guards every table's committed rows and the lock table. It is held
	// for single steps only; what is held to the end of a unit is a row lock.
	mu    sync.RWMutex
	locks map[lockKey]*rowLock
	// stores hide their tables behind the ports: who imports this package would
	// compile every instance of the generic table anew, were they in sight.
	stores storage.Stores
}

var _ uow.Manager = (*DB)(nil)

// New returns an empty database.
func New() *DB {
	db := &DB{locks: map[lockKey]*rowLock{}}
	db.stores = newStores(db)
	return db
}

// unitKey finds a DB's own unit in a context: two databases never meet.
type unitKey struct{ db *DB }

func (db *DB) unit(ctx context.Context) *unit {
	u, _ := ctx.Value(unitKey{db}).(*unit)
	return u
}

// Do implements [uow.Manager].
func (db *DB) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	if u := db.unit(ctx); u != nil {
		if err := u.joinable(ctx); err != nil {
			return err
		}
		err := fn(ctx)
		u.doom(err)
		return err
	}
	for attempt := 1; ; attempt++ {
		err := db.run(ctx, fn)
		if !errors.Is(err, errDeadlock) {
			return err
		}
		if attempt == uow.MaxAttempts {
			return uow.ErrContended(err)
		}
	}
}

func (db *DB) run(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := ctxFault(ctx); err != nil {
		return err
	}
	u := &unit{db: db, overlays: map[string]overlay{}}
	defer u.rollback() // also when fn panics; does nothing after a commit
	if err := fn(context.WithValue(ctx, unitKey{db}, u)); err != nil {
		if errors.Is(u.failed, errDeadlock) { // whatever fn made of it
			return u.failed
		}
		return err
	}
	return u.commit(ctx)
}

// write runs fn in the unit of ctx, or in one of its own.
func (db *DB) write(ctx context.Context, fn func(ctx context.Context, u *unit) error) error {
	if u := db.unit(ctx); u != nil {
		if err := u.joinable(ctx); err != nil {
			return err
		}
		return fn(ctx, u)
	}
	return db.Do(ctx, func(ctx context.Context) error { return fn(ctx, db.unit(ctx)) })
}

// inside returns the unit of ctx; FailedPrecondition where there is none.
func (db *DB) inside(ctx context.Context, op string) (*unit, error) {
	u := db.unit(ctx)
	if u == nil {
		return nil, uow.ErrOutside(op)
	}
	return u, u.joinable(ctx)
}

// momentKey marks a context in which the database stands still.
type momentKey struct{ db *DB }

// moment holds the database still until done is called: what several reads with
// the context it returns find was so at one moment, as in one statement. Between
// two reads without it others commit. Nothing is written with that context.
func (db *DB) moment(ctx context.Context) (still context.Context, done func()) {
	if !db.rlock(ctx) { // somebody up the stack holds it, and lets go
		return ctx, func() {}
	}
	return context.WithValue(ctx, momentKey{db}, true), db.mu.RUnlock
}

// rlock takes mu for one read, and reports whether it did: in a moment it is held
// already.
func (db *DB) rlock(ctx context.Context) (taken bool) {
	if ctx.Value(momentKey{db}) != nil {
		return false
	}
	db.mu.RLock()
	return true
}

func (db *DB) runlock(taken bool) {
	if taken {
		db.mu.RUnlock()
	}
}

func ctxFault(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Canceled, "storage.canceled", "the caller gave up")
	}
	return nil
}

// unit is one transaction. One goroutine uses it at a time.
type unit struct {
	db       *DB
	held     []lockKey
	waiting  *rowLock // guarded by db.mu; read by the search for wait cycles
	overlays map[string]overlay
	order    []overlay // in the order of first touch
	failed   error     // of a nested unit or an aborted wait
	done     bool
}

// overlay holds what a unit wrote to one table and has not committed.
type overlay interface{ apply() }

func (u *unit) usable() error {
	if u.done {
		return fault.New(fault.FailedPrecondition, "uow.finished", "the unit of work is over")
	}
	if u.failed != nil {
		return fault.Wrap(u.failed, fault.FailedPrecondition, "uow.doomed", "an earlier step of the unit of work failed")
	}
	return nil
}

// joinable reports why a call with ctx cannot be part of the unit.
func (u *unit) joinable(ctx context.Context) error {
	if err := u.usable(); err != nil {
		return err
	}
	return ctxFault(ctx)
}

func (u *unit) doom(err error) {
	if err != nil && u.failed == nil {
		u.failed = err
	}
}

func (u *unit) commit(ctx context.Context) error {
	if u.failed != nil {
		if errors.Is(u.failed, errDeadlock) {
			return u.failed
		}
		return uow.ErrDoomed(u.failed)
	}
	if err := ctxFault(ctx); err != nil {
		return err
	}
	u.db.mu.Lock()
	defer u.db.mu.Unlock()
	for _, o := range u.order {
		o.apply()
	}
	u.finish()
	return nil
}

func (u *unit) rollback() {
	if u.done {
		return
	}
	u.db.mu.Lock()
	defer u.db.mu.Unlock()
	u.finish()
}

// finish releases every lock; db.mu is held.
func (u *unit) finish() {
	u.done = true
	for _, k := range slices.Backward(u.held) {
		u.db.release(k)
	}
	u.held, u.overlays, u.order = nil, nil, nil
}
