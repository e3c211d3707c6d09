package cart

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
)

// MergeResult says what signing in did to a cart.
type MergeResult struct {
	// Cart is the member's open cart.
	Cart Cart
	// From is the guest's cart that went into it.
	From ID
	// Capped are SKUs of which the cart now holds fewer pieces than both
	// carts did together, because of Config.MaxQuantity.
	Capped []ref.SKUID
	// Dropped are SKUs of lines that did not fit into the cart any more,
	// because of [LineCeiling].
	Dropped []ref.SKUID
}

// SignIn takes what a guest has put into carts over to the member who signed
// in: all of it in one unit, so that a cart is never lost half-way, and once,
// so that a repeated call finds nothing left to do. There is a result for
// each channel in which the guest had a cart with lines. Lines beyond
// Config.MaxLines are kept, up to [LineCeiling]: the cart only grows no
// further. A [Greeter] is told. Kinds:
// PermissionDenied where member is no member's or guest no guest's scope;
// Conflict where the carts keep changing meanwhile.
func (s *Service) SignIn(ctx context.Context, member, guest ref.Scope) ([]MergeResult, error) {
	if member.Member() == "" || guest.Guest() == "" {
		return nil, denied()
	}
	now := s.cfg.Clock.Now()
	minted := map[ref.ChannelID]ID{} // the same cart however often the unit is run
	for try := 1; ; try++ {
		var out []MergeResult
		err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
			var err error
			out, err = s.signIn(ctx, member, guest, now, func(channel ref.ChannelID) ID {
				if minted[channel] == "" {
					minted[channel] = ID(s.cfg.IDs.New())
				}
				return minted[channel]
			})
			return err
		})
		if err == nil {
			if g, ok := s.cfg.Watch.(Greeter); ok {
				g.SignedIn(ctx, member, guest)
			}
			return out, nil
		}
		lost := errors.Is(err, fault.Conflict) || errors.Is(err, fault.AlreadyExists)
		if try == uow.MaxAttempts || !lost {
			return nil, err
		}
	}
}

func (s *Service) signIn(
	ctx context.Context, member, guest ref.Scope, now time.Time, idFor func(ref.ChannelID) ID,
) ([]MergeResult, error) {
	from, err := s.openCarts(ctx, Query{Guest: guest.Guest(), State: Open})
	if err != nil || len(from) == 0 {
		return nil, err
	}
	own, err := s.openCarts(ctx, Query{Member: member.Member(), State: Open})
	if err != nil {
		return nil, err
	}
	var out []MergeResult
	for i := range from {
		if len(from[i].Lines) == 0 {
			continue
		}
		into := Cart{
			Member: member.Member(), Channel: from[i].Channel, Currency: from[i].Currency, State: Open, CreatedAt: now,
		}
		if j := slices.IndexFunc(own, func(c Cart) bool { return c.Channel == from[i].Channel }); j >= 0 {
			into = own[j]
		} else {
			into.ID = idFor(into.Channel)
		}
		res, err := s.merge(ctx, into, from[i], now)
		if err != nil {
			return nil, err
		}
		out = append(out, res)
	}
	return out, nil
}

func (s *Service) merge(ctx context.Context, into, from Cart, now time.Time) (MergeResult, error) {
	lines := s.cfg.Merge.Merge(slices.Clone(into.Lines), slices.Clone(from.Lines))
	var lowered []ref.SKUID
	into.Lines, lowered = capped(lines, s.cfg.MaxQuantity)
	beyond := Cart{}
	if len(into.Lines) > LineCeiling {
		beyond.Lines = into.Lines[LineCeiling:]
		into.Lines = slices.Clip(into.Lines[:LineCeiling])
	}
	s.touch(&into, now)
	write := s.cfg.Store.Update
	if into.Version == 0 {
		write = s.cfg.Store.Insert
	}
	if err := write(ctx, &into); err != nil {
		return MergeResult{}, err
	}
	if err := from.transition(Merged); err != nil {
		return MergeResult{}, err
	}
	from.MergedInto = into.ID
	s.touch(&from, now)
	if err := s.cfg.Store.Update(ctx, &from); err != nil {
		return MergeResult{}, err
	}
	return MergeResult{Cart: into, From: from.ID, Capped: lowered, Dropped: beyond.SKUs()}, nil
}

// openCarts returns all open carts of a buyer, by channel, the order in which
// every merge locks them.
func (s *Service) openCarts(ctx context.Context, q Query) ([]Cart, error) {
	var out []Cart
	for req := (page.Request{}); ; {
		p, err := s.cfg.Store.List(ctx, q, req)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Items...)
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	slices.SortFunc(out, func(a, b Cart) int { return cmp.Compare(a.Channel, b.Channel) })
	return out, nil
}
