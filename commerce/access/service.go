package access

import (
	"context"
	"errors"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Passwords hashes and checks passwords; *member.Hasher does.
type Passwords interface {
	// Accept reports, as Invalid with the given path, what is wrong with a new
	// password; hints are what it must not be.
	Accept(path, password string, hints ...string) error
	// Hash returns the hash to store.
	Hash(ctx context.Context, password string) (string, error)
	// Check reports whether password is the hashed one and whether the hash
	// should be made anew. The empty hash is nobody's and takes as long.
	Check(ctx context.Context, password, hash string) (ok, stale bool, err error)
}

// Limiter bounds how often passwords are guessed; *member.Throttle does.
type Limiter interface {
	// Attempt counts one attempt for an account and, where it is known, for
	// the origin of the call. RateLimited.
	Attempt(ctx context.Context, account, origin string) error
	// Succeeded forgets the attempts for an account.
	Succeeded(ctx context.Context, account string) error
}

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the employees. Required.
	Store Store
	// Units runs the units of work of the backend that Store belongs to. Required.
	Units uow.Manager
	// Passwords hashes and checks. Required.
	Passwords Passwords
	// Limiter bounds the guessing. Required.
	Limiter Limiter
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service hires employees, signs them in and says what they may do.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("access.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Units != nil, "Units")
	need(cfg.Passwords != nil, "Passwords")
	need(cfg.Limiter != nil, "Limiter")
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

// Require returns the employee behind a staff scope if a role grants p. The
// system may do anything and is nobody: the zero Staff. Kinds:
// Unauthenticated for an employee who is gone or disabled, PermissionDenied
// for one without the permission and for every other scope.
func (s *Service) Require(ctx context.Context, scope ref.Scope, p Permission) (Staff, error) {
	if scope.Kind() == ref.SystemScope {
		return Staff{}, nil
	}
	id := scope.Staff()
	if id == "" {
		return Staff{}, denied(p)
	}
	a, err := s.cfg.Store.Get(ctx, id)
	switch {
	case errors.Is(err, fault.NotFound), err == nil && a.State != Active:
		return Staff{}, fault.New(fault.Unauthenticated, "staff.gone", "the employee may not sign in any more")
	case err != nil:
		return Staff{}, err
	case !a.Can(p):
		return Staff{}, denied(p)
	}
	return a.Staff, nil
}

// Get returns an employee: whoever manages staff sees all, others themselves.
// NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id ref.StaffID) (Staff, error) {
	if id == "" || scope.Staff() != id {
		if _, err := s.Require(ctx, scope, StaffManage); err != nil {
			if errors.Is(err, fault.PermissionDenied) {
				return Staff{}, missing(id)
			}
			return Staff{}, err
		}
	}
	if !ref.ValidID(string(id)) {
		return Staff{}, missing(id)
	}
	a, err := s.cfg.Store.Get(ctx, id)
	return a.Staff, err
}

// List pages through employees. Kinds as for [Service.Require], with
// [StaffManage]; Invalid for a foreign cursor.
func (s *Service) List(ctx context.Context, scope ref.Scope, p page.Request) (page.Page[Staff], error) {
	if _, err := s.Require(ctx, scope, StaffManage); err != nil {
		return page.Page[Staff]{}, err
	}
	all, err := s.cfg.Store.List(ctx, p)
	if err != nil {
		return page.Page[Staff]{}, err
	}
	return page.Map(all, func(a Account) Staff { return a.Staff }), nil
}

func denied(p Permission) error {
	return fault.New(fault.PermissionDenied, "access.denied", "the permission is lacking").With("permission", string(p))
}

func missing(id ref.StaffID) error {
	return fault.New(fault.NotFound, "staff.not_found", "no such employee").With("id", string(id))
}
