package bunstore

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

type orders struct{ db *DB }

var (
	_ order.Store   = orders{}
	_ order.Counter = orders{}
)

func (s orders) Insert(ctx context.Context, g *order.Group, entries []order.Entry) error {
	rows := make([]orderRow, len(g.Orders))
	for i := range g.Orders {
		rows[i] = orderRowOf(&g.Orders[i], 1)
	}
	lines := orderLineRowsOf(g)
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		stored, err := insertTree(ctx, c, orderGroupRowOf(g), rows, lines, orderEntryRowsOf(entries))
		switch {
		case err != nil:
			return err
		case stored[0] == 0:
			return existing("order", "id")
		case !slices.Equal(stored[1:], []int64{int64(len(rows)), int64(len(lines)), int64(len(entries))}):
			return c.failed(ctx, errors.New("bunstore: an order has two rows with one key"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range g.Orders {
		g.Orders[i].Version = 1
	}
	return nil
}

func (s orders) Update(ctx context.Context, all []*order.Order, entries []order.Entry) error {
	if len(all) == 0 {
		return nil
	}
	rows, history := orderChangesOf(all), orderEntryRowsOf(entries)
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		if s.db.postgres {
			return s.updatePostgres(ctx, c, rows, history)
		}
		n, err := c.exec(ctx, s.update(c, rows))
		if err != nil {
			return err
		}
		if n == 0 {
			return staleOrder()
		}
		return insertAll(ctx, c, history)
	})
	if err != nil {
		return err
	}
	for _, o := range all {
		o.Version++
	}
	return nil
}

func staleOrder() error {
	return fault.New(fault.Conflict, "order.stale", "the object changed meanwhile")
}

// orderChanges are the columns that Update writes.
func orderChanges() []string {
	return []string{
		"state", "payment", "deadline", "carrier", "tracking", "refunded", "returned_units", "updated_at",
		"steps", "version",
	}
}

// update writes all rows or, where one of them is not the newest, none: the
// rows whose versions are right are counted first.
func (s orders) update(c conn, rows []orderChangeRow) *bun.UpdateQuery {
	right := c.query((*orderRow)(nil)).ColumnExpr("o.group_id, o.id").
		Join("JOIN _new ON o.group_id = _new.group_id AND o.id = _new.id AND o.version = _new.version - 1")
	q := c.update((*orderRow)(nil)).With("_new", c.bun.NewValues(&rows)).With("_right", right).TableExpr("_new")
	for _, col := range orderChanges() {
		q.Set("?0 = _new.?0", bun.Ident(col))
	}
	return q.Set("claimed_until = NULL").
		Where("o.group_id = _new.group_id AND o.id = _new.id").
		Where("(SELECT count(*) FROM _right) = ?", len(rows))
}

// updatePostgres is update with the history, in one statement that locks the
// rows in the order of their keys first.
func (s orders) updatePostgres(ctx context.Context, c conn, rows []orderChangeRow, history []orderEntryRow) error {
	args, err := c.encodeAll(ctx, []any{rows, history})
	if err != nil {
		return err
	}
	var moved int64
	err = c.fixed(ctx, s.db.text("update orders", func() string {
		var set []string
		for _, col := range orderChanges() {
			set = append(set, col+" = new."+col)
		}
		return "WITH new AS MATERIALIZED (SELECT * FROM " + fewRecords(s.db.tableOf(orderRow{}), 1) + ` AS n), locked AS (
SELECT o.group_id, o.id FROM orders AS o
JOIN new ON o.group_id = new.group_id AND o.id = new.id AND o.version = new.version - 1
ORDER BY o.group_id, o.id FOR UPDATE OF o
), moved AS (
UPDATE orders AS o SET claimed_until = NULL, ` + strings.Join(set, ", ") + ` FROM new
WHERE o.group_id = new.group_id AND o.id = new.id AND (SELECT count(*) FROM locked) = (SELECT count(*) FROM new)
RETURNING 1
), told AS (` + insertion(s.db.tableOf(history), 2) + ` WHERE EXISTS (SELECT FROM moved)) SELECT count(*) FROM moved`
	}), args, &moved)
	if err == nil && moved == 0 {
		err = staleOrder()
	}
	return err
}

func (s orders) Get(ctx context.Context, id order.GroupID) (order.Group, error) {
	found, err := s.GetMany(ctx, []order.GroupID{id})
	if err != nil {
		return order.Group{}, err
	}
	if len(found) == 0 {
		return order.Group{}, missing("order_group")
	}
	return found[0], nil
}

func (s orders) GetMany(ctx context.Context, ids []order.GroupID) ([]order.Group, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, all, err := s.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	groups := inOrder(ids, rows, func(r orderGroupRow) order.GroupID { return r.ID }, orderGroupRow.value)
	of := map[order.GroupID][]order.Order{}
	for _, o := range all {
		of[o.Group] = append(of[o.Group], o)
	}
	for i := range groups {
		groups[i].Orders = slices.Clone(of[groups[i].ID])
	}
	return groups, nil
}

// read returns groups and their orders: on PostgreSQL in one statement, on
// SQLite in one per table.
func (s orders) read(ctx context.Context, ids []order.GroupID) (rows []orderGroupRow, all []order.Order, err error) {
	err = s.db.snapshot(ctx, func(c conn) error {
		if s.db.postgres {
			rows, all, err = s.readPostgres(ctx, c, ids)
		} else {
			rows, all, err = s.readSQLite(ctx, c, ids)
		}
		return err
	})
	return rows, all, err
}

func (s orders) readSQLite(ctx context.Context, c conn, ids []order.GroupID) ([]orderGroupRow, []order.Order, error) {
	var rows []orderGroupRow
	err := c.find(ctx, "order groups", &rows, func(q *bun.SelectQuery) { q.Where(s.db.among("id", 1)) }, list(s.db, ids))
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	var orderRows []orderRow
	err = c.find(ctx, "orders of groups", &orderRows, func(q *bun.SelectQuery) {
		q.Where(s.db.among("group_id", 1)).OrderExpr("group_id, place")
	}, list(s.db, ids))
	if err != nil {
		return nil, nil, err
	}
	all, err := s.withLines(ctx, c, orderRows)
	return rows, all, err
}

// wholeOrderRow is an order with its group and its lines, as JSON.
type wholeOrderRow struct {
	orderRow  `bun:",extend"`
	WholeOf   orderGroupRow `bun:"embed:g_"`
	WholeText string        `bun:"whole_lines"`
}

func (s orders) readPostgres(ctx context.Context, c conn, ids []order.GroupID) ([]orderGroupRow, []order.Order, error) {
	var rows []wholeOrderRow
	name, which, arg := "whole orders", s.db.among("g.id", 1), list(s.db, ids)
	if len(ids) == 1 { // which the server can plan once
		name, which, arg = "whole order", "g.id = $1", string(ids[0])
	}
	err := c.rows(ctx, s.db.text(name, func() string {
		var b strings.Builder
		b.WriteString("SELECT " + gathered(s.db.tableOf(orderLineRow{}), "l",
			"l.group_id = o.group_id AND l.order_id = o.id", "l.position") + " AS whole_lines")
		for _, f := range s.db.tableOf(orderRow{}).Fields {
			b.WriteString(", o." + string(f.SQLName))
		}
		for _, f := range s.db.tableOf(orderGroupRow{}).Fields {
			b.WriteString(", g." + string(f.SQLName) + " AS g_" + f.Name)
		}
		b.WriteString(" FROM order_groups AS g JOIN orders AS o ON o.group_id = g.id WHERE " + which + " ORDER BY o.group_id, o.place")
		return b.String()
	}), &rows, arg)
	if err != nil {
		return nil, nil, err
	}
	var groups []orderGroupRow
	all := make([]order.Order, len(rows))
	for i, r := range rows {
		if len(groups) == 0 || groups[len(groups)-1].ID != r.Group {
			groups = append(groups, r.WholeOf)
		}
		lines, err := decodeRecords[orderLineRow](s.db, r.WholeText)
		if err != nil {
			return nil, nil, c.failed(ctx, err)
		}
		all[i] = r.orderRow.value()
		all[i].Lines = values(lines, orderLineRow.value)
		r.Units.spread(&all[i])
	}
	return groups, all, nil
}

// withLines returns the orders of rows with their lines.
func (s orders) withLines(ctx context.Context, c conn, rows []orderRow) ([]order.Order, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	out := make([]order.Order, len(rows))
	place := make(map[orderKey]int, len(rows))
	groups := make([]order.GroupID, 0, len(rows))
	for i, r := range rows {
		out[i] = r.value()
		place[orderKey{r.Group, r.ID}] = i
		groups = append(groups, r.Group)
	}
	slices.Sort(groups)
	var lines []orderLineRow
	err := c.find(ctx, "lines of groups", &lines, func(q *bun.SelectQuery) {
		q.Where(s.db.among("group_id", 1)).OrderExpr("group_id, order_id, position")
	}, list(s.db, slices.Compact(groups)))
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		if i, ok := place[orderKey{l.Group, l.Order}]; ok { // a page may hold a part of a group
			out[i].Lines = append(out[i].Lines, l.value())
		}
	}
	for i, r := range rows {
		r.Units.spread(&out[i])
	}
	return out, nil
}

type orderKey struct {
	group order.GroupID
	id    order.ID
}

func (s orders) List(ctx context.Context, q order.Query, p page.Request) (page.Page[order.Order], error) {
	newest := keyset{list: "order.newest", columns: []string{"placed_at", "group_id", "id"}, desc: true}
	var rows []orderRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	wherever(sel, "member", string(q.Member), "member <> ''")
	wherever(sel, "guest", q.Guest, "guest <> ''")
	wherever(sel, "merchant", string(q.Merchant), "")
	wherever(sel, "channel", string(q.Channel), "")
	open := "state NOT IN ('completed', 'canceled')"
	if q.State.Final() {
		open = ""
	}
	wherever(sel, "state", string(q.State), open)
	wherever(sel, "payment", string(q.Payment), "")
	if !q.PlacedFrom.IsZero() {
		sel.Where("placed_at >= ?", at(q.PlacedFrom))
	}
	if !q.PlacedTo.IsZero() {
		sel.Where("placed_at < ?", at(q.PlacedTo))
	}
	size, err := newest.apply(sel, p, timeThenTexts)
	if err != nil {
		return page.Page[order.Order]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[order.Order]{}, err
	}
	head := pageOf(newest, rows, size, same, func(r orderRow) []string {
		return []string{timeKey(r.PlacedAt.Time), string(r.Group), string(r.ID)}
	})
	items, err := s.withLines(ctx, c, head.Items)
	return page.Page[order.Order]{Items: items, Next: head.Next}, err
}

// wherever selects by a column unless value is empty. Partial is the condition
// of the partial index that serves it: SQLite wants to read it in the query.
func wherever(q *bun.SelectQuery, column, value, partial string) {
	if value == "" {
		return
	}
	q.Where("? = ?", bun.Ident(column), value)
	if partial != "" {
		q.Where(partial)
	}
}

func timeThenTexts(key []string) ([]any, error) {
	out, err := timeThenText(key)
	for _, k := range key[2:] {
		out = append(out, k)
	}
	return out, err
}

type orderDueRow struct {
	Group    order.GroupID `bun:"group_id"`
	ID       order.ID      `bun:"id"`
	Deadline instant       `bun:"deadline"`
}

func (s orders) CountGroups(ctx context.Context, member ref.MemberID, except order.GroupID) (int64, error) {
	var n int64
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query((*orderRow)(nil)).ColumnExpr("count(DISTINCT group_id)").
		Where("member = ? AND member <> ''", member).Where("state <> ?", order.StateCanceled).Where("group_id <> ?", except), &n)
	return n, err
}

func (s orders) ClaimDue(ctx context.Context, q order.DueQuery) ([]order.Due, error) {
	c := s.db.conn(ctx)
	due := c.query((*orderRow)(nil)).Column("group_id", "id").
		Where("state = ?", q.State).Where("deadline <= ?", at(q.Now)).
		Where("(claimed_until IS NULL OR claimed_until <= ?)", at(q.Now)).
		OrderExpr("deadline, group_id, id").Limit(int64(q.Limit))
	returning := "group_id, id, deadline" // SQLite knows no alias here
	if s.db.postgres {
		due.For("UPDATE SKIP LOCKED")
		returning = "o.group_id, o.id, o.deadline"
	}
	var rows []orderDueRow
	_, err := c.scan(ctx, c.update((*orderRow)(nil)).With("_due", due).TableExpr("_due").
		Set("claimed_until = ?", at(q.Now.Add(q.Lease))).
		Where("o.group_id = _due.group_id AND o.id = _due.id").
		Returning(returning), &rows)
	if err != nil {
		return nil, err
	}
	out := make([]order.Due, len(rows))
	for i, r := range rows {
		out[i] = order.Due{Group: r.Group, Order: r.ID, Deadline: r.Deadline.Time}
	}
	slices.SortFunc(out, order.Due.Compare)
	return out, nil
}

func (s orders) Adopt(ctx context.Context, ids []order.GroupID, guest string, member ref.MemberID) ([]order.GroupID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var out []order.GroupID
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		heads := `UPDATE order_groups SET member = ?0, guest = '' WHERE id IN (?1) AND guest = ?2 RETURNING id`
		parts := `UPDATE orders SET member = ?0, guest = '' WHERE group_id IN (?1)`
		if s.db.postgres {
			heads = `WITH found AS MATERIALIZED (
				SELECT id FROM order_groups WHERE id IN (?1) AND guest = ?2 ORDER BY id FOR UPDATE)
			UPDATE order_groups AS g SET member = ?0, guest = '' FROM found WHERE g.id = found.id RETURNING g.id`
			parts = `WITH found AS MATERIALIZED (
				SELECT group_id, id FROM orders WHERE group_id IN (?1) ORDER BY group_id, id FOR UPDATE)
			UPDATE orders AS o SET member = ?0, guest = '' FROM found WHERE o.group_id = found.group_id AND o.id = found.id`
		}
		if _, err := c.scan(ctx, c.raw(heads, member, bun.List(ids), guest), &out); err != nil || len(out) == 0 {
			return err
		}
		slices.Sort(out)
		_, err := c.exec(ctx, c.raw(parts, member, bun.List(out)))
		return err
	})
	return out, err
}

func (s orders) History(ctx context.Context, id order.GroupID) ([]order.Entry, error) {
	var rows []orderEntryRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("group_id = ?", id).OrderExpr("order_id, seq")); err != nil {
		return nil, err
	}
	out := make([]order.Entry, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}
