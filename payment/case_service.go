package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// CaseInput names a case and the version the caller has seen.
type CaseInput struct {
	Case    CaseID
	Version int64
}

// Cases pages through the cases, oldest first. Staff and system only. Kinds:
// PermissionDenied, Invalid.
func (s *Service) Cases(ctx context.Context, scope ref.Scope, q CaseQuery, p page.Request) (page.Page[Case], error) {
	if !scope.All() {
		return page.Page[Case]{}, denied()
	}
	if err := q.check(); err != nil {
		return page.Page[Case]{}, err
	}
	return s.cfg.Cases.List(ctx, q, p)
}

// AssignCase gives a case to somebody, or, with "", back to everybody. Staff
// and system only. Kinds: Invalid, NotFound, Conflict, FailedPrecondition once
// closed.
func (s *Service) AssignCase(ctx context.Context, scope ref.Scope, in CaseInput, to ref.StaffID) (Case, error) {
	if to != "" && !ref.ValidID(string(to)) {
		return Case{}, fault.New(fault.Invalid, "payment.case_invalid", "the assignee is not valid").
			WithField("assignee", "malformed", nil)
	}
	return s.moveCase(ctx, scope, in, func(c *Case) CaseState {
		c.Assignee = to
		if to == "" {
			return CaseOpen
		}
		return CaseAssigned
	})
}

// CloseCase ends a case, saying how it was settled: 1 to 500 bytes. Staff and
// system only. Kinds: Invalid, NotFound, Conflict, FailedPrecondition once
// closed.
func (s *Service) CloseCase(ctx context.Context, scope ref.Scope, in CaseInput, resolution string) (Case, error) {
	if resolution == "" || !plain(resolution) {
		var v fault.Violations
		v.Add("resolution", "required", fault.Params{"max": maxText})
		return Case{}, v.Err("payment.case_invalid", "the resolution is not valid")
	}
	return s.moveCase(ctx, scope, in, func(c *Case) CaseState {
		c.Resolution, c.ClosedAt = resolution, s.cfg.Clock.Now()
		return CaseClosed
	})
}

func (s *Service) moveCase(ctx context.Context, scope ref.Scope, in CaseInput, fn func(*Case) CaseState) (Case, error) {
	if !scope.All() || !ref.ValidID(string(in.Case)) {
		return Case{}, fault.New(fault.NotFound, "payment_case.not_found", "no such case").With("id", string(in.Case))
	}
	c, err := s.cfg.Cases.Get(ctx, in.Case)
	if err != nil {
		return Case{}, err
	}
	from, to := c.State, fn(&c)
	if !from.To(to) {
		return Case{}, badTransition("case", string(c.ID), string(from), string(to))
	}
	c.State, c.UpdatedAt, c.Version = to, s.cfg.Clock.Now(), in.Version
	if err := s.cfg.Cases.Update(ctx, &c); err != nil {
		return Case{}, err
	}
	return c, nil
}
