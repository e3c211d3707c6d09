package coupon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// What coupons follow from in other domains, as the log has it.
const (
	memberTopic = "member"
	registered  = "member.registered.v1"
	orderTopic  = "order"
)

// settling are the events after which an order group may be paid, or over, or
// a member's.
func settling() []string {
	return []string{"order.paid.v1", "order.canceled.v1", "order.refunded.v1", "order.adopted.v1"}
}

// about is what coupons need of those events.
type about struct {
	Member ref.MemberID `json:"member"`
	Group  ref.GroupID  `json:"group"`
}

func subjectOf(r event.Record) (about, error) {
	var a about
	if err := json.Unmarshal(r.Payload, &a); err != nil {
		return a, fault.Wrap(err, fault.Internal, "event.payload", "the stored payload does not fit").With("name", r.Name)
	}
	return a, nil
}

// Topics are the topics that [Service.React] reads.
func Topics() []string { return []string{memberTopic, orderTopic} }

// React is the consumer of the events that coupons follow from, inside the
// unit that moves its cursor:
//
//   - whoever registers is given a coupon of every template of that way that
//     was there by then and is open now;
//   - when an order is paid, the coupons that it holds are used, and its
//     member is given the coupons it earned;
//   - when a part of its goods is canceled or comes back, of each promotion's
//     coupons as large a part, rounded down, is taken back; when all of them do,
//     or all of the money, all of them are. What the member has used or has no
//     longer is not asked for, and what was taken back is not taken back again.
//
// It looks at how things stand, not at what the event says, so that it may see
// events twice and late. What is exhausted by then is not given.
func (s *Service) React(ctx context.Context, r event.Record) error {
	switch {
	case r.Topic == memberTopic && r.Name == registered:
		a, err := subjectOf(r)
		if err != nil {
			return err
		}
		return s.welcome(ctx, a.Member, r.At)
	case r.Topic == orderTopic && slices.Contains(settling(), r.Name):
		a, err := subjectOf(r)
		if err != nil {
			return err
		}
		return s.follow(ctx, a.Group)
	}
	return nil
}

// maxWelcome bounds the coupons of one registration.
const maxWelcome = page.MaxLimit

func (s *Service) welcome(ctx context.Context, member ref.MemberID, joined time.Time) error {
	found, err := s.cfg.Templates.List(ctx, TemplateQuery{State: Active, Way: ByRegistration}, page.Request{Limit: maxWelcome})
	if err != nil {
		return err
	}
	slices.SortFunc(found.Items, func(a, b Template) int { return cmp.Compare(a.ID, b.ID) })
	now := s.cfg.Clock.Now()
	for _, t := range found.Items {
		if t.CreatedAt.After(joined) || t.Closed(now) != "" {
			continue
		}
		c := t.made(keyed(t.ID, member, "registration", 0), member, ByRegistration, "", now)
		if err := s.giveIfAny(ctx, &t, []Coupon{c}); err != nil {
			return err
		}
	}
	return nil
}

// giveIfAny gives coupons out, unless there are not enough of them.
func (s *Service) giveIfAny(ctx context.Context, t *Template, cs []Coupon) error {
	_, err := s.give(ctx, t, cs, s.cfg.IDs.New())
	if errors.Is(err, fault.Exhausted) {
		return nil
	}
	return err
}

func (s *Service) follow(ctx context.Context, group ref.GroupID) error {
	if s.cfg.Orders == nil {
		return nil
	}
	st, err := s.cfg.Orders.Standing(ctx, group)
	if err != nil || st.Member == "" || !st.Promoted {
		return err
	}
	switch {
	case st.Over:
		return s.unreward(ctx, st.Member, group)
	case st.Paid:
		if _, err := s.Settle(ctx, group, Paid, s.cfg.Clock.Now()); err != nil {
			return err
		}
		return s.reward(ctx, &st, group)
	}
	return nil
}

// MaxReward bounds the coupons of one template that an order earns.
const MaxReward = 100

// reward gives the member what the order earns as it stands, and takes back what
// it does not earn any more.
func (s *Service) reward(ctx context.Context, st *Standing, group ref.GroupID) error {
	if s.cfg.Rewards == nil {
		return nil
	}
	rewards, err := s.cfg.Rewards.Coupons(ctx, group)
	if err != nil || len(rewards) == 0 {
		return err
	}
	slices.SortFunc(rewards, func(a, b Reward) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Promotion, b.Promotion))
	})
	ids := make([]TemplateID, len(rewards))
	for i, r := range rewards {
		ids[i] = r.Template
	}
	templates, err := s.cfg.Templates.GetMany(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	now := s.cfg.Clock.Now()
	for _, r := range rewards {
		i := slices.IndexFunc(templates, func(t Template) bool { return t.ID == r.Template })
		if i < 0 || r.Count < 1 {
			continue
		}
		t := &templates[i]
		all := promo.RewardGrant{Count: min(r.Count, MaxReward)}
		goods := st.earning(r)
		left := all.Count - all.Back(goods.Payable, money.Money{}, goods.Back)
		cs := make([]Coupon, all.Count)
		for n := range cs {
			id := keyed(t.ID, st.Member, "reward "+string(group)+" "+string(r.Promotion), int64(n))
			cs[n] = t.made(id, st.Member, ByReward, string(group), now)
		}
		if left > 0 && t.Closed(now) == "" {
			if err := s.giveIfAny(ctx, t, cs[:left]); err != nil {
				return err
			}
		}
		if left < all.Count {
			if err := s.leave(ctx, cs, left, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave takes back those of the coupons of one reward that are more than so
// many, the last of those that are not used first.
func (s *Service) leave(ctx context.Context, cs []Coupon, left int64, now time.Time) error {
	ids := make([]ID, len(cs))
	for i := range cs {
		ids[i] = cs[i].ID
	}
	found, err := s.cfg.Coupons.GetMany(ctx, ids)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(c Coupon) bool { return c.State == Revoked })
	more := int64(len(found)) - left
	var back []ID
	for i := len(found) - 1; i >= 0 && int64(len(back)) < more; i-- {
		if found[i].State == Claimed {
			back = append(back, found[i].ID)
		}
	}
	_, err = s.takeBack(ctx, back, now, s.cfg.IDs.New())
	return err
}

// unreward takes back what an order earned and its member has not used.
func (s *Service) unreward(ctx context.Context, member ref.MemberID, group ref.GroupID) error {
	var ids []ID
	p := page.Request{Limit: page.MaxLimit}
	for {
		found, err := s.cfg.Coupons.List(ctx, Query{Member: member, Origin: string(group), State: Claimed}, p)
		if err != nil {
			return err
		}
		for i := range found.Items {
			if found.Items[i].Way == ByReward {
				ids = append(ids, found.Items[i].ID)
			}
		}
		if p.After = found.Next; p.After == "" {
			break
		}
	}
	_, err := s.takeBack(ctx, ids, s.cfg.Clock.Now(), s.cfg.IDs.New())
	return err
}
