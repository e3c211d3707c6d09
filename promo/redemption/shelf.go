package redemption

import (
	"context"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// shelf is what is live, sorted by how a basket comes by it.
type shelf struct {
	live      *campaign.Live
	automatic map[ref.MerchantID][]*promo.Promotion // by owner, "" is the site
	codes     map[string][]*promo.Promotion         // by the code without its case
	coupons   map[ref.PromotionID]*promo.Promotion
	byID      map[ref.PromotionID]*promo.Promotion
	asks      map[ref.PromotionID]asking
}

// asking is how much a promotion wants to know of a buyer.
type asking int

const (
	asksNothing asking = iota
	mayAsk             // a condition of the shop's own
	asksBuyer          // cannot do without
)

// shelf returns what is live now, sorted once per revision.
func (p *Promotions) shelf(ctx context.Context) (*shelf, error) {
	live, err := p.cfg.Campaigns.Live(ctx)
	if err != nil {
		return nil, err
	}
	if s := p.last.Load(); s != nil && s.live == live {
		return s, nil
	}
	s := newShelf(live)
	p.last.Store(s)
	return s, nil
}

func newShelf(live *campaign.Live) *shelf {
	s := &shelf{
		live: live, automatic: map[ref.MerchantID][]*promo.Promotion{}, codes: map[string][]*promo.Promotion{},
		coupons: map[ref.PromotionID]*promo.Promotion{}, byID: map[ref.PromotionID]*promo.Promotion{},
		asks: map[ref.PromotionID]asking{},
	}
	for i := range live.Promotions {
		q := &live.Promotions[i]
		s.byID[q.ID] = q
		if a := asks(q); a != asksNothing {
			s.asks[q.ID] = a
		}
		switch q.Redeem {
		case promo.RedeemNothing:
			s.automatic[q.Merchant] = append(s.automatic[q.Merchant], q)
		case promo.RedeemCode:
			s.codes[uncased(q.Code)] = append(s.codes[uncased(q.Code)], q)
		case promo.RedeemCoupon:
			s.coupons[q.ID] = q
		}
	}
	return s
}

// uncased returns the one form of a code that it has in every case: which one is
// typed does not matter.
func uncased(code string) string { return strings.ToLower(strings.ToUpper(code)) }

// asks tells what a promotion wants to know of a buyer.
func asks(p *promo.Promotion) asking {
	if len(p.Segments) > 0 {
		return asksBuyer
	}
	return conditionAsks(&p.When)
}

func conditionAsks(c *promo.Condition) asking {
	switch {
	case c.Buyer != nil, c.Orders != nil:
		return asksBuyer
	case c.Custom != nil:
		return mayAsk
	case c.Not != nil:
		return conditionAsks(c.Not)
	}
	most := asksNothing
	for _, all := range [][]promo.Condition{c.All, c.Any} {
		for i := range all {
			most = max(most, conditionAsks(&all[i]))
		}
	}
	return most
}

// has reports whether a version of a promotion is live.
func (s *shelf) has(id ref.PromotionID, version int64) (*promo.Promotion, bool) {
	q, ok := s.byID[id]
	return q, ok && q.Version == version
}

// owners returns the site and the merchants of a basket, each once.
func owners(lines []promo.Line) []ref.MerchantID {
	out := []ref.MerchantID{""}
	for i := range lines {
		if m := lines[i].Merchant; !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}
