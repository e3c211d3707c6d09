package bunstore

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

type redemptionRow struct {
	bun.BaseModel `bun:"table:promo_redemptions,alias:pr"`

	Group            ref.GroupID              `bun:"group_id,pk"`
	Promotion        ref.PromotionID          `bun:"promotion,pk"`
	PromotionVersion int64                    `bun:"promotion_version"`
	Coupon           ref.CouponID             `bun:"coupon"`
	Buyer            string                   `bun:"buyer"`
	Currency         money.Currency           `bun:"currency"`
	Amount           int64                    `bun:"amount"`
	LimitUses        int64                    `bun:"limit_uses"`
	LimitMember      int64                    `bun:"limit_member"`
	LimitBudget      int64                    `bun:"limit_budget"`
	BudgetCurrency   money.Currency           `bun:"budget_currency"`
	Gifts            []promo.GiftGrant        `bun:"gifts,type:jsonb"`
	Rewards          []promo.RewardGrant      `bun:"rewards,type:jsonb"`
	Basis            []byte                   `bun:"basis"`
	State            campaign.RedemptionState `bun:"state"`
	At               instant                  `bun:"at"`
	ReleasedAt       instant                  `bun:"released_at"`
}

func (r redemptionRow) value() campaign.Redemption {
	out := campaign.Redemption{
		Group: r.Group, Promotion: r.Promotion, Version: r.PromotionVersion, Coupon: r.Coupon, Buyer: r.Buyer,
		Amount: money.New(r.Amount, r.Currency), Limits: promo.Limits{Uses: r.LimitUses, PerMember: r.LimitMember},
		Gifts: r.Gifts, Rewards: r.Rewards, Basis: r.Basis, State: r.State, At: r.At.Time, ReleasedAt: r.ReleasedAt.Time,
	}
	if r.BudgetCurrency != "" {
		out.Limits.Budget = money.New(r.LimitBudget, r.BudgetCurrency)
	}
	return out
}

func redemptionRowOf(r *campaign.Redemption) redemptionRow {
	return redemptionRow{
		Group: r.Group, Promotion: r.Promotion, PromotionVersion: r.Version, Coupon: r.Coupon, Buyer: r.Buyer,
		Currency: r.Amount.Currency(), Amount: r.Amount.Minor(),
		LimitUses: r.Limits.Uses, LimitMember: r.Limits.PerMember,
		LimitBudget: r.Limits.Budget.Minor(), BudgetCurrency: r.Limits.Budget.Currency(),
		Gifts: r.Gifts, Rewards: r.Rewards, Basis: r.Basis, State: r.State, At: at(r.At), ReleasedAt: at(r.ReleasedAt),
	}
}

type promoCounterRow struct {
	bun.BaseModel `bun:"table:promo_counters,alias:pn"`

	Promotion ref.PromotionID `bun:"promotion,pk"`
	Limit     campaign.Limit  `bun:"limit_kind,pk"`
	Buyer     string          `bun:"buyer,pk"`
	Used      int64           `bun:"used"`
	Bound     int64           `bun:"bound"`
	Currency  money.Currency  `bun:"currency"`
}

func (r promoCounterRow) value() campaign.Counter {
	return campaign.Counter{
		Promotion: r.Promotion, Limit: r.Limit, Buyer: r.Buyer, Used: r.Used, Bound: r.Bound, Currency: r.Currency,
	}
}

func promoCounterRowOf(c campaign.Counter) promoCounterRow {
	return promoCounterRow{
		Promotion: c.Promotion, Limit: c.Limit, Buyer: c.Buyer, Used: c.Used, Bound: c.Bound, Currency: c.Currency,
	}
}

// promoUses is the campaign.UsageStore. What PostgreSQL does in one statement
// of several steps (campaign_usage_postgres.go) SQLite does in a few, alone in
// its immediate transaction (campaign_usage_sqlite.go).
type promoUses struct{ db *DB }

var (
	_ campaign.UsageStore   = promoUses{}
	_ campaign.UsageAuditor = promoUses{}
	_ campaign.UsageLister  = promoUses{}
)

func (s promoUses) Used(ctx context.Context, buyer string, ids []campaign.ID) (map[campaign.ID]campaign.Used, error) {
	out := map[campaign.ID]campaign.Used{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []promoCounterRow
	err := s.db.readConn(ctx).find(ctx, "promotions used", &rows, func(q *bun.SelectQuery) {
		q.Where(s.db.among("promotion", 1) + " AND buyer IN ('', $2) AND (limit_kind <> 'member' OR buyer = $2) AND used > 0")
	}, list(s.db, ids), buyer)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		u := out[r.Promotion]
		u.Add(r.value())
		out[r.Promotion] = u
	}
	return out, nil
}

func (s promoUses) Redeem(ctx context.Context, rs []campaign.Redemption) error {
	if _, err := s.db.inside(ctx, "promo.redeem"); err != nil || len(rs) == 0 {
		return err
	}
	if err := campaign.CheckRedemptions(rs); err != nil {
		return err
	}
	if s.db.postgres {
		return s.redeemPostgres(ctx, rs)
	}
	return s.redeemSQLite(ctx, rs)
}

func (s promoUses) ByGroup(ctx context.Context, group ref.GroupID) ([]campaign.Redemption, error) {
	var rows []redemptionRow
	err := s.db.readConn(ctx).find(ctx, "redemptions of a group", &rows, func(q *bun.SelectQuery) {
		q.Where("group_id = $1").Order("promotion")
	}, string(group))
	if err != nil {
		return nil, err
	}
	return values(rows, redemptionRow.value), nil
}

func (s promoUses) Release(ctx context.Context, group ref.GroupID, now time.Time) ([]campaign.Redemption, error) {
	if _, err := s.db.inside(ctx, "promo.release"); err != nil {
		return nil, err
	}
	if s.db.postgres {
		return s.releasePostgres(ctx, group, now)
	}
	return s.releaseSQLite(ctx, group, now)
}

// Reassign locks the redemptions, then the counters of the buyers before, then
// that of the new one, each in the order of the promotions.
func (s promoUses) Reassign(ctx context.Context, group ref.GroupID, buyer string) error {
	if _, err := s.db.inside(ctx, "promo.reassign"); err != nil {
		return err
	}
	c := s.db.conn(ctx)
	var rows []redemptionRow
	sel := c.query(&rows).Where("group_id = ?", group).Where("buyer <> ?", buyer).Order("promotion")
	if s.db.postgres {
		sel.For("UPDATE")
	}
	if _, err := c.scan(ctx, sel); err != nil || len(rows) == 0 {
		return err
	}
	if _, err := c.exec(ctx, c.update((*redemptionRow)(nil)).Set("buyer = ?", buyer).Where("group_id = ?", group)); err != nil {
		return err
	}
	held := values(slices.DeleteFunc(rows, func(r redemptionRow) bool { return r.State != campaign.Held }), redemptionRow.value)
	off := campaign.MemberCountersOf(held)
	if len(off) == 0 {
		return nil
	}
	lock := ""
	if s.db.postgres {
		lock = " FOR UPDATE OF n"
	}
	if _, err := c.exec(ctx, c.raw(`
WITH off AS (?), locked AS (
  SELECT n.promotion, n.limit_kind, n.buyer, off.n AS less FROM promo_counters AS n
  JOIN off ON n.promotion = off.promotion AND n.limit_kind = off.limit_kind AND n.buyer = off.buyer
  ORDER BY n.promotion, n.limit_kind, n.buyer`+lock+`
)
UPDATE promo_counters AS n SET used = n.used - locked.less FROM locked
WHERE n.promotion = locked.promotion AND n.limit_kind = locked.limit_kind AND n.buyer = locked.buyer`, s.counters(off))); err != nil {
		return err
	}
	for i := range held {
		held[i].Buyer = buyer
	}
	on := values(campaign.MemberCountersOf(held), promoCounterRowOf)
	_, err := c.exec(ctx, c.insert(&on).On("CONFLICT (promotion, limit_kind, buyer) DO UPDATE").
		Set("used = ?TableAlias.used + EXCLUDED.used").
		Set("bound = CASE WHEN ?TableAlias.used + EXCLUDED.used > ?TableAlias.bound THEN ?TableAlias.used + EXCLUDED.used ELSE ?TableAlias.bound END"))
	return err
}

// counters is a VALUES list of what is counted.
func (s promoUses) counters(in []campaign.Counter) bun.Safe {
	rows := make([][]any, len(in))
	for i, c := range in {
		rows[i] = []any{string(c.Promotion), string(c.Limit), c.Buyer, c.Used}
	}
	return s.db.valuesList([]string{"promotion", "limit_kind", "buyer", "n"}, rows)
}

func (s promoUses) Holding(ctx context.Context, after ref.GroupID, limit int) ([]ref.GroupID, error) {
	var out []ref.GroupID
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.raw(`SELECT DISTINCT group_id FROM promo_redemptions
WHERE state = 'held' AND group_id > ? ORDER BY group_id LIMIT ?`, after, limit), &out)
	return out, err
}

// counted is what held redemptions count, as rows of counters.
const counted = `SELECT promotion, 'uses' AS limit_kind, '' AS buyer, 1 AS n, limit_uses AS bound, '' AS currency FROM held WHERE limit_uses > 0
UNION ALL SELECT promotion, 'member', buyer, 1, limit_member, '' FROM held WHERE limit_member > 0
UNION ALL SELECT promotion, 'budget', '', amount, limit_budget, budget_currency FROM held WHERE limit_budget > 0 AND amount > 0`

func (s promoUses) Audit(ctx context.Context, limit int) ([]campaign.Mismatch, error) {
	var rows []struct {
		promoCounterRow `bun:",extend"`

		Held int64 `bun:"held_sum"`
	}
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.raw(`
WITH held AS (SELECT * FROM promo_redemptions WHERE state = 'held'),
sums AS (
  SELECT promotion, limit_kind, buyer, CAST(sum(n) AS bigint) AS n, max(bound) AS bound, max(currency) AS currency
  FROM (`+counted+`) AS each GROUP BY promotion, limit_kind, buyer
)
SELECT promotion, limit_kind, buyer, used, bound, currency, held_sum FROM (
  SELECT c.promotion, c.limit_kind, c.buyer, c.used, c.bound, c.currency, coalesce(s.n, 0) AS held_sum
  FROM promo_counters AS c
  LEFT JOIN sums AS s ON s.promotion = c.promotion AND s.limit_kind = c.limit_kind AND s.buyer = c.buyer
  UNION ALL
  SELECT s.promotion, s.limit_kind, s.buyer, 0, 0, s.currency, s.n FROM sums AS s
  WHERE NOT EXISTS (SELECT 1 FROM promo_counters AS c
    WHERE c.promotion = s.promotion AND c.limit_kind = s.limit_kind AND c.buyer = s.buyer)
) AS m WHERE used <> held_sum OR used > bound
ORDER BY promotion, limit_kind, buyer LIMIT ?`, limit), &rows)
	if err != nil {
		return nil, err
	}
	out := make([]campaign.Mismatch, len(rows))
	for i, r := range rows {
		out[i] = campaign.Mismatch{Counter: r.promoCounterRow.value(), Held: r.Held}
	}
	return out, nil
}
