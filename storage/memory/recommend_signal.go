package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// signals keeps signals by position. Whoever appends holds the last position
// until the unit ends, so that the order of positions is that of commits.
type signals struct {
	db      *DB
	rows    *table[int64, recommend.Signal]
	last    *table[string, int64]
	members members
}

var _ recommend.SignalStore = signals{}

func newSignals(db *DB, m members) signals {
	return signals{
		db: db, members: m,
		rows: newTable(db, spec[int64, recommend.Signal]{
			name: "recommend_signal",
			key:  func(s *recommend.Signal) int64 { return s.Position },
			clone: func(s recommend.Signal) recommend.Signal {
				s.Visitor.Segments = slices.Clone(s.Visitor.Segments)
				return s
			},
			unique: map[string]func(*recommend.Signal) string{
				"id": func(s *recommend.Signal) string { return s.ID },
			},
			ordered: map[string]func(*recommend.Signal) string{
				"position": func(s *recommend.Signal) string { return sortKey(s.Position) },
				"at":       func(s *recommend.Signal) string { return sortKey(s.At, s.Position) },
				"member": func(s *recommend.Signal) string {
					return ownersKey(string(s.Visitor.Member), s.Position)
				},
				"anonymous": func(s *recommend.Signal) string {
					if s.Visitor.Member != "" {
						return ""
					}
					return ownersKey(s.Visitor.Session, s.Position)
				},
			},
		}),
		last: newTable(db, spec[string, int64]{
			name:  "recommend_signal_last",
			key:   func(*int64) string { return "" },
			clone: func(n int64) int64 { return n },
		}),
	}
}

// ownersKey is the sort key of what belongs to somebody; what belongs to
// nobody has none.
func ownersKey(owner string, rest ...any) string {
	if owner == "" {
		return ""
	}
	return sortKey(append([]any{owner}, rest...)...)
}

func (s signals) Append(ctx context.Context, events []recommend.Event) error {
	if len(events) == 0 {
		return ctxFault(ctx)
	}
	return s.last.upsert(ctx, "", func(last *int64, _ bool) error { return s.append(ctx, events, last) })
}

func (s signals) append(ctx context.Context, events []recommend.Event, last *int64) error {
	for _, e := range events {
		*last++
		err := s.rows.insert(ctx, &recommend.Signal{Position: *last, Event: e})
		if err != nil && !errors.Is(err, fault.AlreadyExists) {
			return err
		}
	}
	return nil
}

func (s signals) Read(ctx context.Context, after int64, limit int) ([]recommend.Signal, error) {
	return s.rows.scan(ctx, scan[recommend.Signal]{index: "position", after: sortKey(after), limit: limit})
}

func (s signals) Forget(ctx context.Context, members []ref.MemberID) error {
	return s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for _, m := range members {
			mine, err := s.rows.scan(ctx, scan[recommend.Signal]{index: "member", prefix: ownersKey(string(m))})
			if err != nil {
				return err
			}
			sessions := map[string]bool{}
			for _, x := range mine {
				if sessions[x.Visitor.Session] || x.Visitor.Session == "" {
					continue
				}
				sessions[x.Visitor.Session] = true
				before, err := s.rows.scan(ctx, scan[recommend.Signal]{index: "anonymous", prefix: ownersKey(x.Visitor.Session)})
				if err != nil {
					return err
				}
				mine = append(mine, before...)
			}
			if err := s.remove(ctx, mine); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s signals) remove(ctx context.Context, all []recommend.Signal) error {
	slices.SortFunc(all, func(a, b recommend.Signal) int { return int(a.Position - b.Position) })
	for _, x := range all {
		if _, err := s.rows.remove(ctx, x.Position); err != nil {
			return err
		}
	}
	return nil
}

func (s signals) Purge(ctx context.Context, kinds []recommend.Kind, before time.Time, limit int) (int, error) {
	accounts := s.members.rows
	own, err := accounts.readable(ctx)
	if err != nil {
		return 0, err
	}
	kept := func(m ref.MemberID) bool {
		if m == "" {
			return false
		}
		a, known := accounts.peek(own, m)
		return !known || a.State != member.Erased
	}
	return purge(ctx, s.rows, "at", limit, func(x *recommend.Signal) bool {
		return x.At.Before(before) && slices.Contains(kinds, x.Kind) && (x.Kind != recommend.Hide || !kept(x.Visitor.Member))
	})
}
