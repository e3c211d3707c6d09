package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend/shelf"
)

type impressions struct {
	db   *DB
	rows *table[string, shelf.Impression]
}

var _ shelf.ImpressionStore = impressions{}

func newImpressions(db *DB) impressions {
	return impressions{db, newTable(db, spec[string, shelf.Impression]{
		name:  "shelf_impression",
		key:   impressionKey,
		clone: shelf.Impression.Clone,
		ordered: map[string]func(*shelf.Impression) string{
			"request": impressionKey,
			"at":      func(i *shelf.Impression) string { return sortKey(i.At, i.Request, i.Strategy) },
			"member": func(i *shelf.Impression) string {
				return ownersKey(string(i.Member), i.At, i.Request, i.Strategy)
			},
			"session": func(i *shelf.Impression) string {
				return ownersKey(i.Session, i.At, i.Request, i.Strategy)
			},
		},
	})}
}

func impressionKey(i *shelf.Impression) string { return sortKey(i.Request, i.Strategy) }

func (s impressions) Insert(ctx context.Context, all []shelf.Impression) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, i := range slices.SortedFunc(slices.Values(all), shelf.Impression.Compare) {
			if err := s.rows.insert(ctx, &i); err != nil && !errors.Is(err, fault.AlreadyExists) {
				return err
			}
		}
		return nil
	})
}

func (s impressions) Take(ctx context.Context, q shelf.Sought) ([]shelf.Impression, error) {
	u, err := s.db.inside(ctx, "shelf_impression.take")
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	seek := func(index, prefix string) error {
		rows, err := s.rows.scan(ctx, scan[shelf.Impression]{index: index, prefix: prefix, match: q.Matches})
		for i := range rows {
			found[impressionKey(&rows[i])] = true
		}
		return err
	}
	for _, r := range q.Requests {
		err = errors.Join(err, seek("request", sortKey(r)))
	}
	for _, m := range q.Members {
		err = errors.Join(err, seek("member", ownersKey(string(m))))
	}
	for _, session := range q.Sessions {
		err = errors.Join(err, seek("session", ownersKey(session)))
	}
	if err != nil {
		return nil, err
	}
	var keys []string
	for k := range found {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if err := u.lock(ctx, lockKey{s.rows.spec.name, k}); err != nil {
			return nil, err
		}
	}
	return s.rows.getMany(ctx, keys) // as they are now that they are held
}

func (s impressions) Mark(ctx context.Context, all []shelf.Impression) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, i := range slices.SortedFunc(slices.Values(all), shelf.Impression.Compare) {
			err := s.rows.mutate(ctx, impressionKey(&i), func(row *shelf.Impression) error {
				row.Seen, row.Clicked, row.Carted, row.Ordered = i.Seen, i.Clicked, i.Carted, i.Ordered
				row.Sales = slices.Clone(i.Sales)
				return nil
			})
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
		}
		return nil
	})
}

func (s impressions) Adopt(ctx context.Context, owners []shelf.Owner) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		var theirs []shelf.Impression // with whose they become
		for _, o := range owners {
			rows, err := s.rows.scan(ctx, scan[shelf.Impression]{
				index: "session", prefix: ownersKey(o.Session),
				match: func(i *shelf.Impression) bool { return i.Member == "" && o.Owns(i.Session, i.At) },
			})
			if err != nil {
				return err
			}
			for _, i := range rows {
				i.Member = o.Member
				theirs = append(theirs, i)
			}
		}
		for _, i := range slices.SortedFunc(slices.Values(theirs), shelf.Impression.Compare) {
			err := s.rows.mutate(ctx, impressionKey(&i), func(row *shelf.Impression) error {
				if row.Member == "" {
					row.Member = i.Member
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

func (s impressions) Reach(ctx context.Context, q shelf.ReachQuery) ([]shelf.Reach, error) {
	rows, err := s.rows.scan(ctx, scan[shelf.Impression]{index: "at", match: q.Matches})
	if err != nil {
		return nil, err
	}
	all := showings{}
	for _, i := range rows {
		for _, p := range i.Products {
			all.add(shelf.Reach{Slot: i.Slot, Strategy: i.Strategy, Segment: i.Segment}, p, 1)
		}
	}
	return all.reach(), nil
}

func (s impressions) Forget(ctx context.Context, members []ref.MemberID) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, m := range members {
			mine, err := s.rows.scan(ctx, scan[shelf.Impression]{index: "member", prefix: ownersKey(string(m))})
			if err != nil {
				return err
			}
			sessions := map[string]bool{"": true}
			for _, i := range mine {
				if sessions[i.Session] {
					continue
				}
				sessions[i.Session] = true
				before, err := s.rows.scan(ctx, scan[shelf.Impression]{
					index: "session", prefix: ownersKey(i.Session), match: func(i *shelf.Impression) bool { return i.Member == "" },
				})
				if err != nil {
					return err
				}
				mine = append(mine, before...)
			}
			slices.SortFunc(mine, shelf.Impression.Compare)
			for i := range mine {
				if _, err := s.rows.remove(ctx, impressionKey(&mine[i])); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s impressions) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	return purge(ctx, s.rows, "at", limit, func(i *shelf.Impression) bool { return i.At.Before(before) })
}
