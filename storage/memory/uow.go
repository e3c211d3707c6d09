package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
)

var (
	_ uow.Claims      = claims{}
	_ uow.Idempotency = idempotency{}
	_ uow.CallLister  = idempotency{}
	_ uow.Leases      = leases{}
	_ uow.Inbox       = inbox{}
)

type claim struct{ kind, key, subject string }

type claims struct{ rows *table[string, claim] }

func newClaims(db *DB) claims {
	return claims{newTable(db, spec[string, claim]{
		name: "claim", key: func(c *claim) string { return sortKey(c.kind, c.key) },
		clone: func(c claim) claim { return c },
	})}
}

func (s claims) Claim(ctx context.Context, kind, key, subject string) (holder string, won bool, err error) {
	err = s.rows.insert(ctx, &claim{kind, key, subject})
	if errors.Is(err, fault.AlreadyExists) {
		holder, err = s.Holder(ctx, kind, key)
		return holder, err == nil && holder == subject, err
	}
	if err != nil {
		return "", false, err
	}
	return subject, true, nil
}

func (s claims) Holder(ctx context.Context, kind, key string) (string, error) {
	c, err := s.rows.get(ctx, sortKey(kind, key))
	return c.subject, err
}

type call struct {
	uow.Call
	answer *uow.Answer
}

type idempotency struct{ rows *table[string, call] }

func newIdempotency(db *DB) idempotency {
	return idempotency{newTable(db, spec[string, call]{
		name: "idempotency", key: func(c *call) string { return sortKey(c.Scope, c.Key) },
		clone: func(c call) call {
			c.answer = cloneAnswer(c.answer)
			return c
		},
		ordered: map[string]func(*call) string{
			"expiry": func(c *call) string { return sortKey(c.ExpiresAt, c.Scope, c.Key) },
			"key":    func(c *call) string { return sortKey(c.Scope, c.Key) },
		},
	})}
}

func cloneAnswer(a *uow.Answer) *uow.Answer {
	if a == nil {
		return nil
	}
	return &uow.Answer{Resource: a.Resource, Body: slices.Clone(a.Body)}
}

func (s idempotency) Begin(ctx context.Context, c uow.Call) (*uow.Answer, error) {
	if _, err := s.rows.db.inside(ctx, "idempotency.begin"); err != nil {
		return nil, err
	}
	err := s.rows.insert(ctx, &call{Call: c})
	if !errors.Is(err, fault.AlreadyExists) {
		return nil, err
	}
	old, err := s.rows.get(ctx, sortKey(c.Scope, c.Key))
	switch {
	case err != nil:
		return nil, err
	case old.Hash != c.Hash:
		return nil, fault.New(fault.Conflict, "idempotency.mismatch", "the key was used for another call")
	case old.answer == nil:
		return nil, fault.New(fault.Conflict, "idempotency.running", "the call was begun and has no answer yet")
	}
	return old.answer, nil
}

func (s idempotency) Complete(ctx context.Context, c uow.Call, answer uow.Answer) error {
	return s.rows.mutate(ctx, sortKey(c.Scope, c.Key), func(row *call) error {
		row.answer = cloneAnswer(&answer)
		return nil
	})
}

func (s idempotency) Answered(ctx context.Context, after uow.Call, limit int) ([]uow.Answered, error) {
	in := scan[call]{index: "key", match: func(c *call) bool { return c.answer != nil }, limit: limit}
	if after.Scope != "" || after.Key != "" {
		in.after = sortKey(after.Scope, after.Key)
	}
	rows, err := s.rows.scan(ctx, in)
	if err != nil {
		return nil, err
	}
	out := make([]uow.Answered, len(rows))
	for i, c := range rows {
		out[i] = uow.Answered{Call: c.Call, Answer: *c.answer}
	}
	return out, nil
}

func (s idempotency) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	return purge(ctx, s.rows, "expiry", limit, func(c *call) bool { return c.ExpiresAt.Before(now) })
}

// purge removes at most limit rows that match, the first of an index, and that
// nobody else holds.
func purge[K cmp.Ordered, V any](ctx context.Context, t *table[K, V], index string, limit int, match func(*V) bool) (n int, err error) {
	err = t.db.write(ctx, func(ctx context.Context, u *unit) error {
		n = 0
		rows, err := t.scan(ctx, scan[V]{index: index, match: match, limit: limit})
		if err != nil {
			return err
		}
		for i := range rows {
			k := t.spec.key(&rows[i])
			if !u.tryLock(lockKey{t.spec.name, k}) || !t.matches(u, k, match) {
				continue
			}
			if _, err := t.remove(ctx, k); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// matches reports whether a row is there and matches. Before it was locked others
// may have changed it.
func (t *table[K, V]) matches(u *unit, k K, match func(*V) bool) bool {
	t.db.mu.RLock()
	defer t.db.mu.RUnlock()
	v, ok := t.peek(t.own(u), k)
	return ok && match(v)
}

type leases struct{ rows *table[string, uow.Lease] }

func newLeases(db *DB) leases {
	return leases{newTable(db, spec[string, uow.Lease]{
		name: "lease", key: func(l *uow.Lease) string { return l.Name },
		clone: func(l uow.Lease) uow.Lease { return l },
		ordered: map[string]func(*uow.Lease) string{
			"name": func(l *uow.Lease) string { return l.Name },
		},
	})}
}

func (s leases) Acquire(ctx context.Context, owner string, now time.Time, ttl time.Duration, names ...string) ([]uow.Lease, error) {
	held := fault.New(fault.Conflict, "lease.held", "somebody else holds the lease")
	got := map[string]uow.Lease{}
	err := s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, name := range slices.Sorted(slices.Values(names)) {
			err := s.rows.upsert(ctx, name, func(l *uow.Lease, _ bool) error {
				switch {
				case l.Owner == owner:
				case l.Owner == "" || !l.ExpiresAt.After(now):
					l.Fence = max(l.Fence+1, now.UnixMicro())
				default:
					return held
				}
				l.Name, l.Owner, l.ExpiresAt = name, owner, now.Add(ttl)
				got[name] = *l
				return nil
			})
			if err != nil && !errors.Is(err, held) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []uow.Lease
	for _, name := range names {
		if l, ok := got[name]; ok {
			out = append(out, l)
		}
	}
	return out, nil
}

func (s leases) Release(ctx context.Context, leases ...uow.Lease) error {
	return s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, lease := range slices.SortedFunc(slices.Values(leases), func(a, b uow.Lease) int {
			return strings.Compare(a.Name, b.Name)
		}) {
			err := s.rows.mutate(ctx, lease.Name, func(l *uow.Lease) error {
				if l.Owner == lease.Owner && l.Fence == lease.Fence {
					l.Owner = ""
				}
				return nil
			})
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
		}
		return nil
	})
}

func (s leases) List(ctx context.Context, prefix string, now time.Time) ([]uow.Lease, error) {
	return s.rows.scan(ctx, scan[uow.Lease]{index: "name", prefix: prefix, match: func(l *uow.Lease) bool {
		return l.Owner != "" && l.ExpiresAt.After(now)
	}})
}

func (s leases) Sweep(ctx context.Context, before time.Time, limit int) (int, error) {
	return purge(ctx, s.rows, "name", limit, func(l *uow.Lease) bool { return l.ExpiresAt.Before(before) })
}

type note struct {
	consumer, message string
	at                time.Time
}

type inbox struct{ rows *table[string, note] }

func newInbox(db *DB) inbox {
	return inbox{newTable(db, spec[string, note]{
		name: "inbox", key: func(n *note) string { return sortKey(n.consumer, n.message) },
		clone: func(n note) note { return n },
		ordered: map[string]func(*note) string{
			"at": func(n *note) string { return sortKey(n.at, n.consumer, n.message) },
		},
	})}
}

func (s inbox) Accept(ctx context.Context, consumer, message string, at time.Time) (bool, error) {
	if _, err := s.rows.db.inside(ctx, "inbox.accept"); err != nil {
		return false, err
	}
	err := s.rows.insert(ctx, &note{consumer, message, at})
	if errors.Is(err, fault.AlreadyExists) {
		return false, nil
	}
	return err == nil, err
}

func (s inbox) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	return purge(ctx, s.rows, "at", limit, func(n *note) bool { return n.at.Before(before) })
}
