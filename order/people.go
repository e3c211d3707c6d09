package order

import (
	"context"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Personal returns what a group knows about people: all of it for the buyer,
// staff and system; for a merchant where to deliver and what the buyer wrote.
// NotFound.
func (s *Service) Personal(ctx context.Context, scope ref.Scope, id GroupID) (Personal, error) {
	if _, err := s.Get(ctx, scope, id); err != nil {
		return Personal{}, err
	}
	p, err := s.cfg.Personal.Get(ctx, id)
	if err != nil {
		return Personal{}, err
	}
	if scope.Merchant() != "" {
		p.BillTo, p.Email = address.Address{}, ""
	}
	return p, nil
}

// Erase removes what the groups know about people and keeps the orders. Only
// staff and system may, once every order of the group is final. It returns
// how many groups held something. Kinds: NotFound, PermissionDenied,
// FailedPrecondition with code "order.open".
func (s *Service) Erase(ctx context.Context, scope ref.Scope, ids ...GroupID) (int, error) {
	if !scope.All() {
		return 0, denied()
	}
	now, erased := s.cfg.Clock.Now(), 0
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		groups, err := s.cfg.Store.GetMany(ctx, ids)
		if err != nil {
			return err
		}
		found := map[GroupID]bool{}
		for i := range groups {
			found[groups[i].ID] = true
			for j := range groups[i].Orders {
				if o := &groups[i].Orders[j]; !o.State.Final() {
					return fault.New(fault.FailedPrecondition, "order.open", "an order of the group is still open").
						With("order", string(o.ID))
				}
			}
		}
		for _, id := range ids {
			if !found[id] {
				return missingGroup(id)
			}
		}
		erased, err = s.cfg.Personal.Erase(ctx, ids, now)
		return err
	})
	return erased, err
}

// NoteInput is a note on a group or on one order of it.
type NoteInput struct {
	Group GroupID
	Order ID // empty: about the whole group
	Text  string
	// Public lets the buyer read it. A buyer's own notes are public.
	Public bool
}

// AddNote writes a note. Everybody may who sees the group; a merchant's notes
// are about the own order. Kinds: NotFound, Invalid, Exhausted where there
// are [MaxNotes], FailedPrecondition once the group was erased.
func (s *Service) AddNote(ctx context.Context, scope ref.Scope, in NoteInput) (Note, error) {
	if err := checkNote(in.Text); err != nil {
		return Note{}, err
	}
	cause := s.cause(ctx, scope, "")
	n := Note{
		ID: s.cfg.IDs.New(), Group: in.Group, Order: in.Order, At: cause.At, By: cause.By,
		Merchant: scope.Merchant(), Public: in.Public || !scope.All() && scope.Merchant() == "", Text: in.Text,
	}
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		g, err := s.Get(ctx, scope, in.Group)
		if err != nil {
			return err
		}
		if n.Order == "" && n.Merchant != "" && len(g.Orders) == 1 {
			n.Order = g.Orders[0].ID
		}
		if n.Order != "" {
			if _, err := g.Order(n.Order); err != nil {
				return err
			}
		}
		notes, err := s.cfg.Personal.Notes(ctx, in.Group)
		if err != nil {
			return err
		}
		if len(notes) >= MaxNotes {
			return tooManyNotes(in.Group)
		}
		return s.cfg.Personal.AddNote(ctx, &n)
	})
	if err != nil {
		return Note{}, err
	}
	return n, nil
}

// Notes returns the notes that the scope may read, the oldest first.
// NotFound.
func (s *Service) Notes(ctx context.Context, scope ref.Scope, id GroupID) ([]Note, error) {
	g, err := s.Get(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	all, err := s.cfg.Personal.Notes(ctx, id)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for i := range all {
		if all[i].readable(scope, &g) {
			out = append(out, all[i])
		}
	}
	return out, nil
}
