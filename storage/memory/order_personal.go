package memory

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/order"
)

type personals struct {
	rows  *table[order.GroupID, order.Personal]
	notes *table[string, order.Note]
}

var _ order.PersonalStore = personals{}

func newPersonals(db *DB) personals {
	return personals{
		rows: newTable(db, spec[order.GroupID, order.Personal]{
			name:  "order_personal",
			key:   func(p *order.Personal) order.GroupID { return p.Group },
			clone: func(p order.Personal) order.Personal { return p },
		}),
		notes: newTable(db, spec[string, order.Note]{
			name:  "order_note",
			key:   func(n *order.Note) string { return sortKey(string(n.Group), n.ID) },
			clone: func(n order.Note) order.Note { return n },
			ordered: map[string]func(*order.Note) string{
				"group": func(n *order.Note) string { return sortKey(string(n.Group), n.At, n.ID) },
			},
		}),
	}
}

func (s personals) Insert(ctx context.Context, p *order.Personal) error {
	return s.rows.insert(ctx, p)
}

func (s personals) Get(ctx context.Context, id order.GroupID) (order.Personal, error) {
	return s.rows.get(ctx, id)
}

func (s personals) GetMany(ctx context.Context, ids []order.GroupID) ([]order.Personal, error) {
	return s.rows.getMany(ctx, ids)
}

func (s personals) AddNote(ctx context.Context, n *order.Note) error {
	return s.rows.db.write(ctx, func(ctx context.Context, u *unit) error {
		// The lock makes erasing wait for this note, or this note for it.
		if err := u.lock(ctx, lockKey{s.rows.spec.name, n.Group}); err != nil {
			return err
		}
		known, err := s.rows.getMany(ctx, []order.GroupID{n.Group})
		if err != nil {
			return err
		}
		if len(known) > 0 && known[0].Erased() {
			return order.ErrErased(n.Group)
		}
		return s.notes.insertIn(ctx, u, n)
	})
}

func (s personals) Notes(ctx context.Context, id order.GroupID) ([]order.Note, error) {
	return s.notes.scan(ctx, scan[order.Note]{index: "group", prefix: sortKey(string(id))})
}

func (s personals) Erase(ctx context.Context, ids []order.GroupID, at time.Time) (int, error) {
	erased := 0
	err := s.rows.db.write(ctx, func(ctx context.Context, u *unit) error {
		erased = 0
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			known, err := s.rows.getMany(ctx, []order.GroupID{id})
			if err != nil {
				return err
			}
			if len(known) > 0 {
				err := s.rows.mutateIn(ctx, u, id, func(p *order.Personal) error {
					if !p.Erased() {
						*p = order.Personal{Group: id, ErasedAt: at}
						erased++
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			notes, err := s.Notes(ctx, id)
			if err != nil {
				return err
			}
			for i := range notes {
				if _, err := s.notes.remove(ctx, s.notes.spec.key(&notes[i])); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return erased, err
}
