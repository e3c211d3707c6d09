package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
)

// commitTimeout bounds the wait for the answer to COMMIT, which the caller's
// context no longer does: once sent, its outcome must be learned.
const commitTimeout = 30 * time.Second

var _ uow.Manager = (*DB)(nil)

// unitKey finds a DB's own unit in a context: two databases never meet.
type unitKey struct{ db *DB }

// unit is one transaction. One goroutine uses it at a time.
type unit struct {
	tx     *sql.Tx
	joined bool           // the host's transaction: the host commits
	depth  int            // of nested Do
	events []event.Record // written in one statement before the commit
	failed error          // of a statement or a nested unit
	done   bool
}

func (db *DB) unit(ctx context.Context) *unit {
	u, _ := ctx.Value(unitKey{db}).(*unit)
	return u
}

// Join returns a context whose units run in the host's transaction, so that
// its rows and the shop's commit together. tx must come from [DB.SQL] or a
// pool on the same database with the same settings.
//
//   - The unit is still the Do: what needs one, appending an event or
//     reserving stock for two, is FailedPrecondition in the joined context
//     alone, since nobody would write the buffered events before the host
//     commits. Every method of a service opens its own.
//   - Do writes its events before it returns, never commits, and never runs
//     its function twice: a serialization failure or a deadlock goes to the
//     host, for whom [Retryable] tells it from other errors.
//   - After any error of Do the host must roll back, which takes rows and
//     events with it; the context stays failed, and a new attempt joins a new
//     transaction.
//   - Once the host has committed or rolled back, the context is over:
//     whatever would write is FailedPrecondition.
//
// Consumers see the events when the host has committed, at their next poll.
func (db *DB) Join(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, unitKey{db}, &unit{tx: tx, joined: true})
}

// Do implements [uow.Manager].
func (db *DB) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	if u := db.unit(ctx); u != nil {
		return db.nested(ctx, u, fn)
	}
	for attempt := 1; ; attempt++ {
		err := db.run(ctx, fn)
		if !retryable(err) {
			return err
		}
		if attempt == uow.MaxAttempts {
			return uow.ErrContended(err)
		}
	}
}

func (db *DB) nested(ctx context.Context, u *unit, fn func(ctx context.Context) error) error {
	if err := u.joinable(ctx); err != nil {
		return err
	}
	err := u.call(ctx, fn)
	if !u.joined || u.depth > 0 {
		return err
	}
	if err == nil && u.failed == nil {
		err = db.flush(ctx, u)
	}
	switch {
	case Retryable(u.failed):
		return uow.ErrContended(u.failed)
	case err == nil && u.failed != nil:
		return uow.ErrDoomed(u.failed)
	}
	return err
}

// call runs fn one level deeper; an error or a panic of it dooms the unit.
func (u *unit) call(ctx context.Context, fn func(ctx context.Context) error) (err error) {
	returned := false
	u.depth++
	defer func() {
		u.depth--
		if !returned {
			err = errors.New("bunstore: the unit's function panicked")
		}
		u.doom(err)
	}()
	err = fn(ctx)
	returned = true
	return err
}

func (db *DB) run(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := ctxFault(ctx); err != nil {
		return err
	}
	// database/sql rolls back behind our back when the context of a
	// transaction ends, also while COMMIT is on its way; ours must not end.
	txctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	conn, tx, err := db.begin(ctx, txctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // back to the pool, after the transaction
	u := &unit{tx: tx}
	defer func() { // also when fn panics
		if !u.done {
			u.done = true
			_ = tx.Rollback()
		}
	}()
	ctx = context.WithValue(ctx, unitKey{db}, u)
	if err := fn(ctx); err != nil {
		if retryable(u.failed) {
			return u.failed
		}
		return err
	}
	if u.failed != nil {
		if retryable(u.failed) {
			return u.failed
		}
		return uow.ErrDoomed(u.failed)
	}
	appended := len(u.events) > 0
	if err := db.flush(ctx, u); err != nil {
		return err
	}
	if err := ctxFault(ctx); err != nil {
		return err
	}
	u.done = true
	timer := time.AfterFunc(commitTimeout, cancel)
	defer timer.Stop()
	err = commitFault(tx.Commit())
	if appended {
		db.signal.Send() // also after a lost answer: a hint may be superfluous
	}
	return err
}

// begin waits for a connection no longer than ctx, and begins a transaction
// that txctx bounds.
func (db *DB) begin(ctx, txctx context.Context) (*sql.Conn, *sql.Tx, error) {
	conn, err := db.writer.DB.Conn(ctx)
	if err != nil {
		return nil, nil, beginFault(ctx, err)
	}
	tx, err := conn.BeginTx(txctx, nil)
	if err != nil {
		_ = conn.Close()
		return nil, nil, beginFault(ctx, err)
	}
	return conn, tx, nil
}

func beginFault(ctx context.Context, err error) error {
	if cerr := ctxFault(ctx); cerr != nil {
		return cerr
	}
	return fault.Wrap(err, fault.Unavailable, "bunstore.unavailable", "the database does not answer")
}

// flush writes the unit's buffered events in one statement.
func (db *DB) flush(ctx context.Context, u *unit) error {
	if len(u.events) == 0 {
		return nil
	}
	records := u.events
	u.events = nil
	return insertEvents(ctx, db.conn(ctx), records)
}

// inside returns the unit of ctx; FailedPrecondition where there is none, and
// where a host's transaction was joined and no Do has begun in it.
func (db *DB) inside(ctx context.Context, op string) (*unit, error) {
	u := db.unit(ctx)
	if u == nil || u.joined && u.depth == 0 && !u.done {
		return nil, uow.ErrOutside(op)
	}
	return u, u.joinable(ctx)
}

// joinable reports why a call with ctx cannot be part of the unit.
func (u *unit) joinable(ctx context.Context) error {
	if err := u.usable(); err != nil {
		return err
	}
	return ctxFault(ctx)
}

func (u *unit) usable() error {
	switch {
	case u.done:
		return errFinished(nil)
	case u.failed != nil:
		return fault.Wrap(u.failed, fault.FailedPrecondition, "uow.doomed", "an earlier step of the unit of work failed")
	}
	return nil
}

func errFinished(cause error) error {
	return fault.Wrap(cause, fault.FailedPrecondition, "uow.finished", "the unit of work is over")
}

func (u *unit) doom(err error) {
	if err != nil && u.failed == nil {
		u.failed = err
	}
}

func ctxFault(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Canceled, "storage.canceled", "the caller gave up")
	}
	return nil
}

// commitFault sorts the answers to COMMIT: a refusal is a refusal, a lost
// answer is Indeterminate.
func commitFault(err error) error {
	switch {
	case err == nil:
		return nil
	case retryable(err):
		return err
	case refused(err):
		return fault.Wrap(err, fault.Internal, "bunstore.commit", "the database refused the commit")
	case errors.Is(err, sql.ErrTxDone):
		return fault.Wrap(err, fault.Internal, "bunstore.commit", "the transaction was over before its commit")
	}
	return fault.Wrap(err, fault.Indeterminate, "bunstore.commit_unknown", "whether the commit took effect is unknown")
}
