package campaign

import (
	"cmp"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// RedemptionState says whether a redemption counts.
type RedemptionState string

// The states of a redemption.
const (
	Held     RedemptionState = "held"
	Released RedemptionState = "released" // the orders were not paid, or given back as a whole
)

// Redemption is the use of a promotion by one group of orders.
type Redemption struct {
	Group     ref.GroupID
	Promotion ID
	Version   int64 // of the promotion
	Coupon    ref.CouponID
	// Buyer is whom the limit per member counts: the key of a member, or what
	// the caller knows a guest by.
	Buyer string
	// Amount is what it took off, in all orders of the group.
	Amount money.Money
	// Limits are those of the version; what is zero is not counted.
	Limits  promo.Limits
	Gifts   []promo.GiftGrant
	Rewards []promo.RewardGrant
	// Basis is what it was given on, in whatever form the caller keeps it for
	// refunds that ask; empty where none does.
	Basis      []byte
	State      RedemptionState
	At         time.Time
	ReleasedAt time.Time // zero while it is held
}

// Clone returns a copy that shares nothing mutable with r.
func (r Redemption) Clone() Redemption {
	r.Gifts = slices.Clone(r.Gifts)
	for i := range r.Gifts {
		r.Gifts[i].Bearers = slices.Clone(r.Gifts[i].Bearers)
	}
	r.Rewards, r.Basis = slices.Clone(r.Rewards), slices.Clone(r.Basis)
	return r
}

// Limit names one of a promotion's limits.
type Limit string

// The limits.
const (
	LimitBudget Limit = "budget"
	LimitMember Limit = "member"
	LimitUses   Limit = "uses"
)

// Counter counts against one limit of a promotion.
type Counter struct {
	Promotion ID
	Limit     Limit
	Buyer     string // of LimitMember; empty for the others
	// Used is orders, or minor units of Currency.
	Used     int64
	Bound    int64          // the limit
	Currency money.Currency // of LimitBudget; empty for the others
}

// Counters returns what the redemption adds to which counters, by limit: none
// where there is no limit.
func (r *Redemption) Counters() []Counter {
	var out []Counter
	if b := r.Limits.Budget; b != (money.Money{}) && r.Amount.Sign() > 0 {
		c := Counter{Promotion: r.Promotion, Limit: LimitBudget, Used: r.Amount.Minor(), Currency: b.Currency(), Bound: b.Minor()}
		if b.Currency() != r.Amount.Currency() {
			c.Bound = 0 // nothing of it can be spent
		}
		out = append(out, c)
	}
	if r.Limits.PerMember > 0 {
		out = append(out, Counter{Promotion: r.Promotion, Limit: LimitMember, Buyer: r.Buyer, Used: 1, Bound: r.Limits.PerMember})
	}
	if r.Limits.Uses > 0 {
		out = append(out, Counter{Promotion: r.Promotion, Limit: LimitUses, Used: 1, Bound: r.Limits.Uses})
	}
	return out
}

// CheckRedemptions reports redemptions that are not of one group, or of which
// two are of one promotion: for stores. Kinds: Invalid.
func CheckRedemptions(rs []Redemption) error {
	seen := map[ID]bool{}
	for i := range rs {
		if rs[i].Group != rs[0].Group || rs[i].Group == "" || seen[rs[i].Promotion] {
			return fault.New(fault.Invalid, "promo.redemptions", "redeem what one group of orders uses, each promotion once")
		}
		seen[rs[i].Promotion] = true
	}
	return nil
}

// ErrLimit returns the fault of limits that do not allow a redemption: the
// first by (promotion, limit) stands in the parameters, and each in a field.
func ErrLimit(short []Counter) error {
	short = slices.SortedFunc(slices.Values(short), compareCounters)
	f := fault.New(fault.Exhausted, "promo.limit", "the promotion is used up")
	for i, c := range short {
		if i == 0 {
			f = f.With("promotion", string(c.Promotion)).With("which", string(c.Limit))
		}
		f = f.WithField("promotions["+string(c.Promotion)+"]", string(c.Limit), nil)
	}
	return f
}

// compareCounters is the order in which counters are locked.
func compareCounters(a, b Counter) int {
	return cmp.Or(cmp.Compare(a.Promotion, b.Promotion), cmp.Compare(a.Limit, b.Limit), cmp.Compare(a.Buyer, b.Buyer))
}

// CountersOf returns what redemptions add to which counters, in the order in
// which stores lock them.
func CountersOf(rs []Redemption) []Counter {
	var out []Counter
	for i := range rs {
		out = append(out, rs[i].Counters()...)
	}
	slices.SortFunc(out, compareCounters)
	return out
}

// MemberCountersOf returns what redemptions add to the counters of their
// buyers, in the order in which stores lock them.
func MemberCountersOf(rs []Redemption) []Counter {
	return slices.DeleteFunc(CountersOf(rs), func(c Counter) bool { return c.Limit != LimitMember })
}

// Used is what is counted of a promotion.
type Used struct {
	Uses   int64 // orders in all
	Member int64 // orders of the buyer
	Spent  int64 // of the budget, in minor units
}

// Add adds what a counter says.
func (u *Used) Add(c Counter) {
	switch c.Limit {
	case LimitUses:
		u.Uses += c.Used
	case LimitMember:
		u.Member += c.Used
	case LimitBudget:
		u.Spent += c.Used
	}
}

// Left returns what the limits of a promotion leave: nothing, but never less
// than nothing, where a limit was lowered below what is used.
func Left(p *promo.Promotion, u Used) promo.Left {
	var left promo.Left
	rest := func(limit, used int64) *int64 {
		if limit == 0 {
			return nil
		}
		n := max(limit-used, 0)
		return &n
	}
	left.Uses, left.Member = rest(p.Limits.Uses, u.Uses), rest(p.Limits.PerMember, u.Member)
	if b := p.Limits.Budget; b != (money.Money{}) {
		m := money.New(max(b.Minor()-u.Spent, 0), b.Currency())
		left.Budget = &m
	}
	return left
}

// Limited reports whether uses of a promotion are counted.
func Limited(p *promo.Promotion) bool { return p.Limits != (promo.Limits{}) }
