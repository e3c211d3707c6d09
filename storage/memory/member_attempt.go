package memory

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/member"
)

type signInAttempts struct {
	rows *table[string, member.Attempts]
}

var _ member.AttemptStore = signInAttempts{}

func newSignInAttempts(db *DB) signInAttempts {
	return signInAttempts{newTable(db, spec[string, member.Attempts]{
		name:  "sign_in_attempt",
		key:   func(a *member.Attempts) string { return a.Key },
		clone: func(a member.Attempts) member.Attempts { return a },
		ordered: map[string]func(*member.Attempts) string{
			"since": func(a *member.Attempts) string { return sortKey(a.Since, a.Key) },
		},
	})}
}

func (s signInAttempts) Count(ctx context.Context, keys []string, now time.Time, window time.Duration) ([]member.Attempts, error) {
	out := make([]member.Attempts, len(keys))
	err := s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, i := range sorted(keys) {
			err := s.rows.upsert(ctx, keys[i], func(a *member.Attempts, exists bool) error {
				if !exists || !a.Since.After(now.Add(-window)) {
					*a = member.Attempts{Key: keys[i], Since: now}
				}
				a.N++
				out[i] = *a
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s signInAttempts) Clear(ctx context.Context, keys []string) error {
	return s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, i := range sorted(keys) {
			if _, err := s.rows.remove(ctx, keys[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s signInAttempts) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	return purge(ctx, s.rows, "since", limit, func(a *member.Attempts) bool { return a.Since.Before(before) })
}

// sorted returns the indexes of keys in their order.
func sorted(keys []string) []int {
	rows := make([]*string, len(keys))
	for i := range keys {
		rows[i] = &keys[i]
	}
	return byKey(rows, func(k *string) string { return *k })
}
