package memory

import (
	"context"
	"errors"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
)

// errDeadlock is what a unit gets whose wait would close a cycle.
var errDeadlock = errors.New("memory: deadlock")

// lockKey names a row or one value of a unique index.
type lockKey struct {
	table string
	key   any
}

// rowLock belongs to one unit; others queue in the order they came.
type rowLock struct {
	owner *unit
	queue []*waiter
}

type waiter struct {
	unit    *unit
	granted chan struct{}
}

// lock takes the lock for the unit, waiting until ctx ends. A wait that would
// close a cycle, and one that ctx ended, leave the unit unusable, as a failed
// statement does in PostgreSQL.
func (u *unit) lock(ctx context.Context, k lockKey) error {
	db := u.db
	db.mu.Lock()
	l := db.locks[k]
	switch {
	case l == nil:
		db.locks[k] = &rowLock{owner: u}
		u.held = append(u.held, k)
		db.mu.Unlock()
		return nil
	case l.owner == u:
		db.mu.Unlock()
		return nil
	case l.wouldCycle(u):
		db.mu.Unlock()
		u.failed = errDeadlock
		return errDeadlock
	}
	w := &waiter{unit: u, granted: make(chan struct{})}
	l.queue = append(l.queue, w)
	u.waiting = l
	db.mu.Unlock()

	select {
	case <-w.granted: // release made us the owner and noted the lock as held
		return nil
	case <-ctx.Done():
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if i := slices.Index(l.queue, w); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
	}
	u.waiting = nil
	err := fault.Wrap(ctx.Err(), fault.Canceled, "storage.canceled", "the caller gave up waiting for a row")
	u.doom(err)
	return err
}

// tryLock takes the lock if nobody else has it: SKIP LOCKED.
func (u *unit) tryLock(k lockKey) bool {
	u.db.mu.Lock()
	defer u.db.mu.Unlock()
	l := u.db.locks[k]
	if l == nil {
		u.db.locks[k] = &rowLock{owner: u}
		u.held = append(u.held, k)
		return true
	}
	return l.owner == u
}

// wouldCycle reports whether l's owner waits, through others, for u. A unit
// waits for one lock at a time, so the chain has no branches; db.mu is held.
func (l *rowLock) wouldCycle(u *unit) bool {
	for next := l; next != nil; next = next.owner.waiting {
		if next.owner == u {
			return true
		}
	}
	return false
}

// release hands the lock to the first in the queue; db.mu is held.
func (db *DB) release(k lockKey) {
	l := db.locks[k]
	if len(l.queue) == 0 {
		delete(db.locks, k)
		return
	}
	w := l.queue[0]
	l.queue = l.queue[1:]
	l.owner = w.unit
	w.unit.waiting = nil
	w.unit.held = append(w.unit.held, k)
	close(w.granted)
}
