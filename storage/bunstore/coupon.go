package bunstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

type couponRow struct {
	bun.BaseModel `bun:"table:coupons,alias:c"`

	ID        coupon.ID         `bun:"id,pk"`
	Template  coupon.TemplateID `bun:"template"`
	Promotion ref.PromotionID   `bun:"promotion"`
	Merchant  ref.MerchantID    `bun:"merchant"`
	Member    ref.MemberID      `bun:"member"`
	Name      string            `bun:"name"`
	Channel   ref.ChannelID     `bun:"channel"`
	State     coupon.State      `bun:"state"`
	Way       coupon.Way        `bun:"way"`
	Origin    string            `bun:"origin"`
	Reusable  bool              `bun:"reusable"`
	ValidFrom instant           `bun:"valid_from"`
	ExpiresAt instant           `bun:"expires_at"`
	Group     ref.GroupID       `bun:"group_id,nullzero"`
	ClaimedAt instant           `bun:"claimed_at"`
	UsedAt    instant           `bun:"used_at"`
	UpdatedAt instant           `bun:"updated_at"`
}

func (r couponRow) value() coupon.Coupon {
	return coupon.Coupon{
		ID: r.ID, Template: r.Template, Promotion: r.Promotion, Merchant: r.Merchant, Member: r.Member, Name: r.Name,
		Channel: r.Channel, State: r.State, Way: r.Way, Origin: r.Origin, Reusable: r.Reusable,
		ValidFrom: r.ValidFrom.Time, ExpiresAt: r.ExpiresAt.Time, Group: r.Group,
		ClaimedAt: r.ClaimedAt.Time, UsedAt: r.UsedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

func couponRowOf(c *coupon.Coupon) couponRow {
	return couponRow{
		ID: c.ID, Template: c.Template, Promotion: c.Promotion, Merchant: c.Merchant, Member: c.Member, Name: c.Name,
		Channel: c.Channel, State: c.State, Way: c.Way, Origin: c.Origin, Reusable: c.Reusable,
		ValidFrom: at(c.ValidFrom), ExpiresAt: at(c.ExpiresAt), Group: c.Group,
		ClaimedAt: at(c.ClaimedAt), UsedAt: at(c.UsedAt), UpdatedAt: at(c.UpdatedAt),
	}
}

type coupons struct{ db *DB }

var (
	_ coupon.Store     = coupons{}
	_ coupon.TieLister = coupons{}
)

func (s coupons) GetMany(ctx context.Context, ids []coupon.ID) ([]coupon.Coupon, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []couponRow
	err := s.db.readConn(ctx).find(ctx, "coupons", &rows, func(q *bun.SelectQuery) { q.Where(s.db.among("id", 1)) }, list(s.db, ids))
	if err != nil {
		return nil, err
	}
	return inOrder(ids, rows, func(r couponRow) coupon.ID { return r.ID }, couponRow.value), nil
}

// Issue stores first and counts then: whoever stores a coupon of an id holds
// it until the unit ends, so that nobody counts one that another has stored.
// What turns out to be too many is undone.
func (s coupons) Issue(ctx context.Context, cs []coupon.Coupon, limit coupon.Limit) ([]coupon.ID, error) {
	if _, err := s.db.inside(ctx, "coupon.issue"); err != nil {
		return nil, err
	}
	rows := make([]couponRow, len(cs))
	for i := range cs {
		rows[i] = couponRowOf(&cs[i])
	}
	slices.SortFunc(rows, func(a, b couponRow) int { return cmp.Compare(a.ID, b.ID) })
	c := s.db.conn(ctx)
	ids, err := insertMany[coupon.ID](ctx, c, rows, "id")
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	slices.Sort(ids)
	members := map[ref.MemberID]int64{}
	for _, r := range rows {
		if _, mine := slices.BinarySearch(ids, r.ID); mine {
			members[r.Member]++
		}
	}
	why, err := s.count(ctx, c, members, int64(len(ids)), limit)
	if err != nil {
		return nil, err
	}
	if why == "" {
		return ids, nil
	}
	if _, err := c.exec(ctx, c.delete((*couponRow)(nil)).Where("id IN (?)", bun.List(ids))); err != nil {
		return nil, err
	}
	return nil, coupon.ErrExhausted(limit.Template, why)
}

// count counts n coupons of a template's members, all or none, and says why
// there are too many.
func (s coupons) count(ctx context.Context, c conn, members map[ref.MemberID]int64, n int64, limit coupon.Limit) (coupon.Reason, error) {
	if limit.PerMember > 0 {
		counted, err := s.countMembers(ctx, c, members, limit)
		if err != nil {
			return "", err
		}
		if len(counted) < len(members) {
			return coupon.ReasonMember, s.uncount(ctx, c, limit.Template, members, counted)
		}
	}
	if limit.Total > 0 {
		won, err := c.exec(ctx, c.raw(
			"UPDATE coupon_templates SET issued = issued + ?0 WHERE id = ?1 AND issued + ?0 <= total", n, limit.Template))
		if err != nil {
			return "", err
		}
		if won == 0 {
			if limit.PerMember == 0 {
				members = nil
			}
			return coupon.ReasonSoldOut, s.uncount(ctx, c, limit.Template, members, slices.Sorted(maps.Keys(members)))
		}
	}
	return "", nil
}

// countMembers counts what members get, where that stays within the bound, and
// returns who they are.
func (s coupons) countMembers(ctx context.Context, c conn, members map[ref.MemberID]int64, limit coupon.Limit) ([]ref.MemberID, error) {
	var rows []couponCountRow
	for _, m := range slices.Sorted(maps.Keys(members)) {
		if members[m] > limit.PerMember {
			return nil, c.err
		}
		rows = append(rows, couponCountRow{Template: limit.Template, Member: m, N: members[m]})
	}
	var counted []ref.MemberID
	_, err := c.scan(ctx, c.insert(&rows).On("CONFLICT (template, member) DO UPDATE").
		Set("n = ?TableAlias.n + EXCLUDED.n").
		Where("?TableAlias.n + EXCLUDED.n <= ?", limit.PerMember).Returning("member"), &counted)
	return counted, err
}

// uncount counts off again what members got.
func (s coupons) uncount(ctx context.Context, c conn, t coupon.TemplateID, members map[ref.MemberID]int64, who []ref.MemberID) error {
	rows := make([][]any, len(who))
	for i, m := range who {
		rows[i] = []any{string(t), string(m), members[m]}
	}
	return s.countOff(ctx, c, rows)
}

// countOff takes rows of (template, member, n), sorted, off the counts.
func (s coupons) countOff(ctx context.Context, c conn, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	columns := []string{"template", "member", "n"}
	if s.db.postgres { // locks in the order in which countMembers does
		_, err := c.exec(ctx, c.raw(`
WITH off AS (?), locked AS (
  SELECT k.template, k.member, off.n FROM coupon_counts AS k JOIN off ON k.template = off.template AND k.member = off.member
  ORDER BY k.template, k.member FOR UPDATE OF k
)
UPDATE coupon_counts AS k SET n = k.n - locked.n FROM locked WHERE k.template = locked.template AND k.member = locked.member`,
			s.db.valuesList(columns, rows)))
		return err
	}
	_, err := c.exec(ctx, c.raw(`
UPDATE coupon_counts SET n = coupon_counts.n - off.n FROM (?) AS off
WHERE coupon_counts.template = off.template AND coupon_counts.member = off.member`, s.db.valuesList(columns, rows)))
	return err
}

// Hold locks what the order may have, in order, and ties it only if that is
// all of what it wants: the rows that were locked are the newest.
func (s coupons) Hold(ctx context.Context, h coupon.Holding) (bool, error) {
	if _, err := s.db.inside(ctx, "coupon.hold"); err != nil {
		return false, err
	}
	c := s.db.conn(ctx)
	const fits = `member = ?1 AND (state = 'claimed' AND valid_from <= ?2 AND (expires_at IS NULL OR expires_at > ?2)
  OR state IN ('held', 'used') AND group_id = ?3)`
	args := []any{bun.List(h.IDs), h.Member, at(h.At), h.Group, len(h.IDs)}
	if s.db.postgres {
		n, err := c.exec(ctx, c.raw(`
WITH locked AS (SELECT id, state FROM coupons WHERE id IN (?0) AND `+fits+` ORDER BY id FOR UPDATE)
UPDATE coupons AS c SET group_id = ?3,
  state = CASE WHEN c.state = 'claimed' THEN 'held' ELSE c.state END,
  updated_at = CASE WHEN c.state = 'claimed' THEN ?2 ELSE c.updated_at END
FROM locked WHERE c.id = locked.id AND (SELECT count(*) FROM locked) = ?4`, args...))
		return int(n) == len(h.IDs), err
	}
	n, err := c.exec(ctx, c.raw(`
UPDATE coupons SET group_id = ?3,
  state = CASE WHEN state = 'claimed' THEN 'held' ELSE state END,
  updated_at = CASE WHEN state = 'claimed' THEN ?2 ELSE updated_at END
WHERE id IN (SELECT id FROM coupons WHERE id IN (?0) AND `+fits+`)
  AND (SELECT count(*) FROM coupons WHERE id IN (?0) AND `+fits+`) = ?4`, args...))
	return int(n) == len(h.IDs), err
}

func (s coupons) Settle(ctx context.Context, group ref.GroupID, o coupon.Outcome, now time.Time) ([]coupon.Coupon, error) {
	set, where := "state = 'used', used_at = ?1", "state = 'held'"
	switch o {
	case coupon.Paid:
	case coupon.Unpaid:
		set = "state = 'claimed', group_id = NULL, used_at = NULL"
	case coupon.Canceled:
		set = `state = CASE WHEN reusable THEN 'claimed' ELSE 'used' END,
  group_id = CASE WHEN reusable THEN NULL ELSE group_id END, used_at = CASE WHEN reusable THEN NULL ELSE ?1 END`
		where = "(state = 'held' OR state = 'used' AND reusable)"
	}
	return s.change(ctx, set, "group_id = ?0 AND "+where, "ORDER BY id", "FOR UPDATE", string(group), at(now))
}

// change sets columns of the coupons that a condition selects, which it locks
// in their order, and returns them, by id. ?0 and ?1 are arg and now.
func (s coupons) change(ctx context.Context, set, where, order, lock string, args ...any) ([]coupon.Coupon, error) {
	c := s.db.conn(ctx)
	if !s.db.postgres {
		lock = ""
	}
	var rows []couponRow
	_, err := c.scan(ctx, c.raw("UPDATE coupons SET "+set+", updated_at = ?1 WHERE id IN (SELECT id FROM coupons WHERE "+
		where+" "+order+" "+lock+") RETURNING *", args...), &rows)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b couponRow) int { return cmp.Compare(a.ID, b.ID) })
	return values(rows, couponRow.value), nil
}

func (s coupons) Revoke(ctx context.Context, ids []coupon.ID, now time.Time) ([]coupon.Coupon, error) {
	if _, err := s.db.inside(ctx, "coupon.revoke"); err != nil || len(ids) == 0 {
		return nil, err
	}
	out, err := s.change(ctx, "state = 'revoked'", "id IN (?0) AND state = 'claimed'", "ORDER BY id", "FOR UPDATE",
		bun.List(ids), at(now))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	counts, templates := map[couponCountRow]int64{}, map[coupon.TemplateID]int64{}
	for i := range out {
		counts[couponCountRow{Template: out[i].Template, Member: out[i].Member}]++
		templates[out[i].Template]++
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b couponCountRow) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Member, b.Member))
	})
	var rows, totals [][]any
	for _, k := range keys {
		rows = append(rows, []any{string(k.Template), string(k.Member), counts[k]})
	}
	for _, t := range slices.Sorted(maps.Keys(templates)) {
		totals = append(totals, []any{string(t), templates[t]})
	}
	c := s.db.conn(ctx)
	if err := s.countOff(ctx, c, rows); err != nil {
		return nil, err
	}
	off := s.db.valuesList([]string{"id", "n"}, totals)
	if s.db.postgres {
		_, err = c.exec(ctx, c.raw(`
WITH off AS (?), locked AS (
  SELECT t.id, off.n FROM coupon_templates AS t JOIN off ON t.id = off.id WHERE t.total > 0 ORDER BY t.id FOR UPDATE OF t
)
UPDATE coupon_templates AS t SET issued = t.issued - locked.n FROM locked WHERE t.id = locked.id`, off))
	} else {
		_, err = c.exec(ctx, c.raw(`
UPDATE coupon_templates SET issued = coupon_templates.issued - off.n FROM (?) AS off
WHERE coupon_templates.id = off.id AND coupon_templates.total > 0`, off))
	}
	return out, err
}

func (s coupons) Sweep(ctx context.Context, now time.Time, limit int) ([]coupon.Coupon, error) {
	return s.change(ctx, "state = 'expired'", "state = 'claimed' AND expires_at <= ?1",
		"ORDER BY expires_at, id LIMIT ?0", "FOR UPDATE SKIP LOCKED", limit, at(now))
}

func (s coupons) Wallet(ctx context.Context, member ref.MemberID, now time.Time, limit int) ([]coupon.Coupon, error) {
	var rows []couponRow
	err := s.db.readConn(ctx).find(ctx, "wallet", &rows, func(q *bun.SelectQuery) {
		q.Where("member = $1 AND state = 'claimed' AND valid_from <= $2 AND (expires_at IS NULL OR expires_at > $2)").
			OrderExpr("expires_at IS NULL, expires_at, id LIMIT $3")
	}, string(member), s.db.instant(now), limit)
	if err != nil {
		return nil, err
	}
	return values(rows, couponRow.value), nil
}

func (s coupons) Tied(ctx context.Context, after coupon.Tie, limit int) ([]coupon.Coupon, error) {
	var rows []couponRow
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query(&rows).Where("group_id IS NOT NULL").
		Where("(group_id, id) > (?, ?)", after.Group, after.ID).Order("group_id", "id").Limit(int64(limit)))
	if err != nil {
		return nil, err
	}
	return values(rows, couponRow.value), nil
}

func (s coupons) List(ctx context.Context, q coupon.Query, p page.Request) (page.Page[coupon.Coupon], error) {
	order := keyset{list: "coupon.claimed", columns: []string{"claimed_at", "id"}, desc: true}
	var rows []couponRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	for column, value := range map[string]string{
		"member": string(q.Member), "merchant": string(q.Merchant), "template": string(q.Template), "origin": q.Origin,
	} {
		if value != "" {
			sel.Where("? = ?", bun.Ident(column), value)
		}
	}
	if q.Channel != "" {
		sel.Where("channel IN ('', ?)", q.Channel)
	}
	switch {
	case q.State == "":
	case q.State == coupon.Claimed && !q.At.IsZero():
		sel.Where("state = 'claimed'").Where("(expires_at IS NULL OR expires_at > ?)", at(q.At))
	case q.State == coupon.Expired && !q.At.IsZero():
		sel.Where("(state = 'expired' OR state = 'claimed' AND expires_at <= ?)", at(q.At))
	default:
		sel.Where("state = ?", q.State)
	}
	size, err := order.apply(sel, p, timeThenText)
	if err != nil {
		return page.Page[coupon.Coupon]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[coupon.Coupon]{}, err
	}
	return pageOf(order, rows, size, couponRow.value, func(r couponRow) []string {
		return []string{timeKey(r.ClaimedAt.Time), string(r.ID)}
	}), nil
}
