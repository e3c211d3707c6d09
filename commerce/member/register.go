package member

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// MaxName bounds a member's name, in characters.
const MaxName = 100

// RegisterInput is a new member.
type RegisterInput struct {
	// ID is the host's own id; only staff and system may choose one. Defaults
	// to a minted one.
	ID    ID
	Email string
	// Password as [CheckPassword] wants it. Staff and system may leave it out,
	// as when members are taken over from elsewhere: they cannot sign in yet.
	Password string
	Name     string // optional
	Phone    string // optional, with the country's code
	Locale   ref.Locale
}

// Register adds a member: a visitor the own, staff and system any. Kinds:
// Invalid, with every wrong field; PermissionDenied for members and merchants,
// and for a visitor who chooses an id; AlreadyExists, code "member.exists",
// where the e-mail address (or the id) is taken.
func (s *Service) Register(ctx context.Context, scope ref.Scope, in RegisterInput) (Member, error) {
	if !scope.All() && (scope.Kind() == ref.MemberScope || scope.Kind() == ref.MerchantScope || in.ID != "") {
		return Member{}, denied()
	}
	a, err := newAccount(in, scope.All())
	if err != nil {
		return Member{}, err
	}
	if a.ID == "" {
		a.ID = ID(s.cfg.IDs.New())
	}
	if in.Password != "" {
		if a.PasswordHash, err = s.cfg.Hasher.Hash(ctx, in.Password); err != nil {
			return Member{}, err
		}
	}
	now := s.cfg.Clock.Now()
	a.CreatedAt, a.UpdatedAt = now, now
	if a.PasswordHash != "" {
		a.CredentialAt = now
	}
	rec, err := event.New(s.cfg.IDs.New(), Topic, string(a.ID), now, Registered{Member: a.ID})
	if err != nil {
		return Member{}, err
	}
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Store.Insert(ctx, &a); err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Member{}, err
	}
	return a.Member, nil
}

// newAccount checks an input and brings it into its written form.
func newAccount(in RegisterInput, trusted bool) (Account, error) {
	var v fault.Violations
	a := Account{Member: Member{
		ID: in.ID, State: Active, Email: strings.TrimSpace(in.Email), Name: checkName(&v, in.Name),
		Phone: checkPhone(&v, in.Phone), Locale: checkLocale(&v, in.Locale),
	}}
	if in.ID != "" && !ref.ValidID(string(in.ID)) {
		v.Add("id", "malformed", nil)
	}
	var err error
	if a.EmailKey, err = EmailKey(a.Email); err != nil {
		v.Merge("", err)
	}
	if in.Password != "" || !trusted {
		v.Merge("", CheckPassword("password", in.Password, a.Email, a.Name))
	}
	if err := v.Err("member.invalid", "the member is not valid"); err != nil {
		return Account{}, err
	}
	return a, nil
}

func checkName(v *fault.Violations, name string) string {
	switch {
	case utf8.RuneCountInString(name) > MaxName:
		v.Add("name", "too_long", fault.Params{"max": MaxName})
	case !ref.PlainText(name):
		v.Add("name", "text", nil)
	}
	return strings.TrimSpace(name)
}

func checkPhone(v *fault.Violations, phone string) string {
	if strings.TrimSpace(phone) == "" {
		return ""
	}
	n, err := address.NormalizePhone("", phone)
	if err != nil {
		v.Merge("", err)
	}
	return n
}

func checkLocale(v *fault.Violations, l ref.Locale) ref.Locale {
	if l != "" && !l.Valid() {
		v.Add("locale", "unknown", nil)
	}
	return l
}

// ProfileInput is what a member may change of itself.
type ProfileInput struct {
	Member ID
	// Version that the change was made on.
	Version int64
	Name    string
	Phone   string
	Locale  ref.Locale
}

// UpdateProfile replaces name, phone and locale. Kinds: Invalid, NotFound,
// FailedPrecondition for a forgotten member, Conflict.
func (s *Service) UpdateProfile(ctx context.Context, scope ref.Scope, in ProfileInput) (Member, error) {
	var v fault.Violations
	name, phone, locale := checkName(&v, in.Name), checkPhone(&v, in.Phone), checkLocale(&v, in.Locale)
	if err := v.Err("member.invalid", "the member is not valid"); err != nil {
		return Member{}, err
	}
	return s.change(ctx, scope, in.Member, func(_ context.Context, a *Account) (event.Payload, error) {
		if a.State == Erased {
			return nil, gone()
		}
		a.Version, a.Name, a.Phone, a.Locale = in.Version, name, phone, locale
		return nil, nil //nolint:nilnil // a profile is personal: no event tells of it
	})
}

// Block keeps a member from signing in and ends its sessions. Staff and
// system only. Kinds: PermissionDenied, NotFound, FailedPrecondition, Conflict.
func (s *Service) Block(ctx context.Context, scope ref.Scope, id ID) (Member, error) {
	return s.move(ctx, scope, id, Blocked)
}

// Unblock lets a blocked member sign in again. Kinds as for Block.
func (s *Service) Unblock(ctx context.Context, scope ref.Scope, id ID) (Member, error) {
	return s.move(ctx, scope, id, Active)
}

func (s *Service) move(ctx context.Context, scope ref.Scope, id ID, to State) (Member, error) {
	if !scope.All() {
		if scope.Owns(id, "") {
			return Member{}, denied()
		}
		return Member{}, missing(id)
	}
	now := s.cfg.Clock.Now()
	return s.change(ctx, scope, id, func(_ context.Context, a *Account) (event.Payload, error) {
		from := a.State
		if err := a.transition(to, now); err != nil {
			return nil, err
		}
		return StateChanged{Member: id, From: from, To: to, Version: a.Version + 1}, nil
	})
}

// Forget erases what is personal of a member, addresses included, and tells
// the others by an event; the id stays, so that orders keep their owner. It
// is for good. Kinds: NotFound; FailedPrecondition where it was done; Conflict.
func (s *Service) Forget(ctx context.Context, scope ref.Scope, id ID) error {
	now := s.cfg.Clock.Now()
	_, err := s.change(ctx, scope, id, func(ctx context.Context, a *Account) (event.Payload, error) {
		if err := a.forget(now); err != nil {
			return nil, err
		}
		return Forgotten{Member: id}, s.write(ctx, id, now, (*Book).erase)
	})
	return err
}

// SessionOver reports whether a session of m that began at the given time is
// over: the password changed since, or m may not sign in any more.
func (m Member) SessionOver(began time.Time) bool {
	return m.State != Active || began.Before(m.CredentialAt)
}

func gone() error {
	return fault.New(fault.FailedPrecondition, "member.state", "the member is forgotten").With("from", string(Erased))
}
