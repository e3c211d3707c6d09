package campaign

import (
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// Rule says why two promotions exclude one another.
type Rule string

// The rules.
const (
	// RuleGroup: a group that both are in allows no more.
	RuleGroup Rule = "group"
	// RuleSharing: one of them does not permit the other.
	RuleSharing Rule = "sharing"
)

// Conflict is a live promotion that another one cannot always be combined
// with, and why.
type Conflict struct {
	With     ID
	Name     string
	Merchant ref.MerchantID
	Rule     Rule
	// Group, Per, Max and Pick are those of RuleGroup: at most Max of the
	// group's members apply per line, merchant or order.
	Group promo.GroupID
	Per   promo.Granularity
	Max   int
	Pick  promo.Choice
	// Permits and Permitted tell, for RuleSharing, whether the promotion
	// permits the other one, and whether that permits it.
	Permits   bool
	Permitted bool
}

// Conflicts tells, before a promotion is saved, which live ones it excludes or
// is excluded by, whose window and channels meet its own, by promotion and
// rule. Saving it is not refused for that. Kinds: Invalid, as for Save;
// PermissionDenied; NotFound for another merchant's.
func (s *Service) Conflicts(ctx context.Context, scope ref.Scope, p promo.Promotion) ([]Conflict, error) {
	p, live, err := s.sample(ctx, scope, p)
	if err != nil {
		return nil, err
	}
	groups := map[promo.GroupID]promo.Group{}
	for _, g := range append(promo.StandardGroups(), live.Groups...) {
		groups[g.ID] = g
	}
	var out []Conflict
	for i := range live.Promotions {
		q := &live.Promotions[i]
		if q.ID == p.ID || !meet(&p, q) {
			continue
		}
		c := Conflict{With: q.ID, Name: q.Name, Merchant: q.Merchant}
		for _, id := range p.GroupIDs() {
			if g, ok := groups[id]; ok && slices.Contains(q.GroupIDs(), id) && contend(g, &p, q) {
				byGroup := c
				byGroup.Rule, byGroup.Group, byGroup.Per, byGroup.Max, byGroup.Pick = RuleGroup, id, g.Per, max(g.Max, 1), g.Pick
				out = append(out, byGroup)
			}
		}
		if c.Permits, c.Permitted = permits(&p, q), permits(q, &p); !c.Permits || !c.Permitted {
			c.Rule = RuleSharing
			out = append(out, c)
		}
	}
	return out, nil
}

// contend reports whether members of a group can meet where it counts them:
// two merchants' promotions share no line and no merchant.
func contend(g promo.Group, p, q *promo.Promotion) bool {
	return g.Per == promo.OneOrder || p.Merchant == "" || q.Merchant == "" || p.Merchant == q.Merchant
}

// permits reports whether p lets q apply beside it, whatever q says of p.
func permits(p, q *promo.Promotion) bool {
	open := *q
	open.Sharing = promo.Sharing{}
	return promo.Shares(p, &open)
}

// meet reports whether two promotions can be offered in one cart.
func meet(p, q *promo.Promotion) bool {
	if len(p.Channels) > 0 && len(q.Channels) > 0 &&
		!slices.ContainsFunc(p.Channels, func(c ref.ChannelID) bool { return slices.Contains(q.Channels, c) }) {
		return false
	}
	return open(p.From, p.Until, q.From, q.Until)
}

// sample checks a promotion as Save would, which it need not have been yet,
// and returns what is live.
func (s *Service) sample(ctx context.Context, scope ref.Scope, p promo.Promotion) (promo.Promotion, *Live, error) {
	if err := writer(scope); err != nil {
		return promo.Promotion{}, nil, err
	}
	if !scope.All() && p.Merchant == "" {
		p.Merchant = scope.Merchant()
	}
	if p.ID == "" {
		p.ID = ID(s.cfg.IDs.New())
	}
	p.Version = max(p.Version, 1)
	p, _, err := s.check(ctx, scope, p, nil)
	if err != nil {
		return promo.Promotion{}, nil, err
	}
	live, err := s.Live(ctx)
	return p, live, err
}
