package checkout

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Adopt hands what a guest has ordered, with its payments, over to the member
// who signed in with the guest's token at hand, and returns how many groups
// those were. Each unit takes a page of orders, all of them in a fixed number
// of statements and one more per payment, so that however much a guest has
// ordered no row is held for long; a repeated call finds nothing left to do. An
// order that the guest is placing at that very moment is left to the next call.
// Kinds:
// PermissionDenied where member is no member's or guest no guest's scope.
func (s *Service) Adopt(ctx context.Context, member, guest ref.Scope) (int, error) {
	if member.Member() == "" || guest.Guest() == "" {
		return 0, fault.New(fault.PermissionDenied, "checkout.denied", "only a member takes over what a guest has ordered")
	}
	now := s.cfg.Clock.Now()
	for total := 0; ; {
		n := 0
		err := s.inUnit(ctx, func(ctx context.Context) error {
			ids, err := s.cfg.Book.OfGuest(ctx, guest.Guest())
			if err != nil || len(ids) == 0 {
				n = 0
				return err
			}
			// The payments' rows first, as everywhere.
			if err := s.cfg.Payments.Adopt(ctx, member, guest, ids); err != nil {
				return err
			}
			adopted, err := s.cfg.Book.Adopt(ctx, ids, guest.Guest(), member.Member(), now)
			n = len(adopted)
			return err
		})
		if err != nil || n == 0 {
			return total, err
		}
		total += n
	}
}

// inUnit runs fn in a unit, and again where it lost a race.
func (s *Service) inUnit(ctx context.Context, fn func(ctx context.Context) error) error {
	return s.retry(ctx, func(ctx context.Context) error { return s.cfg.Units.Do(ctx, fn) })
}
