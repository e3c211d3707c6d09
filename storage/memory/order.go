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
	"github.com/soukhq/souk/order"
)

// orderRow is an order with what keeps it from other workers.
type orderRow struct {
	order.Order
	claimedUntil time.Time
}

type orders struct {
	groups  *table[order.GroupID, order.Group] // without their orders
	rows    *table[string, orderRow]
	history *table[string, order.Entry]
}

var (
	_ order.Store   = orders{}
	_ order.Counter = orders{}
)

func orderKey(group order.GroupID, id order.ID) string { return sortKey(string(group), string(id)) }

func newOrders(db *DB) orders {
	newest := func(o *orderRow, lead string) string {
		return sortKey(lead, o.PlacedAt, string(o.Group), string(o.ID))
	}
	return orders{
		groups: newTable(db, spec[order.GroupID, order.Group]{
			name:  "order_group",
			key:   func(g *order.Group) order.GroupID { return g.ID },
			clone: order.Group.Clone,
		}),
		rows: newTable(db, spec[string, orderRow]{
			name: "order",
			key:  func(o *orderRow) string { return orderKey(o.Group, o.ID) },
			clone: func(o orderRow) orderRow {
				o.Order = o.Clone()
				return o
			},
			version: func(o *orderRow) *int64 { return &o.Version },
			ordered: map[string]func(*orderRow) string{
				"id":       func(o *orderRow) string { return orderKey(o.Group, o.ID) },
				"newest":   func(o *orderRow) string { return newest(o, "") },
				"merchant": func(o *orderRow) string { return newest(o, string(o.Merchant)) },
				"member": func(o *orderRow) string {
					if o.Member == "" {
						return ""
					}
					return newest(o, string(o.Member))
				},
				"guest": func(o *orderRow) string {
					if o.Guest == "" {
						return ""
					}
					return newest(o, o.Guest)
				},
				"due": func(o *orderRow) string {
					if o.Deadline.IsZero() {
						return ""
					}
					return sortKey(string(o.State), o.Deadline, string(o.Group), string(o.ID))
				},
			},
		}),
		history: newTable(db, spec[string, order.Entry]{
			name: "order_history",
			key: func(e *order.Entry) string {
				return sortKey(string(e.Group), string(e.Order), e.Seq)
			},
			clone: order.Entry.Clone,
			ordered: map[string]func(*order.Entry) string{
				"group": func(e *order.Entry) string { return sortKey(string(e.Group), string(e.Order), e.Seq) },
			},
		}),
	}
}

func (s orders) Insert(ctx context.Context, g *order.Group, entries []order.Entry) error {
	return s.rows.db.write(ctx, func(ctx context.Context, u *unit) error {
		head := *g
		head.Orders = nil
		if err := s.groups.insertIn(ctx, u, &head); err != nil {
			return existingOrder(err)
		}
		for i := range g.Orders {
			if err := s.rows.insertIn(ctx, u, &orderRow{Order: g.Orders[i]}); err != nil {
				return err
			}
		}
		if err := s.record(ctx, u, entries); err != nil {
			return err
		}
		for i := range g.Orders {
			g.Orders[i].Version = 1
		}
		return nil
	})
}

func existingOrder(err error) error {
	if fault.KindOf(err) == fault.AlreadyExists {
		return fault.New(fault.AlreadyExists, "order.exists", "an object with this value exists")
	}
	return err
}

func (s orders) record(ctx context.Context, u *unit, entries []order.Entry) error {
	for i := range entries {
		if err := s.history.insertIn(ctx, u, &entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s orders) Update(ctx context.Context, all []*order.Order, entries []order.Entry) error {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b *order.Order) int {
		return cmp.Compare(orderKey(a.Group, a.ID), orderKey(b.Group, b.ID))
	})
	return s.rows.db.write(ctx, func(ctx context.Context, u *unit) error {
		for i, o := range sorted {
			k := orderKey(o.Group, o.ID)
			if err := u.lock(ctx, lockKey{s.rows.spec.name, k}); err != nil {
				return err
			}
			s.rows.db.mu.RLock()
			row, ok := s.rows.peek(s.rows.own(u), k)
			s.rows.db.mu.RUnlock()
			if !ok || row.Version != o.Version || i > 0 && sorted[i-1].ID == o.ID && sorted[i-1].Group == o.Group {
				return fault.New(fault.Conflict, "order.stale", "the object changed meanwhile")
			}
		}
		for _, o := range sorted {
			err := s.rows.mutateIn(ctx, u, orderKey(o.Group, o.ID), func(row *orderRow) error {
				row.State, row.Payment, row.Deadline, row.Parcel = o.State, o.Payment, o.Deadline, o.Parcel
				row.Refunded, row.UpdatedAt, row.Steps = o.Refunded, o.UpdatedAt, o.Steps
				row.Shipping.Returned = o.Shipping.Returned
				returned := o.ReturnedUnits()
				for i := range row.Lines {
					row.Lines[i].Returned = returned[row.Lines[i].ID]
				}
				row.Version, row.claimedUntil = o.Version+1, time.Time{}
				return nil
			})
			if err != nil {
				return err
			}
		}
		if err := s.record(ctx, u, entries); err != nil {
			return err
		}
		for _, o := range sorted {
			o.Version++
		}
		return nil
	})
}

func (s orders) Get(ctx context.Context, id order.GroupID) (order.Group, error) {
	ctx, done := s.groups.db.moment(ctx)
	defer done()
	g, err := s.groups.get(ctx, id)
	if err != nil {
		return order.Group{}, err
	}
	return g, s.addOrders(ctx, &g)
}

func (s orders) GetMany(ctx context.Context, ids []order.GroupID) ([]order.Group, error) {
	ctx, done := s.groups.db.moment(ctx)
	defer done()
	groups, err := s.groups.getMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		if err := s.addOrders(ctx, &groups[i]); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// addOrders fills in the orders of a group, in the order of their numbers'
// places.
func (s orders) addOrders(ctx context.Context, g *order.Group) error {
	rows, err := s.rows.scan(ctx, scan[orderRow]{index: "id", prefix: sortKey(string(g.ID))})
	if err != nil {
		return err
	}
	g.Orders = make([]order.Order, len(rows))
	for i := range rows {
		g.Orders[i] = rows[i].Order
	}
	slices.SortStableFunc(g.Orders, func(a, b order.Order) int { return cmp.Compare(a.Place, b.Place) })
	return nil
}

func (s orders) List(ctx context.Context, q order.Query, p page.Request) (page.Page[order.Order], error) {
	sc := scan[orderRow]{
		index: "newest", prefix: sortKey(""), desc: true,
		match: func(o *orderRow) bool { return q.Matches(&o.Order) },
	}
	switch {
	case q.Member != "":
		sc.index, sc.prefix = "member", sortKey(string(q.Member))
	case q.Guest != "":
		sc.index, sc.prefix = "guest", sortKey(q.Guest)
	case q.Merchant != "":
		sc.index, sc.prefix = "merchant", sortKey(string(q.Merchant))
	}
	rows, err := s.rows.page(ctx, "order."+sc.index, p, sc)
	return page.Map(rows, func(o orderRow) order.Order { return o.Order }), err
}

func (s orders) CountGroups(ctx context.Context, member ref.MemberID, except order.GroupID) (int64, error) {
	ctx, done := s.groups.db.moment(ctx)
	defer done()
	if member == "" {
		return 0, nil
	}
	groups := map[order.GroupID]bool{}
	for p := (page.Request{Limit: page.MaxLimit}); ; {
		found, err := s.List(ctx, order.Query{Member: member}, p)
		if err != nil {
			return 0, err
		}
		for i := range found.Items {
			if o := &found.Items[i]; o.State != order.StateCanceled && o.Group != except {
				groups[o.Group] = true
			}
		}
		if p.After = found.Next; p.After == "" {
			return int64(len(groups)), nil
		}
	}
}

func (s orders) ClaimDue(ctx context.Context, q order.DueQuery) ([]order.Due, error) {
	var out []order.Due
	err := s.rows.db.write(ctx, func(ctx context.Context, u *unit) error {
		out = nil
		due := func(o *orderRow) bool {
			return o.State == q.State && !o.Deadline.IsZero() && !o.Deadline.After(q.Now) && !o.claimedUntil.After(q.Now)
		}
		rows, err := s.rows.scan(ctx, scan[orderRow]{index: "due", prefix: sortKey(string(q.State)), match: due})
		if err != nil {
			return err
		}
		for i := range rows {
			if len(out) == q.Limit {
				break
			}
			k := orderKey(rows[i].Group, rows[i].ID)
			if !u.tryLock(lockKey{s.rows.spec.name, k}) {
				continue
			}
			err := s.rows.mutateIn(ctx, u, k, func(o *orderRow) error {
				if due(o) {
					o.claimedUntil = q.Now.Add(q.Lease)
					out = append(out, order.Due{Group: o.Group, Order: o.ID, Deadline: o.Deadline})
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (s orders) Adopt(ctx context.Context, ids []order.GroupID, guest string, member ref.MemberID) ([]order.GroupID, error) {
	var out []order.GroupID
	err := s.rows.db.write(ctx, func(ctx context.Context, u *unit) error {
		out = nil
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			theirs := false
			err := s.groups.mutateIn(ctx, u, id, func(g *order.Group) error {
				if theirs = g.Guest == guest; theirs {
					g.Member, g.Guest = member, ""
				}
				return nil
			})
			if errors.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if !theirs {
				continue
			}
			rows, err := s.rows.scan(ctx, scan[orderRow]{index: "id", prefix: sortKey(string(id))})
			if err != nil {
				return err
			}
			for i := range rows {
				err := s.rows.mutateIn(ctx, u, orderKey(rows[i].Group, rows[i].ID), func(o *orderRow) error {
					o.Member, o.Guest = member, ""
					return nil
				})
				if err != nil {
					return err
				}
			}
			out = append(out, id)
		}
		return nil
	})
	return out, err
}

func (s orders) History(ctx context.Context, id order.GroupID) ([]order.Entry, error) {
	return s.history.scan(ctx, scan[order.Entry]{index: "group", prefix: sortKey(string(id))})
}
