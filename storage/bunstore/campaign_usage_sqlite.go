package bunstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/campaign"
)

// redeemSQLite reads and then writes: the immediate transaction keeps every
// other writer out.
func (s promoUses) redeemSQLite(ctx context.Context, rs []campaign.Redemption) error {
	before, err := s.ByGroup(ctx, rs[0].Group)
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(rs), func(r campaign.Redemption) bool {
		return slices.ContainsFunc(before, func(b campaign.Redemption) bool { return b.Promotion == r.Promotion })
	})
	if len(fresh) == 0 {
		return nil
	}
	counters := campaign.CountersOf(fresh)
	if err := s.countSQLite(ctx, counters); err != nil {
		return err
	}
	return insertAll(ctx, s.db.conn(ctx), values(fresh, func(r campaign.Redemption) redemptionRow { return redemptionRowOf(&r) }))
}

func (s promoUses) countSQLite(ctx context.Context, counters []campaign.Counter) error {
	if len(counters) == 0 {
		return nil
	}
	c := s.db.conn(ctx)
	var have []promoCounterRow
	if _, err := c.scan(ctx, c.query(&have).Where("(promotion, limit_kind, buyer) IN (SELECT promotion, limit_kind, buyer FROM (?) AS w)",
		s.counters(counters))); err != nil {
		return err
	}
	var short []campaign.Counter
	for _, w := range counters {
		i := slices.IndexFunc(have, func(h promoCounterRow) bool {
			return h.Promotion == w.Promotion && h.Limit == w.Limit && h.Buyer == w.Buyer
		})
		if w.Used > w.Bound || i >= 0 && (have[i].Currency != w.Currency || have[i].Used+w.Used > w.Bound) {
			short = append(short, w)
		}
	}
	if len(short) > 0 {
		return campaign.ErrLimit(short)
	}
	rows := values(counters, promoCounterRowOf)
	_, err := c.exec(ctx, c.insert(&rows).On("CONFLICT (promotion, limit_kind, buyer) DO UPDATE").
		Set("used = ?TableAlias.used + EXCLUDED.used").Set("bound = EXCLUDED.bound"))
	return err
}

func (s promoUses) releaseSQLite(ctx context.Context, group ref.GroupID, now time.Time) ([]campaign.Redemption, error) {
	c := s.db.conn(ctx)
	if _, err := c.exec(ctx, c.raw(`
WITH held AS (SELECT * FROM promo_redemptions WHERE group_id = ? AND state = 'held')
UPDATE promo_counters SET used = promo_counters.used - b.n FROM (`+counted+`) AS b
WHERE promo_counters.promotion = b.promotion AND promo_counters.limit_kind = b.limit_kind AND promo_counters.buyer = b.buyer`,
		group)); err != nil {
		return nil, err
	}
	var rows []redemptionRow
	_, err := c.scan(ctx, c.raw(`
UPDATE promo_redemptions SET state = 'released', released_at = ? WHERE group_id = ? AND state = 'held' RETURNING *`, at(now), group), &rows)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b redemptionRow) int { return strings.Compare(string(a.Promotion), string(b.Promotion)) })
	return values(rows, redemptionRow.value), nil
}
