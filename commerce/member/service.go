package member

import (
	"context"
	"errors"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the members. Required.
	Store Store
	// Books keeps their addresses; of the same backend as Store. Required.
	Books BookStore
	// Units runs the units of work of that backend. Required.
	Units uow.Manager
	// Events is the log of that backend. Required.
	Events event.Appender
	// Limiter bounds the guessing of passwords: a [Throttle]. Required.
	Limiter Limiter
	// Hasher hashes the passwords. Defaults to one with the default parameters.
	Hasher *Hasher
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service registers members, signs them in and keeps what they tell.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("member.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Books != nil, "Books")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	need(cfg.Limiter != nil, "Limiter")
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if cfg.Hasher == nil {
		h, err := NewHasher(HasherConfig{})
		if err != nil {
			return nil, err
		}
		cfg.Hasher = h
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg}, nil
}

// Get returns a member that the scope may see: itself, or any for staff and
// system. NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id ID) (Member, error) {
	a, err := s.account(ctx, scope, id)
	return a.Member, err
}

// GetMany returns the members that exist and that the scope may see, in the
// order of ids.
func (s *Service) GetMany(ctx context.Context, scope ref.Scope, ids []ID) ([]Member, error) {
	var seen []ID
	for _, id := range ids {
		if scope.Owns(id, "") {
			seen = append(seen, id)
		}
	}
	all, err := s.cfg.Store.GetMany(ctx, seen)
	if err != nil {
		return nil, err
	}
	out := make([]Member, len(all))
	for i, a := range all {
		out[i] = a.Member
	}
	return out, nil
}

// List pages through members. Staff and system only: PermissionDenied.
func (s *Service) List(ctx context.Context, scope ref.Scope, q Query, p page.Request) (page.Page[Member], error) {
	if !scope.All() {
		return page.Page[Member]{}, denied()
	}
	all, err := s.cfg.Store.List(ctx, q, p)
	if err != nil {
		return page.Page[Member]{}, err
	}
	return page.Map(all, func(a Account) Member { return a.Member }), nil
}

// FindEmail returns the member with an e-mail address. Staff and system only:
// PermissionDenied. Kinds: Invalid, NotFound.
func (s *Service) FindEmail(ctx context.Context, scope ref.Scope, email string) (Member, error) {
	if !scope.All() {
		return Member{}, denied()
	}
	key, err := EmailKey(email)
	if err != nil {
		return Member{}, err
	}
	a, err := s.cfg.Store.FindEmail(ctx, key)
	return a.Member, err
}

// FindEmails returns the members with e-mail addresses, by the address as it was
// handed in; what is no address, or nobody's, is left out. One statement. Staff
// and system only: PermissionDenied. Invalid for more than [page.MaxLimit].
func (s *Service) FindEmails(ctx context.Context, scope ref.Scope, emails []string) (map[string]Member, error) {
	if !scope.All() {
		return nil, denied()
	}
	keys := make(map[string]string, len(emails))
	var q Query
	for _, email := range emails {
		if key, err := EmailKey(email); err == nil {
			keys[email] = key
			q.Emails = append(q.Emails, key)
		}
	}
	if len(q.Emails) == 0 {
		return nil, nil
	}
	if len(q.Emails) > page.MaxLimit {
		return nil, fault.New(fault.Invalid, "member.invalid", "these are too many at once").
			WithField("emails", "too_many", fault.Params{"max": page.MaxLimit})
	}
	found, err := s.cfg.Store.List(ctx, q, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return nil, err
	}
	byKey := make(map[string]Member, len(found.Items))
	for _, a := range found.Items {
		byKey[a.EmailKey] = a.Member
	}
	out := make(map[string]Member, len(byKey))
	for email, key := range keys {
		if m, ok := byKey[key]; ok {
			out[email] = m
		}
	}
	return out, nil
}

// account loads a member that the scope may see.
func (s *Service) account(ctx context.Context, scope ref.Scope, id ID) (Account, error) {
	if !scope.Owns(id, "") || !ref.ValidID(string(id)) {
		return Account{}, missing(id)
	}
	return s.cfg.Store.Get(ctx, id)
}

// change loads a member inside a unit, lets fn change it and stores it; the
// event that fn returns, if any, is appended.
func (s *Service) change(
	ctx context.Context, scope ref.Scope, id ID, fn func(ctx context.Context, a *Account) (event.Payload, error),
) (Member, error) {
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var a Account
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if a, err = s.account(ctx, scope, id); err != nil {
			return err
		}
		payload, err := fn(ctx, &a)
		if err != nil {
			return err
		}
		a.UpdatedAt = now
		if err := s.cfg.Store.Update(ctx, &a); err != nil || payload == nil {
			return err
		}
		rec, err := event.New(eventID, Topic, string(id), now, payload)
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Member{}, err
	}
	return a.Member, nil
}

func missing(id ID) error {
	return fault.New(fault.NotFound, "member.not_found", "no such member").With("id", string(id))
}

func denied() error {
	return fault.New(fault.PermissionDenied, "member.denied", "only the site's staff may do this")
}
