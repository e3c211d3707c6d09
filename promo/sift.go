package promo

import (
	"cmp"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/money"
)

// sift makes the candidates ready and decides those that cannot apply in any
// combination. It returns the others.
func (v *evaluation) sift() []*rule {
	order := v.mem.candidates.cut(len(v.in.Candidates))
	for i := range v.in.Candidates {
		order[i] = &v.in.Candidates[i]
	}
	slices.SortFunc(order, byRight)
	v.decisions = make([]Decision, len(order))
	v.rules = v.mem.lists.cut(len(order))
	open := v.mem.lists.list(len(order))
	last := -1 // place of the candidate that stands for its promotion
	for i, c := range order {
		d := &v.decisions[i]
		d.Promotion, d.Version = c.Promotion.ID, c.Promotion.Version
		d.Name, d.Merchant = c.Promotion.Name, c.Promotion.Merchant
		if c.Coupon != nil {
			d.Coupon = c.Coupon.ID
		}
		if c.Promotion.Redeem == RedeemCode && v.in.Cart.typed(c.Promotion.Code) {
			d.Typed = c.Promotion.Code
		}
		if last >= 0 && order[last].Promotion.ID == c.Promotion.ID {
			d.Code, d.Params = CodeDominated, Params{With: c.Promotion.ID}
			continue
		}
		r := v.newRule(c)
		r.place = i
		v.rules[i] = r
		if !v.admit(r, d) {
			if d.Code != CodeInvalid && d.Code != CodeExpired && d.Code != CodeMissing {
				last = i
			}
			continue
		}
		last = i
		open = append(open, r)
	}
	lost := func(loser, winner *rule, g *Group) {
		v.decisions[loser.place].Code = CodeLostInGroup
		v.decisions[loser.place].Params = Params{
			Rule: string(g.ID), With: winner.p.ID, Mine: v.money(loser.most), Theirs: v.money(winner.most),
		}
	}
	return v.loseLinesByRule(v.loseByRule(open, lost), lost)
}

// byRight orders candidates by promotion, and those of one promotion by which
// of them is used: the pinned one, then the one that expires first.
func byRight(c, o *Candidate) int {
	if x := strings.Compare(string(c.Promotion.ID), string(o.Promotion.ID)); x != 0 {
		return x
	}
	if c.Pinned != o.Pinned {
		if c.Pinned {
			return -1
		}
		return 1
	}
	if (c.Coupon == nil) != (o.Coupon == nil) {
		if c.Coupon != nil {
			return -1
		}
		return 1
	}
	if c.Coupon != nil {
		if x := c.Coupon.byExpiry(o.Coupon); x != 0 {
			return x
		}
		if x := strings.Compare(string(c.Coupon.ID), string(o.Coupon.ID)); x != 0 {
			return x
		}
	}
	return cmp.Compare(o.Promotion.Version, c.Promotion.Version)
}

// byExpiry orders coupons by when they expire, those that never do last.
func (c *Coupon) byExpiry(o *Coupon) int {
	if never := c.Expires.IsZero(); never != o.Expires.IsZero() {
		if never {
			return 1
		}
		return -1
	}
	return c.Expires.Compare(o.Expires)
}

// admit reports whether a candidate may apply in some combination, and says
// why not: that it is not wanted comes last. It fills in the rule.
func (v *evaluation) admit(r *rule, d *Decision) bool {
	if !v.possible(r, d) {
		return false
	}
	if r.c.Declined {
		d.Code = CodeDeclined
	}
	return !r.c.Declined
}

func (v *evaluation) possible(r *rule, d *Decision) bool {
	check := checker{engine: v.engine, promotion: r.p}
	if check.check(); check.first != "" {
		d.Code, d.Params.Rule = CodeInvalid, check.first
		return false
	}
	if !v.join(r, d) || !v.offered(r, d, check.currency) || !v.within(r, d) {
		return false
	}
	r.find(v.board)
	switch {
	case len(r.lines) == 0:
		d.Code = CodeNoLine
		return false
	case r.phase == PhaseShipping && len(r.shipments) == 0:
		d.Code = CodeNoShipment
		return false
	}
	r.when = v.compile(r, &r.p.When)
	if !v.holds(&v.start, r, &r.when) {
		v.explain(&v.start, r, d)
		return false
	}
	if r.phase == PhaseAfter {
		if g := r.p.Benefit.Gift; g != nil && !slices.ContainsFunc(g.Items, v.had) {
			d.Code = CodeGiftSoldOut
		}
		return d.Code == ""
	}
	alone := v.gain(&v.start, r)
	if alone == 0 {
		v.explain(&v.start, r, d)
		return false
	}
	r.most = alone
	if r.counts() {
		r.spends = v.spends(r)
	}
	if left := r.c.Left.Budget; left != nil {
		r.left, r.short = left.Minor(), alone > left.Minor()
	}
	return true
}

// join finds the groups of a promotion.
func (v *evaluation) join(r *rule, d *Decision) bool {
	var few [8]GroupID
	ids := r.p.appendGroupIDs(few[:0])
	r.groups = v.mem.places.list(len(ids))
	for k, id := range ids {
		i, found := slices.BinarySearchFunc(v.groups, id, func(g Group, id GroupID) int {
			return strings.Compare(string(g.ID), string(id))
		})
		ok := found
		if found && v.groups[i].Per == OneLine {
			ok = r.lineGroup < 0 && r.p.byLine() && (id == GroupPrice) == (r.phase == PhasePrice)
			r.lineGroup = i
		}
		if !ok {
			at := element(nil, "groups", k)
			d.Code, d.Params.Rule = CodeInvalid, at.String()
			return false
		}
		r.groups = append(r.groups, i)
	}
	return true
}

// offered checks to whom and when the promotion is offered.
func (v *evaluation) offered(r *rule, d *Decision, currency money.Currency) bool {
	p, cart, now := r.p, &v.in.Cart, v.in.Now
	switch {
	case currency != "" && currency != v.currency, len(p.Channels) > 0 && !slices.Contains(p.Channels, cart.Channel):
		d.Code = CodeChannel
	case !p.From.IsZero() && now.Before(p.From):
		d.Code = CodeNotStarted
	case !p.Until.IsZero() && !now.Before(p.Until):
		d.Code = CodeEnded
	case len(p.Segments) > 0 && !overlap(p.Segments, cart.Buyer.Segments):
		d.Code = CodeSegment
	case p.Redeem == RedeemCoupon && r.c.Coupon == nil, p.Redeem == RedeemCode && !cart.typed(p.Code):
		d.Code = CodeMissing
	case r.c.Coupon != nil && !r.c.Coupon.Expires.IsZero() && !now.Before(r.c.Coupon.Expires):
		d.Code = CodeExpired
	case p.Benefit.Reward != nil && cart.Buyer.ID == "":
		d.Code = CodeGuest
	default:
		return true
	}
	return false
}

// within checks what the limits leave.
func (v *evaluation) within(r *rule, d *Decision) bool {
	left := r.c.Left
	switch {
	case left.Uses != nil && *left.Uses <= 0:
		d.Code = CodeLimitGlobal
	case left.Member != nil && *left.Member <= 0:
		d.Code = CodeLimitUser
	case left.Budget != nil && (left.Budget.Sign() <= 0 || left.Budget.Currency() != v.currency):
		d.Code, d.Params = CodeBudget, Params{Have: v.money(0)}
	default:
		return true
	}
	return false
}
