package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

type coupons struct {
	db        *DB
	rows      *table[coupon.ID, coupon.Coupon]
	templates *table[coupon.TemplateID, coupon.Template]
	counts    *table[string, couponCount]
}

var (
	_ coupon.Store     = coupons{}
	_ coupon.TieLister = coupons{}
)

func newCouponRows(db *DB) *table[coupon.ID, coupon.Coupon] {
	newest := func(c *coupon.Coupon) string { return sortKey(c.ClaimedAt, string(c.ID)) }
	return newTable(db, spec[coupon.ID, coupon.Coupon]{
		name:  "coupon",
		key:   func(c *coupon.Coupon) coupon.ID { return c.ID },
		clone: func(c coupon.Coupon) coupon.Coupon { return c },
		ordered: map[string]func(*coupon.Coupon) string{
			"claimed":  newest,
			"member":   func(c *coupon.Coupon) string { return sortKey(string(c.Member)) + newest(c) },
			"template": func(c *coupon.Coupon) string { return sortKey(string(c.Template)) + newest(c) },
			"group": func(c *coupon.Coupon) string {
				if c.Group == "" {
					return ""
				}
				return sortKey(string(c.Group), string(c.ID))
			},
			"expiry": func(c *coupon.Coupon) string {
				if c.State != coupon.Claimed || c.ExpiresAt.IsZero() {
					return ""
				}
				return sortKey(c.ExpiresAt, string(c.ID))
			},
		},
	})
}

func (s coupons) GetMany(ctx context.Context, ids []coupon.ID) ([]coupon.Coupon, error) {
	return s.rows.getMany(ctx, ids)
}

func (s coupons) Issue(ctx context.Context, cs []coupon.Coupon, limit coupon.Limit) ([]coupon.ID, error) {
	u, err := s.db.inside(ctx, "coupon.issue")
	if err != nil {
		return nil, err
	}
	fresh, err := s.fresh(ctx, u, cs)
	if err != nil || len(fresh) == 0 {
		return nil, err
	}
	if err := s.count(ctx, u, fresh, limit); err != nil {
		return nil, err
	}
	ids := make([]coupon.ID, len(fresh))
	for i := range fresh {
		ids[i] = fresh[i].ID
		if err := s.rows.insert(ctx, &fresh[i]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// fresh locks the ids of coupons, in order, and returns those not taken.
func (s coupons) fresh(ctx context.Context, u *unit, cs []coupon.Coupon) ([]coupon.Coupon, error) {
	cs = slices.Clone(cs)
	slices.SortFunc(cs, func(a, b coupon.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	var out []coupon.Coupon
	for _, c := range cs {
		if err := u.lock(ctx, lockKey{s.rows.spec.name, c.ID}); err != nil {
			return nil, err
		}
		if !s.rows.exists(u, c.ID) {
			out = append(out, c)
		}
	}
	return out, nil
}

// count counts coupons that are to be stored, or none of them.
func (s coupons) count(ctx context.Context, u *unit, cs []coupon.Coupon, limit coupon.Limit) error {
	members := map[ref.MemberID]int64{}
	for i := range cs {
		members[cs[i].Member]++
	}
	ordered := sortedKeys(members)
	if limit.PerMember > 0 {
		for _, m := range ordered {
			k := couponCountKey(limit.Template, m)
			if err := u.lock(ctx, lockKey{s.counts.spec.name, k}); err != nil {
				return err
			}
			had, err := s.counts.getMany(ctx, []string{k})
			if err != nil {
				return err
			}
			if n := members[m]; n > limit.PerMember || len(had) > 0 && had[0].n+n > limit.PerMember {
				return coupon.ErrExhausted(limit.Template, coupon.ReasonMember)
			}
		}
	}
	if limit.Total > 0 {
		err := s.templates.mutate(ctx, limit.Template, func(t *coupon.Template) error {
			if t.Issued+int64(len(cs)) > t.Total {
				return coupon.ErrExhausted(limit.Template, coupon.ReasonSoldOut)
			}
			t.Issued += int64(len(cs))
			return nil
		})
		if errors.Is(err, fault.NotFound) {
			err = coupon.ErrExhausted(limit.Template, coupon.ReasonSoldOut)
		}
		if err != nil {
			return err
		}
	}
	if limit.PerMember > 0 {
		for _, m := range ordered {
			if err := s.counts.upsert(ctx, couponCountKey(limit.Template, m), func(c *couponCount, _ bool) error {
				*c = couponCount{template: limit.Template, member: m, n: c.n + members[m]}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s coupons) Hold(ctx context.Context, h coupon.Holding) (bool, error) {
	u, err := s.db.inside(ctx, "coupon.hold")
	if err != nil {
		return false, err
	}
	ids := slices.Sorted(slices.Values(h.IDs))
	for _, id := range ids {
		if err := u.lock(ctx, lockKey{s.rows.spec.name, id}); err != nil {
			return false, err
		}
	}
	have, err := s.rows.getMany(ctx, ids)
	if err != nil {
		return false, err
	}
	for i := range have {
		if have[i].Member != h.Member || !have[i].Hold(h.Group, h.At) {
			return false, nil
		}
	}
	if len(have) < len(ids) {
		return false, nil
	}
	return true, s.store(ctx, have)
}

// store writes rows that are locked.
func (s coupons) store(ctx context.Context, cs []coupon.Coupon) error {
	for i := range cs {
		if err := s.rows.mutate(ctx, cs[i].ID, func(c *coupon.Coupon) error {
			*c = cs[i]
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s coupons) Settle(ctx context.Context, group ref.GroupID, o coupon.Outcome, at time.Time) ([]coupon.Coupon, error) {
	var out []coupon.Coupon
	err := s.db.write(ctx, func(ctx context.Context, u *unit) error {
		found, err := s.rows.scan(ctx, scan[coupon.Coupon]{index: "group", prefix: sortKey(string(group))})
		if err != nil {
			return err
		}
		out, err = s.move(ctx, u, found, func(c *coupon.Coupon) bool { return c.Group == group && c.Settle(o, at) })
		return err
	})
	return out, err
}

// move locks coupons, in the order of their ids, reads them again, and stores
// and returns those that change.
func (s coupons) move(ctx context.Context, u *unit, found []coupon.Coupon, change func(*coupon.Coupon) bool) ([]coupon.Coupon, error) {
	slices.SortFunc(found, func(a, b coupon.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	var out []coupon.Coupon
	for i := range found {
		if err := u.lock(ctx, lockKey{s.rows.spec.name, found[i].ID}); err != nil {
			return nil, err
		}
		now, err := s.rows.getMany(ctx, []coupon.ID{found[i].ID})
		if err != nil {
			return nil, err
		}
		if len(now) > 0 && change(&now[0]) {
			out = append(out, now[0])
		}
	}
	return out, s.store(ctx, out)
}

func (s coupons) Revoke(ctx context.Context, ids []coupon.ID, at time.Time) ([]coupon.Coupon, error) {
	u, err := s.db.inside(ctx, "coupon.revoke")
	if err != nil {
		return nil, err
	}
	found, err := s.rows.getMany(ctx, slices.Compact(slices.Sorted(slices.Values(ids))))
	if err != nil {
		return nil, err
	}
	out, err := s.move(ctx, u, found, func(c *coupon.Coupon) bool { return c.Revoke(at) })
	if err != nil {
		return nil, err
	}
	members, templates := map[string]int64{}, map[coupon.TemplateID]int64{}
	for i := range out {
		members[couponCountKey(out[i].Template, out[i].Member)]++
		templates[out[i].Template]++
	}
	for _, k := range sortedKeys(members) {
		err := s.counts.mutate(ctx, k, func(c *couponCount) error {
			c.n -= members[k]
			return nil
		})
		if err != nil && !errors.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	for _, id := range sortedKeys(templates) {
		err := s.templates.mutate(ctx, id, func(t *coupon.Template) error {
			if t.Total > 0 {
				t.Issued -= templates[id]
			}
			return nil
		})
		if err != nil && !errors.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return out, nil
}

func (s coupons) Sweep(ctx context.Context, at time.Time, limit int) ([]coupon.Coupon, error) {
	var out []coupon.Coupon
	err := s.db.write(ctx, func(ctx context.Context, u *unit) error {
		var found []coupon.Coupon
		_, err := s.rows.scan(ctx, scan[coupon.Coupon]{
			index: "expiry",
			limit: 1, // the match below collects; the first row it takes ends the scan
			match: func(c *coupon.Coupon) bool {
				if len(found) == limit || !c.Over(at) {
					return true
				}
				found = append(found, *c)
				return false
			},
		})
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(c coupon.Coupon) bool { return !u.tryLock(lockKey{s.rows.spec.name, c.ID}) })
		out, err = s.move(ctx, u, found, func(c *coupon.Coupon) bool { return c.Expire(at) })
		return err
	})
	return out, err
}

func (s coupons) Wallet(ctx context.Context, member ref.MemberID, at time.Time, limit int) ([]coupon.Coupon, error) {
	out, err := s.rows.scan(ctx, scan[coupon.Coupon]{
		index: "member", prefix: sortKey(string(member)), match: func(c *coupon.Coupon) bool { return c.Usable(at) },
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b coupon.Coupon) int {
		if a.ExpiresAt.IsZero() != b.ExpiresAt.IsZero() { // never is last
			if a.ExpiresAt.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), limit)], nil
}

func (s coupons) Tied(ctx context.Context, after coupon.Tie, limit int) ([]coupon.Coupon, error) {
	sc := scan[coupon.Coupon]{index: "group", limit: limit}
	if after != (coupon.Tie{}) {
		sc.after = sortKey(string(after.Group), string(after.ID))
	}
	return s.rows.scan(ctx, sc)
}

func (s coupons) List(ctx context.Context, q coupon.Query, p page.Request) (page.Page[coupon.Coupon], error) {
	sc := scan[coupon.Coupon]{index: "claimed", desc: true, match: func(c *coupon.Coupon) bool {
		state := c.State
		if !q.At.IsZero() && state == coupon.Claimed && c.Over(q.At) {
			state = coupon.Expired
		}
		return (q.Member == "" || c.Member == q.Member) && (q.Merchant == "" || c.Merchant == q.Merchant) &&
			(q.Template == "" || c.Template == q.Template) && (q.Channel == "" || c.Channel == "" || c.Channel == q.Channel) && (q.Origin == "" || c.Origin == q.Origin) &&
			(q.State == "" || state == q.State)
	}}
	list := "coupon.claimed"
	switch {
	case q.Member != "":
		sc.index, sc.prefix, list = "member", sortKey(string(q.Member)), "coupon.member"
	case q.Template != "":
		sc.index, sc.prefix, list = "template", sortKey(string(q.Template)), "coupon.template"
	}
	return s.rows.page(ctx, list, p, sc)
}
