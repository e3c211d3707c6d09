package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/campaign"
)

type promoUses struct {
	db          *DB
	redemptions *table[string, campaign.Redemption]
	counters    *table[string, campaign.Counter]
}

var (
	_ campaign.UsageStore   = promoUses{}
	_ campaign.UsageAuditor = promoUses{}
	_ campaign.UsageLister  = promoUses{}
)

func newPromoUses(db *DB) promoUses {
	return promoUses{
		db: db,
		redemptions: newTable(db, spec[string, campaign.Redemption]{
			name:  "promo_redemption",
			key:   redemptionKey,
			clone: campaign.Redemption.Clone,
			ordered: map[string]func(*campaign.Redemption) string{
				"key": redemptionKey,
			},
		}),
		counters: newTable(db, spec[string, campaign.Counter]{
			name:  "promo_counter",
			key:   counterKey,
			clone: func(c campaign.Counter) campaign.Counter { return c },
			ordered: map[string]func(*campaign.Counter) string{
				"key": counterKey,
			},
		}),
	}
}

func redemptionKey(r *campaign.Redemption) string {
	return sortKey(string(r.Group), string(r.Promotion))
}

func counterKey(c *campaign.Counter) string {
	return sortKey(string(c.Promotion), string(c.Limit), c.Buyer)
}

func (s promoUses) Used(ctx context.Context, buyer string, ids []campaign.ID) (map[campaign.ID]campaign.Used, error) {
	var keys []string
	for _, id := range ids {
		keys = append(keys,
			counterKey(&campaign.Counter{Promotion: id, Limit: campaign.LimitBudget}),
			counterKey(&campaign.Counter{Promotion: id, Limit: campaign.LimitUses}),
			counterKey(&campaign.Counter{Promotion: id, Limit: campaign.LimitMember, Buyer: buyer}))
	}
	slices.Sort(keys)
	found, err := s.counters.getMany(ctx, slices.Compact(keys))
	if err != nil {
		return nil, err
	}
	out := map[campaign.ID]campaign.Used{}
	for _, c := range found {
		if c.Used > 0 {
			u := out[c.Promotion]
			u.Add(c)
			out[c.Promotion] = u
		}
	}
	return out, nil
}

func (s promoUses) Redeem(ctx context.Context, rs []campaign.Redemption) error {
	u, err := s.db.inside(ctx, "promo.redeem")
	if err != nil || len(rs) == 0 {
		return err
	}
	if err := campaign.CheckRedemptions(rs); err != nil {
		return err
	}
	rs = slices.Clone(rs)
	slices.SortFunc(rs, func(a, b campaign.Redemption) int { return cmp.Compare(a.Promotion, b.Promotion) })
	var fresh []campaign.Redemption
	for i := range rs {
		k := redemptionKey(&rs[i])
		if err := u.lock(ctx, lockKey{s.redemptions.spec.name, k}); err != nil {
			return err
		}
		if !s.redemptions.exists(u, k) {
			fresh = append(fresh, rs[i])
		}
	}
	counters := campaign.CountersOf(fresh)
	var short []campaign.Counter
	for _, c := range counters {
		k := counterKey(&c)
		if err := u.lock(ctx, lockKey{s.counters.spec.name, k}); err != nil {
			return err
		}
		have, err := s.counters.getMany(ctx, []string{k})
		if err != nil {
			return err
		}
		if c.Used > c.Bound || len(have) > 0 && (have[0].Currency != c.Currency || have[0].Used+c.Used > c.Bound) {
			short = append(short, c)
		}
	}
	if len(short) > 0 {
		return campaign.ErrLimit(short)
	}
	for _, c := range counters {
		if err := s.counters.upsert(ctx, counterKey(&c), func(row *campaign.Counter, _ bool) error {
			used := row.Used + c.Used
			*row = c
			row.Used = used
			return nil
		}); err != nil {
			return err
		}
	}
	for i := range fresh {
		if err := s.redemptions.insert(ctx, &fresh[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s promoUses) ByGroup(ctx context.Context, group ref.GroupID) ([]campaign.Redemption, error) {
	return s.redemptions.scan(ctx, scan[campaign.Redemption]{index: "key", prefix: sortKey(string(group))})
}

func (s promoUses) Release(ctx context.Context, group ref.GroupID, at time.Time) ([]campaign.Redemption, error) {
	if _, err := s.db.inside(ctx, "promo.release"); err != nil {
		return nil, err
	}
	all, err := s.ByGroup(ctx, group)
	if err != nil {
		return nil, err
	}
	var moved []campaign.Redemption
	for _, r := range all {
		if err := s.redemptions.mutate(ctx, redemptionKey(&r), func(cur *campaign.Redemption) error {
			if cur.State == campaign.Held {
				cur.State, cur.ReleasedAt = campaign.Released, at
				moved = append(moved, cur.Clone())
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	for _, c := range campaign.CountersOf(moved) {
		if err := s.counters.mutate(ctx, counterKey(&c), func(row *campaign.Counter) error {
			row.Used -= c.Used
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return moved, nil
}

func (s promoUses) Reassign(ctx context.Context, group ref.GroupID, buyer string) error {
	if _, err := s.db.inside(ctx, "promo.reassign"); err != nil {
		return err
	}
	all, err := s.ByGroup(ctx, group)
	if err != nil {
		return err
	}
	var before, after []campaign.Redemption
	for _, r := range all {
		if err := s.redemptions.mutate(ctx, redemptionKey(&r), func(cur *campaign.Redemption) error {
			if cur.Buyer != buyer && cur.State == campaign.Held {
				before = append(before, cur.Clone())
				cur.Buyer = buyer
				after = append(after, cur.Clone())
			}
			cur.Buyer = buyer
			return nil
		}); err != nil {
			return err
		}
	}
	for _, c := range campaign.MemberCountersOf(before) {
		if err := s.counters.mutate(ctx, counterKey(&c), func(row *campaign.Counter) error {
			row.Used -= c.Used
			return nil
		}); err != nil {
			return err
		}
	}
	for _, c := range campaign.MemberCountersOf(after) {
		if err := s.counters.upsert(ctx, counterKey(&c), func(row *campaign.Counter, _ bool) error {
			if row.Used > 0 || row.Bound > 0 {
				c.Used += row.Used
				c.Bound = max(row.Bound, c.Used)
			}
			*row = c
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s promoUses) Holding(ctx context.Context, after ref.GroupID, limit int) ([]ref.GroupID, error) {
	sc := scan[campaign.Redemption]{index: "key", limit: 1} // the match below collects; the first row it takes ends the scan
	if after != "" {
		sc.after = sortKey(string(after))
	}
	var out []ref.GroupID
	sc.match = func(r *campaign.Redemption) bool {
		if r.State == campaign.Held && r.Group != after && (len(out) == 0 || out[len(out)-1] != r.Group) {
			out = append(out, r.Group)
		}
		return len(out) >= limit
	}
	_, err := s.redemptions.scan(ctx, sc)
	return out, err
}

// held returns what is held and all counters as they are at one moment.
func (s promoUses) held(ctx context.Context) ([]campaign.Redemption, []campaign.Counter, error) {
	ctx, done := s.db.moment(ctx)
	defer done()
	held, err := s.redemptions.scan(ctx, scan[campaign.Redemption]{
		index: "key", match: func(r *campaign.Redemption) bool { return r.State == campaign.Held },
	})
	if err != nil {
		return nil, nil, err
	}
	counters, err := s.counters.scan(ctx, scan[campaign.Counter]{index: "key"})
	return held, counters, err
}

func (s promoUses) Audit(ctx context.Context, limit int) ([]campaign.Mismatch, error) {
	held, counters, err := s.held(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]campaign.Mismatch{}
	for _, c := range counters {
		all[counterKey(&c)] = campaign.Mismatch{Counter: c}
	}
	for _, c := range campaign.CountersOf(held) {
		k := counterKey(&c)
		m, ok := all[k]
		if !ok {
			m.Counter = c
			m.Used, m.Bound = 0, 0
		}
		m.Held += c.Used
		all[k] = m
	}
	var out []campaign.Mismatch
	for _, k := range sortedKeys(all) {
		if m := all[k]; len(out) < limit && (m.Held != m.Used || m.Used > m.Bound) {
			out = append(out, m)
		}
	}
	return out, nil
}
