package memory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
)

// slug says who has or had one; Key is kind/slug.
type slug struct {
	Key     string
	Subject string
}

type slugs struct{ rows *table[string, slug] }

func newSlugs(db *DB) slugs {
	return slugs{newTable(db, spec[string, slug]{
		name:  "slug",
		key:   func(s *slug) string { return s.Key },
		clone: func(s slug) slug { return s },
	})}
}

func slugKey(kind, text string) string { return kind + "/" + text }

// claim ties a slug to subject where nobody had it before. AlreadyExists, of
// the claimant's trade.
func (s slugs) claim(ctx context.Context, trade, text, subject string) (fresh bool, err error) {
	key := slugKey(trade, text)
	err = s.rows.insert(ctx, &slug{Key: key, Subject: subject})
	if !errors.Is(err, fault.AlreadyExists) {
		return err == nil, err
	}
	held, err := s.rows.get(ctx, key)
	if err != nil {
		return false, err
	}
	if held.Subject != subject {
		return false, existing(trade, "slug")
	}
	return false, nil
}

func (s slugs) drop(ctx context.Context, trade, text string) error {
	_, err := s.rows.remove(ctx, slugKey(trade, text))
	return err
}

func existing(trade, by string) error {
	return fault.New(fault.AlreadyExists, trade+".exists", "an object with this value exists").With("by", by)
}

// insertSlugged inserts a row and claims its slug; a refusal leaves neither.
func insertSlugged[K ~string, V any](ctx context.Context, t *table[K, V], s slugs, v *V, text string) error {
	id := t.spec.key(v)
	before := *t.spec.version(v)
	if err := t.insert(ctx, v); err != nil {
		return err
	}
	if _, err := s.claim(ctx, t.spec.name, text, string(id)); err != nil {
		*t.spec.version(v) = before
		if _, rerr := t.remove(ctx, id); rerr != nil {
			return rerr
		}
		return err
	}
	return nil
}

// updateSlugged updates a row and claims its slug; a refusal leaves neither.
func updateSlugged[K ~string, V any](ctx context.Context, t *table[K, V], s slugs, v *V, text string) error {
	return t.db.write(ctx, func(ctx context.Context, _ *unit) error {
		fresh, err := s.claim(ctx, t.spec.name, text, string(t.spec.key(v)))
		if err != nil {
			return err
		}
		if err := t.update(ctx, v); err != nil {
			if fresh {
				if derr := s.drop(ctx, t.spec.name, text); derr != nil {
					return derr
				}
			}
			return err
		}
		return nil
	})
}

// rowByRow runs fn for each row in one unit, in the order of keys, and
// returns the errors by index that refuse a single row; any other error ends
// it.
func rowByRow[V any](ctx context.Context, db *DB, rows []*V, key func(*V) string, fn func(ctx context.Context, v *V) error) ([]error, error) {
	order := byKey(rows, key)
	errs := make([]error, len(rows))
	err := db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, i := range order {
			switch err := fn(ctx, rows[i]); fault.KindOf(err) {
			case "":
			case fault.AlreadyExists, fault.Conflict, fault.NotFound:
				errs[i] = err
			default:
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return errs, nil
}

// byKey returns the indexes of rows in the order of their keys.
func byKey[V any](rows []*V, key func(*V) string) []int {
	order := make([]int, len(rows))
	for i := range rows {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(key(rows[a]), key(rows[b])) })
	return order
}
