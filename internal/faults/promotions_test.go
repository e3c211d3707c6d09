package faults_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// promotions is the story of an offer: a draft in a group, offered, changed,
// used on the telephone and given back, paused.
func promotions(ctx context.Context) []step {
	const id = ref.PromotionID("week")
	draft := promo.Promotion{
		ID: id, Name: "Tea week", Groups: []promo.GroupID{"weeks"}, Limits: promo.Limits{Uses: 2, PerMember: 1, Budget: money.New(2000, "USD")},
		Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: money.New(500, "USD"), Per: promo.PerOrder}},
	}
	used := func(group ref.GroupID) []campaign.Redemption {
		return []campaign.Redemption{{
			Group: group, Promotion: id, Version: 2, Buyer: "caller of " + string(group), Amount: money.New(500, "USD"),
			Limits: draft.Limits, State: campaign.Held, At: opening(),
		}}
	}
	// move does something with the campaign in a state.
	move := func(from campaign.State, do func(s *shop, c campaign.Campaign) error) step {
		return func(s *shop) error {
			c, err := s.Campaigns.Get(ctx, staff(), id)
			if err == nil && c.State == from {
				err = do(s, c)
			}
			return err
		}
	}
	return []step{
		func(s *shop) error {
			_, err := s.Campaigns.SaveGroup(ctx, staff(), promo.Group{ID: "weeks", Per: promo.OneOrder}, 0)
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error {
			_, err := s.Campaigns.SaveGroup(ctx, staff(), promo.Group{ID: "old", Per: promo.OneOrder}, 0)
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error { return s.regroup(ctx) },
		func(s *shop) error {
			_, err := s.Campaigns.Save(ctx, staff(), campaign.SaveInput{Promotion: draft})
			return done(err, fault.AlreadyExists)
		},
		move(campaign.Draft, func(s *shop, c campaign.Campaign) error {
			_, err := s.Campaigns.Activate(ctx, staff(), c.ID, c.Version)
			return err
		}),
		move(campaign.Active, func(s *shop, c campaign.Campaign) error {
			c.Promotion.Name = "Week of tea"
			_, err := s.Campaigns.Save(ctx, staff(), campaign.SaveInput{Version: c.Version, Promotion: c.Promotion})
			return err
		}),
		func(s *shop) error {
			return s.Units.Do(ctx, func(ctx context.Context) error { return s.stores.PromoUses.Redeem(ctx, used("caller-1")) })
		},
		func(s *shop) error {
			return s.Units.Do(ctx, func(ctx context.Context) error { return s.stores.PromoUses.Redeem(ctx, used("caller-2")) })
		},
		func(s *shop) error { // nothing is left
			err := s.Units.Do(ctx, func(ctx context.Context) error { return s.stores.PromoUses.Redeem(ctx, used("caller-3")) })
			return done(err, fault.Exhausted)
		},
		func(s *shop) error { // the caller turns out to be a member
			return s.Units.Do(ctx, func(ctx context.Context) error { return s.stores.PromoUses.Reassign(ctx, "caller-2", "member") })
		},
		func(s *shop) error {
			return s.Units.Do(ctx, func(ctx context.Context) error {
				_, err := s.stores.PromoUses.Release(ctx, "caller-1", s.w.clock.Now())
				return err
			})
		},
		move(campaign.Active, func(s *shop, c campaign.Campaign) error {
			_, err := s.Campaigns.Pause(ctx, staff(), c.ID, c.Version)
			return err
		}),
		func(s *shop) error {
			_, err := s.Campaigns.Versions(ctx, staff(), []campaign.VersionKey{{Promotion: id, Version: 1}})
			return err
		},
		func(s *shop) error {
			_, err := s.Campaigns.List(ctx, staff(), campaign.Query{}, page.Request{})
			return err
		},
		func(s *shop) error {
			_, err := s.Campaigns.Used(ctx, staff(), []campaign.ID{id})
			return err
		},
		func(s *shop) error {
			_, err := s.stores.PromoUses.ByGroup(ctx, "caller-1")
			return err
		},
		later(ctx, soon),
	}
}

// regroup changes one group and removes the other.
func (s *shop) regroup(ctx context.Context) error {
	all, err := s.Campaigns.Groups(ctx, staff())
	for _, g := range all {
		switch {
		case err != nil:
		case g.ID == "old":
			err = s.Campaigns.RemoveGroup(ctx, staff(), g.ID, g.Version)
		case g.Name == "":
			g.Name = "Weeks"
			_, err = s.Campaigns.SaveGroup(ctx, staff(), g.Group, g.Version)
		}
	}
	return err
}

// offers tells what is offered, and what of it is used.
func (w *world) offers(s *shop, out *outcome) {
	w.Helper()
	all, err := s.Campaigns.List(w.Context(), ref.System(), campaign.Query{}, page.Request{})
	require.NoError(w, err)
	for _, c := range all.Items {
		used, err := s.Campaigns.Used(w.Context(), ref.System(), []campaign.ID{c.ID})
		require.NoError(w, err)
		out.Offers = append(out.Offers, fmt.Sprintf("%s: %s, version %d, %+v", c.Promotion.Name, c.State, c.Promotion.Version, used[c.ID]))
	}
	groups, err := s.Campaigns.Groups(w.Context(), ref.System())
	require.NoError(w, err)
	for _, g := range groups {
		out.Offers = append(out.Offers, fmt.Sprintf("group %s: %s", g.ID, g.Name))
	}
	slices.Sort(out.Offers)
}
