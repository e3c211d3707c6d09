package memory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/payment"
)

// attemptRow is an attempt with what finds it and what refunds hold of it:
// rows of their own, so that refunds do not contend for the intent.
type attemptRow struct {
	intent payment.IntentID
	payment.Attempt
}

type payments struct {
	intents  *table[payment.IntentID, payment.Intent] // without their attempts
	attempts *table[payment.AttemptID, attemptRow]
	history  *table[payment.EventID, payment.Event]
}

var _ payment.Store = payments{}

func newPayments(db *DB) payments {
	return payments{
		intents: newTable(db, spec[payment.IntentID, payment.Intent]{
			name:    "payment",
			key:     func(in *payment.Intent) payment.IntentID { return in.ID },
			clone:   payment.Intent.Clone,
			version: func(in *payment.Intent) *int64 { return &in.Version },
			ordered: map[string]func(*payment.Intent) string{
				"newest": func(in *payment.Intent) string { return sortKey(in.CreatedAt, string(in.ID)) },
				"due":    func(in *payment.Intent) string { return dueKey(in.NextAt, string(in.ID)) },
			},
		}),
		attempts: newTable(db, spec[payment.AttemptID, attemptRow]{
			name: "payment_attempt",
			key:  func(a *attemptRow) payment.AttemptID { return a.ID },
			clone: func(a attemptRow) attemptRow {
				a.Instruction.Params, a.Action.Params = maps.Clone(a.Instruction.Params), maps.Clone(a.Action.Params)
				return a
			},
			unique: map[string]func(*attemptRow) string{
				"number": func(a *attemptRow) string { return a.Number },
			},
			ordered: map[string]func(*attemptRow) string{
				"intent": func(a *attemptRow) string { return sortKey(string(a.intent), int64(a.Seq), string(a.ID)) },
			},
		}),
		history: newTable(db, spec[payment.EventID, payment.Event]{
			name:  "payment_event",
			key:   func(e *payment.Event) payment.EventID { return e.ID },
			clone: func(e payment.Event) payment.Event { return e },
			ordered: map[string]func(*payment.Event) string{
				"intent": func(e *payment.Event) string { return sortKey(string(e.Intent), e.At, string(e.ID)) },
			},
		}),
	}
}

// dueKey is the sort key of what a sweeper claims; "" where it never does.
func dueKey(next time.Time, id string) string {
	if next.IsZero() {
		return ""
	}
	return sortKey(next, id)
}

func (s payments) Insert(ctx context.Context, in *payment.Intent, history ...payment.Event) error {
	return s.intents.db.write(ctx, func(ctx context.Context, u *unit) error {
		for _, a := range in.Attempts {
			if _, err := s.attempts.find(ctx, "number", a.Number); !errors.Is(err, fault.NotFound) {
				if err == nil {
					err = s.attempts.exist("number")
				}
				return err
			}
		}
		bare := *in
		bare.Attempts = nil
		if err := s.intents.insertIn(ctx, u, &bare); err != nil {
			return err
		}
		for _, a := range in.Attempts {
			a.Refunding = 0
			if err := s.attempts.insertIn(ctx, u, &attemptRow{in.ID, a}); err != nil {
				return err
			}
		}
		if err := s.Append(ctx, history...); err != nil {
			return err
		}
		in.Version = 1
		return nil
	})
}

func (s payments) Update(ctx context.Context, in *payment.Intent, history ...payment.Event) error {
	return s.intents.db.write(ctx, func(ctx context.Context, _ *unit) error {
		bare := *in
		bare.Attempts = nil
		if err := s.intents.update(ctx, &bare); err != nil {
			return err
		}
		for _, a := range in.Attempts {
			err := s.attempts.upsert(ctx, a.ID, func(row *attemptRow, exists bool) error {
				held := row.Refunding
				*row = attemptRow{in.ID, a}
				row.Refunding = held
				if !exists {
					row.Refunding = 0
				}
				*row = s.attempts.spec.clone(*row)
				return nil
			})
			if err != nil {
				return err
			}
		}
		if err := s.Append(ctx, history...); err != nil {
			return err
		}
		in.Version = bare.Version
		return nil
	})
}

func (s payments) Get(ctx context.Context, id payment.IntentID) (payment.Intent, error) {
	ctx, done := s.intents.db.moment(ctx)
	defer done()
	in, err := s.intents.get(ctx, id)
	if err != nil {
		return payment.Intent{}, err
	}
	return s.whole(ctx, in)
}

// whole adds the attempts to an intent.
func (s payments) whole(ctx context.Context, in payment.Intent) (payment.Intent, error) {
	rows, err := s.attempts.scan(ctx, scan[attemptRow]{index: "intent", prefix: sortKey(string(in.ID))})
	if err != nil {
		return payment.Intent{}, err
	}
	for _, r := range rows {
		in.Attempts = append(in.Attempts, r.Attempt)
	}
	return in, nil
}

func (s payments) ByAttempt(ctx context.Context, number string) (payment.Intent, error) {
	ctx, done := s.intents.db.moment(ctx)
	defer done()
	a, err := s.attempts.find(ctx, "number", number)
	if err != nil {
		return payment.Intent{}, err
	}
	return s.Get(ctx, a.intent)
}

func (s payments) List(ctx context.Context, q payment.Query, p page.Request) (page.Page[payment.Intent], error) {
	ctx, done := s.intents.db.moment(ctx)
	defer done()
	out, err := s.intents.page(ctx, "payment.newest", p, scan[payment.Intent]{
		index: "newest", desc: true,
		match: q.Matches,
	})
	if err != nil {
		return page.Page[payment.Intent]{}, err
	}
	for i := range out.Items {
		if out.Items[i], err = s.whole(ctx, out.Items[i]); err != nil {
			return page.Page[payment.Intent]{}, err
		}
	}
	return out, nil
}

func (s payments) Claim(ctx context.Context, now, until time.Time, limit int) ([]payment.IntentID, error) {
	return claimDue(ctx, s.intents, now, until, limit, func(in *payment.Intent) *time.Time { return &in.NextAt })
}

// claimDue moves the time of at most limit rows that are due, and that no
// other unit holds, to until, and returns their keys, oldest first.
func claimDue[K ~string, V any](
	ctx context.Context, t *table[K, V], now, until time.Time, limit int, next func(*V) *time.Time,
) ([]K, error) {
	var out []K
	due := func(v *V) bool { at := *next(v); return !at.IsZero() && !at.After(now) }
	err := t.db.write(ctx, func(ctx context.Context, u *unit) error {
		out = nil
		rows, err := t.scan(ctx, scan[V]{index: "due", match: due})
		if err != nil {
			return err
		}
		for i := range rows {
			if len(out) == limit || !due(&rows[i]) {
				break
			}
			k := t.spec.key(&rows[i])
			if !u.tryLock(lockKey{t.spec.name, k}) {
				continue
			}
			taken := false
			if err := t.mutateIn(ctx, u, k, func(v *V) error {
				if taken = due(v); taken {
					*next(v) = until
				}
				return nil
			}); err != nil {
				return err
			}
			if taken {
				out = append(out, k)
			}
		}
		return nil
	})
	return out, err
}

func (s payments) Append(ctx context.Context, events ...payment.Event) error {
	return s.history.db.write(ctx, func(ctx context.Context, u *unit) error {
		for i := range events {
			if err := s.history.insertIn(ctx, u, &events[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s payments) History(ctx context.Context, ids ...payment.IntentID) ([]payment.Event, error) {
	return scanEach(ctx, s.history, "intent", ids)
}

// scanEach returns the rows of each id, which the index starts with, in the
// order of ids by value.
func scanEach[I ~string, K ~string, V any](ctx context.Context, t *table[K, V], index string, ids []I) ([]V, error) {
	ctx, done := t.db.moment(ctx)
	defer done()
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var out []V
	for _, id := range ids {
		rows, err := t.scan(ctx, scan[V]{index: index, prefix: sortKey(string(id))})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// raise adds to what refunds hold of each attempt, in the order of ids, if
// every one stays at or below what it captured.
func (s payments) raise(ctx context.Context, u *unit, by map[payment.AttemptID]int64) error {
	ids := slices.Sorted(maps.Keys(by))
	for _, id := range ids { // first all locks and checks, then the writes
		if err := u.lock(ctx, lockKey{s.attempts.spec.name, id}); err != nil {
			return err
		}
		a, err := s.attempts.get(ctx, id)
		if err != nil {
			return err
		}
		if a.Refundable() < by[id] {
			return fault.New(fault.Exhausted, "payment.refund_exceeds", "more than what is left of the capture").
				With("left", a.Refundable())
		}
	}
	for _, id := range ids {
		if err := s.attempts.mutateIn(ctx, u, id, func(a *attemptRow) error { a.Refunding += by[id]; return nil }); err != nil {
			return err
		}
	}
	return nil
}
