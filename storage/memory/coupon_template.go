package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

// couponCount is how many a member was given of a template that bounds it.
type couponCount struct {
	template coupon.TemplateID
	member   ref.MemberID
	n        int64
}

func couponCountKey(t coupon.TemplateID, m ref.MemberID) string {
	return sortKey(string(t), string(m))
}

type couponTemplates struct {
	rows   *table[coupon.TemplateID, coupon.Template]
	counts *table[string, couponCount]
	given  *table[coupon.ID, coupon.Coupon]
}

var _ coupon.TemplateStore = couponTemplates{}

// newCouponTables makes the tables that templates and coupons share.
func newCouponTables(db *DB) (couponTemplates, coupons) {
	t := couponTemplates{
		rows: newTable(db, spec[coupon.TemplateID, coupon.Template]{
			name:    "coupon_template",
			key:     func(t *coupon.Template) coupon.TemplateID { return t.ID },
			clone:   func(t coupon.Template) coupon.Template { return t },
			version: func(t *coupon.Template) *int64 { return &t.Version },
			ordered: map[string]func(*coupon.Template) string{
				"id": func(t *coupon.Template) string { return sortKey(string(t.ID)) },
			},
		}),
		counts: newTable(db, spec[string, couponCount]{
			name:  "coupon_count",
			key:   func(c *couponCount) string { return couponCountKey(c.template, c.member) },
			clone: func(c couponCount) couponCount { return c },
			ordered: map[string]func(*couponCount) string{
				"key": func(c *couponCount) string { return couponCountKey(c.template, c.member) },
			},
		}),
		given: newCouponRows(db),
	}
	return t, coupons{db: db, rows: t.given, templates: t.rows, counts: t.counts}
}

func (s couponTemplates) GetMany(ctx context.Context, ids []coupon.TemplateID) ([]coupon.Template, error) {
	return s.rows.getMany(ctx, ids)
}

func (s couponTemplates) Insert(ctx context.Context, t *coupon.Template) error {
	row := *t
	row.Issued = 0
	if err := s.rows.insert(ctx, &row); err != nil {
		return err
	}
	*t = row
	return nil
}

func (s couponTemplates) Update(ctx context.Context, t *coupon.Template) error {
	next := *t
	err := s.rows.mutate(ctx, t.ID, func(cur *coupon.Template) error {
		switch {
		case cur.Version != t.Version:
			return fault.New(fault.Conflict, "coupon_template.stale", "the object changed meanwhile")
		case cur.Issued > t.Total:
			return coupon.ErrTotal(t.ID, cur.Issued)
		}
		next.Version, next.Issued = cur.Version+1, cur.Issued
		*cur = next
		return nil
	})
	if err == nil {
		*t = next
	}
	return err
}

func (s couponTemplates) List(ctx context.Context, q coupon.TemplateQuery, p page.Request) (page.Page[coupon.Template], error) {
	return s.rows.page(ctx, "coupon_template.id", p, scan[coupon.Template]{
		index: "id", desc: true,
		match: func(t *coupon.Template) bool {
			return (q.Merchant == "" || t.Merchant == q.Merchant) && (!q.Site || t.Merchant == "") &&
				(q.Channel == "" || t.Channel == "" || t.Channel == q.Channel) &&
				(q.State == "" || t.State == q.State) && (q.Way == "" || t.Way == q.Way)
		},
	})
}

func (s couponTemplates) Counts(ctx context.Context, member ref.MemberID, ids []coupon.TemplateID) (map[coupon.TemplateID]int64, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = couponCountKey(id, member)
	}
	rows, err := s.counts.getMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[coupon.TemplateID]int64, len(rows))
	for _, r := range rows {
		out[r.template] = r.n
	}
	return out, nil
}

// all returns the coupons that are not revoked, all templates and the counts of
// their members as they are at one moment.
func (s couponTemplates) all(ctx context.Context) (cs []coupon.Coupon, ts []coupon.Template, counts []couponCount, err error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	cs, err = s.given.scan(ctx, scan[coupon.Coupon]{
		index: "claimed", match: func(c *coupon.Coupon) bool { return c.State != coupon.Revoked },
	})
	if err != nil {
		return nil, nil, nil, err
	}
	if ts, err = s.rows.scan(ctx, scan[coupon.Template]{index: "id"}); err != nil {
		return nil, nil, nil, err
	}
	counts, err = s.counts.scan(ctx, scan[couponCount]{index: "key"})
	return cs, ts, counts, err
}

func (s couponTemplates) Audit(ctx context.Context, limit int) ([]coupon.Mismatch, error) {
	all, templates, counts, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	total, member := map[coupon.TemplateID]int64{}, map[string]int64{}
	for i := range all {
		total[all[i].Template]++
		member[couponCountKey(all[i].Template, all[i].Member)]++
	}
	var out []coupon.Mismatch
	for i := range templates {
		if t := &templates[i]; t.Total > 0 && t.Issued != total[t.ID] {
			out = append(out, coupon.Mismatch{Template: t.ID, Counted: t.Issued, Coupons: total[t.ID]})
		}
	}
	for _, c := range counts {
		if n := member[couponCountKey(c.template, c.member)]; n != c.n {
			out = append(out, coupon.Mismatch{Template: c.template, Member: c.member, Counted: c.n, Coupons: n})
		}
	}
	slices.SortFunc(out, func(a, b coupon.Mismatch) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Member, b.Member))
	})
	return out[:min(len(out), limit)], nil
}
