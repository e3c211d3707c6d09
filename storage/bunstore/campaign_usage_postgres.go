package bunstore

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/campaign"
)

// takenRow is a promotion that was redeemed for the first time, with an empty
// Limit, or a counter that it was to be counted on.
type takenRow struct {
	Promotion ref.PromotionID
	Limit     campaign.Limit `bun:"limit_kind"`
	Buyer     string
	Taken     bool
}

// redeemPostgres stores what is new and counts it, in one statement. The
// insertion of redemptions comes first: who redeems for the same group waits
// there and then finds nothing new. The counters follow in their order, where a
// conflict locks the row and looks at the newest one, whether it is then
// updated or not.
//
// Where a counter says no the others have counted already; a second statement
// takes that back, under the locks of the first.
func (s promoUses) redeemPostgres(ctx context.Context, rs []campaign.Redemption) error {
	c := s.db.conn(ctx)
	counters := campaign.CountersOf(rs)
	made, want := values(rs, func(r campaign.Redemption) redemptionRow { return redemptionRowOf(&r) }), values(counters, promoCounterRowOf)
	args, err := c.encodeAll(ctx, []any{made, want})
	if err != nil {
		return err
	}
	var rows []takenRow
	err = c.rows(ctx, s.db.text("redeem", func() string {
		names, from := columns(s.db.tableOf(made), "r.")
		return "WITH kept AS (INSERT INTO promo_redemptions (" + names + ") SELECT " + from +
			" FROM " + records(s.db.tableOf(made), 1) + ` AS r ORDER BY r.promotion ON CONFLICT DO NOTHING RETURNING promotion
), want AS MATERIALIZED (
  SELECT w.* FROM ` + records(s.db.tableOf(want), 2) + ` AS w WHERE w.promotion IN (SELECT promotion FROM kept)
), taken AS (
  INSERT INTO promo_counters AS n (promotion, limit_kind, buyer, used, bound, currency)
  SELECT promotion, limit_kind, buyer, used, bound, currency FROM want
  WHERE used <= bound ORDER BY promotion, limit_kind, buyer
  ON CONFLICT (promotion, limit_kind, buyer) DO UPDATE SET used = n.used + EXCLUDED.used, bound = EXCLUDED.bound
  WHERE n.used + EXCLUDED.used <= EXCLUDED.bound AND n.currency = EXCLUDED.currency
  RETURNING n.promotion, n.limit_kind, n.buyer
)
SELECT promotion, '' AS limit_kind, '' AS buyer, true AS taken FROM kept
UNION ALL
SELECT w.promotion, w.limit_kind, w.buyer, t.promotion IS NOT NULL
FROM want AS w LEFT JOIN taken AS t ON t.promotion = w.promotion AND t.limit_kind = w.limit_kind AND t.buyer = w.buyer`
	}), &rows, args...)
	if err != nil {
		return err
	}
	var short []campaign.Counter
	var back []promoCounterRow
	var kept []ref.PromotionID
	for _, r := range rows {
		switch {
		case r.Limit == "":
			kept = append(kept, r.Promotion)
		case !r.Taken:
			short = append(short, campaign.Counter{Promotion: r.Promotion, Limit: r.Limit, Buyer: r.Buyer})
		default:
			for _, w := range want {
				if w.Promotion == r.Promotion && w.Limit == r.Limit {
					back = append(back, w)
				}
			}
		}
	}
	if len(short) == 0 {
		return nil
	}
	if err := s.takeBack(ctx, c, rs[0].Group, kept, back); err != nil {
		return err
	}
	return campaign.ErrLimit(short)
}

func (s promoUses) takeBack(ctx context.Context, c conn, group ref.GroupID, kept []ref.PromotionID, back []promoCounterRow) error {
	arg, err := c.encode(ctx, back)
	if err != nil {
		return err
	}
	_, err = c.fixedExec(ctx, s.db.text("take redemptions back", func() string {
		return `WITH gone AS (DELETE FROM promo_redemptions WHERE group_id = $1 AND ` + s.db.among("promotion", 2) + `)
UPDATE promo_counters AS n SET used = n.used - w.used FROM ` + records(s.db.tableOf(back), 3) + ` AS w
WHERE n.promotion = w.promotion AND n.limit_kind = w.limit_kind AND n.buyer = w.buyer`
	}), string(group), list(s.db, kept), arg)
	return err
}

func (s promoUses) releasePostgres(ctx context.Context, group ref.GroupID, now time.Time) ([]campaign.Redemption, error) {
	var rows []redemptionRow
	err := s.db.conn(ctx).rows(ctx, `WITH held AS (
  UPDATE promo_redemptions SET state = 'released', released_at = $2 WHERE group_id = $1 AND state = 'held' RETURNING *
), back AS (
  `+counted+`
), locked AS (
  SELECT c.promotion, c.limit_kind, c.buyer, c.used, b.n FROM promo_counters AS c
  JOIN back AS b ON b.promotion = c.promotion AND b.limit_kind = c.limit_kind AND b.buyer = c.buyer
  ORDER BY c.promotion, c.limit_kind, c.buyer FOR UPDATE OF c
), moved AS (
  UPDATE promo_counters AS c SET used = l.used - l.n FROM locked AS l
  WHERE c.promotion = l.promotion AND c.limit_kind = l.limit_kind AND c.buyer = l.buyer
)
SELECT * FROM held ORDER BY promotion`, &rows, string(group), s.db.instant(now))
	if err != nil {
		return nil, err
	}
	return values(rows, redemptionRow.value), nil
}
