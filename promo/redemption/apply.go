package redemption

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// attempt is one evaluation of a basket in the making.
type attempt struct {
	*Promotions
	layout

	basket     *checkout.Basket
	shelf      *shelf
	candidates []promo.Candidate
	strange    []promo.Decision // pinned coupons that the buyer cannot use
	result     promo.Result
	gifts      []checkout.GiftLine
	open       []checkout.GiftChoice
	counted    bool // the candidates know what is left of their limits
}

// Apply implements [checkout.Promotions]. The lines of the result are named
// by their rank among the SKUs.
func (p *Promotions) Apply(ctx context.Context, b checkout.Basket) (checkout.Adjusted, error) {
	out, err := checkout.NoPromotions{}.Apply(ctx, b)
	if err != nil || !slices.ContainsFunc(b.Parts, func(part checkout.BasketPart) bool { return len(part.Lines) > 0 }) {
		return out, err
	}
	a := attempt{Promotions: p, basket: &b}
	if a.shelf, err = p.shelf(ctx); err != nil {
		return out, err
	}
	if len(a.shelf.live.Promotions) == 0 && len(b.Codes)+len(b.Coupons) == 0 {
		return out, nil
	}
	a.layout = layOut(&b)
	if err := a.gather(ctx); err != nil {
		return out, err
	}
	if err := a.evaluate(); err != nil {
		return out, err
	}
	if err := a.limit(ctx); err != nil {
		return out, err
	}
	if err := a.give(ctx); err != nil {
		return out, err
	}
	if b.Compare {
		if out.Alternatives, err = a.cfg.Engine.Alternatives(a.input()); err != nil {
			return out, err
		}
	}
	a.result.Decisions = append(a.result.Decisions, a.strange...)
	out.Result, out.Gifts, out.Choices = a.result, a.gifts, a.open
	a.adjust(&out)
	return out, nil
}

// gather finds the candidates: what applies by itself, what was typed, what
// the buyer holds coupons for.
func (a *attempt) gather(ctx context.Context) error {
	at, sellers := a.basket.At, owners(a.cart.Lines)
	most := len(a.basket.Codes) + len(a.shelf.coupons)
	for _, owner := range sellers {
		most += len(a.shelf.automatic[owner])
	}
	found := make([]promo.Candidate, 0, most) // they are large
	add := func(q *promo.Promotion, c promo.Candidate) {
		if q.Until.IsZero() || at.Before(q.Until) { // what is over is told only where it is asked for
			c.Promotion = *q
			found = append(found, c)
		}
	}
	for _, owner := range sellers {
		for _, q := range a.shelf.automatic[owner] {
			add(q, promo.Candidate{})
		}
	}
	for i, code := range a.basket.Codes {
		again := slices.ContainsFunc(a.basket.Codes[:i], func(c string) bool { return uncased(c) == uncased(code) })
		for _, q := range a.shelf.codes[uncased(code)] {
			if !again && slices.Contains(sellers, q.Merchant) {
				found = append(found, promo.Candidate{Promotion: *q})
			}
		}
	}
	wallet, err := a.wallet(ctx)
	if err != nil {
		return err
	}
	for _, c := range wallet {
		q, live := a.shelf.coupons[c.Promotion]
		pinned := slices.Contains(a.basket.Coupons, c.ID)
		if live && (pinned || slices.Contains(sellers, q.Merchant)) {
			found = append(found, promo.Candidate{
				Promotion: *q, Coupon: &promo.Coupon{ID: c.ID, Expires: c.Expires}, Pinned: pinned,
				Declined: a.basket.NoOtherCoupons && !pinned,
			})
		}
	}
	for _, id := range a.basket.Coupons {
		if !slices.ContainsFunc(found, func(c promo.Candidate) bool { return c.Coupon != nil && c.Coupon.ID == id }) {
			a.strange = append(a.strange, promo.Decision{Coupon: id, Code: promo.CodeMissing})
		}
	}
	a.candidates, err = a.ask(ctx, a.shelf, &a.layout, "", a.bounded(ctx, found))
	return err
}

// bounded leaves out candidates where there are too many.
func (a *attempt) bounded(ctx context.Context, all []promo.Candidate) []promo.Candidate {
	if len(all) <= a.cfg.MaxCandidates {
		return all
	}
	a.cfg.Log.WarnContext(ctx, "redemption: too many promotions for one basket", "found", len(all), "max", a.cfg.MaxCandidates)
	rank := func(c *promo.Candidate) int {
		switch {
		case c.Pinned:
			return 0
		case c.Promotion.Redeem != promo.RedeemNothing:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(x, y promo.Candidate) int {
		return cmp.Or(cmp.Compare(rank(&x), rank(&y)), -cmp.Compare(x.Promotion.Priority, y.Promotion.Priority),
			cmp.Compare(x.Promotion.ID, y.Promotion.ID))
	})
	return all[:a.cfg.MaxCandidates]
}

// wallet reads the buyer's coupons where a live promotion wants one: as many as a
// checkout looks at, and what the buyer insists on wherever it lies.
func (a *attempt) wallet(ctx context.Context) ([]Coupon, error) {
	if a.cfg.Coupons == nil || a.basket.Member == "" || len(a.shelf.coupons) == 0 {
		return nil, nil
	}
	found, err := a.cfg.Coupons.Wallet(ctx, a.basket.Member, a.basket.At)
	if err != nil {
		return nil, err
	}
	var named []ref.CouponID
	for _, id := range a.basket.Coupons {
		if !slices.ContainsFunc(found, func(c Coupon) bool { return c.ID == id }) {
			named = append(named, id)
		}
	}
	if len(named) == 0 {
		return found, nil
	}
	more, err := a.cfg.Coupons.Named(ctx, a.basket.Member, named, a.basket.At)
	return append(found, more...), err
}

func (a *attempt) evaluate() error {
	var err error
	a.result, err = a.cfg.Engine.Evaluate(a.input())
	return err
}

func (a *attempt) input() promo.Input {
	return promo.Input{
		Cart: a.cart, Candidates: a.candidates, Groups: a.shelf.live.Groups, Now: a.basket.At.In(a.cfg.Location),
	}
}

// limit reads the counters where a promotion with a limit would apply, or
// be compared, and evaluates again where one of them decides. They are read once.
func (a *attempt) limit(ctx context.Context) error {
	applied := map[ref.PromotionID]bool{}
	for _, d := range a.result.Decisions {
		applied[d.Promotion] = applied[d.Promotion] || d.Applied()
	}
	var limited []ref.PromotionID
	needed := a.basket.Compare
	for i := range a.candidates {
		if q := &a.candidates[i].Promotion; campaign.Limited(q) {
			limited = append(limited, q.ID)
			needed = needed || applied[q.ID]
		}
	}
	if a.counted || !needed || len(limited) == 0 {
		return nil
	}
	a.counted = true
	used, err := a.cfg.Usage.Used(ctx, buyerKey(a.basket), limited)
	if err != nil {
		return err
	}
	most, err := a.worth()
	if err != nil {
		return err
	}
	decides := false
	for i := range a.candidates {
		c := &a.candidates[i]
		if campaign.Limited(&c.Promotion) {
			c.Left = campaign.Left(&c.Promotion, used[c.Promotion.ID])
			decides = decides || binds(&c.Left, most)
		}
	}
	if !decides {
		return nil
	}
	return a.evaluate()
}

// worth is what everything costs before promotions.
func (a *attempt) worth() (money.Money, error) {
	sum := money.Zero(a.basket.Currency)
	var err error
	for _, part := range a.basket.Parts {
		for _, l := range part.Lines {
			if sum, err = sum.Add(l.List); err != nil {
				return sum, err
			}
		}
		if part.Method == "" {
			continue
		}
		if sum, err = sum.Add(part.Delivery); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// binds reports whether what is left may keep a promotion from a basket.
func binds(left *promo.Left, most money.Money) bool {
	return left.Uses != nil && *left.Uses == 0 || left.Member != nil && *left.Member == 0 ||
		left.Budget != nil && (left.Budget.Currency() != most.Currency() || left.Budget.Minor() < most.Minor())
}
