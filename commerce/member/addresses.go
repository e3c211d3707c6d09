package member

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// AddressInput is an entry of an address book.
type AddressInput struct {
	Member ID
	// ID is the entry to change; AddAddress mints one.
	ID      AddressID
	Label   string
	Address address.Address
	// Default makes it the one that a checkout proposes.
	Default bool
}

// Addresses returns a member's address book. NotFound for a foreign member.
func (s *Service) Addresses(ctx context.Context, scope ref.Scope, member ID) (Book, error) {
	if !scope.Owns(member, "") {
		return Book{}, missing(member)
	}
	return s.book(ctx, member)
}

// Address returns one entry. NotFound for a foreign or missing one.
func (s *Service) Address(ctx context.Context, scope ref.Scope, member ID, id AddressID) (Entry, error) {
	b, err := s.Addresses(ctx, scope, member)
	if err != nil {
		return Entry{}, err
	}
	e, ok := b.Entry(id)
	if !ok {
		return Entry{}, noAddress(id)
	}
	return e, nil
}

// AddAddress adds an entry in its written form; the first one is the default.
// Kinds: Invalid, with every wrong field; NotFound; Exhausted, code
// "member.address_cap"; FailedPrecondition for a forgotten member.
func (s *Service) AddAddress(ctx context.Context, scope ref.Scope, in AddressInput) (Entry, error) {
	in.ID = AddressID(s.cfg.IDs.New())
	return s.put(ctx, scope, in, func(b *Book, e Entry) error { return b.add(e, in.Default) })
}

// ChangeAddress replaces an entry. Kinds as for AddAddress, without Exhausted.
func (s *Service) ChangeAddress(ctx context.Context, scope ref.Scope, in AddressInput) (Entry, error) {
	return s.put(ctx, scope, in, func(b *Book, e Entry) error { return b.change(e, in.Default) })
}

func (s *Service) put(ctx context.Context, scope ref.Scope, in AddressInput, fn func(b *Book, e Entry) error) (Entry, error) {
	if !scope.Owns(in.Member, "") {
		return Entry{}, missing(in.Member)
	}
	e, err := checkEntry(in)
	if err != nil {
		return Entry{}, err
	}
	if err := s.edit(ctx, scope, in.Member, func(b *Book) error { return fn(b, e) }); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// RemoveAddress takes an entry out; the oldest of the rest follows a default.
// NotFound.
func (s *Service) RemoveAddress(ctx context.Context, scope ref.Scope, member ID, id AddressID) error {
	return s.edit(ctx, scope, member, func(b *Book) error { return b.remove(id) })
}

// PreferAddress makes an entry the default. NotFound.
func (s *Service) PreferAddress(ctx context.Context, scope ref.Scope, member ID, id AddressID) error {
	return s.edit(ctx, scope, member, func(b *Book) error { return b.prefer(id) })
}

// edit makes one change to a member's book.
func (s *Service) edit(ctx context.Context, scope ref.Scope, member ID, fn func(*Book) error) error {
	now := s.cfg.Clock.Now()
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if _, err := s.account(ctx, scope, member); err != nil {
			return err
		}
		return s.write(ctx, member, now, func(b *Book) error {
			if b.Erased {
				return gone()
			}
			return fn(b)
		})
	})
}

// maxWrites is how often a change is made anew after another one came first.
const maxWrites = 5

// write makes a change to a member's book inside a unit. A change says what is
// meant, so one that lost a race is made anew on what the winner left.
func (s *Service) write(ctx context.Context, member ID, now time.Time, fn func(*Book) error) error {
	for try := 1; ; try++ {
		b, err := s.book(ctx, member)
		if err != nil {
			return err
		}
		if err := fn(&b); err != nil {
			return err
		}
		b.UpdatedAt = now
		if b.Version == 0 {
			err = s.cfg.Books.Insert(ctx, &b)
		} else {
			err = s.cfg.Books.Update(ctx, &b)
		}
		lost := errors.Is(err, fault.Conflict) || errors.Is(err, fault.AlreadyExists)
		if !lost || try == maxWrites {
			return err
		}
	}
}

// book returns a member's book, an empty one where none was written.
func (s *Service) book(ctx context.Context, member ID) (Book, error) {
	b, err := s.cfg.Books.Get(ctx, member)
	if errors.Is(err, fault.NotFound) {
		return Book{Member: member}, nil
	}
	return b, err
}
