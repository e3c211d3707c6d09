package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

type couponBatchRow struct {
	bun.BaseModel `bun:"table:coupon_batches,alias:cb"`

	ID       coupon.BatchID    `bun:"id,pk"`
	Template coupon.TemplateID `bun:"template"`
	Size     int               `bun:"size"`
	MadeAt   instant           `bun:"made_at"`
	VoidedAt instant           `bun:"voided_at"`
	Redeemed int               `bun:"redeemed,scanonly"`
}

func (r couponBatchRow) value() coupon.Batch {
	return coupon.Batch{
		ID: r.ID, Template: r.Template, Size: r.Size, MadeAt: r.MadeAt.Time, VoidedAt: r.VoidedAt.Time, Redeemed: r.Redeemed,
	}
}

type couponCodeRow struct {
	bun.BaseModel `bun:"table:coupon_codes,alias:cd"`

	Digest     string            `bun:"digest,pk"`
	Key        string            `bun:"key"`
	Batch      coupon.BatchID    `bun:"batch"`
	Template   coupon.TemplateID `bun:"template"`
	State      coupon.CodeState  `bun:"state"`
	Member     ref.MemberID      `bun:"member,nullzero"`
	Coupon     coupon.ID         `bun:"coupon,nullzero"`
	RedeemedAt instant           `bun:"redeemed_at"`
}

func (r couponCodeRow) value() coupon.Code {
	return coupon.Code{
		Digest: r.Digest, Key: r.Key, Batch: r.Batch, Template: r.Template, State: r.State,
		Member: r.Member, Coupon: r.Coupon, RedeemedAt: r.RedeemedAt.Time,
	}
}

type couponCodes struct{ db *DB }

var _ coupon.CodeStore = couponCodes{}

func (s couponCodes) Insert(ctx context.Context, b coupon.Batch, codes []coupon.Code) error {
	if _, err := s.db.inside(ctx, "coupon_code.insert"); err != nil {
		return err
	}
	c := s.db.conn(ctx)
	if err := insertRow(ctx, c, "coupon_batch", &couponBatchRow{
		ID: b.ID, Template: b.Template, Size: b.Size, MadeAt: at(b.MadeAt), VoidedAt: at(b.VoidedAt),
	}); err != nil {
		return err
	}
	rows := make([]couponCodeRow, len(codes))
	for i, code := range codes {
		rows[i] = couponCodeRow{
			Digest: code.Digest, Key: code.Key, Batch: code.Batch, Template: code.Template, State: code.State,
			Member: code.Member, Coupon: code.Coupon, RedeemedAt: at(code.RedeemedAt),
		}
	}
	return insertAll(ctx, c, rows)
}

func (s couponCodes) Find(ctx context.Context, digests []string) (coupon.Code, error) {
	var rows []couponCodeRow
	c := s.db.readConn(ctx)
	if len(digests) > 0 {
		if _, err := c.scan(ctx, c.query(&rows).Where("digest IN (?)", bun.List(digests)).Limit(1)); err != nil {
			return coupon.Code{}, err
		}
	}
	if len(rows) == 0 {
		return coupon.Code{}, missing("coupon_code")
	}
	return rows[0].value(), nil
}

func (s couponCodes) Redeem(ctx context.Context, digest string, member ref.MemberID, id coupon.ID, now time.Time) (bool, error) {
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, c.raw(
		"UPDATE coupon_codes SET state = 'redeemed', member = ?, coupon = ?, redeemed_at = ? WHERE digest = ? AND state = 'fresh'",
		member, id, at(now), digest))
	return n > 0, err
}

func (s couponCodes) Void(ctx context.Context, t coupon.TemplateID, id coupon.BatchID, now time.Time) (int, error) {
	if _, err := s.db.inside(ctx, "coupon_code.void"); err != nil {
		return 0, err
	}
	c := s.db.conn(ctx)
	found, err := c.exec(ctx, c.raw(
		"UPDATE coupon_batches SET voided_at = coalesce(voided_at, ?) WHERE id = ? AND template = ?", at(now), id, t))
	if err != nil {
		return 0, err
	}
	if found == 0 {
		return 0, missing("coupon_batch")
	}
	fresh := "SELECT digest FROM coupon_codes WHERE batch = ? AND state = 'fresh' ORDER BY digest"
	if s.db.postgres {
		fresh += " FOR UPDATE"
	}
	n, err := c.exec(ctx, c.raw("UPDATE coupon_codes SET state = 'void' WHERE digest IN ("+fresh+")", id))
	return int(n), err
}

func (s couponCodes) Batches(ctx context.Context, t coupon.TemplateID, p page.Request) (page.Page[coupon.Batch], error) {
	order := keyset{list: "coupon_batch.id", columns: []string{"id"}, desc: true}
	var rows []couponBatchRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows).ColumnExpr("?TableColumns").
		ColumnExpr("(SELECT count(*) FROM coupon_codes AS cd WHERE cd.batch = cb.id AND cd.state = 'redeemed') AS redeemed").
		Where("template = ?", t)
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[coupon.Batch]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[coupon.Batch]{}, err
	}
	return pageOf(order, rows, size, couponBatchRow.value, func(r couponBatchRow) []string { return []string{string(r.ID)} }), nil
}
