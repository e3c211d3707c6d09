package memory

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

type couponCodes struct {
	db      *DB
	batches *table[coupon.BatchID, coupon.Batch]
	rows    *table[string, coupon.Code]
}

var _ coupon.CodeStore = couponCodes{}

func newCouponCodes(db *DB) couponCodes {
	return couponCodes{
		db: db,
		batches: newTable(db, spec[coupon.BatchID, coupon.Batch]{
			name:  "coupon_batch",
			key:   func(b *coupon.Batch) coupon.BatchID { return b.ID },
			clone: func(b coupon.Batch) coupon.Batch { return b },
			ordered: map[string]func(*coupon.Batch) string{
				"template": func(b *coupon.Batch) string { return sortKey(string(b.Template), string(b.ID)) },
			},
		}),
		rows: newTable(db, spec[string, coupon.Code]{
			name:  "coupon_code",
			key:   func(c *coupon.Code) string { return c.Digest },
			clone: func(c coupon.Code) coupon.Code { return c },
			ordered: map[string]func(*coupon.Code) string{
				"batch": func(c *coupon.Code) string { return sortKey(string(c.Batch), c.Digest) },
			},
		}),
	}
}

func (s couponCodes) Insert(ctx context.Context, b coupon.Batch, codes []coupon.Code) error {
	u, err := s.db.inside(ctx, "coupon_code.insert")
	if err != nil {
		return err
	}
	b.Redeemed = 0
	if err := s.batches.insert(ctx, &b); err != nil {
		return err
	}
	for i := range codes {
		c := codes[i]
		if err := s.rows.insert(ctx, &c); err != nil {
			u.doom(err)
			return err
		}
	}
	return nil
}

func (s couponCodes) Find(ctx context.Context, digests []string) (coupon.Code, error) {
	found, err := s.rows.getMany(ctx, digests)
	if err != nil {
		return coupon.Code{}, err
	}
	if len(found) == 0 {
		return coupon.Code{}, s.rows.missing("")
	}
	return found[0], nil
}

func (s couponCodes) Redeem(ctx context.Context, digest string, member ref.MemberID, id coupon.ID, at time.Time) (bool, error) {
	won := false
	err := s.rows.mutate(ctx, digest, func(c *coupon.Code) error {
		if won = c.State == coupon.Fresh; won {
			c.State, c.Member, c.Coupon, c.RedeemedAt = coupon.Redeemed, member, id, at
		}
		return nil
	})
	if errors.Is(err, fault.NotFound) {
		err = nil
	}
	return won, err
}

func (s couponCodes) Void(ctx context.Context, t coupon.TemplateID, id coupon.BatchID, at time.Time) (int, error) {
	if _, err := s.db.inside(ctx, "coupon_code.void"); err != nil {
		return 0, err
	}
	b, err := s.batches.get(ctx, id)
	if err == nil && b.Template != t {
		err = s.batches.missing(id)
	}
	if err != nil {
		return 0, err
	}
	codes, err := s.rows.scan(ctx, scan[coupon.Code]{index: "batch", prefix: sortKey(string(id))})
	if err != nil {
		return 0, err
	}
	n := 0
	for i := range codes { // by digest
		if err := s.rows.mutate(ctx, codes[i].Digest, func(c *coupon.Code) error {
			if c.State == coupon.Fresh {
				c.State = coupon.Void
				n++
			}
			return nil
		}); err != nil {
			return 0, err
		}
	}
	return n, s.batches.mutate(ctx, id, func(b *coupon.Batch) error {
		if b.VoidedAt.IsZero() {
			b.VoidedAt = at
		}
		return nil
	})
}

func (s couponCodes) Batches(ctx context.Context, t coupon.TemplateID, p page.Request) (page.Page[coupon.Batch], error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	out, err := s.batches.page(ctx, "coupon_batch.id", p, scan[coupon.Batch]{
		index: "template", prefix: sortKey(string(t)), desc: true,
	})
	if err != nil {
		return page.Page[coupon.Batch]{}, err
	}
	for i := range out.Items {
		redeemed, err := s.rows.scan(ctx, scan[coupon.Code]{
			index: "batch", prefix: sortKey(string(out.Items[i].ID)),
			match: func(c *coupon.Code) bool { return c.State == coupon.Redeemed },
		})
		if err != nil {
			return page.Page[coupon.Batch]{}, err
		}
		out.Items[i].Redeemed = len(redeemed)
	}
	return out, nil
}
