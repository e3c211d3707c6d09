package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

type couponTemplateRow struct {
	bun.BaseModel `bun:"table:coupon_templates,alias:ct"`

	ID         coupon.TemplateID    `bun:"id,pk"`
	Merchant   ref.MerchantID       `bun:"merchant"`
	Promotion  ref.PromotionID      `bun:"promotion"`
	Name       string               `bun:"name"`
	Note       string               `bun:"note"`
	Way        coupon.Way           `bun:"way"`
	Channel    ref.ChannelID        `bun:"channel"`
	State      coupon.TemplateState `bun:"state"`
	Opens      instant              `bun:"opens"`
	Closes     instant              `bun:"closes"`
	ValidFrom  instant              `bun:"valid_from"`
	ValidUntil instant              `bun:"valid_until"`
	Days       int                  `bun:"days"`
	Total      int64                `bun:"total"`
	PerMember  int64                `bun:"per_member"`
	Reusable   bool                 `bun:"reusable"`
	Issued     int64                `bun:"issued"`
	CreatedAt  instant              `bun:"created_at"`
	UpdatedAt  instant              `bun:"updated_at"`
	Version    int64                `bun:"version"`
}

func (r couponTemplateRow) value() coupon.Template {
	return coupon.Template{
		ID: r.ID, Merchant: r.Merchant, State: r.State, Issued: r.Issued,
		Terms: coupon.Terms{
			Promotion: r.Promotion, Name: r.Name, Note: r.Note, Way: r.Way, Channel: r.Channel,
			Opens: r.Opens.Time, Closes: r.Closes.Time,
			Validity: coupon.Validity{From: r.ValidFrom.Time, Until: r.ValidUntil.Time, Days: r.Days},
			Total:    r.Total, PerMember: r.PerMember, Reusable: r.Reusable,
		},
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
}

func couponTemplateRowOf(t *coupon.Template, version int64) *couponTemplateRow {
	return &couponTemplateRow{
		ID: t.ID, Merchant: t.Merchant, Promotion: t.Promotion, Name: t.Name, Note: t.Note, Way: t.Way, Channel: t.Channel, State: t.State,
		Opens: at(t.Opens), Closes: at(t.Closes), ValidFrom: at(t.Validity.From), ValidUntil: at(t.Validity.Until),
		Days: t.Validity.Days, Total: t.Total, PerMember: t.PerMember, Reusable: t.Reusable,
		CreatedAt: at(t.CreatedAt), UpdatedAt: at(t.UpdatedAt), Version: version,
	}
}

type couponTemplates struct{ db *DB }

var _ coupon.TemplateStore = couponTemplates{}

func (s couponTemplates) GetMany(ctx context.Context, ids []coupon.TemplateID) ([]coupon.Template, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []couponTemplateRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("id IN (?)", bun.List(ids))); err != nil {
		return nil, err
	}
	return inOrder(ids, rows, func(r couponTemplateRow) coupon.TemplateID { return r.ID }, couponTemplateRow.value), nil
}

func (s couponTemplates) Insert(ctx context.Context, t *coupon.Template) error {
	if err := insertRow(ctx, s.db.conn(ctx), "coupon_template", couponTemplateRowOf(t, 1)); err != nil {
		return err
	}
	t.Version, t.Issued = 1, 0
	return nil
}

func (s couponTemplates) Update(ctx context.Context, t *coupon.Template) error {
	row := couponTemplateRowOf(t, t.Version+1)
	c := s.db.conn(ctx)
	var issued []int64
	if _, err := c.scan(ctx, c.update(row).ExcludeColumn("issued").WherePK().
		Where("version = ?", t.Version).Where("issued <= ?", t.Total).Returning("issued"), &issued); err != nil {
		return err
	}
	if len(issued) > 0 {
		t.Version, t.Issued = t.Version+1, issued[0]
		return nil
	}
	if _, err := c.scan(ctx, c.raw("SELECT issued FROM coupon_templates WHERE id = ? AND version = ?", t.ID, t.Version), &issued); err != nil {
		return err
	}
	if len(issued) > 0 {
		return coupon.ErrTotal(t.ID, issued[0])
	}
	return notUpdated(ctx, c, "coupon_template", row)
}

func (s couponTemplates) List(ctx context.Context, q coupon.TemplateQuery, p page.Request) (page.Page[coupon.Template], error) {
	order := keyset{list: "coupon_template.id", columns: []string{"id"}, desc: true}
	var rows []couponTemplateRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	if q.Merchant != "" {
		sel.Where("merchant = ?", q.Merchant)
	}
	if q.Site {
		sel.Where("merchant = ''")
	}
	if q.Channel != "" {
		sel.Where("channel IN ('', ?)", q.Channel)
	}
	if q.State != "" {
		sel.Where("state = ?", q.State)
	}
	if q.Way != "" {
		sel.Where("way = ?", q.Way)
	}
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[coupon.Template]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[coupon.Template]{}, err
	}
	return pageOf(order, rows, size, couponTemplateRow.value, func(r couponTemplateRow) []string { return []string{string(r.ID)} }), nil
}

type couponCountRow struct {
	bun.BaseModel `bun:"table:coupon_counts,alias:cc"`

	Template coupon.TemplateID `bun:"template,pk"`
	Member   ref.MemberID      `bun:"member,pk"`
	N        int64             `bun:"n"`
}

func (s couponTemplates) Counts(ctx context.Context, member ref.MemberID, ids []coupon.TemplateID) (map[coupon.TemplateID]int64, error) {
	out := make(map[coupon.TemplateID]int64, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []couponCountRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("template IN (?)", bun.List(ids)).Where("member = ?", member)); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.Template] = r.N
	}
	return out, nil
}

func (s couponTemplates) Audit(ctx context.Context, limit int) ([]coupon.Mismatch, error) {
	var out []coupon.Mismatch
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.raw(`
SELECT template, member, counted, coupons FROM (
  SELECT t.id AS template, '' AS member, t.issued AS counted,
    (SELECT count(*) FROM coupons AS c WHERE c.template = t.id AND c.state <> 'revoked') AS coupons
  FROM coupon_templates AS t WHERE t.total > 0
  UNION ALL
  SELECT k.template, k.member, k.n,
    (SELECT count(*) FROM coupons AS c WHERE c.member = k.member AND c.template = k.template AND c.state <> 'revoked')
  FROM coupon_counts AS k
) AS a WHERE counted <> coupons ORDER BY template, member LIMIT ?`, limit), &out)
	return out, err
}
