package payment

import (
	"context"

	"github.com/soukhq/souk/commerce/ref"
)

// Adopt makes a member the owner of the payments of order groups that a guest
// had placed, inside the caller's unit or its own. It is the first statement
// of its unit, before the rows of the subject. What is not that guest's is
// left alone. Kinds: PermissionDenied where member is no member's or guest no
// guest's scope.
func (s *Service) Adopt(ctx context.Context, member, guest ref.Scope, groups []ref.GroupID) error {
	if member.Member() == "" || guest.Guest() == "" {
		return denied()
	}
	if len(groups) == 0 {
		return nil
	}
	return s.cfg.Store.Adopt(ctx, groups, guest.Guest(), member.Member())
}
