package access

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// HireInput is a new employee.
type HireInput struct {
	// Login is 2 to 64 letters, digits and .-_+@, whatever their case.
	Login    string
	Name     string // optional
	Password string
	Roles    []Role // at least one
}

// Hire adds an employee. Kinds: those of [Service.Require], with
// [StaffManage]; Invalid, with every wrong field; AlreadyExists, code
// "staff.exists", where the login is taken.
func (s *Service) Hire(ctx context.Context, scope ref.Scope, in HireInput) (Staff, error) {
	if _, err := s.Require(ctx, scope, StaffManage); err != nil {
		return Staff{}, err
	}
	var v fault.Violations
	login, ok := normalLogin(in.Login)
	if !ok {
		v.Add("login", "malformed", fault.Params{"min": MinLogin, "max": MaxLogin})
	}
	name, roles := checkName(&v, in.Name), checkRoles(&v, in.Roles)
	if err := s.cfg.Passwords.Accept("password", in.Password, login, name); err != nil && !v.Merge("", err) {
		return Staff{}, err
	}
	if err := v.Err("staff.invalid", "the employee is not valid"); err != nil {
		return Staff{}, err
	}
	hash, err := s.cfg.Passwords.Hash(ctx, in.Password)
	if err != nil {
		return Staff{}, err
	}
	now := s.cfg.Clock.Now()
	a := Account{PasswordHash: hash, Staff: Staff{
		ID: ref.StaffID(s.cfg.IDs.New()), Login: login, Name: name, Roles: roles, State: Active,
		CredentialAt: now, CreatedAt: now, UpdatedAt: now,
	}}
	if err := s.cfg.Store.Insert(ctx, &a); err != nil {
		return Staff{}, err
	}
	return a.Staff, nil
}

// Assign replaces an employee's roles. Nobody changes the own ones, so that
// the last owner cannot leave by mistake. Kinds: those of [Service.Require],
// with [StaffManage]; Invalid; NotFound; PermissionDenied; Conflict where
// version is not the newest.
func (s *Service) Assign(ctx context.Context, scope ref.Scope, id ref.StaffID, version int64, roles []Role) (Staff, error) {
	var v fault.Violations
	roles = checkRoles(&v, roles)
	if err := v.Err("staff.invalid", "the employee is not valid"); err != nil {
		return Staff{}, err
	}
	return s.change(ctx, scope, id, version, func(a *Account) error {
		a.Roles = roles
		return nil
	})
}

// Disable keeps an employee from signing in and ends its sessions. Kinds as
// for Assign; FailedPrecondition where it is so already.
func (s *Service) Disable(ctx context.Context, scope ref.Scope, id ref.StaffID, version int64) (Staff, error) {
	return s.move(ctx, scope, id, version, Disabled)
}

// Enable lets a disabled employee sign in again. Kinds as for Disable.
func (s *Service) Enable(ctx context.Context, scope ref.Scope, id ref.StaffID, version int64) (Staff, error) {
	return s.move(ctx, scope, id, version, Active)
}

func (s *Service) move(ctx context.Context, scope ref.Scope, id ref.StaffID, version int64, to State) (Staff, error) {
	now := s.cfg.Clock.Now()
	return s.change(ctx, scope, id, version, func(a *Account) error { return a.transition(to, now) })
}

func (s *Service) change(
	ctx context.Context, scope ref.Scope, id ref.StaffID, version int64, fn func(*Account) error,
) (Staff, error) {
	now := s.cfg.Clock.Now()
	var a Account
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if _, err := s.Require(ctx, scope, StaffManage); err != nil {
			return err
		}
		if id != "" && scope.Staff() == id {
			return fault.New(fault.PermissionDenied, "staff.self", "nobody changes the own access")
		}
		var err error
		if a, err = s.cfg.Store.Get(ctx, id); err != nil {
			return err
		}
		manages := a.Can(StaffManage)
		a.Version = version
		if err := fn(&a); err != nil {
			return err
		}
		a.UpdatedAt = now
		if err := s.cfg.Store.Update(ctx, &a); err != nil || !manages || a.Can(StaffManage) || scope.Staff() == "" {
			return err
		}
		return s.stay(ctx, scope)
	})
	if err != nil {
		return Staff{}, err
	}
	return a.Staff, nil
}

// stay has who takes the management of staff from somebody hold the own row, and
// still have it: of two who take it from each other one does.
func (s *Service) stay(ctx context.Context, scope ref.Scope) error {
	me, err := s.cfg.Store.Get(ctx, scope.Staff())
	if err != nil {
		return err
	}
	if err := s.cfg.Store.Update(ctx, &me); err != nil {
		return err
	}
	_, err = s.Require(ctx, scope, StaffManage)
	return err
}
