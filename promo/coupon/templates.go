package coupon

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// CreateInput is a new template.
type CreateInput struct {
	// ID is the host's own id. Defaults to a minted one.
	ID TemplateID
	// Merchant owns it; empty for the site. A merchant's scope owns it itself.
	Merchant ref.MerchantID
	Terms
}

// Create adds a template, paused. Staff and system, and a merchant for the
// own. Kinds: Invalid with every wrong field, PermissionDenied, AlreadyExists.
func (s *Service) Create(ctx context.Context, scope ref.Scope, in CreateInput) (Template, error) {
	if in.Merchant == "" {
		in.Merchant = scope.Merchant()
	}
	if !owns(scope, in.Merchant) {
		return Template{}, denied()
	}
	var v fault.Violations
	if in.ID != "" && !ref.ValidID(string(in.ID)) {
		v.Add("id", "malformed", nil)
	}
	if in.Merchant != "" && !ref.ValidID(string(in.Merchant)) {
		v.Add("merchant", "malformed", nil)
	}
	if err := s.checkTerms(ctx, &v, &in.Terms, in.Merchant); err != nil {
		return Template{}, err
	}
	if in.ID == "" {
		in.ID = TemplateID(s.cfg.IDs.New())
	}
	now := s.cfg.Clock.Now()
	t := Template{ID: in.ID, Merchant: in.Merchant, Terms: in.Terms, State: Paused, CreatedAt: now, UpdatedAt: now}
	eventID := s.cfg.IDs.New()
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Templates.Insert(ctx, &t); err != nil {
			return err
		}
		return s.announceTemplate(ctx, &t, eventID)
	})
	if err != nil {
		return Template{}, err
	}
	return t, nil
}

// owns reports whether a scope may manage what a merchant, or the site, owns.
func owns(scope ref.Scope, merchant ref.MerchantID) bool {
	return scope.All() || scope.Merchant() != "" && scope.Merchant() == merchant
}

// checkTerms gathers what is wrong with terms, and asks for the promotion.
func (s *Service) checkTerms(ctx context.Context, v *fault.Violations, in *Terms, merchant ref.MerchantID) error {
	in.check(v)
	if s.cfg.Promotions != nil && ref.ValidID(string(in.Promotion)) {
		owner, err := s.cfg.Promotions.CouponOwner(ctx, in.Promotion)
		switch {
		case errors.Is(err, fault.NotFound), err == nil && owner != merchant:
			v.Add("promotion", "unknown", nil)
		case errors.Is(err, fault.FailedPrecondition):
			v.Add("promotion", "wants_no_coupon", nil)
		case err != nil:
			return err
		}
	}
	return v.Err("coupon.invalid", "the template is not valid")
}

// UpdateInput is what a template says from now on.
type UpdateInput struct {
	ID      TemplateID
	Version int64
	Terms
}

// Update has a template say something else. Kinds: Invalid with every wrong
// field, also where a bound would appear or vanish; NotFound;
// FailedPrecondition where it has ended; Exhausted where Total would be below
// what was given out; Conflict where the version is not the newest.
func (s *Service) Update(ctx context.Context, scope ref.Scope, in UpdateInput) (Template, error) {
	old, err := s.Template(ctx, scope, in.ID)
	if err != nil {
		return Template{}, err
	}
	var v fault.Violations
	movable(&v, "total", old.Total, in.Total)
	movable(&v, "per_member", old.PerMember, in.PerMember)
	if err := s.checkTerms(ctx, &v, &in.Terms, old.Merchant); err != nil {
		return Template{}, err
	}
	return s.change(ctx, in.ID, in.Version, func(t *Template, now time.Time) error {
		if t.State == Ended {
			return t.transition(Ended, now)
		}
		t.Terms, t.UpdatedAt = in.Terms, now
		return nil
	})
}

// Activate has a template give out coupons. Kinds: NotFound,
// FailedPrecondition, Conflict where version is not the newest.
func (s *Service) Activate(ctx context.Context, scope ref.Scope, id TemplateID, version int64) (Template, error) {
	return s.turn(ctx, scope, id, version, Active)
}

// Pause has it give out none for now. Kinds as for Activate.
func (s *Service) Pause(ctx context.Context, scope ref.Scope, id TemplateID, version int64) (Template, error) {
	return s.turn(ctx, scope, id, version, Paused)
}

// End has it give out none for good. Kinds as for Activate.
func (s *Service) End(ctx context.Context, scope ref.Scope, id TemplateID, version int64) (Template, error) {
	return s.turn(ctx, scope, id, version, Ended)
}

func (s *Service) turn(ctx context.Context, scope ref.Scope, id TemplateID, version int64, to TemplateState) (Template, error) {
	if _, err := s.Template(ctx, scope, id); err != nil {
		return Template{}, err
	}
	return s.change(ctx, id, version, func(t *Template, now time.Time) error { return t.transition(to, now) })
}

func (s *Service) change(ctx context.Context, id TemplateID, version int64, fn func(*Template, time.Time) error) (Template, error) {
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var t Template
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if t, err = s.template(ctx, id); err != nil {
			return err
		}
		t.Version = version
		if err := fn(&t, now); err != nil {
			return err
		}
		if err := s.cfg.Templates.Update(ctx, &t); err != nil {
			return err
		}
		return s.announceTemplate(ctx, &t, eventID)
	})
	if err != nil {
		return Template{}, err
	}
	return t, nil
}

func (s *Service) announceTemplate(ctx context.Context, t *Template, eventID string) error {
	rec, err := event.New(eventID, Topic, string(t.ID), t.UpdatedAt,
		TemplateChanged{Template: t.ID, Merchant: t.Merchant, State: t.State, Version: t.Version})
	if err != nil {
		return err
	}
	return s.cfg.Events.Append(ctx, rec)
}

// Template returns a template that the scope manages: its merchant, staff and
// system. NotFound.
func (s *Service) Template(ctx context.Context, scope ref.Scope, id TemplateID) (Template, error) {
	t, err := s.template(ctx, id)
	if err == nil && !owns(scope, t.Merchant) {
		return Template{}, missingTemplate(id)
	}
	return t, err
}

// Templates pages through the templates that the scope manages, the newest
// first. Kinds: Invalid; PermissionDenied for whoever manages none.
func (s *Service) Templates(ctx context.Context, scope ref.Scope, q TemplateQuery, p page.Request) (page.Page[Template], error) {
	if !scope.All() {
		if scope.Merchant() == "" || q.Site || q.Merchant != "" && q.Merchant != scope.Merchant() {
			return page.Page[Template]{}, denied()
		}
		q.Merchant = scope.Merchant()
	}
	var v fault.Violations
	if q.Merchant != "" && !ref.ValidID(string(q.Merchant)) {
		v.Add("merchant", "malformed", nil)
	}
	if q.Channel != "" && !ref.ValidID(string(q.Channel)) {
		v.Add("channel", "malformed", nil)
	}
	if !slices.Contains([]TemplateState{"", Paused, Active, Ended}, q.State) {
		v.Add("state", "unknown", nil)
	}
	if q.Way != "" && !q.Way.Valid() {
		v.Add("way", "unknown", nil)
	}
	if err := v.Err("coupon.invalid", "the query is not valid"); err != nil {
		return page.Page[Template]{}, err
	}
	return s.cfg.Templates.List(ctx, q, p)
}

func (s *Service) template(ctx context.Context, id TemplateID) (Template, error) {
	if !ref.ValidID(string(id)) {
		return Template{}, missingTemplate(id)
	}
	found, err := s.cfg.Templates.GetMany(ctx, []TemplateID{id})
	if err != nil {
		return Template{}, err
	}
	if len(found) == 0 {
		return Template{}, missingTemplate(id)
	}
	return found[0], nil
}

func missingTemplate(id TemplateID) error {
	return fault.New(fault.NotFound, "coupon.template_not_found", "no such coupon template").With("id", string(id))
}
