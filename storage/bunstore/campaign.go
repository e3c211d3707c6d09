package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

type campaignRow struct {
	bun.BaseModel `bun:"table:promo_campaigns,alias:pc"`

	ID               ref.PromotionID `bun:"id,pk"`
	Merchant         ref.MerchantID  `bun:"merchant"`
	State            campaign.State  `bun:"state"`
	PromotionVersion int64           `bun:"promotion_version"`
	Body             string          `bun:"body"`
	Until            instant         `bun:"until"`
	CreatedAt        instant         `bun:"created_at"`
	UpdatedAt        instant         `bun:"updated_at"`
	Version          int64           `bun:"version"`
}

type promoVersionRow struct {
	bun.BaseModel `bun:"table:promo_versions,alias:pv"`

	Promotion ref.PromotionID `bun:"promotion,pk"`
	Version   int64           `bun:"version,pk"`
	Body      string          `bun:"body"`
}

func (r *campaignRow) value() (campaign.Campaign, error) {
	p, err := campaign.Decode(r.Body)
	return campaign.Campaign{
		ID: r.ID, Merchant: r.Merchant, State: r.State, Promotion: p,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}, err
}

func campaignRowOf(c *campaign.Campaign, version int64) (*campaignRow, error) {
	body, err := campaign.Encode(&c.Promotion)
	return &campaignRow{
		ID: c.ID, Merchant: c.Merchant, State: c.State, PromotionVersion: c.Promotion.Version, Body: body,
		Until: at(c.Promotion.Until), CreatedAt: at(c.CreatedAt), UpdatedAt: at(c.UpdatedAt), Version: version,
	}, err
}

type campaigns struct{ db *DB }

var _ campaign.Store = campaigns{}

func (s campaigns) Lock(ctx context.Context) error {
	if _, err := s.db.inside(ctx, "campaign.lock"); err != nil {
		return err
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, c.raw("UPDATE promo_revision SET revision = revision"))
	return err
}

func (s campaigns) Get(ctx context.Context, id campaign.ID) (campaign.Campaign, error) {
	var row campaignRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = ?", id))
	if err != nil {
		return campaign.Campaign{}, err
	}
	if !found {
		return campaign.Campaign{}, missing("campaign")
	}
	return row.value()
}

func (s campaigns) Insert(ctx context.Context, in *campaign.Campaign) error {
	row, err := campaignRowOf(in, 1)
	if err != nil {
		return err
	}
	err = s.db.write(ctx, func(ctx context.Context, c conn) error {
		if err := insertRow(ctx, c, "campaign", row); err != nil {
			return err
		}
		return s.kept(ctx, c, row)
	})
	if err == nil {
		in.Version = 1
	}
	return err
}

func (s campaigns) Update(ctx context.Context, in *campaign.Campaign) error {
	row, err := campaignRowOf(in, in.Version+1)
	if err != nil {
		return err
	}
	err = s.db.write(ctx, func(ctx context.Context, c conn) error {
		if err := updateRow(ctx, c, "campaign", row, row.Version); err != nil {
			return err
		}
		return s.kept(ctx, c, row)
	})
	if err == nil {
		in.Version++
	}
	return err
}

// kept follows a write: it stores the version of the promotion where that is
// new, and names what is live anew.
func (s campaigns) kept(ctx context.Context, c conn, row *campaignRow) error {
	_, err := insertNew(ctx, c, &promoVersionRow{Promotion: row.ID, Version: row.PromotionVersion, Body: row.Body})
	if err != nil || row.State == campaign.Draft {
		return err
	}
	return bumpPromotions(ctx, c)
}

// bumpPromotions sets another revision, which no rolled back unit can ever
// have shown to anybody before.
func bumpPromotions(ctx context.Context, c conn) error {
	_, err := c.exec(ctx, c.raw("UPDATE promo_revision SET revision = ?", uid.NewV7(nil).New()))
	return err
}

func (s campaigns) List(ctx context.Context, q campaign.Query, p page.Request) (page.Page[campaign.Campaign], error) {
	order := keyset{list: "campaign.id", columns: []string{"id"}}
	var rows []campaignRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	if q.Site || q.Merchant != "" {
		order.list = "campaign.merchant"
		sel.Where("merchant = ?", q.Merchant)
	}
	if q.State != "" {
		sel.Where("state = ?", q.State)
	}
	if q.Redeem != "" {
		redeem := "json_extract(body, '$.redeem') = ?"
		if s.db.postgres {
			redeem = "body::json->>'redeem' = ?"
		}
		sel.Where(redeem, q.Redeem)
	}
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[campaign.Campaign]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[campaign.Campaign]{}, err
	}
	key := func(r campaignRow) []string { return []string{string(r.ID)} }
	found := pageOf(order, rows, size, same, key)
	out := page.Page[campaign.Campaign]{Items: make([]campaign.Campaign, len(found.Items)), Next: found.Next}
	for i := range found.Items {
		if out.Items[i], err = found.Items[i].value(); err != nil {
			return page.Page[campaign.Campaign]{}, err
		}
	}
	return out, nil
}

func (s campaigns) Versions(ctx context.Context, keys []campaign.VersionKey) ([]promo.Promotion, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{string(k.Promotion), k.Version}
	}
	var found []promoVersionRow
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query(&found).Where("(promotion, version) IN (SELECT promotion, version FROM (?) AS w)",
		s.db.valuesList([]string{"promotion", "version"}, rows)))
	if err != nil {
		return nil, err
	}
	ordered := inOrder(keys, found,
		func(r promoVersionRow) campaign.VersionKey {
			return campaign.VersionKey{Promotion: r.Promotion, Version: r.Version}
		},
		func(r promoVersionRow) string { return r.Body })
	return decodePromotions(ordered)
}

func (s campaigns) Live(ctx context.Context, now time.Time) ([]promo.Promotion, error) {
	var bodies []string
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query((*campaignRow)(nil)).Column("body").
		Where("state = ?", campaign.Active).Where("until IS NULL OR until > ?", at(now)).Order("id"), &bodies)
	if err != nil {
		return nil, err
	}
	return decodePromotions(bodies)
}

func decodePromotions(bodies []string) ([]promo.Promotion, error) {
	out := make([]promo.Promotion, len(bodies))
	for i, body := range bodies {
		var err error
		if out[i], err = campaign.Decode(body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s campaigns) Revision(ctx context.Context) (string, error) {
	var revision string
	err := s.db.readConn(ctx).fixed(ctx, "SELECT revision FROM promo_revision", nil, &revision)
	return revision, err
}
