package memory

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// campaignRow is a campaign with its promotion as text, so that nothing in it
// is shared with anybody.
type campaignRow struct {
	meta  campaign.Campaign // without the promotion
	body  string
	until time.Time // of the promotion
	what  promo.Redeem
	n     int64 // its version
}

// promoVersion is a version of a promotion, for ever.
type promoVersion struct {
	key  campaign.VersionKey
	body string
}

type campaigns struct {
	db       *DB
	rows     *table[ref.PromotionID, campaignRow]
	versions *table[string, promoVersion]
	revision promoRevision
}

var _ campaign.Store = campaigns{}

func newCampaigns(db *DB, revision promoRevision) campaigns {
	return campaigns{
		db: db, revision: revision,
		rows: newTable(db, spec[ref.PromotionID, campaignRow]{
			name:    "campaign",
			key:     func(r *campaignRow) ref.PromotionID { return r.meta.ID },
			clone:   func(r campaignRow) campaignRow { return r },
			version: func(r *campaignRow) *int64 { return &r.meta.Version },
			ordered: map[string]func(*campaignRow) string{
				"id":       func(r *campaignRow) string { return sortKey(string(r.meta.ID)) },
				"merchant": func(r *campaignRow) string { return sortKey(string(r.meta.Merchant), string(r.meta.ID)) },
				"live": func(r *campaignRow) string {
					if r.meta.State != campaign.Active {
						return ""
					}
					return sortKey(string(r.meta.ID))
				},
			},
		}),
		versions: newTable(db, spec[string, promoVersion]{
			name:  "campaign_version",
			key:   func(v *promoVersion) string { return sortKey(string(v.key.Promotion), v.key.Version) },
			clone: func(v promoVersion) promoVersion { return v },
		}),
	}
}

func campaignRowOf(c *campaign.Campaign) (campaignRow, error) {
	body, err := campaign.Encode(&c.Promotion)
	r := campaignRow{meta: *c, body: body, until: c.Promotion.Until, what: c.Promotion.Redeem, n: c.Promotion.Version}
	r.meta.Promotion = promo.Promotion{}
	return r, err
}

func (r *campaignRow) value() (campaign.Campaign, error) {
	c := r.meta
	var err error
	c.Promotion, err = campaign.Decode(r.body)
	return c, err
}

func (s campaigns) Lock(ctx context.Context) error {
	u, err := s.db.inside(ctx, "campaign.lock")
	if err != nil {
		return err
	}
	return u.lock(ctx, lockKey{"campaign/live", "live"})
}

func (s campaigns) Get(ctx context.Context, id campaign.ID) (campaign.Campaign, error) {
	r, err := s.rows.get(ctx, id)
	if err != nil {
		return campaign.Campaign{}, err
	}
	return r.value()
}

func (s campaigns) Insert(ctx context.Context, c *campaign.Campaign) error {
	return s.put(ctx, c, s.rows.insert)
}

func (s campaigns) Update(ctx context.Context, c *campaign.Campaign) error {
	return s.put(ctx, c, s.rows.update)
}

// put writes a campaign, the version of its promotion where that is new, and
// another revision.
func (s campaigns) put(ctx context.Context, c *campaign.Campaign, write func(context.Context, *campaignRow) error) error {
	r, err := campaignRowOf(c)
	if err != nil {
		return err
	}
	err = s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		r.meta.Version = c.Version
		if err := write(ctx, &r); err != nil {
			return err
		}
		v := promoVersion{campaign.VersionKey{Promotion: c.ID, Version: r.n}, r.body}
		if err := s.versions.upsert(ctx, s.versions.spec.key(&v), func(row *promoVersion, exists bool) error {
			if !exists {
				*row = v
			}
			return nil
		}); err != nil || c.State == campaign.Draft {
			return err
		}
		return s.revision.bump(ctx)
	})
	if err == nil {
		c.Version = r.meta.Version
	}
	return err
}

func (s campaigns) List(ctx context.Context, q campaign.Query, p page.Request) (page.Page[campaign.Campaign], error) {
	sc := scan[campaignRow]{
		index: "id",
		match: func(r *campaignRow) bool {
			return (q.State == "" || r.meta.State == q.State) && (q.Redeem == "" || r.what == q.Redeem)
		},
	}
	list := "campaign.id"
	if q.Site || q.Merchant != "" {
		sc.index, sc.prefix, list = "merchant", sortKey(string(q.Merchant)), "campaign.merchant"
	}
	rows, err := s.rows.page(ctx, list, p, sc)
	if err != nil {
		return page.Page[campaign.Campaign]{}, err
	}
	out := page.Page[campaign.Campaign]{Items: make([]campaign.Campaign, len(rows.Items)), Next: rows.Next}
	for i := range rows.Items {
		if out.Items[i], err = rows.Items[i].value(); err != nil {
			return page.Page[campaign.Campaign]{}, err
		}
	}
	return out, nil
}

func (s campaigns) Versions(ctx context.Context, keys []campaign.VersionKey) ([]promo.Promotion, error) {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = s.versions.spec.key(&promoVersion{key: k})
	}
	rows, err := s.versions.getMany(ctx, texts)
	if err != nil {
		return nil, err
	}
	out := make([]promo.Promotion, len(rows))
	for i, r := range rows {
		if out[i], err = campaign.Decode(r.body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s campaigns) Live(ctx context.Context, at time.Time) ([]promo.Promotion, error) {
	rows, err := s.rows.scan(ctx, scan[campaignRow]{
		index: "live",
		match: func(r *campaignRow) bool { return r.until.IsZero() || at.Before(r.until) },
	})
	if err != nil {
		return nil, err
	}
	out := make([]promo.Promotion, len(rows))
	for i := range rows {
		if out[i], err = campaign.Decode(rows[i].body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s campaigns) Revision(ctx context.Context) (string, error) { return s.revision.get(ctx) }

// promoRevision is the one row that names what is live.
type promoRevision struct {
	row *table[string, string]
	ids uid.Generator
}

func newPromoRevision(db *DB) promoRevision {
	return promoRevision{
		ids: uid.NewV7(nil),
		row: newTable(db, spec[string, string]{
			name: "promo_revision", key: func(*string) string { return "" }, clone: func(r string) string { return r },
		}),
	}
}

func (r promoRevision) bump(ctx context.Context) error {
	return r.row.upsert(ctx, "", func(row *string, _ bool) error {
		*row = r.ids.New()
		return nil
	})
}

func (r promoRevision) get(ctx context.Context) (string, error) {
	rows, err := r.row.getMany(ctx, []string{""})
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}
