package merchant

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
	// Store keeps the merchants. Required.
	Store Store
	// Units runs the units of work of the backend that Store belongs to. Required.
	Units uow.Manager
	// Events is the log of the same backend. Required.
	Events event.Appender
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service registers merchants and moves them through their states.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("merchant.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg}, nil
}

// RegisterInput is a new merchant.
type RegisterInput struct {
	// ID is the host's own id. Defaults to a minted one.
	ID ID
	// Name is what buyers read: 1 to [MaxName] characters.
	Name string
}

// Register adds an active merchant. Only staff and system may. Kinds:
// Invalid, PermissionDenied, AlreadyExists.
func (s *Service) Register(ctx context.Context, scope ref.Scope, in RegisterInput) (Merchant, error) {
	if !scope.All() {
		return Merchant{}, denied()
	}
	if err := in.check(); err != nil {
		return Merchant{}, err
	}
	if in.ID == "" {
		in.ID = ID(s.cfg.IDs.New())
	}
	now := s.cfg.Clock.Now()
	m := Merchant{ID: in.ID, Name: in.Name, State: Active, CreatedAt: now, UpdatedAt: now}
	rec, err := event.New(s.cfg.IDs.New(), Topic, string(m.ID), now, Registered{Merchant: m.ID})
	if err != nil {
		return Merchant{}, err
	}
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Store.Insert(ctx, &m); err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Merchant{}, err
	}
	return m, nil
}

// Suspend stops a merchant from selling. Kinds: NotFound, PermissionDenied,
// FailedPrecondition, and Conflict where version is not the newest.
func (s *Service) Suspend(ctx context.Context, scope ref.Scope, id ID, version int64) (Merchant, error) {
	return s.move(ctx, scope, id, version, Suspended)
}

// Resume lets a suspended merchant sell again. Kinds as for Suspend.
func (s *Service) Resume(ctx context.Context, scope ref.Scope, id ID, version int64) (Merchant, error) {
	return s.move(ctx, scope, id, version, Active)
}

// Close ends a merchant for good. Kinds as for Suspend.
func (s *Service) Close(ctx context.Context, scope ref.Scope, id ID, version int64) (Merchant, error) {
	return s.move(ctx, scope, id, version, Closed)
}

func (s *Service) move(ctx context.Context, scope ref.Scope, id ID, version int64, to State) (Merchant, error) {
	if !scope.All() {
		if scope.Merchant() == id {
			return Merchant{}, denied()
		}
		return Merchant{}, missing(id)
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var m Merchant
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if m, err = s.cfg.Store.Get(ctx, id); err != nil {
			return err
		}
		from := m.State
		m.Version = version
		if err := m.transition(to, now); err != nil {
			return err
		}
		if err := s.cfg.Store.Update(ctx, &m); err != nil {
			return err
		}
		rec, err := event.New(eventID, Topic, string(id), now,
			StateChanged{Merchant: id, From: from, To: to, Version: m.Version})
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Merchant{}, err
	}
	return m, nil
}

// Get returns a merchant that the scope may see: itself, or any for staff
// and system. NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id ID) (Merchant, error) {
	if !scope.All() && scope.Merchant() != id || !ref.ValidID(string(id)) {
		return Merchant{}, missing(id)
	}
	return s.cfg.Store.Get(ctx, id)
}

// Registered returns which of the merchants are registered, whether they sell or
// not: who owns a product is no secret.
func (s *Service) Registered(ctx context.Context, ids []ID) (map[ID]bool, error) {
	found, err := s.cfg.Store.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[ID]bool, len(found))
	for _, m := range found {
		out[m.ID] = true
	}
	return out, nil
}

// List pages through merchants. Staff and system only: PermissionDenied.
func (s *Service) List(ctx context.Context, scope ref.Scope, q Query, p page.Request) (page.Page[Merchant], error) {
	if !scope.All() {
		return page.Page[Merchant]{}, denied()
	}
	return s.cfg.Store.List(ctx, q, p)
}

func missing(id ID) error {
	return fault.New(fault.NotFound, "merchant.not_found", "no such merchant").With("id", string(id))
}

func denied() error {
	return fault.New(fault.PermissionDenied, "merchant.denied", "only the site's staff may do this")
}
