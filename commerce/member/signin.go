package member

import (
	"context"
	"errors"
	"strings"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// SignInInput proves who somebody is.
type SignInInput struct {
	Email    string
	Password string
	// Origin is where the call comes from, as far as the host trusts it: a
	// network address, never a header that anybody may send. Optional.
	Origin string
}

// SignIn returns the member whose e-mail address and password these are. An
// unknown address and a wrong password answer alike, after the same time. It
// is called outside any unit of work. Kinds: Unauthenticated, code
// "member.credentials"; RateLimited; PermissionDenied, code "member.blocked",
// for the right password of a blocked member.
func (s *Service) SignIn(ctx context.Context, in SignInInput) (Member, error) {
	key, malformed := EmailKey(strings.TrimSpace(in.Email))
	account := key
	if malformed != nil {
		account = strings.ToValidUTF8(in.Email[:min(len(in.Email), MaxEmail)], "")
	}
	if err := s.cfg.Limiter.Attempt(ctx, "member "+account, in.Origin); err != nil {
		return Member{}, err
	}
	if len(in.Password) > MaxPassword { // was never accepted; hash no megabytes
		in.Password = ""
	}
	var a Account // of nobody, whose empty hash no password has
	if malformed == nil {
		found, err := s.cfg.Store.FindEmail(ctx, key)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return Member{}, err
		}
		if err == nil {
			a = found
		}
	}
	stale, err := s.check(ctx, a, in.Password)
	if err != nil {
		return Member{}, err
	}
	if a.State != Active {
		return Member{}, fault.New(fault.PermissionDenied, "member.blocked", "the member may not sign in")
	}
	if err := s.cfg.Limiter.Succeeded(ctx, "member "+key); err != nil {
		return Member{}, err
	}
	if stale {
		return s.rehash(ctx, a, in.Password)
	}
	return a.Member, nil
}

func (s *Service) check(ctx context.Context, a Account, password string) (stale bool, err error) {
	ok, stale, err := s.cfg.Hasher.Check(ctx, password, a.PasswordHash)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, fault.New(fault.Unauthenticated, "member.credentials", "the e-mail address or the password is wrong")
	}
	return stale, nil
}

// rehash stores the same password with today's parameters. Who changed the
// member meanwhile wins: the next sign-in tries again.
func (s *Service) rehash(ctx context.Context, a Account, password string) (Member, error) {
	hash, err := s.cfg.Hasher.Hash(ctx, password)
	if err != nil {
		return Member{}, err
	}
	a.PasswordHash = hash
	if err := s.cfg.Store.Update(ctx, &a); err != nil && !errors.Is(err, fault.Conflict) {
		return Member{}, err
	}
	return a.Member, nil
}

// ChangePasswordInput replaces a password.
type ChangePasswordInput struct {
	Member ID
	// Current is asked of members, not of staff and system, who set one for
	// somebody that proved the identity otherwise.
	Current string
	New     string
	// Origin as in [SignInInput].
	Origin string
}

// ChangePassword replaces the password and ends every earlier session. It is
// called outside any unit of work. Kinds: NotFound; Unauthenticated where
// Current is wrong; RateLimited; Invalid, with the path "new"; Conflict;
// FailedPrecondition for a forgotten member.
func (s *Service) ChangePassword(ctx context.Context, scope ref.Scope, in ChangePasswordInput) (Member, error) {
	a, err := s.account(ctx, scope, in.Member)
	if err != nil {
		return Member{}, err
	}
	if a.State == Erased {
		return Member{}, gone()
	}
	if err := CheckPassword("new", in.New, a.Email, a.Name); err != nil {
		return Member{}, err
	}
	if !scope.All() {
		if err := s.prove(ctx, a, in); err != nil {
			return Member{}, err
		}
	}
	hash, err := s.cfg.Hasher.Hash(ctx, in.New)
	if err != nil {
		return Member{}, err
	}
	now := s.cfg.Clock.Now()
	return s.change(ctx, scope, in.Member, func(_ context.Context, b *Account) (event.Payload, error) {
		b.Version = a.Version // the password that was proved is the one replaced
		b.PasswordHash, b.CredentialAt = hash, now
		return PasswordChanged{Member: in.Member}, nil
	})
}

// prove asks a member for the current password, as bounded as a sign-in.
func (s *Service) prove(ctx context.Context, a Account, in ChangePasswordInput) error {
	if err := s.cfg.Limiter.Attempt(ctx, "member "+a.EmailKey, in.Origin); err != nil {
		return err
	}
	if len(in.Current) > MaxPassword {
		in.Current = ""
	}
	if _, err := s.check(ctx, a, in.Current); err != nil {
		return err
	}
	return s.cfg.Limiter.Succeeded(ctx, "member "+a.EmailKey)
}
