package payment

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Adopt makes a member the owner of the payments of order groups that a guest
// had placed, inside the caller's unit or its own. It is the first statement
// of its unit, before the rows of the subject. What is not that guest's is
// left alone. Kinds: PermissionDenied where member is no member's or guest no
// guest's scope; Conflict where a payment moved meanwhile.
func (s *Service) Adopt(ctx context.Context, member, guest ref.Scope, groups []ref.GroupID) error {
	if member.Member() == "" || guest.Guest() == "" {
		return denied()
	}
	if len(groups) == 0 {
		return nil
	}
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		all, err := collect(nil, func(req page.Request) (page.Page[Intent], error) {
			return s.cfg.Store.List(ctx, Query{Groups: groups}, req)
		})
		if err != nil {
			return err
		}
		slices.SortFunc(all, func(a, b Intent) int { return cmp.Compare(a.ID, b.ID) })
		for i := range all {
			in := &all[i]
			if in.Guest != guest.Guest() {
				continue
			}
			in.Member, in.Guest = member.Member(), ""
			if err := s.cfg.Store.Update(ctx, in); err != nil {
				return err
			}
		}
		return nil
	})
}
