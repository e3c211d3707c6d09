package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// GivenBack is what an order of the group gives back of what was kept back of
// its earlier refunds, as something of another order comes back.
type GivenBack struct {
	Order order.ID
	// Units has claw-backs and nothing else.
	Units order.UnitRefund
	// Refund is the payment's; zero where an earlier goodwill has given it
	// back already. A merchant sees no more of it than what goes back.
	Refund payment.Refund
}

// keptBack is what was kept back, by order.
type keptBack map[order.ID][]order.ClawBack

// keeps says what is left of a group without some of its orders, and what is
// kept back of it. Of a canceled order everything went back, or will; where it
// was not the buyer who gave it up, it still counts for what the rest earns, as
// do pieces that were withdrawn when they were refunded.
func (s *Service) keeps(g *order.Group, history []order.Entry, without []*order.Order) (ClawBackInput, keptBack, error) {
	in := ClawBackInput{
		Group: g.Clone(), Kept: map[order.LineID]ref.Quantity{}, Withdrawn: map[order.LineID]ref.Quantity{},
		Refund: money.Zero(g.Currency()), At: s.cfg.Clock.Now(),
	}
	maps.Copy(in.Withdrawn, order.WithdrawnUnits(history))
	back := keptBack{}
	var all []order.ClawBack
	for i := range g.Orders {
		o := &g.Orders[i]
		if slices.Contains(without, o) || gone(o) && order.GivenUp(history, o.ID) {
			continue
		}
		to := in.Kept
		if gone(o) {
			to = in.Withdrawn
		}
		for j := range o.Lines {
			to[o.Lines[j].ID] += o.Lines[j].Quantity - o.Lines[j].Returned
		}
		if gone(o) {
			continue
		}
		mine, err := order.KeptBack(history, o.ID)
		if err != nil {
			return in, nil, err
		}
		if len(mine) > 0 {
			back[o.ID] = mine
			all = append(all, mine...)
		}
	}
	var err error
	in.Before, err = order.SumClawBacks(all)
	return in, back, err
}

// historyOf returns what had happened to a group when it was read. What has
// happened since is not in the group either: pieces that were withdrawn meanwhile
// would count as kept, too.
func (s *Service) historyOf(ctx context.Context, g *order.Group) ([]order.Entry, error) {
	history, err := s.cfg.Book.History(ctx, g.ID)
	return slices.DeleteFunc(history, func(e order.Entry) bool {
		o, err := g.Order(e.Order)
		return err != nil || e.Seq > o.Steps
	}), err
}

// gone reports whether an order is canceled, or about to be.
func gone(o *order.Order) bool {
	return o.State == order.StateCanceled || o.State == order.StateCanceling
}

// divide hands entries out to orders in turn: what is given back comes from
// those of which it was kept back; what is kept back is taken from what the
// first one is worth and gives back, then from what the others give back. So
// nobody ever pays, and no order gives back what it has not kept.
func (k keptBack) divide(entries []order.ClawBack, worth money.Money, turn []order.ID) (keptBack, error) {
	out, room := keptBack{}, map[order.ID]int64{}
	if len(turn) > 0 {
		room[turn[0]] = worth.Minor()
	}
	part := func(id order.ID, c *order.ClawBack, party string, minor int64) {
		amount := money.New(minor, worth.Currency())
		out[id] = append(out[id], order.ClawBack{
			Promotion: c.Promotion, Version: c.Version, Amount: amount, Gift: c.Gift,
			Bearers: []order.Bearer{{Party: party, Amount: amount}},
		})
		room[id] -= minor
	}
	for _, back := range []bool{true, false} {
		for i := range entries {
			c := &entries[i]
			sum := int64(0)
			for _, b := range c.Bearers {
				sum += b.Amount.Minor()
				left := b.Amount.Minor()
				if left < 0 != back {
					continue
				}
				for _, id := range turn {
					if back {
						if minor := max(left, -k.of(id, c.Promotion, b.Party)); minor < 0 {
							part(id, c, b.Party, minor)
							left -= minor
						}
					} else if minor := min(left, room[id]); minor > 0 {
						part(id, c, b.Party, minor)
						left -= minor
					}
				}
				if left != 0 || b.Amount.Currency() != worth.Currency() {
					return nil, brokenPromotions("more is clawed back than goes back, or given back than was kept")
				}
			}
			if sum != c.Amount.Minor() || c.Amount.Currency() != worth.Currency() {
				return nil, brokenPromotions("what is clawed back is not what its bearers get")
			}
		}
	}
	for id, all := range out {
		sums, err := order.SumClawBacks(all)
		if err != nil {
			return nil, err
		}
		out[id] = sums
	}
	return out, nil
}

// of returns what is kept back of an order for a promotion and a bearer.
func (k keptBack) of(id order.ID, promotion ref.PromotionID, party string) int64 {
	for i := range k[id] {
		if c := &k[id][i]; c.Promotion == promotion {
			for _, b := range c.Bearers {
				if b.Party == party {
					return b.Amount.Minor()
				}
			}
		}
	}
	return 0
}

// clawBack asks the promotions what they keep back of a refund, and what they
// give back beside it.
func (s *Service) clawBack(ctx context.Context, r *draftedRefund) error {
	if !r.group.Promoted {
		return nil
	}
	in, before, err := s.keeps(&r.group, r.history, nil)
	if err != nil {
		return err
	}
	for _, l := range r.out.Units.Lines {
		in.Kept[l.Line] -= l.Quantity
		if r.out.Units.Withdrawn {
			in.Withdrawn[l.Line] += l.Quantity
		}
		if in.Kept[l.Line] < 0 {
			return nil // which is refused when it is noted
		}
	}
	if in.Refund, err = r.out.Units.Worth(); err != nil {
		return err
	}
	parts, err := s.divided(ctx, in, before, r.order.ID)
	if err != nil {
		return err
	}
	r.out.Units.ClawBacks = parts[r.order.ID]
	delete(parts, r.order.ID)
	r.out.GivenBack, err = givenBack(&r.group, parts, r.under, linked(string(r.order.ID), r.out.Units.Key))
	return err
}

// divided asks the promotions and hands their answer out, to one order first.
func (s *Service) divided(ctx context.Context, in ClawBackInput, before keptBack, first order.ID) (keptBack, error) {
	entries, err := s.cfg.Promotions.ClawBack(ctx, in)
	if err != nil || len(entries) == 0 {
		return keptBack{}, err
	}
	turn := []order.ID{}
	for i := range in.Group.Orders {
		switch o := &in.Group.Orders[i]; {
		case o.ID == first:
			turn = slices.Insert(turn, 0, o.ID)
		case len(before[o.ID]) > 0:
			turn = append(turn, o.ID)
		}
	}
	return before.divide(entries, in.Refund, turn)
}

// givenBack drafts what orders give back, beside what is under way.
func givenBack(g *order.Group, parts keptBack, under map[order.ID]int64, key string) ([]GivenBack, error) {
	var out []GivenBack
	var err error
	for i := range g.Orders {
		o := &g.Orders[i]
		if len(parts[o.ID]) == 0 {
			continue
		}
		u := order.UnitRefund{Key: key, ClawBacks: parts[o.ID], Amount: money.Zero(g.Currency())}
		if u.Amount, err = goesBack(&u, o, under[o.ID]); err != nil {
			return nil, err
		}
		out = append(out, GivenBack{Order: o.ID, Units: u})
	}
	return out, nil
}

// goesBack returns what goes back to the buyer: the worth of the pieces less
// what is clawed back, and no more than is left of what was paid, less what is
// under way.
func goesBack(u *order.UnitRefund, o *order.Order, under int64) (money.Money, error) {
	sum, err := u.Worth()
	for i := range u.ClawBacks {
		if err == nil {
			sum, err = sum.Sub(u.ClawBacks[i].Amount)
		}
	}
	left := max(o.Refundable().Minor()-under, 0)
	return money.New(min(sum.Minor(), left), sum.Currency()), err
}

// recordBack opens the refunds of what orders give back, and notes it on them
// in a batch, inside a unit.
func (s *Service) recordBack(
	ctx context.Context, g *order.Group, back []GivenBack, history []order.Entry, b *batch, reason payment.Reason,
) ([]GivenBack, error) {
	back = slices.Clone(back)
	for i := range back {
		o, err := g.Order(back[i].Order)
		if err != nil {
			return nil, err
		}
		u := &back[i].Units
		if u.Amount.Sign() > 0 {
			back[i].Refund, err = s.cfg.Payments.Refund(ctx, ref.System(), payment.RefundInput{
				Intent: g.Intent, Key: RefundKey(o.ID, "back/"+u.Key), Reason: reason, Amount: u.Amount,
			})
			if err != nil {
				return nil, err
			}
			u.Payment = string(back[i].Refund.ID)
		}
		b.do(o, func(c order.Cause) (order.Entry, error) { return o.RefundUnits(c, *u, history) })
	}
	return back, b.err
}

// lessKept is what a group gives back once what is being canceled is gone.
type lessKept struct {
	history []order.Entry
	any     bool // whether something was kept back of what is left
	back    []GivenBack
}

// without asks the promotions what is given back without what is being canceled,
// beside what is under way.
func (s *Service) without(ctx context.Context, g *order.Group, under map[order.ID]int64, key string) (lessKept, error) {
	var out lessKept
	if !g.Promoted {
		return out, nil
	}
	var err error
	if out.history, err = s.historyOf(ctx, g); err != nil {
		return out, err
	}
	in, before, err := s.keeps(g, out.history, nil)
	if err != nil || len(before) == 0 {
		return out, err
	}
	out.any = true
	parts, err := s.divided(ctx, in, before, "")
	if err != nil || len(parts) == 0 {
		return out, err
	}
	out.back, err = givenBack(g, parts, under, key)
	return out, err
}

// linked is the key of what orders give back because of something else.
func linked(what ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(what, "\n")))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// watch returns the orders of a group that are to be as they were read for a
// change to be right: those that were not changed and are not canceled. Where
// promotions gave nothing, each order stands for itself.
func watch(g *order.Group, changed []*order.Order) []*order.Order {
	out := slices.Clone(changed)
	for i := range g.Orders {
		if o := &g.Orders[i]; g.Promoted && o.State != order.StateCanceled && !slices.Contains(changed, o) {
			out = append(out, o)
		}
	}
	return out
}

// refunding returns what is on its way back to the buyer of each order of a
// group, in minor units: an order's Refunded counts it once it has arrived,
// and then as [Completion.Refunded] spreads it. Refunds may be left out.
func (s *Service) refunding(ctx context.Context, g *order.Group, but ...payment.RefundID) (map[order.ID]int64, error) {
	refunds, err := s.cfg.Payments.RefundsOfCapture(ctx, ref.System(), g.Intent)
	if err != nil {
		return nil, err
	}
	refunds = slices.DeleteFunc(refunds, func(r payment.Refund) bool { return r.State.Definite() || slices.Contains(but, r.ID) })
	return spread(g, refunds, func(o *order.Order) int64 { return o.Refundable().Minor() }), nil
}

// spread tells how much of refunds is noted on each order of a group that has
// room for it, in minor units. What names an order first: it is the order's
// whatever arrives before.
func spread(g *order.Group, refunds []payment.Refund, room func(*order.Order) int64) map[order.ID]int64 {
	out := map[order.ID]int64{}
	slices.SortStableFunc(refunds, func(a, b payment.Refund) int {
		_, first := refundedOrder(a.Key)
		_, second := refundedOrder(b.Key)
		switch {
		case first == second:
			return 0
		case first:
			return -1
		}
		return 1
	})
	for _, r := range refunds {
		left := r.Amount.Minor()
		for _, o := range inTurn(g, r.Key) {
			part := min(left, room(o)-out[o.ID])
			out[o.ID] += part
			left -= part
		}
	}
	return out
}
