package access

import (
	"context"
	"errors"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// maxPassword is the size of the longest password that is looked at, in bytes.
const maxPassword = 1024

// AuthenticateInput proves who an employee is.
type AuthenticateInput struct {
	Login    string
	Password string
	// Origin is where the call comes from, as far as the host trusts it.
	// Optional.
	Origin string
}

// Authenticate returns the employee whose login and password these are. An
// unknown login, a wrong password and a disabled employee answer alike, after
// the same time. It is called outside any unit of work. Kinds:
// Unauthenticated, code "staff.credentials"; RateLimited.
func (s *Service) Authenticate(ctx context.Context, in AuthenticateInput) (Staff, error) {
	login, wellFormed := normalLogin(in.Login)
	if !wellFormed {
		login = ""
	}
	if err := s.cfg.Limiter.Attempt(ctx, "staff "+login, in.Origin); err != nil {
		return Staff{}, err
	}
	var a Account // of nobody, whose empty hash no password has
	if wellFormed {
		found, err := s.cfg.Store.FindLogin(ctx, login)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return Staff{}, err
		}
		if err == nil {
			a = found
		}
	}
	stale, err := s.check(ctx, a, in.Password)
	if err != nil {
		return Staff{}, err
	}
	if a.State != Active {
		return Staff{}, wrong()
	}
	if err := s.cfg.Limiter.Succeeded(ctx, "staff "+login); err != nil {
		return Staff{}, err
	}
	if stale {
		return s.rehash(ctx, a, in.Password)
	}
	return a.Staff, nil
}

func (s *Service) check(ctx context.Context, a Account, password string) (stale bool, err error) {
	if len(password) > maxPassword { // was never accepted; hash no megabytes
		password = ""
	}
	ok, stale, err := s.cfg.Passwords.Check(ctx, password, a.PasswordHash)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, wrong()
	}
	return stale, nil
}

// rehash stores the same password with today's parameters. Who changed the
// employee meanwhile wins: the next sign-in tries again.
func (s *Service) rehash(ctx context.Context, a Account, password string) (Staff, error) {
	hash, err := s.cfg.Passwords.Hash(ctx, password)
	if err != nil {
		return Staff{}, err
	}
	a.PasswordHash = hash
	if err := s.cfg.Store.Update(ctx, &a); err != nil && !errors.Is(err, fault.Conflict) {
		return Staff{}, err
	}
	return a.Staff, nil
}

// ChangePasswordInput replaces a password.
type ChangePasswordInput struct {
	Staff ref.StaffID
	// Current is asked of whoever changes the own password.
	Current string
	New     string
	// Origin as in [AuthenticateInput].
	Origin string
}

// ChangePassword replaces a password and ends every earlier session of the
// employee: the own, proved by the current one, or anybody's for whoever
// manages staff. It is called outside any unit of work. Kinds: NotFound;
// Unauthenticated where Current is wrong; RateLimited; Invalid, with the path
// "new"; Conflict; and those of [Service.Require].
func (s *Service) ChangePassword(ctx context.Context, scope ref.Scope, in ChangePasswordInput) (Staff, error) {
	if _, err := s.Get(ctx, scope, in.Staff); err != nil {
		return Staff{}, err
	}
	a, err := s.cfg.Store.Get(ctx, in.Staff)
	if err != nil {
		return Staff{}, err
	}
	if err := s.cfg.Passwords.Accept("new", in.New, a.Login, a.Name); err != nil {
		return Staff{}, err
	}
	if scope.Staff() == in.Staff {
		if a.State != Active {
			return Staff{}, wrong()
		}
		if err := s.cfg.Limiter.Attempt(ctx, "staff "+a.Login, in.Origin); err != nil {
			return Staff{}, err
		}
		if _, err := s.check(ctx, a, in.Current); err != nil {
			return Staff{}, err
		}
		if err := s.cfg.Limiter.Succeeded(ctx, "staff "+a.Login); err != nil {
			return Staff{}, err
		}
	}
	hash, err := s.cfg.Passwords.Hash(ctx, in.New)
	if err != nil {
		return Staff{}, err
	}
	now := s.cfg.Clock.Now()
	a.PasswordHash, a.CredentialAt, a.UpdatedAt = hash, now, now
	if err := s.cfg.Store.Update(ctx, &a); err != nil {
		return Staff{}, err
	}
	return a.Staff, nil
}

func wrong() error {
	return fault.New(fault.Unauthenticated, "staff.credentials", "the login or the password is wrong")
}
