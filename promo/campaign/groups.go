package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// Groups returns the exclusion groups of the shop, by id, without the standard
// ones. PermissionDenied for buyers.
func (s *Service) Groups(ctx context.Context, scope ref.Scope) ([]Group, error) {
	if err := writer(scope); err != nil {
		return nil, err
	}
	return s.cfg.Groups.All(ctx)
}

// SaveGroup keeps a new group, of version 0, or a changed one of the version
// that was read. Staff only. Kinds: PermissionDenied; Invalid, with every
// wrong field, also where live promotions would no longer be valid in it;
// AlreadyExists; NotFound; Conflict.
func (s *Service) SaveGroup(ctx context.Context, scope ref.Scope, g promo.Group, version int64) (Group, error) {
	if !scope.All() {
		return Group{}, staffOnly()
	}
	now := s.cfg.Clock.Now()
	out := Group{Group: g, CreatedAt: now, UpdatedAt: now, Version: version}
	err := s.regroup(ctx, string(g.ID), now, func(ctx context.Context, live *Live) error {
		groups := slices.Clone(live.Groups)
		if i := slices.IndexFunc(groups, func(have promo.Group) bool { return have.ID == g.ID }); i >= 0 {
			groups = slices.Delete(groups, i, i+1)
		}
		groups = append(groups, g)
		if err := s.fit(groups, live.Promotions); err != nil {
			return err
		}
		if out.Version = version; version == 0 {
			return s.cfg.Groups.Insert(ctx, &out)
		}
		all, err := s.cfg.Groups.All(ctx)
		if err != nil {
			return err
		}
		for _, have := range all {
			if have.ID == g.ID {
				out.CreatedAt = have.CreatedAt
			}
		}
		return s.cfg.Groups.Update(ctx, &out)
	})
	if err != nil {
		return Group{}, err
	}
	return out, nil
}

// RemoveGroup deletes a group that no live promotion is in. Staff only. Kinds:
// PermissionDenied; NotFound; Conflict; Invalid where one is.
func (s *Service) RemoveGroup(ctx context.Context, scope ref.Scope, id promo.GroupID, version int64) error {
	if !scope.All() {
		return staffOnly()
	}
	return s.regroup(ctx, string(id), s.cfg.Clock.Now(), func(ctx context.Context, live *Live) error {
		if err := s.cfg.Groups.Remove(ctx, id, version); err != nil {
			return err
		}
		rest := slices.DeleteFunc(slices.Clone(live.Groups), func(g promo.Group) bool { return g.ID == id })
		return s.fit(rest, live.Promotions)
	})
}

// regroup changes the groups in a unit that tells of it. While it looks at
// what is live, nothing else becomes so.
func (s *Service) regroup(ctx context.Context, id string, now time.Time, fn func(ctx context.Context, live *Live) error) error {
	eventID := s.cfg.IDs.New()
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Store.Lock(ctx); err != nil {
			return err
		}
		live, err := s.Live(ctx)
		if err != nil {
			return err
		}
		if err := fn(ctx, live); err != nil {
			return err
		}
		rec, err := event.New(eventID, Topic, "groups", now, GroupsChanged{Group: id})
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
}

// fit checks groups and what is live in them.
func (s *Service) fit(groups []promo.Group, live []promo.Promotion) error {
	all := make([]*promo.Promotion, len(live))
	for i := range live {
		all[i] = &live[i]
	}
	return s.cfg.Engine.ValidateGroups(groups, all)
}

func staffOnly() error {
	return fault.New(fault.PermissionDenied, "campaign.denied", "only the site's staff may do this")
}
